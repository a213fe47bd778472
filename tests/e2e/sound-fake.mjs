// Sound, microphone, gamepads and apps, in Chromium against the fake host: what a person hears, says and does, and what
// the host hears of it.
//   node tests/e2e/sound-fake.mjs [folder for screenshots]

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';

import { desktopPicture } from '../viewer/desktop-picture.mjs';
import { controlState, FakeHost, png } from '../viewer/fake-host.mjs';
import { Offer, SoundHost } from '../viewer/sound-host.mjs';
import { launchChromium, Steps, testId, until, untilState, violations } from './browser.mjs';
import { ViewerPages } from './viewer-page.mjs';

const WINDOW = { width: 1280, height: 720 };
const ALL_GRANTS = 127;
const [GAMEPAD, MICROPHONE, LAUNCH] = [8, 32, 64];
const shots = process.argv[2];

const host = new FakeHost({ grants: ALL_GRANTS & ~LAUNCH });
await host.listen();
const sounds = new SoundHost(host);
const browser = await launchChromium(['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream',
	'--autoplay-policy=document-user-activation-required']);
const steps = new Steps();
const pages = new ViewerPages(browser, host);

const viewer = () => [...host.viewers].find((one) => one.mode);
const heard = (type, since) => until(`${type} at the host`, () => host.messages(type, since).at(-1));
const textOf = (page, name) => testId(page, name).first().innerText();
const domOf = async (page) => (await page.content()).replace(/<code>[^<]*<\/code>/, '<code></code>').replaceAll(/ (class|style)=""/g, '');

/** An ear at the page's loudspeaker, and gamepads of the test's own. */
function prepareInPage() {
	const connect = AudioNode.prototype.connect;
	AudioNode.prototype.connect = function (to, ...rest) {
		if (to instanceof AudioDestinationNode && this instanceof GainNode) {
			window.ear = new AnalyserNode(this.context, { fftSize: 16384, smoothingTimeConstant: 0 });
			connect.call(this, window.ear);
			// An ear at each of six loudspeakers, and at the two of an output that has no more.
			const earsAt = (from, count) => {
				const splitter = new ChannelSplitterNode(this.context, { numberOfOutputs: count });
				connect.call(from, splitter);
				return Array.from({ length: count }, (_, channel) => {
					const ear = new AnalyserNode(this.context, { fftSize: 16384, smoothingTimeConstant: 0 });
					connect.call(splitter, ear, channel);
					return ear;
				});
			};
			const stereo = new GainNode(this.context, { channelCount: 2, channelCountMode: 'explicit' });
			connect.call(this, stereo);
			window.ears = { six: earsAt(this, 6), two: earsAt(stereo, 2) };
		}
		return connect.call(this, to, ...rest);
	};
	window.pads = [null, null, null, null];
	navigator.getGamepads = () => window.pads;
	window.plug = (index, id) => {
		const gamepad = { index, id, connected: true, mapping: 'standard', axes: [0, 0, 0, 0],
			buttons: Array.from({ length: 17 }, () => ({ pressed: false, value: 0 })),
			vibrationActuator: { effects: [], playEffect(type, effect) {
				this.effects.push({ type, ...effect });
				return Promise.resolve('complete');
			}, reset() {
				this.effects.push({ type: 'reset' });
				return Promise.resolve('complete');
			} } };
		window.pads[index] = gamepad;
		dispatchEvent(Object.assign(new Event('gamepadconnected'), { gamepad }));
	};
	window.unplug = (index) => {
		const gamepad = window.pads[index];
		gamepad.connected = false;
		window.pads[index] = null;
		dispatchEvent(Object.assign(new Event('gamepaddisconnected'), { gamepad }));
	};
}

const prepare = (page) => page.addInitScript(prepareInPage);
const open = (options, more = {}) => pages.open({ viewport: WINDOW, reducedMotion: 'reduce', ...options },
	{ prepare: async (page) => {
		await prepare(page);
		await more.prepare?.(page);
	} });

/** {frequency, decibels} of the loudest that is heard, or null while nothing has been connected. */
const listen = (page) => page.evaluate(() => {
	if (!window.ear)
		return null;
	const bins = new Float32Array(window.ear.frequencyBinCount);
	window.ear.getFloatFrequencyData(bins);
	const peak = bins.indexOf(Math.max(...bins));
	return { frequency: peak * window.ear.context.sampleRate / window.ear.fftSize, decibels: bins[peak] };
});

