// One attachment to the host, from the challenge to the end (docs/protocol.md §1-3). Everything that is to be seen
// of it is a signal; pictures go to the receiver, and words to the page by their names in the catalogue.

import { Connection } from './connection.js';
import { createInputs } from './inputs.js';
import {
	attachStatement, Challenge, decode, encode, LABEL_MAX, OpenedFlag, SUBPROTOCOL, textPieces, VERSION,
} from './protocol.js';
import * as reasons from './reasons.js';
import { Standing } from './standing.js';
import { batch, signal } from './vendor/preact.js';

const DISPLAY = 0;
const CLOSE_QUIT = 1;
const OF_SOUND = ['SOUND', 'AUDIO_CONFIG', 'AUDIO', 'RUMBLE'];
const PING_EVERY_MS = 2000;
const PING_FAST_MS = 100; // until the clocks are compared well enough
const PING_FAST_COUNT = 8;
const DEAD_AFTER_MS = 10000;
const REOPEN_AFTER_MS = 5000;
const NOTICE_MS = 6000;
// What may be done about an end that only a person undoes.
const actionAfter = { released_by_operator: 'again', app_ended: 'app_again' };

export class Session {
	/** `wantedMode()` → {width, height, refresh, scale}; `label()` → this browser's name. */
	constructor({ url, authority, identity, stats, wantedMode, label, maxKbps, launcher }) {
		Object.assign(this, { authority, identity, stats, wantedMode, label, maxKbps, launcher });
		this.phase = signal('connecting'); // pairing, choosing, opening, live, reconnecting, ended, refused
		this.words = signal(null); // {name, values, detail}: why the phase is what it is
		this.action = signal(null); // what the person may press: 'again', 'use_here', 'reload', 'choose_other'
		this.notice = signal(null); // words that pass
		this.host = signal('');
		this.pinArmed = signal(true);
		this.pairingBusy = signal(false);
		this.invited = signal(false); // to be a guest: the page was opened by an invitation's link
		this.askingOperator = signal(false); // to be paired without a PIN
		this.ownsMode = true; // false: the display has the app's own size
		this.holder = signal(null); // whose display this is, when it is not our own
		this.mode = signal(null); // of the open display
		this.config = signal(null); // of its stream
		this.fingerprint = signal(null);
		this.standing = new Standing({
			inputEnded: () => {
				this.forgetStopped();
				this.events.inputEnded();
			},
		});
		this.events = { inputEnded() {}, company() {}, alone() {}, sound() {} };
		launcher.attachEvents({ open: () => this.openDisplay(), choose: () => this.choose(),
			replace: () => this.replaceDisplay(), askIcon: (app) => this.send('GET_ICON', { app }) });
		this.receiver = null;
		this.pin = null;
		this.endWords = null; // why the host let us go, while we try to come back
		this.epoch = 0; // counts sockets: an answer to an old one's challenge is not sent on a new one
		this.connection = new Connection({
			open: () => new WebSocket(url, SUBPROTOCOL),
			events: {
				opened: () => this.onOpened(),
				message: (message) => this.onMessage(message),
				lost: () => this.onLost(),
			},
		});
		this.inputs = createInputs({
			may: (grant) => this.mode.value !== null && this.standing.may(grant),
			isOpen: () => this.mode.value !== null,
			send: (type, fields) => {
				this.standing.noteInput(type, performance.now());
				return this.send(type, fields);
			},
			stopped: (grant) => {
				const words = this.standing.wordsOnce(grant);
				if (words)
					this.showNotice(words);
			},
		});
	}

	/** The receiver needs the session and the session the receiver: this ties the knot. */
	attachReceiver(receiver) {
		this.receiver = receiver;
	}

	/** inputEnded(): see Standing; company(message): of the others, and of control; alone(): they are gone for us; sound(message). */
	attachEvents(events) {
		this.events = events;
	}

	start() {
		this.setPhase('connecting');
		this.connection.start();
	}

	pair(pin) {
		this.pin = pin;
		this.pairingBusy.value = true;
		this.connection.start();
	}

	/** The button of the card was pressed. */
	again() {
		if (this.action.value === 'reload') {
			location.reload();
		} else if (this.action.value === 'choose_other' && this.welcomed) {
			this.choose();
		} else if (this.welcomed && this.connection.socket) {
			this.openDisplay();
		} else {
			this.start();
		}
	}

	stop() {
		this.stopTimers();
		this.notice.value = null;
		this.welcomed = false;
		this.connection.stop();
		this.beAlone();
	}

	retryNow() {
		this.connection.retryNow();
	}

