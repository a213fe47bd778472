// make story-isolated: two people with a desktop each, and what crossed from one to the other (nothing).
//   node tests/stories/isolated.mjs BUILD [folder for screenshots]
//
// Ada's desktop plays 440 Hz, Bo's 1 kHz; each types into a shell of its own. Ada drops and comes back to what she left; Bo quits,
// and everything of his desktop is gone.

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { launchChromium, screen, testId, until, untilState } from '../e2e/browser.mjs';
import { Host, NO_REPEATS } from '../e2e/host.mjs';
import { toneWav } from './tone.mjs';

const [, , build, shots] = process.argv;
const WIDTH = 1280;
const HEIGHT = 720;
const AUDIBLE_DB = -40;
const TRACE_DB = -80; // what Opus and the window leave of a tone this far away
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

const host = await new Host(build, ['foot sh']).ready();
const browser = await launchChromium(['--autoplay-policy=no-user-gesture-required']);
const said = join(host.folder, 'said');
mkdirSync(said);
const people = { ada: { hz: 440 }, bo: { hz: 1000 } };
for (const [name, { hz }] of Object.entries(people))
	writeFileSync(join(said, `${name}.wav`), toneWav(hz, 240));

/** An ear at the page's loudspeaker. */
function listenInPage() {
	const connect = AudioNode.prototype.connect;
	AudioNode.prototype.connect = function (to, ...rest) {
		if (to instanceof AudioDestinationNode && this instanceof GainNode) {
			window.ear = new AnalyserNode(this.context, { fftSize: 16384, smoothingTimeConstant: 0 });
			connect.call(this, window.ear);
		}
		return connect.call(this, to, ...rest);
	};
}

/** Decibels at each person's tone, in this page; null while it plays nothing. */
const levels = (page) => page.evaluate((tones) => {
	if (!window.ear)
		return null;
	const bins = new Float32Array(window.ear.frequencyBinCount);
	window.ear.getFloatFrequencyData(bins);
	return tones.map((hz) => {
		const at = Math.round(hz * window.ear.fftSize / window.ear.context.sampleRate);
		return Math.max(...bins.subarray(at - 2, at + 3));
	});
}, Object.values(people).map(({ hz }) => hz));

async function open(one) {
	const page = await one.context.newPage();
	page.on('pageerror', (error) => complaints.push(error.message));
	await page.addInitScript(listenInPage);
	await page.goto(host.url);
	one.page = page;
	return page;
}

async function arrive(name) {
	const one = people[name];
	one.context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: WIDTH, height: HEIGHT }, locale: 'en-GB' });
	const page = await open(one);
	await untilState(page, 'pairing');
	await testId(page, 'label').fill(name);
	await testId(page, 'pin').fill(host.pin());
	await testId(page, 'pair').click();
	await untilState(page, 'live');
}

/** Types a line into the person's shell. */
async function type(name, line) {
	const { page } = people[name];
	await testId(page, 'stage').click({ position: { x: 600, y: 500 } });
	await page.keyboard.type(line);
	await page.keyboard.press('Enter');
}

const file = (name) => join(said, name);
const read = (name) => existsSync(file(name)) ? readFileSync(file(name), 'utf8') : '';
const shot = (name, what) => shots && people[name].page.screenshot({ path: join(shots, `isolated-${what}.png`) });

/** Processes whose PID namespace is that of process `inside` (a /proc/PID/ns/pid link). */
function processesIn(namespace) {
	return readdirSync('/proc').filter((pid) => /^\d+$/.test(pid)).filter((pid) => {
		try {
			return readlinkSync(`/proc/${pid}/ns/pid`) === namespace;
		} catch {
			return false;
		}
	});
}

async function untilHears(name, { own = true } = {}) {
	const names = Object.keys(people);
	let last;
	await until(`${name} to hear ${own ? 'its own tone alone' : 'nothing'}`, async () => {
		last = await levels(people[name].page);
		return last && last.every((level, i) => names[i] === name && own ? level > AUDIBLE_DB : level < TRACE_DB);
	}, 20000).catch((error) => {
		throw new Error(`${error.message}; decibels were ${last}`);
	});
	return last.map((level) => Math.round(level));
}

await host.api('PUT', 'display/settings', { preset: 'custom', topology: 'extend', mode_conflict: 'separate', desktop: 'isolated',
	keep_alive: { mode: 'duration', seconds: 60 } });

