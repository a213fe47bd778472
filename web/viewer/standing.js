// What this browser may do at the host now, and why it may not do the rest (docs/presence.md): its grants, and whose
// turn it is to drive.

import { Grant } from './protocol.js';
import { computed, signal } from './vendor/preact.js';

const INPUT = Grant.POINTER | Grant.KEYBOARD | Grant.TEXT;
/** What this page has ways to do. Typed text goes with the keyboard, and so does a clipboard that is typed. */
const PLANES = [['pointer', Grant.POINTER], ['keyboard', Grant.KEYBOARD | Grant.TEXT]];
/** What it is told of besides, so that a person knows why it does not work. */
const OTHERS = [['gamepad', Grant.GAMEPAD], ['clipboard', Grant.CLIPBOARD], ['microphone', Grant.MICROPHONE],
	['launch', Grant.LAUNCH]];
const MINUTE_MS = 60000;
/** The host takes control from a holder who gives no input for so long (docs/presence.md). */
export const IDLE_MS = 30000;
const IDLE_SHOWN_MS = 10000; // so long before control goes, it is said
const IDLE_TOLERANCE_MS = 1500; // the way, and how exactly the host writes input down

/** A name inside a sentence of another direction of writing. */
export const isolated = (name) => `\u2068${name}\u2069`;

export const isViewOnly = (grants) => (grants & INPUT) === 0;

/** [{name, allowed}] of what the page can do. */
export function planesOf(grants) {
	return PLANES.map(([name, bits]) => ({ name, allowed: (grants & bits) !== 0 }));
}

/** Names of what else the host does not let this client do. */
export const refusedOthers = (grants) => OTHERS.filter(([, bit]) => (grants & bit) === 0).map(([name]) => name);

/** Whether there is anything to say about the rights: something lacks, or is over some time. */
export function isNoteworthy({ grants, until }) {
	return (grants & INPUT) !== INPUT || until !== 0;
}

/** When something is over, as a person reads a clock; with seconds when that is soon, with the day when it is not. */
export function clockWords(until, language, now = Date.now()) {
	const style = { hour: 'numeric', minute: '2-digit' };
	if (until - now < 10 * MINUTE_MS)
		style.second = '2-digit';
	if (until - now > 18 * 60 * MINUTE_MS)
		Object.assign(style, { day: 'numeric', month: 'short' });
	return new Intl.DateTimeFormat(language, style).format(until);
}

/** Whoever has the grants may drive, or it is that session's turn. */
export function isTurnOf(control, session) {
	return control === null || control.holder === session;
}

/** Why an attempt at `grant` is stopped, in words of the catalogue; null: it is not. */
export function stoppedWords({ grants, control, session, grant }) {
	if (isViewOnly(grants))
		return { name: 'stopped_view_only' };
	if ((grants & grant) === 0)
		return { name: grant === Grant.POINTER ? 'stopped_pointer' : 'stopped_keyboard' };
	if (isTurnOf(control, session))
		return null;
	if (control.holder === 0)
		return { name: 'stopped_nobody' };
	return { name: 'stopped_other', values: { name: isolated(control.holderName) } };
}

export class Standing {
	/** `inputEnded()`: the host has released whatever was held, and lets other things through than before. */
	constructor({ inputEnded }) {
		this.inputEnded = inputEnded;
		this.session = signal(0); // our number among the host's sessions
		this.rights = signal({ grants: 0, until: 0 }); // `until`: Date.now() at which they end; 0: they last
		this.control = signal(null); // null: everybody may drive; else as takeControlState makes it
		this.drives = computed(() => isTurnOf(this.control.value, this.session.value));
		this.activeAt = 0; // performance.now() of our last input, or of when it became our turn
		this.pointsLast = signal(0); // the person who moved the pointer last; 0: oneself, or nobody yet
		this.told = new Set(); // of input that was stopped: once each
	}

	welcome({ session, grants }) {
		this.session.value = session;
		this.rights.value = { grants, until: 0 };
		this.told.clear();
	}

	/** Something is sent that a person did. */
	noteInput(type, now) {
		if (type === 'RELEASE_ALL')
			return;
		this.activeAt = now;
		if (type !== 'KEY' && type !== 'TEXT')
			this.pointsLast.value = 0;
	}

	get holds() {
		return this.control.value !== null && this.control.value.holder === this.session.value;
	}

	/** The last seconds in which we keep control without any input; null before them, and when it is not ours. */
	idleSecondsLeft(now) {
		const left = this.activeAt + IDLE_MS - now;
		return this.holds && left <= IDLE_SHOWN_MS ? Math.max(0, Math.ceil(left / 1000)) : null;
	}

	/** Control has just gone from us: whether that was for want of input. */
	hasIdled(now) {
		return this.activeAt + IDLE_MS - IDLE_TOLERANCE_MS <= now;
	}

	/** The connection is gone: of whose turn it is, nothing is known. */
	forgetControl() {
		this.pointsLast.value = 0;
		this.control.value = null;
	}

	may(grant) {
		return (this.rights.value.grants & grant) !== 0 && this.drives.value;
	}

	takeControlState({ mode, holder, asking, place, waiting, leftMs, holderName, askingName, line }, now) {
		const drove = this.drives.peek();
		const held = this.holds;
		this.control.value = mode === 0 ? null :
			{ holder, asking, place, waiting, holderName, askingName, line, answerBy: asking ? now + leftMs : 0 };
		if (this.holds && !held)
			this.activeAt = now;
		if (drove !== this.drives.peek())
			this.change();
	}

	takeGrants({ grants, seconds }) {
		const before = this.rights.peek().grants;
		this.rights.value = { grants, until: seconds ? Date.now() + seconds * 1000 : 0 };
		if (before !== grants)
			this.change();
	}

	change() {
		this.told.clear();
		this.inputEnded();
	}

	/** Words for a person who tries what it may not do: the first time, then null. */
	wordsOnce(grant) {
		const words = stoppedWords({ grants: this.rights.peek().grants, control: this.control.peek(),
			session: this.session.peek(), grant });
		if (!words || this.told.has(words.name))
			return null;
		this.told.add(words.name);
		return words;
	}
}