async function untilHeard(page, what, judge) {
	let last;
	await until(what, async () => {
		last = await listen(page);
		return last && judge(last);
	}).catch((error) => {
		throw new Error(`${error.message}; it heard ${JSON.stringify(last)}`);
	});
}

const untilTone = (page) => untilHeard(page, 'the tone',
	({ frequency, decibels }) => Math.abs(frequency - 440) < 5 && decibels > -30);
const untilQuiet = (page) => untilHeard(page, 'silence', ({ decibels }) => !(decibels > -90));

/** Decibels of these frequencies at each of the loudspeakers. */
const spectrum = (page, which, frequencies) => page.evaluate(([ears, wanted]) => window.ears?.[ears].map((ear) => {
	const bins = new Float32Array(ear.frequencyBinCount);
	ear.getFloatFrequencyData(bins);
	return wanted.map((frequency) => bins[Math.round(frequency * ear.fftSize / ear.context.sampleRate)]);
}), [which, frequencies]);

async function untilText(page, name, pattern) {
	let text = '';
	await until(`${pattern} in ${name}`, async () => {
		text = await textOf(page, name).catch(() => '(nothing)');
		return pattern.test(text);
	}).catch((error) => {
		throw new Error(`${error.message}; it said ${text}`);
	});
}

const levelOf = async (page, name) => Number(await testId(page, name).getAttribute('aria-valuenow'));

async function openDrawer(page) {
	await testId(page, 'settings').click();
	await page.locator('#drawer').waitFor();
}

async function closeDrawer(page) {
	await page.locator('#drawer').press('Escape');
	await page.locator('#drawer').waitFor({ state: 'detached' });
}

async function shot(page, name) {
	if (!shots)
		return;
	if (viewer()) {
		const { width, height } = viewer().mode;
		const sequence = host.sendFrame(viewer(), { tiles: [
			{ x: 0, y: 0, width, height, format: 0, bytes: png(width, height, desktopPicture(width, height)) }] });
		await until('the picture', () => host.messages('ACKNOWLEDGE').at(-1)?.sequence === sequence);
	}
	await page.screenshot({ path: `${shots}/sound-${name}.png` });
}

/** Whatever Playwright evaluates counts as a gesture: a look at the page without one. */
async function untouched(page) {
	const devtools = await page.context().newCDPSession(page);
	return {
		async text(name) {
			const { result } = await devtools.send('Runtime.evaluate', { userGesture: false, returnByValue: true,
				expression: `document.querySelector('[data-testid=${name}]')?.innerText ?? ''` });
			return result.value;
		},
		async shot(name) {
			const { data } = await devtools.send('Page.captureScreenshot');
			if (shots)
				writeFileSync(`${shots}/sound-${name}.png`, Buffer.from(data, 'base64'));
		},
	};
}

// ── nothing for nothing

/** What a page is, asks for and sends, from pairing to typing and the settings. */
async function visit() {
	const since = host.received.length;
	host.clients.clear();
	host.sequence = 100;
	const requests = [];
	const page = await open({}, { prepare: (one) => one.on('request', (request) =>
		requests.push(new URL(request.url()).pathname)) });
	await pages.pair(page);
	await until('the frame', () => host.messages('ACKNOWLEDGE', since).length > 0);
	await pages.untilShown(page);
	await page.mouse.click(200, 150);
	const doms = [await domOf(page)];
	await openDrawer(page);
	doms.push(await domOf(page));
	await closeDrawer(page);
	await page.keyboard.press('KeyZ');
	await until('the last key', () => host.messages('KEY', since).some(({ code, pressed }) => code === 44 && !pressed));
	const wire = host.received.slice(since).filter(({ type }) => type !== 'PING')
		.map(({ key, signature, ...rest }) => JSON.stringify(rest));
	await pages.leave(page);
	return { doms, requests, wire };
}

