// Evens out when sound arrives. Runs in the audio worklet; pure: times are counted in samples, and both clocks are told.
//
// Every sample has its place on the host's time line. The play-out moves along that line, a little faster or slower
// than the sound card's clock, so that packets arrive `target` before they are due: early enough for the latest of
// them, and no earlier. A gap in the line is silence. What comes too late moves the play-out back, by no more than MOST.

const LEAST_MS = 20;
const MOST_MS = 120;
const MARGIN_MS = 10; // beyond what the latest packets needed
const CAPACITY_MS = 1000;
const ASTRAY_MS = 150; // off the target by so much, steering takes too long
const WINDOW_MS = 2000; // half of the time that a late packet is remembered
const SETTLE_MS = 1000; // how fast the mean follows
const STEER_PER_MS = 0.0001; // of speed, for each millisecond off the target
const STEER_MOST = 0.004; // 7 cents: nobody hears it
const AHEAD = 2; // samples that are needed behind the one that is played
const QUIET = 1e-5; // 100 dB down: nobody hears it end there
const FADE = 0.95; // what is left of a fading sample in the next one
const RAMP = 96; // samples over which a break is softened

const clamp = (value, least, most) => Math.min(Math.max(value, least), most);

/** Between `b` and `c` of four samples in a row (Catmull-Rom): good for a speed close to one. */
function between(a, b, c, d, at) {
	return b + 0.5 * at * (c - a + at * (2 * a - 5 * b + 4 * c - d + at * (3 * (b - c) + d - a)));
}

export class JitterBuffer {
	/** `sampleRate` of the sound, `outputRate` of the card. */
	constructor({ sampleRate, outputRate = sampleRate, channels }) {
		this.perMs = sampleRate / 1000;
		this.base = sampleRate / outputRate;
		this.channels = channels;
		this.capacity = Math.ceil(CAPACITY_MS * this.perMs);
		this.ring = Array.from({ length: channels }, () => new Float32Array(this.capacity));
		this.last = new Float32Array(channels); // what was played last, fading
		this.rest = new Float32Array(channels); // what was played before a leap, fading below what is played since
		this.stats = { packets: 0, late: 0, resyncs: 0 };
		this.reset();
	}

	/** The next packet begins a new time line. */
	reset() {
		this.started = false;
		this.position = 0; // of the play-out, on the line of `end`
		this.start = 0; // the first sample that may be played
		this.end = 0; // behind the last one that there is
		this.skew = 0; // what the host's line is ahead of ours: its sound card's clock is not its system's
		this.gain = 0;
		this.target = LEAST_MS * this.perMs;
	}

	get depthMs() {
		return this.started ? Math.max(0, this.end - this.position) / this.perMs : 0;
	}

	get targetMs() {
		return this.target / this.perMs;
	}

	// ── in

	/** `time`: of the first sample, in samples of the host's clock. `planes`: Float32Arrays, one a channel. */
	push(time, planes) {
		const count = planes[0].length;
		this.stats.packets++;
		const at = this.started ? this.placeOf(Math.round(time), count) : this.begin(Math.round(time), count);
		if (at === null) {
			this.stats.late++;
			return;
		}
		const early = at - this.position;
		this.learn(early, count);
		if (early < AHEAD)
			this.fallBack(early, at);
		else if (early - this.target > ASTRAY_MS * this.perMs)
			this.catchUp(early);
		this.write(at, count, planes);
	}

	/** It came after it was due. From now on everything is played later, as far as that may go. */
	fallBack(early, at) {
		this.stats.late++;
		const move = Math.max(early - MARGIN_MS * this.perMs, this.mean - MOST_MS * this.perMs);
		if (move < 0) {
			this.moveBy(move);
			this.start = at; // nothing is heard twice
		}
	}

	/** The card stood still, or the host's clock leapt: what waits is more than anyone wants to hear late. */
	catchUp(early) {
		this.stats.resyncs++;
		this.moveBy(early - this.target);
		this.startLearning(this.target);
	}

	begin(time, count) {
		this.started = true;
		this.skew = 0;
		this.start = this.end = time;
		this.target = Math.max(LEAST_MS * this.perMs, count + MARGIN_MS * this.perMs);
		this.position = time - this.target;
		this.startLearning(this.target);
		return time;
	}

	/** Where a packet belongs on our line; null: behind what is there already. */
	placeOf(time, count) {
		const gap = time - this.skew - this.end;
		if (Math.abs(gap) <= count / 2) {
			this.skew += gap; // it goes on: the samples count, not the stamps
			return this.end;
		}
		if (gap > 0)
			return this.end + Math.round(gap);
		if (gap > -this.capacity)
			return null;
		return this.begin(time, count); // the host's clock is another one
	}

