// Every route over HTTPS, every answer against the contract.

import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { check, checkEvent, contract, operations, seen, text } from './contract.mjs';
import { Server } from './server.mjs';

const NOBODY = 'f'.repeat(64);
const COOKIE = '__Host-lodge-console';
const server = new Server();

before(() => server.start());
after(() => server.stop());

/** Asks the operation, has the contract judge the answer, and returns that. */
async function ask(id, { parameter, status, ...options } = {}) {
	const { method, path } = operations.find((one) => one.id === id);
	const answer = await server.ask(method, `/api/v1${path.replace(/\{.*\}/, parameter)}`, options);
	check(id, answer);
	if (status)
		assert.equal(answer.status, status, answer.text);
	if (answer.status >= 400) {
		assert.equal(answer.json.status, answer.status);
		assert.equal(answer.headers['content-type'], 'application/problem+json');
	}
	assert.equal(answer.headers['cache-control'], 'no-store');
	return answer;
}

const pointers = (answer) => answer.json.errors.map((fault) => fault.pointer).sort();

test('settings are shown with sources, presets and capabilities', async () => {
	const { json } = await ask('getDisplaySettings', { status: 200 });
	assert.deepEqual(json.document, { version: 1 });
	assert.deepEqual(json.effective.keep_alive, { mode: 'forever' });
	assert.equal(json.sources.keep_alive, 'command-line');
	assert.equal(json.sources.topology, 'default');
	assert.ok(json.presets.some((preset) => preset.name === 'workstation' && preset.builtin));
	const options = contract.components.schemas.Capability.properties.option.enum;
	assert.deepEqual(json.capabilities.map((one) => one.option).sort(), [...options].sort());
});

test('settings that are put are in force, and outrank the command line', async () => {
	const before = (await ask('getDisplaySettings')).json.revision;
	const document = { version: 1, topology: 'primary', keep_alive: { mode: 'duration', seconds: 3600 }, max_displays: 5 };
	const { json } = await ask('putDisplaySettings', { body: document, status: 200 });
	assert.equal(json.revision, before + 1);
	assert.equal(json.effective.topology, 'primary');
	assert.equal(json.sources.keep_alive, 'file');
	assert.equal((await ask('getDisplayState')).json.max_displays, 5);
});

test('every faulty field of the settings is named, and nothing changes', async () => {
	const before = (await ask('getDisplaySettings')).json;
	const answer = await ask('putDisplaySettings', {
		status: 422,
		body: {
			version: 2, topology: 'tall', keep_alive: { mode: 'duration' }, max_displays: 17, colour: 'red',
			layout: { mode: 'manual', positions: { 99: { x: 0, y: 0 } } }, clients: { abc: {}, [NOBODY]: { max_displays: 1 } },
		},
	});
	const found = pointers(answer);
	for (const pointer of ['/topology', '/max_displays', '/colour', `/clients/${NOBODY}/max_displays`])
		assert.ok(found.includes(pointer), `${pointer} is not among ${found}`);
	for (const part of ['/version', '/keep_alive', '/layout/positions', '/clients/abc'])
		assert.ok(found.some((pointer) => pointer.startsWith(part)), `${part} is not among ${found}`);
	assert.deepEqual((await ask('getDisplaySettings')).json, before);
});

test('own presets are made, shown, used and removed', async () => {
	const body = {
		keep_alive: { mode: 'off' }, topology: 'extend', mode_conflict: 'join', identity: 'shared', layout: { mode: 'auto-row' },
	};
	await ask('getPreset', { parameter: 'sofa', status: 404 });
	const made = await ask('putPreset', { parameter: 'sofa', body, status: 200 });
	assert.deepEqual(made.json, { name: 'sofa', builtin: false, ...body });
	await ask('getPreset', { parameter: 'sofa', status: 200 });
	assert.ok((await ask('listPresets', { status: 200 })).json.presets.some((preset) => preset.name === 'sofa'));
	await ask('putPreset', { parameter: 'sofa', body: { topology: 'extend' }, status: 422 });
	await ask('putPreset', { parameter: 'workstation', body, status: 409 });
	await ask('deletePreset', { parameter: 'workstation', status: 409 });
	const { document } = (await ask('getDisplaySettings')).json;
	await ask('putDisplaySettings', { body: { version: 1, preset: 'sofa' }, status: 200 });
	assert.equal((await ask('getDisplaySettings')).json.effective.mode_conflict, 'join');
	await ask('deletePreset', { parameter: 'sofa', status: 409 });
	await ask('putDisplaySettings', { body: document, status: 200 });
	await ask('deletePreset', { parameter: 'sofa', status: 204 });
	await ask('deletePreset', { parameter: 'sofa', status: 404 });
});

