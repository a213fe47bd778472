// Who else is here: the list, what is said of comings and goings, corners, rights, and that nothing is fetched for nothing.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { createCompany } from '../../web/viewer/company.js';
import { dropInvitation, guestPin, takeInvitation } from '../../web/viewer/invitation.js';
import { Gathering, namesInWords } from '../../web/viewer/presence/announce.js';
import { cornerAt, dragHandlers } from '../../web/viewer/presence/corners.js';
import { COLOURS, holderAmong, markerOf, People, placeOf, SHAPES, SNAPSHOT_MS } from '../../web/viewer/presence/people.js';
import { Grant } from '../../web/viewer/protocol.js';
import { clockWords, IDLE_MS, isNoteworthy, refusedOthers, Standing, stoppedWords } from '../../web/viewer/standing.js';
import { controlState, forget, person } from './fake-host.mjs';

const told = (fields) => ({ type: 'PERSON', ...person(fields) });
const steered = (fields) => ({ type: 'CONTROL_STATE', ...controlState(fields) });
const ME = told({ person: 1, flags: 1, session: 7, name: 'Me' });
const ADA = told({ person: 2, state: 2, name: 'Ada' });
const MIRA = told({ person: 3, name: 'Mira' });

// ── who is here

test('oneself is the first of the list, the others follow as they came', () => {
	const people = new People();
	for (const message of [MIRA, ADA, ME])
		people.apply(message, 0);
	assert.deepEqual(people.list().map(({ name }) => name), ['Me', 'Ada', 'Mira']);
	assert.deepEqual(people.list().map(({ self }) => self), [true, false, false]);
});

test('a change of state moves nobody and is no news', () => {
	const people = new People();
	[ME, ADA, MIRA].forEach((message) => people.apply(message, 0));
	const news = people.apply({ ...ADA, state: 0, sessions: 2, flags: 2 }, 10000);
	assert.deepEqual(news, { joined: null, left: null });
	const [, ada] = people.list();
	assert.deepEqual([ada.name, ada.state, ada.sessions, ada.viewOnly], ['Ada', 'idle', 2, true]);
});

test('who was there before us is no news, who comes later is, and who goes', () => {
	const people = new People();
	people.apply({ type: 'PERSON', ...forget }, 1000);
	assert.equal(people.apply(ADA, 1000).joined, null);
	assert.equal(people.apply(MIRA, 1000 + SNAPSHOT_MS).joined.name, 'Mira');
	assert.equal(people.apply({ ...ADA, change: 2 }, 9000).left.name, 'Ada');
	assert.deepEqual(people.list().map(({ name }) => name), ['Mira']);
});

test('who was there before us is no news on a page that is slow to hear of them, either', () => {
	const people = new People();
	people.apply({ type: 'PERSON', ...forget }, 0);
	const almost = SNAPSHOT_MS - 1;
	assert.equal(people.apply(ME, almost).joined, null);
	assert.equal(people.apply(ADA, 2 * almost).joined, null);
	people.apply({ ...ADA, state: 0 }, 2 * almost + 300); // that she rests now is nobody's coming
	assert.equal(people.apply(MIRA, 2 * almost + SNAPSHOT_MS).joined.name, 'Mira');
});

test('one’s own coming and going, and the going of somebody unknown, are no news', () => {
	const people = new People();
	people.apply({ type: 'PERSON', ...forget }, 0);
	assert.equal(people.apply(ME, 5000).joined, null);
	assert.equal(people.apply({ ...ME, change: 2 }, 6000).left, null);
	assert.equal(people.apply({ ...ADA, change: 2 }, 6000).left, null);
});

test('after `forget` nobody is left, and the next ones are no news again', () => {
	const people = new People();
	people.apply(ADA, 0);
	people.apply({ type: 'PERSON', ...forget }, 5000);
	assert.deepEqual(people.list(), []);
	assert.equal(people.apply(ADA, 5001).joined, null);
});

test('a state or a change of a newer host harms nothing', () => {
	const people = new People();
	people.apply({ ...ADA, state: 9 }, 0);
	assert.equal(people.find(2).state, 'idle');
	assert.deepEqual(people.apply({ ...ADA, change: 9 }, 0), { joined: null, left: null });
	assert.equal(people.list().length, 1);
});

