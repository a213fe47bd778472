// The buffer of the sound: what it plays, how far it lags, and what it does about clocks and networks.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { JitterBuffer } from '../../web/viewer/audio/jitter.js';

const RATE = 48000;
const PACKET = 240; // 5 ms
const QUANTUM = 128;

/** The same numbers in every run. */
function createChance(seed) {
	let state = seed;
	return () => {
		state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
		return state / 4294967296;
	};
}

function tone(time, count, frequency = 440) {
	return Float32Array.from({ length: count }, (_, i) => 0.5 * Math.sin(2 * Math.PI * frequency * (time + i) / RATE));
}

/**
 * A host that sends a tone and a card that plays it, on clocks of their own. `delay(n)`: of packet n on its way, in
 * milliseconds; null: it never comes. `ppm`: how much faster the host's sound card is than ours.
 */
function run({ seconds, delay = () => 5, ppm = 0, silent = () => false, buffer = null, stampJitter = () => 0 }) {
	const jitter = buffer ?? new JitterBuffer({ sampleRate: RATE, channels: 2 });
	const hostRate = RATE * (1 + ppm / 1e6);
	const start = 123456789;
	const packets = [];
	for (let n = 0; n * PACKET < seconds * hostRate; n++) {
		const late = delay(n);
		if (late === null || silent(n))
			continue;
		packets.push({ n, arrives: (n + 1) * PACKET / hostRate + late / 1000 });
	}
	for (let i = 1; i < packets.length; i++) // one stream: none overtakes another
		packets[i].arrives = Math.max(packets[i].arrives, packets[i - 1].arrives);
	const heard = new Float32Array(Math.floor(seconds * RATE / QUANTUM) * QUANTUM);
	const lags = [];
	let next = 0;
	for (let played = 0; played < heard.length; played += QUANTUM) {
		const now = played / RATE;
		for (; next < packets.length && packets[next].arrives <= now; next++) {
			const { n } = packets[next];
			// Stamped by the host's system clock, which is ours here; its samples come at its card's rate.
			const stamp = start + Math.round(n * PACKET * RATE / hostRate + stampJitter(n));
			const samples = tone(n * PACKET, PACKET);
			jitter.push(stamp, [samples, samples]);
		}
		const out = [heard.subarray(played, played + QUANTUM), new Float32Array(QUANTUM)];
		jitter.pull(out);
		lags.push(jitter.depthMs);
	}
	return { jitter, heard, lags, packets };
}

const loudest = (samples) => samples.reduce((most, one) => Math.max(most, Math.abs(one)), 0);
const second = (samples, n, length = 1) => samples.subarray(n * RATE, (n + length) * RATE);
const late = ({ jitter }) => jitter.stats.late;

/** The largest step between neighbours: of the tone 0.029; a click is far more. */
function steepest(samples) {
	let most = 0;
	for (let i = 1; i < samples.length; i++)
		most = Math.max(most, Math.abs(samples[i] - samples[i - 1]));
	return most;
}

/** How much of the samples is the tone, 0 to 1, in pieces short enough for small changes of speed. */
function purity(samples, frequency = 440) {
	const piece = 2400;
	let least = 1;
	for (let from = 0; from + piece <= samples.length; from += piece) {
		let [cosine, sine, energy] = [0, 0, 0];
		for (let i = 0; i < piece; i++) {
			const angle = 2 * Math.PI * frequency * i / RATE;
			const value = samples[from + i];
			cosine += value * Math.cos(angle);
			sine += value * Math.sin(angle);
			energy += value * value;
		}
		least = Math.min(least, energy ? 2 * (cosine ** 2 + sine ** 2) / (piece * energy) : 0);
	}
	return least;
}

test('a steady stream is played whole, without a break, 20 to 30 ms after it came', () => {
	const result = run({ seconds: 10 });
	assert.equal(late(result), 0);
	assert.equal(result.jitter.stats.resyncs, 0);
	const heard = result.heard.subarray(RATE / 2);
	assert.ok(purity(heard) > 0.999, `${purity(heard)}`);
	assert.ok(steepest(heard) < 0.035, `${steepest(heard)}`);
	const lags = result.lags.slice(500);
	assert.ok(Math.min(...lags) > 8 && Math.max(...lags) < 32, `${Math.min(...lags)} to ${Math.max(...lags)}`);
});

