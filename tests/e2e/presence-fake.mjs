// People on one desktop, in Chromium against the fake host: what a person sees of the others, and does about control.
//   node tests/e2e/presence-fake.mjs [folder for screenshots]

import assert from 'node:assert/strict';

import { desktopPicture } from '../viewer/desktop-picture.mjs';
import { controlState, FakeHost, forget, person, png } from '../viewer/fake-host.mjs';
import { launchChromium, Steps, testId, until, untilColour, untilState, violations } from './browser.mjs';
import { ViewerPages } from './viewer-page.mjs';

const WINDOW = { width: 1280, height: 720 };
const shots = process.argv[2];

const host = new FakeHost({ grants: 127, invitation: '40718265' });
await host.listen();
const browser = await launchChromium();
const steps = new Steps();
const pages = new ViewerPages(browser, host);

const ME = person({ person: 1, flags: 1, session: 1, name: 'Kitchen tablet' });
const ADA = person({ person: 2, state: 2, sessions: 2, name: 'Ada' });
const MIRA = person({ person: 3, state: 1, name: 'Mira' });
const JONAS = person({ person: 4, state: 0, flags: 2, session: 0, name: 'Jonas' });
const ADA_HOLDS = { holder: ADA.session, holderName: ADA.name };
const I_HOLD = { holder: 1, holderName: ME.name };

const open = (options) => pages.open({ viewport: WINDOW, reducedMotion: 'reduce', ...options });
const tell = (fields) => host.send('PERSON', fields);
const steer = (fields) => host.send('CONTROL_STATE', controlState(fields));
const point = (fields) => host.send('POINTER', { display: 0, visible: true, person: ADA.person, x: 640, y: 360, ...fields });
const viewer = () => [...host.viewers].findLast((one) => one.mode);
const heard = (type, since) => until(`${type} at the host`, () => host.messages(type, since).at(-1));
const textOf = (page, name) => testId(page, name).innerText();
const focused = (page) => page.evaluate(() => document.activeElement.dataset.testid ?? document.activeElement.id);

/** Everybody, as on coming to a desktop. */
async function tellAll(page, ...people) {
	tell(forget);
	[ME, ...people].forEach(tell);
	await until('the list', async () => await testId(page, 'person').count() === people.length + 1);
}

async function untilText(page, name, pattern) {
	let text = '';
	await until(`${pattern} in ${name}`, async () => {
		text = await testId(page, name).first().innerText({ timeout: 500 }).catch(() => '(nothing)');
		return pattern.test(text);
	}).catch((error) => {
		throw new Error(`${error.message}; it said ${text}`);
	});
}

/** Lets a page's clock run on, in steps between which it hears the host: else it takes the connection for dead. */
async function letPass(page, milliseconds) {
	for (let left = milliseconds; left > 0; left -= 4000) {
		await page.clock.fastForward(Math.min(left, 4000));
		tell({ ...ADA, name: `Ada ${left}` });
		await untilText(page, 'panel', new RegExp(`Ada ${left}`));
	}
}

/** Until the seconds that it says become fewer, and never more than `most`. */
async function untilCountsDown(page, name, pattern, most) {
	const secondsOf = async () => Number(pattern.exec(await testId(page, name).first().innerText())?.[1]);
	await untilText(page, name, pattern);
	const first = await secondsOf();
	assert.ok(first > 0 && first <= most, `${first} s`);
	await until(`less than ${first} s`, async () => await secondsOf() < first);
}

/** Of a page that shows a desktop; `again` before it, when what is to be seen passes. */
async function shot(page, name, again = () => {}) {
	if (!shots)
		return;
	await until('the display of the window', () => viewer().mode.width === page.viewportSize().width);
	const { width, height } = viewer().mode;
	host.sendKeyframe(viewer()); // another viewer may have had the frames before
	host.sendFrame(viewer(), { tiles: [
		{ x: 0, y: 0, width, height, format: 0, bytes: png(width, height, desktopPicture(width, height)) }] });
	await untilColour(page, 4, 4, desktopPicture(width, height)(4, 4));
	again();
	await page.mouse.move(640, 340);
	await testId(page, 'status').evaluate((one) => { one.style.visibility = 'hidden'; }); // what was said before
	await page.screenshot({ path: `${shots}/presence-${name}.png` });
	await testId(page, 'status').evaluate((one) => one.style.removeProperty('visibility'));
}

/** The page's DOM in words. The tests set styles, and tools set attributes that are empty again. */
const domOf = async (page) => (await page.content()).replace(/<code>[^<]*<\/code>/, '<code></code>').replaceAll(/ (class|style)=""/g, '');

// ── nothing for nothing

