// An editor's draft of the policy, and the document or preset that it becomes. Pure.

import { differences, RULED } from './policy.js';

export const VALUES = Object.freeze({
	keep_alive: ['off', 'duration', 'forever'],
	topology: ['auto', 'extend', 'primary', 'exclusive'],
	mode_conflict: ['separate', 'steal', 'join', 'reject'],
	identity: ['shared', 'per-client', 'per-client-mode'],
	layout: ['auto-row', 'manual'],
	desktop: ['shared', 'isolated'],
	confinement: ['off', 'devices', 'home'],
});

export const DEVICES = Object.freeze(['dri', 'nvidia', 'video', 'kvm', 'fuse']);

/** Where everything is seen, nothing is granted. */
export const confinementOf = (mode, devices = []) => ({ mode, ...mode !== 'off' && { devices } });

/** How people are together: the host's own, whatever the preset. */
export const TOGETHER = Object.freeze({
	control: ['free', 'one-at-a-time'],
	input: ['shared', 'seat-per-client'],
});
const PRESENCE = Object.freeze({ enabled: false, controlling_seconds: 10, watching_seconds: 300 });

export function togetherOf({ presence, control, input }) {
	return { presence: { ...PRESENCE, ...presence }, control, input };
}

/** What to PUT for a draft of them: what was not changed stays as it was written, or unwritten. */
export function documentWithTogether(document, effective, draft) {
	const before = togetherOf(effective);
	const changed = Object.keys(before).filter((field) => JSON.stringify(before[field]) !== JSON.stringify(draft[field]));
	return { ...document, ...Object.fromEntries(changed.map((field) => [field, draft[field]])) };
}

/** The draft of an editor: the fields in force, without the positions. */
export function draftOf(effective) {
	const { keep_alive, topology, mode_conflict, identity, layout, max_displays, desktop, confinement } = effective;
	return { keep_alive, topology, mode_conflict, identity, layout: { mode: layout.mode }, max_displays, desktop, confinement };
}

/** What to PUT for a draft: the preset stays unless a field that it rules was changed. */
export function documentWithDraft(document, effective, draft) {
	const changed = differences(effective, draft).map(({ field }) => field);
	const result = { ...document };
	if (changed.some((field) => RULED.includes(field))) {
		result.preset = 'custom';
		for (const field of RULED)
			result[field] = draft[field];
		const positions = document.layout?.positions ?? effective.layout.positions;
		result.layout = { ...draft.layout, ...positions && { positions } };
	}
	for (const field of ['max_displays', 'desktop', 'confinement']) {
		if (changed.includes(field))
			result[field] = draft[field];
	}
	return result;
}

export function presetFields(draft) {
	return Object.fromEntries(RULED.map((field) => [field, draft[field]]));
}

/** A name as the host takes it: "Film night!" → "film-night"; "" when nothing is left. */
export function presetNameOf(text) {
	return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^[^a-z]+/, '')
		.slice(0, 32).replace(/-+$/, '');
}
