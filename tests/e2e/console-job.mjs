// The console against a real lodged with a private sway: a browser opens a display, and the operator sees and steers it.
//   node tests/e2e/console-job.mjs BUILD [folder for screenshots]

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { launchChromium, Steps, testId, until, untilState } from './browser.mjs';
import { Host } from './host.mjs';

const [, , build, shots] = process.argv;
const host = await new Host(build, ['foot sh']).ready();
const browser = await launchChromium();
const steps = new Steps();
const complaints = [];

async function openPage(url) {
	const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1280, height: 900 }, locale: 'en-GB' });
	const page = await context.newPage();
	page.on('pageerror', (error) => complaints.push(error.stack));
	await page.goto(url);
	return page;
}

const flat = (page, name) => testId(page, name).innerText().then((text) => text.replace(/\s+/g, ' '));
const page = await openPage(new URL('console', host.url).href);
let viewer;

await steps.step('the admin token lets in, and the host is as it is: nothing there yet', async () => {
	await testId(page, 'secret').fill(readFileSync(join(host.state, 'admin-token'), 'utf8').trim());
	await testId(page, 'login').click();
	await until('a live page', async () => await testId(page, 'connection').getAttribute('data-phase').catch(() => '') === 'live');
	await until('the list', async () => (await page.innerText('main')).includes('No displays.'));
	assert.equal(await page.locator('.preset').count(), 5);
});

await steps.step('a PIN that the console makes pairs a browser, whose display and session appear by themselves', async () => {
	await testId(page, 'nav-pairing').click();
	await testId(page, 'arm').click();
	await until('six digits', async () => /^\d{6}$/.test((await testId(page, 'pin').innerText().catch(() => '')).replace(/\s/g, '')));
	const pin = (await testId(page, 'pin').innerText()).replace(/\s/g, '');
	viewer = await openPage(host.url);
	await untilState(viewer, 'pairing');
	await testId(viewer, 'label').fill('Kitchen');
	await testId(viewer, 'pin').fill(pin);
	await testId(viewer, 'pair').click();
	await untilState(viewer, 'live');
	await testId(page, 'nav-displays').click();
	await until('the display', async () => /Kitchen In use 1280 × 900/.test(await flat(page, 'display-1').catch(() => '')));
	assert.match(await page.innerText('[data-testid=map-1]'), /Kitchen/);
	await testId(page, 'nav-sessions').click();
	await until('the session', async () => (await page.innerText('main')).includes('Kitchen'));
});

await steps.step('a preset is previewed by the host\'s own dry run, chosen, and in force', async () => {
	await testId(page, 'nav-displays').click();
	await testId(page, 'preset-hotdesk').hover();
	await until('the explanation', async () => (await flat(page, 'preview')).includes('turned away: somebody is connected'));
	await testId(page, 'preset-hotdesk').click();
	await until('the preset', async () => await testId(page, 'preset-hotdesk').getAttribute('aria-pressed') === 'true');
	assert.equal(JSON.parse(readFileSync(join(host.folder, 'config', 'display-settings.json'), 'utf8')).preset, 'hotdesk');
	if (shots)
		await page.screenshot({ path: `${shots}/console-real.png` });
});

await steps.step('a fault that the host finds is said at its field', async () => {
	await testId(page, 'customise').click();
	await testId(page, 'max_displays').fill('99');
	await testId(page, 'apply').click();
	await until('the fault', async () => await page.locator('[data-fault="/max_displays"]').innerText() !== '');
	await testId(page, 'discard').click();
});

await steps.step('a display that is moved on the map moves on the desktop', async () => {
	await testId(page, 'map-1').focus();
	for (let i = 0; i < 5; i++)
		await page.keyboard.press('ArrowRight');
	await page.keyboard.press('Enter');
	await until('its place at the desktop', async () => (await host.ask(3)).some((output) => output.rect.x === 40 && output.rect.width === 1280));
	await until('its place on the page', async () => (await page.innerText('[data-testid=map-1]')).includes('at 40, 0'));
});

await steps.step('when the browser goes, the display is kept with a countdown, and Release closes it', async () => {
	await viewer.context().close();
	await until('a countdown', async () => /Kept for a while (4:5\d|5:00)/.test(await flat(page, 'display-1').catch(() => '')));
	await testId(page, 'release-1').click();
	await until('no display', async () => await testId(page, 'display-1').count() === 0);
	await until('no output', async () => !Object.values(await host.outputs()).includes('1280x900'));
});

await steps.step('the client is renamed and unpaired', async () => {
	await testId(page, 'nav-clients').click();
	await testId(page, 'rename').click();
	await testId(page, 'rename-label').fill('Küche');
	await testId(page, 'rename-save').click();
	await until('the name', async () => (await page.innerText('main')).includes('Küche'));
	await testId(page, 'unpair').click();
	await testId(page, 'yes').click();
	await until('nobody', async () => (await page.innerText('main')).includes('No client is paired yet.'));
});

await steps.step('no page complained', () => assert.deepEqual(complaints, []));

if (steps.failed)
	console.log(host.log);
await browser.close();
await steps.step('lodged stops as asked, and leaves nothing', () => host.stop());
steps.close();