/** What a page is, asks for and sends, from pairing to typing and the settings. */
async function visit(prepare) {
	const since = host.received.length;
	host.clients.clear();
	host.sequence = 100;
	const requests = [];
	const page = await pages.open({ viewport: WINDOW, reducedMotion: 'reduce' }, { prepare: async (one) => {
		one.on('request', (request) => requests.push(new URL(request.url()).pathname));
		await prepare(one);
	} });
	await pages.pair(page);
	await until('the frame', () => host.messages('ACKNOWLEDGE', since).length > 0);
	await pages.untilShown(page);
	const doms = [await domOf(page)];
	await page.mouse.move(200, 150);
	await page.mouse.down();
	await page.mouse.up();
	await page.keyboard.press('KeyA');
	await page.keyboard.press('Control+Alt+Shift+KeyC');
	await page.keyboard.press('Control+Alt+Shift+KeyP');
	await page.keyboard.press('Control+Alt+Shift+KeyS');
	await page.locator('#drawer').waitFor();
	doms.push(await domOf(page));
	await page.keyboard.press('Escape');
	await page.locator('#drawer').waitFor({ state: 'detached' });
	doms.push(await domOf(page));
	await page.keyboard.press('KeyZ');
	const isLast = ({ type, code, pressed }) => type === 'KEY' && code === 44 && !pressed;
	await until('the last key', () => host.received.slice(since).some(isLast));
	const wire = host.received.slice(since).filter(({ type }) => type !== 'PING')
		.map(({ key, signature, ...rest }) => JSON.stringify(rest));
	await pages.leave(page);
	return { doms, requests, wire };
}

await steps.step('while nobody is told of, page, requests and wire are those of a page that has no such feature', async () => {
	const present = await visit(async () => {});
	const absent = await visit((page) => page.route('**/company.js', (route) => route.fulfill({
		contentType: 'text/javascript',
		body: `import { signal } from './vendor/preact.js';
			export const createCompany = () => ({ here: signal(null), receive() {}, lost() {}, moved() {} });`,
	})));
	assert.deepEqual(present.wire, absent.wire);
	assert.deepEqual(present.doms, absent.doms);
	assert.deepEqual(present.requests.sort(), absent.requests.sort()); // modules come in any order
	assert.ok(present.wire.some((one) => one.includes('"KEY"')) && present.doms[1].includes('id="drawer"'));
	assert.ok(!present.requests.some((path) => path.includes('/presence/')));
});

let page = await open();
await pages.pair(page);
let before;

await steps.step('nor does it change for an empty list, free control, and a pointer of nobody', async () => {
	await until('words that leave', async () => !(await textOf(page, 'status')).includes('Opening'));
	await pages.untilShown(page);
	before = await domOf(page);
	tell(forget);
	steer({ mode: 0 });
	point({});
	await page.evaluate(() => window.lodge.stats()); // whatever was sent before is there
	await new Promise((resolve) => setTimeout(resolve, 300));
	assert.equal(await domOf(page), before);
	assert.equal(await page.evaluate(() => performance.getEntriesByType('resource')
		.some(({ name }) => name.includes('/presence/'))), false);
});

// ── who is here

await steps.step('everybody on the desktop is listed once, with their state in words, and oneself is marked', async () => {
	await tellAll(page, ADA, MIRA, JONAS);
	const lines = (await testId(page, 'person').allInnerTexts()).map((text) => text.split(/\s*\n\s*/));
	assert.deepEqual(lines, [['Kitchen tablet', 'you', 'watching'], ['Ada', 'driving · 2 devices'], ['Mira', 'watching'],
		['Jonas', 'idle · may only watch']]);
	assert.match(await textOf(page, 'panel'), /^4 here/);
	await until('the style', () => testId(page, 'presence').isVisible());
	await shot(page, 'people');
});

await steps.step('a state is told by colour and by shape: marks differ, and an idle one is hollow', async () => {
	const marks = await page.locator('.person .marker').evaluateAll((all) => all.map((one) => {
		const { fill, stroke } = getComputedStyle(one.firstElementChild);
		return { shape: one.firstElementChild.getAttribute('d'), fill, stroke, glow: getComputedStyle(one).filter };
	}));
	assert.equal(new Set(marks.map(({ shape }) => shape)).size, 4);
	assert.equal(new Set(marks.map(({ stroke }) => stroke)).size, 4);
	assert.deepEqual(marks.map(({ fill }) => fill === 'none'), [false, false, false, true]);
	assert.deepEqual(marks.map(({ glow }) => glow !== 'none'), [false, true, false, false]);
});