test('the first 64 people have marks of their own, neighbours differ in colour and in shape', () => {
	const marks = Array.from({ length: COLOURS * SHAPES }, (_, i) => markerOf(i + 1));
	assert.equal(new Set(marks.map(({ colour, shape }) => `${colour} ${shape}`)).size, COLOURS * SHAPES);
	for (let i = 1; i < marks.length; i++)
		assert.ok(marks[i].colour !== marks[i - 1].colour && marks[i].shape !== marks[i - 1].shape, `${i}`);
	assert.deepEqual(markerOf(0xffffffff), markerOf(0xffffffff % 64));
});

test('the holder is found by its session, and by its name when another device of it holds', () => {
	const people = new People();
	[ME, ADA].forEach((message) => people.apply(message, 0));
	const list = people.list();
	assert.equal(holderAmong(list, controlState({ holder: 102, holderName: 'x' })).name, 'Ada');
	assert.equal(holderAmong(list, controlState({ holder: 555, holderName: 'Ada' })).name, 'Ada');
	assert.equal(holderAmong(list, controlState({ holder: 555, holderName: 'Nobody here' })), null);
	assert.equal(holderAmong(list, controlState({})), null);
	assert.equal(holderAmong(list, null), null);
});

test('who waits has a place in line, which nobody else has', () => {
	const control = controlState({ holder: 7, waiting: 3, line: [3, 0, 2] });
	assert.deepEqual([1, 2, 3, 4].map((one) => placeOf(control, one)), [0, 3, 1, 0]);
	assert.equal(placeOf(null, 3), 0);
});

// ── what is said

function gather() {
	const said = [];
	const timers = { pending: null, set(action) { this.pending = action; return 1; }, clear() { this.pending = null; } };
	const gathering = new Gathering((joined, left) => said.push([joined, left]), timers);
	return { said, timers, gathering, pass: () => timers.pending?.() };
}

const ada = { person: 2, name: 'Ada' };
const mira = { person: 3, name: 'Mira' };

test('comings and goings of one moment are one sentence', () => {
	const { said, gathering, pass } = gather();
	gathering.add({ joined: ada, left: null });
	gathering.add({ joined: mira, left: null });
	gathering.add({ joined: null, left: { person: 9, name: 'Bo' } });
	assert.deepEqual(said, []);
	pass();
	assert.deepEqual(said, [[['Ada', 'Mira'], ['Bo']]]);
	pass();
	assert.equal(said.length, 1);
});

test('who comes and goes at once, or goes and comes back, is not worth a word', () => {
	const { said, gathering, pass } = gather();
	gathering.add({ joined: ada, left: null });
	gathering.add({ joined: null, left: ada });
	gathering.add({ joined: null, left: mira });
	gathering.add({ joined: mira, left: null });
	pass();
	assert.deepEqual(said, []);
});

test('what is gathered is dropped with the connection', () => {
	const { said, timers, gathering } = gather();
	gathering.add({ joined: ada, left: null });
	gathering.clear();
	assert.equal(timers.pending, null);
	assert.deepEqual(said, []);
});

test('names are listed as the language does, and many are counted', () => {
	const others = (count) => `${count} others`;
	assert.equal(namesInWords(['Ada'], 'en', others), 'Ada');
	assert.equal(namesInWords(['Ada', 'Mira'], 'de', others), 'Ada und Mira');
	assert.equal(namesInWords(['a', 'b', 'c'], 'en', others), 'a, b, and c');
	assert.equal(namesInWords(['a', 'b', 'c', 'd', 'e'], 'en', others), 'a, b, and 3 others');
});

// ── corners

test('a place belongs to the corner of its quarter', () => {
	assert.equal(cornerAt(10, 10, 800, 600), 'top-left');
	assert.equal(cornerAt(799, 10, 800, 600), 'top-right');
	assert.equal(cornerAt(399, 300, 800, 600), 'bottom-left');
	assert.equal(cornerAt(400, 300, 800, 600), 'bottom-right');
});

function dragging() {
	const dropped = [];
	const classes = new Set();
	const box = { style: { transform: '' }, classList: { add: (name) => classes.add(name), remove: (name) => classes.delete(name) } };
	const handlers = dragHandlers(() => box, (corner) => dropped.push(corner));
	const event = (clientX, clientY, more) => ({ clientX, clientY, button: 0, pointerId: 1, target: { closest: () => null },
		currentTarget: { setPointerCapture() {} }, ...more });
	return { dropped, classes, box, handlers, event };
}

