// Why the host refuses, declines, ends or says something, in words of the catalogue.

import { declines, ends, notices, refusals } from './protocol.js';

// A refusal that another PIN may help against; any other needs a person's decision.
export const PAIRING_REFUSALS = ['unknown_client', 'wrong_pin', 'no_pin', 'rate_limited', 'denied'];
// Ends that only a person undoes: coming back by itself would throw the other one out.
export const FINAL_ENDS = ['superseded', 'taken_over', 'released_by_operator', 'app_ended'];
// What may pass by itself.
export const PASSING_DECLINES = ['no_desktop', 'timeout', 'create_failed', 'encoder_busy'];

// What the host says of a request for control that cannot be, as far as a person can do something about it.
const controlRefusals = ['no-input-granted', 'request-pending', 'line-full'];

function named(prefix, names, code, detail) {
	const name = names[code - 1];
	if (!name)
		return { name: 'code_unknown', values: { code }, detail };
	return { name: `${prefix}_${name}`, code: name, detail };
}

export const ofRefusal = (code, text) => named('refused', refusals, code, text);
export const ofEnd = (code, text) => named('ended', ends, code, text);

/** `other`: {holder, width, height} of the display in the way. */
export function ofDecline(code, text, other) {
	const words = named('declined', declines, code, text);
	if (words.code === 'busy' && other.holder)
		Object.assign(words, { name: 'declined_busy_named', values: other, detail: '' });
	return words;
}

export function ofNotice(code, text) {
	const words = named('notice', notices, code, text);
	if (words.code === 'control_refused' && controlRefusals.includes(text))
		words.name = `notice_control_refused_${text.replaceAll('-', '_')}`;
	return words;
}
