// The console in Chromium against the fake API: what an operator sees and does, and what the host is asked.
//   node tests/e2e/console-fake.mjs [folder for screenshots]

import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';

import { ApiProblem, FakeApi } from '../console/fake-api.mjs';
import { faultsProblem } from '../console/fake-problem.mjs';
import { display, FINGERPRINTS, furnish } from '../console/scenes.mjs';
import { launchChromium, Steps, testId, until, violations } from './browser.mjs';
import { consolePages, flat, isLive, overhangs, textOf, toast, untilHeard, untilLive } from './console-pages.mjs';

const TRANSFER_MAX = 100000; // bytes to open the console, nothing compressed
const shots = process.argv[2];

const api = new FakeApi();
furnish(api);
await api.listen();
const browser = await launchChromium();
const steps = new Steps();
const { complaints, logIn, openContext, openPage, shot } = consolePages({ api, browser, shots });

/** A fresh scene, of which the page knows; where it shows the displays, it shows them as they are now. */
async function scene(change = () => {}) {
	furnish(api);
	change(api);
	await untilHeard(page, api.changed('displays', 'sessions', 'clients', 'pairing', 'settings'));
	const wanted = { displays: api.displays.map(({ slot, place }) => `${slot}, at ${place.x}, ${place.y}`),
		preset: `preset-${api.settingsOf().effective.preset}` };
	await until('the scene', async () => {
		const shown = await page.evaluate(() => location.hash in { '': 1, '#displays': 1 } && {
			displays: [...document.querySelectorAll('.managed')].map((one) => one.innerText.match(/(\d+), at -?\d+, -?\d+/)?.[0]),
			preset: document.querySelector('.preset[aria-pressed=true]')?.dataset.testid,
		});
		return shown === false || isDeepStrictEqual(shown, wanted);
	});
}

const settingsPuts = (since) => api.asked('PUT', '/display/settings', since);
const layoutPuts = (since) => api.asked('PUT', '/display/layout', since);
const untilAsked = (what, find) => until(`the host to be asked for ${what}`, () => find().at(-1));

/** A window as high as the page: nothing is behind a bar that stays in view. */
async function wholeInView(one) {
	const height = await one.evaluate(() => Math.ceil(document.querySelector('main').getBoundingClientRect().bottom + scrollY));
	await one.setViewportSize({ width: one.viewportSize().width, height });
}

// ── the way in

const context = await openContext({ reducedMotion: 'reduce' });
const page = await context.newPage();

await steps.step('without a login there is the login page, with the field in focus and the name of the host', async () => {
	await page.goto(api.url);
	await until('the field', () => testId(page, 'secret').isVisible());
	assert.match(await page.innerText('form'), /birch/);
	assert.ok(await testId(page, 'secret').evaluate((field) => field === document.activeElement));
	assert.deepEqual(await violations(page), []);
	await shot(page, 'login');
});

await steps.step('a wrong code is said in words', async () => {
	await testId(page, 'secret').fill('00000000');
	await testId(page, 'login').click();
	await until('the words', async () => (await page.innerText('form')).includes('That is not it'));
	assert.equal(await testId(page, 'secret').getAttribute('aria-invalid'), 'true');
});

await steps.step('too many tries say how long to wait', async () => {
	api.refuse.set('POST /console/login', new ApiProblem(429, 'too many'));
	await testId(page, 'login').click();
	await until('the words', async () => (await page.innerText('form')).includes('Wait 30 seconds'));
});

await steps.step('the token, or the code with a space in it, lets in', async () => {
	await testId(page, 'secret').fill('1234 5678');
	await testId(page, 'login').click();
	await untilLive(page);
	assert.deepEqual(api.asked('POST', '/console/login').at(-1), { code: '12345678' });
	const other = await (await openContext()).newPage();
	await other.goto(api.url);
	await testId(other, 'secret').fill(api.token);
	await testId(other, 'login').click();
	await untilLive(other);
	assert.deepEqual(api.asked('POST', '/console/login').at(-1), { token: api.token });
	await other.context().close();
});

for (const locale of ['en-GB', 'de-DE']) {
	await steps.step(`opening the console, login and all, brings less than ${TRANSFER_MAX} bytes (${locale})`, async () => {
		const own = await openContext({ locale });
		const fresh = await own.newPage();
		const sizes = [];
		fresh.on('response', (response) => {
			if (response.ok() && !response.url().includes('/api/'))
				sizes.push(response.body().then((body) => [new URL(response.url()).pathname, body.length]));
		});
		await logIn(fresh);
		await until('the presets', async () => await fresh.locator('.preset').count() === 5);
		const files = new Map(await Promise.all(sizes));
		const total = [...files.values()].reduce((sum, size) => sum + size, 0);
		console.log(`# ${total} bytes in ${files.size} files`);
		assert.ok(files.size > 20 && files.has('/vendor/preact.js'));
		assert.ok(total < TRANSFER_MAX, `${total} bytes`);
		await own.close();
	});
}

await steps.step('nothing is asked while nothing happens, however long', async () => {
	const own = await openContext();
	const quiet = await own.newPage();
	await quiet.clock.install();
	await logIn(quiet);
	await until('the displays', () => testId(quiet, 'display-3').isVisible());
	const since = api.requests.length;
	await quiet.clock.runFor(10 * 60 * 1000);
	assert.match(await textOf(quiet, 'display-3'), /0:00/);
	assert.deepEqual(api.requests.slice(since), []);
	await own.close();
});

// ── displays

await steps.step('every display is told with its state in words, who, its mode and how many watch', async () => {
	const words = await textOf(page, 'display-1');
	assert.match(words, /Tablet\s+In use\s+1920 × 1080 · 60 Hz · HEADLESS-1\s+2 sessions: with Living room/);
	assert.match(await textOf(page, 'display-3'), /Phone\s+Kept for a while\s+\d:\d\d/);
	assert.equal(await testId(page, 'release-1').count(), 0);
});

