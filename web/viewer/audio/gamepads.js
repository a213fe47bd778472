// This browser's gamepads, to the host. They are looked at once a picture, and only while there is one.

import { GamepadKind, textPieces } from '../protocol.js';
import { signal } from '../vendor/preact.js';

export const PADS = 4;
const BUTTONS = 17;
const NAME_MAX = 64;
const RUMBLE_MOST_MS = 5000;
const KINDS = [
	[GamepadKind.PLAYSTATION, /054c|dualshock|dualsense|playstation|^wireless controller/i],
	[GamepadKind.SWITCH, /057e|nintendo|joy-?con|switch|pro controller/i],
	[GamepadKind.XBOX, /045e|xbox|xinput|x-box/i],
];

export function kindOf(id) {
	return KINDS.find(([, pattern]) => pattern.test(id))?.[0] ?? GamepadKind.UNKNOWN;
}

/** "Wireless Controller (STANDARD GAMEPAD Vendor: 054c …)" without what is in parentheses. */
export function nameOf(id) {
	const [name] = textPieces(id.replace(/\s*\(.*$/s, '') || id, NAME_MAX);
	return name ?? '';
}

const stick = (value = 0) => Math.round(Math.min(Math.max(value, -1), 1) * (value < 0 ? 32768 : 32767));
const trigger = (button) => Math.round(Math.min(Math.max(button?.value ?? 0, 0), 1) * 65535);

/** The fields of GAMEPAD but for `pad`. */
export function stateOf({ buttons, axes }) {
	let bits = 0;
	for (let i = 0; i < BUTTONS; i++)
		bits |= buttons[i]?.pressed ? 1 << i : 0;
	return {
		buttons: bits,
		leftX: stick(axes[0]), leftY: stick(axes[1]), rightX: stick(axes[2]), rightY: stick(axes[3]),
		leftTrigger: trigger(buttons[6]), rightTrigger: trigger(buttons[7]),
	};
}

const AT_REST = Object.freeze(stateOf({ buttons: [], axes: [] }));
const isSame = (a, b) => Object.keys(AT_REST).every((field) => a[field] === b[field]);

export class Gamepads {
	/** `browser`: for tests. */
	constructor({ send, browser = globalThis }) {
		Object.assign(this, { send, browser });
		this.pads = new Array(PADS).fill(null); // {index, id, said}: `said` is what the host knows; null: nothing
		this.names = signal([]); // of those that there are
		this.left = signal(0); // those that there was no place for
		this.extra = new Set();
		this.allowed = false;
		this.frame = 0;
		this.look = this.look.bind(this);
		browser.addEventListener('gamepadconnected', ({ gamepad }) => this.connected(gamepad));
		browser.addEventListener('gamepaddisconnected', ({ gamepad }) => this.disconnected(gamepad));
		browser.addEventListener('blur', () => this.rest());
		browser.document.addEventListener('visibilitychange', () => browser.document.hidden && this.rest());
		for (const gamepad of this.read()) {
			if (gamepad?.connected)
				this.connected(gamepad);
		}
	}

	read() {
		try {
			return this.browser.navigator.getGamepads?.() ?? [];
		} catch {
			return []; // a policy of whoever embeds the page
		}
	}

	connected({ index, id }) {
		if (this.pads.some((pad) => pad?.index === index))
			return;
		const place = this.pads.indexOf(null);
		if (place < 0) {
			this.extra.add(index);
		} else {
			this.pads[place] = { index, id, said: null };
			this.plug(place);
		}
		this.tell();
	}

	disconnected({ index }) {
		this.extra.delete(index);
		const place = this.pads.findIndex((pad) => pad?.index === index);
		if (place >= 0) {
			const wasSaid = this.pads[place].said !== null;
			this.pads[place] = null;
			if (wasSaid && this.allowed)
				this.send('GAMEPAD_PLUG', { pad: place, plugged: false, kind: 0, name: '' });
		}
		this.tell();
		for (const gamepad of this.read()) { // a place has become free
			if (gamepad?.connected && this.extra.has(gamepad.index) && this.pads.includes(null)) {
				this.extra.delete(gamepad.index);
				this.connected(gamepad);
			}
		}
	}

	tell() {
		this.names.value = this.pads.filter(Boolean).map(({ index, id }) => ({ index, name: nameOf(id) }));
		this.left.value = this.extra.size;
		if (this.pads.some(Boolean))
			this.frame ||= this.browser.requestAnimationFrame(this.look);
	}

	/** The host takes gamepads from us, or no longer; whichever, it has forgotten those that there were. */
	allow(allowed) {
		if (allowed === this.allowed)
			return;
		this.allowed = allowed;
		this.pads.forEach((pad, place) => {
			if (!pad)
				return;
			pad.said = null;
			if (allowed)
				this.plug(place);
		});
	}

	plug(place) {
		const pad = this.pads[place];
		if (!this.allowed)
			return;
		this.send('GAMEPAD_PLUG', { pad: place, plugged: true, kind: kindOf(pad.id), name: nameOf(pad.id) });
		pad.said = AT_REST;
	}

	look() {
		this.frame = 0;
		if (!this.pads.some(Boolean))
			return; // until one is connected
		this.frame = this.browser.requestAnimationFrame(this.look);
		if (!this.allowed || !this.browser.document.hasFocus())
			return;
		const gamepads = this.read();
		this.pads.forEach((pad, place) => {
			const gamepad = pad && gamepads[pad.index];
			if (gamepad?.connected)
				this.say(place, stateOf(gamepad));
		});
	}

	say(place, state) {
		const pad = this.pads[place];
		if (pad.said === null || isSame(pad.said, state))
			return;
		pad.said = state;
		this.send('GAMEPAD', { pad: place, ...state });
	}

	/** Nobody looks any more: what is held must not stay so. */
	rest() {
		this.pads.forEach((pad, place) => pad && this.allowed && this.say(place, AT_REST));
	}

	rumble({ pad: place, strong, weak, lastsMs }) {
		const pad = this.pads[place];
		const actuator = pad && this.read()[pad.index]?.vibrationActuator;
		if (!actuator)
			return;
		const isOver = (strong === 0 && weak === 0) || lastsMs === 0;
		const done = isOver ? actuator.reset?.() : actuator.playEffect?.('dual-rumble', {
			startDelay: 0, duration: Math.min(lastsMs, RUMBLE_MOST_MS),
			strongMagnitude: strong / 65535, weakMagnitude: weak / 65535,
		});
		done?.catch?.(() => {});
	}
}
