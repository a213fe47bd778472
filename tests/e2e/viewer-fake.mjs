// The page in Chromium against the fake host: what a person sees and does, and what the host hears of it.
//   node tests/e2e/viewer-fake.mjs [folder for screenshots]

import assert from 'node:assert/strict';

import { accessUnits, FakeHost, png } from '../viewer/fake-host.mjs';
import { isNear, launchChromium, screen, Steps, testId, until, untilColour, untilState } from './browser.mjs';
import { holdTimers, PAGE, ViewerPages } from './viewer-page.mjs';

const RED = [220, 40, 40];
const GREEN = [40, 180, 60];
const BLUE = [50, 80, 220];
const WHITE = [235, 235, 235];
const YELLOW = [230, 210, 40];
const { width: WIDTH, height: HEIGHT } = PAGE;
const RESIZE_SETTLES_MS = 250; // of web/viewer/app.js
const REOPEN_AFTER_MS = 5000; // of web/viewer/session.js
const shots = process.argv[2];

const host = new FakeHost();
await host.listen();
const browser = await launchChromium();
const steps = new Steps();
const pages = new ViewerPages(browser, host);
const { complaints } = pages;
const openPage = (options) => pages.open(options);
const pair = (page) => pages.pair(page);

const declined = (code, text, more = {}) =>
	({ display: 0, code, text, holder: '', width: 0, height: 0, refresh: 0, scale: 0, ...more });

async function shot(page, name) {
	if (shots)
		await page.screenshot({ path: `${shots}/${name}.png` });
}

const viewer = () => [...host.viewers].find((one) => one.mode);
/** Whoever observes sizes has been told of those that there are now. */
const untilDrawn = (page) => page.evaluate(() => new Promise((drawn) =>
	requestAnimationFrame(() => requestAnimationFrame(drawn))));
const statusText = (page) => testId(page, 'status').innerText();
const heard = (type, since) => until(`${type} at the host`, () => host.messages(type, since).at(-1));

let page = await openPage();

await steps.step('a browser that is not paired sees the pairing card, with a label to change', async () => {
	await untilState(page, 'pairing');
	assert.equal(await testId(page, 'label').inputValue(), 'Chromium on Linux');
	assert.match(await page.innerText('form'), /Pair this browser\s+with birch/);
	assert.ok(await testId(page, 'pin').evaluate((field) => field === document.activeElement));
	await shot(page, 'pairing');
});

await steps.step('without a PIN the host can be asked, and may say no', async () => {
	await testId(page, 'ask').click();
	await until('the words', async () => (await testId(page, 'pair').innerText()).includes('Waiting for the host to agree'));
	await shot(page, 'asking');
	host.refuse([...host.viewers].at(-1), 11, 'the operator did not approve');
	await until('the answer', async () => (await page.innerText('form')).includes('The host did not agree'));
	assert.equal(await testId(page, 'status').getAttribute('data-state'), 'pairing');
});

await steps.step('a wrong PIN is said in words, and the field is ready for the next', async () => {
	await testId(page, 'pin').fill('000000');
	await testId(page, 'pair').click();
	await until('the words', async () => (await page.innerText('form')).includes('That PIN is wrong'));
	assert.equal(await testId(page, 'status').getAttribute('data-state'), 'pairing');
	await until('an empty field', async () => await testId(page, 'pin').inputValue() === '');
	await shot(page, 'wrong-pin');
});

await steps.step('the right PIN pairs under the label, and opens a display of the window\'s size', async () => {
	const since = host.received.length;
	await testId(page, 'label').fill('Küche');
	await pair(page);
	assert.equal(host.messages('PAIR', since)[0].label, 'Küche');
	const { width, height, refresh, scale } = host.messages('OPEN_DISPLAY', since)[0];
	assert.deepEqual({ width, height, refresh, scale }, { width: WIDTH, height: HEIGHT, refresh: 60000, scale: 100 });
	assert.match(await statusText(page), /Connected to birch/);
});

await steps.step('the picture is right, pixel for pixel in place', async () => {
	await untilColour(page, 100, 100, RED);
	const picture = await screen(page);
	assert.ok(isNear(picture.at(500, 60), GREEN), `${picture.at(500, 60)}`);
	assert.ok(isNear(picture.at(100, 300), BLUE));
	assert.ok(isNear(picture.at(500, 300), WHITE));
	assert.ok(isNear(picture.at(316, 176), RED, 12) && isNear(picture.at(324, 184), WHITE, 12));
	await shot(page, 'live');
});

