// What decides about sound, microphone, gamepads and apps, without a browser.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Gamepads, kindOf, nameOf, stateOf } from '../../web/viewer/audio/gamepads.js';
import { channelsFor, describe, orderOf } from '../../web/viewer/audio/around.js';
import { problemOf } from '../../web/viewer/audio/microphone.js';
import { meterOf } from '../../web/viewer/audio/parts.js';
import { loudness } from '../../web/viewer/audio/player.js';
import { catalogues } from '../../web/viewer/i18n.js';
import { Launcher } from '../../web/viewer/launcher.js';
import { AppFlag, GamepadKind, Grant, SoundFlag } from '../../web/viewer/protocol.js';
import { createSound } from '../../web/viewer/sound.js';
import { signal } from '../../web/viewer/vendor/preact.js';

// ── gamepads

function gamepad(index, id = 'Xbox Controller (STANDARD GAMEPAD)') {
	return { index, id, connected: true, axes: [0, 0, 0, 0],
		buttons: Array.from({ length: 17 }, () => ({ pressed: false, value: 0 })) };
}

/** A browser with gamepads, whose pictures come by hand. */
class FakeBrowser extends EventTarget {
	constructor() {
		super();
		this.list = [null, null, null, null];
		this.focused = true;
		this.frames = [];
		this.navigator = { getGamepads: () => this.list };
		this.document = Object.assign(new EventTarget(), { hidden: false, hasFocus: () => this.focused });
	}

	requestAnimationFrame(action) {
		return this.frames.push(action);
	}

	picture() {
		this.frames.splice(0).forEach((action) => action());
	}

	plug(one) {
		this.list[one.index] = one;
		this.dispatchEvent(Object.assign(new Event('gamepadconnected'), { gamepad: one }));
		return one;
	}

	unplug(one) {
		this.list[one.index] = null;
		this.dispatchEvent(Object.assign(new Event('gamepaddisconnected'), { gamepad: one }));
	}
}

function world({ allowed = true } = {}) {
	const browser = new FakeBrowser();
	const sent = [];
	const gamepads = new Gamepads({ browser, send: (type, fields) => sent.push({ type, ...fields }) });
	gamepads.allow(allowed);
	return { browser, sent, gamepads, take: () => sent.splice(0) };
}

test('sticks and triggers use their whole ranges, whatever a driver says', () => {
	const one = gamepad(0);
	one.axes = [-1, 1, -1.5, 2];
	one.buttons[6].value = 1;
	one.buttons[7].value = 1.1;
	one.buttons[16].pressed = true;
	assert.deepEqual(stateOf(one), { buttons: 0x10000, leftX: -32768, leftY: 32767, rightX: -32768, rightY: 32767,
		leftTrigger: 65535, rightTrigger: 65535 });
	assert.deepEqual(stateOf({ buttons: [], axes: [0.25] }).leftX, 8192);
});

test('kind and name are read from what browsers call a gamepad', () => {
	for (const [id, kind, name] of [
		['Xbox 360 Controller (XInput STANDARD GAMEPAD)', GamepadKind.XBOX, 'Xbox 360 Controller'],
		['045e-028e-Microsoft X-Box 360 pad', GamepadKind.XBOX, '045e-028e-Microsoft X-Box 360 pad'],
		['DualSense Wireless Controller (STANDARD GAMEPAD Vendor: 054c Product: 0ce6)', GamepadKind.PLAYSTATION,
			'DualSense Wireless Controller'],
		['Pro Controller (STANDARD GAMEPAD Vendor: 057e Product: 2009)', GamepadKind.SWITCH, 'Pro Controller'],
		['(Vendor: 1234)', GamepadKind.UNKNOWN, '(Vendor: 1234)'],
		['ä'.repeat(60), GamepadKind.UNKNOWN, 'ä'.repeat(32)],
	]) {
		assert.equal(kindOf(id), kind, id);
		assert.equal(nameOf(id), name);
	}
});

