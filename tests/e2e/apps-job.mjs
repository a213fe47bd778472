// Apps, over the wire and in a browser: lodged, sway and the trees are real.
//   node tests/e2e/apps-job.mjs BUILD [folder for screenshots]

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { png } from '../viewer/fake-host.mjs';
import { launchChromium, Steps, testId, until, untilState, violations } from './browser.mjs';
import { Host } from './host.mjs';
import { WireClient } from './wire-client.mjs';

const [, , build, shots] = process.argv;
const steps = new Steps();
const host = await new Host(build, ['foot sh']).ready();
const [ada, bo] = ['ada', 'bo'].map((label) => new WireClient(host, label));
const file = (name) => join(host.folder, name);
const read = (name) => existsSync(file(name)) ? readFileSync(file(name), 'utf8') : '';
const MODE = { display: 0, width: 800, height: 600, refresh: 60000, scale: 100 };
/** Says what it sees, twice quoted, and stays. */
const app = (id, desktop) => ({ id, name: `The ${id}`, desktop, environment: { GREETING: "it's $HOME" },
	command: ['sh', '-c', `echo "$GREETING" "$1" >> ${file(id)}; readlink /proc/self/ns/pid >> ${file(id)}; exec foot sleep 1000`, 'sh', "a 'b' $c"] });
/** A window that is there until a file of that name is; then it ends with that status. */
const brief = (id, desktop, status, more = {}) => ({ id, name: `The ${id}`, desktop, ...more,
	command: ['foot', '--app-id', id, 'sh', '-c', `while [ ! -e ${file(`end-${id}`)} ]; do sleep 0.05; done; exit ${status}`] });
const end = (id) => writeFileSync(file(`end-${id}`), '');
const forgetEnd = (id) => rmSync(file(`end-${id}`), { force: true });
const APP_MODE = 4;
const RUNS = 4;
const SIZE = { width: 1024, height: 600 };
/** What the client has last been told of that app. */
const flagsOf = (client, id) => client.heard.reduce((flags, message) => (message.type === 'APP' && message.id === id ? message.flags :
	message.type === 'APPS' ? message.apps.find((one) => one.id === id)?.flags : flags), undefined);
const runs = (client, id, wanted) => until(`${id} to be told as ${wanted ? 'running' : 'not running'}`, () =>
	(flagsOf(client, id) & RUNS) === (wanted ? RUNS : 0));
const own = async () => (await host.api('GET', 'display/state')).own_desktops;
const runsAlone = (id) => until(`${id} on the only desktop`, async () => (await own()).map(({ app }) => app).join() === id);
const quit = async (client) => {
	client.send('CLOSE_DISPLAY', { display: 0, flags: 1 });
	await until('no desktop', async () => (await own()).length === 0);
};

/** The sways of clients' own desktops, as this machine numbers them. */
const ownSways = () => readdirSync('/proc').filter((pid) => {
	try {
		const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
		return words[0] === 'sway' && words.some((word) => word.startsWith(host.runtime) && word.includes('/tree.'));
	} catch {
		return false;
	}
});
const opened = (client) => client.hear(({ type }) => type === 'DISPLAY_OPENED' || type === 'DISPLAY_DECLINED');

await steps.step('a list that is put is told to those who may start something', async () => {
	await host.api('PUT', 'display/settings', { preset: 'custom', topology: 'extend', mode_conflict: 'separate',
		keep_alive: { mode: 'duration', seconds: 30 } });
	await ada.attach(host.pin());
	assert.equal(ada.messages('APPS').length, 0);
	await host.api('PUT', 'apps', { version: 1, apps: [app('mine', 'isolated'), app('ours', 'shared')] });
	const told = await ada.hear(({ type }) => type === 'APPS');
	assert.deepEqual(told.apps.map(({ id, name, flags }) => [id, name, flags & 1]), [['mine', 'The mine', 1], ['ours', 'The ours', 0]]);
});

await steps.step('an app of a desktop of its own runs there, once, with its words as they were', async () => {
	ada.send('OPEN_APP', { ...MODE, app: 'mine' });
	assert.equal((await opened(ada)).type, 'DISPLAY_OPENED');
	await until('the app', () => read('mine').split('\n').length === 3);
	assert.equal(read('mine').split('\n')[0], "it's $HOME a 'b' $c");
	assert.notEqual(read('mine').split('\n')[1], `${process.pid}`);
	const { own_desktops: own } = await host.api('GET', 'display/state');
	assert.deepEqual(own.map(({ app: id, displays }) => [id, displays.length]), [['mine', 1]]);
	await runs(ada, 'mine', true);
	assert.equal(flagsOf(ada, 'ours') & RUNS, 0);
});

