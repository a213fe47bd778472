// How people are together, at the console in Chromium against the fake API: who is here, who drives, rights and guests.
//   node tests/e2e/console-together-fake.mjs [folder for screenshots]

import assert from 'node:assert/strict';

import { ApiProblem, FakeApi } from '../console/fake-api.mjs';
import { FINGERPRINTS, furnish, gather } from '../console/scenes.mjs';
import { launchChromium, Steps, testId, until, violations } from './browser.mjs';
import { consolePages, flat, overhangs, textOf, toast, untilHeard } from './console-pages.mjs';

const shots = process.argv[2];
const TOPICS = ['displays', 'sessions', 'clients', 'pairing', 'settings', 'presence', 'control'];
const api = new FakeApi();
furnish(api);
await api.listen();
const browser = await launchChromium();
const steps = new Steps();
const { complaints, openPage, shot } = consolePages({ api, browser, shots });
const page = await openPage({ permissions: ['clipboard-read', 'clipboard-write'] }, '#sessions');

/** Of which the page knows. */
async function scene(furnished, change = () => {}) {
	furnished(api);
	change(api);
	await untilHeard(page, api.changed(...TOPICS));
}

const steered = (since) => api.asked('POST', '/control', since);
const patches = (name, since) => api.asked('PATCH', `/clients/${FINGERPRINTS[name]}`, since);
const puts = (since) => api.asked('PUT', '/display/settings', since);
/** The fields of segments are out of sight: it is their words that one clicks. */
const choose = (name) => page.locator('label', { has: testId(page, name) }).click();
const untilSaid = (name, pattern) => until(`${pattern} in ${name}`, async () => pattern.test(await textOf(page, name).catch(() => '')));

/** What is saved is seen in the list before its editor closes, when the host's event is faster than its answer. */
const untilClosed = () => until('no editor', async () => await testId(page, 'rights-editor').count() === 0);

// ── who is here

await steps.step('without presence and with everybody driving, the section says so and how to change it', async () => {
	await untilSaid('together', /Presence is off.*“Customise” turns it on/);
	assert.match(await textOf(page, 'together'), /Everybody who may give input gives it/);
	assert.equal(await testId(page, 'give-3').count(), 0);
});

await steps.step('people are switched on here, and the preset stays', async () => {
	const since = api.requests.length;
	await testId(page, 'together-settings').click();
	await testId(page, 'presence-enabled').check();
	assert.deepEqual(await violations(page), []);
	await testId(page, 'control-one-at-a-time').check();
	await testId(page, 'watching_seconds-count').fill('2');
	await testId(page, 'together-apply').click();
	await toast(page, 'Saved.');
	assert.deepEqual(puts(since), [{ version: 1, preset: 'default', max_displays: 4, control: 'one-at-a-time',
		presence: { enabled: true, controlling_seconds: 10, watching_seconds: 120 } }]);
	assert.ok(await testId(page, 'together-apply').isDisabled());
	await untilSaid('together', /Nobody is here.*Nobody has control/);
});

await steps.step('a time that the host refuses is said at its field, and Discard gives it up', async () => {
	await testId(page, 'controlling_seconds-count').fill('0');
	await testId(page, 'together-apply').click();
	await untilSaid('field-presence', /from 1 to 86400/);
	await testId(page, 'together-discard').click();
	assert.equal(await testId(page, 'controlling_seconds-count').inputValue(), '10');
});

await steps.step('seats that this desktop lacks are greyed with the reason', async () => {
	api.cannot('seats', 'shared', 'a-word-that-is-new', 'This desktop has one seat.');
	api.changed('settings');
	await untilSaid('input-seat-per-client-reason', /This desktop has one seat/);
	assert.equal(await testId(page, 'input-seat-per-client').getAttribute('aria-disabled'), 'true');
	await testId(page, 'together-settings').click();
});

