// Sound in Firefox, against the fake host. Judged is what the sink of a private PipeWire plays, not what the page believes.
//   node tests/e2e/sound-firefox.mjs BUILD [folder for screenshots]

import assert from 'node:assert/strict';
import puppeteer from 'puppeteer-core';

import { FakeHost } from '../viewer/fake-host.mjs';
import { SoundHost } from '../viewer/sound-host.mjs';
import { Steps, until } from './browser.mjs';
import { SoundSession } from './sound-session.mjs';

const [, , build = 'build', shots] = process.argv;
const ALL_GRANTS = 127;
const LAUNCH = 64;
const [TONE_HZ, OTHER_HZ, SAID_HZ] = [440, 900, 750];
const AUDIBLE_DB = -20;

const session = new SoundSession(build);
await session.ready();
const host = new FakeHost({ grants: ALL_GRANTS & ~LAUNCH });
await host.listen();
const sounds = new SoundHost(host);
const steps = new Steps();

/** Tells on the console which words are over the picture: whatever is asked of a page over WebDriver counts as a gesture. */
function tellChips() {
	let before = '';
	new MutationObserver(() => {
		const now = [...document.querySelectorAll('.sound-chip')].map((chip) => chip.dataset.testid).join(' ');
		if (now !== before)
			console.info(`chips: ${now}`);
		before = now;
	}).observe(document, { subtree: true, childList: true, attributes: true });
}

/** A Firefox with the page: {browser, page, chips, complaints}. */
async function openPage(env, preferences = {}) {
	const browser = await puppeteer.launch({
		browser: 'firefox',
		executablePath: process.env.FIREFOX ?? '/usr/bin/firefox-esr',
		headless: true,
		acceptInsecureCerts: true,
		env,
		extraPrefsFirefox: { 'intl.accept_languages': 'en', 'media.navigator.permission.disabled': true, ...preferences },
	});
	const page = await browser.newPage();
	const it = { browser, page, chips: '', complaints: [] };
	page.on('pageerror', (error) => it.complaints.push(error.message));
	page.on('console', (message) => {
		if (['error', 'warn'].includes(message.type()))
			it.complaints.push(message.text());
		it.chips = /^chips: (.*)$/.exec(message.text())?.[1] ?? it.chips;
	});
	await page.evaluateOnNewDocument(tellChips);
	await page.setViewport({ width: 1280, height: 720 });
	await page.goto(host.url);
	return it;
}

const id = (name) => `[data-testid=${name}]`;
const heard = (type, since) => until(`${type} at the host`, () => host.messages(type, since).at(-1), 40000);
const textOf = (page, name) => page.$eval(id(name), (one) => one.innerText).catch(() => '');
const levelOf = (page, name) => page.$eval(id(name), (one) => Number(one.getAttribute('aria-valuenow'))).catch(() => 0);
const press = (page, name) => page.$eval(id(name), (one) => {
	one.scrollIntoView();
	one.click();
});

async function pair(page) {
	await page.waitForSelector(id('pin'));
	await page.type(id('pin'), host.pin);
	await page.click(id('pair'));
	await until('a live page', async () => await page.$eval(id('status'), (one) => one.dataset.state) === 'live', 40000);
}

/** Until the sink's last second is as wished: `judge` has {loudest, tones}, the decibels of these frequencies. */
async function untilPlayed(what, frequencies, judge) {
	let last;
	await until(what, async () => {
		last = await session.played(...frequencies);
		return last.tones && judge(last);
	}, 60000).catch((error) => {
		throw new Error(`${error.message}; the sink had ${JSON.stringify(last)}`);
	});
	return last;
}
const untilTone = () => untilPlayed('the tone', [TONE_HZ, OTHER_HZ],
	({ tones: [tone, other] }) => tone > AUDIBLE_DB && other < tone - 30);
const untilSilence = () => untilPlayed('silence', [TONE_HZ], ({ loudest }) => loudest < 0.001);

/** What the browser decodes of these packets: {frames, loudest, powers}, these of frequencies with whole periods in a packet. */
const decode = (packets, frequencies) => page.evaluate(async (list, wanted) => {
	const planes = [];
	const decoder = new AudioDecoder({
		output: (data) => {
			const plane = new Float32Array(data.numberOfFrames);
			data.copyTo(plane, { planeIndex: 0, format: 'f32-planar' });
			planes.push(plane);
			data.close();
		},
		error: (error) => console.error(error.message),
	});
	decoder.configure({ codec: 'opus', sampleRate: 48000, numberOfChannels: 1 });
	list.forEach((bytes, i) => decoder.decode(new EncodedAudioChunk({ type: 'key', timestamp: i * 20000, data: new Uint8Array(bytes) })));
	await decoder.flush();
	decoder.close();
	const sum = (values) => values.reduce((all, one) => all + one, 0);
	const part = (plane, hz, wave) => sum(plane.map((sample, i) => sample * wave(2 * Math.PI * hz * i / 48000))) ** 2;
	return {
		frames: sum(planes.map((plane) => plane.length)),
		loudest: Math.max(...planes.map((plane) => plane.reduce((most, one) => Math.max(most, Math.abs(one)), 0))),
		powers: wanted.map((hz) => sum(planes.map((plane) => part(plane, hz, Math.sin) + part(plane, hz, Math.cos)))),
	};
}, packets.map(({ packet }) => [...packet]), frequencies);

session.record();
const firefox = await openPage(session.environment);
const { page } = firefox;

