// The catalogues, the times in words, and what is said of changes.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

import { changesOf } from '../../web/console/changes.js';
import { DEVICES, TOGETHER, VALUES } from '../../web/console/draft.js';
import { PLANES, PRESETS } from '../../web/console/grants.js';
import { clock, duration, remaining, sinceWords, splitSeconds } from '../../web/console/time.js';
import { BUILTIN } from './rules.mjs';

const folder = new URL('../../web/console/', import.meta.url);
const source = (path) => readFileSync(new URL(path, folder), 'utf8');
const catalogue = (name) => JSON.parse(source(`locales/${name}.json`));
const catalogues = { en: catalogue('en'), de: catalogue('de'), 'en-more': catalogue('en-more'), 'de-more': catalogue('de-more') };
const english = { ...catalogues.en, ...catalogues['en-more'] };
const t = (name, { count, time } = {}) => `${(english[name] ?? name).replace('{count}', count).replace('{time}', time)}`;

test('German has the words of English, with the same places to fill', () => {
	const places = (words) => [...words.matchAll(/\{\w+\}/g)].map(([one]) => one).sort();
	for (const part of ['', '-more']) {
		const [en, de] = [catalogues[`en${part}`], catalogues[`de${part}`]];
		assert.deepEqual(Object.keys(de), Object.keys(en));
		for (const [name, text] of Object.entries(de)) {
			assert.deepEqual(places(text), places(en[name]), name);
			assert.ok(text.length > 0, name);
		}
	}
});

test('no word is in both parts of a catalogue', () => {
	assert.deepEqual(Object.keys(catalogues.en).filter((name) => name in catalogues['en-more']), []);
});

/** The files that are there from the start: what app.js imports, and they. */
function firstFiles(file = 'app.js', found = new Set()) {
	found.add(file);
	for (const [, next] of source(file).matchAll(/from '\.\/(\w+\.js)'/g)) {
		if (!found.has(next))
			firstFiles(next, found);
	}
	return found;
}