await steps.step('the page has its landmarks, one heading of the first level, and nothing that axe objects to', async () => {
	assert.equal(await page.locator('main').count(), 1);
	assert.equal(await page.locator('nav[aria-label]').count(), 1);
	assert.deepEqual(await page.locator('h1').allInnerTexts(), ['Displays']);
	assert.deepEqual(await violations(page), []);
	await shot(page, 'displays');
});

await steps.step('the map is to scale, with monitors, dark ones below and hatched, and a ghost for the next client', async () => {
	const box = async (locator) => locator.boundingBox();
	const tablet = await box(testId(page, 'map-1'));
	const notebook = await box(testId(page, 'map-2'));
	assert.ok(Math.abs(tablet.width / tablet.height - 16 / 9) < 0.05);
	assert.ok(Math.abs(notebook.x - tablet.x - tablet.width) < 1.5);
	const outside = testId(page, 'outside');
	assert.equal(await outside.count(), 2);
	const dark = outside.nth(1);
	assert.match(await dark.evaluate((one) => getComputedStyle(one).backgroundImage), /repeating-linear-gradient/);
	assert.ok((await box(dark)).y > tablet.y + tablet.height);
	const ghost = testId(page, 'ghost');
	assert.equal(await ghost.evaluate((one) => getComputedStyle(one).borderTopStyle), 'dashed');
	assert.ok((await box(ghost)).x > notebook.x + notebook.width);
});

await steps.step('a preset that is pointed at says what it would change, in words and on the map, and asks for no more', async () => {
	const since = api.requests.length;
	await testId(page, 'preset-gaming-rig').hover();
	await until('the explanation', async () => (await textOf(page, 'preview')).includes('would take over'));
	const words = await textOf(page, 'preview');
	assert.match(words, /After a disconnect\s+10 s\s*→\s*Keep until released/);
	assert.match(words, /Tablet, Notebook would be sent away/);
	assert.match(words, /monitors go dark/);
	assert.match(await textOf(page, 'map-1'), /would be sent away/);
	assert.match(await testId(page, 'outside').first().innerText(), /would go dark/);
	const [asked] = api.asked('POST', '/display/explain', since);
	assert.deepEqual(asked.settings, { version: 1, preset: 'gaming-rig', max_displays: 4 });
	assert.deepEqual(settingsPuts(since), []);
	await shot(page, 'preview');
	await page.mouse.move(5, 5);
	await until('the present', async () => (await textOf(page, 'preview')).includes('this is how it is now'));
	await testId(page, 'preset-hotdesk').focus();
	await until('the explanation by keyboard', async () => (await textOf(page, 'preview')).includes('turned away'));
});

await steps.step('a click chooses a preset, and keeps what is this host\'s own', async () => {
	await scene((host) => {
		host.document = { version: 1, preset: 'default', max_displays: 6, desktop: 'shared',
			layout: { mode: 'auto-row', positions: { 1: { x: 5, y: 6 } } }, clients: { [FINGERPRINTS.phone]: { mode_conflict: 'join' } } };
	});
	const before = structuredClone(api.document);
	const since = api.requests.length;
	await testId(page, 'preset-shared-desktop').click();
	await until('the card', async () => await testId(page, 'preset-shared-desktop').getAttribute('aria-pressed') === 'true');
	assert.deepEqual(settingsPuts(since), [{ ...before, preset: 'shared-desktop' }]);
	assert.equal(await testId(page, 'preset-default').getAttribute('aria-pressed'), 'false');
	await toast(page, '“Shared desktop” counts from the next connect on.');
});

await steps.step('Enter on a focused card chooses it too; moving the focus alone does not', async () => {
	const since = api.requests.length;
	await testId(page, 'preset-shared-desktop').focus();
	await page.keyboard.press('Tab');
	assert.deepEqual(settingsPuts(since), []);
	await page.keyboard.press('Enter');
	await untilAsked('the preset', () => settingsPuts(since));
	assert.equal(settingsPuts(since)[0].preset, 'hotdesk');
	await toast(page, 'counts from the next connect on.');
});

// ── customise

await steps.step('Customise begins with the values in force, and one change makes the policy custom', async () => {
	await scene();
	const since = api.requests.length;
	await testId(page, 'customise').click();
	await until('the fields', () => testId(page, 'editor').isVisible());
	assert.ok(await testId(page, 'mode_conflict-separate').isChecked());
	assert.equal(await testId(page, 'keep_alive-count').inputValue(), '10');
	assert.ok(await testId(page, 'apply').isDisabled());
	await testId(page, 'mode_conflict-join').check();
	await shot(page, 'customise', true);
	await testId(page, 'apply').click();
	const put = await untilAsked('the document', () => settingsPuts(since));
	assert.deepEqual(put, { version: 1, preset: 'custom', max_displays: 4, keep_alive: { mode: 'duration', seconds: 10 },
		topology: 'auto', mode_conflict: 'join', identity: 'per-client', layout: { mode: 'auto-row' } });
	await until('the custom card', async () => await testId(page, 'preset-custom').getAttribute('aria-pressed') === 'true');
	await toast(page, 'Saved.');
});

await steps.step('what is changed in the fields while others are under way stays changed', async () => {
	const since = api.requests.length;
	const answer = api.holdAnswers();
	await testId(page, 'max_displays').fill('5');
	await testId(page, 'apply').click();
	await untilAsked('the document', () => settingsPuts(since));
	await testId(page, 'topology-extend').check();
	answer();
	await toast(page, 'Saved.');
	assert.ok(await testId(page, 'topology-extend').isChecked());
	await testId(page, 'topology-auto').check();
	await testId(page, 'max_displays').fill('4');
	await testId(page, 'apply').click();
	await toast(page, 'Saved.');
	assert.deepEqual(settingsPuts(since).map(({ max_displays, topology }) => [max_displays, topology]), [[5, 'auto'], [4, 'auto']]);
});