await steps.step('nobody who was there before is announced; who comes and goes is, once, and politely', async () => {
	assert.equal(await textOf(page, 'said'), '');
	await new Promise((resolve) => setTimeout(resolve, 600)); // the list is complete
	tell(person({ person: 5, name: 'Bo' }));
	tell(person({ person: 6, name: 'Cy' }));
	await untilText(page, 'said', /^\u2068Bo\u2069 and \u2068Cy\u2069 are here now\.$/);
	assert.equal(await testId(page, 'said').getAttribute('role'), 'status'); // live and polite by that
	tell(person({ person: 5, change: 2, name: 'Bo' }));
	await untilText(page, 'said', /^\u2068Bo\u2069 has left\.$/);
	tell(person({ person: 6, change: 2, name: 'Cy' }));
	await untilText(page, 'said', /Cy/);
	assert.equal(await testId(page, 'person').count(), 4);
});

await steps.step('a change of state changes words and mark in place, and says nothing', async () => {
	await until('silence', async () => await textOf(page, 'said') === '');
	tell({ ...MIRA, state: 2 });
	tell({ ...ADA, state: 1 });
	await until('Mira driving', async () => await testId(page, 'person').nth(2).getAttribute('data-state') === 'controlling');
	assert.deepEqual(await page.locator('.person-name').allInnerTexts(), ['Kitchen tablet', 'Ada', 'Mira', 'Jonas']);
	assert.equal(await textOf(page, 'said'), '');
	tell(MIRA);
	tell(ADA);
});

await steps.step('a name is text: no markup, its direction stays inside, and a long one does not spread', async () => {
	const name = '<img src=x onerror=alert(1)>';
	const hebrew = 'שלום‮ abc';
	tell(person({ person: 7, name }));
	tell(person({ person: 8, name: hebrew, sessions: 2 }));
	tell(person({ person: 9, name: 'W'.repeat(64) }));
	await until('seven', async () => await testId(page, 'person').count() === 7);
	assert.deepEqual((await page.locator('.person-name').allInnerTexts()).slice(4, 6), [name, hebrew]);
	assert.equal(await page.locator('img').count(), 0);
	assert.deepEqual(await page.locator('.person-name').evaluateAll((all) => all.map((one) =>
		`${one.localName} ${getComputedStyle(one).unicodeBidi}`)), Array(7).fill('bdi isolate'));
	const panel = await testId(page, 'panel').boundingBox();
	assert.ok(panel.width <= 264 && panel.x + panel.width <= WINDOW.width);
	assert.equal(await testId(page, 'panel').evaluate((one) => one.scrollWidth > one.clientWidth), false);
	await untilText(page, 'said', /<img src=x/);
	assert.ok((await testId(page, 'said').boundingBox()).height < 90); // the rest is for the ears
	await shot(page, 'names');
	for (const gone of [7, 8, 9])
		tell(person({ person: gone, change: 2, name: 'x' }));
	await until('four', async () => await testId(page, 'person').count() === 4);
});

await steps.step('with three more people than fit it scrolls, and stays on the page', async () => {
	for (let i = 20; i < 60; i++)
		tell(person({ person: i, name: `Person ${i}` }));
	await until('44', async () => await testId(page, 'person').count() === 44);
	const panel = await testId(page, 'panel').boundingBox();
	assert.ok(panel.y >= 0 && panel.height < WINDOW.height * 0.7, JSON.stringify(panel));
	assert.equal(await page.locator('.presence-people').getAttribute('tabindex'), '0');
	for (let i = 20; i < 60; i++)
		tell(person({ person: i, change: 2, name: `Person ${i}` }));
	await until('four', async () => await testId(page, 'person').count() === 4);
});

await steps.step('axe objects to nothing in the list, with the corners open too', async () => {
	assert.deepEqual(await violations(page), []);
	await testId(page, 'move').click();
	assert.deepEqual(await violations(page), []);
	await shot(page, 'corners');
});

await steps.step('by keys it goes to any corner, and is there again after a reload', async () => {
	await testId(page, 'corner-bottom-right').focus();
	const seen = [];
	for (const key of ['ArrowLeft', 'ArrowUp', 'ArrowLeft']) {
		await page.keyboard.press(key);
		const box = await testId(page, 'presence').boundingBox();
		seen.push(`${box.y + box.height / 2 < 360 ? 'top' : 'bottom'} ${box.x < 400 ? 'left' : 'right'}`);
	}
	assert.deepEqual([...new Set(seen)].sort(), ['bottom left', 'top left', 'top right'].sort());
	await testId(page, 'corner-top-left').check({ force: true });
	await pages.reload(page);
	await untilState(page, 'live');
	await tellAll(page, ADA, MIRA, JONAS);
	await until('top left', async () => {
		const box = await testId(page, 'panel').boundingBox();
		return box?.x === 16 && box.y === 16;
	});
});

await steps.step('by pointer it is dragged to any corner', async () => {
	await page.mouse.move(100, 34);
	await page.mouse.down();
	await page.mouse.move(500, 500, { steps: 4 });
	assert.ok(await testId(page, 'presence').evaluate((one) => one.classList.contains('dragged')));
	await page.mouse.move(1000, 600);
	await page.mouse.up();
	await until('bottom right', async () => {
		const box = await testId(page, 'panel').boundingBox();
		return Math.round(box.x + box.width) === WINDOW.width - 16 && Math.round(box.y + box.height) === WINDOW.height - 16;
	});
});

