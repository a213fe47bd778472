// Who is on the desktop, as PERSON messages tell it. Pure: values in, values out; times are given.

import { PersonChange, PersonFlag } from '../protocol.js';

/** The host sends everybody at once; who comes within this time of the one before was there before us. */
export const SNAPSHOT_MS = 500;
export const COLOURS = 8;
export const SHAPES = 8;
export const states = Object.freeze(['idle', 'watching', 'controlling']);

/**
 * Colour and shape follow from the host's number for the person, so that all who look see the same. The first 64
 * people differ in one or the other; neighbours in both.
 */
export function markerOf(person) {
	const index = (person + COLOURS * SHAPES - 1) % (COLOURS * SHAPES);
	return { colour: index % COLOURS, shape: (index + Math.floor(index / COLOURS)) % SHAPES };
}

function entryOf({ person, session, name, state, sessions, slot, flags }) {
	return {
		person, session, name, sessions, slot,
		state: states[state] ?? 'idle',
		self: (flags & PersonFlag.SELF) !== 0,
		viewOnly: (flags & PersonFlag.VIEW_ONLY) !== 0,
		...markerOf(person),
	};
}

export class People {
	constructor() {
		this.entries = new Map();
		this.quietUntil = null; // null: nobody was told of yet
	}

	/** {joined, left}: the person who came or went, when the others are to hear of it; else null. */
	apply(message, now) {
		switch (message.change) {
		case PersonChange.FORGET:
			this.entries.clear();
			this.quietUntil = now + SNAPSHOT_MS;
			return { joined: null, left: null };
		case PersonChange.HERE: {
			const known = this.entries.has(message.person);
			const quiet = this.isQuiet(now);
			if (quiet && !known)
				this.quietUntil = now + SNAPSHOT_MS; // a page that is slow hears them one by one
			const entry = entryOf(message);
			this.entries.set(message.person, entry);
			return { joined: known || entry.self || quiet ? null : entry, left: null };
		}
		case PersonChange.GONE: {
			const entry = this.entries.get(message.person) ?? null;
			this.entries.delete(message.person);
			return { joined: null, left: entry?.self ? null : entry };
		}
		default:
			return { joined: null, left: null }; // of a newer host
		}
	}

	/** Who comes now was there before us. */
	isQuiet(now) {
		return this.quietUntil === null || now < this.quietUntil;
	}

	forgetAll() {
		this.entries.clear();
		this.quietUntil = null;
	}

	find(person) {
		return this.entries.get(person) ?? null;
	}

	/** Oneself, then the others as they came: nobody moves but by coming and going. */
	list() {
		return [...this.entries.values()].sort((a, b) => b.self - a.self || a.person - b.person);
	}
}

/** Somebody's place in the line of those who wait for control: 1 is the next one, 0 none. */
export const placeOf = (control, person) => (control ? control.line.indexOf(person) + 1 : 0);

/** Who of the list holds control. A person's other device may hold it: then the name tells, which is nobody else's. */
export function holderAmong(list, control) {
	if (!control?.holder)
		return null;
	return list.find((one) => one.session === control.holder) ??
		list.find((one) => one.name === control.holderName) ?? null;
}
