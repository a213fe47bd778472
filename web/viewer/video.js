// Access units in, pictures on the surface out.

import { createSurface } from './surface.js';

/**
 * Events: decoded(sequence), shown(sequence, captureNs), resized(width, height), failed(error) – after which the
 * layer waits for configure() and a keyframe.
 */
export class VideoLayer {
	constructor(host, events) {
		this.events = events;
		this.decoder = null;
		this.inDecoder = new Map(); // timestamp → {sequence, captureNs}
		this.onScreenSoon = []; // {timestamp, sequence, captureNs}, oldest first
		this.timestamp = 0;
		this.surface = createSurface(host, {
			shown: (timestamp) => this.onShown(timestamp),
			resized: (width, height) => events.resized(width, height),
		});
	}

	configure(codec) {
		this.close();
		this.codec = codec;
		this.decoder = new VideoDecoder({
			output: (picture) => this.onPicture(picture),
			error: (error) => this.onError(error),
		});
		try {
			this.decoder.configure({
				codec,
				optimizeForLatency: true, // without it one picture is held back
				hardwareAcceleration: 'no-preference',
			});
		} catch (error) {
			this.onError(error);
		}
	}

	onError(error) {
		console.error('the video decoder gave up:', error);
		this.decoder = null;
		this.inDecoder.clear();
		this.events.failed(error);
	}

	get ready() {
		return this.decoder !== null;
	}

	close() {
		if (this.decoder && this.decoder.state !== 'closed')
			this.decoder.close();
		this.decoder = null;
		this.inDecoder.clear();
		this.onScreenSoon.length = 0;
	}

	decode(frame, keyframe) {
		// Microseconds of the host's clock, but never the same twice: they are the pictures' names.
		this.timestamp = Math.max(this.timestamp + 1, Math.round(frame.captureNs / 1000));
		this.inDecoder.set(this.timestamp, { sequence: frame.sequence, captureNs: frame.captureNs });
		this.decoder.decode(new EncodedVideoChunk({
			type: keyframe ? 'key' : 'delta',
			timestamp: this.timestamp,
			data: frame.video,
		}));
	}

	onPicture(picture) {
		const { timestamp } = picture;
		const unit = this.inDecoder.get(timestamp);
		if (!unit) {
			picture.close();
			return;
		}
		this.inDecoder.delete(timestamp);
		this.onScreenSoon.push({ timestamp, sequence: unit.sequence, captureNs: unit.captureNs });
		if (this.onScreenSoon.length > 300)
			this.onScreenSoon.shift();
		this.surface.show(picture, timestamp);
		this.events.decoded(unit.sequence);
	}

	onShown(timestamp) {
		let newest = null;
		while (this.onScreenSoon.length && this.onScreenSoon[0].timestamp <= timestamp)
			newest = this.onScreenSoon.shift();
		if (newest)
			this.events.shown(newest.sequence, newest.captureNs);
	}
}
