// The form of an app: from the list and back, and command lines.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { appDraftOf, appIdOf, appOf, commandText, withApp, withoutApp } from '../../web/console/app_draft.js';

const EDITOR = { id: 'editor', name: 'Editor', command: ['foot', '-e', "it's a \"b\""], desktop: 'isolated', environment: { A: '1', B: 'x=y' },
	mode: { width: 1280, height: 720, refresh_hz: 59.94 }, icon: '/a.png' };
const PLAIN = { id: 'b', name: 'B', command: ['b'], desktop: 'shared' };

test('arguments are shown as a line that means them', () => {
	assert.equal(commandText(['foot', '-e', 'sh']), 'foot -e sh');
	assert.equal(commandText(['a', 'b c', '', "it's", '$HOME', '#x', '~']), "a 'b c' '' 'it'\\''s' '$HOME' '#x' '~'");
});

test('an app that is not touched is put as it was', () => {
	for (const app of [EDITOR, PLAIN, { ...EDITOR, mode: { width: 640, height: 480 } }])
		assert.deepEqual(appOf(appDraftOf(app), app), app);
});

test('a command that is touched is put as it was written', () => {
	assert.equal(appOf({ ...appDraftOf(EDITOR), command: "foot 'a b'" }, EDITOR).command, "foot 'a b'");
	assert.equal(appOf({ ...appDraftOf(null), command: 'foot' }, null).command, 'foot');
});

test('what is emptied goes', () => {
	const draft = { ...appDraftOf(EDITOR), environment: ' \n', icon: '', hasMode: false };
	assert.deepEqual(Object.keys(appOf(draft, EDITOR)).sort(), ['command', 'desktop', 'id', 'name']);
	assert.deepEqual(appOf({ ...appDraftOf(EDITOR), refresh: '' }, EDITOR).mode, { width: 1280, height: 720 });
});

test('a line of the environment without = is left to the host to name', () => {
	assert.deepEqual(appOf({ ...appDraftOf(PLAIN), environment: 'A=\n\nB\n C = d ' }, PLAIN).environment, { A: '', B: null, C: ' d ' });
});

test('an app takes its old place, or the last one', () => {
	const list = { version: 1, apps: [EDITOR, PLAIN] };
	const renamed = { ...EDITOR, id: 'other' };
	assert.deepEqual(withApp(list, 'editor', renamed), { index: 0, document: { version: 1, apps: [renamed, PLAIN] } });
	assert.deepEqual(withApp(list, undefined, renamed), { index: 2, document: { version: 1, apps: [EDITOR, PLAIN, renamed] } });
	assert.deepEqual(withApp(list, 'gone', renamed).index, 2);
	assert.deepEqual(withoutApp(list, 'editor'), { version: 1, apps: [PLAIN] });
});

test('an id is made of a name', () => {
	assert.equal(appIdOf('Film & Ton'), 'film-ton');
	assert.equal(appIdOf(' Büro 2! '), 'buro-2');
	assert.equal(appIdOf('画面'), '');
	assert.equal(appIdOf('a'.repeat(40)).length, 32);
});
