// The operator's work at the console, by mouse, on real parts: lodged, sway, clients, Chromium.
//   node tests/e2e/console-job.mjs BUILD [folder for screenshots]

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { launchChromium, Steps, testId, until, untilState } from './browser.mjs';
import { Host } from './host.mjs';
import { WireClient } from './wire-client.mjs';

const [, , build, shots] = process.argv;
const steps = new Steps();
const browser = await launchChromium();
const complaints = [];
const host = await new Host(build, ['foot sh']).ready();
const clients = new Set();

function connect(name, label, mode, pin) {
	const client = spawn(join(build, 'client/lodge-probe'), ['--url', host.url, '--insecure', '--json', '--identity',
		join(host.folder, `${name}.pem`), '--label', label, '--mode', mode, '--seconds', '300', ...(pin ? ['--pin', pin] : [])],
	{ stdio: 'ignore' });
	client.ended = new Promise((done) => client.on('exit', done));
	clients.add(client);
	return client;
}

async function drop(client) {
	client.kill('SIGKILL');
	await client.ended;
	clients.delete(client);
}

/** Where sway has its outputs: {'1280x800': {x, y}}. */
async function places() {
	const found = {};
	for (const { active, current_mode: mode, rect } of await host.ask(3)) {
		if (active && mode?.width > 16)
			found[`${mode.width}x${mode.height}`] = { x: rect.x, y: rect.y };
	}
	return found;
}

const settings = () => JSON.parse(readFileSync(join(host.folder, 'config/display-settings.json'), 'utf8'));

function newContext(options = {}) {
	return browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1280, height: 900 }, locale: 'en-GB', ...options });
}

async function openConsole(context) {
	const page = await context.newPage();
	page.on('pageerror', (error) => complaints.push(error.message));
	await page.goto(`${host.url}console`);
	return page;
}

async function shot(page, name) {
	if (shots)
		await page.screenshot({ path: join(shots, `console-job-${name}.png`), fullPage: true });
}

const context = await newContext();
const page = await openConsole(context);
let ada, kitchen;

await steps.step('the console asks for the token, and says when it is wrong', async () => {
	await testId(page, 'secret').fill('0'.repeat(64));
	await testId(page, 'login').click();
	await until('the words', async () => (await page.innerText('.login')).length > 0 &&
		await testId(page, 'secret').getAttribute('aria-invalid') === 'true');
	await testId(page, 'secret').fill(readFileSync(join(host.state, 'admin-token'), 'utf8').trim());
	await testId(page, 'login').click();
	await testId(page, 'map').waitFor();
});

await steps.step('clients that connect appear without a reload', async () => {
	ada = connect('ada', 'Ada’s laptop', '1280x800@60', host.pin());
	await until('the first display', async () => /Ada’s laptop[^]*1280 × 800/.test(await page.innerText('.displays').catch(() => '')));
	kitchen = connect('kitchen', 'Küche', '1024x768@60', host.pin());
	await until('the second display', async () => (await page.innerText('.displays')).includes('Küche'));
	await until('both in use', async () => (await places())['1024x768'] && (await places())['1280x800']);
	await shot(page, 'live');
});

await steps.step('a display dragged on the map is moved on the desktop', async () => {
	const before = await places();
	assert.ok(before['1024x768'].x >= before['1280x800'].x + 1280);
	const slot = await page.locator('.displays > li', { hasText: 'Küche' }).getAttribute('data-testid');
	const shownAt = (label, { x, y }) => until(`${label} at its place on the page`, async () =>
		(await page.locator('.thing.managed', { hasText: label }).innerText()).includes(`at ${x}, ${y}`));
	await shownAt('Ada', before['1280x800']);
	await shownAt('Küche', before['1024x768']);
	const [moved, still] = [testId(page, slot.replace('display', 'map')), page.locator('.thing.managed', { hasText: 'Ada' })];
	// The map takes its scale anew with every display that comes: a drag begins when it has come to rest.
	const boxes = async () => JSON.stringify([await moved.boundingBox(), await still.boundingBox()]);
	let last = '';
	await until('the map at rest', async () => {
		const now = await boxes();
		const same = now === last;
		last = now;
		await new Promise((resolve) => setTimeout(resolve, 150));
		return same;
	});
	const [from, beside] = JSON.parse(last);
	await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2);
	await page.mouse.down();
	await page.mouse.move(beside.x + from.width / 2, beside.y + beside.height + from.height / 2 + 3, { steps: 12 });
	await shot(page, 'drag');
	await page.mouse.up();
	const after = await until('the new place', async () => {
		const now = await places();
		return now['1024x768'].y >= now['1280x800'].y + 800 && now;
	});
	assert.ok(Math.abs(after['1024x768'].x - after['1280x800'].x) <= 64, JSON.stringify(after));
	assert.equal(settings().layout.mode, 'manual');
});