await steps.step('a click on it leaves the keys to the display, and sends the host nothing', async () => {
	await page.evaluate(() => document.getElementById('keys').focus());
	await until('words that leave', async () => await textOf(page, 'said') === '');
	const since = host.received.length;
	await page.getByText('Mira').click();
	assert.equal(await focused(page), 'keys');
	await page.keyboard.press('KeyB');
	await heard('KEY', since);
	assert.equal(host.messages('POINTER_BUTTON', since).length, 0);
});

await steps.step('it collapses to a dot with the number, stays one after a reload, and opens again', async () => {
	await testId(page, 'make-small').click();
	assert.equal((await textOf(page, 'dot')).trim(), '4');
	assert.equal(await testId(page, 'panel').count(), 0);
	assert.match(await testId(page, 'dot').getAttribute('aria-label'), /who is here: 4/);
	const box = await testId(page, 'dot').boundingBox();
	assert.ok(box.width <= 72 && box.height <= 40, JSON.stringify(box));
	await shot(page, 'dot');
	await pages.reload(page);
	await untilState(page, 'live');
	tell(ME);
	tell(ADA);
	await until('the dot', () => testId(page, 'dot').isVisible());
	assert.deepEqual(await violations(page), []);
	await testId(page, 'dot').click();
	await testId(page, 'panel').waitFor();
});

await steps.step('a small window starts with the dot', async () => {
	const small = await open({ viewport: { width: 640, height: 360 } });
	await pages.pair(small);
	tell(ME);
	tell(ADA);
	await testId(small, 'dot').waitFor();
	await testId(small, 'dot').click();
	const box = await testId(small, 'panel').boundingBox();
	assert.ok(box.x >= 0 && box.y >= 0 && box.y + box.height <= 360);
	await pages.leave(small);
});

await steps.step('its chord leads to it without a mouse, with everything held released, and Esc back', async () => {
	const since = host.received.length;
	await page.evaluate(() => document.getElementById('keys').focus());
	await page.keyboard.press('Control+Alt+Shift+KeyP');
	await until('the panel', async () => await focused(page) === 'panel');
	await heard('RELEASE_ALL', since);
	assert.ok(!host.messages('KEY', since).some(({ code }) => code === 25));
	await page.keyboard.press('Tab');
	assert.equal(await focused(page), 'move');
	await page.keyboard.press('Tab');
	await page.keyboard.press('Enter');
	await until('the dot', async () => await focused(page) === 'dot');
	await page.keyboard.press('Enter');
	await testId(page, 'panel').waitFor();
	await page.keyboard.press('Escape');
	assert.equal(await focused(page), 'keys');
});

await steps.step('a variable of the page’s own style changes how it looks', async () => {
	await page.evaluate(() => {
		document.documentElement.style.setProperty('--presence-background', 'rgb(0, 0, 90)');
		document.documentElement.style.setProperty('--presence-width', '320px');
	});
	assert.equal(await testId(page, 'panel').evaluate((one) => getComputedStyle(one).backgroundColor), 'rgb(0, 0, 90)');
	assert.equal((await testId(page, 'panel').boundingBox()).width, 320);
	await page.evaluate(() => document.documentElement.removeAttribute('style'));
});

await steps.step('it is hidden for this browser by the settings, with its pointers and its words', async () => {
	await tellAll(page, ADA, MIRA);
	point({});
	await page.locator('.ghost').waitFor({ state: 'attached' });
	await testId(page, 'settings').click();
	await testId(page, 'show-people').uncheck();
	assert.equal(await testId(page, 'panel').count(), 0);
	assert.equal(await page.locator('.ghosts').count(), 0);
	await shot(page, 'settings');
	point({});
	tell(JONAS);
	await new Promise((resolve) => setTimeout(resolve, 1500)); // longer than comings are gathered
	assert.equal(await textOf(page, 'said'), '');
	assert.equal(await page.locator('.ghosts').count(), 0);
	await testId(page, 'show-people').check();
	await until('the list', async () => await testId(page, 'person').count() === 4);
	await testId(page, 'close-settings').click();
});

// ── where the others point