test('dragging moves the list along, and dropping it chooses the corner', () => {
	Object.assign(globalThis, { innerWidth: 800, innerHeight: 600 });
	const { dropped, classes, box, handlers, event } = dragging();
	handlers.onPointerDown(event(700, 500));
	handlers.onPointerMove(event(690, 480));
	assert.equal(box.style.transform, 'translate(-10px, -20px)');
	assert.ok(classes.has('dragged'));
	handlers.onPointerUp(event(20, 30));
	assert.deepEqual(dropped, ['top-left']);
	assert.equal(box.style.transform, '');
	assert.equal(classes.size, 0);
});

test('a click, another button, a button of the list and a drag that is broken off move nothing', () => {
	const { dropped, handlers, event } = dragging();
	handlers.onPointerDown(event(700, 500));
	handlers.onPointerMove(event(702, 501));
	handlers.onPointerUp(event(702, 501));
	handlers.onPointerDown(event(700, 500, { button: 2 }));
	handlers.onPointerMove(event(100, 100));
	handlers.onPointerUp(event(100, 100));
	handlers.onPointerDown(event(700, 500, { target: { closest: () => ({}) } }));
	handlers.onPointerUp(event(100, 100));
	handlers.onPointerDown(event(700, 500));
	handlers.onPointerMove(event(100, 100));
	handlers.onPointerCancel();
	handlers.onPointerUp(event(100, 100));
	assert.deepEqual(dropped, []);
});

// ── what one may do

const MINE = 7;
const standing = (events = {}) => {
	const one = new Standing({ inputEnded() {}, ...events });
	one.welcome({ session: MINE, grants: 127 });
	return one;
};

test('with every grant and no control there is nothing to say, and everything may', () => {
	const one = standing();
	assert.equal(isNoteworthy(one.rights.value), false);
	assert.ok(one.may(Grant.POINTER) && one.may(Grant.KEYBOARD) && one.may(Grant.TEXT));
	assert.equal(one.wordsOnce(Grant.KEYBOARD), null);
});

test('what the grants lack may not, and is said once until they change', () => {
	const one = standing();
	one.takeGrants({ grants: Grant.POINTER, seconds: 0 });
	assert.ok(one.may(Grant.POINTER) && !one.may(Grant.KEYBOARD) && !one.may(Grant.TEXT));
	assert.equal(one.wordsOnce(Grant.KEYBOARD).name, 'stopped_keyboard');
	assert.equal(one.wordsOnce(Grant.KEYBOARD), null);
	one.takeGrants({ grants: 0, seconds: 0 });
	assert.equal(one.wordsOnce(Grant.KEYBOARD).name, 'stopped_view_only');
	assert.equal(one.wordsOnce(Grant.POINTER), null); // the same words
});

test('while another one drives nothing may, and its name is said between marks of direction', () => {
	const one = standing();
	one.takeControlState(controlState({ holder: 102, holderName: 'Ada' }), 0);
	assert.ok(!one.may(Grant.POINTER) && !one.may(Grant.KEYBOARD));
	assert.deepEqual(one.wordsOnce(Grant.POINTER), { name: 'stopped_other', values: { name: '\u2068Ada\u2069' } });
	one.takeControlState(controlState({}), 0);
	assert.equal(one.wordsOnce(Grant.POINTER).name, 'stopped_nobody');
	one.takeControlState(controlState({ holder: MINE, holderName: 'Me' }), 0);
	assert.ok(one.may(Grant.POINTER));
	one.takeControlState(controlState({ mode: 0 }), 0);
	assert.equal(one.control.value, null);
	assert.ok(one.may(Grant.KEYBOARD));
});

test('what is held is forgotten when one’s turn or one’s grants change, and not otherwise', () => {
	let ended = 0;
	const one = standing({ inputEnded: () => ended++ });
	one.takeControlState(controlState({ holder: MINE }), 0);
	assert.equal(ended, 0); // it was ours to drive before
	one.takeControlState(controlState({ holder: MINE, asking: 102, waiting: 1, leftMs: 10000 }), 0);
	one.takeGrants({ grants: 127, seconds: 60 });
	assert.equal(ended, 0);
	one.takeControlState(controlState({ holder: 102 }), 0);
	assert.equal(ended, 1);
	one.takeGrants({ grants: 1, seconds: 0 });
	assert.equal(ended, 2);
});