await steps.step('the editor has nothing that axe objects to, by light and by dark', async () => {
	await wholeInView(page);
	assert.deepEqual(await violations(page), []);
	await page.emulateMedia({ colorScheme: 'dark' });
	assert.deepEqual(await violations(page), []);
	await shot(page, 'customise-dark');
	await page.emulateMedia({ colorScheme: 'light' });
	await page.setViewportSize({ width: 1280, height: 960 });
});

await steps.step('a fault is said at its field, and what was typed stays', async () => {
	await testId(page, 'max_displays').fill('99');
	await testId(page, 'keep_alive-count').fill('0');
	await testId(page, 'keep_alive-count').blur();
	await testId(page, 'apply').click();
	await until('the fault', async () => (await textOf(page, 'field-max_displays')).includes('from 1 to 16'));
	assert.match(await textOf(page, 'field-keep_alive'), /from 1 to 604800/);
	assert.equal(await testId(page, 'max_displays').getAttribute('aria-invalid'), 'true');
	assert.equal(await testId(page, 'max_displays').inputValue(), '99');
	await testId(page, 'discard').click();
	assert.doesNotMatch(await textOf(page, 'editor'), /from 1 to 16,? *must/);
	assert.equal(await testId(page, 'max_displays').inputValue(), '4');
});

await steps.step('a time is typed in its unit', async () => {
	const since = api.requests.length;
	await testId(page, 'keep_alive-count').fill('3');
	await testId(page, 'keep_alive-unit').selectOption({ label: 'minutes' });
	await testId(page, 'apply').click();
	assert.deepEqual((await untilAsked('the time', () => settingsPuts(since))).keep_alive, { mode: 'duration', seconds: 180 });
	await toast(page, 'Saved.');
});

await steps.step('the fields can be kept as a preset, which is a card at once', async () => {
	const since = api.requests.length;
	await testId(page, 'save-as-name').fill('Film night');
	await testId(page, 'save-as').click();
	await until('the card', () => testId(page, 'preset-film-night').isVisible());
	assert.deepEqual(api.asked('PUT', '/display/presets/film-night', since), [{ keep_alive: { mode: 'duration', seconds: 180 },
		topology: 'auto', mode_conflict: 'join', identity: 'per-client', layout: { mode: 'auto-row' } }]);
});

await steps.step('an own preset in force is not removed, and why not is said; another one is, after a question', async () => {
	await testId(page, 'preset-film-night').click();
	await toast(page, 'counts from the next connect on.');
	await testId(page, 'remove-film-night').click();
	await testId(page, 'yes').click();
	await until('the conflict', async () => (await page.innerText('dialog')).includes('is in force'));
	await page.keyboard.press('Escape');
	await until('no dialog', async () => await page.locator('dialog').count() === 0);
	await testId(page, 'preset-default').click();
	await toast(page, 'counts from the next connect on.');
	await testId(page, 'remove-film-night').click();
	await testId(page, 'yes').click();
	await until('no card', async () => await testId(page, 'preset-film-night').count() === 0);
	await until('no dialog', async () => await page.locator('dialog').count() === 0);
	await testId(page, 'customise').click();
	await page.mouse.move(5, 5);
});

// ── what desktops of clients' own see

const devices = ['dri', 'nvidia', 'video', 'kvm', 'fuse'];
const granted = async () => {
	const ticked = await Promise.all(devices.map((device) => testId(page, `device-${device}`).isChecked()));
	return devices.filter((_, i) => ticked[i]);
};

await steps.step('what a client\'s own desktop sees is chosen beside the desktop, says what it takes away, and keeps the preset', async () => {
	await scene();
	const since = api.requests.length;
	await testId(page, 'customise').click();
	await until('the field', () => testId(page, 'confinement-off').isChecked().catch(() => false));
	assert.match(await textOf(page, 'field-confinement'), /by default.*With a shared desktop it counts only .* without bubblewrap/);
	assert.equal(await testId(page, 'granted').count(), 0);
	await testId(page, 'confinement-devices').check();
	assert.deepEqual(await granted(), []);
	await testId(page, 'device-kvm').check();
	await testId(page, 'device-dri').check();
	await testId(page, 'confinement-home').check();
	assert.deepEqual(await granted(), ['dri', 'kvm']);
	assert.equal(await page.getByRole('group', { name: 'Granted devices' }).getByRole('checkbox', { name: 'Virtual machines' }).count(), 1);
	await testId(page, 'desktop-isolated').check();
	assert.match(await textOf(page, 'field-confinement'), /user’s home.*It counts for desktops that are made from now on/);
	await wholeInView(page);
	assert.deepEqual(await violations(page), []);
	await shot(page, 'confinement');
	await page.setViewportSize({ width: 1280, height: 960 });
	await testId(page, 'apply').click();
	assert.deepEqual(await untilAsked('the document', () => settingsPuts(since)), { version: 1, preset: 'default', max_displays: 4,
		desktop: 'isolated', confinement: { mode: 'home', devices: ['dri', 'kvm'] } });
	await toast(page, 'Saved.');
	await until('its source', async () => /sees chosen here/.test(await textOf(page, 'field-confinement')));
	assert.ok(await testId(page, 'apply').isDisabled());
});

await steps.step('devices that are ticked while others are under way stay ticked', async () => {
	const since = api.requests.length;
	const answer = api.holdAnswers();
	await testId(page, 'device-video').check();
	await testId(page, 'apply').click();
	await untilAsked('the document', () => settingsPuts(since));
	await testId(page, 'device-kvm').uncheck();
	answer();
	await toast(page, 'Saved.');
	assert.deepEqual(await granted(), ['dri', 'video']);
	await testId(page, 'apply').click();
	await toast(page, 'Saved.');
	assert.deepEqual(settingsPuts(since).map(({ confinement }) => confinement.devices), [['dri', 'video', 'kvm'], ['dri', 'video']]);
});

