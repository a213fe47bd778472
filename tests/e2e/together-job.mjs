// People on one desktop, as it goes over the wire: lodged and sway are real, the clients speak the protocol.
//   node tests/e2e/together-job.mjs BUILD

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { Steps, until } from './browser.mjs';
import { Host } from './host.mjs';
import { WireClient } from './wire-client.mjs';

const [, , build] = process.argv;
const steps = new Steps();
const host = await new Host(build, ['foot sh']).ready();
const TOGETHER = ['PERSON', 'CONTROL_STATE', 'GRANTS', 'POINTER'];
const [ada, bo, cy] = ['ada', 'bo', 'cy'].map((label) => new WireClient(host, label));

const ask = (...call) => host.api(...call);
const rule = (fields) => ask('PUT', 'display/settings',
	{ preset: 'custom', topology: 'extend', mode_conflict: 'join', keep_alive: { mode: 'off' }, ...fields });
const typed = join(host.folder, 'typed');
const said = () => existsSync(typed) ? readFileSync(typed, 'utf8') : '';
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

await steps.step('with presence off, nobody hears of anybody', async () => {
	for (const client of [ada, bo, cy]) {
		assert.equal((await client.attach(host.pin())).type, 'WELCOME');
		client.drop();
	}
	await rule({});
	await ada.attach();
	assert.equal((await ada.open(800, 600)).width, 800);
	await bo.attach();
	assert.equal((await bo.open(640, 480)).flags & 2, 2);
	// The terminal may not be there yet, and what is typed before is lost.
	const ready = join(host.folder, 'ready');
	await until('a shell', async () => {
		ada.type(`: > ${ready}\n`);
		await pause(100);
		return existsSync(ready);
	});
	ada.type(`cat > ${typed}\n`);
	await until('its input', () => existsSync(typed));
	await pause(700);
	for (const client of [ada, bo])
		assert.deepEqual(client.heard.filter(({ type }) => TOGETHER.includes(type)), []);
});

await steps.step('turned on, everybody hears of everybody once', async () => {
	await rule({ presence: { enabled: true, controlling_seconds: 2, watching_seconds: 60 } });
	await until('both', () => ada.names().join() === 'ada,bo' && bo.names().join() === 'ada,bo');
	// Ada has just typed: that she rests is told, too.
	await until('both at rest', () => [...ada.people.values()].every(({ state }) => state === 1));
	const since = ada.heard.length;
	await cy.attach();
	await cy.open(640, 480);
	await until('three', () => [ada, bo, cy].every((one) => one.names().join() === 'ada,bo,cy'));
	assert.equal(ada.messages('PERSON', since).length, 1);
	assert.deepEqual([...cy.people.values()].filter(({ flags }) => flags & 1).map(({ name }) => name), ['cy']);
});

await steps.step('who gives input is driving, and is watching again when it rests; nothing repeats', async () => {
	const since = bo.heard.length;
	ada.type('a');
	ada.type('b');
	const hear = (state) => bo.hear((message) => message.type === 'PERSON' && message.name === 'ada' && message.state === state, since);
	await hear(2);
	await hear(1);
	assert.deepEqual(bo.messages('PERSON', since).map(({ name, state: now }) => [name, now]), [['ada', 2], ['ada', 1]]);
});

await steps.step('a pointer is shown to those who see the display', async () => {
	const since = bo.heard.length;
	ada.send('POINTER_ABSOLUTE', { display: 0, x: 321, y: 123 });
	const told = await bo.hear(({ type }) => type === 'POINTER', since);
	const person = [...bo.people.values()].find(({ name }) => name === 'ada').person;
	assert.deepEqual([told.person, told.x, told.y, told.visible], [person, 321, 123, true]);
	assert.equal(ada.messages('POINTER').length, 0);
});

await steps.step('a second device of one person does not make it two, and closing one leaves it', async () => {
	const fingerprint = async (label) => (await ask('GET', 'clients')).clients.find((one) => one.label === label).fingerprint;
	for (const label of ['bo', 'cy'])
		await ask('PATCH', `clients/${await fingerprint(label)}`, { user: 'robert' });
	const robert = () => [...ada.people.values()].find(({ name }) => name === 'robert');
	await until('two people', () => ada.names().join() === 'ada,robert' && robert().sessions === 2);
	cy.drop();
	await until('one device', () => robert()?.sessions === 1);
	assert.equal(ada.names().join(), 'ada,robert');
	for (const label of ['bo', 'cy'])
		await ask('PATCH', `clients/${await fingerprint(label)}`, { user: '' });
	await cy.attach();
	await cy.open(640, 480);
	await until('cy', () => ada.names().includes('cy'));
});

await steps.step('one at a time: the first who asks drives, the others are not let through', async () => {
	await rule({ presence: { enabled: true }, control: 'one-at-a-time' });
	await until('the mode', () => [ada, bo, cy].every((one) => one.control?.mode === 1));
	ada.send('CONTROL', { action: 1, session: 0 });
	await until('ada drives', () => bo.control.holder === ada.session && bo.control.holderName === 'ada');
	bo.type('NO');
	ada.type('yes');
	ada.type('\n');
	await until('the text', () => said().includes('yes'));
	assert.ok(!said().includes('NO'), said());
});

