// Apps over the wire: lodged, sway and the trees are real, the client speaks the protocol.
//   node tests/e2e/apps-job.mjs BUILD

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { Steps, until } from './browser.mjs';
import { Host } from './host.mjs';
import { WireClient } from './wire-client.mjs';

const [, , build] = process.argv;
const steps = new Steps();
const host = await new Host(build, ['foot sh']).ready();
const [ada, bo] = ['ada', 'bo'].map((label) => new WireClient(host, label));
const file = (name) => join(host.folder, name);
const read = (name) => existsSync(file(name)) ? readFileSync(file(name), 'utf8') : '';
const MODE = { display: 0, width: 800, height: 600, refresh: 60000, scale: 100 };
/** Says what it sees, twice quoted, and stays. */
const app = (id, desktop) => ({ id, name: `The ${id}`, desktop, environment: { GREETING: "it's $HOME" },
	command: ['sh', '-c', `echo "$GREETING" "$1" >> ${file(id)}; readlink /proc/self/ns/pid >> ${file(id)}; exec foot sleep 1000`, 'sh', "a 'b' $c"] });
const opened = (client) => client.hear(({ type }) => type === 'DISPLAY_OPENED' || type === 'DISPLAY_DECLINED');

await steps.step('a list that is put is told to those who may start something', async () => {
	await host.api('PUT', 'display/settings', { preset: 'custom', topology: 'extend', mode_conflict: 'separate',
		keep_alive: { mode: 'duration', seconds: 30 } });
	await ada.attach(host.pin());
	assert.equal(ada.messages('APPS').length, 0);
	await host.api('PUT', 'apps', { version: 1, apps: [app('mine', 'isolated'), app('ours', 'shared')] });
	const told = await ada.hear(({ type }) => type === 'APPS');
	assert.deepEqual(told.apps.map(({ id, name, flags }) => [id, name, flags & 1]), [['mine', 'The mine', 1], ['ours', 'The ours', 0]]);
});

await steps.step('an app of a desktop of its own runs there, once, with its words as they were', async () => {
	ada.send('OPEN_APP', { ...MODE, app: 'mine' });
	assert.equal((await opened(ada)).type, 'DISPLAY_OPENED');
	await until('the app', () => read('mine').split('\n').length === 3);
	assert.equal(read('mine').split('\n')[0], "it's $HOME a 'b' $c");
	assert.notEqual(read('mine').split('\n')[1], `${process.pid}`);
	const { own_desktops: own } = await host.api('GET', 'display/state');
	assert.deepEqual(own.map(({ app: id, displays }) => [id, displays.length]), [['mine', 1]]);
});

await steps.step('who comes back finds it running, not started again', async () => {
	const before = read('mine');
	ada.drop();
	await until('ada to be gone', async () => (await host.api('GET', 'sessions')).sessions.length === 0);
	await ada.attach();
	ada.send('OPEN_APP', { ...MODE, app: 'mine' });
	assert.equal((await opened(ada)).flags & 1, 1);
	await new Promise((done) => setTimeout(done, 700));
	assert.equal(read('mine'), before);
});

await steps.step('an app of the shared desktop runs on that', async () => {
	await bo.attach(host.pin());
	bo.send('OPEN_APP', { ...MODE, app: 'ours' });
	assert.equal((await opened(bo)).type, 'DISPLAY_OPENED');
	await until('the app', () => read('ours').split('\n').length === 3);
	assert.equal(read('ours').split('\n')[0], "it's $HOME a 'b' $c");
	assert.notEqual(read('ours').split('\n')[1], read('mine').split('\n')[1]);
	bo.drop();
});

await steps.step('an id that is none is declined, and so is a client that may start nothing', async () => {
	for (const id of ['../etc', 'nobody', "mine'; touch x", 'm'.repeat(64)]) {
		await bo.attach();
		bo.send('OPEN_APP', { ...MODE, app: id });
		assert.equal((await opened(bo)).type, 'DISPLAY_DECLINED', id);
		bo.drop();
	}
	const { fingerprint } = (await host.api('GET', 'clients')).clients.find(({ label }) => label === 'bo');
	await host.api('PATCH', `clients/${fingerprint}`, { grants: { preset: 'view' } });
	await bo.attach();
	assert.equal(bo.messages('APPS').length, 0);
	bo.send('OPEN_APP', { ...MODE, app: 'ours' });
	assert.equal((await opened(bo)).type, 'DISPLAY_DECLINED');
	assert.equal(read('ours').split('\n').length, 3);
	bo.drop();
});

await steps.step('quit: the desktop and what runs on it are gone', async () => {
	ada.send('CLOSE_DISPLAY', { display: 0, flags: 1 });
	await until('no desktop', async () => (await host.api('GET', 'display/state')).own_desktops.length === 0);
	ada.drop();
});

await steps.step('lodged ends and leaves nothing', () => host.stop());
steps.close();
