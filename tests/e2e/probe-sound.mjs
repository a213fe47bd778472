// lodge-probe against the fake host: it hears the tone, speaks a file, opens an app, and says what it was offered.
//   node tests/e2e/probe-sound.mjs BUILD

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { FakeHost } from '../viewer/fake-host.mjs';
import { Offer, SoundHost } from '../viewer/sound-host.mjs';
import { Steps } from './browser.mjs';

const [, , build = 'build'] = process.argv;
const folder = mkdtempSync(join(tmpdir(), 'lodge-probe-'));
const host = new FakeHost({ grants: 127 });
await host.listen();
const sounds = new SoundHost(host, { flags: Offer.PLAYED | Offer.MICROPHONE, reason: 'no gamepads here' });
host.on('welcomed', (viewer) => host.sendTo(viewer, 'APPS', { apps: [{ id: 'game', name: 'Größe', flags: 5 }] }));
const steps = new Steps();

/** {status, report, complaints} of a run of the probe. */
async function probe(...more) {
	const child = spawn(join(build, 'client/lodge-probe'), ['--url', host.url.slice(0, -1), '--insecure', '--identity',
		join(folder, 'identity.pem'), '--pin', host.pin, '--mode', '640x360', '--json', '--timeout', '60', ...more],
	{ stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, XDG_STATE_HOME: folder } });
	let out = '';
	let complaints = '';
	child.stdout.on('data', (text) => { out += text; });
	child.stderr.on('data', (text) => { complaints += text; });
	const [status] = await once(child, 'close');
	return { status, report: out ? JSON.parse(out) : null, complaints };
}

function wav(samples, rate = 48000) {
	const bytes = Buffer.alloc(44 + samples.length * 2);
	bytes.write('RIFF', 0, 'latin1');
	bytes.writeUInt32LE(bytes.length - 8, 4);
	bytes.write('WAVEfmt ', 8, 'latin1');
	bytes.writeUInt32LE(16, 16);
	bytes.writeUInt16LE(1, 20);
	bytes.writeUInt16LE(1, 22);
	bytes.writeUInt32LE(rate, 24);
	bytes.writeUInt32LE(rate * 2, 28);
	bytes.writeUInt16LE(2, 32);
	bytes.writeUInt16LE(16, 34);
	bytes.write('data', 36, 'latin1');
	bytes.writeUInt32LE(samples.length * 2, 40);
	samples.forEach((sample, i) => bytes.writeInt16LE(sample, 44 + i * 2));
	return bytes;
}

/** The pitch of the first channel, by where it rises through zero. */
function pitchOf(file) {
	const bytes = readFileSync(file);
	const channels = bytes.readUInt16LE(22);
	assert.equal(bytes.readUInt32LE(40), bytes.length - 44);
	const frames = (bytes.length - 44) / (2 * channels);
	let [rises, first, last, before] = [0, 0, 0, 0];
	for (let i = 4800; i < frames; i++) {
		const sample = bytes.readInt16LE(44 + i * 2 * channels);
		if (before < 0 && sample >= 0) {
			first ||= i;
			last = i;
			rises++;
		}
		before = sample;
	}
	return { pitch: (rises - 1) * bytes.readUInt32LE(24) / (last - first), seconds: frames / bytes.readUInt32LE(24) };
}

await steps.step('it hears the tone, and writes it down', async () => {
	const file = join(folder, 'heard.wav');
	const { status, report, complaints } = await probe('--wav', file, '--seconds', '5');
	assert.equal(status, 0, complaints);
	const { sound } = report;
	assert.ok(sound.packets > 100 && sound.broken === 0 && sound.lost === 0, JSON.stringify(sound));
	assert.ok(sound.level_db > -10 && sound.level_db < -8, `${sound.level_db}`);
	assert.deepEqual(sound.offer, { played: true, microphone: true, gamepads: false, own: false, away: false,
		reason: 'no gamepads here' });
	assert.deepEqual(sound.apps, [{ id: 'game', name: 'Größe', isolated: true, icon: false, runs: true }]);
	const { pitch, seconds } = pitchOf(file);
	assert.ok(Math.abs(pitch - 440) < 1, `${pitch}`);
	assert.ok(Math.abs(seconds - sound.seconds - sound.silent_seconds) < 0.001);
});

await steps.step('silence is counted by the times, not by packets', async () => {
	sounds.silent = true;
	const { report } = await probe('--listen', '--seconds', '5');
	sounds.silent = false;
	assert.ok(report.sound.silent_seconds > 10 * report.sound.seconds, JSON.stringify(report.sound));
	assert.ok(report.sound.peak_db < -60, `${report.sound.peak_db}`);
});

await steps.step('it says a file into the microphone, at its own pace, and then that it is off', async () => {
	const file = join(folder, 'words.wav');
	writeFileSync(file, wav(Array.from({ length: 48000 }, (_, i) => Math.round(9000 * Math.sin(i / 20)))));
	const since = host.received.length;
	const { status, report } = await probe('--microphone', file, '--seconds', '5');
	assert.equal(status, 0);
	const packets = host.messages('MICROPHONE', since);
	assert.deepEqual(packets.map(({ sequence }) => sequence), Array.from({ length: 51 }, (_, i) => i));
	assert.ok(packets.slice(0, 50).every(({ packet }) => packet.length > 10));
	assert.equal(packets[50].packet.length, 0);
	assert.equal(report.sound.said, 50);
	assert.equal(host.messages('LISTEN', since).length, 0);
});

await steps.step('it opens an app', async () => {
	const since = host.received.length;
	const { status } = await probe('--app', 'game', '--frames', '1', '--seconds', '1');
	assert.equal(status, 0);
	assert.equal(host.messages('OPEN_APP', since)[0].app, 'game');
	assert.equal(host.messages('OPEN_DISPLAY', since).length, 0);
});

await steps.step('a file of another rate is refused before anything is connected', async () => {
	const file = join(folder, 'other.wav');
	writeFileSync(file, wav([1, 2, 3], 44100));
	const { status, complaints } = await probe('--microphone', file);
	assert.equal(status, 2);
	assert.match(complaints, /48 kHz/);
});

await steps.step('wrong options are said', async () => {
	for (const [option, pattern] of [['--listen=3', /2 or 6 channels/], ['--app=', /1 to 64 bytes/]]) {
		const { status, complaints } = await probe(option);
		assert.equal(status, 2);
		assert.match(complaints, pattern);
	}
});

sounds.close();
await host.close();
rmSync(folder, { recursive: true });
steps.close();