	/** The window or the wished frame rate changed: said to the host once there is a display, and it is ours. */
	modeWanted() {
		if (!this.mode.peek() || this.holder.peek() !== null)
			return;
		const mode = this.wantedMode();
		if ((this.ownsMode ? ['width', 'height', 'refresh', 'scale'] : ['refresh']).every((field) => mode[field] === this.asked[field]))
			return;
		this.asked = mode;
		this.send('SET_MODE', { display: DISPLAY, ...mode });
	}

	limitsChanged() {
		const maxKbps = this.maxKbps();
		if (this.mode.peek())
			this.send('SET_STREAM', { display: DISPLAY, maxKbps, maxRate: 0 });
	}

	fail(words, action = 'again') {
		this.stop();
		this.setPhase('refused', words, action);
	}

	send(type, fields) {
		return this.connection.send(encode(type, fields));
	}

	setPhase(phase, words = null, action = null) {
		batch(() => {
			this.phase.value = phase;
			this.words.value = words;
			this.action.value = action;
		});
	}

	// ── what the receiver says

	acknowledge(sequence) {
		this.send('ACKNOWLEDGE', { display: DISPLAY, sequence });
		if (this.mode.value && this.phase.value === 'opening')
			this.setPhase('live');
	}

	requestKeyframe() {
		this.send('REQUEST_KEYFRAME', { display: DISPLAY });
	}

	// ── what the connection says

	onOpened() {
		this.epoch++;
		this.welcomed = false;
		this.asked = null;
		this.pings = 0;
		this.heardAt = performance.now();
		this.stats.reconnected();
		this.receiver.reset();
	}

	onLost() {
		this.stopTimers();
		this.notice.value = null;
		this.welcomed = false;
		this.pairingBusy.value = false;
		this.askingOperator.value = false;
		const hadDisplay = this.mode.peek() !== null || this.phase.peek() === 'reconnecting';
		this.mode.value = null;
		this.beAlone();
		this.setPhase(hadDisplay || this.endWords ? 'reconnecting' : 'connecting', this.endWords);
	}

	onMessage(message) {
		this.heardAt = performance.now();
		let decoded;
		try {
			decoded = decode(message);
		} catch (error) {
			console.error('a message of the host:', error);
			this.fail({ name: 'problem_protocol', detail: error.message }, 'reload');
			return;
		}
		if (decoded.type === 'FRAME')
			this.receiver.receive(decoded, message.byteLength);
		else if (OF_SOUND.includes(decoded.type))
			this.events.sound(decoded);
		else
			this[`on${decoded.type}`]?.(decoded);
	}

	async onCHALLENGE({ version, nonce, flags, name }) {
		const { epoch, pin } = this;
		this.host.value = name;
		this.pinArmed.value = (flags & Challenge.PIN_ARMED) !== 0;
		if (version !== VERSION) {
			this.fail({ name: 'refused_unsupported_version' }, 'reload');
			return;
		}
		const signature = await this.identity.sign(attachStatement(nonce, this.authority));
		if (epoch !== this.epoch)
			return;
		const claim = { version: VERSION, key: this.identity.publicKey, signature, label: this.ownLabel() };
		if (pin !== null)
			this.send('PAIR', { ...claim, pin });
		else
			this.send('AUTHENTICATE', claim);
	}

	ownLabel() {
		const [label] = textPieces(this.label(), LABEL_MAX);
		return label ?? 'Browser';
	}

	onWELCOME({ session, grants, fingerprint }) {
		this.welcomed = true;
		this.askingOperator.value = false;
		this.endWords = null;
		this.standing.welcome({ session, grants });
		this.fingerprint.value = fingerprint;
		this.pin = null;
		this.pairingBusy.value = false;
		this.connection.settle();
		this.ping();
		this.setPhase('opening');
		this.launcher.welcome(grants);
	}

	onAPPS(message) {
		this.launcher.take(message);
	}

	onAPP(message) {
		this.launcher.takeApp(message);
	}

	onICON(message) {
		this.launcher.takeIcon(message);
	}

	/** The person says what is to be opened; what is open stays until then. */
	choose() {
		this.setPhase('choosing');
	}

	openDisplay() {
		clearTimeout(this.reopenTimer);
		this.setPhase('opening');
		this.asked = this.wantedMode();
		const { app } = this.launcher;
		this.send(app === null ? 'OPEN_DISPLAY' : 'OPEN_APP', { display: DISPLAY, ...this.asked, app });
	}

	/** Something else is wanted in its place. The host keeps it as long as it keeps any. */
	replaceDisplay() {
		if (!this.welcomed) { // it had ended, and the connection with it
			this.start();
			return;
		}
		if (this.mode.peek() !== null) {
			this.send('CLOSE_DISPLAY', { display: DISPLAY, flags: 0 });
			this.mode.value = null;
			this.receiver.reset();
		}
		this.openDisplay();
	}