test('the state shows the displays, the monitors and where the next one lands', async () => {
	const { json } = await ask('getDisplayState', { status: 200 });
	assert.deepEqual(json.displays.map(({ slot, state, client, sessions }) => ({ slot, state, client, sessions })), [
		{ slot: 1, state: 'active', client: server.desk, sessions: [server.session] },
		{ slot: 2, state: 'pinned', client: server.laptop, sessions: [] },
	]);
	assert.deepEqual(json.outputs.map(({ name, enabled }) => ({ name, enabled })), [
		{ name: 'DP-1', enabled: true }, { name: 'HDMI-A-1', enabled: false },
	]);
	assert.ok(json.next.x >= 2560);
});

test('a layout is stored, with scales for slots that somebody has', async () => {
	const positions = { 1: { x: 6000, y: 0 }, 2: { x: 0, y: 3000 } };
	const { json } = await ask('putDisplayLayout', { body: { mode: 'manual', positions, scales: { 2: 150 } }, status: 200 });
	assert.deepEqual(json.displays.map((display) => display.pinned), [true, true]);
	assert.deepEqual(json.displays.map((display) => display.kept_scale_percent), [null, 150]);
	assert.deepEqual((await ask('getDisplaySettings')).json.effective.layout, { mode: 'manual', positions });
	const forgotten = await ask('putDisplayLayout', { body: { mode: 'auto-row', scales: { 2: null } }, status: 200 });
	assert.equal(forgotten.json.displays[1].kept_scale_percent, null);
});

test('a layout that would overlap, or that nobody understands, is refused', async () => {
	const overlap = { 1: { x: 0, y: 0 }, 2: { x: 100, y: 100 } };
	assert.deepEqual(pointers(await ask('putDisplayLayout', { body: { mode: 'manual', positions: overlap }, status: 422 })), ['/positions/2']);
	const faulty = await ask('putDisplayLayout', {
		body: { mode: 'tower', positions: { 0: { x: 0, y: 0 } }, scales: { 9: 100, 2: 401 }, colour: 1 }, status: 422,
	});
	for (const pointer of ['/mode', '/scales/9', '/scales/2', '/colour'])
		assert.ok(pointers(faulty).includes(pointer), `${pointer}: ${faulty.text}`);
});

test('the dry run tells what would happen, on these settings or on others', async () => {
	const mode = { width: 1280, height: 720 };
	const stranger = (await ask('explainAdmission', { body: { mode }, status: 200 })).json;
	assert.equal(stranger.decision, 'create');
	assert.equal(stranger.slot, 0);
	const owner = (await ask('explainAdmission', { body: { client: server.laptop, mode }, status: 200 })).json;
	assert.equal(owner.decision, 'reconfigure');
	assert.equal(owner.slot, 2);
	const settings = { mode_conflict: 'reject' };
	const busy = (await ask('explainAdmission', { body: { client: NOBODY, mode, settings }, status: 200 })).json;
	assert.equal(busy.decision, 'reject');
	assert.equal(busy.rejection, 'busy');
	assert.equal(busy.policy.mode_conflict, 'reject');
	const joins = (await ask('explainAdmission', { body: { client: NOBODY, mode, settings: { mode_conflict: 'join' } }, status: 200 })).json;
	assert.equal(joins.joins, 'desk');
	assert.equal(joins.mode.width, 1920);
	const steals = (await ask('explainAdmission', { body: { client: NOBODY, mode, settings: { mode_conflict: 'steal' } }, status: 200 })).json;
	assert.deepEqual(steals.ends, ['desk']);
	const faulty = await ask('explainAdmission', { body: { mode: { width: 1 }, settings: { topology: 1 }, x: 1 }, status: 422 });
	assert.deepEqual(pointers(faulty), ['/mode/height', '/mode/width', '/settings/topology', '/x']);
});

const EDITOR = { id: 'editor', name: 'Editor', command: ['/usr/bin/foot', '-e', 'a b'], environment: { LANG: 'C.UTF-8' },
	desktop: 'isolated', mode: { width: 1280, height: 720, refresh_hz: 59.94 }, icon: '/usr/share/pixmaps/editor.png' };