const namesIn = (file) => [...source(file).matchAll(/\b(?:t|plural|known|say)\('([a-z][\w.-]*)'/g)].map(([, name]) => name);
const isThere = (words, name) => name in words || `${name}.other` in words;

test('every word that a module asks for is there', () => {
	const files = readdirSync(folder).filter((name) => name.endsWith('.js'));
	const missing = files.flatMap((file) => namesIn(file).filter((name) => !isThere(english, name) && !isThere(english, `said.${name}`)));
	assert.deepEqual(missing, []);
	assert.ok(files.flatMap(namesIn).length > 100, 'the pattern finds them');
});

test('what is there from the start needs no word of the second part', () => {
	const early = [...firstFiles()].flatMap((file) => namesIn(file).filter((name) => !isThere(catalogues.en, name)));
	assert.deepEqual(early, []);
	assert.ok(!firstFiles().has('clients.js') && firstFiles().has('map.js'));
});

test('every value of every field has its words and an explanation', () => {
	for (const [field, values] of Object.entries({ ...VALUES, ...TOGETHER })) {
		assert.ok(english[field], field);
		for (const value of values) {
			assert.ok(value === 'duration' || english[`${field}.${value}`], `${field}.${value}`);
			assert.ok(english[`${field}.${value}.hint`], `${field}.${value}.hint`);
		}
	}
});

test('every built-in preset has its title and its one-line story', () => {
	for (const { name } of [...BUILTIN, { name: 'custom' }]) {
		assert.ok(catalogues.en[`preset.${name}.title`], name);
		assert.match(catalogues.en[`preset.${name}.story`], /^[^\n]{20,110}\.$/, name);
	}
});

function wordsOf(path, pattern) {
	return [...readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8').matchAll(pattern)].map(([, word]) => word);
}

test('every reason of an admission has its words', () => {
	const codes = wordsOf('src/core/admission_names.c', /\[ADMISSION_REASON_\w+\] = \{ "([\w-]+)"/g);
	assert.ok(codes.length > 15);
	assert.deepEqual(codes.filter((code) => !(`reason.${code}` in english)), []);
});

test('every reason for a lacking capability has its words', () => {
	const reasons = ['src/display/sway/sway_capabilities.c', 'src/api/display_settings.c']
		.flatMap((path) => wordsOf(path, /\.reason = "([\w-]+)"/g));
	assert.ok(reasons.length > 2);
	assert.deepEqual(reasons.filter((reason) => !(`capability.${reason}` in catalogues.en)), []);
});

test('every reason of a rarer desktop has its words too', () => {
	const reasons = wordsOf('src/display/gamescope/gamescope_capabilities.c', /\.reason = "([\w-]+)"/g);
	assert.ok(reasons.length > 3);
	assert.deepEqual(reasons.filter((reason) => !(`capability.${reason}` in english)), []);
});

test('every word of the contract for decisions, refusals and states has its words', () => {
	const contract = readFileSync(new URL('../../api/openapi.yaml', import.meta.url), 'utf8');
	const enumOf = (name) => new RegExp(`^ {8}${name}: \\{enum: \\[([^\\]]+)\\]`, 'm').exec(contract)[1].split(', ');
	for (const word of enumOf('decision').filter((one) => one !== 'reject'))
		assert.ok(english[`decision.${word}`], word);
	for (const word of enumOf('rejection').filter((one) => one !== 'null'))
		assert.ok(english[`rejected.${word}`], word);
	for (const word of enumOf('state')) {
		assert.ok(english[`state.${word}`], word);
		assert.ok(english[`announce.${word}`], word);
	}
});

test('every state of a person, every refusal of control and every state of an invitation has its words', () => {
	const cases = (path) => wordsOf(path, /^\t\treturn "([\w-]+)";$/gm);
	const states = cases('src/core/presence.c');
	assert.ok(states.includes('controlling') && states.includes('gamestream'));
	for (const word of states.filter((one) => one !== 'unknown'))
		assert.ok(english[`person.${word}`] || english[`transport.${word}`], word);
	const refusals = cases('src/core/control.c');
	assert.ok(refusals.includes('line-full'));
	for (const word of refusals.filter((one) => one !== 'not-refused' && !TOGETHER.control.includes(one)))
		assert.ok(english[`refused.${word}`], word);
	for (const word of cases('src/core/invitation.c').filter((one) => one !== 'good'))
		assert.ok(english[`invitation.${word}`], word);
});

test('every device of the contract can be granted, and has its words; so has a desktop that cannot be confined', () => {
	const contract = readFileSync(new URL('../../api/openapi.yaml', import.meta.url), 'utf8');
	assert.deepEqual(DEVICES, /^ {4}Device: \{enum: \[([^\]]+)\]/m.exec(contract)[1].split(', '));
	assert.deepEqual(DEVICES.filter((device) => !english[`device.${device}`]), []);
	for (const desktop of VALUES.desktop)
		assert.ok(english[`confinement.when.${desktop}`], desktop);
	const [reason] = wordsOf('src/api/display_settings.c', /\? "(no-[\w-]+)"/g);
	assert.ok(english[`capability.${reason}`], reason);
});

test('every right has its words, one by one and as a preset', () => {
	assert.deepEqual(PLANES.filter((plane) => !english[`plane.${plane}`]), []);
	for (const name of Object.keys(PRESETS))
		assert.ok(english[`rights.${name}`] && english[`rights.${name}.hint`], name);
});

test('a countdown runs by the clock of this page, and never below nothing', () => {
	assert.equal(remaining(300, 1000, 61000), 240);
	assert.equal(remaining(10, 0, 60000), 0);
	assert.equal(clock(240), '4:00');
	assert.equal(clock(8.2), '0:09');
	assert.equal(clock(3723), '1:02:03');
});

test('a duration is said in its two largest units', () => {
	assert.equal(duration(t, 10), '10 s');
	assert.equal(duration(t, 300), '5 min');
	assert.equal(duration(t, 5400), '1 h 30 min');
	assert.equal(duration(t, 90061), '1 d 1 h');
	assert.equal(duration(t, 0), '0 s');
	assert.equal(sinceWords(t, 59), 'just now');
	assert.equal(sinceWords(t, 125), '2 min');
});

test('seconds are shown in the largest unit that divides them', () => {
	assert.deepEqual(splitSeconds(300), [5, 60]);
	assert.deepEqual(splitSeconds(90), [90, 1]);
	assert.deepEqual(splitSeconds(172800), [48, 3600]);
});

const shown = (changes) => changes.map(({ name, of }) => `${name} ${of.slot ?? of.session}`);

test('a display that comes, changes its state or goes is said, one that is moved is not', () => {
	const before = { displays: [{ slot: 1, state: 'active' }, { slot: 2, state: 'active', place: 1 }, { slot: 3, state: 'closing' }] };
	const after = { displays: [{ slot: 1, state: 'lingering' }, { slot: 2, state: 'active', place: 2 }, { slot: 4, state: 'creating' }] };
	assert.deepEqual(shown(changesOf('displays', before, after)), ['announce.lingering 1', 'announce.creating 4', 'announce.gone 3']);
});

test('who comes, who goes and who asks is said; the first state is not', () => {
	const nobody = { sessions: [], requests: [] };
	const one = { sessions: [{ session: 7 }], requests: [{ session: 9 }] };
	assert.deepEqual(shown(changesOf('sessions', nobody, one)), ['announce.joined 7']);
	assert.deepEqual(shown(changesOf('sessions', one, nobody)), ['announce.left 7']);
	assert.deepEqual(shown(changesOf('pairing', nobody, one)), ['announce.asks 9']);
	assert.deepEqual(changesOf('pairing', one, nobody), []);
	assert.deepEqual(changesOf('sessions', null, one), []);
});

test('who begins to ask for control is said, by name; who only waits is not', () => {
	const before = { line: [{ session: 3, asks_for: null }] };
	const after = { line: [{ session: 3, asks_for: 9 }, { session: 4, asks_for: null }] };
	const sessions = { sessions: [{ session: 3, label: 'Tablet' }, { session: 4, label: 'Phone' }] };
	assert.deepEqual(changesOf('control', before, after, sessions).map(({ name, of }) => [name, of.label]),
		[['announce.asks_control', 'Tablet']]);
	assert.deepEqual(changesOf('control', after, after, sessions), []);
});
