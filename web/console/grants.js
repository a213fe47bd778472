// What there is to be granted, and what it is called. Pure.

export const PLANES = Object.freeze(['pointer', 'keyboard', 'gamepad', 'clipboard', 'microphone', 'launch']);
export const PRESETS = Object.freeze({ full: PLANES, controller: ['gamepad'], view: [] });

const isSame = (a, b) => a.length === b.length && a.every((plane) => b.includes(plane));

/** "full", "controller", "view", or "custom". */
export const presetOf = (planes) => Object.keys(PRESETS).find((name) => isSame(PRESETS[name], planes)) ?? 'custom';

/** What the API is asked for. */
export function grantsOf(planes) {
	const preset = presetOf(planes);
	return preset === 'custom' ? { planes } : { preset };
}
