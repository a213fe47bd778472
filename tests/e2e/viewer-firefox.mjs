// The page in Firefox, which has no generated track: the picture is drawn on a canvas. Driven over WebDriver BiDi.
//   node tests/e2e/viewer-firefox.mjs [folder for screenshots]

import assert from 'node:assert/strict';
import puppeteer from 'puppeteer-core';

import { FakeHost } from '../viewer/fake-host.mjs';
import { decodePng, isNear, Steps, until } from './browser.mjs';

const WIDTH = 640;
const HEIGHT = 360;
const shots = process.argv[2];

const host = new FakeHost();
await host.listen();
const steps = new Steps();
const browser = await puppeteer.launch({
	browser: 'firefox',
	executablePath: process.env.FIREFOX ?? '/usr/bin/firefox-esr',
	headless: true,
	acceptInsecureCerts: true,
	extraPrefsFirefox: { 'intl.accept_languages': 'en' },
});
const page = await browser.newPage();
await page.setViewport({ width: WIDTH, height: HEIGHT });
await page.goto(host.url);

const state = () => page.$eval('[data-testid=status]', (status) => status.dataset.state);
const untilState = (wanted) => until(`state ${wanted}`, async () => (await state()) === wanted, 20000);
const screen = async () => decodePng(Buffer.from(await page.screenshot({ type: 'png' })));
const untilColour = async (x, y, wanted) => {
	let colour;
	await until(`${wanted} at ${x},${y}`, async () => {
		colour = (await screen()).at(x, y);
		return isNear(colour, wanted, 6);
	}).catch((error) => {
		throw new Error(`${error.message}; it was ${colour}`);
	});
};
const viewer = () => [...host.viewers].find((one) => one.mode);

await steps.step('Firefox pairs with the PIN', async () => {
	await until('the PIN field', () => page.$('[data-testid=pin]'), 20000);
	await page.type('[data-testid=pin]', host.pin);
	await page.click('[data-testid=pair]');
	await untilState('live');
	assert.equal(host.messages('PAIR')[0].label, 'Firefox on Linux');
});

await steps.step('Firefox shows the picture on a canvas', async () => {
	assert.equal(await page.$('#stage video'), null);
	await untilColour(100, 100, [220, 40, 40]);
	await untilColour(500, 100, [40, 180, 60]);
	await untilColour(100, 300, [50, 80, 220]);
	if (shots)
		await page.screenshot({ path: `${shots}/firefox.png` });
});

await steps.step('Firefox draws tiles, and video that is shown clears them', async () => {
	host.sendFrame(viewer(), { tiles: [
		{ x: 64, y: 64, width: 64, height: 64, format: 1, bytes: Buffer.from([10, 20, 200, 0]) },
	] });
	await untilColour(70, 70, [200, 20, 10]);
	host.sendSecondPicture(viewer(), [{ x: 0, y: 0, width: 320, height: 180 }]);
	await untilColour(70, 70, [230, 210, 40]);
});

await steps.step('Firefox sends keys, pointer and text', async () => {
	const since = host.received.length;
	await page.mouse.click(123, 45);
	await page.keyboard.press('KeyA');
	await until('the key', () => host.messages('KEY', since).length === 2);
	assert.deepEqual(host.messages('KEY', since).map(({ code, pressed }) => [code, pressed]), [[30, true], [30, false]]);
	const { x, y } = host.messages('POINTER_ABSOLUTE', since).at(-1);
	assert.deepEqual([x, y], [123, 45]);
	assert.equal(host.messages('POINTER_BUTTON', since).length, 2);
});

await browser.close();
await host.close();
steps.close();