await tell('each gets a desktop of its own', async () => {
	await arrive('ada');
	await arrive('bo');
	for (const name of Object.keys(people)) {
		await until('the shell', async () => {
			await type(name, `swaymsg -q '${NO_REPEATS}' && readlink /proc/self/ns/pid > ${file(`${name}.namespace`)}; echo $$ > ${file(`${name}.shell`)}`);
			await new Promise((done) => setTimeout(done, 500));
			return /pid:\[\d+\]\n/.test(read(`${name}.namespace`)) && read(`${name}.shell`).trim();
		});
		people[name].namespace = read(`${name}.namespace`).trim();
	}
	assert.notEqual(people.ada.namespace, people.bo.namespace);
});

await tell('two type at the same time, each into its own', async () => {
	const texts = { ada: 'the quick brown fox', bo: 'PACK MY BOX WITH JUGS' };
	await Promise.all(Object.keys(texts).map((name) => type(name, `echo ${texts[name]} > ${file(name)}`)));
	for (const [name, text] of Object.entries(texts))
		await until(`${name}'s text`, () => read(name) === `${text}\n`).catch(() => {
			throw new Error(`${name} has '${read(name)}'`);
		});
	return 'nothing crossed';
});

await tell('neither sees the processes of the other', async () => {
	for (const name of Object.keys(people)) {
		await type(name, `ls /proc | grep -c '^[0-9]' > ${file(`${name}.count`)}`);
		await until('a count', () => read(`${name}.count`).trim());
		const [count, real] = [Number(read(`${name}.count`)), processesIn(people[name].namespace).length];
		assert.ok(count <= real + 4, `${name} sees ${count}, and has ${real}`);
	}
});

await tell('two tones: each hears its own, and no trace of the other', async () => {
	for (const name of Object.keys(people))
		await type(name, `pw-play ${file(`${name}.wav`)} & clear`);
	const heard = [await untilHears('ada'), await untilHears('bo')];
	return `Ada: ${heard[0][0]} dB of hers, ${heard[0][1]} dB where Bo's would be; Bo: ${heard[1][1]} and ${heard[1][0]}`;
});

await tell('Ada drops and comes back to what she left, which has gone on', async () => {
	await type('ada', 'echo here since before');
	await people.ada.page.close();
	await new Promise((done) => setTimeout(done, 2000));
	const running = processesIn(people.ada.namespace).length;
	assert.ok(running > 5, `only ${running} processes went on`);
	await open(people.ada);
	await untilState(people.ada.page, 'live');
	await type('ada', `echo $$ > ${file('ada.again')}`);
	await until('the shell', () => read('ada.again').trim());
	assert.equal(read('ada.again'), read('ada.shell'));
	await untilHears('ada');
	await until('the old picture', async () => {
		const picture = await screen(people.ada.page);
		let bright = 0;
		for (let x = 0; x < 300; x++)
			for (let y = 0; y < 40; y++)
				bright += picture.at(x, y)[1] > 120;
		return bright > 50;
	});
	await shot('ada', 'returned');
	return `the same shell (${read('ada.shell').trim()}), the same tone`;
});

await tell('Bo quits: all of his is gone, nothing of Ada’s', async () => {
	const before = processesIn(people.ada.namespace).length;
	await shot('bo', 'before-quit');
	await testId(people.bo.page, 'settings').click();
	await testId(people.bo.page, 'quit').click();
	await testId(people.bo.page, 'quit-sure').click();
	await untilState(people.bo.page, 'ended');
	await until('the end of Bo’s processes', () => processesIn(people.bo.namespace).length === 0);
	assert.ok(processesIn(people.ada.namespace).length >= before - 1);
	const heard = await untilHears('ada');
	return `0 processes left; Ada still hears hers at ${heard[0]} dB`;
});

await tell('Ada is sent away and her desktop released: all of it is gone', async () => {
	await people.ada.page.close();
	await until('it to be kept', async () => (await host.api('GET', 'display/state')).own_desktops
		.some(({ displays }) => displays.every(({ state }) => state === 'lingering')));
	await host.api('POST', 'display/release', { all: true });
	await until('the end of Ada’s processes', () => processesIn(people.ada.namespace).length === 0);
});

await tell('no page had anything to complain about', () => assert.deepEqual(complaints, []));
await browser.close();
await tell('lodged ends and leaves nothing', () => host.stop());

const failed = told.filter(([, , good]) => !good).length;
const width = Math.max(...told.map(([story]) => story.length));
console.log(`\n${told.map(([story, outcome]) => `${story.padEnd(width)}  ${outcome}`).join('\n')}\n`);
console.log(`${told.length - failed} passed, ${failed} failed, 0 skipped`);
process.exitCode = failed ? 1 : 0;
