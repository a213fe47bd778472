// Clients that mean no good to sound and microphones, on desktops of their own: what they say is bounded, and nobody else's.
//   node tests/e2e/isolated-job.mjs BUILD

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';

import { encode } from '../../web/viewer/protocol.js';
import { Steps, until } from './browser.mjs';
import { Host } from './host.mjs';
import { WireClient } from './wire-client.mjs';

const [, , build] = process.argv;
const PACKET_MAX = 1275;
const steps = new Steps();
const host = await new Host(build, ['foot sh']).ready();
const [ada, bo] = ['ada', 'bo'].map((label) => new WireClient(host, label));

const proc = (what) => readdirSync(`/proc/${host.process.pid}/${what}`);

/** Threads of lodged that have to do with sound. */
const soundThreads = () => proc('task').filter((task) => {
	try {
		return readFileSync(`/proc/${host.process.pid}/task/${task}/comm`, 'utf8').trim() === 'lodge-audio';
	} catch {
		return false;
	}
}).length;

/** It is attached, and is answered. */
async function answers(client) {
	const since = client.heard.length;
	client.send('PING', { clientTime: 1n });
	await client.hear(({ type }) => type === 'PONG', since);
}

const speak = (client, sequence, packet) => client.send('MICROPHONE', { sequence, packet });

async function come(client, pin = null) {
	assert.equal((await client.attach(pin)).type, 'WELCOME');
	assert.equal((await client.open(640, 480)).type, 'DISPLAY_OPENED');
}

/** Sends one message that is wrong: the refusal's words. */
async function refused(client, bytes) {
	const since = client.heard.length;
	client.socket.send(bytes);
	const { text } = await client.hear(({ type }) => type === 'REFUSED', since);
	await until('the end of the connection', () => client.closed);
	return text;
}

await host.api('PUT', 'display/settings', { preset: 'custom', topology: 'extend', mode_conflict: 'separate', desktop: 'isolated',
	keep_alive: { mode: 'duration', seconds: 60 } });

await steps.step('two have a desktop each, with sound and a microphone of its own', async () => {
	for (const client of [ada, bo]) {
		await come(client, host.pin());
		const { flags } = await client.hear(({ type, flags }) => type === 'SOUND' && flags & 1);
		assert.equal(flags & 11, 11);
		client.send('LISTEN', { flags: 1, channels: 2, maxKbps: 0 });
	}
	for (const client of [ada, bo])
		await client.hear(({ type }) => type === 'AUDIO');
});

await steps.step('what is no Opus is left out, and costs two threads as long as somebody speaks', async () => {
	await answers(ada);
	const [before, files] = [soundThreads(), proc('fd').length];
	for (let sequence = 0; sequence < 3000; sequence++)
		speak(ada, sequence, randomBytes(1 + (sequence * 7) % PACKET_MAX));
	// The numbers, too: backwards, all over, and the highest.
	for (const sequence of [0, 4294967295, 1, 2147483648, 3000])
		speak(ada, sequence, randomBytes(PACKET_MAX));
	await answers(ada);
	await until('two threads by their names', () => soundThreads() === before + 2);
	assert.ok(proc('fd').length < files + 32, `${files} files before, ${proc('fd').length} while it speaks`);
	speak(ada, 3001, Buffer.alloc(0));
	await until('the end of the microphone', () => soundThreads() === before && proc('fd').length < files + 8);
	await answers(bo);
});

await steps.step('turned on and off again and again, it leaves nothing', async () => {
	const [before, files] = [soundThreads(), proc('fd').length];
	for (let round = 0; round < 50; round++) {
		speak(ada, round, Buffer.from([0xf8, 0xff, 0xfe]));
		speak(ada, round, Buffer.alloc(0));
		ada.send('LISTEN', { flags: round % 2, channels: round % 3 ? 2 : 6, maxKbps: round });
	}
	ada.send('LISTEN', { flags: 1, channels: 2, maxKbps: 0 });
	await answers(ada);
	await until('the end of the microphones', () => soundThreads() === before && proc('fd').length < files + 8);
	const since = ada.heard.length;
	await ada.hear(({ type }) => type === 'AUDIO', since);
});

await steps.step('a flood ends its own connection, and nobody else’s', async () => {
	const code = new Promise((done) => ada.socket.once('close', done));
	for (let sequence = 0; sequence < 30000; sequence++)
		speak(ada, sequence, Buffer.from([0xf8, 0xff, 0xfe]));
	assert.equal(await code, 1008);
	await answers(bo);
	const since = bo.heard.length;
	await bo.hear(({ type }) => type === 'AUDIO', since);
	assert.equal(bo.messages('ENDED').length, 0);
});

await steps.step('a message that breaks the rules is refused by its name', async () => {
	await come(ada);
	assert.match(await refused(ada, encode('MICROPHONE', { sequence: 0, packet: randomBytes(PACKET_MAX + 1) })), /MICROPHONE/);
	await come(ada);
	assert.match(await refused(ada, encode('LISTEN', { flags: 1, channels: 3, maxKbps: 0 })), /LISTEN/);
	await answers(bo);
});

await steps.step('lodged ends and leaves nothing', async () => {
	await come(ada);
	for (const client of [ada, bo])
		client.send('CLOSE_DISPLAY', { display: 0, flags: 1 });
	await until('the end of the desktops', async () => (await host.api('GET', 'display/state')).own_desktops.length === 0);
	await host.stop();
});
steps.close();