await steps.step('every frame is acknowledged', async () => {
	const sequence = host.sendFrame(viewer(), { tiles: [
		{ x: 0, y: 340, width: 10, height: 10, format: 1, bytes: Buffer.from([1, 2, 3, 0]) },
	] });
	await until('the acknowledgement', () => host.messages('ACKNOWLEDGE').at(-1)?.sequence === sequence);
});

await steps.step('PNG, one-colour and palette tiles lie exactly over the video', async () => {
	host.sendFrame(viewer(), { tiles: [
		{ x: 64, y: 64, width: 64, height: 64, format: 0, bytes: png(64, 64, (x, y) => [x * 4, y * 4, 77]) },
		{ x: 401, y: 33, width: 30, height: 20, format: 1, bytes: Buffer.from([10, 20, 200, 0]) },
		// two colours, then an LZ4 block of two quoted rows: 0,0,1 and 1,1,0
		{ x: 500, y: 300, width: 3, height: 2, format: 2,
			bytes: Buffer.from([1, 30, 20, 10, 60, 50, 40, 0x20, 0b100, 0b011]) },
	] });
	await until('the tile', async () => {
		const picture = await screen(page);
		return String(picture.at(64 + 10, 64 + 20)) === '40,80,77' && String(picture.at(401, 33)) === '200,20,10';
	});
	const palette = [[500, 300], [501, 300], [502, 300], [500, 301], [501, 301], [502, 301]];
	const shown = await screen(page);
	assert.deepEqual(palette.map(([x, y]) => shown.at(x, y)[0]), [10, 10, 40, 40, 40, 10]);
	const picture = await screen(page);
	assert.deepEqual(picture.at(127, 127), [252, 252, 77]);
	assert.deepEqual(picture.at(430, 52), [200, 20, 10]);
	assert.ok(isNear(picture.at(63, 64), RED) && isNear(picture.at(128, 127), RED));
	assert.ok(isNear(picture.at(431, 53), GREEN));
});

await steps.step('of two tiles on the same place the later one is seen, whichever is unpacked first', async () => {
	const area = { x: 200, y: 200, width: 64, height: 64 };
	host.sendFrame(viewer(), { tiles: [{ ...area, format: 0, bytes: png(64, 64, (x, y) => [x * y, x, y]) }] });
	host.sendFrame(viewer(), { tiles: [{ ...area, format: 1, bytes: Buffer.from([90, 60, 30, 0]) }] });
	await until('the later tile', async () => String((await screen(page)).at(220, 220)) === '30,60,90');
});

await steps.step('video clears the tiles in its rectangles when it is shown, and no others', async () => {
	host.sendSecondPicture(viewer(), [{ x: 0, y: 0, width: 192, height: 192 }]);
	await untilColour(page, 100, 100, YELLOW);
	const picture = await screen(page);
	assert.ok(isNear(picture.at(74, 84), YELLOW), `the tile is still there: ${picture.at(74, 84)}`);
	assert.deepEqual(picture.at(410, 40), [200, 20, 10]);
	assert.deepEqual(picture.at(220, 220), [30, 60, 90]);
});

await steps.step('a gap in the sequence asks for a keyframe, which clears every tile', async () => {
	const since = host.received.length;
	host.sequence += 3;
	host.sendSecondPicture(viewer(), []);
	const again = setInterval(() => host.sendSecondPicture(viewer(), []), 200);
	try {
		await heard('REQUEST_KEYFRAME', since);
	} finally {
		clearInterval(again);
	}
	await untilColour(page, 410, 40, GREEN);
	const lost = await page.evaluate(() => window.lodge.stats().lost);
	assert.equal(lost, 3);
});

await steps.step('a picture that cannot be decoded asks for a keyframe and recovers', async () => {
	const since = host.received.length;
	const wasComplaining = complaints.length;
	host.sendFrame(viewer(), { flags: 1, video: Buffer.from([0, 0, 0, 1, 0x65, 1, 2, 3]) });
	await heard('REQUEST_KEYFRAME', since);
	await until('the second picture', async () => {
		host.sendSecondPicture(viewer(), [{ x: 0, y: 0, width: WIDTH, height: HEIGHT }]);
		return isNear((await screen(page)).at(100, 100), YELLOW);
	});
	complaints.splice(wasComplaining); // the page rightly said so on the console
});