for (const ppm of [200, -200, 1000]) {
	test(`a card that is ${ppm} ppm off is followed for three minutes, without a break`, () => {
		const result = run({ seconds: 180, ppm });
		assert.equal(late(result), 0);
		assert.equal(result.jitter.stats.resyncs, 0);
		const heard = result.heard.subarray(RATE);
		assert.ok(steepest(heard) < 0.035, `${steepest(heard)}`);
		const lags = result.lags.slice(-20000);
		assert.ok(Math.min(...lags) > 5 && Math.max(...lags) < 45, `${Math.min(...lags)} to ${Math.max(...lags)}`);
	});
}

test('a jittery network is heard without a break once it is known, and no later than need be', () => {
	const chance = createChance(7);
	const result = run({ seconds: 60, delay: () => 5 + 25 * chance() });
	const heard = result.heard.subarray(5 * RATE);
	assert.ok(late(result) <= 10, `${late(result)}`);
	assert.ok(steepest(heard) < 0.035, `${steepest(heard)}`);
	assert.ok(result.jitter.targetMs > 20 && result.jitter.targetMs < 60, `${result.jitter.targetMs}`);
});

test('when the network calms down, the lag goes back', () => {
	const chance = createChance(11);
	const result = run({ seconds: 60, delay: (n) => (n < 2000 ? 5 + 60 * chance() : 5) });
	const during = Math.max(...result.lags.slice(2000, 3500));
	const after = Math.max(...result.lags.slice(-3000));
	assert.ok(during > 45, `${during}`);
	assert.ok(after < 32, `${after}`);
});

test('a packet that comes too late is a break, softly, and moves what follows back', () => {
	const result = run({ seconds: 6, delay: (n) => (n >= 400 && n < 410 ? 60 : 5) });
	assert.ok(late(result) > 0);
	assert.ok(late(result) <= 12, `${late(result)}`);
	assert.ok(steepest(result.heard) < 0.06, `${steepest(result.heard)}`);
	assert.ok(purity(second(result.heard, 4)) > 0.97);
	assert.ok(result.lags.at(-1) < 130);
});

test('a second of nothing and then all of it at once is not caught up with: it is skipped', () => {
	const result = run({ seconds: 10, delay: (n) => (n >= 400 && n < 600 ? 1000 - (n - 400) * 5 : 5) });
	assert.equal(loudest(result.heard.subarray(2.2 * RATE, 2.9 * RATE)), 0);
	assert.ok(purity(second(result.heard, 5)) > 0.97);
	assert.ok(Math.max(...result.lags) < 1000);
	assert.ok(result.lags.at(-1) < 125, `${result.lags.at(-1)}`);
});

test('a network that got slower for good is followed', () => {
	const result = run({ seconds: 20, delay: (n) => (n < 1000 ? 5 : 400) });
	assert.ok(purity(second(result.heard, 15)) > 0.99, `${purity(second(result.heard, 15))}`);
	assert.ok(result.lags.at(-1) < 140);
});

test('a packet that is lost leaves its own place empty, softly', () => {
	const result = run({ seconds: 4, delay: (n) => (n === 400 ? null : 5) });
	assert.equal(late(result), 0);
	assert.ok(steepest(result.heard) < 0.06, `${steepest(result.heard)}`);
	assert.ok(purity(second(result.heard, 3)) > 0.999);
});

test('whatever a host that drops sound leaves out, there is no step that clicks', () => {
	for (const most of [1, 4, 40]) {
		const chance = createChance(most);
		let left = 0; // of the packets that are left out in a row; below 0: of those that come
		const result = run({ seconds: 30, delay: () => {
			if (left === 0)
				left = chance() < 0.5 ? Math.ceil(chance() * most) : -Math.ceil(chance() * 20);
			left -= Math.sign(left);
			return left > 0 ? null : 5 + 3 * chance();
		} });
		assert.ok(loudest(result.heard) > 0.45);
		assert.ok(steepest(result.heard) < 0.06, `${most}: ${steepest(result.heard)}`);
	}
});

test('a leap of the play-out is no step either', () => {
	const jitter = new JitterBuffer({ sampleRate: RATE, channels: 1 });
	const heard = new Float32Array(RATE);
	let [n, at] = [0, 0];
	const take = (count) => {
		for (let i = 0; i < count; i++, n++)
			jitter.push(n * PACKET, [tone(n * PACKET, PACKET)]);
	};
	const play = (count) => {
		for (let i = 0; i < count; i++, at += QUANTUM)
			jitter.pull([heard.subarray(at, at + QUANTUM)]);
	};
	take(10);
	play(12);
	take(60); // far more than anyone wants to hear late, while it plays
	play(60);
	assert.ok(jitter.stats.resyncs > 0);
	assert.ok(loudest(heard) > 0.45);
	assert.ok(steepest(heard) < 0.06, `${steepest(heard)}`);
});