test('the time to answer is counted from when it was told', () => {
	const one = standing();
	one.takeControlState(controlState({ holder: MINE, asking: 102, leftMs: 9500 }), 1000);
	assert.equal(one.control.value.answerBy, 10500);
	one.takeControlState(controlState({ holder: MINE }), 2000);
	assert.equal(one.control.value.answerBy, 0);
});

test('view only comes before every other reason', () => {
	const control = controlState({ holder: 102, holderName: 'Ada' });
	assert.equal(stoppedWords({ grants: Grant.GAMEPAD, control, session: MINE, grant: Grant.POINTER }).name, 'stopped_view_only');
	assert.equal(stoppedWords({ grants: Grant.KEYBOARD, control, session: MINE, grant: Grant.POINTER }).name, 'stopped_pointer');
});

test('an end is told with seconds when it is soon, with the day when it is far', () => {
	const now = new Date(2026, 2, 4, 10, 0, 0).getTime();
	assert.match(clockWords(now + 65000, 'de', now), /^10:01:05$/);
	assert.match(clockWords(now + 3600000, 'de', now), /^11:00$/);
	assert.match(clockWords(now + 48 * 3600000, 'de', now), /6\. März.*10:00/);
});

test('what else is not allowed is named, whatever the input', () => {
	assert.deepEqual(refusedOthers(127), []);
	assert.deepEqual(refusedOthers(Grant.POINTER | Grant.GAMEPAD | Grant.LAUNCH), ['clipboard', 'microphone']);
});

test('a holder has 30 seconds from getting control, and again from each input, but not from a release of keys', () => {
	const one = standing();
	assert.equal(one.idleSecondsLeft(IDLE_MS), null);
	one.takeControlState(controlState({ holder: MINE }), 1000);
	assert.equal(one.idleSecondsLeft(20999), null); // the last ten seconds are counted
	assert.equal(one.idleSecondsLeft(21000), 10);
	assert.equal(one.idleSecondsLeft(22500), 9);
	assert.equal(one.idleSecondsLeft(60000), 0);
	one.noteInput('RELEASE_ALL', 21000);
	one.takeControlState(controlState({ holder: MINE, waiting: 1 }), 21000); // still ours: no new start
	assert.equal(one.idleSecondsLeft(21000), 10);
	one.noteInput('KEY', 21000);
	assert.equal(one.idleSecondsLeft(21000), null);
	assert.equal(one.hasIdled(30000), false);
	assert.equal(one.hasIdled(51000), true);
	one.takeControlState(controlState({ holder: 102 }), 51000);
	assert.equal(one.idleSecondsLeft(51000), null);
});

test('who moved the pointer last is forgotten when we move it ourselves, not when we type', () => {
	const one = standing();
	one.pointsLast.value = 2;
	one.noteInput('KEY', 1);
	one.noteInput('TEXT', 1);
	assert.equal(one.pointsLast.value, 2);
	one.noteInput('POINTER_ABSOLUTE', 2);
	assert.equal(one.pointsLast.value, 0);
});

// ── contrast, as WCAG counts it

const css = readFileSync(new URL('../../web/viewer/presence/presence.css', import.meta.url), 'utf8');
const variable = (name) => new RegExp(`--presence-${name}: ([^;]+);`).exec(css)[1];
const fromHex = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));

/** The background over a picture of that colour. */
function backgroundOver(picture) {
	const [red, green, blue, percent] = /rgb\((\d+) (\d+) (\d+) \/ (\d+)%\)/.exec(variable('background')).slice(1).map(Number);
	return [red, green, blue].map((value, i) => value * percent / 100 + picture[i] * (1 - percent / 100));
}

