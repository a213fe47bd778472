// This browser's microphone, to the desktop: asked for by a button and by nothing else, and off whenever in doubt.

import { signal } from '../vendor/preact.js';
import { RATE } from './engine.js';

const FRAMES = RATE / 50; // 20 ms
const BITRATE = 32000;
const NONE = new Uint8Array(0);

/** What went wrong, in words of the catalogue. */
export function problemOf(error) {
	switch (error.name) {
	case 'NotAllowedError':
	case 'SecurityError':
		return { name: 'mic_denied' };
	case 'NotFoundError':
	case 'OverconstrainedError':
		return { name: 'mic_missing' };
	case 'TimeoutError':
		return { name: 'sound_no_output' };
	default:
		return { name: 'mic_failed', detail: error.message };
	}
}

export class Microphone {
	constructor({ engine, send, isCongested }) {
		Object.assign(this, { engine, send, isCongested });
		this.isSupported = 'AudioEncoder' in globalThis && 'AudioWorkletNode' in globalThis &&
			typeof navigator.mediaDevices?.getUserMedia === 'function';
		this.state = signal('off'); // off, asking, on
		this.problem = signal(this.isSupported ? null : { name: 'mic_unsupported' });
		this.level = signal(0);
		this.allowed = false;
		this.sequence = 0;
		this.attempt = 0; // counts starts and stops: an answer to an old one is not taken
	}

	/** Whether what it hears goes to the host now. */
	allow(allowed) {
		this.allowed = allowed;
	}

	async start() {
		if (!this.isSupported || this.state.peek() !== 'off')
			return;
		const attempt = ++this.attempt;
		this.state.value = 'asking';
		this.problem.value = null;
		try {
			const stream = await navigator.mediaDevices.getUserMedia({ audio: {
				channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true,
			} });
			const context = await this.engine.open();
			if (attempt !== this.attempt || !context) {
				stream.getTracks().forEach((track) => track.stop());
				if (!context)
					throw new Error('AudioContext');
				return;
			}
			this.stream = stream;
			await this.engine.run();
			if (attempt !== this.attempt)
				return;
			this.connect(context, stream);
			this.state.value = 'on';
		} catch (error) {
			if (attempt !== this.attempt)
				return;
			console.warn('the microphone:', error);
			this.disconnect();
			this.state.value = 'off';
			this.problem.value = problemOf(error);
		}
	}

	connect(context, stream) {
		stream.getTracks().forEach((track) => track.addEventListener('ended', () => this.stop()));
		this.encoder = new AudioEncoder({
			output: (chunk) => this.say(chunk),
			error: (error) => this.fail(error),
		});
		this.encoder.configure({ codec: 'opus', sampleRate: RATE, numberOfChannels: 1, bitrate: BITRATE,
			opus: { frameDuration: FRAMES / RATE * 1e6 } });
		this.heard = 0;
		this.source = new MediaStreamAudioSourceNode(context, { mediaStream: stream });
		this.node = new AudioWorkletNode(context, 'lodge-capture', { channelCount: 1, channelCountMode: 'explicit',
			processorOptions: { frames: FRAMES } });
		this.node.port.onmessage = ({ data }) => this.hear(data);
		this.source.connect(this.node).connect(context.destination); // it puts nothing out, but runs that way alone
	}

	hear(samples) {
		this.level.value = samples.reduce((most, one) => Math.max(most, Math.abs(one)), 0);
		const timestamp = Math.round(this.heard * 1e6 / RATE);
		this.heard += samples.length;
		if (!this.allowed || this.isCongested())
			return;
		const data = new AudioData({ format: 'f32-planar', sampleRate: RATE, numberOfFrames: samples.length,
			numberOfChannels: 1, timestamp, data: samples });
		this.encoder.encode(data);
		data.close();
	}

	say(chunk) {
		const packet = new Uint8Array(chunk.byteLength);
		chunk.copyTo(packet);
		this.send('MICROPHONE', { sequence: this.nextSequence(), packet });
	}

	nextSequence() {
		const { sequence } = this;
		this.sequence = (sequence + 1) >>> 0;
		return sequence;
	}

	fail(error) {
		this.stop();
		this.problem.value = problemOf(error);
	}

	stop() {
		this.attempt++;
		const wasOn = this.state.peek() === 'on';
		this.disconnect();
		this.state.value = 'off';
		this.level.value = 0;
		if (wasOn)
			this.send('MICROPHONE', { sequence: this.nextSequence(), packet: NONE });
	}

	disconnect() {
		this.stream?.getTracks().forEach((track) => track.stop());
		if (this.node) {
			this.node.port.onmessage = null;
			this.node.port.postMessage('close');
			this.source.disconnect();
			this.node.disconnect();
		}
		if (this.encoder && this.encoder.state !== 'closed')
			this.encoder.close();
		this.stream = this.node = this.source = this.encoder = null;
	}

	toggle() {
		return this.state.peek() === 'off' ? this.start() : this.stop();
	}
}