await steps.step('a preset is chosen by a click, and counts from the next disconnect on', async () => {
	await testId(page, 'preset-shared-desktop').click();
	await until('the file', async () => settings().preset === 'shared-desktop');
	await until('the mark', async () => /in force/.test(await testId(page, 'preset-shared-desktop').innerText()));
	await drop(kitchen);
	await until('its end on the desktop', async () => !(await places())['1024x768']);
	await until('its end on the page', async () => !(await page.innerText('.displays')).includes('Küche'));
});

await steps.step('a kept display counts down, and goes by a click on Release', async () => {
	await testId(page, 'preset-hotdesk').click();
	await until('the file', async () => settings().preset === 'hotdesk');
	await drop(ada);
	const row = page.locator('.displays > li', { hasText: 'Ada' });
	await until('a countdown', async () => /[45]:\d\d/.test(await row.innerText()));
	await shot(page, 'countdown');
	assert.ok((await places())['1280x800']);
	await row.getByRole('button').click();
	await until('its end on the desktop', async () => !(await places())['1280x800']);
	await until('its end on the page', async () => await row.count() === 0);
});

await steps.step('what a preset would change is said before it is chosen', async () => {
	await testId(page, 'preset-gaming-rig').hover();
	await until('the words', async () => /Gaming rig/.test(await testId(page, 'preview').innerText()));
	await shot(page, 'preview');
	assert.equal(settings().preset, 'hotdesk');
});

await steps.step('a browser that asks to be paired is let in by a click', async () => {
	const guestContext = await newContext({ viewport: { width: 800, height: 600 } });
	const guest = await guestContext.newPage();
	await guest.goto(host.url);
	await untilState(guest, 'pairing');
	await testId(guest, 'label').fill('Tablet');
	await testId(guest, 'ask').click();
	await testId(page, 'nav-pairing').click();
	await page.locator('.request', { hasText: 'Tablet' }).getByRole('button').first().click();
	await untilState(guest, 'live');
	await testId(page, 'nav-clients').click();
	await until('the client', async () => (await page.innerText('main')).includes('Tablet'));
	await shot(page, 'clients');
	await testId(page, 'nav-sessions').click();
	await page.locator('[data-testid^=session-]', { hasText: 'Tablet' }).getByRole('button').first().click();
	await testId(page, 'yes').click();
	await untilState(guest, 'ended');
	await guestContext.close();
});

// ── people: two clients that speak the protocol, and a guest in a browser

const [dora, emil] = ['Dora', 'Emil'].map((label) => new WireClient(host, label));
const shows = (name, pattern) => until(`${pattern} in ${name}`, async () =>
	pattern.test((await testId(page, name).innerText().catch(() => '')).replaceAll(/\s+/g, ' ')));
const personOf = (name) => page.locator('.person-row', { has: page.getByRole('heading', { name, exact: true }) });
const saysOf = (name, pattern) => until(`${name}: ${pattern}`, async () => pattern.test(await personOf(name).innerText().catch(() => '')));
const CONTROL = { ask: 1 };
const NOTICE_DENIED = 6;