test('a state goes over when it changes, not with every picture', () => {
	const { browser, take } = world();
	const one = browser.plug(gamepad(1));
	assert.deepEqual(take(), [{ type: 'GAMEPAD_PLUG', pad: 0, plugged: true, kind: GamepadKind.XBOX, name: 'Xbox Controller' }]);
	browser.picture();
	assert.deepEqual(take(), []);
	one.buttons[3].pressed = true;
	for (let i = 0; i < 5; i++)
		browser.picture();
	assert.deepEqual(take().map(({ pad, buttons }) => [pad, buttons]), [[0, 8]]);
});

test('nobody looks for gamepads once the last one is gone', () => {
	const { browser, take } = world();
	const one = browser.plug(gamepad(0));
	browser.unplug(one);
	assert.deepEqual(take().at(-1), { type: 'GAMEPAD_PLUG', pad: 0, plugged: false, kind: 0, name: '' });
	browser.picture();
	assert.equal(browser.frames.length, 0);
	browser.plug(gamepad(0));
	assert.equal(browser.frames.length, 1);
});

test('of five gamepads the host gets four, and the fifth when a place is free', () => {
	const { browser, gamepads, take } = world();
	const all = Array.from({ length: 5 }, (_, i) => browser.plug(gamepad(i)));
	assert.deepEqual(take().map(({ pad }) => pad), [0, 1, 2, 3]);
	assert.equal(gamepads.left.value, 1);
	browser.unplug(all[2]);
	assert.deepEqual(take().map(({ pad, plugged }) => [pad, plugged]), [[2, false], [2, true]]);
	assert.equal(gamepads.left.value, 0);
});

test('what is held goes up when nobody looks, and comes back with the focus', () => {
	const { browser, take } = world();
	const one = browser.plug(gamepad(0));
	one.axes[0] = 1;
	browser.picture();
	take();
	browser.focused = false;
	browser.dispatchEvent(new Event('blur'));
	browser.picture();
	assert.deepEqual(take().map(({ leftX }) => leftX), [0]);
	browser.focused = true;
	browser.picture();
	assert.deepEqual(take().map(({ leftX }) => leftX), [32767]);
});

test('while it may not, nothing is sent; when it may again, everything is said anew', () => {
	const { browser, gamepads, take } = world({ allowed: false });
	const one = browser.plug(gamepad(0));
	one.buttons[0].pressed = true;
	browser.picture();
	assert.deepEqual(take(), []);
	gamepads.allow(true);
	browser.picture();
	assert.deepEqual(take().map(({ type }) => type), ['GAMEPAD_PLUG', 'GAMEPAD']);
	gamepads.allow(false);
	browser.unplug(one);
	assert.deepEqual(take(), []);
});

test('a rumble is bounded, and one for a gamepad that is not there is nothing', () => {
	const { browser, gamepads } = world();
	const effects = [];
	browser.plug(Object.assign(gamepad(0), { vibrationActuator: { playEffect: (type, effect) => {
		effects.push(effect);
		return Promise.reject(new Error('busy'));
	} } }));
	browser.plug(gamepad(1));
	gamepads.rumble({ pad: 0, strong: 65535, weak: 13107, lastsMs: 65535 });
	gamepads.rumble({ pad: 0, strong: 0, weak: 0, lastsMs: 100 }); // it has no reset()
	gamepads.rumble({ pad: 1, strong: 1, weak: 1, lastsMs: 100 });
	gamepads.rumble({ pad: 3, strong: 1, weak: 1, lastsMs: 100 });
	assert.deepEqual(effects, [{ startDelay: 0, duration: 5000, strongMagnitude: 1, weakMagnitude: 0.2 }]);
});

// ── what is opened

const APPS = [{ id: 'game', name: 'Game', flags: 1 }, { id: 'desktop', name: 'A tricky one', flags: 0 }];

function launch(kept, { load = async () => ({ Chooser() {} }) } = {}) {
	const settings = { opens: signal(kept) };
	const launcher = new Launcher({ settings, load });
	const asked = [];
	launcher.attachEvents({
		open: () => asked.push(['open', launcher.app]),
		choose: () => asked.push(['choose']),
		replace: () => asked.push(['replace', launcher.app]),
		askIcon: (id) => asked.push(['icon', id]),
	});
	return { launcher, asked, settings };
}

