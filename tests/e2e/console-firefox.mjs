// The console in Firefox against the fake API: it is shown, changed and reconnected as in Chromium. Over WebDriver BiDi.
//   node tests/e2e/console-firefox.mjs [folder for screenshots]

import assert from 'node:assert/strict';
import puppeteer from 'puppeteer-core';

import { FakeApi } from '../console/fake-api.mjs';
import { furnish } from '../console/scenes.mjs';
import { Steps, until } from './browser.mjs';

const shots = process.argv[2];
const api = new FakeApi();
furnish(api);
await api.listen();
const steps = new Steps();
const complaints = [];
const browser = await puppeteer.launch({
	browser: 'firefox',
	executablePath: process.env.FIREFOX ?? '/usr/bin/firefox-esr',
	headless: true,
	acceptInsecureCerts: true,
	extraPrefsFirefox: { 'intl.accept_languages': 'en' },
});
const page = await browser.newPage();
page.on('pageerror', (error) => complaints.push(error.message));
await page.setViewport({ width: 1280, height: 960 });
await page.goto(api.url);

const id = (name) => `[data-testid=${name}]`;
const text = (name) => page.$eval(id(name), (one) => one.innerText.replace(/\s+/g, ' ')).catch(() => '');
const phase = () => page.$eval(id('connection'), (one) => one.dataset.phase).catch(() => '');

await steps.step('Firefox logs in and shows displays, map and presets', async () => {
	await page.waitForSelector(id('secret'));
	await page.type(id('secret'), api.code);
	await page.click(id('login'));
	await until('a live page', async () => await phase() === 'live', 20000);
	await until('the display', async () => /Kept for a while \d:\d\d/.test(await text('display-3')));
	assert.equal((await page.$$('.preset')).length, 5);
});

await steps.step('Firefox previews and chooses a preset', async () => {
	await page.hover(id('preset-gaming-rig'));
	await until('the explanation', async () => (await text('preview')).includes('would take over'));
	if (shots)
		await page.screenshot({ path: `${shots}/console-firefox.png` });
	await page.click(id('preset-gaming-rig'));
	await until('the preset', () => api.document.preset === 'gaming-rig');
});

await steps.step('Firefox moves a display by keyboard', async () => {
	await page.focus(id('map-2'));
	await page.keyboard.press('ArrowDown');
	await page.keyboard.press('Enter');
	await until('the places', () => api.asked('PUT', '/display/layout').at(-1)?.positions[2].y === 8);
});

await steps.step('Firefox comes back by itself when the host does', async () => {
	const { port } = api;
	await api.close();
	await until('the words', async () => await phase() === 'unreachable', 20000);
	await api.listen(port);
	await until('a live page', async () => await phase() === 'live', 30000);
});

await steps.step('no page complained', () => assert.deepEqual(complaints, []));

await browser.close();
await api.close();
steps.close();