await steps.step('once one has clicked, Firefox asks for the sound, and the sink plays the tone', async () => {
	await pair(page);
	assert.deepEqual({ ...await heard('LISTEN') }, { type: 'LISTEN', flags: 1, channels: 2, maxKbps: 0 });
	await untilTone();
});

await steps.step('how far it lags is known, and bounded, and the meter moves', async () => {
	const { depthMs, targetMs } = await until('a second of it', () => page.evaluate(() => {
		const { sound } = window.lodge.stats();
		return sound?.packets > 200 && sound;
	}), 40000);
	assert.ok(targetMs >= 20 && targetMs <= 120 && depthMs < 1000, JSON.stringify({ depthMs, targetMs }));
	await page.click(id('settings'));
	await until('a level', async () => await levelOf(page, 'sound-level') > 0.8);
	if (shots)
		await page.screenshot({ path: `${shots}/sound-firefox.png` });
});

await steps.step('a volume of 30 percent is 21 dB less at the sink', async () => {
	const { tones: [loud] } = await untilTone();
	const setVolume = (percent) => page.$eval(id('volume'), (slider, value) => {
		slider.value = value;
		slider.dispatchEvent(new Event('input', { bubbles: true }));
	}, percent);
	await setVolume(30);
	await untilPlayed('a quieter tone', [TONE_HZ], ({ tones: [quiet] }) => Math.abs(quiet - loud + 20.9) < 1);
	await setVolume(100);
	await untilPlayed('the tone as before', [TONE_HZ], ({ tones: [again] }) => Math.abs(again - loud) < 1);
});

await steps.step('switched off, the host sends nothing and the sink is silent; on again, the tone is back', async () => {
	const since = host.received.length;
	await press(page, 'sound-on');
	assert.equal((await heard('LISTEN', since)).flags, 0);
	await untilSilence();
	await press(page, 'sound-on');
	await untilTone();
});

await steps.step('of 5.1 the left loudspeaker has left, centre and back left, and nothing else', async () => {
	const [LEFT, RIGHT, CENTRE, BASS, BACK_LEFT, BACK_RIGHT] = [300, 500, 700, 100, 1100, 1300];
	await press(page, 'sound-layout-around');
	await until('LISTEN for six', () => host.messages('LISTEN').at(-1).channels === 6);
	await untilPlayed('the mix', [LEFT, CENTRE, BACK_LEFT, RIGHT, BASS, BACK_RIGHT], ({ tones: [left, centre, back, ...others] }) =>
		left > -40 && Math.abs(centre - left + 3) < 1.5 && Math.abs(back - left + 3) < 1.5 && others.every((one) => one < left - 25));
	assert.match(await textOf(page, 'sound-layout-words'), /has fewer channels: 5.1 is mixed/);
	await press(page, 'sound-layout-auto');
	await untilTone();
});

await steps.step('what is said into the microphone comes to the host, at its pitch', async () => {
	await session.beep(SAID_HZ);
	await press(page, 'microphone');
	await until('its level', async () => await levelOf(page, 'microphone-level') > 0.3, 40000).catch(async (error) => {
		throw new Error(`${error.message}; it said ${await textOf(page, 'microphone-words')}`);
	});
	const since = host.received.length;
	const packets = await until('two seconds of speech', () => {
		const found = host.messages('MICROPHONE', since);
		return found.length >= 100 && found.slice(0, 100);
	});
	assert.deepEqual(packets.map(({ sequence }) => sequence), packets.map((_, i) => packets[0].sequence + i));
	const { frames, loudest, powers } = await decode(packets, [SAID_HZ, 450, 1250]);
	assert.equal(frames, 100 * 960);
	assert.ok(loudest > 0.05 && powers[0] > 30 * Math.max(...powers.slice(1)), JSON.stringify({ loudest, powers }));
	await press(page, 'microphone');
	await until('the end', () => host.messages('MICROPHONE', since).at(-1).packet.length === 0);
});

await steps.step('loaded anew and untouched, it says that it needs a click, asks for nothing, and the sink is silent', async () => {
	const since = host.received.length;
	firefox.chips = '';
	await page.reload();
	await until('the words', () => firefox.chips === 'sound-waits', 40000);
	await untilSilence();
	assert.equal(host.messages('LISTEN', since).length, 0);
	await page.mouse.click(640, 300);
	assert.equal((await heard('LISTEN', since)).flags, 1);
	await untilTone();
	await until('no words', () => firefox.chips === '');
});

await steps.step('Firefox had nothing to complain about', () => assert.deepEqual(firefox.complaints, []));

await firefox.browser.close();
host.clients.clear();
const deaf = await openPage({ ...session.environment, PULSE_SERVER: `unix:${session.folder}/none` },
	{ 'media.navigator.streams.fake': true });
await steps.step('without a sound output Firefox says so after a click, asks for nothing, and no microphone hangs', async () => {
	const since = host.received.length;
	await pair(deaf.page);
	await until('the words', () => deaf.chips === 'sound-stuck', 40000);
	await deaf.page.click(id('settings'));
	await until('the words in the settings', async () => /does not start its sound output/.test(await textOf(deaf.page, 'sound-words')));
	await press(deaf.page, 'microphone');
	await until('the words of the microphone', async () =>
		/does not start its sound output/.test(await textOf(deaf.page, 'microphone-words')));
	assert.equal(host.messages('LISTEN', since).length, 0);
	if (shots)
		await deaf.page.screenshot({ path: `${shots}/sound-firefox-deaf.png` });
});

await deaf.browser.close();
sounds.close();
await host.close();
await session.close();
steps.close();