await steps.step('a fault among the devices is said at their field, and Discard gives them up', async () => {
	api.refuse.set('PUT /display/settings', faultsProblem([{ pointer: '/confinement/devices/2', detail: 'dri or video is expected' }]));
	await testId(page, 'device-fuse').check();
	await testId(page, 'apply').click();
	await until('the fault', async () => (await textOf(page, 'field-confinement')).includes('dri or video is expected'));
	assert.deepEqual(await granted(), ['dri', 'video', 'fuse']);
	await testId(page, 'discard').click();
	assert.deepEqual(await granted(), ['dri', 'video']);
	assert.doesNotMatch(await textOf(page, 'field-confinement'), /is expected/);
});

await steps.step('what is seen is everything again by one choice, and ticks that were saved come back with another', async () => {
	const since = api.requests.length;
	await testId(page, 'confinement-off').check();
	assert.equal(await testId(page, 'granted').count(), 0);
	await testId(page, 'confinement-devices').check();
	assert.deepEqual(await granted(), ['dri', 'video']);
	await testId(page, 'confinement-off').check();
	await testId(page, 'apply').click();
	await toast(page, 'Saved.');
	assert.deepEqual(settingsPuts(since).map(({ confinement }) => confinement), [{ mode: 'off' }]);
});

await steps.step('without bubblewrap nothing can be taken away, and why not is said', async () => {
	await scene((host) => host.cannot('confinement', 'none', 'no-bubblewrap', 'English of the host'));
	await until('the reason', async () => /^bubblewrap is missing on this host\.$/.test(await textOf(page, 'confinement-home-reason')));
	assert.equal(await testId(page, 'confinement-devices').getAttribute('aria-disabled'), 'true');
	await testId(page, 'confinement-home').click({ force: true });
	assert.ok(await testId(page, 'confinement-off').isChecked());
	await scene((host) => {
		host.document.confinement = { mode: 'home' };
		host.cannot('confinement', 'none', 'no-bubblewrap', 'English of the host');
	});
	await until('what is in force', () => testId(page, 'confinement-home').isChecked());
	await testId(page, 'confinement-off').check();
	assert.ok(await testId(page, 'apply').isEnabled(), 'the way out stays open');
	await testId(page, 'discard').click();
	await testId(page, 'customise').click();
	await page.mouse.move(5, 5);
	await scene();
});

// ── the map

/** What the pointer rests on is previewed on the map: afterwards it rests on nothing. */
async function drag(from, dx, dy) {
	await page.evaluate(() => scrollTo(0, 0));
	const box = await testId(page, from).boundingBox();
	const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
	await page.mouse.move(x, y);
	await page.mouse.down();
	await page.mouse.move(x + dx / 2, y + dy / 2);
	await page.mouse.move(x + dx, y + dy);
	await page.mouse.up();
	await page.mouse.move(5, 5);
}

await steps.step('a display that is dragged under another one snaps to it, and every display gets its place', async () => {
	await scene();
	const since = api.requests.length;
	await until('the phone', () => testId(page, 'map-3').isVisible());
	const [tablet, phone] = [await testId(page, 'map-1').boundingBox(), await testId(page, 'map-3').boundingBox()];
	await drag('map-3', tablet.x - phone.x + 4, tablet.height + 3);
	const put = await untilAsked('the places', () => layoutPuts(since));
	assert.deepEqual(put, { mode: 'manual', positions: { 1: { x: 2560, y: 0 }, 2: { x: 4480, y: 0 }, 3: { x: 2560, y: 1080 } } });
	await toast(page, 'Arranged.');
	await until('a custom policy', async () => await testId(page, 'preset-custom').getAttribute('aria-pressed') === 'true');
});

await steps.step('dropped on another display it is not applied; Escape puts it back', async () => {
	const since = api.requests.length;
	const [tablet, notebook] = [await testId(page, 'map-1').boundingBox(), await testId(page, 'map-2').boundingBox()];
	await drag('map-2', tablet.x - notebook.x + 40, 30);
	await until('the words', async () => (await textOf(page, 'map-fault')).includes('must not overlap'));
	assert.deepEqual(layoutPuts(since), []);
	await testId(page, 'map-2').press('Escape');
	await until('its old place', async () => Math.abs((await testId(page, 'map-2').boundingBox()).x - notebook.x) < 2);
	assert.equal(await textOf(page, 'map-fault'), '');
});

await steps.step('what is moved while places are under way stays moved, and is applied by its own Enter', async () => {
	await scene();
	const since = api.requests.length;
	const answer = api.holdAnswers();
	await testId(page, 'map-3').focus();
	await page.keyboard.press('ArrowRight');
	await page.keyboard.press('Enter');
	await untilAsked('the places', () => layoutPuts(since));
	await testId(page, 'map-2').focus();
	await page.keyboard.press('ArrowDown');
	answer();
	await toast(page, 'Arranged.');
	assert.ok(await testId(page, 'map-apply').isVisible());
	assert.match(await textOf(page, 'map-2'), /at \d+, 8/);
	await page.keyboard.press('Enter');
	await until('both places', () => layoutPuts(since).length === 2);
	assert.equal(layoutPuts(since)[1].positions[2].y, 8);
	await until('no draft', async () => await testId(page, 'map-cancel').count() === 0);
});

