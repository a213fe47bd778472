// What comes and goes beside picture and keys: the desktop's sound, this browser's microphone, its gamepads. Fetched by
// ../sound.js.

import { Grant, SoundFlag } from '../protocol.js';
import { computed, effect, html, render, signal } from '../vendor/preact.js';
import { channelsFor } from './around.js';
import { Engine } from './engine.js';
import { Gamepads } from './gamepads.js';
import { Microphone } from './microphone.js';
import { Chips, Section } from './parts.js';
import { Player } from './player.js';

const FINAL_PHASES = ['pairing', 'ended', 'refused'];
const NONE = Object.freeze({ flags: 0, reason: '' });

/** Everything that the components read: signals, and what they may do. */
class Audio {
	constructor({ session, settings, translator, elements }) {
		Object.assign(this, { session, settings, translator });
		const send = (type, fields) => session.send(type, fields);
		const grants = computed(() => session.standing.rights.value.grants);
		this.offer = signal(NONE);
		this.engine = new Engine();
		this.player = new Player({ engine: this.engine, send, volume: () => settings.soundVolume.value });
		this.microphone = new Microphone({ engine: this.engine, send, isCongested: () => session.connection.queuedBytes > 65536 });
		this.gamepads = new Gamepads({ send });
		this.offers = (flag) => (this.offer.value.flags & flag) !== 0;
		this.mayMicrophone = computed(() => (grants.value & Grant.MICROPHONE) !== 0);
		this.mayGamepads = computed(() => (grants.value & Grant.GAMEPAD) !== 0);
		this.drives = session.standing.drives;
		this.follow();
		elements.before.insertAdjacentHTML('beforebegin', '<div id="sound"></div>');
		render(html`<${Chips} audio=${this} />`, document.getElementById('sound'));
	}

	/** What is offered, granted and wished for, as what is done. */
	follow() {
		const { settings } = this;
		const isOpen = computed(() => this.session.mode.value !== null);
		const wanted = computed(() => isOpen.value && this.offers(SoundFlag.PLAYED) && this.settings.soundOn.value);
		effect(() => {
			if (wanted.value && this.player.isSupported)
				this.engine.open();
		});
		effect(() => this.player.listen(wanted.value && this.engine.ready.value && this.player.order.value !== undefined ?
			channelsFor(settings.soundLayout.value, this.player.order.value !== null, this.player.most) : 0));
		effect(() => this.player.setVolume(this.settings.soundVolume.value));
		effect(() => {
			const may = this.mayMicrophone.value && this.offers(SoundFlag.MICROPHONE);
			this.microphone.allow(isOpen.value && may);
			if (isOpen.value && this.offer.value !== NONE && !may)
				this.microphone.stop();
		});
		effect(() => FINAL_PHASES.includes(this.session.phase.value) && this.microphone.stop());
		effect(() => this.gamepads.allow(isOpen.value && this.offers(SoundFlag.GAMEPADS) && this.mayGamepads.value &&
			this.drives.value));
	}

	receive(message) {
		switch (message.type) {
		case 'SOUND':
			this.offer.value = { flags: message.flags, reason: message.reason };
			break;
		case 'RUMBLE':
			this.gamepads.rumble(message);
			break;
		case 'AUDIO_CONFIG':
			this.player.configure(message);
			break;
		default:
			this.player.receive(message);
		}
	}

	/** A microphone stays open over a short loss: whoever speaks goes on when the host is back. */
	lost() {
		this.offer.value = NONE;
	}

	figures() {
		return this.player.figures();
	}
}

export function createAudio(context) {
	const link = document.createElement('link');
	link.rel = 'stylesheet';
	link.href = new URL('./audio.css', import.meta.url);
	document.head.append(link);
	const audio = new Audio(context);
	return {
		Section: () => html`<${Section} audio=${audio} />`,
		receive: (message) => audio.receive(message),
		lost: () => audio.lost(),
		figures: () => audio.figures(),
	};
}