test('without the right to launch, the desktop is opened at once', () => {
	const { launcher, asked } = launch('app:game');
	launcher.welcome(Grant.POINTER);
	assert.deepEqual(asked, [['open', null]]);
});

test('whoever chose the desktop last is not kept waiting', () => {
	const { launcher, asked } = launch('desktop');
	launcher.welcome(Grant.LAUNCH);
	launcher.take({ apps: APPS });
	assert.deepEqual(asked, [['open', null]]);
});

test('on the first visit the list decides whether to ask', () => {
	const { launcher, asked } = launch('');
	launcher.welcome(Grant.LAUNCH);
	assert.deepEqual(asked, []);
	launcher.take({ apps: APPS });
	launcher.answered();
	assert.deepEqual(asked, [['choose']]);
});

test('without a list before the first answer, there is none, and the desktop is opened', () => {
	const { launcher, asked } = launch('');
	launcher.welcome(Grant.LAUNCH);
	launcher.answered();
	launcher.answered();
	assert.deepEqual(asked, [['open', null]]);
});

test('an app chosen last is opened when it is in the list, and asked about when it is not', () => {
	const { launcher, asked } = launch('app:desktop');
	launcher.welcome(Grant.LAUNCH);
	launcher.take({ apps: APPS });
	assert.deepEqual(asked, [['open', 'desktop']]);

	const gone = launch('app:gone');
	gone.launcher.welcome(Grant.LAUNCH);
	gone.launcher.take({ apps: APPS });
	assert.deepEqual(gone.asked, [['choose']]);
});

test('a choice is kept, and a reconnect opens the same without a list', () => {
	const { launcher, asked, settings } = launch('');
	launcher.choose('game');
	assert.equal(settings.opens.value, 'app:game');
	launcher.welcome(Grant.LAUNCH);
	assert.deepEqual(asked, [['replace', 'game'], ['open', 'game']]);
	launcher.choose(null);
	assert.equal(settings.opens.value, 'desktop');
});

test('when the list cannot be shown, the desktop is opened', async (context) => {
	context.mock.method(console, 'error', () => {});
	const { launcher, asked } = launch('', { load: () => Promise.reject(new Error('offline')) });
	launcher.welcome(Grant.LAUNCH);
	launcher.take({ apps: APPS });
	await new Promise((resolve) => setTimeout(resolve, 0));
	assert.deepEqual(asked, [['choose'], ['open', null]]);
});

test('the icons of a list that is looked at come one after the other, once', () => {
	const { launcher, asked } = launch('desktop');
	const apps = ['a', 'b', 'c'].map((id) => ({ id, name: id, flags: id === 'b' ? 0 : AppFlag.ICON }));
	launcher.take({ apps });
	assert.deepEqual(asked, []);
	launcher.wantIcons();
	launcher.wantIcons();
	assert.deepEqual(asked, [['icon', 'a']]);
	launcher.takeIcon({ id: 'c', format: 1, bytes: new Uint8Array(1) }); // nobody asked for it
	assert.equal(launcher.icons.value.size, 0);
	launcher.takeIcon({ id: 'a', format: 1, bytes: new Uint8Array(1) });
	launcher.takeIcon({ id: 'c', format: 0, bytes: new Uint8Array(0) });
	assert.deepEqual(asked, [['icon', 'a'], ['icon', 'c']]);
	assert.deepEqual([...launcher.icons.value.keys()], ['a', 'c']);
	launcher.take({ apps });
	assert.equal(launcher.icons.value.size, 0);
});

test('an app that starts or ends changes its entry alone, and one that has ended does not run', () => {
	const { launcher } = launch('');
	launcher.take({ apps: APPS });
	launcher.takeApp({ id: 'game', flags: 5 });
	launcher.takeApp({ id: 'nobody', flags: 5 });
	assert.deepEqual(launcher.apps.value.map(({ flags }) => flags), [5, 0]);
	launcher.choose('game');
	launcher.hasEnded();
	assert.deepEqual(launcher.apps.value.map(({ flags }) => flags), [1, 0]);
});

// ── what is fetched, and when

