// The exact job: every pixel of a known picture at odd sizes, text letter by letter, one device in two tabs; on real
// parts (lodged, sway, foot, Chromium).
//   node tests/e2e/exact-job.mjs BUILD [folder for screenshots]

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

import { launchChromium, screen, Steps, testId, until, untilState } from './browser.mjs';
import { Host } from './host.mjs';

const [, , build, shots] = process.argv;
const testcard = resolve(build, 'tests/support/lodge-testcard');
const run = promisify(execFile);
const host = await new Host(build, []).ready();

async function sway(...words) {
	const { stdout } = await run('swaymsg', ['-s', host.swaySocket(), '-r', ...words], { timeout: 20000 });
	return JSON.parse(stdout);
}

async function outputOfSize(width, height) {
	const outputs = await sway('-t', 'get_outputs');
	return outputs.find(({ active, current_mode: mode }) => active && mode?.width === width && mode.height === height);
}

function windowsBelow(node, appId) {
	const below = [...node.nodes, ...node.floating_nodes].flatMap((child) => windowsBelow(child, appId));
	return node.app_id === appId ? [node, ...below] : below;
}

const windowsOf = async (appId) => windowsBelow(await sway('-t', 'get_tree'), appId);

const read = (file) => existsSync(file) ? readFileSync(file, 'utf8') : '';

/** Starts a program on that output and waits for its window. */
async function start(output, appId, command) {
	await sway('focus', 'output', output);
	await sway('exec', command);
	return until(`a window of ${appId}`, async () => (await windowsOf(appId)).at(-1));
}

async function stop(appId) {
	await sway(`[app_id="${appId}"]`, 'kill');
	await until(`no window of ${appId}`, async () => (await windowsOf(appId)).length === 0);
}

// ── the picture of `lodge-testcard pattern` (tests/support/testcard_pattern.h)

const rgb = (value) => [value >> 16, (value >> 8) & 255, value & 255];

function speckle(x, y) {
	let hash = (Math.imul(x, 0x9e3779b1) ^ Math.imul(y, 0x85ebca77)) >>> 0;
	hash = (hash ^ (hash >>> 15)) >>> 0;
	hash = Math.imul(hash, 0x2c1b3c6d) >>> 0;
	return ((hash ^ (hash >>> 12)) & 1) === 1;
}

function patternPixel(x, y, width, height) {
	if (x === 0 || y === 0 || x === width - 1 || y === height - 1)
		return 0xffffff;
	const quarter = Math.floor(width / 4);
	const margin = Math.floor((height * 3) / 8);
	if (x >= quarter && x < width - quarter && y >= margin && y < height - margin)
		return x % 8 < 5 && y % 12 < 7 && speckle(x, y) ? 0x202428 : 0xf4f1ea;
	if (x % 32 === 0 || y % 32 === 0)
		return 0x808080;
	if (y < Math.floor(height / 2))
		return x < Math.floor(width / 2) ? 0xc02020 : 0x20a040;
	return x < Math.floor(width / 2) ? 0x2040c0 : 0xe0c020;
}

const CURSOR_PX = 48; // where the host's pointer may be seen: put into the last corner

/** How many pixels of the screen are not the pattern's, and the first of them. */
function wrongPixels(picture) {
	const { width, height } = picture;
	let wrong = 0;
	let first = null;
	for (let y = 0; y < height; y++) {
		for (let x = 0; x < width; x++) {
			if (x > width - CURSOR_PX && y > height - CURSOR_PX)
				continue;
			const wanted = rgb(patternPixel(x, y, width, height));
			const seen = picture.at(x, y);
			if (seen.some((value, i) => value !== wanted[i])) {
				wrong++;
				first ??= `${x},${y}: ${seen} instead of ${wanted}`;
			}
		}
	}
	return { wrong, first };
}

async function untilExact(page, width, height) {
	await page.mouse.move(width - 8, height - 8);
	await page.evaluate(() => { document.getElementById('page').style.visibility = 'hidden'; });
	let state;
	try {
		await until('the exact picture', async () => {
			const picture = await screen(page);
			state = wrongPixels(picture);
			return picture.width === width && picture.height === height && state.wrong === 0;
		}, 40000);
	} catch (error) {
		throw new Error(state ? `${state.wrong} pixels are not exact, the first ${state.first}` : error.message);
	} finally {
		await page.evaluate(() => { document.getElementById('page').style.visibility = ''; });
	}
}

async function shot(page, name) {
	if (shots)
		await page.screenshot({ path: join(shots, `${name}.png`) });
}

async function pair(page) {
	await untilState(page, 'pairing');
	await testId(page, 'pin').fill(host.pin());
	await testId(page, 'pair').click();
	await untilState(page, 'live');
}

const browser = await launchChromium();
const complaints = [];

async function openContext(viewport) {
	const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport, locale: 'en-GB' });
	context.on('page', (page) => page.on('pageerror', (error) => complaints.push(error.message)));
	return context;
}