await steps.step('a host that offers no sound gets the page of one that knows of none', async () => {
	sounds.offer = null;
	const untold = await visit();
	sounds.offer = { flags: Offer.OWN, reason: 'PipeWire is not installed' };
	const refused = await visit();
	assert.deepEqual(refused.doms, untold.doms);
	assert.deepEqual(refused.requests.sort(), untold.requests.sort());
	assert.deepEqual(refused.wire, untold.wire);
	for (const path of ['/audio/', '/apps/'])
		assert.ok(!refused.requests.some((one) => one.includes(path)), path);
	assert.ok(!refused.wire.some((one) => /LISTEN|MICROPHONE|GAMEPAD|OPEN_APP/.test(one)));
});

// ── sound

sounds.offer = { flags: Offer.ALL, reason: '' };
let page = await open();
await pages.pair(page);

await steps.step('after a click the tone of the desktop is heard, at its pitch', async () => {
	await heard('LISTEN');
	assert.deepEqual({ ...host.messages('LISTEN')[0] }, { type: 'LISTEN', flags: 1, channels: 2, maxKbps: 0 });
	await untilTone(page);
});

await steps.step('how far it lags is known, and bounded', async () => {
	await until('a stream', async () => (await page.evaluate(() => window.lodge.stats().sound?.packets)) > 100);
	const { depthMs, targetMs } = await page.evaluate(() => window.lodge.stats().sound);
	assert.ok(targetMs >= 20 && targetMs <= 120, `target ${targetMs}`);
	assert.ok(depthMs < 1000, `depth ${depthMs}`);
});

await steps.step('the meter moves, and every control has its name', async () => {
	await openDrawer(page);
	await until('a level', async () => await levelOf(page, 'sound-level') > 0.8);
	await testId(page, 'sound-settings').scrollIntoViewIfNeeded();
	await shot(page, 'settings');
	assert.deepEqual(await violations(page), []);
});

await steps.step('the volume goes down with the slider, by keys, and is remembered', async () => {
	await testId(page, 'volume').focus();
	for (let i = 0; i < 14; i++)
		await page.keyboard.press('ArrowLeft');
	assert.equal(await testId(page, 'volume').inputValue(), '30');
	// 30 percent is 0.09 of the amplitude: 21 dB down.
	await untilHeard(page, 'a quieter tone', ({ frequency, decibels }) => Math.abs(frequency - 440) < 5 && decibels < -25 &&
		decibels > -60);
	assert.equal(await page.evaluate(() => JSON.parse(localStorage['lodge.settings']).soundVolume), 30);
});

await steps.step('muted, nothing is heard, and the host is told to send nothing', async () => {
	const since = host.received.length;
	await testId(page, 'sound-on').click();
	assert.equal((await heard('LISTEN', since)).flags, 0);
	await untilQuiet(page);
	assert.equal(sounds.listeners, 0);
	await testId(page, 'sound-on').click();
	await untilTone(page).catch(() => untilHeard(page, 'the quieter tone', ({ frequency }) => Math.abs(frequency - 440) < 5));
	await closeDrawer(page);
});

await steps.step('a desktop that falls silent is silent, and is heard again at once', async () => {
	sounds.silent = true;
	await untilQuiet(page);
	await new Promise((resolve) => setTimeout(resolve, 1500));
	sounds.silent = false;
	await untilHeard(page, 'the tone', ({ frequency, decibels }) => Math.abs(frequency - 440) < 5 && decibels > -60);
});

// Of the front's left and right, the centre, the bass, and the back's left and right: Web Audio's order.
const AROUND_HZ = [300, 500, 700, 100, 1100, 1300];

await steps.step('wished for, 5.1 is asked for, and each of its six tones comes out of its own loudspeaker', async () => {
	const since = host.received.length;
	await openDrawer(page);
	await testId(page, 'sound-layout-around').click();
	await until('LISTEN for six', () => host.messages('LISTEN', since).at(-1)?.channels === 6);
	await untilText(page, 'sound-layout-words', /has fewer channels: 5.1 is mixed/);
	let heardAt;
	await until('each tone in its place alone', async () => {
		heardAt = await spectrum(page, 'six', AROUND_HZ);
		return heardAt?.every((levels, channel) => levels.every((level, i) => (i === channel ? level > -50 : level < levels[channel] - 12)));
	}).catch((error) => {
		throw new Error(`${error.message}: ${JSON.stringify(heardAt)}`);
	});
	await testId(page, 'sound-settings').scrollIntoViewIfNeeded();
	await shot(page, 'around');
	assert.deepEqual(await violations(page), []);
});