	/** What runs on the display ends with it; the host keeps nothing of it. */
	quit() {
		this.send('CLOSE_DISPLAY', { display: DISPLAY, flags: CLOSE_QUIT });
		this.stop();
		this.mode.value = null;
		this.receiver.reset();
		this.setPhase('ended', { name: 'ended_quit' }, 'again');
	}

	onREFUSED({ code, text }) {
		const words = reasons.ofRefusal(code, text);
		const wasPairing = this.pin !== null;
		this.stop();
		this.pin = null;
		this.pairingBusy.value = false;
		this.askingOperator.value = false;
		this.mode.value = null;
		if (reasons.PAIRING_REFUSALS.includes(words.code) || (wasPairing && words.code === 'timeout'))
			this.setPhase('pairing', wasPairing ? words : null);
		else
			this.setPhase('refused', words, words.code === 'unsupported_version' ? 'reload' : 'again');
	}

	onDISPLAY_OPENED({ width, height, refresh, scale, flags, holder }) {
		const first = this.mode.value === null;
		const wasJoined = this.holder.peek() !== null;
		this.ownsMode = (flags & OpenedFlag.APP_MODE) === 0;
		batch(() => {
			this.mode.value = { width, height, refresh, scale };
			this.holder.value = flags & OpenedFlag.JOINED ? holder : null;
		});
		if (first && this.maxKbps())
			this.limitsChanged();
		if (first || wasJoined)
			this.modeWanted(); // the window may have changed since it was asked for
	}

	onDISPLAY_DECLINED({ code, text, holder, width, height }) {
		const words = reasons.ofDecline(code, text, { holder, width, height });
		if (this.mode.value) {
			this.showNotice(words);
			return;
		}
		this.setPhase('refused', words, this.launcher.app === null ? 'again' : 'choose_other');
		if (reasons.PASSING_DECLINES.includes(words.code))
			this.reopenTimer = setTimeout(() => this.openDisplay(), REOPEN_AFTER_MS);
	}

	onSTREAM_CONFIG({ width, height, codec }) {
		this.config.value = { width, height, codec };
		this.receiver.configure({ width, height, codec });
	}

	onPONG({ clientTime, hostTime }) {
		this.launcher.answered();
		this.stats.clock.add(Number(clientTime) / 1e6, Number(hostTime) / 1e6, performance.now());
	}

	onENDED({ code, text }) {
		const words = reasons.ofEnd(code, text);
		if (reasons.FINAL_ENDS.includes(words.code)) {
			if (words.code === 'app_ended')
				this.launcher.hasEnded();
			this.stop();
			this.mode.value = null;
			this.setPhase('ended', words, actionAfter[words.code] ?? 'use_here');
		} else {
			this.endWords = words; // the socket closes next, and we come back
		}
	}

	onNOTICE({ code, text }) {
		const words = reasons.ofNotice(code, text);
		if (words.code === 'waiting_for_approval') {
			this.askingOperator.value = true;
			return;
		}
		this.showNotice(words);
		if (words.code === 'desktop_back' && this.phase.value === 'refused' && this.welcomed)
			this.openDisplay();
	}

	// ── who else is here, and who drives

	onPERSON(message) {
		this.events.company(message);
	}

	onPOINTER(message) {
		this.events.company(message);
	}

	onCONTROL_STATE(message) {
		this.standing.takeControlState(message, performance.now());
		this.events.company(message);
	}

	onGRANTS(message) {
		this.standing.takeGrants(message);
	}

	beAlone() {
		this.standing.forgetControl();
		this.events.alone();
	}

	steer(action, session = 0) {
		this.send('CONTROL', { action, session });
	}

	showNotice(words) {
		clearTimeout(this.noticeTimer);
		this.notice.value = words;
		this.noticeTimer = setTimeout(() => {
			this.notice.value = null;
		}, NOTICE_MS);
	}

	/** What was stopped before is not what is stopped now. */
	forgetStopped() {
		if (this.notice.peek()?.name.startsWith('stopped_'))
			this.notice.value = null;
	}

	// ── keeping time

	ping() {
		const now = performance.now();
		if (this.pings > 0 && this.heardAt < this.pingedAt && now - this.pingedAt > DEAD_AFTER_MS) {
			this.connection.giveUpSocket();
			return;
		}
		if (this.pings === 0 || this.heardAt >= this.pingedAt) {
			this.pingedAt = now;
			this.send('PING', { clientTime: BigInt(Math.round(now * 1e6)) });
		}
		const delay = ++this.pings < PING_FAST_COUNT ? PING_FAST_MS : PING_EVERY_MS;
		this.pingTimer = setTimeout(() => this.ping(), delay);
	}

	stopTimers() {
		clearTimeout(this.pingTimer);
		clearTimeout(this.reopenTimer);
	}
}