test('the list of apps is put and shown, whatever way the command was written', async () => {
	assert.deepEqual((await ask('getApps', { status: 200 })).json, { version: 1, apps: [] });
	const body = { version: 1, apps: [{ ...EDITOR, command: "/usr/bin/foot -e 'a b'" }, { id: 'term', name: 'Term', command: 'foot' }] };
	const { json } = await ask('putApps', { body, status: 200 });
	assert.deepEqual(json.apps, [EDITOR, { id: 'term', name: 'Term', command: ['foot'], desktop: 'shared' }]);
	assert.deepEqual((await ask('getApps', { status: 200 })).json, json);
	assert.deepEqual((await ask('putApps', { body: json, status: 200 })).json, json);
});

test('the picture of an app is what it is, not what it is called, and one that cannot be read is none', async () => {
	const icon = join(server.folder, 'icon.txt');
	const one = { ...EDITOR, icon };
	await ask('putApps', { body: { apps: [one, { ...EDITOR, id: 'plain', icon: undefined }] }, status: 200 });
	const get = (id, status) => ask('getAppIcon', { parameter: id, status });
	await get('editor', 404);
	writeFileSync(icon, '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>');
	const { headers } = await get('editor', 200);
	assert.equal(headers['content-type'], 'image/svg+xml');
	assert.match([headers['content-security-policy']].join(), /sandbox/);
	writeFileSync(icon, '<html><script>alert(1)</script></html>');
	await get('editor', 404);
	rmSync(icon);
	await get('editor', 404);
	await get('plain', 404);
	await get('nobody', 404);
	await ask('putApps', { body: { apps: [EDITOR, { id: 'term', name: 'Term', command: 'foot' }] }, status: 200 });
});

test('every faulty field of an app is named, and nothing changes', async () => {
	const before = (await ask('getApps')).json;
	const answer = await ask('putApps', { status: 422, body: { version: 2, shell: true, apps: [
		EDITOR, { ...EDITOR, command: "it's" }, { id: '../x', name: '\u202e', command: [], environment: { 'A B': '' }, desktop: 'own' }, 7,
	] } });
	assert.deepEqual(pointers(answer), ['/apps/1/command', '/apps/1/id', '/apps/2/command', '/apps/2/desktop', '/apps/2/environment/A B',
		'/apps/2/id', '/apps/2/name', '/apps/3', '/shell', '/version']);
	assert.deepEqual((await ask('getApps')).json, before);
});

test('more apps than there may be are refused', async () => {
	const apps = Array.from({ length: 65 }, (_, index) => ({ id: `a${index}`, name: 'A', command: 'a' }));
	const many = await ask('putApps', { body: { apps }, status: 422 });
	assert.deepEqual(pointers(many), ['/apps']);
	await ask('putApps', { body: { apps: [] }, status: 200 });
});

test('clients are listed, named and given overrides', async () => {
	const { clients } = (await ask('listClients', { status: 200 })).json;
	assert.deepEqual(clients.map(({ label, sessions, slots }) => ({ label, sessions, slots })), [
		{ label: 'desk', sessions: [server.session], slots: [1] }, { label: 'laptop', sessions: [], slots: [2] },
	]);
	const overrides = { mode_conflict: 'join', preset: 'custom' };
	const changed = await ask('patchClient', { parameter: server.laptop, body: { label: 'Küche <b>', overrides }, status: 200 });
	assert.equal(changed.json.label, 'Küche <b>');
	assert.equal(changed.json.overrides.mode_conflict, 'join');
	const faulty = await ask('patchClient', {
		parameter: server.laptop, body: { label: '', overrides: { max_displays: 3, clients: {} }, grants: 1 }, status: 422,
	});
	assert.deepEqual(pointers(faulty), ['/grants', '/label', '/overrides/clients', '/overrides/max_displays']);
	await ask('patchClient', { parameter: NOBODY, body: { label: 'x' }, status: 404 });
	await ask('patchClient', { parameter: server.laptop, body: { label: 'laptop', overrides: {} }, status: 200 });
});

test('a PIN is armed and voided', async () => {
	const armed = (await ask('armPairing', { body: { seconds: 30 }, status: 200 })).json;
	assert.match(armed.pin, /^[0-9]{6}$/);
	assert.ok(armed.expires_in > 0 && armed.expires_in <= 30);
	assert.equal((await ask('getPairing', { status: 200 })).json.pin, armed.pin);
	await ask('armPairing', { body: { seconds: 29 }, status: 422 });
	await ask('cancelPairing', { status: 204 });
	assert.equal((await ask('getPairing')).json.armed, false);
});

test('who asks to be paired is decided', async () => {
	assert.equal((await ask('getPairing')).json.requests[0].session, server.asking);
	await ask('decidePairing', { parameter: server.asking, body: { decision: 'perhaps' }, status: 422 });
	await ask('decidePairing', { parameter: 4711, body: { decision: 'deny' }, status: 404 });
	assert.deepEqual((await ask('decidePairing', { parameter: server.asking, body: { decision: 'approve' }, status: 200 })).json.requests, []);
});