await steps.step('arrow keys move by 8 pixels, with Shift by 1; Enter applies', async () => {
	await scene();
	const since = api.requests.length;
	await testId(page, 'map-3').focus();
	for (const key of ['ArrowRight', 'ArrowRight', 'ArrowDown', 'Shift+ArrowUp', 'Shift+ArrowRight'])
		await page.keyboard.press(key);
	await until('the draft', async () => (await textOf(page, 'map-3')).includes('at 6417, 7'));
	assert.ok(await testId(page, 'map-apply').isVisible());
	assert.deepEqual(layoutPuts(since), []);
	await page.keyboard.press('Enter');
	const put = await untilAsked('the places', () => layoutPuts(since));
	assert.deepEqual(put.positions[3], { x: 6417, y: 7 });
	await toast(page, 'Arranged.');
});

await steps.step('Escape gives a keyboard draft up', async () => {
	const since = api.requests.length;
	await testId(page, 'map-2').focus();
	await page.keyboard.press('ArrowDown');
	await until('the draft', () => testId(page, 'map-cancel').isVisible());
	await page.keyboard.press('Escape');
	await until('no draft', async () => await testId(page, 'map-cancel').count() === 0);
	assert.match(await textOf(page, 'map-2'), /at 4480, 0/);
	assert.deepEqual(layoutPuts(since), []);
});

await steps.step('places that the host refuses are said with their slot, and marked', async () => {
	api.refuse.set('PUT /display/layout', new ApiProblem(422, 'faults', { errors: [
		{ pointer: '/positions/2/x', detail: 'lies over slot 7, which is kept free' }] }));
	await testId(page, 'map-2').focus();
	await page.keyboard.press('ArrowDown');
	await page.keyboard.press('Enter');
	await until('the fault', async () => (await textOf(page, 'map-fault')) === 'Slot 2: lies over slot 7, which is kept free');
	assert.match(await testId(page, 'map-2').getAttribute('class'), /faulty/);
	await page.keyboard.press('Escape');
});

await steps.step('arranged displays go back to a row by a button', async () => {
	const since = api.requests.length;
	await testId(page, 'map-row').click();
	assert.equal((await untilAsked('a row', () => layoutPuts(since))).mode, 'auto-row');
	await toast(page, 'Arranged.');
});

// ── live

await steps.step('the countdown runs on the page, and Release closes the display', async () => {
	await scene();
	const first = await until('a countdown', () => testId(page, 'countdown').innerText().catch(() => ''));
	await until('less time', async () => (await textOf(page, 'countdown')) !== first);
	const since = api.requests.length;
	await testId(page, 'release-3').click();
	await until('one less', async () => await testId(page, 'display-3').count() === 0);
	assert.deepEqual(api.asked('POST', '/display/release', since), [{ slot: 3 }]);
	await toast(page, 'The display of Phone is released.');
	await until('the words for those who do not see it', async () =>
		(await testId(page, 'announced').textContent()).includes('The display of Phone is gone.'));
});

await steps.step('a display that came into use meanwhile says so at its row', async () => {
	await scene();
	await until('the phone', () => testId(page, 'release-3').isVisible());
	api.refuse.set('POST /display/release', new ApiProblem(409, 'in use', { sessions: 2 }));
	await testId(page, 'release-3').click();
	await until('the words', async () => (await textOf(page, 'display-3')).includes('in use by 2 sessions'));
});

await steps.step('what happens at the host is seen without a reload', async () => {
	api.displays = [...api.displays, display(5, 'Küche', FINGERPRINTS.stranger, 'active', { x: 7570, y: 0, width: 1280, height: 800 },
		{ sessions: [12] })];
	api.changed('displays');
	await until('the new display', () => testId(page, 'display-5').isVisible());
	assert.match(await textOf(page, 'display-5'), /Küche\s+In use\s+1280 × 800/);
	assert.ok(await testId(page, 'map-5').isVisible());
	assert.equal(await testId(page, 'nav-displays').innerText(), 'Displays 4');
});

await steps.step('all kept displays are released at once, when there are several', async () => {
	await scene((host) => {
		host.displays[1] = { ...host.displays[1], state: 'pinned', sessions: [] };
	});
	await until('the pinned one', async () => (await textOf(page, 'display-2')).includes('Kept until released'));
	const since = api.requests.length;
	await testId(page, 'release-all').click();
	await toast(page, 'Released: 2');
	assert.deepEqual(api.asked('POST', '/display/release', since), [{ all: true }]);
});

await steps.step('monitors that are dark with nobody there are said loudly, with the way out beside it', async () => {
	await scene((host) => {
		host.document = { version: 1, preset: 'gaming-rig' };
		host.desktop.topology = { wanted: 'exclusive', applied: 'exclusive' };
		host.outputs = host.outputs.map((output) => ({ ...output, enabled: false }));
		host.displays = [{ ...host.displays[0], state: 'pinned', sessions: [], place: { x: 0, y: 0, width: 1920, height: 1080 } }];
		host.sessions = [];
	});
	await until('the notice', async () => (await testId(page, 'dark').innerText().catch(() => '')).includes('stay dark until you release'));
	assert.deepEqual(await violations(page), []);
	await shot(page, 'dark-monitors');
	await testId(page, 'dark-release').click();
	await until('light', () => api.outputs.every((output) => output.enabled));
	await until('only a warning', async () => (await testId(page, 'dark').innerText()).includes('Monitors stay dark after people leave'));
	assert.equal(await testId(page, 'dark-release').count(), 0);
});