await steps.step('people who see each other are switched on by a click, and are seen with what they do', async () => {
	await testId(page, 'nav-displays').click();
	await testId(page, 'preset-shared-desktop').click();
	await until('the file', async () => settings().preset === 'shared-desktop');
	for (const client of [dora, emil]) {
		assert.equal((await client.attach(host.pin())).type, 'WELCOME');
		await client.open(800, 600);
	}
	assert.deepEqual(dora.names(), []);
	await testId(page, 'nav-sessions').click();
	await shows('together', /Presence is off/);
	await testId(page, 'together-settings').click();
	await testId(page, 'presence-enabled').check();
	await testId(page, 'controlling_seconds-count').fill('2');
	await testId(page, 'together-apply').click();
	await until('both at the clients', () => [dora, emil].every((client) => client.names().join() === 'Dora,Emil'));
	assert.deepEqual(settings().presence, { enabled: true, controlling_seconds: 2, watching_seconds: 300 });
	assert.equal(settings().preset, 'shared-desktop');
	await saysOf('Dora', /Watches/);
	const typing = setInterval(() => dora.type('x'), 500); // for one key she drives two seconds, which may pass unseen
	await saysOf('Dora', /Drives/).finally(() => clearInterval(typing));
	await saysOf('Dora', /Watches/);
	assert.match(await personOf('Emil').innerText(), /Watches/);
});

await steps.step('control is given, asked for, granted, denied and taken away at the console', async () => {
	await testId(page, 'control-one-at-a-time').check();
	await testId(page, 'together-apply').click();
	await until('the mode', () => dora.control?.mode === 1 && emil.control?.mode === 1);
	await testId(page, 'together-settings').click();
	await shows('holder', /Nobody has control/);
	await testId(page, `give-${dora.session}`).click();
	await until('Dora’s control', () => dora.control.holder === dora.session && emil.control.holderName === 'Dora');
	await shows('holder', /Dora has control/);
	emil.send('CONTROL', { action: CONTROL.ask, session: 0 });
	await shows(`waiting-${emil.session}`, /Emil 0:(10|0\d)/);
	await shot(page, 'together');
	await testId(page, `grant-${emil.session}`).click();
	await until('Emil’s control', () => dora.control.holder === emil.session);
	await shows('holder', /Emil has control/);
	const since = dora.heard.length;
	dora.send('CONTROL', { action: CONTROL.ask, session: 0 });
	await testId(page, `refuse-${dora.session}`).click();
	await dora.hear(({ type, code }) => type === 'NOTICE' && code === NOTICE_DENIED, since);
	await until('no line', () => emil.control.waiting === 0);
	await testId(page, 'take-away').click();
	await until('nobody’s control', () => emil.control.holder === 0);
	await shows('holder', /Nobody has control/);
});

await steps.step('what a client may do is changed while it is there, and it hears so at once', async () => {
	await testId(page, 'nav-clients').click();
	const card = page.locator('.client', { hasText: 'Emil' });
	const since = emil.heard.length;
	await card.locator('[data-testid=rights]').click();
	await page.locator('label', { has: testId(page, 'rights-view') }).click();
	await testId(page, 'rights-term').selectOption({ label: 'Until it leaves' });
	await testId(page, 'rights-save').click();
	assert.equal((await emil.hear(({ type }) => type === 'GRANTS', since)).grants, 0);
	await until('the words', async () => /Until it leaves:\s*Watch/.test(await card.innerText()));
	await shot(page, 'rights');
	await testId(page, 'nav-sessions').click();
	await saysOf('Emil', /may only watch/);
	assert.equal(await testId(page, `give-${emil.session}`).count(), 0);
	emil.drop();
	await until('an end', async () => await personOf('Emil').count() === 0);
	await emil.attach();
	await emil.open(800, 600);
	assert.notEqual(emil.grants, 0, 'what lasts counts again');
	await saysOf('Emil', /Watches/);
});