await steps.step('statistics are there for tests, and on the screen when wished', async () => {
	await until('a round trip', () => page.evaluate(() => window.lodge.stats().rttMs !== null));
	const stats = await page.evaluate(() => window.lodge.stats());
	assert.equal(stats.width, WIDTH);
	assert.equal(stats.height, HEIGHT);
	assert.equal(stats.state, 'live');
	assert.equal(stats.codec, 'avc1.42C01F');
	assert.ok(stats.frames > 3);
	await until('a latency', async () => {
		host.sendSecondPicture(viewer(), []);
		const now = await page.evaluate(() => window.lodge.stats());
		return now.captureToShownP50Ms > 0 && now.captureToShownP50Ms < 5000 && now.fps > 0 && now.mbps > 0;
	});
	await testId(page, 'settings').click();
	await testId(page, 'show-stats').check();
	assert.match(await testId(page, 'stats').innerText(), /640 × 360/);
	await shot(page, 'settings');
	await testId(page, 'show-stats').uncheck();
	await testId(page, 'close-settings').click();
});

const keysSince = (since) => host.messages('KEY', since).map(({ code, pressed }) => `${code}${pressed ? '+' : '-'}`);

await steps.step('keys go by their place, with modifiers, also those that a browser would take', async () => {
	const since = host.received.length;
	await page.keyboard.press('Control+KeyS');
	await page.keyboard.press('F5');
	await page.keyboard.press('AltRight');
	await page.keyboard.press('Tab');
	await until('ten events', () => keysSince(since).length === 10);
	assert.deepEqual(keysSince(since), ['29+', '31+', '31-', '29-', '63+', '63-', '100+', '100-', '15+', '15-']);
});

await steps.step('a key that is held is sent once', async () => {
	const since = host.received.length;
	await page.keyboard.down('KeyX');
	await page.keyboard.down('KeyX'); // repeats
	await page.keyboard.down('KeyX');
	await page.keyboard.up('KeyX');
	await until('its way up', () => keysSince(since).includes('45-'));
	assert.deepEqual(keysSince(since), ['45+', '45-']);
});

await steps.step('text of an input method is sent as text', async () => {
	const since = host.received.length;
	const session = await page.context().newCDPSession(page);
	await session.send('Input.imeSetComposition', { text: 'に', selectionStart: 1, selectionEnd: 1 });
	await session.send('Input.insertText', { text: '日本' });
	assert.equal((await heard('TEXT', since)).text, '日本');
	assert.deepEqual(keysSince(since), []);
});

await steps.step('the pointer goes in pixels of the display, buttons and wheel with it', async () => {
	const since = host.received.length;
	await page.mouse.move(123, 45);
	await page.mouse.down({ button: 'right' });
	await page.mouse.down({ button: 'left' });
	await page.mouse.up({ button: 'right' });
	await page.mouse.up({ button: 'left' });
	await page.mouse.wheel(0, 120);
	await heard('POINTER_AXIS', since);
	const { x, y } = host.messages('POINTER_ABSOLUTE', since).at(-1);
	assert.deepEqual([x, y], [123, 45]);
	assert.deepEqual(host.messages('POINTER_BUTTON', since).map(({ button, pressed }) => [button, pressed]),
		[[0x111, true], [0x110, true], [0x111, false], [0x110, false]]);
	const { axis, distance, v120 } = host.messages('POINTER_AXIS', since)[0];
	assert.deepEqual([axis, distance > 0, v120], [0, true, 120]);
});

await steps.step('losing the focus releases everything', async () => {
	const since = host.received.length;
	await page.keyboard.down('ShiftLeft');
	await page.evaluate(() => window.dispatchEvent(new Event('blur')));
	await heard('RELEASE_ALL', since);
	await page.keyboard.up('ShiftLeft');
});

await steps.step('locking the pointer makes its motion relative, and giving it back releases everything', async () => {
	const since = host.received.length;
	await testId(page, 'settings').click();
	await testId(page, 'pointer-lock').click();
	let sinceExit;
	await until('the lock', () => page.evaluate(() => document.pointerLockElement?.id === 'stage'));
	try {
		await page.mouse.move(300, 200);
		await page.mouse.move(310, 195);
		await until('ten right, five up', () => {
			const last = host.messages('POINTER_RELATIVE', since).at(-1);
			return last?.dx === 10 * 256 && last.dy === -5 * 256;
		});
		assert.deepEqual(host.messages('POINTER_ABSOLUTE', since), []);
	} finally {
		sinceExit = host.received.length;
		await page.evaluate(() => document.exitPointerLock());
	}
	await heard('RELEASE_ALL', sinceExit);
});