await steps.step('another one’s pointer is an arrow with a name, at its place, and rests after a while', async () => {
	point({ x: 300, y: 200 });
	point({ person: MIRA.person, x: 900, y: 420 });
	await until('two', async () => await page.locator('.ghost').count() === 2);
	assert.deepEqual(await page.locator('.ghost').allInnerTexts(), ['Ada', 'Mira']);
	await until('the arrow in its place', async () => { // with the next picture
		const arrow = await page.locator('.ghost svg').first().boundingBox();
		return Math.abs(arrow.x - 299) < 2 && Math.abs(arrow.y - 199) < 2;
	});
	assert.equal(await page.locator('.ghosts').getAttribute('aria-hidden'), 'true');
	await shot(page, 'ghosts', () => {
		point({ x: 300, y: 200 });
		point({ person: MIRA.person, x: 900, y: 420 });
	});
	await until('rest', async () => await page.locator('.ghost.resting').count() === 2);
	let x = 300;
	await until('motion', async () => {
		point({ x: x++, y: 200 }); // for one it moves a while, which may pass unseen
		return await page.locator('.ghost.resting').count() === 1;
	});
});

await steps.step('one’s own and an unknown pointer are not shown, one that leaves the display goes, and so does who leaves', async () => {
	point({ person: ME.person });
	point({ person: 99 });
	point({ person: MIRA.person, visible: false });
	await until('Ada alone', async () => String(await page.locator('.ghost').allInnerTexts()) === 'Ada');
	tell({ ...ADA, change: 2 });
	await until('nobody', async () => await page.locator('.ghosts').count() === 0);
	tell(ADA);
});

await steps.step('the list says who moved the pointer last, until one does it oneself', async () => {
	point({});
	await untilText(page, 'panel', /Ada\s+driving · pointed last/);
	point({ person: MIRA.person });
	await untilText(page, 'panel', /Mira\s+watching · pointed last/);
	assert.doesNotMatch(await textOf(page, 'panel'), /driving · pointed last/);
	await page.mouse.move(222, 111);
	await until('nobody', async () => !/pointed last/.test(await textOf(page, 'panel')));
});

await steps.step('a pointer is where it belongs on a display that is scaled, and does not catch clicks', async () => {
	await page.setViewportSize({ width: 960, height: 540 });
	await until('the mode', () => viewer().mode.width === 960);
	host.send('DISPLAY_OPENED', { display: 0, slot: 1, generation: 1, width: 1920, height: 1080, refresh: 60000, scale: 100,
		flags: 0, holder: '' });
	point({ x: 1200, y: 600 });
	await until('half the way', async () => {
		const box = await page.locator('.ghost svg').first().boundingBox().catch(() => null);
		return box && Math.abs(box.x - 599) < 2 && Math.abs(box.y - 299) < 2;
	});
	const since = host.received.length;
	await page.mouse.click(604, 304);
	await heard('POINTER_BUTTON', since);
	const { x, y } = host.messages('POINTER_ABSOLUTE', since).at(-1);
	assert.deepEqual([x, y], [1208, 608]);
	await page.setViewportSize(WINDOW);
	await until('the window again', () => viewer().mode.width === WINDOW.width);
});

// ── who drives

await steps.step('while another one drives, the page says who, sends nothing, and says once why', async () => {
	await tellAll(page, ADA, MIRA, JONAS);
	const since = host.received.length;
	steer(ADA_HOLDS);
	await untilText(page, 'control', /Ada.* has control/);
	await page.evaluate(() => document.getElementById('keys').focus());
	await page.mouse.move(300, 300);
	await page.mouse.click(300, 300);
	await page.keyboard.press('KeyA');
	await untilText(page, 'status', /Ada.* has control\. Ctrl\+Alt\+Shift\+C asks/);
	for (const type of ['KEY', 'POINTER_ABSOLUTE', 'POINTER_BUTTON', 'TEXT'])
		assert.deepEqual(host.messages(type, since), [], type);
	assert.match(await page.locator('#stage').evaluate((one) => getComputedStyle(one).cursor), /watching\.svg/);
	assert.match(await testId(page, 'person').nth(1).innerText(), /has control/);
});

await steps.step('control is asked for by its button, and the place in line is shown', async () => {
	const since = host.received.length;
	await page.getByRole('button', { name: 'Ask for control' }).click();
	const { action, session } = await heard('CONTROL', since);
	assert.deepEqual([action, session], [1, 0]);
	steer({ ...ADA_HOLDS, asking: 1, askingName: ME.name, place: 1, waiting: 2, leftMs: 59900, line: [ME.person, MIRA.person] });
	await untilText(page, 'control', /Place 1 of 2 in line/);
	const people = await testId(page, 'person').allInnerTexts();
	assert.deepEqual(people.map((text) => /waits, place \d/.exec(text)?.[0]),
		['waits, place 1', undefined, 'waits, place 2', undefined]);
	await untilCountsDown(page, 'control', /Asked .*Ada.* (\d+) s/, 60);
	await shot(page, 'asking');
	assert.deepEqual(await violations(page), []);
});

