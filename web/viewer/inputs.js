// What a person does on the display, as messages to the host, and only what the host would let through.

import { Grant, textPieces } from './protocol.js';

const DISPLAY = 0;

/**
 * `may(grant)`: whether the host lets that through now; `send(type, fields)` → whether it went; `stopped(grant)`: the
 * person clicked or typed, and may not. Each returns whether it was sent.
 */
export function createInputs({ may, isOpen, send, stopped }) {
	const tried = (grant) => {
		if (may(grant))
			return true;
		if (isOpen())
			stopped(grant);
		return false;
	};
	const quietly = (type, fields) => may(Grant.POINTER) && send(type, { display: DISPLAY, ...fields });
	return {
		mayType: () => may(Grant.KEYBOARD),
		key: (code, pressed) => (pressed ? tried(Grant.KEYBOARD) : may(Grant.KEYBOARD)) && send('KEY', { code, pressed }),
		text: (text) => {
			if (!tried(Grant.TEXT))
				return false;
			for (const piece of textPieces(text))
				send('TEXT', { text: piece });
			return true;
		},
		absolute: (x, y) => quietly('POINTER_ABSOLUTE', { x, y }),
		relative: (dx, dy) => quietly('POINTER_RELATIVE', { dx, dy }),
		button: (button, pressed) => (pressed ? tried(Grant.POINTER) : may(Grant.POINTER)) &&
			send('POINTER_BUTTON', { display: DISPLAY, button, pressed }),
		axis: (axis, distance, v120) => quietly('POINTER_AXIS', { axis, distance, v120 }),
		releaseAll: () => isOpen() && send('RELEASE_ALL', {}),
	};
}