await steps.step('text from the box is typed at the host', async () => {
	const since = host.received.length;
	await testId(page, 'settings').click();
	await testId(page, 'paste').fill('grüße\nzeile zwei');
	await testId(page, 'paste-send').click();
	assert.equal((await heard('TEXT', since)).text, 'grüße\nzeile zwei');
	assert.deepEqual(keysSince(since), []);
});

await steps.step('Ctrl+V types the clipboard when that is chosen, with Ctrl released before', async () => {
	await testId(page, 'paste-as-text').check();
	await testId(page, 'close-settings').click();
	const since = host.received.length;
	await page.keyboard.down('ControlLeft');
	await page.evaluate(() => {
		const data = new DataTransfer();
		data.setData('text/plain', 'von hier');
		document.getElementById('keys').addEventListener('keydown', () => document.getElementById('keys')
			.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, cancelable: true })), { once: true });
	});
	await page.keyboard.press('KeyV');
	await page.keyboard.up('ControlLeft');
	const { text } = await heard('TEXT', since);
	assert.equal(text, 'von hier');
	const order = host.received.slice(since).map(({ type }) => type).filter((type) => type !== 'PING');
	assert.deepEqual(order, ['KEY', 'RELEASE_ALL', 'TEXT']);
	await testId(page, 'settings').click();
	await testId(page, 'paste-as-text').uncheck();
	await page.keyboard.press('Escape');
	assert.equal(await page.locator('#drawer').count(), 0);
});

await steps.step('the chord opens the settings without a mouse', async () => {
	await page.keyboard.press('Control+Alt+Shift+KeyS');
	await page.locator('#drawer').waitFor();
	await page.keyboard.press('Escape');
	await until('the display has the focus', () => page.evaluate(() => document.activeElement.id === 'keys'));
});

await steps.step('a limit on the bitrate is sent when chosen', async () => {
	const since = host.received.length;
	await testId(page, 'settings').click();
	await testId(page, 'bitrate').selectOption({ label: '5 Mbit/s' });
	assert.equal((await heard('SET_STREAM', since)).maxKbps, 5000);
	await testId(page, 'bitrate').selectOption({ index: 0 });
	await testId(page, 'close-settings').click();
});

await steps.step('another frame rate is another mode', async () => {
	const since = host.received.length;
	await testId(page, 'settings').click();
	await testId(page, 'frame-rate-30').check();
	assert.equal((await heard('SET_MODE', since)).refresh, 30000);
	await testId(page, 'frame-rate-60').check();
	await testId(page, 'close-settings').click();
	await until('60 again', () => host.messages('SET_MODE', since).at(-1).refresh === 60000);
});

await steps.step('a window of another, odd size sends SET_MODE once, and the picture fits exactly', async () => {
	const since = host.received.length;
	const rest = await holdTimers(page, RESIZE_SETTLES_MS); // the window does not rest between the two sizes
	for (const [width, height] of [[700, 400], [801, 451]]) {
		await page.setViewportSize({ width, height });
		await until('the size on the page', () => page.evaluate((wanted) => innerWidth === wanted, width));
		await untilDrawn(page);
	}
	assert.equal(await rest(), 1);
	await heard('SET_MODE', since);
	await until('the picture in its new size, not the old one stretched', async () => {
		const picture = await screen(page);
		return picture.width === 801 && isNear(picture.at(790, 60), GREEN) && isNear(picture.at(800, 450), WHITE) &&
			isNear(picture.at(397, 222), RED, 12) && isNear(picture.at(405, 230), WHITE, 12);
	});
	const modes = host.messages('SET_MODE', since).map(({ width, height }) => [width, height]);
	assert.deepEqual(modes, [[801, 451]]);
	const box = await testId(page, 'stage').boundingBox();
	assert.deepEqual([box.x, box.y, box.width, box.height], [0, 0, 801, 451]);
	host.sendFrame(viewer(), { tiles: [
		{ x: 793, y: 443, width: 8, height: 8, format: 1, bytes: Buffer.from([10, 20, 200, 0]) },
	] });
	await until('a tile in the last corner', async () => String((await screen(page)).at(800, 450)) === '200,20,10');
	assert.deepEqual((await screen(page)).at(793, 443), [200, 20, 10]);
});