test('events carry whole states, once each, and what was missed', async () => {
	const events = await server.listen();
	assert.equal(events.head.statusCode, 200);
	check('listenEvents', { status: 200, headers: events.head.headers, text: '' });
	const first = [];
	while (first.length < 8)
		first.push(await events.next());
	first.forEach(checkEvent);
	assert.deepEqual(first.map((event) => event.event).sort(), ['apps', 'clients', 'control', 'displays', 'pairing', 'presence', 'sessions',
		'settings']);
	await ask('patchClient', { parameter: server.laptop, body: { label: 'renamed' }, status: 200 });
	const renamed = await events.of('clients');
	checkEvent(renamed);
	assert.ok(renamed.data.clients.some((client) => client.label === 'renamed'));
	events.close();
	await ask('armPairing', { body: {}, status: 200 });
	const again = await server.listen({ 'Last-Event-ID': renamed.id });
	const missed = await again.next();
	checkEvent(missed);
	assert.equal(missed.event, 'pairing');
	assert.equal(missed.data.armed, true);
	/* Nothing else was missed: the next is of a change that is made now. */
	await ask('cancelPairing', { status: 204 });
	assert.equal((await again.next()).data.armed, false);
	again.close();
});

test('a kept display is released, one in use is not', async () => {
	assert.equal((await ask('releaseDisplays', { body: { slot: 1 }, status: 409 })).json.sessions, 1);
	await ask('releaseDisplays', { body: { slot: 40 }, status: 404 });
	await ask('releaseDisplays', { body: { slot: 1, all: true }, status: 422 });
	assert.equal((await ask('releaseDisplays', { body: { slot: 2 }, status: 200 })).json.released, 1);
	assert.equal((await ask('releaseDisplays', { body: { all: true }, status: 200 })).json.released, 0);
});

test('a session is listed and ended', async () => {
	const { sessions } = (await ask('listSessions', { status: 200 })).json;
	const own = sessions.find((session) => session.session === server.session);
	assert.deepEqual([own.client, own.slot, own.joined, own.mode.width], [server.desk, 1, false, 1920]);
	await ask('endSession', { parameter: server.session, status: 204 });
	await ask('endSession', { parameter: server.session, status: 404 });
});

test('a client has grants and a person', async () => {
	const patch = (body, status) => ask('patchClient', { parameter: server.laptop, body, status });
	await patch({ grants: { preset: 'view' }, user: 'Ada' }, 200);
	await patch({ grants: { planes: ['pointer'], temporary: { seconds: 60 } } }, 200);
	const { json } = await patch({ grants: { preset: 'all', planes: ['voice'], temporary: {} }, user: 7 }, 422);
	const named = new Set(json.errors.map(({ pointer }) => pointer));
	for (const pointer of ['/grants/preset', '/grants/temporary', '/user'])
		assert.ok(named.has(pointer), `${pointer}: ${[...named]}`);
});

test('presence and control are shown, and control is steered', async () => {
	assert.equal((await ask('getControl', { status: 200 })).json.mode, 'one-at-a-time');
	assert.equal((await ask('getPresence', { status: 200 })).json.people[0].name, 'Ada');
	assert.equal((await ask('steerControl', { body: { action: 'grant', session: 8 }, status: 200 })).json.holder, 8);
	assert.equal((await ask('steerControl', { body: { action: 'grant', session: 9 }, status: 409 })).json.refusal, 'not-in-line');
	await ask('steerControl', { body: { action: 'grant' }, status: 422 });
	await ask('steerControl', { body: { action: 'shout', session: 8 }, status: 422 });
	assert.equal((await ask('steerControl', { body: { action: 'release' }, status: 200 })).json.holder, null);
});

test('a guest is invited, and the PIN is told once', async () => {
	await ask('invite', { body: {}, status: 422 });
	const made = (await ask('invite', { body: { preset: 'view', uses: 2, label: 'visitor' }, status: 200 })).json;
	assert.match(made.pin, /^\d{8}$/);
	assert.ok(!made.link.includes(made.pin));
	const { text, json } = await ask('listInvitations', { status: 200 });
	assert.ok(!text.includes(made.pin));
	assert.equal(json.invitations[0].label, 'visitor');
	await ask('invite', { body: { preset: 'full' }, status: 409 });
	await ask('revokeInvitation', { parameter: made.id, status: 204 });
	await ask('revokeInvitation', { parameter: made.id, status: 404 });
});