test('nothing is fetched for a host that offers nothing, and only once for one that does', async () => {
	let loads = 0;
	const received = [];
	const sound = createSound({}, async () => {
		loads++;
		return { createAudio: () => ({ Section: 'section', receive: ({ type, flags }) => received.push([type, flags]),
			lost: () => received.push(['lost']), figures: () => 7 }) };
	});
	sound.receive({ type: 'SOUND', flags: SoundFlag.OWN, reason: 'none' });
	sound.receive({ type: 'RUMBLE' });
	sound.lost();
	assert.deepEqual([loads, sound.part.value, sound.figures()], [0, null, null]);
	sound.receive({ type: 'SOUND', flags: SoundFlag.GAMEPADS, reason: '' });
	sound.receive({ type: 'SOUND', flags: SoundFlag.PLAYED, reason: '' });
	await new Promise((resolve) => setTimeout(resolve, 0));
	sound.receive({ type: 'AUDIO' });
	sound.lost();
	assert.deepEqual(received, [['SOUND', SoundFlag.PLAYED], ['AUDIO', undefined], ['lost']]);
	assert.deepEqual([loads, sound.part.value, sound.figures()], [1, 'section', 7]);
});

test('a page whose sound cannot be fetched lives on without', async (context) => {
	context.mock.method(console, 'error', () => {});
	const sound = createSound({}, () => Promise.reject(new Error('offline')));
	sound.receive({ type: 'SOUND', flags: 7, reason: '' });
	await new Promise((resolve) => setTimeout(resolve, 0));
	sound.receive({ type: 'AUDIO' });
	sound.lost();
	assert.deepEqual([sound.part.value, sound.figures()], [null, null]);
});

// ── 5.1

test('the order of the planes is told by where the centre sounds', () => {
	const [left, right, centre, bass, backLeft, backRight] = ['L', 'R', 'C', 'LFE', 'SL', 'SR'];
	const vorbis = [left, centre, right, backLeft, backRight, bass];
	assert.deepEqual(orderOf([0, 0.5, 0, 0, 0, 0]).map((plane) => vorbis[plane]),
		[left, right, centre, bass, backLeft, backRight]);
	assert.deepEqual(orderOf([0.01, 0.01, 0.5, 0, 0, 0]), [0, 1, 2, 3, 4, 5]);
});

test('what is no 5.1 is not taken for it', () => {
	for (const peaks of [[], [0.3, 0.3], [0, 0, 0, 0, 0, 0], [0.5, 0, 0, 0, 0, 0], [0, 0.5, 0.4, 0, 0, 0], [0, 0, 1, 0, 0, 0, 0]])
		assert.equal(orderOf(peaks), null, JSON.stringify(peaks));
});

test('5.1 is asked for where it can be heard, or is wished for', () => {
	const asked = (layout, can) => [2, 6, 8].map((most) => channelsFor(layout, can, most));
	assert.deepEqual(asked('auto', true), [2, 6, 6]);
	assert.deepEqual(asked('around', true), [6, 6, 6]);
	assert.deepEqual(asked('stereo', true), [2, 2, 2]);
	assert.deepEqual(asked('around', false), [2, 2, 2]);
	assert.deepEqual(asked('auto', false), [2, 2, 2]);
});

test('the description skips nothing, and leaves the message as it is', () => {
	const head = Uint8Array.from({ length: 27 }, (_, i) => i + 1);
	assert.deepEqual([...describe(head).subarray(9, 13)], [10, 0, 0, 13]);
	assert.equal(head[10], 11);
});

// ── small things

test('the volume goes from nothing to everything, and no further', () => {
	assert.deepEqual([0, 50, 100, 150, -5].map(loudness), [0, 0.25, 1, 1, 0]);
});

test('the meter shows decibels', () => {
	assert.deepEqual([0, 0.0001, 1, 2].map(meterOf), [0, 0, 1, 1]);
	assert.ok(Math.abs(meterOf(0.1) - 2 / 3) < 1e-9);
});

test('what a browser says of its microphone has words', () => {
	for (const name of ['NotAllowedError', 'NotFoundError', 'TimeoutError', 'AbortError'])
		assert.ok(catalogues.en[problemOf({ name, message: 'x' }).name], name);
});