await steps.step('a denied request is said, keeps its place, and may be asked again or withdrawn', async () => {
	host.send('NOTICE', { code: 6, text: '' });
	steer({ ...ADA_HOLDS, place: 1, waiting: 2 });
	await untilText(page, 'status', /turned down/);
	const since = host.received.length;
	await testId(page, 'control-again').click();
	assert.equal((await heard('CONTROL', since)).action, 1);
	await testId(page, 'control-main').click();
	await until('the withdrawal', () => host.messages('CONTROL', since).at(-1).action === 2);
	host.send('NOTICE', { code: 7, text: '' });
	await untilText(page, 'status', /Nobody has answered/);
	host.send('NOTICE', { code: 5, text: 'request-pending' });
	await untilText(page, 'status', /You have asked already/);
	steer(ADA_HOLDS);
	await until('out of line', async () => await testId(page, 'control-again').count() === 0);
});

await steps.step('the chord asks, withdraws and releases, and the host hears no key of it', async () => {
	await page.evaluate(() => document.getElementById('keys').focus());
	const since = host.received.length;
	const actions = () => host.messages('CONTROL', since).map(({ action }) => action);
	await page.keyboard.press('Control+Alt+Shift+KeyC');
	await until('a request', () => String(actions()) === '1');
	steer({ ...ADA_HOLDS, asking: 1, place: 1, waiting: 1, leftMs: 9000 });
	await until('the line', async () => await testId(page, 'control-line').count() === 1);
	await page.keyboard.press('Control+Alt+Shift+KeyC');
	await until('a withdrawal', () => String(actions()) === '1,2');
	steer(I_HOLD);
	await untilText(page, 'control', /You have control/);
	await untilText(page, 'said', /You have control now/);
	await page.keyboard.press('Control+Alt+Shift+KeyC');
	await until('a release', () => String(actions()) === '1,2,5');
	assert.ok(!host.messages('KEY', since).some(({ code }) => code === 46));
	steer({});
	await untilText(page, 'control', /Nobody has control/);
	await page.getByRole('button', { name: 'Take control' }).click();
	await until('a request', () => String(actions()) === '1,2,5,1');
});

await steps.step('who has control is asked on a card that counts down, takes no focus, and is answered by keys', async () => {
	steer({ ...I_HOLD });
	await page.evaluate(() => document.getElementById('keys').focus());
	steer({ ...I_HOLD, asking: MIRA.session, askingName: 'Mira', waiting: 1, leftMs: 59900 });
	await untilText(page, 'request', /Mira.* asks for control\s+\d+ s to answer/);
	assert.equal(await focused(page), 'keys');
	const spoken = await page.locator('.presence-request [role=alert]').innerText();
	assert.match(spoken, /Mira.* asks for control\. \d\d seconds/);
	await shot(page, 'request');
	assert.deepEqual(await violations(page), []);
	await untilCountsDown(page, 'request', /(\d+) s to answer/, 60);
	assert.equal(await page.locator('.presence-request [role=alert]').innerText(), spoken, 'the seconds are read out once');
	let since = host.received.length;
	await page.keyboard.press('Control+Alt+Shift+KeyP');
	await until('the answer in focus', async () => await focused(page) === 'request-allow');
	await page.keyboard.press('Enter');
	const { action, session } = await heard('CONTROL', since);
	assert.deepEqual([action, session], [3, MIRA.session]);
	steer({ holder: MIRA.session, holderName: 'Mira' });
	await until('the card gone', async () => await testId(page, 'request').count() === 0);
	assert.equal(await focused(page), 'keys');
	await untilText(page, 'said', /Mira.* has control now/);
});

await steps.step('a request is seen and answered while the settings are open, in a wide window and in a narrow one', async () => {
	await testId(page, 'settings').click();
	for (const width of [WINDOW.width, 700]) {
		await page.setViewportSize({ width, height: WINDOW.height });
		steer({ ...I_HOLD, asking: MIRA.session, askingName: 'Mira', waiting: 1, leftMs: 10000 });
		await testId(page, 'request-deny').click({ trial: true }); // nothing lies over it
		await shot(page, `request-settings-${width}`);
		steer(I_HOLD);
		await until('no card', async () => await testId(page, 'request').count() === 0);
	}
	await testId(page, 'close-settings').click();
	await page.setViewportSize(WINDOW);
	await until('the window again', () => viewer().mode.width === WINDOW.width);
});

await steps.step('a request is turned down by its button, and the one who asks stays in line', async () => {
	steer({ ...I_HOLD, asking: ADA.session, askingName: 'Ada', waiting: 1, leftMs: 10000 });
	const since = host.received.length;
	await testId(page, 'request-deny').click();
	const { action, session } = await heard('CONTROL', since);
	assert.deepEqual([action, session], [4, ADA.session]);
	steer({ ...I_HOLD, waiting: 1 });
	await until('no card', async () => await testId(page, 'request').count() === 0);
	await untilText(page, 'control-line', /1 person waits/);
});