await steps.step('on an output of two channels the centre and the back are in both, 3 dB down, and the bass is not', async () => {
	const shares = [[0, null, -3, null, -3, null], [null, 0, -3, null, null, -3]]; // decibels; null: not to be heard
	let off;
	await until('the mix', async () => {
		const alone = await spectrum(page, 'six', AROUND_HZ);
		const mixed = await spectrum(page, 'two', AROUND_HZ);
		off = shares.map((side, output) => side.map((share, i) => mixed[output][i] - alone[i][i] - (share ?? 0)));
		return off.every((side, output) => side.every((value, i) =>
			(shares[output][i] === null ? value < -12 : Math.abs(value) < 1)));
	}).catch((error) => {
		throw new Error(`${error.message}: ${JSON.stringify(off)}`);
	});
	const since = host.received.length;
	await testId(page, 'sound-layout-auto').click();
	assert.equal((await heard('LISTEN', since)).channels, 2);
	await untilHeard(page, 'the tone', ({ frequency }) => Math.abs(frequency - 440) < 5);
	await closeDrawer(page);
});

await steps.step('an output of six channels is asked to play them all, without a wish', async () => {
	const since = host.received.length;
	const around = await open({}, { prepare: (one) => one.addInitScript(() => {
		const real = Object.getOwnPropertyDescriptor(AudioNode.prototype, 'channelCount');
		Object.defineProperty(AudioDestinationNode.prototype, 'maxChannelCount', { get: () => 6 });
		Object.defineProperty(AudioDestinationNode.prototype, 'channelCount', {
			get: real.get, set: (count) => { window.channelsAsked = count; } });
	}) });
	await pages.pair(around);
	await until('LISTEN for six', () => host.messages('LISTEN', since).at(-1)?.channels === 6);
	await until('six at the output', () => around.evaluate(() => window.channelsAsked === 6));
	await pages.leave(around);
});

await steps.step('sound that is gone for now is said over the picture, and so is its return', async () => {
	sounds.change({ flags: Offer.ALL | Offer.AWAY });
	await untilText(page, 'sound-away', /The sound is gone for now/);
	const since = host.received.length;
	sounds.change({ flags: Offer.ALL });
	await until('no word of it', async () => await testId(page, 'sound-away').count() === 0);
	assert.equal(host.messages('LISTEN', since).length, 0);
});

await steps.step('in a tab that nobody has touched it waits for a gesture and says so, then it is heard', async () => {
	const since = host.received.length;
	const context = page.context();
	await page.close();
	page = await context.newPage();
	await prepare(page);
	const look = await untouched(page);
	await page.goto(host.url);
	await until('the words', async () => (await look.text('sound-waits')) === 'Click or press a key to hear the sound');
	await until('words that leave', async () => /Connected/.test(await look.text('status')));
	assert.equal(host.messages('LISTEN', since).length, 0);
	await look.shot('waits');
	await page.keyboard.press('KeyA');
	assert.equal((await heard('LISTEN', since)).flags, 1);
	await until('no chip', async () => await testId(page, 'sound-waits').count() === 0);
	await untilHeard(page, 'the tone', ({ frequency }) => Math.abs(frequency - 440) < 5);
});

await steps.step('when the connection comes back, the sound comes back', async () => {
	const since = host.received.length;
	viewer().socket.terminate();
	assert.equal((await heard('LISTEN', since)).flags, 1);
	await untilState(page, 'live');
	await until('new packets', async () => (await page.evaluate(() => window.lodge.stats().sound?.packets)) > 50);
	await untilHeard(page, 'the tone', ({ frequency }) => Math.abs(frequency - 440) < 5);
});

await steps.step('without sound or microphone at the host, the switches are off limits, with the host\'s reason', async () => {
	sounds.change({ flags: Offer.GAMEPADS, reason: 'PipeWire does not answer' });
	await openDrawer(page);
	await untilText(page, 'sound-words', /This desktop has no sound\.\s+PipeWire does not answer/);
	await untilText(page, 'microphone-words', /takes no microphone\.\s+PipeWire does not answer/);
	assert.ok(await testId(page, 'sound-on').isDisabled());
	assert.ok(await testId(page, 'volume').isDisabled());
	assert.ok(await testId(page, 'microphone').isDisabled());
	await testId(page, 'sound-settings').scrollIntoViewIfNeeded();
	await shot(page, 'none');
	assert.deepEqual(await violations(page), []);
	sounds.change({ flags: Offer.ALL & ~Offer.OWN, reason: '' });
	await untilText(page, 'sound-words', /may be heard there, too/);
	sounds.change({ flags: Offer.ALL });
	await closeDrawer(page);
});

