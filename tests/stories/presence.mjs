// make story-presence: three people in three browsers on one sway desktop, and how it ended.
//   node tests/stories/presence.mjs BUILD [folder for screenshots]
//
// Ada and Bo have a hand each (a seat per client) and type into two windows of the same display at the same time; Cy may only
// watch. Then there is one hand for all, and it is passed on while a key is held.

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { launchChromium, testId, until, untilState } from '../e2e/browser.mjs';
import { Host } from '../e2e/host.mjs';

const [, , build, shots] = process.argv;
const WIDTH = 1280;
const HEIGHT = 720;
const LEFT = { x: 320, y: 420 };
const RIGHT = { x: 960, y: 420 };
const told = [];
const complaints = [];

async function tell(story, action) {
	try {
		told.push([story, await action() ?? 'as told', true]);
	} catch (error) {
		told.push([story, error.message.replace(/\s+/g, ' ').slice(0, 400), false]);
	}
	console.log(`${told.at(-1)[2] ? 'ok' : 'not ok'} - ${story}: ${told.at(-1)[1]}`);
}

const host = await new Host(build, ['left', 'right'].map((name) => `foot --title ${name} sh -c 'exec cat > $HOME/${name}'`)).ready();
const browser = await launchChromium();

/** A program's home is its desktop's private folder; the tests read what it wrote through the window's process. */
async function written(name) {
	const find = (node) => node.name === name && node.pid ? node.pid : [...node.nodes ?? [], ...node.floating_nodes ?? []]
		.reduce((found, child) => found || find(child), 0);
	const pid = find(await host.ask(4));
	if (!pid)
		throw new Error(`there is no window ${name}`);
	const home = /(?:^|\0)HOME=([^\0]*)/.exec(readFileSync(`/proc/${pid}/environ`, 'latin1'))[1];
	const file = join(home, name);
	return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

async function person(label) {
	const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: WIDTH, height: HEIGHT }, locale: 'en-GB' });
	const page = await context.newPage();
	page.on('pageerror', (error) => complaints.push(`${label}: ${error.message}`));
	await page.goto(host.url);
	await untilState(page, 'pairing');
	await testId(page, 'label').fill(label);
	await testId(page, 'pin').fill(host.pin());
	await testId(page, 'pair').click();
	await untilState(page, 'live');
	return page;
}

const shot = (page, name) => shots && page.screenshot({ path: join(shots, `presence-${name}.png`) });
const names = (page) => page.locator('[data-testid=person] .person-name').allInnerTexts();
const stateOf = (page, name) => page.locator('[data-testid=person]', { hasText: name }).getAttribute('data-state');
/** Until the page itself knows that it has control, and lets keys through. */
const untilMine = (page) => until('You have control', async () => /You have control/.test(await testId(page, 'control').innerText()));
const click = (page, position) => testId(page, 'stage').click({ position });
const both = async () => [await written('left'), await written('right')];
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const rule = (fields) => host.api('PUT', 'display/settings', { preset: 'custom', topology: 'extend', mode_conflict: 'join',
	keep_alive: { mode: 'duration', seconds: 10 }, ...fields });
