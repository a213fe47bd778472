// Plays the desktop's sound: AUDIO is decoded here, and evened out in the worklet (jitter.js).

import { ListenFlag } from '../protocol.js';
import { signal } from '../vendor/preact.js';
import { AROUND, askForOrder, describe } from './around.js';
import { RATE } from './engine.js';

const FADE_S = 0.015;
const QUEUE_MOST = 40; // packets; a decoder that is further behind than that is skipped over

/** Half of the way is about half as loud. */
export const loudness = (percent) => (Math.min(Math.max(percent, 0), 100) / 100) ** 2;

export class Player {
	constructor({ engine, send, volume }) {
		Object.assign(this, { engine, send, volume });
		this.isSupported = 'AudioDecoder' in globalThis && 'AudioWorkletNode' in globalThis;
		this.problem = signal(this.isSupported ? null : { name: 'sound_unsupported' });
		this.level = signal(0); // 0 to 1, the loudest of the last tenth of a second
		this.report = signal(null); // of the worklet
		this.listening = 0; // channels
		this.order = signal(undefined); // of the planes of 5.1; null: it cannot be decoded; undefined: not known yet
		if (this.isSupported)
			askForOrder().then((order) => { this.order.value = order; });
		this.config = null;
		this.node = null;
		this.decoder = null;
		this.times = []; // of the packets in the decoder, in microseconds of the host's clock
		this.out = null; // the volume
	}

	/**
	 * The channels that are wanted, 0 for silence. Tells the host when it changes, and after a new display; what comes while it
	 * is off is not played.
	 */
	listen(channels) {
		if (channels === this.listening)
			return;
		this.listening = channels;
		this.send('LISTEN', { flags: channels ? ListenFlag.ON : 0, channels: channels || 2, maxKbps: 0 });
		if (!channels)
			this.stop();
	}

	/** How many the output has. */
	get most() {
		return this.engine.context?.destination.maxChannelCount ?? 2;
	}

	setVolume(percent) {
		this.out?.gain.setTargetAtTime(loudness(percent), this.engine.context.currentTime, FADE_S);
	}

	configure(config) {
		this.stop();
		this.config = config;
		if (!this.listening)
			return;
		const { context } = this.engine;
		if (!this.out) {
			this.out = new GainNode(context, { gain: loudness(this.volume()) });
			this.out.connect(context.destination);
		}
		// An output with fewer gets a mix: Web Audio's own, that of ITU-R BS.775.
		if (this.most >= config.channels)
			context.destination.channelCount = config.channels;
		this.node = new AudioWorkletNode(context, 'lodge-playback', {
			numberOfInputs: 0,
			outputChannelCount: [config.channels],
			processorOptions: { sampleRate: RATE, channels: config.channels },
		});
		this.node.port.onmessage = ({ data }) => this.takeReport(data);
		this.node.connect(this.out);
		this.startDecoder();
	}

	startDecoder() {
		const { codec, channels, head } = this.config;
		const decoder = new AudioDecoder({
			output: (data) => this.play(decoder, data),
			error: (error) => this.onDecoderFailed(decoder, error),
		});
		const config = { codec, sampleRate: RATE, numberOfChannels: channels };
		if (channels > 2)
			config.description = describe(head); // which streams are which channels
		this.decoder = decoder;
		this.times = [];
		decoder.configure(config);
		this.problem.value = null;
	}

	onDecoderFailed(decoder, error) {
		if (decoder !== this.decoder)
			return;
		console.error('the sound:', error);
		const isAgain = this.failedAt && performance.now() - this.failedAt < 5000;
		this.failedAt = performance.now();
		if (error.name === 'NotSupportedError' || isAgain)
			this.fail('sound_failed', error);
		else
			this.startDecoder(); // one broken packet
	}

	fail(name, error) {
		this.stop();
		this.problem.value = { name, detail: error.message };
	}

	receive({ captureTime, packet }) {
		const { decoder } = this;
		if (decoder?.state !== 'configured' || decoder.decodeQueueSize > QUEUE_MOST)
			return;
		const timestamp = Number(captureTime / 1000n);
		this.times.push(timestamp);
		decoder.decode(new EncodedAudioChunk({ type: 'key', timestamp, data: packet }));
	}

	/** A packet in is one out. Its own stamp is no use: Chromium counts on from the first, over every gap. */
	play(decoder, data) {
		if (decoder !== this.decoder) {
			data.close();
			return;
		}
		const order = data.numberOfChannels === AROUND && this.order.peek();
		const planes = Array.from({ length: data.numberOfChannels }, (_, channel) => {
			const planeIndex = order ? order[channel] : channel;
			const plane = new Float32Array(data.numberOfFrames);
			data.copyTo(plane, { planeIndex, format: 'f32-planar' });
			return plane;
		});
		const time = Math.round(this.times.shift() * (RATE / 1e6));
		data.close();
		this.node?.port.postMessage({ time, planes }, planes.map((plane) => plane.buffer));
	}

	takeReport(report) {
		this.report.value = report;
		this.level.value = report.peak;
	}

	stop() {
		if (this.decoder && this.decoder.state !== 'closed')
			this.decoder.close();
		this.decoder = null;
		if (this.node) {
			this.node.port.onmessage = null;
			this.node.port.postMessage({ close: true });
			this.node.disconnect();
		}
		this.node = null;
		this.report.value = null;
		this.level.value = 0;
	}

	/** For the statistics; null while nothing is played. */
	figures() {
		const report = this.report.peek();
		return report && { ...report, outputMs: (this.engine.context.outputLatency || this.engine.context.baseLatency) * 1000 };
	}
}