await steps.step('control is given to somebody who may drive, and to nobody else', async () => {
	assert.equal(await testId(page, 'give').count(), 2); // Jonas may only watch
	const since = host.received.length;
	await page.getByRole('button', { name: /Give control to .*Mira/ }).click();
	const { action, session } = await heard('CONTROL', since);
	assert.deepEqual([action, session], [6, MIRA.session]);
	steer({ holder: MIRA.session, holderName: 'Mira' });
	await until('no more giving', async () => await testId(page, 'give').count() === 0);
});

await steps.step('a request shows on a page that hides the list', async () => {
	await page.evaluate(() => document.getElementById('keys').focus());
	await testId(page, 'settings').click();
	await testId(page, 'show-people').uncheck();
	await testId(page, 'close-settings').click();
	steer({ ...I_HOLD, asking: ADA.session, askingName: 'Ada', waiting: 1, leftMs: 10000 });
	await testId(page, 'request').waitFor();
	assert.equal(await testId(page, 'panel').count(), 0);
	steer(I_HOLD);
	await testId(page, 'settings').click();
	await testId(page, 'show-people').check();
	await testId(page, 'close-settings').click();
});

await steps.step('when everybody may drive again, the buttons are gone and it is said', async () => {
	steer({ mode: 0 });
	await untilText(page, 'said', /Everybody may drive now/);
	assert.equal(await testId(page, 'control').count(), 0);
	const since = host.received.length;
	await page.evaluate(() => document.getElementById('keys').focus());
	await page.keyboard.press('KeyA');
	await until('the key up again', () => host.messages('KEY', since).at(-1)?.pressed === false);
});

// ── what one may do

await steps.step('who may only watch is told so and why, and what would not work is grey', async () => {
	steer(ADA_HOLDS);
	host.send('GRANTS', { grants: 0, seconds: 0 });
	await untilText(page, 'rights', /You are watching only/);
	assert.ok(await testId(page, 'control-main').isDisabled());
	await untilText(page, 'control', /The host lets you watch only/);
	await testId(page, 'settings').click();
	await untilText(page, 'rights-list', /Pointer and touch\s+not allowed\s+Keyboard and text\s+not allowed/);
	await untilText(page, 'rights-list', /Clipboard\s+not allowed/);
	for (const name of ['pointer-lock', 'paste', 'paste-send', 'paste-as-text'])
		assert.ok(await testId(page, name).isDisabled(), name);
	await shot(page, 'view-only');
	assert.deepEqual(await violations(page), []);
	await testId(page, 'close-settings').click();
	const since = host.received.length;
	await page.mouse.click(300, 300);
	await page.keyboard.press('KeyA');
	await untilText(page, 'status', /You are watching only\. The host does not let you type or click/);
	assert.deepEqual(host.messages('KEY', since), []);
	assert.deepEqual(host.messages('POINTER_BUTTON', since), []);
	steer({ mode: 0 });
	host.send('GRANTS', { grants: 1, seconds: 0 }); // the last, so that its words are those of both
	await untilText(page, 'rights', /You may use the pointer, but not type/);
	await page.mouse.click(310, 300);
	await heard('POINTER_BUTTON', since);
	host.send('GRANTS', { grants: 127, seconds: 90 });
	await untilText(page, 'rights', /You may type and use the pointer until \d/);
	host.send('GRANTS', { grants: 127, seconds: 0 });
	await until('nothing to say', async () => await testId(page, 'rights').count() === 0);
});

// ── a holder who does nothing

await steps.step('who holds control and does nothing is told ten seconds before it goes, and why it went', async () => {
	const idle = await pages.open({ viewport: WINDOW, reducedMotion: 'reduce' }, { prepare: (one) => one.clock.install() });
	try {
		await pages.pair(idle);
		await tellAll(idle, ADA);
		steer(I_HOLD);
		await untilText(idle, 'control', /You have control/);
		await letPass(idle, 21500);
		await untilText(idle, 'idle', /Without input, control goes in \d s/);
		assert.match(await idle.locator('.presence > [role=status].unseen').innerText(), /you lose control in 10 seconds/);
		assert.deepEqual(await violations(idle), []);
		await shot(idle, 'idle');
		await idle.evaluate(() => document.getElementById('keys').focus());
		await idle.keyboard.press('KeyA');
		await until('no warning', async () => await testId(idle, 'idle').count() === 0);
		await letPass(idle, 21500);
		await testId(idle, 'idle').waitFor();
		await letPass(idle, 9000);
		steer(ADA_HOLDS);
		await untilText(idle, 'said', /You gave no input for 30 seconds\. .*Ada.* has control now/);
		assert.equal(await testId(idle, 'idle').count(), 0);
	} finally {
		await pages.leave(idle);
	}
});

// ── coming and going of the whole