await steps.step('what the desktop cannot do is greyed with the reason, and stays as it is', async () => {
	await scene((host) => {
		host.cannot('exclusive', 'extend', 'sway-cannot-disable', 'English of the host');
		host.cannot('identity', 'host-kept', 'sway-names-outputs', 'English of the host');
		host.cannot('isolated', 'shared', 'a-word-that-is-new', 'Only here in English.');
	});
	await testId(page, 'customise').click();
	await until('the fields', () => testId(page, 'topology-exclusive').isVisible());
	assert.match(await textOf(page, 'topology-exclusive-reason'), /older than 1\.8.*Monitors stay on instead/s);
	assert.equal(await testId(page, 'topology-exclusive').getAttribute('aria-disabled'), 'true');
	await testId(page, 'topology-exclusive').click({ force: true });
	assert.ok(await testId(page, 'topology-auto').isChecked());
	assert.ok(await testId(page, 'apply').isDisabled());
	assert.match(await textOf(page, 'desktop-isolated-reason'), /Only here in English\./);
	assert.match(await textOf(page, 'limit-gaming-rig'), /Monitors stay on instead/);
	assert.equal(await testId(page, 'limit-default').count(), 0);
	await testId(page, 'identity-per-client-mode').check();
	assert.ok(await testId(page, 'apply').isEnabled(), 'what the host makes up for can be chosen');
	await shot(page, 'greyed', true);
	await testId(page, 'discard').click();
	await testId(page, 'customise').click();
});

await steps.step('a desktop that places nothing has a map to look at only, with the reason', async () => {
	await scene((host) => host.cannot('layout', 'none', 'elsewhere', 'This desktop places its outputs itself.'));
	await until('the reason', async () => (await page.innerText('#map-help')).includes('places its outputs itself'));
	assert.equal(await page.locator('.movable').count(), 0);
	await scene();
});

// ── the other views

await steps.step('clients are listed with what is different for them; a new name is sent', async () => {
	await testId(page, 'nav-clients').click();
	const phone = testId(page, 'client-09d7e6a2');
	await until('the clients', () => phone.isVisible());
	assert.ok(await page.locator('h1').evaluate((heading) => heading === document.activeElement), 'the focus goes along');
	assert.match(await flat(phone), /After a disconnect 5 min/);
	assert.deepEqual(await violations(page), []);
	await shot(page, 'clients');
	await phone.locator('[data-testid=rename]').click();
	await testId(page, 'rename-label').fill('Handy');
	await testId(page, 'rename-save').click();
	await until('the name', async () => (await phone.innerText()).startsWith('Handy'));
	assert.deepEqual(api.asked('PATCH', `/clients/${FINGERPRINTS.phone}`).at(-1), { label: 'Handy' });
	await toast(page, 'Handy');
});

await steps.step('exceptions of a client are edited; a fault is said at its field', async () => {
	const tablet = testId(page, 'client-4f3a91c0');
	await tablet.locator('[data-testid=overrides]').click();
	await testId(page, 'override-mode_conflict').selectOption({ label: 'Takes over' });
	await testId(page, 'override-keep_alive').selectOption({ label: 'Keep for a while' });
	await page.locator('[data-testid$=keep_alive-count]').fill('0');
	await page.locator('[data-testid$=keep_alive-count]').blur();
	assert.deepEqual(await violations(page), []);
	await testId(page, 'overrides-save').click();
	await until('the fault', async () => (await page.locator('[data-fault="/overrides/keep_alive"]').innerText()).includes('from 1 to'));
	await testId(page, 'override-keep_alive').selectOption({ index: 0 });
	await testId(page, 'overrides-save').click();
	await until('the exception', async () => (await flat(tablet)).includes('A second client Takes over'));
	assert.deepEqual(api.asked('PATCH', `/clients/${FINGERPRINTS.tablet}`).at(-1), { overrides: { mode_conflict: 'steal' } });
	await until('no editor', async () => await testId(page, 'overrides-editor').count() === 0);
});

await steps.step('what one client\'s own desktop sees is an exception of its own, beside what the host says', async () => {
	await scene((host) => { host.document.confinement = { mode: 'home', devices: ['dri'] }; });
	const tablet = testId(page, 'client-4f3a91c0');
	const editor = testId(page, 'overrides-editor');
	const field = testId(page, 'override-confinement');
	const since = api.requests.length;
	await tablet.locator('[data-testid=overrides]').click();
	assert.equal(await field.evaluate((select) => select.selectedOptions[0].text), 'As the host (A home of its own: Graphics cards)');
	assert.equal(await testId(page, 'granted').count(), 0);
	await field.selectOption({ label: 'Granted devices only' });
	assert.match(await flat(editor), /Takes away every device .* With a shared desktop it counts only .* without bubblewrap/);
	await testId(page, 'override-desktop').selectOption({ label: 'One for each client' });
	assert.match(await flat(editor), /It counts for desktops that are made from now on/);
	await testId(page, 'device-video').check();
	await testId(page, 'device-dri').check();
	await wholeInView(page);
	assert.deepEqual(await violations(page), []);
	await shot(page, 'confinement-client');
	await page.setViewportSize({ width: 1280, height: 960 });
	api.refuse.set(`PATCH /clients/${FINGERPRINTS.tablet}`,
		faultsProblem([{ pointer: '/overrides/confinement/devices/1', detail: 'is no device here' }]));
	await testId(page, 'overrides-save').click();
	await until('the fault', async () => /is no device here/.test(await flat(page.locator('[data-fault="/overrides/confinement"]'))));
	assert.deepEqual(await granted(), ['dri', 'video']);
	await testId(page, 'override-desktop').selectOption({ index: 0 });
	await testId(page, 'overrides-save').click();
	await until('the exception', async () => (await flat(tablet)).includes(
		'What a client’s own desktop sees Granted devices only: Graphics cards, Cameras and video codecs'));
	await until('no editor', async () => await editor.count() === 0);
	const body = { overrides: { confinement: { mode: 'devices', devices: ['dri', 'video'] } } };
	assert.deepEqual(api.asked('PATCH', `/clients/${FINGERPRINTS.tablet}`, since),
		[{ overrides: { ...body.overrides, desktop: 'isolated' } }, body]);
	await tablet.locator('[data-testid=overrides]').click();
	assert.deepEqual(await granted(), ['dri', 'video']);
	await field.selectOption({ index: 0 });
	await testId(page, 'overrides-save').click();
	await until('no exception', async () => !/own desktop sees/.test(await flat(tablet)) && await editor.count() === 0);
	assert.deepEqual(api.asked('PATCH', `/clients/${FINGERPRINTS.tablet}`, since).at(-1), { overrides: {} });
	await scene();
});

