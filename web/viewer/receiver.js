// Takes a display's frames in: finds losses, feeds the two layers, acknowledges, asks for keyframes.

import { FrameFlag } from './protocol.js';
import { TileLayer } from './tiles.js';
import { VideoLayer } from './video.js';

const KEYFRAME_EVERY_MS = 1000;

export class Receiver {
	/** Events: acknowledge(sequence), needKeyframe(), videoSize(width, height), stopped(error). */
	constructor({ host, canvas, stats, events }) {
		this.stats = stats;
		this.events = events;
		this.video = new VideoLayer(host, {
			decoded: (sequence) => {
				this.failures = 0;
				this.finish(sequence);
			},
			shown: (sequence, captureNs) => {
				this.tiles.videoShown(sequence);
				this.stats.shown(captureNs, performance.now());
			},
			resized: (width, height) => events.videoSize(width, height),
			failed: (error) => this.onDecoderFailed(error),
		});
		this.tiles = new TileLayer(canvas);
		this.tilesDrawn = []; // capture times of what the next animation frame shows
		this.onAnimationFrame = this.onAnimationFrame.bind(this);
		this.config = null;
		this.reset();
	}

	/** A new connection or display: the next frame starts anew. The picture stays until then. */
	reset() {
		this.last = null; // the newest sequence that came
		this.waiting = true; // for a keyframe
		this.askedAt = performance.now();
		this.unfinished = []; // {sequence, parts}, oldest first
		this.failures = 0;
		this.tiles.dropPending();
	}

	configure({ codec, width, height }) {
		const before = this.config;
		if (before?.codec === codec && before.width === width && before.height === height && this.video.ready)
			return;
		this.config = { codec, width, height };
		if (before?.width !== width || before.height !== height)
			this.tiles.resize(width, height);
		this.finishAll();
		this.video.configure(codec);
		this.waiting = true;
	}

	receive(frame, bytes) {
		this.stats.received(bytes);
		this.checkSequence(frame.sequence);
		const keyframe = (frame.flags & FrameFlag.KEYFRAME) !== 0;
		const joins = this.waiting && keyframe && this.config !== null && this.video.ready;
		if (joins)
			this.waiting = false;
		if (this.waiting) {
			this.skip(frame.sequence);
			return;
		}
		this.take(frame, keyframe, joins);
	}

	checkSequence(sequence) {
		const expected = this.last === null ? sequence : (this.last + 1) >>> 0;
		this.last = sequence;
		if (sequence === expected)
			return;
		const missed = (sequence - expected) >>> 0;
		this.stats.lost(missed < 0x80000000 ? missed : 1);
		if (!this.waiting)
			this.askedAt = performance.now(); // most hosts send one by themselves: ask when it does not come
		this.waiting = true;
	}

	/** Nothing to be seen in it without the keyframe before. */
	skip(sequence) {
		this.finishAll();
		this.events.acknowledge(sequence);
		const now = performance.now();
		if (now - this.askedAt >= KEYFRAME_EVERY_MS) {
			this.askedAt = now;
			this.events.needKeyframe();
		}
	}

	take(frame, keyframe, everything) {
		const { sequence, captureNs, tiles } = frame;
		const hasVideo = frame.video.length > 0;
		// A refinement is of an older picture: no measure of delay.
		const measured = !hasVideo && (frame.flags & FrameFlag.REFINEMENT) === 0;
		const parts = (hasVideo ? 1 : 0) + (tiles.length ? 1 : 0);
		this.unfinished.push({ sequence, parts });
		if (hasVideo) {
			this.tiles.videoCame(sequence, frame.rects, everything);
			this.video.decode(frame, keyframe);
		}
		if (tiles.length)
			this.tiles.add(sequence, tiles, () => this.onTilesDrawn(sequence, measured ? captureNs : null));
		if (parts === 0)
			this.finish(sequence);
	}

	onTilesDrawn(sequence, captureNs) {
		this.finish(sequence);
		if (captureNs === null)
			return;
		if (this.tilesDrawn.length === 0)
			requestAnimationFrame(this.onAnimationFrame);
		if (this.tilesDrawn.length < 64)
			this.tilesDrawn.push(captureNs);
	}

	onAnimationFrame(now) {
		for (const captureNs of this.tilesDrawn)
			this.stats.shown(captureNs, Math.max(now, performance.now()));
		this.tilesDrawn.length = 0;
	}

	/** Acknowledged is the newest frame before which nothing is unfinished. */
	finish(sequence) {
		const { unfinished } = this;
		const entry = unfinished.find((one) => one.sequence === sequence);
		if (!entry)
			return;
		entry.parts--;
		let newest = null;
		while (unfinished.length && unfinished[0].parts <= 0)
			newest = unfinished.shift().sequence;
		if (newest !== null)
			this.events.acknowledge(newest);
	}

	finishAll() {
		this.unfinished.length = 0;
	}

	onDecoderFailed(error) {
		this.stats.lost(Math.max(1, this.unfinished.length));
		this.finishAll();
		this.tiles.dropPending();
		this.waiting = true;
		if (++this.failures > 5) {
			this.events.stopped(error);
			return;
		}
		this.video.configure(this.config.codec);
		this.askedAt = performance.now();
		this.events.needKeyframe();
	}
}