await steps.step('each person has a state in words and a shape of its own', async () => {
	await scene(gather);
	await untilSaid('person-1', /Ada Drives Notebook · Slot 2 · Browser, Program · 1 h 10 min · 2 devices/);
	assert.match(await textOf(page, 'person-2'), /Tablet Watches Slot 1 · Browser · 12 min/);
	assert.match(await textOf(page, 'person-3'), /Living room Idle/);
	assert.match(await textOf(page, 'person-4'), /Visitor Watches · may only watch/);
	const looks = await page.locator('.person-row .state-sign').evaluateAll((signs) => signs.slice(0, 3)
		.map((sign) => [sign.querySelector('path').getAttribute('d'), getComputedStyle(sign).color]));
	assert.equal(new Set(looks.map(([shape]) => shape)).size, 3);
	assert.equal(new Set(looks.map(([, colour]) => colour)).size, 3);
	assert.match(await textOf(page, 'session-6'), /Visitor Guest .*Rights Watch/);
	assert.deepEqual(await violations(page), []);
	await shot(page, 'together');
});

await steps.step('a state that changes is seen without a reload', async () => {
	api.people = api.people.map((one) => (one.person === 3 ? { ...one, state: 'controlling' } : one));
	api.changed('presence');
	await untilSaid('person-3', /Living room Drives/);
	assert.equal(await testId(page, 'person-3').getAttribute('data-state'), 'controlling');
});

// ── control

await steps.step('who drives and who waits is told in the order of the line, with the time that is left to answer', async () => {
	assert.match(await textOf(page, 'holder'), /Notebook \(Ada\) has control/);
	assert.deepEqual(await page.locator('[data-testid^=waiting-]').evaluateAll((rows) => rows.map((row) => row.dataset.testid)),
		['waiting-5', 'waiting-3']);
	assert.match(await textOf(page, 'waiting-3'), /Tablet 0:0\d/);
	assert.equal(await testId(page, 'waiting-5').locator('[data-testid=countdown]').count(), 0);
	assert.match(await textOf(page, 'session-4'), /Notebook has control/);
});

await steps.step('a request is granted or denied, control is given to somebody else and taken away', async () => {
	const since = api.requests.length;
	await testId(page, 'grant-3').click();
	await toast(page, 'Tablet has control now.');
	await untilSaid('holder', /Tablet has control/);
	await testId(page, 'refuse-5').click();
	await toast(page, 'Living room does not wait for control any more.');
	await untilSaid('together', /Nobody waits for it/);
	await testId(page, 'give-4').click();
	await untilSaid('holder', /Notebook/);
	assert.equal(await testId(page, 'give-4').count(), 0, 'the holder is given nothing');
	assert.equal(await testId(page, 'give-6').count(), 0, 'who may only watch is given nothing');
	await testId(page, 'take-away').click();
	await untilSaid('holder', /Nobody has control/);
	assert.deepEqual(steered(since), [{ action: 'grant', session: 3 }, { action: 'deny', session: 5 }, { action: 'give', session: 4 },
		{ action: 'release' }]);
});

await steps.step('a refusal of control is said in words', async () => {
	await scene(gather);
	await until('the line', () => testId(page, 'grant-3').isVisible());
	api.refuse.set('POST /control', new ApiProblem(409, 'control does not allow it now', { refusal: 'not-in-line' }));
	await testId(page, 'grant-3').click();
	await untilSaid('together', /does not wait for control any more/);
});

await steps.step('a new request is said to those who do not see it; a holder that is gone has its time', async () => {
	api.control = { holder: 4, away_for: 40, line: [{ session: 5, asks_for: 10 }] };
	api.changed('control');
	await until('the words', async () => (await testId(page, 'announced').textContent()).includes('Living room asks for control.'));
	assert.match(await textOf(page, 'holder'), /may come back within \d+ s/);
});

// ── rights

await steps.step('rights are shown where they are not everything, with what rules for a time', async () => {
	await scene(gather);
	await testId(page, 'nav-clients').click();
	await untilSaid('client-09d7e6a2', /Rights Gamepad Until 15 Jan 2027, \d\d:\d\d: Everything/);
	assert.match(await textOf(page, 'client-b81e0c5d'), /Person Ada/);
	assert.equal(await testId(page, 'client-4f3a91c0').locator('[data-testid=rights-line]').count(), 0);
});

