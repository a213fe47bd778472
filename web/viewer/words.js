// What every page of the host does with its words: which language, which catalogue, what goes into the gaps.

import { computed } from './vendor/preact.js';

/** The chosen language, else the first that the browser prefers and a catalogue has, else the first of `tags`. */
export function pickTag(choice, preferred, tags) {
	if (tags.includes(choice))
		return choice;
	return preferred.map((tag) => tag.slice(0, 2).toLowerCase()).find((tag) => tags.includes(tag)) ?? tags[0];
}

/** The signal of the language that `choice` (a signal) leads to in this browser. */
export function languageOf(choice, tags) {
	return computed(() => pickTag(choice.value, navigator.languages ?? [navigator.language], tags));
}

export function fillIn(words, values = {}) {
	return words.replace(/\{(\w+)\}/g, (_, key) => values[key] ?? '');
}