	write(at, count, planes) {
		const gap = at - this.end;
		const broken = gap !== 0;
		planes.forEach((plane, channel) => {
			const ring = this.ring[channel];
			if (broken)
				this.fillGap(ring, at);
			for (let i = 0; i < count; i++)
				ring[(at + i) % this.capacity] = broken && i < RAMP ? plane[i] * (i / RAMP) : plane[i];
		});
		this.end = at + count;
	}

	/** Silence up to `at`, softly from the last sample. */
	fillGap(ring, at) {
		const from = Math.max(this.end, at - this.capacity);
		const last = this.end > 0 ? ring[(this.end - 1) % this.capacity] : 0;
		for (let i = from; i < at; i++) {
			const step = i - this.end;
			ring[i % this.capacity] = step < RAMP ? last * (1 - (step + 1) / RAMP) : 0;
		}
	}

	// ── how early they come

	startLearning(early) {
		this.mean = early;
		this.lowest = [early, early]; // of the last full window, and of the one that runs
		this.windowEnd = this.end + WINDOW_MS * this.perMs;
		this.learnedAt = this.end;
	}

	learn(early, count) {
		// After a silence one packet stands for the time since the one before.
		const passed = clamp(this.end - this.learnedAt, count, SETTLE_MS * this.perMs / 4);
		this.learnedAt = this.end;
		this.mean += (early - this.mean) * (passed / (SETTLE_MS * this.perMs));
		this.lowest[1] = Math.min(this.lowest[1], early);
		if (this.end > this.windowEnd) {
			this.lowest = [this.lowest[1], early];
			this.windowEnd = this.end + WINDOW_MS * this.perMs;
		}
		const spread = Math.max(0, this.mean - Math.min(...this.lowest));
		this.target = clamp(spread + MARGIN_MS * this.perMs, Math.max(LEAST_MS * this.perMs, count), MOST_MS * this.perMs);
	}

	/** The play-out leaps; what was learned was learned at its old place. */
	moveBy(move) {
		this.position += move;
		this.mean -= move;
		this.lowest = this.lowest.map((one) => one - move);
		this.gain = 0;
	}

	// ── out

	get speed() {
		if (!this.started || this.position > this.end)
			return this.base; // nothing came: nothing is known
		const off = (this.mean - this.target) / this.perMs;
		return this.base * (1 + clamp(off * STEER_PER_MS, -STEER_MOST, STEER_MOST));
	}

	/** Fills `outputs`, one Float32Array a channel, with what is due. */
	pull(outputs) {
		const count = outputs[0].length;
		const { speed } = this;
		for (let i = 0; i < count; i++) {
			if (this.isThere())
				this.playOne(outputs, i);
			else
				this.fadeOne(outputs, i);
			if (this.started)
				this.position += speed;
		}
	}

	isThere() {
		return this.started && this.position + AHEAD < this.end && this.position >= this.start + 1 &&
			this.position > this.end - this.capacity + 1;
	}

	playOne(outputs, i) {
		const { capacity } = this;
		const whole = Math.floor(this.position);
		const part = this.position - whole;
		const at = ((whole % capacity) + capacity) % capacity;
		const before = at === 0 ? capacity - 1 : at - 1;
		const after = at + 1 === capacity ? 0 : at + 1;
		const later = after + 1 === capacity ? 0 : after + 1;
		if (this.gain === 0)
			this.rest.set(this.last);
		this.gain = Math.min(1, this.gain + 1 / RAMP);
		for (let channel = 0; channel < outputs.length; channel++) {
			const ring = this.ring[Math.min(channel, this.channels - 1)];
			const value = part === 0 ? ring[at] : between(ring[before], ring[at], ring[after], ring[later], part);
			const own = Math.min(channel, this.channels - 1);
			if (channel === own)
				this.rest[own] = Math.abs(this.rest[own]) < QUIET ? 0 : this.rest[own] * FADE;
			outputs[channel][i] = value * this.gain + this.rest[own];
			if (channel === own)
				this.last[own] = outputs[channel][i];
		}
	}

	/** Nothing is there: it fades from where it was. */
	fadeOne(outputs, i) {
		this.gain = 0;
		for (let channel = 0; channel < outputs.length; channel++) {
			const own = Math.min(channel, this.channels - 1);
			outputs[channel][i] = this.last[own];
			if (channel <= own)
				this.last[own] = Math.abs(this.last[own]) < QUIET ? 0 : this.last[own] * FADE;
		}
	}
}
