// Words by name, in the language of the browser or the one chosen.

import de from './locales/de.js';
import en from './locales/en.js';
import { computed } from './vendor/preact.js';

export const catalogues = Object.freeze({ en, de });

export function pickLanguage(choice, preferred) {
	if (catalogues[choice])
		return choice;
	return preferred.map((tag) => tag.slice(0, 2).toLowerCase()).find((tag) => catalogues[tag]) ?? 'en';
}

/** {language, t}: reading either inside a component renders it again when the language changes. */
export function createTranslator(choice) {
	const language = computed(() => pickLanguage(choice.value, navigator.languages ?? [navigator.language]));
	const t = (name, values = {}) => {
		const words = catalogues[language.value][name] ?? en[name] ?? name;
		return words.replace(/\{(\w+)\}/g, (_, key) => values[key] ?? '');
	};
	return { language, t, nameOf: (tag) => catalogues[tag].language_name };
}