await steps.step('an invitation made at the console lets a guest in, and sends it away', async () => {
	await testId(page, 'nav-pairing').click();
	await testId(page, 'invite-label').fill('Visitor');
	await testId(page, 'invite').click();
	const link = new URL(await testId(page, 'invitation-link').inputValue());
	assert.equal(link.origin, new URL(host.url).origin);
	assert.match(link.search, /^\?invite=[0-9a-f]{16}$/);
	const guestContext = await newContext({ viewport: { width: 800, height: 600 } });
	const guest = await guestContext.newPage();
	await guest.goto(link.href);
	await testId(guest, 'guest-pin').fill(await testId(page, 'invitation-pin').inputValue());
	await testId(guest, 'guest-enter').click();
	await untilState(guest, 'live');
	await testId(page, 'invitation-done').click();
	const row = `invitation-${link.search.slice(-16)}`;
	await shows(row, /Visitor Watch · used up 1 guest is here/);
	await shot(page, 'invitation');
	await testId(page, 'nav-sessions').click();
	await saysOf('Visitor', /may only watch/);
	await testId(page, 'nav-pairing').click();
	await testId(page, row.replace('invitation', 'revoke')).click();
	await testId(page, 'yes').click();
	await untilState(guest, 'ended');
	await until('no invitation', async () => await testId(page, row).count() === 0);
	await guestContext.close();
	for (const client of [dora, emil])
		client.drop();
});

await steps.step('what desktops of clients’ own see is chosen for the host, and otherwise for one client', async () => {
	await testId(page, 'nav-displays').click();
	await testId(page, 'customise').click();
	await testId(page, 'confinement-home').check();
	await testId(page, 'device-kvm').check();
	await testId(page, 'device-dri').check();
	await testId(page, 'apply').click();
	await until('the file', async () => settings().confinement?.mode === 'home');
	assert.deepEqual(settings().confinement, { mode: 'home', devices: ['dri', 'kvm'] });
	assert.equal(settings().preset, 'shared-desktop');
	await shows('field-confinement', /sees chosen here/);
	await shot(page, 'confinement');
	await testId(page, 'nav-clients').click();
	const card = page.locator('.client', { hasText: 'Emil' });
	const saved = async (pattern) => {
		await testId(page, 'overrides-save').click();
		await until('the end of the editor', async () => await testId(page, 'overrides-editor').count() === 0);
		await until(pattern, async () => pattern.test((await card.innerText()).replaceAll(/\s+/g, ' ')));
	};
	const overrides = () => Object.values(settings().clients ?? {}).map(({ confinement }) => confinement).filter(Boolean);
	await card.locator('[data-testid=overrides]').click();
	assert.match(await testId(page, 'override-confinement').innerText(), /A home of its own: Graphics cards, Virtual machines/);
	await testId(page, 'override-confinement').selectOption({ label: 'Granted devices only' });
	await saved(/own desktop sees Granted devices only(?!:)/);
	assert.deepEqual(overrides(), [{ mode: 'devices' }]);
	await card.locator('[data-testid=overrides]').click();
	await testId(page, 'device-video').check();
	await saved(/Granted devices only: Cameras and video codecs/);
	assert.deepEqual(overrides(), [{ mode: 'devices', devices: ['video'] }]);
});

await steps.step('a PIN is armed and voided', async () => {
	await testId(page, 'nav-pairing').click();
	await testId(page, 'arm').click();
	await until('six digits', async () => /^\d{6}$/.test((await testId(page, 'pin').innerText()).replaceAll(/\s/g, '')));
	await shot(page, 'pin');
	await testId(page, 'void').click();
	await until('none', async () => await testId(page, 'pin').count() === 0);
});

await steps.step('an idle console asks for nothing', async () => {
	const asked = [];
	page.on('request', (request) => asked.push(request.url()));
	await new Promise((resolve) => setTimeout(resolve, 2500));
	assert.deepEqual(asked, []);
});

await steps.step('it speaks German, and stays logged in', async () => {
	const german = await openConsole(context);
	await testId(german, 'map').waitFor();
	await testId(german, 'language').selectOption({ label: 'Deutsch' });
	await until('German', async () => /Anordnung/.test(await german.innerText('main')));
	await shot(german, 'german');
	await testId(german, 'logout').click();
	await testId(german, 'secret').waitFor();
});

await steps.step('nothing went wrong in the page', () => assert.deepEqual(complaints, []));

for (const client of clients)
	await drop(client);
await browser.close();
await steps.step('lodged ends cleanly', () => host.stop());
console.log(`${steps.passed} passed, ${steps.failed} failed, 0 skipped`);
process.exitCode = steps.failed ? 1 : 0;