// ── microphone

const said = (since) => host.messages('MICROPHONE', since);

/** The packets, decoded by a browser: {frames, peak} of each. */
const decode = (packets) => page.evaluate(async (list) => {
	const results = [];
	const decoder = new AudioDecoder({
		output: (data) => {
			const plane = new Float32Array(data.numberOfFrames);
			data.copyTo(plane, { planeIndex: 0, format: 'f32-planar' });
			results.push({ frames: plane.length, peak: plane.reduce((most, one) => Math.max(most, Math.abs(one)), 0) });
			data.close();
		},
		error: (error) => results.push({ error: error.message }),
	});
	decoder.configure({ codec: 'opus', sampleRate: 48000, numberOfChannels: 1 });
	list.forEach((bytes, i) => decoder.decode(new EncodedAudioChunk({ type: 'key', timestamp: i * 20000,
		data: new Uint8Array(bytes) })));
	await decoder.flush();
	decoder.close();
	return results;
}, packets.map(({ packet }) => [...packet]));

await steps.step('the microphone is off until its button is pressed; then packets arrive, in order, and can be decoded', async () => {
	assert.equal(said().length, 0);
	await openDrawer(page);
	await testId(page, 'microphone').click();
	await until('two seconds of speech', () => said().length >= 100);
	const packets = said().slice(0, 100);
	assert.deepEqual(packets.map(({ sequence }) => sequence), packets.map((_, i) => packets[0].sequence + i));
	const decoded = await decode(packets);
	assert.equal(decoded.length, 100);
	assert.ok(decoded.every(({ frames }) => frames === 960), JSON.stringify(decoded.slice(0, 3)));
	assert.ok(decoded.some(({ peak }) => peak > 0.05), `${Math.max(...decoded.map(({ peak }) => peak))}`);
});

await steps.step('that it is on is seen in the settings and over the picture', async () => {
	assert.equal(await testId(page, 'microphone').getAttribute('aria-pressed'), 'true');
	await until('its level', async () => await levelOf(page, 'microphone-level') > 0.3);
	await testId(page, 'sound-settings').scrollIntoViewIfNeeded();
	await shot(page, 'microphone-settings');
	await closeDrawer(page);
	await untilText(page, 'microphone-live', /Your microphone is on/);
	await shot(page, 'microphone');
	assert.deepEqual(await violations(page), []);
});

await steps.step('it goes on after a short loss of the connection', async () => {
	const since = host.received.length;
	viewer().socket.terminate();
	await until('speech again', () => said(since).length > 10);
	await untilState(page, 'live');
	assert.equal(await testId(page, 'microphone-live').count(), 1);
});

await steps.step('turned off over the picture, it says so with an empty packet, and the browser lets go of it', async () => {
	const since = host.received.length;
	await testId(page, 'microphone-stop').click();
	await until('the end', () => said(since).at(-1)?.packet.length === 0);
	await until('no chip', async () => await testId(page, 'microphone-live').count() === 0);
	const ended = said().length;
	await new Promise((resolve) => setTimeout(resolve, 300));
	assert.equal(said().length, ended);
});

await steps.step('when the host takes the right away, the microphone goes off and the reason is said', async () => {
	await openDrawer(page);
	await testId(page, 'microphone').click();
	await until('it is on', async () => await testId(page, 'microphone').getAttribute('aria-pressed') === 'true');
	host.send('GRANTS', { grants: ALL_GRANTS & ~MICROPHONE, seconds: 0 });
	await untilText(page, 'microphone-words', /The host does not let you speak/);
	assert.ok(await testId(page, 'microphone').isDisabled());
	assert.equal(await testId(page, 'microphone-live').count(), 0);
	host.send('GRANTS', { grants: ALL_GRANTS, seconds: 0 });
	await until('it may be pressed', async () => !await testId(page, 'microphone').isDisabled());
	assert.equal(await testId(page, 'microphone').getAttribute('aria-pressed'), 'false');
	await closeDrawer(page);
});

