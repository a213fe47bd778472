// Words by name, in the language of the browser or the one chosen.

import de from './locales/de.js';
import en from './locales/en.js';
import { fillIn, languageOf, pickTag } from './words.js';

export const catalogues = Object.freeze({ en, de });

export const pickLanguage = (choice, preferred) => pickTag(choice, preferred, Object.keys(catalogues));

/** {language, t}: reading either inside a component renders it again when the language changes. */
export function createTranslator(choice) {
	const language = languageOf(choice, Object.keys(catalogues));
	const t = (name, values) => fillIn(catalogues[language.value][name] ?? en[name] ?? name, values);
	return { language, t, nameOf: (tag) => catalogues[tag].language_name };
}