await steps.step('who comes back finds it running, not started again', async () => {
	const before = read('mine');
	ada.drop();
	await until('ada to be gone', async () => (await host.api('GET', 'sessions')).sessions.length === 0);
	await ada.attach();
	ada.send('OPEN_APP', { ...MODE, app: 'mine' });
	assert.equal((await opened(ada)).flags & 1, 1);
	await runs(ada, 'mine', true);
	await new Promise((done) => setTimeout(done, 700));
	assert.equal(read('mine'), before);
});

await steps.step('an app of the shared desktop runs on that', async () => {
	await bo.attach(host.pin());
	bo.send('OPEN_APP', { ...MODE, app: 'ours' });
	assert.equal((await opened(bo)).type, 'DISPLAY_OPENED');
	await until('the app', () => read('ours').split('\n').length === 3);
	assert.equal(read('ours').split('\n')[0], "it's $HOME a 'b' $c");
	assert.notEqual(read('ours').split('\n')[1], read('mine').split('\n')[1]);
	for (const client of [ada, bo])
		await runs(client, 'ours', true);
	assert.equal(flagsOf(bo, 'mine') & RUNS, 0); // it is another one's
	bo.drop();
});

await steps.step('an id that is none is declined, and so is a client that may start nothing', async () => {
	for (const id of ['../etc', 'nobody', "mine'; touch x", 'm'.repeat(64)]) {
		await bo.attach();
		bo.send('OPEN_APP', { ...MODE, app: id });
		assert.equal((await opened(bo)).type, 'DISPLAY_DECLINED', id);
		bo.drop();
	}
	const { fingerprint } = (await host.api('GET', 'clients')).clients.find(({ label }) => label === 'bo');
	await host.api('PATCH', `clients/${fingerprint}`, { grants: { preset: 'view' } });
	await bo.attach();
	assert.equal(bo.messages('APPS').length, 0);
	bo.send('OPEN_APP', { ...MODE, app: 'ours' });
	assert.equal((await opened(bo)).type, 'DISPLAY_DECLINED');
	assert.equal(read('ours').split('\n').length, 3);
	bo.drop();
});

await steps.step('quit: the desktop and what runs on it are gone', async () => {
	await quit(ada);
	await runs(ada, 'mine', false);
	ada.drop();
});

await steps.step('an app with a size of its own has a display of that size, whatever the client asks for', async () => {
	await host.api('PUT', 'apps', { version: 1, apps: [brief('sized', 'isolated', 0, { mode: SIZE }), brief('wide', 'shared', 0, { mode: SIZE }),
		brief('brief', 'isolated', 3), app('mine', 'isolated')] });
	await ada.attach();
	ada.send('OPEN_APP', { ...MODE, app: 'sized' });
	const first = await opened(ada);
	assert.deepEqual([first.width, first.height, first.scale, first.flags & APP_MODE], [1024, 600, 100, APP_MODE]);
	const since = ada.heard.length;
	ada.send('SET_MODE', { ...MODE, width: 640, height: 480, scale: 200 });
	const second = await ada.hear(({ type }) => type === 'DISPLAY_OPENED', since);
	assert.deepEqual([second.width, second.height, second.scale, second.generation], [1024, 600, 100, first.generation]);
	const [{ displays: [display] }] = await own();
	assert.deepEqual([display.mode.width, display.mode.height], [1024, 600]);
	await quit(ada);
});

await steps.step('on the shared desktop its output has that size too, and the desktop the client’s again', async () => {
	const outputs = (size, count) => until(`${count} outputs of ${size}`, async () =>
		Object.values(await host.outputs()).filter((one) => one === size).length === count);
	ada.send('OPEN_APP', { ...MODE, app: 'wide' });
	await ada.hear(({ type, width, slot }) => type === 'DISPLAY_OPENED' && width === SIZE.width && slot);
	await outputs('1024x600', 1);
	await runs(ada, 'wide', true);
	end('wide');
	await runs(ada, 'wide', false);
	ada.send('CLOSE_DISPLAY', { display: 0, flags: 0 });
	const since = ada.heard.length;
	ada.send('OPEN_DISPLAY', MODE);
	const { width, height, flags } = await ada.hear(({ type }) => type === 'DISPLAY_OPENED', since);
	assert.deepEqual([width, height, flags & APP_MODE], [800, 600, 0]);
	await outputs('1024x600', 0);
	ada.send('CLOSE_DISPLAY', { display: 0, flags: 1 });
});