await steps.step('a lost connection takes everybody away, and who is there after it is not announced', async () => {
	steer(ADA_HOLDS);
	await until('control', async () => await testId(page, 'control').count() === 1);
	host.once('welcomed', () => setTimeout(() => [forget, ME, ADA].forEach(tell), 100));
	host.away = true;
	viewer().socket.terminate();
	await until('nobody', async () => await testId(page, 'presence').count() === 0).finally(() => { host.away = false; });
	await untilState(page, 'live');
	await until('two', async () => await testId(page, 'person').count() === 2);
	await new Promise((resolve) => setTimeout(resolve, 1500));
	assert.equal(await textOf(page, 'said'), '');
});

await steps.step('when the host stops telling, nothing of it is left on the page', async () => {
	point({});
	await page.locator('.ghost').waitFor({ state: 'attached' });
	tell(forget);
	await until('nobody', async () => await testId(page, 'presence').count() === 0);
	assert.equal(await domOf(page), before);
});

// ── guests

await steps.step('a link of an invitation shows a form for guests, and its id leaves the address bar', async () => {
	await pages.leave(page);
	host.clients.clear();
	page = await pages.open({ viewport: WINDOW, reducedMotion: 'reduce' }, { path: '?invite=0123456789abcdef' });
	await untilState(page, 'pairing');
	assert.equal(page.url(), host.url);
	assert.equal(await page.evaluate(() => history.length), 2); // the blank page and this one: no way back to the id
	assert.match(await textOf(page, 'guest-form'), /You are invited\s+to birch/);
	assert.equal(await focused(page), 'guest-name');
	assert.equal(await testId(page, 'guest-name').inputValue(), '');
	assert.deepEqual(await violations(page), []);
	if (shots)
		await page.screenshot({ path: `${shots}/presence-invitation.png` });
	await page.reload();
	await testId(page, 'guest-form').waitFor();
});

await steps.step('what is no PIN is said without asking the host, and a wrong one in words for guests', async () => {
	const since = host.received.length;
	await testId(page, 'guest-name').fill('Rosa');
	await testId(page, 'guest-pin').fill('482915'); // the host's own PIN is not one of an invitation
	await testId(page, 'guest-enter').click();
	await untilText(page, 'guest-form', /The PIN has eight digits/);
	assert.equal(await testId(page, 'guest-pin').getAttribute('aria-invalid'), 'true');
	assert.equal(await focused(page), 'guest-pin');
	assert.equal(host.messages('PAIR', since).length, 0);
	await testId(page, 'guest-pin').fill('11112222');
	await page.keyboard.press('Enter');
	await untilText(page, 'guest-form', /That PIN is wrong\. Try again, or ask whoever invited you/);
	assert.deepEqual(await violations(page), []);
});

await steps.step('name and PIN let a guest in, with the host told both', async () => {
	const since = host.received.length;
	await until('an empty field', async () => await testId(page, 'guest-pin').inputValue() === '');
	await testId(page, 'guest-pin').fill('4071 8265');
	await page.keyboard.press('Enter');
	await untilState(page, 'live');
	const { pin, label } = host.messages('PAIR', since)[0];
	assert.deepEqual([pin, label], ['40718265', 'Rosa']);
	await pages.reload(page);
	await untilState(page, 'live');
	await pages.leave(page);
});

await steps.step('an invitation that is over is said; and who has none may pair as usual', async () => {
	host.invitation = '';
	page = await pages.open({ viewport: WINDOW, reducedMotion: 'reduce' }, { path: '?invite=0123456789abcdef' });
	await untilState(page, 'pairing');
	await testId(page, 'guest-pin').fill('40718265');
	await testId(page, 'guest-enter').click();
	await untilText(page, 'guest-form', /This invitation holds no longer/);
	await testId(page, 'guest-pair').click();
	await testId(page, 'pin').waitFor();
	assert.equal(await testId(page, 'guest-form').count(), 0);
	await page.reload();
	await pages.pair(page);
});

await steps.step('in German it speaks German', async () => {
	await pages.leave(page);
	page = await open({ locale: 'de-DE' });
	await pages.pair(page);
	await tellAll(page, ADA, MIRA, JONAS);
	steer({ ...I_HOLD, asking: MIRA.session, askingName: 'Mira', waiting: 2, leftMs: 9900, line: [MIRA.person, 0] });
	await untilText(page, 'request', /Mira.* bittet um die Steuerung/);
	assert.match(await textOf(page, 'panel'), /4 hier[\s\S]*bedient · 2 Geräte[\s\S]*untätig · darf nur zusehen/);
	assert.match(await textOf(page, 'panel'), /Mira\s+schaut zu · wartet, Platz 1/);
	await shot(page, 'german');
	assert.deepEqual(await violations(page), []);
	await pages.leave(page);
});

await steps.step('no page complained', () => assert.deepEqual(pages.complaints, []));

await browser.close();
await host.close();
steps.close();