test('silence, of which one packet in twenty comes, is silence of its own length', () => {
	const silence = (n) => n >= 400 && n < 1400 && n % 20 !== 0;
	const buffer = new JitterBuffer({ sampleRate: RATE, channels: 2 });
	const push = buffer.push.bind(buffer);
	let n = -1;
	buffer.push = (time, planes) => {
		n = Math.round((time - 123456789) / PACKET);
		push(time, n >= 400 && n < 1400 ? planes.map((plane) => new Float32Array(plane.length)) : planes);
	};
	const result = run({ seconds: 12, silent: silence, buffer });
	assert.equal(late(result), 0);
	assert.equal(result.jitter.stats.resyncs, 0);
	assert.ok(loudest(result.heard.subarray(2.1 * RATE, 7 * RATE)) < 1e-6);
	assert.ok(purity(second(result.heard, 8, 3)) > 0.999);
	// The tone is back where it belongs: as late as it was before.
	const back = result.heard.findIndex((one, i) => i > 6 * RATE && Math.abs(one) > 0.01) / RATE;
	assert.ok(back > 7.005 && back < 7.06, `${back}`);
});

test('a long silence of the sound as such is no delay afterwards', () => {
	const result = run({ seconds: 90, silent: (n) => n >= 400 && n < 16000, ppm: 150 });
	assert.ok(purity(second(result.heard, 85)) > 0.99);
	assert.ok(result.lags.at(-1) < 45, `${result.lags.at(-1)}`);
});

test('stamps that jitter are smoothed: only the samples count', () => {
	const chance = createChance(3);
	const result = run({ seconds: 20, stampJitter: () => 60 * (chance() - 0.5) });
	assert.ok(steepest(result.heard.subarray(RATE)) < 0.035);
	assert.equal(late(result), 0);
});

test('a card that stood still finds the sound of now, not of then', () => {
	const jitter = new JitterBuffer({ sampleRate: RATE, channels: 1 });
	for (let n = 0; n < 2000; n++)
		jitter.push(n * PACKET, [tone(n * PACKET, PACKET)]);
	assert.ok(jitter.depthMs <= 300, `${jitter.depthMs}`);
	assert.ok(jitter.stats.resyncs > 0);
});

test('a host whose clock begins anew is played from its beginning', () => {
	const jitter = new JitterBuffer({ sampleRate: RATE, channels: 1 });
	const out = [new Float32Array(QUANTUM)];
	const play = (from) => {
		let most = 0;
		for (let n = 0, played = 0; n < 200; n++) {
			jitter.push(from + n * PACKET, [tone(n * PACKET, PACKET)]);
			for (; played < (n + 1) * PACKET; played += QUANTUM) {
				jitter.pull(out);
				most = Math.max(most, loudest(out[0]));
			}
		}
		return most;
	};
	assert.ok(play(1e12) > 0.45);
	assert.ok(play(5000) > 0.45);
});

test('nothing is heard before anything came', () => {
	const jitter = new JitterBuffer({ sampleRate: RATE, channels: 2 });
	const out = [new Float32Array(QUANTUM).fill(1), new Float32Array(QUANTUM).fill(1)];
	jitter.pull(out);
	assert.equal(loudest(out[0]) + loudest(out[1]), 0);
	assert.equal(jitter.depthMs, 0);
});

test('another rate of the card changes neither pitch nor delay', () => {
	const jitter = new JitterBuffer({ sampleRate: RATE, outputRate: 44100, channels: 1 });
	const heard = new Float32Array(44160);
	for (let played = 0, n = 0; played + QUANTUM <= heard.length; played += QUANTUM) {
		for (; (n + 1) * PACKET / RATE <= played / 44100; n++)
			jitter.push(n * PACKET, [tone(n * PACKET, PACKET)]);
		jitter.pull([heard.subarray(played, played + QUANTUM)]);
	}
	assert.equal(jitter.stats.late, 0);
	const pure = purity(heard.subarray(9600, 43200), 440 * RATE / 44100);
	assert.ok(pure > 0.99, `${pure}`);
});

test('whatever comes, the lag stays below its bound', () => {
	const chance = createChance(99);
	const delay = (n) => (chance() < 0.01 ? 300 * chance() : chance() < 0.02 ? null : 5 + 40 * chance());
	const result = run({ seconds: 120, delay, ppm: 200, silent: (n) => n % 1000 > 700 && n % 20 !== 0 });
	assert.ok(Math.max(...result.lags) < 450, `${Math.max(...result.lags)}`);
	assert.ok(result.lags.at(-1) < 200);
});