await steps.step('an app that ends by itself takes its desktop along, and its client is told how', async () => {
	ada.send('OPEN_APP', { ...MODE, app: 'brief' });
	await runs(ada, 'brief', true);
	await ada.hear(({ type }) => type === 'FRAME');
	end('brief');
	const { code, text } = await ada.hear(({ type }) => type === 'ENDED');
	assert.equal(code, 7);
	assert.match(text, /ended with status 3/);
	await until('the end of the connection', () => ada.closed);
	await until('no desktop', async () => (await own()).length === 0);
});

await steps.step('one that cannot be started is told so, too', async () => {
	await host.api('PUT', 'apps', { version: 1, apps: [{ id: 'none', name: 'None', desktop: 'isolated', command: '/nowhere/to/be/found' }] });
	await ada.attach();
	ada.send('OPEN_APP', { ...MODE, app: 'none' });
	const { code, text } = await ada.hear(({ type }) => type === 'ENDED');
	assert.equal(code, 7);
	assert.match(text, /could not be started: /);
	await until('no desktop', async () => (await own()).length === 0);
});

await steps.step('a compositor that dies is a desktop that is gone, not an app that has ended', async () => {
	await host.api('PUT', 'apps', { version: 1, apps: [app('mine', 'isolated')] });
	await ada.attach();
	ada.send('OPEN_APP', { ...MODE, app: 'mine' });
	await ada.hear(({ type }) => type === 'FRAME');
	const [pid] = await until('one desktop of its own, and none that still ends', () => ownSways().length === 1 && ownSways());
	process.kill(pid, 'SIGKILL');
	assert.equal((await ada.hear(({ type }) => type === 'ENDED')).code, 4);
	await until('no desktop', async () => (await own()).length === 0);
});

const icon = file('icon');
const SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><circle cx="4" cy="4" r="4" fill="#3a7"/></svg>';
const ask = async (client, id) => {
	const since = client.heard.length;
	client.send('GET_ICON', { app: id });
	return client.hear(({ type }) => type === 'ICON', since);
};

await steps.step('an icon comes over the connection, once, to those who may start something', async () => {
	writeFileSync(icon, png(64, 64, (x, y) => [x * 4, y * 4, 128]));
	await host.api('PUT', 'apps', { version: 1, apps: [{ ...app('mine', 'isolated'), icon }, { ...app('bare', 'isolated'), icon: '/etc/passwd' },
		{ ...app('up', 'isolated'), icon: `${host.folder}/state/../icon` }] });
	await ada.attach();
	await ada.hear(({ type }) => type === 'APPS');
	assert.deepEqual(['mine', 'bare', 'up'].map((id) => flagsOf(ada, id) & 2), [2, 0, 0]);
	const answer = await ask(ada, 'mine');
	assert.equal(answer.format, 1);
	assert.deepEqual(Buffer.from(answer.bytes), readFileSync(icon));
	for (const id of ['bare', 'up', 'nobody', '../etc/passwd'])
		assert.deepEqual([(await ask(ada, id)).format, (ada.messages('ICON').at(-1)).bytes.length], [0, 0], id);
	// Asked for again, and by one that may start nothing: no answer comes before that to a later message.
	await bo.attach();
	for (const client of [ada, bo]) {
		const since = client.heard.length;
		client.send('GET_ICON', { app: 'mine' });
		client.send('PING', { clientTime: 1n });
		await client.hear(({ type }) => type === 'PONG', since);
		assert.equal(client.messages('ICON', since).length, 0);
	}
	bo.drop();
	ada.drop();
});

// ── in a browser

const browser = await launchChromium();
const complaints = [];
const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1100, height: 700 }, locale: 'en-GB' });
const page = await context.newPage();
page.on('pageerror', (error) => complaints.push(error.message));
const shot = (one, name) => shots && one.screenshot({ path: join(shots, `apps-${name}.png`) });
const entry = (id) => page.locator(`[data-app="${id}"]`);
const shown = () => page.evaluate(() => {
	const { width, height } = window.lodge.stats();
	return { width, height };
});

