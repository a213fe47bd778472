// The console's words: of one language, another when the choice changes.

import { effect, signal } from '/vendor/preact.js';
import { fillIn, languageOf } from '/words.js';

export const LANGUAGES = Object.freeze({ en: 'English', de: 'Deutsch' });

/** The views on demand bring their words with them. */
const MORE = '-more';

async function load(tag, part) {
	const response = await fetch(`/console/locales/${tag}${part}.json`);
	if (!response.ok)
		throw new Error(`no words in ${tag}${part}: status ${response.status}`);
	return response.json();
}

/** Reading any of these inside a component renders it again when the language changes. */
export async function createWords(choice) {
	const wanted = languageOf(choice, Object.keys(LANGUAGES));
	const loaded = signal(null);
	let parts = [''];
	const take = async () => {
		const tag = wanted.peek();
		const before = loaded.peek()?.tag === tag ? loaded.peek() : { words: {}, parts: [] };
		const fresh = await Promise.all(parts.filter((part) => !before.parts.includes(part)).map((part) => load(tag, part)));
		if (tag !== wanted.peek())
			return; // the choice has changed again
		loaded.value = { tag, parts, words: Object.assign({}, before.words, ...fresh) };
	};
	await take();
	effect(() => {
		if (wanted.value !== loaded.peek().tag)
			take().catch((error) => console.warn(error.message));
	});
	let more = null;
	const loadMore = () => {
		parts = ['', MORE];
		more ??= take();
		return more;
	};
	/** The words, or `otherwise` where the catalogue has none: for names that come from the host. */
	const known = (name, otherwise, values) => {
		const words = loaded.value.words[name];
		return words === undefined ? otherwise : fillIn(words, values);
	};
	const t = (name, values) => known(name, name, values);
	const plural = (name, count, values) =>
		t(`${name}.${new Intl.PluralRules(loaded.value.tag).select(count)}`, { count, ...values });
	const region = () => navigator.languages?.find((one) => one.startsWith(loaded.value.tag)) ?? loaded.value.tag;
	const date = (seconds, timeStyle) => new Intl.DateTimeFormat(region(), { dateStyle: 'medium', timeStyle }).format(seconds * 1000);
	return { t, plural, known, date, loadMore, get language() { return loaded.value.tag; } };
}
