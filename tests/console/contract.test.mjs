// The fake host answers as api/openapi.yaml says, so that what the console does with it holds for a host.

import Ajv from 'ajv/dist/2020.js';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { after, before, test } from 'node:test';
import { parse } from 'yaml';

import { FakeApi } from './fake-api.mjs';
import { FINGERPRINTS, furnish, gather } from './scenes.mjs';

const contract = parse(readFileSync(new URL('../../api/openapi.yaml', import.meta.url), 'utf8'));
const ajv = new Ajv({ strict: false });
ajv.addSchema({ $id: 'contract', ...contract });
const api = new FakeApi();
let cookie = '';

before(async () => {
	furnish(api);
	await api.listen();
});
after(() => api.close());

function ask(method, path, body) {
	return new Promise((resolve, reject) => {
		const origin = `https://127.0.0.1:${api.port}`;
		const sent = request(`${origin}/api/v1${path}`, { method, rejectUnauthorized: false, agent: false,
			headers: { Origin: origin, Cookie: cookie, ...body && { 'Content-Type': 'application/json' } } }, async (response) => {
			const chunks = [];
			for await (const chunk of response)
				chunks.push(chunk);
			const text = Buffer.concat(chunks).toString();
			cookie = response.headers['set-cookie']?.[0].split(';')[0] ?? cookie;
			resolve({ status: response.status ?? response.statusCode, body: text ? JSON.parse(text) : undefined });
		});
		sent.on('error', reject);
		sent.end(body && JSON.stringify(body));
	});
}

const FULL_PLANES = ['pointer', 'keyboard', 'gamepad', 'clipboard', 'microphone', 'launch'];
const pointer = (...keys) => keys.map((key) => String(key).replaceAll('~', '~0').replaceAll('/', '~1')).map(encodeURIComponent).join('/');

/** Asks, and holds the answer (and the request, unless it is to be refused) against the contract. */
async function check(status, method, path, body, template = path) {
	const operation = ['paths', template, method.toLowerCase()];
	const described = contract.paths[template][method.toLowerCase()];
	const isRight = (keys, value) => {
		const validate = ajv.compile({ $ref: `contract#/${pointer(...keys)}` });
		assert.ok(validate(value), `${method} ${path}: ${ajv.errorsText(validate.errors)}`);
	};
	if (body && status < 300)
		isRight([...operation, 'requestBody', 'content', 'application/json', 'schema'], body);
	const answer = await ask(method, path, body);
	assert.equal(answer.status, status, `${method} ${path} ${JSON.stringify(answer.body)}`);
	const response = described.responses[String(status)] ?? described.responses.default;
	const keys = response.$ref ? response.$ref.slice(2).split('/') : [...operation, 'responses', String(status)];
	const type = status < 300 ? 'application/json' : 'application/problem+json';
	if (status !== 204)
		isRight([...keys, 'content', type, 'schema'], answer.body);
	return answer.body;
}

const client = '/clients/{fingerprint}';
const tablet = `/clients/${FINGERPRINTS.tablet}`;

test('what is read is as described', async () => {
	await check(200, 'GET', '/console/login');
	await check(401, 'GET', '/display/settings');
	await check(401, 'POST', '/console/login', { code: '00000000' });
	await check(204, 'POST', '/console/login', { code: api.code });
	for (const path of ['/display/settings', '/display/state', '/display/presets', '/clients', '/sessions', '/pairing', '/apps'])
		await check(200, 'GET', path);
});

test('what a dry run says is as described, under every preset', async () => {
	for (const preset of ['default', 'gaming-rig', 'shared-desktop', 'hotdesk', 'workstation'])
		await check(200, 'POST', '/display/explain', { mode: { width: 1920, height: 1080 }, settings: { version: 1, preset } });
	await check(200, 'POST', '/display/explain', { mode: { width: 1920, height: 1080 },
		settings: { version: 1, preset: 'custom', mode_conflict: 'join' } });
});

test('what changes displays answers as described', async () => {
	await check(200, 'PUT', '/display/settings', { version: 1, preset: 'hotdesk', max_displays: 5 });
	await check(422, 'PUT', '/display/settings', { version: 1, max_displays: 99, keep_alive: { mode: 'duration', seconds: 0 } });
	await check(200, 'PUT', '/display/layout', { mode: 'manual', positions: { 1: { x: 0, y: 0 }, 2: { x: 1920, y: 0 }, 3: { x: 3840, y: 0 } } });
	await check(422, 'PUT', '/display/layout', { mode: 'manual', positions: { 1: { x: 0, y: 0 }, 2: { x: 1, y: 0 } } });
	await check(409, 'POST', '/display/release', { slot: 1 });
	await check(200, 'POST', '/display/release', { slot: 3 });
	await check(404, 'POST', '/display/release', { slot: 3 });
	await check(200, 'POST', '/display/release', { all: true });
});

test('own presets answer as described', async () => {
	const fields = { keep_alive: { mode: 'forever' }, topology: 'extend', mode_conflict: 'join', identity: 'shared',
		layout: { mode: 'auto-row' } };
	const path = '/display/presets/{name}';
	await check(200, 'PUT', '/display/presets/film-night', fields, path);
	await check(422, 'PUT', '/display/presets/film-night', { topology: 'extend' }, path);
	await check(409, 'PUT', '/display/presets/default', fields, path);
	await check(204, 'DELETE', '/display/presets/film-night', undefined, path);
	await check(404, 'DELETE', '/display/presets/film-night', undefined, path);
});