await steps.step('the viewer shows the icons of the list, and the console those of its apps', async () => {
	const vector = file('vector');
	writeFileSync(vector, SVG);
	forgetEnd('sized');
	await host.api('PUT', 'apps', { version: 1, apps: [{ ...brief('sized', 'isolated', 3, { mode: SIZE }), icon },
		{ ...brief('wide', 'shared', 0), icon: vector }, app('mine', 'isolated')] });
	await page.goto(host.url);
	await untilState(page, 'pairing');
	await testId(page, 'pin').fill(host.pin());
	await testId(page, 'pair').click();
	await untilState(page, 'choosing');
	const widths = () => page.evaluate(() => [...document.querySelectorAll('[data-testid=app-icon]')].map((one) => one.naturalWidth > 0));
	await until('two icons', async () => (await widths()).join() === 'true,true');
	await shot(page, 'list');
	assert.deepEqual(await violations(page), []);
});

await steps.step('the picture has the app’s size in a window of any', async () => {
	await entry('sized').click();
	await untilState(page, 'live');
	assert.deepEqual(await shown(), SIZE);
	const frames = () => page.evaluate(() => window.lodge.stats().frames);
	await page.setViewportSize({ width: 700, height: 500 });
	const before = await frames();
	await until('the picture to fit the smaller window', async () => page.evaluate(() => {
		const box = document.querySelector('#stage').getBoundingClientRect();
		return box.width <= 701 && box.width > 600;
	}));
	assert.ok(await frames() >= before);
	assert.deepEqual(await shown(), SIZE);
	const [{ displays: [display] }] = await own();
	assert.deepEqual([display.mode.width, display.mode.height], [SIZE.width, SIZE.height]);
	await shot(page, 'sized');
	await page.setViewportSize({ width: 1100, height: 700 });
});

await steps.step('a reload goes on with what runs; the list says so', async () => {
	await page.reload();
	await untilState(page, 'live');
	assert.equal((await own()).length, 1);
	await testId(page, 'settings').click();
	await testId(page, 'apps-other').click();
	await until('it to be told as running', async () => /running – continue/.test(await entry('sized').innerText()));
	assert.doesNotMatch(await entry('wide').innerText(), /runs/);
	await shot(page, 'running');
	await page.keyboard.press('Escape');
	await untilState(page, 'live');
});

await steps.step('an app that ends leads to the list, and nothing opens by itself', async () => {
	end('sized');
	await untilState(page, 'ended');
	await testId(page, 'apps').waitFor();
	const words = await testId(page, 'apps').innerText();
	assert.match(words, /The app has ended\./);
	assert.match(words, /status 3/);
	assert.doesNotMatch(words, /running/);
	await shot(page, 'ended');
	assert.deepEqual(await violations(page), []);
	await until('no session', async () => (await host.api('GET', 'sessions')).sessions.length === 0);
	await until('no desktop', async () => (await own()).length === 0);
});

await steps.step('opened again it is there again, and something else is, too', async () => {
	forgetEnd('sized');
	await testId(page, 'again').click();
	await untilState(page, 'live');
	await runsAlone('sized');
	end('sized');
	await untilState(page, 'ended');
	await entry('mine').click();
	await untilState(page, 'live');
	await runsAlone('mine');
	await testId(page, 'settings').click();
	await testId(page, 'quit').click();
	await testId(page, 'quit-sure').click();
	await until('no desktop', async () => (await own()).length === 0);
});

await steps.step('the console shows the icons with its login, and nobody has them without', async () => {
	const one = await context.newPage();
	const address = `${host.url}api/v1/apps/sized/icon`;
	assert.equal((await context.request.get(address)).status(), 401);
	await one.goto(`${host.url}console/`);
	await one.locator('input[type=password], [data-testid=token]').first().fill(readFileSync(join(host.state, 'admin-token'), 'utf8').trim());
	await one.keyboard.press('Enter');
	await one.locator('[data-testid=nav-apps], a[href$=apps]').first().click();
	await until('two pictures', async () => one.evaluate(() =>
		[...document.querySelectorAll('[data-testid=app-picture]')].filter((picture) => picture.naturalWidth > 0).length === 2));
	await shot(one, 'console');
	const answer = await context.request.get(address);
	assert.equal(answer.headers()['content-type'], 'image/png');
	assert.equal(answer.headers()['x-content-type-options'], 'nosniff');
	rmSync(icon);
	assert.equal((await context.request.get(address)).status(), 404);
	assert.deepEqual(complaints, []);
	await browser.close();
});

await steps.step('lodged ends and leaves nothing', () => host.stop());
steps.close();