await steps.step('a browser that says no is quoted, and one may try again', async () => {
	await page.evaluate(() => {
		window.realGetUserMedia = navigator.mediaDevices.getUserMedia;
		navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotAllowedError'));
	});
	await openDrawer(page);
	await testId(page, 'microphone').click();
	await untilText(page, 'microphone-words', /does not let this page hear you/);
	assert.ok(!await testId(page, 'microphone').isDisabled());
	await page.evaluate(() => {
		navigator.mediaDevices.getUserMedia = window.realGetUserMedia;
	});
	await closeDrawer(page);
});

// ── gamepads

await steps.step('a gamepad is plugged in at the host, by kind and name', async () => {
	const since = host.received.length;
	await page.evaluate(() => window.plug(2, 'Wireless Controller (STANDARD GAMEPAD Vendor: 054c Product: 09cc)'));
	const { type, ...plug } = await heard('GAMEPAD_PLUG', since);
	assert.deepEqual(plug, { pad: 0, plugged: true, kind: 2, name: 'Wireless Controller' });
});

await steps.step('its whole state goes over when it changes, and only then', async () => {
	const since = host.received.length;
	await page.evaluate(() => {
		Object.assign(window.pads[2].buttons[0], { pressed: true, value: 1 });
		Object.assign(window.pads[2].buttons[16], { pressed: true, value: 1 });
		window.pads[2].buttons[7].value = 0.5;
		window.pads[2].axes = [-1, 1, 0.5, 0];
	});
	const { type, ...state } = await heard('GAMEPAD', since);
	assert.deepEqual(state, { pad: 0, buttons: 0x10001, leftX: -32768, leftY: 32767, rightX: 16384, rightY: 0,
		leftTrigger: 0, rightTrigger: 32768 });
	await new Promise((resolve) => setTimeout(resolve, 200));
	assert.equal(host.messages('GAMEPAD', since).length, 1);
});

await steps.step('when the window loses the focus, it is at rest at the host', async () => {
	const since = host.received.length;
	await page.evaluate(() => dispatchEvent(new Event('blur')));
	await until('rest', () => host.messages('GAMEPAD', since).some(({ buttons, leftX }) => buttons === 0 && leftX === 0));
});

await steps.step('a rumble reaches it with its strength and its end', async () => {
	host.send('RUMBLE', { pad: 0, strong: 65535, weak: 0, lastsMs: 400 });
	host.send('RUMBLE', { pad: 0, strong: 0, weak: 0, lastsMs: 0 });
	host.send('RUMBLE', { pad: 3, strong: 1, weak: 1, lastsMs: 10 }); // there is none
	await until('two effects', () => page.evaluate(() => window.pads[2].vibrationActuator.effects.length === 2));
	assert.deepEqual(await page.evaluate(() => window.pads[2].vibrationActuator.effects), [
		{ type: 'dual-rumble', startDelay: 0, duration: 400, strongMagnitude: 1, weakMagnitude: 0 }, { type: 'reset' }]);
});

await steps.step('after a reconnect it is plugged in anew; unplugged, it goes', async () => {
	let since = host.received.length;
	viewer().socket.terminate();
	assert.equal((await heard('GAMEPAD_PLUG', since)).plugged, true);
	await openDrawer(page);
	await untilText(page, 'gamepads', /Wireless Controller/);
	await testId(page, 'gamepad-settings').scrollIntoViewIfNeeded();
	await shot(page, 'gamepads');
	since = host.received.length;
	await page.evaluate(() => window.unplug(2));
	assert.equal((await heard('GAMEPAD_PLUG', since)).plugged, false);
	await untilText(page, 'gamepad-words', /Press a button on a gamepad/);
});

await steps.step('without the right, or without control, nothing of it is sent, and why is said', async () => {
	host.send('GRANTS', { grants: ALL_GRANTS & ~GAMEPAD, seconds: 0 });
	await untilText(page, 'gamepad-words', /does not let you use gamepads/);
	const since = host.received.length;
	await page.evaluate(() => window.plug(0, 'Xbox 360 Controller (XInput STANDARD GAMEPAD)'));
	host.send('GRANTS', { grants: ALL_GRANTS, seconds: 0 });
	assert.equal((await heard('GAMEPAD_PLUG', since)).kind, 1);
	host.send('CONTROL_STATE', controlState({ holder: 9, holderName: 'Ada' }));
	await untilText(page, 'gamepad-words', /when you have control/);
	host.send('CONTROL_STATE', controlState({ mode: 0 }));
	await page.evaluate(() => window.unplug(0));
	await closeDrawer(page);
});