await steps.step('a request is granted, with every held key released first', async () => {
	bo.send('CONTROL', { action: 1, session: 0 });
	await until('the request', () => ada.control.asking === bo.session && ada.control.leftMs > 0);
	await until('bo’s place', () => bo.control.place === 1);
	ada.key(42, true); // Shift stays down
	ada.send('CONTROL', { action: 3, session: bo.session });
	await until('bo drives', () => [ada, bo, cy].every((one) => one.control.holder === bo.session));
	bo.key(16, true); // q, not Q
	bo.key(16, false);
	bo.type('\n');
	await until('the key', () => /q\n$/.test(said()));
	ada.key(42, false);
});

await steps.step('a request is denied; the line keeps its order; the next one is promoted when the holder leaves', async () => {
	const since = cy.heard.length;
	cy.send('CONTROL', { action: 1, session: 0 });
	await until('the request', () => bo.control.asking === cy.session);
	bo.send('CONTROL', { action: 4, session: cy.session });
	await cy.hear(({ type, code }) => type === 'NOTICE' && code === 6, since);
	ada.send('CONTROL', { action: 1, session: 0 });
	await until('two wait', () => bo.control.waiting === 2);
	bo.send('CONTROL', { action: 5, session: 0 });
	await until('cy drives', () => ada.control.holder === cy.session);
	assert.equal(ada.control.place, 1);
});

await steps.step('a holder whose connection drops has five seconds to come back', async () => {
	const before = cy.session;
	cy.drop();
	await pause(300);
	assert.equal(ada.control.holder, before);
	await cy.attach();
	await cy.open(640, 480);
	await until('cy drives again', () => ada.control.holder === cy.session && cy.session !== before);
	cy.drop();
	await until('ada drives', () => ada.control.holder === ada.session);
});

await steps.step('refusals are said, and floods of requests end nothing', async () => {
	const since = bo.heard.length;
	bo.send('CONTROL', { action: 3, session: 12345 });
	await bo.hear(({ type, code }) => type === 'NOTICE' && code === 5, since);
	for (let i = 0; i < 500; i++)
		bo.send('CONTROL', { action: 1 + i % 2, session: 0 });
	await pause(500);
	assert.equal(bo.closed, false);
	assert.equal(ada.control.holder, ada.session);
});

await steps.step('free again: everybody may drive', async () => {
	await rule({ presence: { enabled: true }, control: 'free' });
	await until('the mode', () => [ada, bo].every((one) => one.control.mode === 0));
	bo.type('all\n');
	await until('the text', () => said().includes('all'));
});

await steps.step('who may only watch, only watches, and is told at once; a time that is over gives it back', async () => {
	const { fingerprint } = (await ask('GET', 'clients')).clients.find((one) => one.label === 'bo');
	const since = bo.heard.length;
	await ask('PATCH', `clients/${fingerprint}`, { grants: { preset: 'view', temporary: { seconds: 8 } } });
	const told = await bo.hear(({ type }) => type === 'GRANTS', since);
	assert.equal(told.grants, 0);
	assert.ok(told.seconds > 0 && told.seconds <= 8);
	bo.type('NEVER\n');
	await until('the mark', () => [...ada.people.values()].find(({ name }) => name === 'bo')?.flags & 2);
	await bo.hear(({ type, grants }) => type === 'GRANTS' && grants !== 0, since);
	bo.type('again\n');
	await until('the text', () => said().includes('again'));
	assert.ok(!said().includes('NEVER'));
	assert.equal(host.log.split('may not use the keyboard').length, 2);
});

await steps.step('a guest comes by an invitation, may what it says, and is sent away with it', async () => {
	const made = await ask('POST', 'invitations', { preset: 'view', uses: 1, label: 'visitor' });
	const guest = new WireClient(host, 'somebody');
	assert.equal((await guest.attach('00000000')).type, 'REFUSED');
	assert.equal((await guest.attach(made.pin)).label, 'visitor');
	assert.equal(guest.grants, 0);
	await guest.open(640, 480);
	await until('the guest', () => ada.names().includes('visitor'));
	guest.drop();
	await until('its absence', () => !ada.names().includes('visitor'));
	assert.equal((await guest.attach()).label, 'visitor');
	await guest.open(640, 480);
	await until('its return', () => ada.names().includes('visitor'));
	const late = new WireClient(host, 'late');
	assert.equal((await late.attach(made.pin)).type, 'REFUSED');
	assert.ok(!host.log.includes(made.pin));
	await ask('DELETE', `invitations/${made.id}?end_guests=true`);
	await until('its end', () => guest.closed && !ada.names().includes('visitor'));
	assert.equal((await guest.attach()).type, 'REFUSED');
});

await steps.step('turned off, everybody forgets everybody', async () => {
	await rule({});
	await until('nobody', () => ada.names().length === 0 && bo.names().length === 0);
	const since = ada.heard.length;
	bo.type('x');
	await pause(400);
	assert.deepEqual(ada.heard.slice(since).filter(({ type }) => TOGETHER.includes(type)), []);
});

for (const client of [ada, bo, cy])
	client.drop();
await steps.step('lodged ends cleanly', () => host.stop());
steps.close();