test('clients, sessions and pairing answer as described', async () => {
	await check(200, 'PATCH', tablet, { label: 'Sofa', overrides: { keep_alive: { mode: 'off' } } }, client);
	await check(422, 'PATCH', tablet, { overrides: { max_displays: 99 } }, client);
	await check(204, 'DELETE', tablet, undefined, client);
	await check(404, 'DELETE', tablet, undefined, client);
	await check(204, 'DELETE', '/sessions/4', undefined, '/sessions/{session}');
	await check(200, 'POST', '/pairing', { seconds: 600 });
	await check(204, 'DELETE', '/pairing');
	await check(200, 'POST', '/pairing/requests/9', { decision: 'approve' }, '/pairing/requests/{session}');
	await check(404, 'POST', '/pairing/requests/9', { decision: 'deny' }, '/pairing/requests/{session}');
	await check(200, 'GET', '/clients');
});

test('the list of apps answers as described', async () => {
	const app = { id: 'editor', name: 'Editor', command: "foot -e 'a b'", desktop: 'isolated', environment: { LANG: 'C' },
		mode: { width: 1280, height: 720, refresh_hz: 59.94 }, icon: '/usr/share/pixmaps/editor.png' };
	const { apps } = await check(200, 'PUT', '/apps', { version: 1, apps: [app, { id: 'b', name: 'B', command: ['b'] }] });
	assert.deepEqual(apps.map(({ command }) => command), [['foot', '-e', 'a b'], ['b']]);
	const { errors } = await check(422, 'PUT', '/apps', { apps: [app, { ...app, command: "it's" }, { ...app, id: '../x', name: '', icon: 'x' }] });
	assert.deepEqual(errors.map(({ pointer: at }) => at), ['/apps/1/id', '/apps/1/command', '/apps/2/id', '/apps/2/name', '/apps/2/icon']);
	assert.deepEqual((await check(200, 'GET', '/apps')).apps, apps);
});

test('presence, control and rights answer as described', async () => {
	gather(api);
	await check(200, 'GET', '/presence');
	await check(200, 'GET', '/control');
	await check(200, 'GET', '/clients');
	await check(200, 'GET', '/sessions');
	await check(200, 'POST', '/control', { action: 'grant', session: 5 });
	await check(200, 'POST', '/control', { action: 'deny', session: 3 });
	await check(409, 'POST', '/control', { action: 'grant', session: 3 });
	await check(200, 'POST', '/control', { action: 'release' });
	await check(200, 'POST', '/control', { action: 'give', session: 4 });
	for (const grants of [{ preset: 'view' }, { planes: ['pointer'], temporary: { seconds: 60 } },
		{ preset: 'full', temporary: { until_leave: true } }])
		await check(200, 'PATCH', tablet, { grants, user: 'Ada' }, client);
	assert.deepEqual(api.sessions[0].grants, { preset: 'full', planes: FULL_PLANES });
	await check(422, 'PATCH', tablet, { grants: { preset: 'view', temporary: { seconds: 1e9 } } }, client);
	await check(200, 'PUT', '/display/settings', { version: 1, presence: { enabled: false }, control: 'free', input: 'seat-per-client',
		confinement: { mode: 'home', devices: ['dri', 'kvm'] } });
	await check(422, 'PUT', '/display/settings', { version: 1, presence: { enabled: true, watching_seconds: 0 }, control: 'nobody' });
	for (const confinement of [{ mode: 'some' }, { mode: 'off', devices: ['dri'] }, { mode: 'home', devices: ['dri', 'dri'] }, { mode: 'devices', devices: ['sda'] }])
		await check(422, 'PUT', '/display/settings', { version: 1, confinement });
	await check(422, 'PATCH', tablet, { overrides: { confinement: { mode: 'home', devices: ['dri', 'sda'] } } }, client);
	await check(200, 'PATCH', tablet, { overrides: { confinement: { mode: 'devices', devices: [] } } }, client);
	await check(200, 'GET', '/presence');
	await check(409, 'POST', '/control', { action: 'release' });
});

test('invitations answer as described', async () => {
	gather(api);
	const path = '/invitations/{id}';
	await check(200, 'GET', '/invitations');
	const made = await check(200, 'POST', '/invitations', { preset: 'view', seconds: 600, uses: 2, stay_seconds: 60, label: 'Aunt' });
	await check(422, 'POST', '/invitations', { preset: 'view', seconds: 1, uses: 99 });
	await check(204, 'DELETE', `/invitations/${made.id}`, undefined, path);
	await check(404, 'DELETE', `/invitations/${made.id}`, undefined, path);
	await check(204, 'DELETE', `/invitations/${api.invitations[0].id}`, undefined, path);
	assert.equal((await check(200, 'GET', '/invitations')).invitations[0].state, 'revoked');
	await check(204, 'DELETE', `/invitations/${api.invitations[0].id}?end_guests=true`, undefined, path);
	await check(204, 'DELETE', '/console/login');
	await check(401, 'GET', '/clients');
});