await steps.step('while there is no gamepad, no picture is spent on looking for one', async () => {
	const looks = await page.evaluate(async () => {
		let count = 0;
		const original = navigator.getGamepads;
		navigator.getGamepads = () => {
			count++;
			return original();
		};
		await new Promise((resolve) => setTimeout(resolve, 300));
		navigator.getGamepads = original;
		return count;
	});
	assert.equal(looks, 0);
});
await pages.leave(page);

// ── apps

const APPS = [
	{ id: 'tuxracer', name: 'Tux Racer', flags: 1 },
	{ id: 'writer', name: 'Writer', flags: 4 },
	{ id: 'mäder/ü', name: 'Mäder & Söhne: a name that is far too long for one line of the list', flags: 3 },
];
host.grants = ALL_GRANTS;
host.clients.clear();
host.on('welcomed', (one) => {
	if (host.apps)
		host.sendTo(one, 'APPS', { apps: host.apps });
});

/** Pairs up to the list. */
async function pairToList(options) {
	const one = await open(options);
	await untilState(one, 'pairing');
	await testId(one, 'pin').fill(host.pin);
	await testId(one, 'pair').click();
	await untilState(one, 'choosing');
	await testId(one, 'apps').waitFor();
	return one;
}

await steps.step('with the right to launch, the first visit asks what to open, the desktop first', async () => {
	host.apps = APPS;
	const since = host.received.length;
	page = await pairToList();
	assert.equal(host.messages('OPEN_DISPLAY', since).length, 0);
	const lines = (await testId(page, 'app').allInnerTexts()).map((text) => text.split(/\s*\n\s*/).slice(-2));
	assert.deepEqual(lines[0], ['Desktop', 'everything on the host']);
	assert.deepEqual(lines[1], ['Tux Racer', 'on a desktop of its own']);
	assert.deepEqual(lines[2], ['Writer', 'runs on the shared desktop']);
	await shot(page, 'apps');
	assert.deepEqual(await violations(page), []);
});

await steps.step('arrows go through the list, Enter opens', async () => {
	const since = host.received.length;
	const focused = () => page.evaluate(() => document.activeElement.dataset.app);
	assert.equal(await focused(), '');
	await page.keyboard.press('ArrowDown');
	assert.equal(await focused(), 'tuxracer');
	await page.keyboard.press('End');
	assert.equal(await focused(), 'mäder/ü');
	await page.keyboard.press('Home');
	await page.keyboard.press('ArrowDown');
	await page.keyboard.press('Enter');
	const { app, width, height } = await heard('OPEN_APP', since);
	assert.deepEqual({ app, width, height }, { app: 'tuxracer', ...WINDOW });
	await untilState(page, 'live');
});

await steps.step('it is remembered: a reload opens it without asking', async () => {
	const since = host.received.length;
	await pages.reload(page);
	await untilState(page, 'live');
	assert.equal((await heard('OPEN_APP', since)).app, 'tuxracer');
	assert.equal(await testId(page, 'apps').count(), 0);
});

await steps.step('the settings say what is open, and lead to the list; Esc goes back to what was open', async () => {
	await openDrawer(page);
	await untilText(page, 'app-settings', /Open: Tux Racer/);
	const since = host.received.length;
	await testId(page, 'apps-other').scrollIntoViewIfNeeded();
	await shot(page, 'apps-settings');
	await testId(page, 'apps-other').click();
	await testId(page, 'apps').waitFor();
	assert.equal(await page.evaluate(() => document.activeElement.dataset.app), 'tuxracer');
	await page.keyboard.press('Escape');
	await untilState(page, 'live');
	assert.equal(host.messages('OPEN_APP', since).length, 0);
});

await steps.step('another choice closes what was open, and opens in its place', async () => {
	const since = host.received.length;
	await openDrawer(page);
	await testId(page, 'apps-other').click();
	await page.locator('[data-app=""]').click();
	await heard('OPEN_DISPLAY', since);
	assert.deepEqual(host.received.slice(since).map(({ type }) => type)
		.filter((type) => /CLOSE_DISPLAY|OPEN_/.test(type)), ['CLOSE_DISPLAY', 'OPEN_DISPLAY']);
	await untilState(page, 'live');
});

