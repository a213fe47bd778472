// A real lodged with a private sway: what the API says of clients that come and go, against the contract.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { Host } from '../e2e/host.mjs';
import { check, checkEvent, operations } from './contract.mjs';
import { Server, build, inTime } from './server.mjs';

const server = new Server(); // for its way of asking
let host, events;

before(async () => {
	host = await inTime('lodged', new Host(build, ['foot sh']).ready());
	server.port = Number(new URL(host.url).port);
	server.token = readFileSync(join(host.state, 'admin-token'), 'utf8').trim();
	server.certificate = readFileSync(join(host.state, 'certificate.pem'));
	events = await server.listen();
});
after(async () => {
	events?.close();
	await host?.stop();
});

async function ask(id, { parameter, status, ...options } = {}) {
	const { method, path } = operations.find((one) => one.id === id);
	const answer = await server.ask(method, `/api/v1${path.replace(/\{.*\}/, parameter)}`, options);
	check(id, answer);
	if (status)
		assert.equal(answer.status, status, answer.text);
	return answer.json;
}

/** The first event of the topic whose data is so; all that come before it are held against the contract too. */
async function heard(topic, isSo) {
	for (;;) {
		const event = await events.next();
		checkEvent(event);
		if (event.event === topic && isSo(event.data))
			return event.data;
	}
}

function attach(identity, ...options) {
	const probe = spawn(join(build, 'client/lodge-probe'), ['--url', host.url, '--insecure', '--view',
		'--identity', join(host.folder, identity), '--mode', '1280x720', ...options], { stdio: 'ignore' });
	probe.ended = new Promise((done) => probe.on('exit', done));
	return probe;
}

async function detach(probe) {
	probe.kill('SIGTERM');
	await inTime('the end of the probe', probe.ended);
}

test('a client pairs with a PIN of the API, and is seen with its session and display', async () => {
	const { pin } = await ask('armPairing', { body: { seconds: 60 }, status: 200 });
	const probe = attach('desk.pem', '--pin', pin, '--label', 'desk');
	const { displays } = await heard('displays', (data) => data.displays.some((display) => display.state === 'active'));
	assert.equal(displays[0].label, 'desk');
	assert.equal(displays[0].mode.width, 1280);
	const { clients: [client] } = await ask('listClients', { status: 200 });
	assert.equal(client.fingerprint, displays[0].client);
	assert.deepEqual(client.slots, [displays[0].slot]);
	const { sessions } = await ask('listSessions', { status: 200 });
	assert.deepEqual(sessions.map(({ session, transport, slot, joined }) => ({ session, transport, slot, joined })),
		[{ session: displays[0].sessions[0], transport: 'web', slot: displays[0].slot, joined: false }]);
	assert.equal((await ask('getSummary', { token: null, status: 200 })).sessions, 1);
	const refused = await ask('releaseDisplays', { body: { slot: displays[0].slot }, status: 409 });
	assert.equal(refused.sessions, 1);
	const metrics = await server.ask('GET', '/api/v1/metrics');
	check('getMetrics', metrics);
	assert.match(metrics.text, new RegExp(`lodge_stream_viewers\\{slot="${displays[0].slot}",generation="\\d+"\\} 1`));
	await detach(probe);
});

test('its display is kept, counts down and is released', async () => {
	const { displays: [kept] } = await heard('displays', ({ displays }) => displays[0]?.state === 'lingering');
	assert.ok(kept.expires_in > 0 && kept.expires_in <= 10);
	assert.deepEqual(kept.sessions, []);
	assert.equal((await ask('releaseDisplays', { body: { slot: kept.slot }, status: 200 })).released, 1);
	await heard('displays', ({ displays }) => displays.length === 0);
});

test('the operator ends a session, and unpairs its client', async () => {
	const probe = attach('desk.pem');
	const { sessions: [session] } = await heard('sessions', (data) => data.sessions.length === 1);
	await ask('endSession', { parameter: session.session, status: 204 });
	await inTime('the end of the probe', probe.ended);
	await heard('sessions', (data) => data.sessions.length === 0);
	await ask('unpairClient', { parameter: session.client, status: 204 });
	const refused = attach('desk.pem');
	assert.notEqual(await inTime('the refusal', refused.ended), 0);
	assert.deepEqual((await ask('listClients')).clients, []);
});

test('settings reach the desktop', async () => {
	const { capabilities, effective } = await ask('getDisplaySettings', { status: 200 });
	assert.ok(capabilities.length > 0);
	await ask('putDisplaySettings', { body: { version: 1, preset: 'hotdesk' }, status: 200 });
	const changed = await heard('settings', (data) => data.effective.preset === 'hotdesk');
	assert.notDeepEqual(changed.effective, effective);
	const state = await ask('getDisplayState', { status: 200 });
	assert.equal(state.desktop.backend, 'sway');
	assert.equal(state.desktop.ready, true);
});