await steps.step('what is opened while an answer is under way stays open', async () => {
	const tablet = testId(page, 'client-4f3a91c0');
	const since = api.requests.length;
	const answer = api.holdAnswers();
	await tablet.locator('[data-testid=rename]').click();
	await testId(page, 'rename-save').click();
	await untilAsked('the name', () => api.asked('PATCH', `/clients/${FINGERPRINTS.tablet}`, since));
	await tablet.locator('[data-testid=overrides]').click();
	answer();
	await toast(page, 'Tablet');
	assert.ok(await testId(page, 'overrides-editor').isVisible());
	await tablet.locator('[data-testid=overrides]').click();
	assert.equal(await testId(page, 'overrides-editor').count(), 0);
});

await steps.step('a client is unpaired only after a yes', async () => {
	const tablet = testId(page, 'client-4f3a91c0');
	await tablet.locator('[data-testid=unpair]').click();
	assert.match(await page.innerText('dialog'), /Unpair Tablet\?\s+Its sessions end now/);
	assert.equal(await page.evaluate(() => document.activeElement.innerText), 'Cancel');
	assert.deepEqual(await violations(page), []);
	await page.keyboard.press('Escape');
	await until('no dialog', async () => await page.locator('dialog').count() === 0);
	assert.deepEqual(api.asked('DELETE', `/clients/${FINGERPRINTS.tablet}`), []);
	await tablet.locator('[data-testid=unpair]').click();
	await testId(page, 'yes').click();
	await until('one less', async () => await tablet.count() === 0);
});

await steps.step('sessions are listed, and end after a yes', async () => {
	await scene();
	await testId(page, 'nav-sessions').click();
	await until('the sessions', () => testId(page, 'session-5').isVisible());
	assert.match(await textOf(page, 'session-5'), /Living room[\s\S]*joined in, slot 1[\s\S]*192\.168\.1\.77 · browser/);
	assert.deepEqual(await violations(page), []);
	await shot(page, 'sessions');
	await testId(page, 'end-5').click();
	await testId(page, 'yes').click();
	await until('one less', async () => await testId(page, 'session-5').count() === 0);
	assert.equal(api.asked('DELETE', '/sessions/5').length, 1);
});

await steps.step('a PIN is made, shown large with its time, and voided', async () => {
	await testId(page, 'nav-pairing').click();
	await until('the button', () => testId(page, 'arm').isVisible());
	await testId(page, 'arm').click();
	await until('the PIN', async () => (await testId(page, 'pin').innerText().catch(() => '')).replace(/\s/g, '') === api.pairing.pin);
	assert.match(await textOf(page, 'countdown'), /(10:00|9:\d\d)/);
	assert.ok((await testId(page, 'pin').boundingBox()).height > 50);
	assert.deepEqual(await violations(page), []);
	await shot(page, 'pairing');
	await testId(page, 'void').click();
	await until('no PIN', async () => await testId(page, 'pin').count() === 0);
	assert.equal(api.pairing.armed, false);
});

await steps.step('a request is approved or denied, and one that is gone says so', async () => {
	api.pairing.requests.push({ session: 10, label: 'Stranger', fingerprint: FINGERPRINTS.stranger, peer: '192.168.1.91', since: 1 });
	api.changed('pairing');
	await until('both', () => testId(page, 'request-10').isVisible());
	assert.match(await testId(page, 'nav-pairing').innerText(), /2/);
	await testId(page, 'deny-10').click();
	await until('one left', async () => await testId(page, 'request-10').count() === 0);
	api.refuse.set('POST /pairing/requests/9', new ApiProblem(404, 'gone'));
	await testId(page, 'approve-9').click();
	await until('the words', async () => (await textOf(page, 'request-9')).includes('no longer there'));
	await testId(page, 'approve-9').click();
	await toast(page, 'Firefox on Linux is paired.');
	assert.deepEqual(api.asked('POST', '/pairing/requests/9').at(-1), { decision: 'approve' });
	assert.ok(api.clients.some((client) => client.label === 'Firefox on Linux'));
});

// ── languages, looks, sizes

await steps.step('a browser in German speaks German throughout, and another language can be chosen', async () => {
	await scene();
	const german = await openPage({ locale: 'de-DE' });
	assert.equal(await german.evaluate(() => document.documentElement.lang), 'de');
	assert.match(await textOf(german, 'display-3'), /Noch eine Weile da[\s\S]*Freigeben/);
	assert.match(await textOf(german, 'preset-workstation'), /Arbeitsplatz\s+Mehrere Bildschirme/);
	await testId(german, 'preset-hotdesk').hover();
	await until('the explanation', async () => (await textOf(german, 'preview')).includes('Es würde abgewiesen'));
	await shot(german, 'german');
	await testId(german, 'language').selectOption({ label: 'English' });
	await until('English', async () => (await textOf(german, 'preset-workstation')).includes('Several displays'));
	await german.reload();
	await untilLive(german);
	assert.equal(await german.evaluate(() => document.documentElement.lang), 'en');
	await german.context().close();
});

/** Goes to that view of the console, until it is there. */
async function show(one, view) {
	await testId(one, `nav-${view}`).click();
	await until(view, async () => await testId(one, `nav-${view}`).getAttribute('aria-current') === 'page' &&
		await one.locator('main .panel').count() > 0);
}

