// What a fake host has to be heard: answers LISTEN with a tone, or one for each of six channels, and remembers what was said into its microphone.

import { readFileSync } from 'node:fs';

const PACKET_NS = 5000000n;
const HEADS = {
	2: Buffer.from('4f707573486561640102380180bb0000000000', 'hex'),
	6: Buffer.from('4f707573486561640106780080bb00000000010402000401020305', 'hex'),
};

export const Offer = Object.freeze({ PLAYED: 1, MICROPHONE: 2, GAMEPADS: 4, OWN: 8, ALL: 15, AWAY: 16 });

function readPackets(name) {
	const bytes = readFileSync(new URL(`fixtures/${name}.opus-packets`, import.meta.url));
	const packets = [];
	for (let at = 0; at < bytes.length;) {
		const size = bytes.readUInt16LE(at);
		packets.push(bytes.subarray(at + 2, at + 2 + size));
		at += 2 + size;
	}
	return { tone: packets.slice(0, -1), silence: packets.at(-1) };
}

const played = { 2: readPackets('tone'), 6: readPackets('around') };

export class SoundHost {
	/** `offer`: what SOUND says after each DISPLAY_OPENED; null: it is not sent. */
	constructor(host, { flags = Offer.ALL, reason = '' } = {}) {
		this.host = host;
		this.offer = { flags, reason };
		this.silent = false; // then one packet in twenty is sent
		this.timers = new Map(); // of the viewers that listen
		host.on('message', (message, viewer) => {
			if (['OPEN_DISPLAY', 'OPEN_APP', 'SET_MODE'].includes(message.type) && this.offer)
				host.sendTo(viewer, 'SOUND', this.offer);
			if (message.type === 'LISTEN')
				this.listen(viewer, (message.flags & 1) !== 0, message.channels);
		});
	}

	change(offer) {
		Object.assign(this.offer, offer);
		this.host.send('SOUND', this.offer);
	}

	get listeners() {
		return this.timers.size;
	}

	listen(viewer, on, channels = 2) {
		clearInterval(this.timers.get(viewer));
		this.timers.delete(viewer);
		if (!on)
			return;
		this.host.sendTo(viewer, 'AUDIO_CONFIG', { channels, frame: 50, sampleRate: 48000, codec: 'opus', head: HEADS[channels] });
		const { tone, silence } = played[channels];
		let sequence = 0;
		let slot = 0n;
		const start = process.hrtime.bigint();
		const timer = setInterval(() => {
			if (viewer.socket.readyState !== 1) {
				this.listen(viewer, false);
				return;
			}
			for (; start + (slot + 1n) * PACKET_NS <= process.hrtime.bigint(); slot++) {
				if (this.silent && slot % 20n !== 0n)
					continue;
				this.host.sendTo(viewer, 'AUDIO', { sequence: sequence++, captureTime: start + slot * PACKET_NS,
					packet: this.silent ? silence : tone[Number(slot % BigInt(tone.length))] });
			}
		}, 5);
		this.timers.set(viewer, timer);
	}

	close() {
		for (const timer of this.timers.values())
			clearInterval(timer);
		this.timers.clear();
	}
}
