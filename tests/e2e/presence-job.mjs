// Two people and a guest in Chromium on one desktop: lodged and sway are real, what the pages show is what the host tells.
//   node tests/e2e/presence-job.mjs BUILD

import assert from 'node:assert/strict';

import { launchChromium, Steps, testId, until, untilState } from './browser.mjs';
import { Host } from './host.mjs';
import { ViewerPages } from './viewer-page.mjs';

const [, , build] = process.argv;
const GATHER_MS = 1200; // of web/viewer/presence/announce.js
const WINDOW = { width: 1280, height: 720 };
const steps = new Steps();
const host = await new Host(build, ['foot sh']).ready();
const browser = await launchChromium();
const opened = new ViewerPages(browser, host);

const rule = (fields) => host.api('PUT', 'display/settings',
	{ preset: 'custom', topology: 'extend', mode_conflict: 'join', keep_alive: { mode: 'off' }, ...fields });
const people = (page) => page.locator('.person-name').allInnerTexts();
const untilSaid = (page, name, pattern) => until(`${pattern} in ${name}`, async () =>
	pattern.test(await testId(page, name).innerText({ timeout: 500 }).catch(() => '')));

async function arrive(label) {
	const page = await opened.open({ viewport: WINDOW, reducedMotion: 'reduce' });
	await untilState(page, 'pairing');
	await testId(page, 'label').fill(label);
	await testId(page, 'pin').fill(host.pin());
	await testId(page, 'pair').click();
	await untilState(page, 'live');
	return page;
}

let ada;
let bo;

await steps.step('with presence off two pages show and fetch nothing of each other', async () => {
	await rule({});
	ada = await arrive('ada');
	bo = await arrive('bo');
	await bo.mouse.move(200, 200);
	for (const page of [ada, bo]) {
		assert.equal(await page.locator('.presence, .ghosts').count(), 0);
		assert.equal(await page.evaluate(() => performance.getEntriesByType('resource')
			.some(({ name }) => name.includes('/presence/'))), false);
	}
});

await steps.step('turned on, both see both, and each its own marked', async () => {
	await rule({ presence: { enabled: true } });
	for (const page of [ada, bo])
		await until('two', async () => String((await people(page)).sort()) === 'ada,bo');
	assert.match(await testId(ada, 'person').first().innerText(), /^ada\s+you/);
	assert.match(await testId(bo, 'person').first().innerText(), /^bo\s+you/);
});

await steps.step('where the one points, the other sees its name', async () => {
	await ada.mouse.move(300, 200);
	await ada.mouse.move(310, 210);
	await until('the name', async () => String(await bo.locator('.ghost').allInnerTexts()) === 'ada');
	await untilSaid(bo, 'panel', /ada\s+driving · pointed last/);
});

await steps.step('one drives at a time: control is taken, asked for, and passed on', async () => {
	await rule({ presence: { enabled: true }, control: 'one-at-a-time' });
	await untilSaid(ada, 'control', /Nobody has control/);
	await testId(ada, 'control-main').click();
	await untilSaid(ada, 'control', /You have control/);
	await untilSaid(bo, 'control', /ada.* has control/);
	await testId(bo, 'control-main').click();
	await untilSaid(bo, 'control-line', /Place 1 of 1/);
	await untilSaid(ada, 'panel', /bo\s+\S+ · waits, place 1/);
	await untilSaid(ada, 'request', /bo.* asks for control/);
	await testId(ada, 'request-allow').click();
	await untilSaid(bo, 'control', /You have control/);
	await untilSaid(ada, 'control', /bo.* has control/);
});

await steps.step('a guest comes in by the link and its PIN, is seen by the others, may only watch, and may load the page anew', async () => {
	const { id, link, pin } = await host.api('POST', 'invitations', { preset: 'view', uses: 1 });
	assert.equal(link, `/?invite=${id}`);
	const guest = await opened.open({ viewport: WINDOW, reducedMotion: 'reduce' }, { path: link.slice(1) });
	await testId(guest, 'guest-form').waitFor();
	assert.equal(guest.url(), host.url);
	await testId(guest, 'guest-name').fill('rosa');
	await testId(guest, 'guest-pin').fill(`${pin.slice(0, 4)} ${pin.slice(4)}`);
	// Looked for from now on: it is said for a while only.
	await Promise.all([untilSaid(ada, 'said', /rosa.* is here now/), testId(guest, 'guest-enter').click()]);
	await untilState(guest, 'live');
	await untilSaid(guest, 'rights', /You are watching only/);
	await until('three', async () => String((await people(ada)).sort()) === 'ada,bo,rosa');
	assert.match(await testId(ada, 'person').filter({ hasText: 'rosa' }).innerText(), /may only watch/);
	await guest.reload(); // in again, though nobody else would be: its one use is gone
	await untilState(guest, 'live');
	await untilSaid(guest, 'rights', /You are watching only/);
	await until('three again', async () => String((await people(ada)).sort()) === 'ada,bo,rosa');
	// Who comes and goes while Ada's page gathers what it says is not worth a word.
	await ada.evaluate((gathered) => new Promise((resolve) => setTimeout(resolve, gathered)), GATHER_MS);
	await host.api('DELETE', `invitations/${id}?end_guests=true`);
	await Promise.all([untilSaid(ada, 'said', /rosa.* has left/), untilState(guest, 'ended'),
		until('two', async () => String((await people(ada)).sort()) === 'ada,bo')]);
	await guest.context().close();
});

await steps.step('turned off, nothing of it is left on the pages', async () => {
	await rule({});
	for (const page of [ada, bo])
		await until('nobody', async () => await page.locator('.presence, .ghosts').count() === 0);
});

await steps.step('no page complained', () => assert.deepEqual(opened.complaints, []));
await browser.close();
await steps.step('lodged ends cleanly', () => host.stop());
steps.close();