await steps.step('a preset ticks its boxes, ticking boxes leads to its name, and what is saved counts', async () => {
	const since = api.requests.length;
	await testId(page, 'client-4f3a91c0').locator('[data-testid=rights]').click();
	await choose('rights-view');
	assert.equal(await testId(page, 'rights-pointer').isChecked(), false);
	await testId(page, 'rights-gamepad').check();
	assert.ok(await testId(page, 'rights-controller').isChecked());
	await testId(page, 'rights-pointer').check();
	assert.match(await textOf(page, 'rights-rights'), /What is ticked and nothing else/);
	assert.deepEqual(await violations(page), []);
	await shot(page, 'rights');
	await testId(page, 'rights-save').click();
	await untilSaid('client-4f3a91c0', /Rights Pointer, Gamepad/);
	await untilClosed();
	assert.deepEqual(patches('tablet', since), [{ grants: { planes: ['pointer', 'gamepad'] } }]);
});

await steps.step('rights for a time, or until the client leaves, are asked for as such; a fault is said at the time', async () => {
	const since = api.requests.length;
	await testId(page, 'client-4f3a91c0').locator('[data-testid=rights]').click();
	await choose('rights-full');
	await testId(page, 'rights-term').selectOption({ label: 'For a time' });
	await testId(page, 'rights-count').fill('99');
	await testId(page, 'rights-unit').selectOption({ label: 'days' });
	await testId(page, 'rights-save').click();
	await until('the fault', async () => await page.locator('[data-fault="/grants/temporary"]').count() === 1);
	await testId(page, 'rights-count').fill('2');
	await testId(page, 'rights-unit').selectOption({ label: 'hours' });
	await testId(page, 'rights-save').click();
	await untilSaid('client-4f3a91c0', /Until .*: Everything/);
	await untilClosed();
	assert.deepEqual(patches('tablet', since).at(-1), { grants: { preset: 'full', temporary: { seconds: 7200 } } });
	await testId(page, 'client-b81e0c5d').locator('[data-testid=rights]').click();
	await choose('rights-view');
	await testId(page, 'rights-term').selectOption({ label: 'Until it leaves' });
	await testId(page, 'rights-save').click();
	await untilSaid('client-b81e0c5d', /Until it leaves: Watch/);
	await untilClosed();
	assert.deepEqual(patches('notebook', since), [{ grants: { preset: 'view', temporary: { until_leave: true } } }]);
});

await steps.step('another person for a client ends none of its temporary rights; what lasts ends them', async () => {
	const since = api.requests.length;
	const phone = testId(page, 'client-09d7e6a2');
	await phone.locator('[data-testid=rights]').click();
	await testId(page, 'rights-user').fill(' Ada ');
	await testId(page, 'rights-save').click();
	await untilSaid('client-09d7e6a2', /Person Ada.*Until/);
	await untilClosed();
	await phone.locator('[data-testid=rights]').click();
	await testId(page, 'rights-term').selectOption({ label: 'For good' });
	await testId(page, 'rights-save').click();
	await until('no term', async () => !/Until/.test(await flat(phone)));
	assert.deepEqual(patches('phone', since), [{ user: 'Ada' }, { grants: { preset: 'controller' } }]);
});

// ── guests

