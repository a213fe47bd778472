// The list of apps at the console in Chromium against the fake API.
//   node tests/e2e/console-apps-fake.mjs [folder for screenshots]

import assert from 'node:assert/strict';

import { FakeApi } from '../console/fake-api.mjs';
import { furnish } from '../console/scenes.mjs';
import { launchChromium, Steps, testId, until, violations } from './browser.mjs';
import { consolePages, overhangs, textOf, toast } from './console-pages.mjs';

const shots = process.argv[2];
const api = new FakeApi();
furnish(api);
await api.listen();
const browser = await launchChromium();
const steps = new Steps();
const { complaints, openPage, shot } = consolePages({ api, browser, shots });
const page = await openPage({}, '#apps');

const puts = (since) => api.asked('PUT', '/apps', since);
const untilSaid = (name, pattern) => until(`${pattern} in ${name}`, async () => pattern.test(await textOf(page, name).catch(() => '')));
const card = (id) => testId(page, `app-${id}`);
const fault = (pointer) => page.locator(`[data-fault="${pointer}"]`);
const untilFault = (pointer, pattern) => until(`a fault at ${pointer}`, async () => pattern.test(await fault(pointer).innerText().catch(() => '')));

await steps.step('every app is told with its name, where it runs, its size, its id and its command', async () => {
	await untilSaid('app-browser', /Web browser On a desktop of its own · 1920 × 1080 · 60 Hz · browser firefox --kiosk 'https:\/\/example.org\/\?a=b c'/);
	assert.match(await textOf(page, 'app-terminal'), /Terminal On the shared desktop · terminal foot/);
	assert.match(await textOf(page, 'nav-apps'), /Apps 2/);
	assert.deepEqual(await violations(page), []);
	await shot(page, 'apps');
});

await steps.step('an app is added: its id comes of its name, and the host is sent the command as it was written', async () => {
	const since = api.requests.length;
	const before = api.apps;
	await testId(page, 'add').click();
	await testId(page, 'app-name').fill('Büro 2');
	assert.equal(await testId(page, 'app-id').inputValue(), 'buro-2');
	await testId(page, 'app-command').fill("libreoffice --writer 'a b.odt'");
	await testId(page, 'app-desktop').selectOption({ label: 'On a desktop of its own' });
	await testId(page, 'app-mode').check();
	await testId(page, 'app-width').fill('1280');
	await testId(page, 'app-height').fill('720');
	await testId(page, 'app-environment').fill('LANG=de_DE.UTF-8');
	await testId(page, 'app-icon').fill('/usr/share/pixmaps/office.png');
	assert.deepEqual(await violations(page), []);
	await shot(page, 'app-form', true);
	await testId(page, 'app-save').click();
	await toast(page, 'Saved.');
	assert.deepEqual(puts(since), [{ version: 1, apps: [...before, { id: 'buro-2', name: 'Büro 2', desktop: 'isolated',
		command: "libreoffice --writer 'a b.odt'", environment: { LANG: 'de_DE.UTF-8' }, mode: { width: 1280, height: 720 },
		icon: '/usr/share/pixmaps/office.png' }] }]);
	await untilSaid('app-buro-2', /On a desktop of its own · 1280 × 720 · buro-2 libreoffice --writer 'a b.odt'/);
	assert.equal(await testId(page, 'app-form').count(), 0);
});

await steps.step('what the host refuses is said at the fields, and nothing is lost of what was typed', async () => {
	await testId(page, 'add').click();
	await testId(page, 'app-name').fill('Terminal');
	await testId(page, 'app-command').fill("it's");
	await testId(page, 'app-environment').fill('LANG');
	await testId(page, 'app-icon').fill('x.png');
	await testId(page, 'app-mode').check();
	await testId(page, 'app-width').fill('1');
	await testId(page, 'app-save').click();
	await untilFault('/apps/3/id', /same id/);
	await untilFault('/apps/3/command', /opened and never closed/);
	await untilFault('/apps/3/environment', /text is expected/);
	await untilFault('/apps/3/icon', /absolute path/);
	await untilFault('/apps/3/mode', /from 16/);
	assert.equal(await testId(page, 'app-command').getAttribute('aria-invalid'), 'true');
	assert.equal(await testId(page, 'app-width').getAttribute('aria-invalid'), 'true');
	assert.equal(await testId(page, 'app-command').inputValue(), "it's");
	assert.deepEqual(await violations(page), []);
	await testId(page, 'new-app').getByText('Cancel').click();
	assert.equal(await testId(page, 'app-form').count(), 0);
});