function luminance(colour) {
	const [red, green, blue] = colour.map((value) => {
		const share = value / 255;
		return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
	});
	return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(a, b) {
	const [dark, light] = [luminance(a), luminance(b)].sort((one, other) => one - other);
	return (light + 0.05) / (dark + 0.05);
}

test('over black and over white, words have a contrast of 4.5 and marks of 3; so has a name beside its pointer', () => {
	for (const picture of [[0, 0, 0], [255, 255, 255]]) {
		const background = backgroundOver(picture);
		for (const name of ['ink', 'ink-quiet', 'accent'])
			assert.ok(contrast(fromHex(variable(name)), background) >= 4.5, `${name} over ${picture}`);
		for (let i = 1; i <= COLOURS; i++)
			assert.ok(contrast(fromHex(variable(`color-${i}`)), background) >= 3, `colour ${i} over ${picture}`);
	}
	for (let i = 1; i <= COLOURS; i++)
		assert.ok(contrast(fromHex(variable(`color-${i}`)), fromHex(variable('on-color'))) >= 4.5, `name on colour ${i}`);
	assert.ok(contrast(fromHex(variable('accent')), fromHex(variable('on-accent'))) >= 4.5);
});

// ── invitations

function tab(href, state = null) {
	const calls = [];
	return { location: { href }, history: { state, replaceState(...args) { calls.push(args); } }, calls };
}

test('an invitation is taken from the address, and its id out of it; what else is there stays', () => {
	const one = tab('https://host:7443/?a=1&invite=0123456789abcdef&b=2#c');
	assert.equal(takeInvitation(one), true);
	assert.deepEqual(one.calls, [[{ invited: true }, '', '/?a=1&b=2#c']]);
});

test('without one the address is left alone; a reload of an invited tab is still invited, until that is dropped', () => {
	const plain = tab('https://host:7443/?a=1');
	assert.equal(takeInvitation(plain), false);
	assert.deepEqual(plain.calls, []);
	const again = tab('https://host:7443/', { invited: true });
	assert.equal(takeInvitation(again), true);
	dropInvitation(again);
	assert.deepEqual(again.calls, [[null, '']]);
});

test('the PIN of a guest is eight digits, however they are set apart', () => {
	assert.equal(guestPin(' 1234 5678 '), '12345678');
	assert.equal(guestPin('1234-5678'), '12345678');
	for (const wrong of ['', '1234567', '123456789', '1234567a', '12345678x'])
		assert.equal(guestPin(wrong), null, wrong);
});

// ── nothing for nothing

function company() {
	const received = [];
	const loads = [];
	let finish;
	const loading = new Promise((resolve) => { finish = resolve; });
	const presence = { receive: (message) => received.push(message), lost: () => received.push('lost'), moved: () => received.push('moved') };
	const one = createCompany({}, () => {
		loads.push(1);
		return loading;
	});
	return { one, received, loads, loaded: async () => {
		finish({ createPresence: () => presence });
		await loading;
		await null;
	} };
}

test('nothing is fetched for an empty list, for free control, nor for a pointer', async () => {
	const { one, loads } = company();
	one.receive({ type: 'PERSON', ...forget });
	one.receive(steered({ mode: 0 }));
	one.receive({ type: 'POINTER', display: 0, visible: true, person: 2, x: 1, y: 1 });
	one.moved();
	one.lost();
	assert.equal(loads.length, 0);
	assert.equal(one.here.value, null);
});

test('it is fetched once, and what came meanwhile is shown in its order, but no old pointers', async () => {
	const { one, received, loads, loaded } = company();
	one.receive(ME);
	one.receive({ type: 'POINTER', display: 0, visible: true, person: 2, x: 1, y: 1 });
	one.receive(ADA);
	one.receive(steered({ holder: 102 }));
	assert.equal(loads.length, 1);
	await loaded();
	assert.deepEqual(received, [ME, ADA, steered({ holder: 102 })]);
	one.receive(MIRA);
	one.moved();
	one.lost();
	assert.deepEqual(received.slice(3), [MIRA, 'moved', 'lost']);
	assert.equal(loads.length, 1);
});

test('what came before a lost connection is not shown after it', async () => {
	const { one, received, loaded } = company();
	one.receive(ADA);
	one.lost();
	await loaded();
	assert.deepEqual(received, []);
});

test('without the part that shows it, everything else goes on', async () => {
	const complaints = console.error;
	console.error = () => {};
	try {
		const one = createCompany({}, () => Promise.reject(new Error('not there')));
		one.receive(ADA);
		await new Promise((resolve) => setImmediate(resolve));
		one.receive(MIRA);
		one.moved();
		one.lost();
		assert.equal(one.here.value, null);
	} finally {
		console.error = complaints;
	}
});