await steps.step('a mode that the host declines is said, and the picture stays', async () => {
	host.send('DISPLAY_DECLINED', declined(2, 'no'));
	await until('the words', async () => (await statusText(page)).includes('could not make a display'));
	assert.equal(await testId(page, 'status').getAttribute('data-state'), 'live');
});

await steps.step('a lost connection comes back by itself', async () => {
	const since = host.received.length;
	host.away = true;
	viewer().socket.terminate();
	await untilState(page, 'reconnecting').finally(() => { host.away = false; });
	await shot(page, 'reconnecting');
	await untilState(page, 'live');
	assert.equal(host.messages('AUTHENTICATE', since).length, 1);
	await untilColour(page, 100, 100, RED);
});

await steps.step('when the host goes, its words stay until it is back', async () => {
	host.away = true;
	host.send('ENDED', { code: 5, text: '' });
	host.letGo(viewer());
	await until('the words', async () => /shut down.*Waiting/s.test(await statusText(page))).finally(() => { host.away = false; });
	await untilState(page, 'live');
});

await steps.step('a window that changes while its display is opened gets a display of its size', async () => {
	host.automatic = false;
	const asked = host.messages('OPEN_DISPLAY').length;
	viewer().socket.terminate();
	await until('the question', () => host.messages('OPEN_DISPLAY').length > asked);
	await page.setViewportSize({ width: 700, height: 400 });
	await until('the size on the page', () => page.evaluate(() => innerWidth === 700));
	await new Promise((resolve) => setTimeout(resolve, 700)); // the page has noticed, or notices when the display is there
	const since = host.received.length;
	host.automatic = true;
	host.setMode([...host.viewers].at(-1), host.messages('OPEN_DISPLAY').at(-1));
	await heard('SET_MODE', since);
	await untilState(page, 'live');
	await page.setViewportSize({ width: WIDTH, height: HEIGHT });
	await until('the mode', () => host.messages('SET_MODE', since).at(-1).width === WIDTH);
	assert.deepEqual(host.messages('SET_MODE', since).map(({ width, height }) => [width, height]), [[700, 400], [WIDTH, HEIGHT]]);
});

await steps.step('a superseded page does not come back by itself, but by its button', async () => {
	const since = host.received.length;
	host.send('ENDED', { code: 1, text: 'opened on this device again' });
	host.letGo(viewer());
	await untilState(page, 'ended');
	const card = await page.innerText('.card');
	assert.match(card, /open in another tab or window/);
	assert.match(card, /opened on this device again/);
	await shot(page, 'superseded');
	await new Promise((resolve) => setTimeout(resolve, 1500)); // thrice the first delay
	assert.equal(host.messages('AUTHENTICATE', since).length, 0);
	await page.getByRole('button', { name: 'Use it here' }).click();
	await untilState(page, 'live');
});

/** The page comes back and asks for a display, which the host does not answer. */
async function askAnew() {
	host.automatic = false;
	const before = viewer();
	const since = host.received.length;
	before.socket.terminate();
	await heard('OPEN_DISPLAY', since);
	await until('the old socket gone', () => !host.viewers.has(before));
	await untilState(page, 'opening');
}

await steps.step('a display that cannot be opened is said, and tried again when the desktop is back', async () => {
	const letTry = await holdTimers(page, REOPEN_AFTER_MS); // it would be tried again by itself, too
	await askAnew();
	host.send('DISPLAY_DECLINED', declined(4, 'sway is not there'));
	await untilState(page, 'refused');
	assert.match(await page.innerText('.card'), /No desktop is running on the host\.\s+sway is not there/);
	await shot(page, 'declined');
	host.automatic = true;
	host.send('NOTICE', { code: 2, text: '' });
	await untilState(page, 'live');
	assert.equal(await letTry(), 0);
});

await steps.step('a busy host names who is there, and at what size', async () => {
	await askAnew();
	host.send('DISPLAY_DECLINED', declined(7, 'busy', { holder: 'Ada <b>', width: 1920, height: 1080 }));
	await untilState(page, 'refused');
	assert.match(await page.innerText('.card'), /Ada <b> is using this desktop at 1920 × 1080/);
	await shot(page, 'busy');
	host.automatic = true;
	await page.getByRole('button', { name: 'Try again' }).click();
	await untilState(page, 'live');
});