await steps.step('an app is changed in its place, and its arguments stay a list when nobody touches them', async () => {
	const since = api.requests.length;
	const [browserApp, ...rest] = api.apps;
	await card('browser').locator('[data-testid=edit]').click();
	assert.equal(await testId(page, 'app-command').inputValue(), "firefox --kiosk 'https://example.org/?a=b c'");
	await testId(page, 'app-name').fill('Browser');
	assert.equal(await testId(page, 'app-id').inputValue(), 'browser');
	await testId(page, 'app-desktop').selectOption({ label: 'On the shared desktop' });
	await testId(page, 'app-save').click();
	await untilSaid('app-browser', /^Browser On the shared desktop/);
	assert.deepEqual(puts(since), [{ version: 1, apps: [{ ...browserApp, name: 'Browser', desktop: 'shared' }, ...rest] }]);
});

await steps.step('an app is removed after a yes', async () => {
	const since = api.requests.length;
	await card('terminal').locator('[data-testid=remove]').click();
	assert.deepEqual(await violations(page), []);
	await testId(page, 'yes').click();
	await until('one less', async () => await card('terminal').count() === 0);
	await toast(page, 'Terminal is removed.');
	assert.deepEqual(puts(since)[0].apps.map(({ id }) => id), ['browser', 'buro-2']);
});

await steps.step('an edit of the file shows without a reload; so does an empty list', async () => {
	api.apps = [{ id: 'x', name: '<b>X</b>', command: ['x'], desktop: 'shared' }];
	api.changed('apps');
	await untilSaid('app-x', /<b>X<\/b> On the shared desktop/);
	api.apps = [];
	api.changed('apps');
	await until('the words', async () => (await page.innerText('main')).includes('No apps yet.'));
});

await steps.step('a desktop of its own that this host cannot have says why, in words that come when they are wanted', async () => {
	furnish(api);
	api.cannot('isolated', 'shared', 'gamescope-one-seat', 'An English sentence.');
	api.changed('apps', 'settings');
	await testId(page, 'add').click();
	await testId(page, 'app-desktop').selectOption({ label: 'On a desktop of its own' });
	await until('the reason', async () => /gamescope has one pointer/.test(await page.locator('#app-desktop-hint').innerText()));
	await testId(page, 'add').click();
	const other = await openPage({ locale: 'de-DE' });
	api.cannot('exclusive', 'extend', 'gamescope-one-output-alone', 'An English sentence.');
	api.changed('settings');
	await until('the reason', async () => /gamescope hat einen Bildschirm und nichts daneben/.test(await other.innerText('main')));
	await other.context().close();
});

for (const [name, options] of [['German on 360 pixels', { locale: 'de-DE', viewport: { width: 360, height: 740 }, hasTouch: true }],
	['English by dark', { colorScheme: 'dark', reducedMotion: 'reduce' }]]) {
	await steps.step(`everything open in ${name}: nothing is cut off, and axe objects to nothing`, async () => {
		furnish(api);
		api.changed('apps', 'settings');
		const other = await openPage(options, '#apps');
		await until('the list', () => testId(other, 'app-browser').isVisible());
		await testId(other, 'app-browser').locator('[data-testid=edit]').click();
		await until('the form', () => testId(other, 'app-form').isVisible());
		await other.evaluate(() => scrollTo(0, 0)); // nothing behind the bar at the top
		assert.deepEqual([await overhangs(other), await violations(other)], [[], []]);
		await other.context().close();
	});
}

await steps.step('no page complained', () => assert.deepEqual(complaints, []));

await browser.close();
await api.close();
steps.close();