test('an unpaired client is forgotten', async () => {
	await ask('unpairClient', { parameter: server.laptop, status: 204 });
	await ask('unpairClient', { parameter: server.laptop, status: 404 });
	assert.ok((await ask('listClients')).json.clients.every((client) => client.fingerprint !== server.laptop));
});

test('the summary counts, for programs on this machine too', async () => {
	const { json } = await ask('getSummary', { token: null, status: 200 });
	assert.equal(json.displays >= 1, true);
	await ask('getSummary', { token: null, headers: { 'X-Forwarded-For': '192.0.2.1' }, status: 401 });
});

test('metrics are lines that Prometheus reads', async () => {
	const answer = await ask('getMetrics', { status: 200 });
	assert.equal(answer.headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
	for (const line of answer.text.trimEnd().split('\n'))
		assert.match(line, /^(# (HELP|TYPE) lodge_\w+ .+|lodge_\w+(\{\w+="([^"\\\n]|\\.)*"(,\w+="([^"\\\n]|\\.)*")*\})? [0-9.]+)$/);
});

test('the host hands out this very contract', async () => {
	assert.equal((await ask('getContract', { token: null, status: 200 })).text, text);
});

test('a login gives a cookie that opens what the token opens', async () => {
	const own = { Origin: `https://${server.host}`, 'Sec-Fetch-Site': 'same-origin' };
	assert.equal((await ask('getLogin', { token: null, status: 200 })).json.logged_in, false);
	const login = await ask('login', { token: null, headers: own, body: { token: server.token }, status: 204 });
	const [cookie] = login.headers['set-cookie'];
	assert.match(cookie, /^__Host-lodge-console=[0-9a-f]{64}; Max-Age=43200; Path=\/; Secure; HttpOnly; SameSite=Strict$/);
	const headers = { Cookie: cookie.split(';')[0] };
	assert.equal((await ask('getLogin', { token: null, headers, status: 200 })).json.logged_in, true);
	const { code } = (await ask('makeLoginCode', { token: null, headers: { ...headers, ...own }, status: 200 })).json;
	await ask('makeLoginCode', { token: null, headers, status: 403 });
	await ask('putDisplaySettings', { token: null, headers: { ...headers, Origin: 'https://evil.example' }, body: {}, status: 403 });
	await ask('login', { token: null, body: { code }, status: 204 });
	await ask('login', { token: null, body: { code }, status: 401 });
	await ask('logout', { token: null, headers: { ...headers, ...own }, status: 204 });
	await ask('getDisplayState', { token: null, headers, status: 401 });
	await ask('login', { token: null, body: { token: 'wrong' }, status: 401 });
	await ask('login', { token: null, body: { token: 'wrong' }, status: 401 });
	const late = await ask('login', { token: null, body: { token: server.token }, status: 429 });
	assert.ok(Number(late.headers['retry-after']) > 0);
	await ask('login', { token: null, body: {}, status: 422 });
	assert.equal(COOKIE, contract.components.securitySchemes.cookie.name);
});

test('every admin route asks for the token', async () => {
	for (const one of operations.filter(({ lane }) => lane === 'admin'))
		await ask(one.id, { parameter: 'x', token: 'wrong', body: one.body ? {} : undefined, status: 401 });
});

test('bodies of another kind are refused', async () => {
	const path = '/api/v1/display/settings';
	const refused = async (status, options) => assert.equal((await server.ask('PUT', path, options)).status, status);
	await refused(415, { body: '{}', headers: { 'Content-Type': 'text/plain' } });
	await refused(400, { body: '{"a":1,"a":2}' });
	await refused(400, { body: '{' });
	await refused(400, { body: `{"a":${'['.repeat(40)}${']'.repeat(40)}}` });
	await refused(422, { body: '[]' });
	await refused(413, { body: `{"a":"${'x'.repeat(70000)}"}` });
	const wrong = await server.ask('POST', path, { body: '{}' });
	assert.equal(wrong.status, 405);
	assert.equal(wrong.headers.allow, 'GET, PUT');
	assert.equal((await server.ask('GET', '/api/v1/nowhere')).status, 404);
});

test('token and audit log are their owner\'s alone', () => {
	assert.equal(server.mode('admin-token'), 0o600);
	assert.equal(server.mode('audit.log'), 0o600);
});

test('every operation of the contract was answered with its success', () => {
	for (const one of operations) {
		const good = Object.keys(one.responses).filter((status) => status.startsWith('2'));
		for (const status of good)
			assert.ok(seen.has(`${one.id} ${status}`), `${one.id} was never answered with ${status}`);
	}
});
