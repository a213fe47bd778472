// The main job as a person does it, on real parts: lodged, sway, foot, Chromium.
//   node tests/e2e/main-job.mjs BUILD [folder for screenshots]

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { isNear, launchChromium, screen, Steps, testId, until, untilState } from './browser.mjs';
import { Host } from './host.mjs';

const [, , build, shots] = process.argv;
const WIDTH = 1280;
const HEIGHT = 720;
// Of tests/support/testcard_pattern.h in a window of 640 x 360: the four fields, a grid line, the border.
const PATTERN = [
	[10, 10, [0xc0, 0x20, 0x20]], [630, 10, [0x20, 0xa0, 0x40]], [10, 350, [0x20, 0x40, 0xc0]],
	[630, 350, [0xe0, 0xc0, 0x20]], [32, 10, [0x80, 0x80, 0x80]], [0, 0, [0xff, 0xff, 0xff]],
];
const steps = new Steps();
const browser = await launchChromium();
const complaints = [];

async function openPage(context, url) {
	const page = await context.newPage();
	page.on('pageerror', (error) => complaints.push(error.message));
	await page.goto(url);
	return page;
}

function newContext(width = WIDTH, height = HEIGHT) {
	return browser.newContext({ ignoreHTTPSErrors: true, viewport: { width, height }, locale: 'en-GB' });
}

async function pair(page, pin) {
	await untilState(page, 'pairing');
	await testId(page, 'pin').fill(pin);
	await testId(page, 'pair').click();
	await untilState(page, 'live');
}

async function shot(page, name) {
	if (shots)
		await page.screenshot({ path: join(shots, `${name}.png`) });
}

/** Pixels of text in a band of the screen: bright on foot's dark ground. */
async function brightPixels(page, top, bottom) {
	const picture = await screen(page);
	let count = 0;
	for (let y = top; y < bottom; y++) {
		for (let x = 0; x < 400; x++)
			count += picture.at(x, y)[1] > 120;
	}
	return count;
}

const host = await new Host(build, ['foot sh']).ready();
const context = await newContext();
let page = await openPage(context, host.url);
let output;

await steps.step('a wrong PIN is said in words, the right one pairs', async () => {
	await untilState(page, 'pairing');
	await testId(page, 'pin').fill(host.pin() === '000000' ? '000001' : '000000');
	await testId(page, 'pair').click();
	await until('words about the PIN', async () => /PIN/.test(await page.innerText('form')) &&
		/wrong|not right/i.test(await page.innerText('body')));
	await pair(page, host.pin());
});

await steps.step('the output in sway has the size of the window', async () => {
	await until(`${WIDTH}x${HEIGHT}`, async () => Object.values(await host.outputs()).includes(`${WIDTH}x${HEIGHT}`));
	[output] = Object.keys(await host.outputs());
});

await steps.step('what is typed runs in the terminal and its answer is seen', async () => {
	const file = join(host.folder, 'typed');
	await host.untilFocused('foot');
	await testId(page, 'stage').click({ position: { x: 640, y: 400 } });
	const before = await brightPixels(page, 0, 60);
	await page.keyboard.type(`echo lodge-$((6*7)) | tee ${file}`);
	await page.keyboard.press('Enter');
	await until('the terminal to write lodge-42', () => existsSync(file) && readFileSync(file, 'utf8') === 'lodge-42\n');
	await until('its text on the screen', async () => await brightPixels(page, 0, 60) > before + 100);
	await shot(page, 'typed');
});

await steps.step('the picture comes to rest exact: grey text has no colour', async () => {
	await until('a picture without chroma noise', async () => {
		const picture = await screen(page);
		for (let y = 0; y < 40; y++) {
			for (let x = 0; x < 300; x++) {
				const [red, green, blue] = picture.at(x, y);
				if (Math.max(red, green, blue) - Math.min(red, green, blue) > 24)
					return false;
			}
		}
		return true;
	});
});

await steps.step('statistics are there for people and for scripts', async () => {
	const stats = await until('figures of what was shown lately', async () => {
		await page.keyboard.press('KeyX'); // they tell of two seconds, in which a picture at rest has nothing to show
		const now = await page.evaluate(() => window.lodge.stats());
		return now.captureToShownP50Ms !== null && now;
	});
	for (const name of ['fps', 'mbps', 'captureToShownP50Ms', 'captureToShownP95Ms', 'lost', 'rttMs'])
		assert.equal(typeof stats[name], 'number', `${name} in ${JSON.stringify(stats)}`);
	assert.equal(stats.width, WIDTH);
	assert.equal(stats.state, 'live');
});

await steps.step('a resize of the window resizes the same output', async () => {
	await page.setViewportSize({ width: 1003, height: 611 });
	await until('1003x611', async () => (await host.outputs())[output] === '1003x611');
	await until('the page to show it', async () => (await page.evaluate(() => window.lodge.stats())).width === 1003);
	await untilState(page, 'live');
	await page.setViewportSize({ width: WIDTH, height: HEIGHT });
	await until('1280x720', async () => (await host.outputs())[output] === '1280x720');
});

await steps.step('a reload comes back to the same display without a PIN', async () => {
	await page.reload();
	await untilState(page, 'live');
	assert.deepEqual(await host.outputs(), { [output]: '1280x720' });
});

await steps.step('a second browser pairs with the next PIN and has a display of its own', async () => {
	const other = await newContext(900, 500);
	const second = await openPage(other, host.url);
	await pair(second, host.pin());
	await until('two outputs', async () => {
		const sizes = Object.values(await host.outputs());
		return sizes.includes('900x500') && sizes.includes('1280x720');
	});
	await other.close();
});

await steps.step('a closed tab leaves its display for a while, and gets it back', async () => {
	await page.close();
	await new Promise((done) => setTimeout(done, 2000));
	assert.equal((await host.outputs())[output], '1280x720');
	page = await openPage(context, host.url);
	await untilState(page, 'live');
	assert.equal((await host.outputs())[output], '1280x720');
});

await steps.step('without its client the display goes', async () => {
	await page.close();
	await until('no output', async () => Object.keys(await host.outputs()).length === 0, 40000); // ten seconds are its time
});

await steps.step('the page had nothing to complain about', async () => {
	assert.deepEqual(complaints, []);
});

await steps.step('lodged ends cleanly', () => host.stop());

const card = await new Host(build, [`${build}/tests/support/lodge-testcard pattern --fullscreen`]).ready();
await steps.step('a known picture is shown with its own colours', async () => {
	const cardPage = await openPage(await newContext(640, 360), card.url);
	await pair(cardPage, card.pin());
	await until('the colours of the test card', async () => {
		const picture = await screen(cardPage);
		return PATTERN.every(([x, y, colour]) => isNear(picture.at(x, y), colour, 2));
	});
	await shot(cardPage, 'pattern');
});
await steps.step('lodged ends cleanly again', () => card.stop());

await browser.close();
steps.close();