for (const locale of ['en-GB', 'de-DE']) {
	await steps.step(`on 360 pixels nothing is cut off sideways (${locale})`, async () => {
		const phone = await openPage({ locale, viewport: { width: 360, height: 740 }, hasTouch: true });
		for (const view of ['displays', 'clients', 'sessions', 'pairing']) {
			await show(phone, view);
			const over = await overhangs(phone);
			assert.deepEqual(over, [], view);
			assert.deepEqual(await violations(phone), [], view);
		}
		await testId(phone, 'nav-displays').click();
		await until('the presets', async () => await phone.locator('.preset').count() === 5);
		await shot(phone, `phone-${locale.slice(0, 2)}`, true);
		await phone.context().close();
	});
}

for (const [name, options] of [['de-360', { locale: 'de-DE', viewport: { width: 360, height: 740 }, hasTouch: true }],
	['dark', { colorScheme: 'dark', reducedMotion: 'reduce' }], ['de', { locale: 'de-DE' }]]) {
	await steps.step(`what is seen, and how it is chosen, fits and is readable: ${name}`, async () => {
		await scene((host) => {
			host.document = { ...host.document, desktop: 'isolated', confinement: { mode: 'home', devices: ['dri', 'video'] } };
			host.clients[0].overrides = { confinement: { mode: 'devices', devices: ['dri', 'nvidia', 'video', 'kvm', 'fuse'] } };
		});
		const other = await openPage(options);
		await testId(other, 'customise').click();
		await until('the devices', () => testId(other, 'device-fuse').isVisible());
		await wholeInView(other);
		assert.deepEqual([await overhangs(other), await violations(other)], [[], []], 'settings');
		await shot(other, `confinement-${name}`);
		await show(other, 'clients');
		await testId(other, 'overrides').first().click();
		await until('the devices', () => testId(other, 'device-fuse').isVisible());
		await wholeInView(other);
		assert.deepEqual([await overhangs(other), await violations(other)], [[], []], 'clients');
		await shot(other, `confinement-client-${name}`);
		await other.context().close();
	});
}

await steps.step('by dark it is dark, and axe objects to nothing', async () => {
	const dark = await openPage({ colorScheme: 'dark', reducedMotion: 'reduce' });
	assert.equal(await dark.evaluate(() => getComputedStyle(document.body).backgroundColor), 'rgb(16, 20, 24)');
	assert.equal(await testId(dark, 'map-1').evaluate((one) => getComputedStyle(one).transitionDuration), '0s', 'nothing moves that need not');
	assert.deepEqual(await violations(dark), []);
	await testId(dark, 'preset-workstation').hover();
	await until('the explanation', async () => (await textOf(dark, 'preview')).includes('of its own'));
	await shot(dark, 'dark');
	for (const view of ['clients', 'sessions', 'pairing']) {
		await show(dark, view);
		assert.deepEqual(await violations(dark), [], view);
	}
	await dark.context().close();
});

await steps.step('every control is reached by Tab, in the order of the page, with a focus to be seen', async () => {
	await testId(page, 'nav-displays').click();
	await page.reload();
	await untilLive(page);
	await until('the map', () => testId(page, 'map-3').isVisible());
	const reached = [];
	for (let i = 0; i < 40; i++) {
		await page.keyboard.press('Tab');
		const [name, outline, y] = await page.evaluate(() => {
			const { dataset, className } = document.activeElement;
			return [dataset.testid ?? className, getComputedStyle(document.activeElement).outlineStyle,
				document.activeElement.getBoundingClientRect().top];
		});
		if (!name)
			break;
		assert.notEqual(outline, 'none', name);
		reached.push([name, y]);
	}
	const names = reached.map(([name]) => name);
	for (const name of ['skip', 'nav-displays', 'language', 'logout', 'map-1', 'map-3', 'release-3', 'preset-default', 'customise'])
		assert.ok(names.includes(name), `${name} in ${names}`);
	assert.ok(names.indexOf('map-1') < names.indexOf('release-3') && names.indexOf('release-3') < names.indexOf('preset-default'));
});

// ── the connection

await steps.step('a host that goes away is said, and comes back by itself with what changed', async () => {
	const { port } = api;
	await api.close();
	await until('the words', async () => (await testId(page, 'connection').getAttribute('data-phase')) !== 'live');
	await until('the banner', () => testId(page, 'unreachable').isVisible(), 30000);
	await testId(page, 'release-3').click();
	await until('the words at the row', async () => (await textOf(page, 'display-3')).includes('did not answer'));
	await shot(page, 'unreachable');
	api.displays = api.displays.filter((one) => one.slot !== 2);
	await api.listen(port);
	api.changed('displays');
	await until('a live page again', () => isLive(page), 30000);
	await until('one less', async () => await testId(page, 'display-2').count() === 0);
	assert.equal(await testId(page, 'unreachable').count(), 0);
});

await steps.step('a login that ran out leads to the login page, from a click and from the events', async () => {
	api.cookies.clear();
	// The pointer on its way to the card would ask for what it changes, and so lead to the login page before the click.
	await testId(page, 'preset-hotdesk').evaluate((card) => card.click());
	await until('the login page', () => testId(page, 'secret').isVisible());
	await testId(page, 'secret').fill(api.code);
	await testId(page, 'login').click();
	await untilLive(page);
	api.cookies.clear();
	for (const listener of api.listeners)
		listener.end();
	await until('the login page again', () => testId(page, 'secret').isVisible(), 30000);
});

await steps.step('Log out forgets the cookie on both sides', async () => {
	await testId(page, 'secret').fill(api.code);
	await testId(page, 'login').click();
	await untilLive(page);
	assert.equal(api.cookies.size, 1);
	await testId(page, 'logout').click();
	await until('the login page', () => testId(page, 'secret').isVisible());
	assert.equal(api.cookies.size, 0);
	await page.reload();
	await until('the login page still', () => testId(page, 'secret').isVisible());
});

await steps.step('no page complained', () => assert.deepEqual(complaints, []));

await browser.close();
await api.close();
steps.close();
