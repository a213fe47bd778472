// What the connection gives: rates over the last two seconds, and the time from the host's capture to this screen.

const WINDOW_MS = 2000;
const SAMPLES = 1024; // a power of two
const CLOCK_SAMPLES = 16;

/** The newest samples and when they came; no allocation after creation. */
class Ring {
	constructor() {
		this.times = new Float64Array(SAMPLES);
		this.values = new Float64Array(SAMPLES);
		this.count = 0;
	}

	add(time, value) {
		const at = this.count++ & (SAMPLES - 1);
		this.times[at] = time;
		this.values[at] = value;
	}

	/** The values that came after `since`. */
	*after(since) {
		const first = Math.max(0, this.count - SAMPLES);
		for (let i = this.count - 1; i >= first && this.times[i & (SAMPLES - 1)] > since; i--)
			yield this.values[i & (SAMPLES - 1)];
	}
}

export function percentile(values, part) {
	if (values.length === 0)
		return null;
	const sorted = [...values].sort((a, b) => a - b);
	return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
}

/** How far the host's clock is ahead of this page's, from the exchange with the shortest way there and back. */
export class ClockOffset {
	constructor() {
		this.reset();
	}

	reset() {
		this.samples = [];
		this.offsetMs = null;
		this.rttMs = null;
	}

	add(sentMs, hostMs, receivedMs) {
		const rttMs = receivedMs - sentMs;
		this.samples.push({ rttMs, offsetMs: hostMs - (sentMs + receivedMs) / 2 });
		if (this.samples.length > CLOCK_SAMPLES)
			this.samples.shift();
		const best = this.samples.reduce((a, b) => (b.rttMs < a.rttMs ? b : a));
		this.offsetMs = best.offsetMs;
		this.rttMs = percentile(this.samples.slice(-5).map((sample) => sample.rttMs), 0.5);
	}
}

export class Stats {
	constructor() {
		this.clock = new ClockOffset();
		this.arrivals = new Ring(); // bytes
		this.latencies = new Ring(); // milliseconds; NaN while the clocks are not compared
		this.lostFrames = 0;
		this.frames = 0;
	}

	/** Another connection, maybe another host's clock. */
	reconnected() {
		this.clock.reset();
	}

	received(bytes) {
		this.arrivals.add(performance.now(), bytes);
	}

	/** A frame's change is on the screen. */
	shown(captureNs, now) {
		const { offsetMs } = this.clock;
		this.frames++;
		this.latencies.add(now, offsetMs === null ? NaN : now - (captureNs / 1e6 - offsetMs));
	}

	lost(frames) {
		this.lostFrames += frames;
	}

	snapshot(now = performance.now()) {
		const since = now - WINDOW_MS;
		let bytes = 0;
		for (const size of this.arrivals.after(since))
			bytes += size;
		let shown = 0;
		const latencies = [];
		for (const latency of this.latencies.after(since)) {
			shown++;
			if (!Number.isNaN(latency))
				latencies.push(latency);
		}
		return {
			fps: shown / (WINDOW_MS / 1000),
			mbps: (bytes * 8) / (WINDOW_MS / 1000) / 1e6,
			captureToShownP50Ms: percentile(latencies, 0.5),
			captureToShownP95Ms: percentile(latencies, 0.95),
			lost: this.lostFrames,
			rttMs: this.clock.rttMs,
			frames: this.frames,
		};
	}
}