await steps.step('a joined display is said to be somebody else’s, and keeps its size', async () => {
	const since = host.received.length;
	host.send('DISPLAY_OPENED', { display: 0, slot: 2, generation: 7, width: 1024, height: 768, refresh: 60000,
		scale: 100, flags: 2, holder: 'Ada' });
	await until('the words', async () => (await testId(page, 'guest').innerText()).includes('Ada’s display (1024 × 768)'));
	await shot(page, 'guest');
	await page.setViewportSize({ width: 700, height: 400 });
	await new Promise((resolve) => setTimeout(resolve, 700));
	assert.equal(host.messages('SET_MODE', since).length, 0);
	await page.setViewportSize({ width: 640, height: 360 });
	host.send('DISPLAY_OPENED', { display: 0, slot: 1, generation: 8, width: 640, height: 360, refresh: 60000,
		scale: 100, flags: 0, holder: '' });
	await until('no words', async () => await testId(page, 'guest').count() === 0);
});

await steps.step('after a reload the browser is still paired', async () => {
	const since = host.received.length;
	await pages.reload(page);
	await untilState(page, 'live');
	assert.equal(host.messages('PAIR', since).length, 0);
	await pages.leave(page);
});

await steps.step('a high-density screen gets a display of its device pixels, one for one', async () => {
	const since = host.received.length;
	const dense = await openPage({ viewport: { width: 320, height: 180 }, deviceScaleFactor: 2 });
	await pair(dense);
	const { width, height, scale } = host.messages('OPEN_DISPLAY', since)[0];
	assert.deepEqual([width, height, scale], [640, 360, 200]);
	const [one] = [...host.viewers].filter((each) => each.mode?.scale === 200);
	host.sendFrame(one, { tiles: [{ x: 64, y: 64, width: 2, height: 2, format: 0,
		bytes: png(2, 2, (x, y) => [x * 255, y * 255, 9]) }] });
	await until('pixels one for one', async () => {
		const picture = await screen(dense);
		return [[64, 64, '0,0,9'], [65, 64, '255,0,9'], [64, 65, '0,255,9'], [65, 65, '255,255,9']]
			.every(([x, y, colour]) => String(picture.at(x, y)) === colour);
	});
	await pages.leave(dense);
});

await steps.step('an open host lets a new browser in without a PIN', async () => {
	host.open = true;
	const guest = await openPage();
	await untilState(guest, 'live');
	host.open = false;
	await pages.leave(guest);
});

await steps.step('a browser that cannot use a generated track shows the picture on a canvas, tiles and all', async () => {
	host.open = true;
	const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: WIDTH, height: HEIGHT } });
	const plain = await context.newPage();
	await plain.addInitScript(() => { delete globalThis.MediaStreamTrackGenerator; });
	await plain.goto(host.url);
	await untilState(plain, 'live');
	assert.equal(await plain.locator('#stage video').count(), 0);
	await untilColour(plain, 100, 100, RED);
	host.sendFrame(viewer(), { tiles: [
		{ x: 64, y: 64, width: 64, height: 64, format: 1, bytes: Buffer.from([10, 20, 200, 0]) },
	] });
	await until('the tile', async () => String((await screen(plain)).at(70, 70)) === '200,20,10');
	host.sendSecondPicture(viewer(), [{ x: 0, y: 0, width: 320, height: 180 }]);
	await untilColour(plain, 70, 70, YELLOW);
	host.open = false;
	await context.close();
});

await steps.step('a browser in German speaks German, and another language can be chosen', async () => {
	const german = await openPage({ locale: 'de-DE' });
	await untilState(german, 'pairing');
	assert.match(await german.innerText('form'), /Diesen Browser koppeln/);
	assert.equal(await german.evaluate(() => document.documentElement.lang), 'de');
	await shot(german, 'german');
	await testId(german, 'settings').click();
	await testId(german, 'language').selectOption({ label: 'English' });
	await until('English', async () => (await german.innerText('form')).includes('Pair this browser'));
	await german.context().close();
});

await steps.step('no page complained', () => assert.deepEqual(complaints, []));

assert.ok(accessUnits(WIDTH, HEIGHT).length === 2);
await browser.close();
await host.close();
steps.close();