await steps.step('the desktop is remembered, too, and costs no question', async () => {
	const since = host.received.length;
	await pages.reload(page);
	await untilState(page, 'live');
	assert.equal(host.messages('OPEN_DISPLAY', since).length, 1);
	assert.equal(host.messages('OPEN_APP', since).length, 0);
});

await steps.step('an app that the host cannot open leads back to the list', async () => {
	await openDrawer(page);
	host.automatic = false;
	await testId(page, 'apps-other').click();
	const since = host.received.length;
	await page.locator('[data-app="writer"]').click();
	await heard('OPEN_APP', since);
	host.automatic = true;
	host.send('DISPLAY_DECLINED', { display: 0, code: 6, text: 'no room', holder: '', width: 0, height: 0, refresh: 0, scale: 0 });
	await untilState(page, 'refused');
	assert.equal(await textOf(page, 'again'), 'Open something else');
	await testId(page, 'again').click();
	await untilState(page, 'choosing');
	await page.locator('[data-app="tuxracer"]').click();
	await untilState(page, 'live');
});

await steps.step('an app that is gone is asked for anew', async () => {
	host.apps = APPS.slice(1);
	await pages.reload(page);
	await untilState(page, 'choosing');
	await pages.leave(page);
});

await steps.step('a host without a list opens the desktop, and nothing is fetched for it', async () => {
	host.apps = null;
	host.clients.clear();
	const since = host.received.length;
	page = await open();
	await pages.pair(page);
	assert.equal(host.messages('OPEN_DISPLAY', since).length, 1);
	assert.equal(await page.evaluate(() => performance.getEntriesByType('resource')
		.some(({ name }) => name.includes('/apps/'))), false);
	await pages.leave(page);
});

await steps.step('a browser that cannot decode the sound says so', async () => {
	host.clients.clear();
	const since = host.received.length;
	page = await open({}, { prepare: (one) => one.addInitScript(() => {
		delete window.AudioDecoder;
		delete window.AudioEncoder;
	}) });
	await pages.pair(page);
	await openDrawer(page);
	await untilText(page, 'sound-words', /cannot decode the sound/);
	await untilText(page, 'microphone-words', /cannot encode sound/);
	assert.equal(host.messages('LISTEN', since).length, 0);
	await pages.leave(page);
});

await steps.step('a browser that decodes stereo alone gets that, and says so', async () => {
	host.clients.clear();
	const since = host.received.length;
	page = await open({}, { prepare: (one) => one.addInitScript(() => {
		const { configure } = AudioDecoder.prototype;
		AudioDecoder.prototype.configure = function (config) {
			if (config.numberOfChannels > 2)
				throw new DOMException('stereo at most', 'NotSupportedError');
			configure.call(this, config);
		};
	}) });
	await pages.pair(page);
	await openDrawer(page);
	await testId(page, 'sound-layout-around').click();
	await untilText(page, 'sound-layout-words', /cannot decode 5.1: the sound is stereo/);
	assert.equal((await heard('LISTEN', since)).channels, 2);
	await untilTone(page);
	await pages.leave(page);
});

await steps.step('in German, on a small screen, nothing is cut off', async () => {
	host.apps = APPS;
	host.clients.clear();
	page = await pairToList({ locale: 'de-DE', viewport: { width: 360, height: 640 } });
	await shot(page, 'apps-small-german');
	assert.match(await textOf(page, 'apps'), /Was möchtest du öffnen\?/);
	await page.locator('[data-app=""]').click();
	await untilState(page, 'live');
	await openDrawer(page);
	await testId(page, 'sound-settings').waitFor();
	await testId(page, 'sound-settings').scrollIntoViewIfNeeded();
	await shot(page, 'settings-small-german');
	assert.ok(await page.evaluate(() => {
		const drawer = document.querySelector('#drawer');
		return drawer.scrollWidth <= drawer.clientWidth;
	}));
	assert.deepEqual(await violations(page), []);
	await pages.leave(page);
});

await steps.step('the browser had nothing to complain about', () => assert.deepEqual(
	pages.complaints.filter((text) => !text.includes('/icons/') && !text.includes('404')), []));

sounds.close();
await browser.close();
await host.close();
steps.close();