await steps.step('an invitation is made: link and PIN are shown once, with the focus on them, and copied by a button', async () => {
	await scene(gather);
	await testId(page, 'nav-pairing').click();
	await until('the form', () => testId(page, 'invite').isVisible());
	assert.deepEqual(await violations(page), []);
	const since = api.requests.length;
	await testId(page, 'invite-label').fill('Aunt');
	await testId(page, 'invite-uses').fill('2');
	await testId(page, 'invite-keyboard').check();
	await testId(page, 'invite-stay').selectOption({ label: 'For a time' });
	await testId(page, 'invite').click();
	await testId(page, 'invitation-made').waitFor();
	assert.deepEqual(api.asked('POST', '/invitations', since), [{ planes: ['keyboard'], seconds: 3600, uses: 2, stay_seconds: 7200,
		label: 'Aunt' }]);
	assert.equal(await page.evaluate(() => document.activeElement.id), 'made-title');
	const link = await testId(page, 'invitation-link').inputValue();
	assert.match(link, /^https:\/\/127\.0\.0\.1:\d+\/\?invite=[0-9a-f]{16}$/);
	const pin = await testId(page, 'invitation-pin').inputValue();
	assert.match(pin, /^\d{8}$/);
	await testId(page, 'copy-pin').click();
	await untilSaid('invitation-made', /Copied\./);
	assert.equal(await page.evaluate(() => navigator.clipboard.readText()), pin);
	assert.deepEqual(await violations(page), []);
	await shot(page, 'invitation', true);
	await testId(page, 'invitation-done').click();
	await until('the form again', () => testId(page, 'invite').isVisible());
	assert.equal(await page.getByText(pin).count(), 0);
	await untilSaid(`invitation-${link.slice(-16)}`, /Aunt Keyboard · lets 2 more in/);
});

await steps.step('a fault of an invitation is said at its field', async () => {
	await testId(page, 'invite-uses').fill('99');
	await testId(page, 'invite').click();
	await until('the fault', async () => /from 1 to 64/.test(await flat(page.locator('#uses-fault'))));
	assert.equal(await testId(page, 'invite-uses').getAttribute('aria-invalid'), 'true');
});

await steps.step('an invitation is revoked after a yes; its guests stay or go', async () => {
	const [used, open] = api.invitations.map(({ id }) => id);
	const since = api.requests.length;
	await testId(page, `revoke-${open}`).click();
	assert.equal(await testId(page, 'milder').count(), 0);
	await testId(page, 'yes').click();
	await until('one less', async () => await testId(page, `invitation-${open}`).count() === 0);
	await testId(page, `revoke-${used}`).click();
	await testId(page, 'milder').click();
	await untilSaid(`invitation-${used}`, /revoked 1 guest is here/);
	await testId(page, `revoke-${used}`).click();
	assert.deepEqual(await violations(page), []);
	await testId(page, 'yes').click();
	await until('one less', async () => await testId(page, `invitation-${used}`).count() === 0);
	assert.deepEqual(api.requests.slice(since).filter(({ method }) => method === 'DELETE').map(({ path }) => path),
		[`/invitations/${open}`, `/invitations/${used}`, `/invitations/${used}?end_guests=true`]);
});

// ── languages, looks, sizes

for (const [name, options] of [['German on 360 pixels', { locale: 'de-DE', viewport: { width: 360, height: 740 }, hasTouch: true }],
	['English by dark', { colorScheme: 'dark', reducedMotion: 'reduce' }]]) {
	await steps.step(`everything open in ${name}: nothing is cut off, and axe objects to nothing`, async () => {
		await scene(gather);
		const other = await openPage(options, '#sessions');
		await testId(other, 'together-settings').click();
		await until('the settings', () => testId(other, 'presence-enabled').isVisible());
		await other.evaluate(() => scrollTo(0, 0)); // nothing behind the bar at the top
		assert.deepEqual([await overhangs(other), await violations(other)], [[], []], 'sessions');
		await testId(other, 'nav-clients').click();
		await testId(other, 'rights').first().click();
		await until('the rights', () => testId(other, 'rights-user').isVisible());
		await other.evaluate(() => scrollTo(0, 0));
		assert.deepEqual([await overhangs(other), await violations(other)], [[], []], 'clients');
		await testId(other, 'nav-pairing').click();
		await testId(other, 'invite').click();
		await testId(other, 'invitation-made').waitFor();
		await other.evaluate(() => scrollTo(0, 0));
		assert.deepEqual([await overhangs(other), await violations(other)], [[], []], 'pairing');
		const pin = testId(other, 'invitation-pin');
		assert.ok(await pin.evaluate((field) => field.scrollWidth <= field.clientWidth), 'the PIN is seen whole');
		await other.context().close();
	});
}

await steps.step('no page complained', () => assert.deepEqual(complaints, []));

await browser.close();
await api.close();
steps.close();
