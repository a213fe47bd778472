// The console's words: one catalogue is loaded, another when the language changes.

import { effect, signal } from '/vendor/preact.js';
import { fillIn, languageOf } from '/words.js';

export const LANGUAGES = Object.freeze({ en: 'English', de: 'Deutsch' });

async function load(tag) {
	const response = await fetch(`/console/locales/${tag}.json`);
	if (!response.ok)
		throw new Error(`no words in ${tag}: status ${response.status}`);
	return { tag, words: await response.json() };
}

/** Reading any of these inside a component renders it again when the language changes. */
export async function createWords(choice) {
	const wanted = languageOf(choice, Object.keys(LANGUAGES));
	const loaded = signal(await load(wanted.value));
	effect(() => {
		const tag = wanted.value;
		if (tag !== loaded.peek().tag)
			load(tag).then((catalogue) => { loaded.value = catalogue; }, (error) => console.warn(error.message));
	});
	/** The words, or `otherwise` where the catalogue has none: for names that come from the host. */
	const known = (name, otherwise, values) => {
		const words = loaded.value.words[name];
		return words === undefined ? otherwise : fillIn(words, values);
	};
	const t = (name, values) => known(name, name, values);
	const plural = (name, count, values) =>
		t(`${name}.${new Intl.PluralRules(loaded.value.tag).select(count)}`, { count, ...values });
	const date = (seconds) => new Intl.DateTimeFormat(loaded.value.tag, { dateStyle: 'medium' }).format(seconds * 1000);
	return { t, plural, known, date, get language() { return loaded.value.tag; } };
}
