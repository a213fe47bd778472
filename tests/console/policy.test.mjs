// What an operator's choices become: documents, drafts, presets, and what a desktop cannot do.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { darkness } from '../../web/console/darkness.js';
import { confinementOf, documentWithDraft, documentWithTogether, draftOf, presetFields, presetNameOf, togetherOf } from '../../web/console/draft.js';
import { differences, documentWithPreset, isGreyed, missingFor, missingForAll, RULED } from '../../web/console/policy.js';
import { grantsOf, PLANES, presetOf } from '../../web/console/grants.js';
import { BUILTIN, effectiveOf } from './rules.mjs';

const positions = { 2: { x: 0, y: 0 } };
const document = { version: 1, preset: 'default', max_displays: 6, desktop: 'isolated',
	layout: { mode: 'manual', positions }, clients: { ['a'.repeat(64)]: { mode_conflict: 'join' } } };
const { effective } = effectiveOf(document, BUILTIN);

test('choosing a preset keeps sizes, places, the desktop and the clients of the document', () => {
	assert.deepEqual(documentWithPreset(document, 'hotdesk'), { ...document, preset: 'hotdesk' });
});

test('a draft begins with what is in force', () => {
	const draft = draftOf(effective);
	assert.deepEqual(differences(effective, draft), []);
	assert.deepEqual(draft.keep_alive, { mode: 'duration', seconds: 10 });
});

test('one other field makes the policy custom, with every other field as it was, and the places kept', () => {
	const changed = documentWithDraft(document, effective, { ...draftOf(effective), mode_conflict: 'join' });
	assert.equal(changed.preset, 'custom');
	assert.equal(changed.mode_conflict, 'join');
	assert.deepEqual(changed.keep_alive, { mode: 'duration', seconds: 10 });
	assert.deepEqual(changed.layout, { mode: 'auto-row', positions });
	assert.deepEqual([changed.max_displays, changed.desktop, changed.clients], [6, 'isolated', document.clients]);
});

test('a field that no preset rules leaves the preset in force', () => {
	const changed = documentWithDraft(document, effective, { ...draftOf(effective), max_displays: 2 });
	assert.deepEqual(changed, { ...document, max_displays: 2 });
});

test('another number of seconds is a difference, the same one is none', () => {
	const from = { keep_alive: { mode: 'duration', seconds: 10 } };
	assert.equal(differences(from, { keep_alive: { mode: 'duration', seconds: 10 } }).length, 0);
	assert.equal(differences(from, { keep_alive: { mode: 'duration', seconds: 11 } }).length, 1);
});

test('what a desktop of a client\'s own sees is this host\'s own, differs by its devices too, and names none where all is seen', () => {
	const confined = effectiveOf({ ...document, confinement: { mode: 'home', devices: ['dri'] } }, BUILTIN).effective;
	const draft = draftOf(confined);
	assert.deepEqual(differences(confined, draft), []);
	assert.deepEqual(documentWithDraft(document, confined, { ...draft, confinement: confinementOf('home', ['dri', 'kvm']) }),
		{ ...document, confinement: { mode: 'home', devices: ['dri', 'kvm'] } });
	assert.deepEqual(documentWithDraft(document, confined, { ...draft, confinement: confinementOf('off', ['dri']) }),
		{ ...document, confinement: { mode: 'off' } });
	const { effective: none } = effectiveOf({ ...document, confinement: { mode: 'home', devices: [] } }, BUILTIN);
	assert.deepEqual(differences(none, { confinement: confinementOf('home') }), []);
});

test('how people are together is changed field by field, and leaves the preset and everything else as it was', () => {
	const draft = togetherOf(effective);
	assert.deepEqual(documentWithTogether(document, effective, draft), document);
	const presence = { enabled: true, controlling_seconds: 10, watching_seconds: 60 };
	assert.deepEqual(documentWithTogether(document, effective, { ...draft, presence, control: 'one-at-a-time' }),
		{ ...document, presence, control: 'one-at-a-time' });
});

test('planes that are a preset are asked for by its name', () => {
	assert.deepEqual(grantsOf(PLANES), { preset: 'full' });
	assert.deepEqual(grantsOf(['gamepad']), { preset: 'controller' });
	assert.deepEqual(grantsOf([]), { preset: 'view' });
	assert.deepEqual(grantsOf(['keyboard', 'pointer']), { planes: ['keyboard', 'pointer'] });
	assert.equal(presetOf(['keyboard', 'pointer']), 'custom');
});

