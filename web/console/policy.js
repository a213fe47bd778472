// What an operator's choices mean for the document that the host stores. Pure.

/** The fields that a preset rules; all others, and the positions, are this host's own. */
export const RULED = Object.freeze(['keep_alive', 'topology', 'mode_conflict', 'identity', 'layout']);

/** The word of a field's value: of those that are objects, their mode. */
export const wordOf = (value) => value?.mode ?? value;

/** What tells values apart; an empty list is as none. */
const gist = (value) => `${[wordOf(value), value?.seconds, value?.devices]}`;

export function documentWithPreset(document, preset) {
	return { ...document, preset };
}

/** [{field, from, to}] of what differs, in the order of the documents. */
export function differences(from, to, fields = Object.keys(to)) {
	return fields.filter((field) => gist(from[field]) !== gist(to[field]))
		.map((field) => ({ field, from: from[field], to: to[field] }));
}

const NEEDS = {
	keep_alive: { duration: 'keep', forever: 'keep' },
	topology: { primary: 'primary', exclusive: 'exclusive' },
	mode_conflict: { separate: 'second-output' },
	identity: { 'per-client': 'identity', 'per-client-mode': 'identity' },
	layout: { manual: 'layout' },
	desktop: { isolated: 'isolated' },
	confinement: { devices: 'confinement', home: 'confinement' },
	input: { 'seat-per-client': 'seats' },
};

/** The capability that the value needs and this desktop lacks, or null. */
export function missingFor(capabilities, field, value) {
	return lacks(capabilities, NEEDS[field]?.[wordOf(value)]);
}

export function lacks(capabilities, option) {
	return capabilities.find((one) => one.option === option && !one.supported) ?? null;
}

/** What the desktop lacks and the host makes up for takes nothing away. */
export const isGreyed = (missing) => missing !== null && missing.fallback !== 'host-kept';

/** Each lacking capability once that the fields would need. */
export function missingForAll(capabilities, fields) {
	return [...new Set(RULED.map((field) => missingFor(capabilities, field, fields[field])).filter(isGreyed))];
}

export const isKept = (display) => display.state === 'lingering' || display.state === 'pinned';