const markup = (page) => page.evaluate(() => document.body.innerHTML.replace(/ ?\b(style|src|width|height)="[^"]*"/g, '').replaceAll(' class=""', ''));

await rule({});
const ada = await person('Ada');
const [bo, cy] = [await person('Bo'), await person('Cy')];
const pages = { Ada: ada, Bo: bo, Cy: cy };
const clients = (await host.api('GET', 'clients')).clients;
await host.api('PATCH', `clients/${clients.find(({ label }) => label === 'Cy').fingerprint}`, { grants: { preset: 'view' } });
let before;

await tell('while presence is off the pages show nobody', async () => {
	before = await markup(ada);
	for (const page of Object.values(pages))
		assert.equal(await testId(page, 'presence').count(), 0);
});

await tell('turned on, each of three sees three, and who only watches', async () => {
	await rule({ presence: { enabled: true }, input: 'seat-per-client' });
	for (const page of Object.values(pages)) {
		await until('three people', async () => (await names(page)).sort().join() === 'Ada,Bo,Cy');
		assert.equal(await page.locator('.person-self').count(), 1);
	}
	assert.match(await ada.locator('[data-testid=person]', { hasText: 'Cy' }).innerText(), /may only watch/);
});

await tell('two type into two windows of one display at the same time', async () => {
	await until('two windows', () => both().then((texts) => texts.join('') === '', () => false));
	const texts = { Ada: 'the quick brown fox\n', Bo: 'PACK MY BOX WITH JUGS\n' };
	// Seats that have just been made are new to the programs, too: both have a line through before it counts.
	for (const [page, position] of [[ada, LEFT], [bo, RIGHT]]) {
		const before = (await both()).join('');
		await until('the seat to work', async () => {
			await click(page, position);
			await page.keyboard.press('Enter');
			await pause(200);
			return (await both()).join('') !== before;
		});
	}
	await pause(500);
	const lines = await both();
	// Letter by letter, in turn, with no pause between them.
	for (let i = 0; i < 22; i++) {
		await Promise.all([[ada, texts.Ada], [bo, texts.Bo]].map(([page, text]) =>
			text[i] && page.keyboard.press(text[i] === '\n' ? 'Enter' : text[i])));
	}
	await until('both texts', async () => (await both()).every((text, i) => text.length > lines[i].length && text.endsWith('\n')))
		.catch(async (error) => { throw new Error(`${error.message}; ${JSON.stringify(await both())}`); });
	assert.equal(JSON.stringify((await both()).map((text) => text.trimStart()).sort()), JSON.stringify([texts.Bo, texts.Ada]));
	return `'${texts.Ada.trim()}' and '${texts.Bo.trim()}', nothing crossed`;
});

await tell('each sees the others’ pointers by name', async () => {
	await ada.mouse.move(LEFT.x + 60, LEFT.y + 40, { steps: 4 });
	const ghost = bo.locator('.ghost', { hasText: 'Ada' }).locator('svg');
	await ghost.waitFor({ timeout: 20000 });
	await until('its place', async () => {
		await ada.mouse.move(LEFT.x + 60, LEFT.y + 40);
		const at = await ghost.boundingBox();
		return at && Math.abs(at.x - LEFT.x - 60) < 4 && Math.abs(at.y - LEFT.y - 40) < 4;
	});
	await bo.mouse.move(RIGHT.x, RIGHT.y - 90, { steps: 4 });
	await cy.locator('.ghost', { hasText: 'Bo' }).locator('svg').waitFor({ timeout: 20000 });
	await until('Ada to drive', async () => {
		await ada.mouse.move(LEFT.x + 61, LEFT.y + 40);
		await ada.mouse.move(LEFT.x + 60, LEFT.y + 40);
		return await stateOf(cy, 'Ada') === 'controlling';
	});
	await shot(cy, 'story-watching');
	await shot(bo, 'story-seats');
});

await tell('who may only watch changes nothing', async () => {
	const texts = await both();
	await click(cy, LEFT).catch(() => {});
	await cy.keyboard.type('nothing of this\n');
	await ada.keyboard.type('ok\n'); // what came after it has arrived
	await until('ok', async () => (await both()).join('').includes('ok\n'));
	assert.deepEqual((await both()).map((text) => text.replace('ok\n', '')), texts);
});

await tell('one at a time: who asks first drives', async () => {
	await rule({ presence: { enabled: true }, control: 'one-at-a-time' });
	await testId(ada, 'control').waitFor();
	await ada.keyboard.press('Control+Alt+Shift+C');
	await until('Ada to have it', async () => /Ada/.test(await testId(bo, 'control').innerText()));
	await untilMine(ada);
	await click(ada, LEFT);
	await bo.keyboard.type('not now');
	assert.ok(await testId(cy, 'control-main').isDisabled());
});

await tell('handed over while a key is held: it goes up', async () => {
	await ada.keyboard.down('Shift');
	await ada.keyboard.press('a'); // an A: Shift is down at the host
	await bo.bringToFront();
	await testId(bo, 'control-main').click();
	await testId(ada, 'request').waitFor();
	await shot(ada, 'story-request');
	await testId(ada, 'request-allow').click();
	await until('Bo to have it', async () => /Bo/.test(await testId(cy, 'control').innerText()));
	await untilMine(bo);
	await testId(bo, 'stage').focus();
	await bo.keyboard.type('small\n');
	await until('the text', async () => (await both()).some((text) => text.endsWith('Asmall\n')))
		.catch(async (error) => { throw new Error(`${error.message}; ${JSON.stringify(await both())}`); });
	await ada.keyboard.up('Shift');
	assert.ok(!(await both()).join('').includes('not now'));
	return 'Bo’s letters are small';
});

await tell('the holder’s tab is closed: after its grace the next in line drives', async () => {
	await ada.bringToFront();
	await testId(ada, 'control-main').click();
	await testId(bo, 'request').waitFor();
	await bo.context().close();
	await until('Ada to have it', async () => /Ada/.test(await testId(cy, 'control').innerText()));
	await until('Bo to be gone', async () => (await names(ada)).sort().join() === 'Ada,Cy');
	await shot(ada, 'story-holder');
});

await tell('turned off again, the page is as it was', async () => {
	await rule({});
	await until('no overlay', async () => await testId(ada, 'presence').count() === 0);
	let after;
	await until('the page as it was', async () => { // what was said last leaves after a while
		after = await markup(ada);
		return after === before;
	}).catch(() => {
		const at = [...after].findIndex((letter, i) => letter !== before[i]);
		throw new Error(`it differs: ${JSON.stringify([after, before].map((text) => text.slice(at - 60, at + 200)))}`);
	});
});

await tell('no page had anything to complain about', () => assert.deepEqual(complaints, []));
await browser.close();
await tell('lodged ends and leaves nothing', () => host.stop());

const failed = told.filter(([, , good]) => !good).length;
const width = Math.max(...told.map(([story]) => story.length));
console.log(`\n${told.map(([story, outcome]) => `${story.padEnd(width)}  ${outcome}`).join('\n')}\n`);
console.log(`${told.length - failed} passed, ${failed} failed, 0 skipped`);
process.exitCode = failed ? 1 : 0;