test('an own preset holds the ruled fields and nothing else', () => {
	assert.deepEqual(Object.keys(presetFields(draftOf(effective))).sort(), [...RULED].sort());
});

test('a name for a preset becomes one that the host takes', () => {
	assert.equal(presetNameOf('Film night!'), 'film-night');
	assert.equal(presetNameOf('  2 Küchen – spät '), 'kuchen-spat');
	assert.equal(presetNameOf('???'), '');
	for (const name of ['Film night!', 'a'.repeat(50), `${'a'.repeat(31)}-b`])
		assert.match(presetNameOf(name), /^[a-z][a-z0-9-]{0,31}$/);
});

const lacking = [
	{ option: 'exclusive', supported: false, fallback: 'extend', reason: 'sway-cannot-disable' },
	{ option: 'identity', supported: false, fallback: 'host-kept', reason: 'sway-names-outputs' },
	{ option: 'keep', supported: true },
];

test('a value is greyed when the desktop lacks what it needs, not when the host makes up for it', () => {
	assert.ok(isGreyed(missingFor(lacking, 'topology', 'exclusive')));
	assert.ok(!isGreyed(missingFor(lacking, 'topology', 'extend')));
	assert.ok(!isGreyed(missingFor(lacking, 'keep_alive', { mode: 'forever' })));
	assert.equal(missingFor(lacking, 'identity', 'per-client').fallback, 'host-kept');
	assert.ok(!isGreyed(missingFor(lacking, 'identity', 'per-client')));
});

test('a preset names each thing that the desktop lacks for it once', () => {
	const hotdesk = BUILTIN.find((preset) => preset.name === 'hotdesk');
	assert.deepEqual(missingForAll(lacking, hotdesk).map((one) => one.option), ['exclusive']);
	assert.deepEqual(missingForAll(lacking, BUILTIN[0]), []);
});

const kept = (state, expires_in = null) => ({ state, expires_in });
const stateWith = (displays, { applied = 'exclusive', wanted = 'exclusive', enabled = false } = {}) => ({
	desktop: { topology: { wanted, applied } }, displays, outputs: [{ enabled }],
});
const policyWith = (keep_alive, topology = 'exclusive', capabilities = []) =>
	({ effective: { keep_alive, topology }, capabilities });
const forAWhile = { mode: 'duration', seconds: 300 };

test('kept displays alone on an exclusive desktop: the monitors are dark until the last deadline', () => {
	assert.deepEqual(darkness(stateWith([kept('lingering', 5), kept('lingering', 90)]), policyWith(forAWhile)),
		{ now: true, until: 90 });
	assert.deepEqual(darkness(stateWith([kept('lingering', 5), kept('pinned')]), policyWith(forAWhile)),
		{ now: true, until: 'released' });
});

test('while somebody is connected it is a warning of what will be', () => {
	assert.deepEqual(darkness(stateWith([kept('active'), kept('lingering', 5)]), policyWith(forAWhile)),
		{ now: false, until: 300 });
	assert.deepEqual(darkness(stateWith([], { applied: 'extend', enabled: true }), policyWith({ mode: 'forever' })),
		{ now: false, until: 'released' });
});

test('`auto` is what the desktop wants', () => {
	assert.equal(darkness(stateWith([], { applied: 'extend', wanted: 'extend' }), policyWith(forAWhile, 'auto')), null);
	assert.ok(darkness(stateWith([], { applied: 'extend', wanted: 'exclusive' }), policyWith(forAWhile, 'auto')));
});

test('nothing is said where nothing is kept, nothing can go dark, or there is no monitor', () => {
	assert.equal(darkness(stateWith([]), policyWith({ mode: 'off' })), null);
	assert.equal(darkness(stateWith([]), policyWith(forAWhile, 'extend')), null);
	assert.equal(darkness(stateWith([]), policyWith(forAWhile, 'exclusive', lacking)), null);
	assert.equal(darkness({ ...stateWith([]), outputs: [] }, policyWith(forAWhile)), null);
});