const steps = new Steps();
const context = await openContext({ width: 1001, height: 651 });
const page = await context.newPage();
let output;

await steps.step('a browser pairs with the PIN', async () => {
	await page.goto(host.url);
	await pair(page);
});

await steps.step('the desktop has an output of exactly the window\'s size', async () => {
	output = (await until('the output', () => outputOfSize(1001, 651))).name;
});

await steps.step('the picture at rest is exact in every pixel', async () => {
	await start(output, 'lodge-testcard', `${testcard} pattern --fullscreen`);
	await untilExact(page, 1001, 651);
	await shot(page, 'pattern');
});

await steps.step('a resized window resizes the same output, and the picture is exact again', async () => {
	await page.setViewportSize({ width: 802, height: 455 });
	const resized = await until('the new mode', () => outputOfSize(802, 455));
	assert.equal(resized.name, output);
	await untilExact(page, 802, 455);
	const box = await testId(page, 'stage').boundingBox();
	assert.deepEqual([box.x, box.y, box.width, box.height], [0, 0, 802, 455]);
	await stop('lodge-testcard');
});

const shifted = { ':': 'Semicolon', '+': 'Equal', '&': 'Digit7', '"': 'Quote', '{': 'BracketLeft', '}': 'BracketRight',
	'~': 'Backquote', '?': 'Slash' };

/** With Shift held where a person holds it: type() names the letter and presses only its key. */
async function typeAsPerson(where, text) {
	for (const letter of text) {
		const code = shifted[letter] ?? (/[A-Z]/.test(letter) ? `Key${letter}` : null);
		await where.keyboard.press(code ? `Shift+${code}` : letter === '\n' ? 'Enter' : letter);
	}
}

/** A terminal on our output whose typed lines land in a file. */
async function startTerminal(name) {
	const file = join(host.folder, name);
	await start(output, name, `foot --app-id=${name} sh -c 'cat > ${file}'`);
	await until('the focus', async () => {
		const { rect: screenRect } = await outputOfSize(802, 455);
		const [window] = await windowsOf(name);
		await page.mouse.click(window.rect.x - screenRect.x + window.rect.width / 2,
			window.rect.y - screenRect.y + window.rect.height / 2);
		return window.focused;
	});
	return file;
}

await steps.step('what is typed arrives in the terminal, capitals and signs too', async () => {
	const file = await startTerminal('lodge-keys');
	await typeAsPerson(page, 'Hello, Lodge: 1+2 = 3 & "more" {x} ~/y?\n');
	await until('the line in the file', () => read(file) === 'Hello, Lodge: 1+2 = 3 & "more" {x} ~/y?\n')
		.catch((error) => {
			throw new Error(`${error.message}; the file holds ${JSON.stringify(read(file))}`);
		});
	await shot(page, 'typed');
	await page.keyboard.press('Control+KeyD');
	await until('the end of the terminal', async () => (await windowsOf('lodge-keys')).length === 0);
});

await steps.step('text from the box is typed at the host, letters beyond the keyboard too', async () => {
	const file = await startTerminal('lodge-text');
	await testId(page, 'settings').click();
	await testId(page, 'paste').fill('Grüße aus dem Norden, € 5\n');
	await testId(page, 'paste-send').click();
	await until('the line in the file', () => read(file) === 'Grüße aus dem Norden, € 5\n')
		.catch((error) => {
			throw new Error(`${error.message}; the file holds ${JSON.stringify(read(file))}`);
		});
	await testId(page, 'close-settings').click();
	await stop('lodge-text');
});

await steps.step('a second tab of the same browser takes the display over, and the first one says so', async () => {
	const tab = await context.newPage();
	await tab.goto(host.url);
	await untilState(tab, 'live');
	await untilState(page, 'ended');
	assert.match(await page.innerText('.card'), /another tab or window/);
	await page.getByRole('button', { name: 'Use it here' }).click();
	await untilState(page, 'live');
	await untilState(tab, 'ended');
	await tab.close();
});

await steps.step('a second browser gets a display of its own beside the first', async () => {
	const other = await openContext({ width: 643, height: 481 });
	const second = await other.newPage();
	await second.goto(host.url);
	await pair(second);
	const theirs = await until('its output', () => outputOfSize(643, 481));
	assert.notEqual(theirs.name, output);
	assert.equal((await outputOfSize(802, 455))?.name, output);
	await start(theirs.name, 'lodge-testcard', `${testcard} pattern --fullscreen`);
	await untilExact(second, 643, 481);
	await shot(second, 'second');
	assert.equal(await testId(page, 'status').getAttribute('data-state'), 'live');
	await stop('lodge-testcard');
	await other.close();
});

await steps.step('no page complained', () => assert.deepEqual(complaints, []));

await browser.close();
await steps.step('lodged ends cleanly', () => host.stop());
steps.close();
