// The small pure parts: words, places, wheels, sizes, statistics.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { catalogues, pickLanguage } from '../../web/viewer/i18n.js';
import { toDisplay, wheelStep } from '../../web/viewer/pointer.js';
import { declines, ends, notices, refusals } from '../../web/viewer/protocol.js';
import { defaultLabel } from '../../web/viewer/settings.js';
import { stageScale } from '../../web/viewer/stage.js';
import { ClockOffset, percentile, Stats } from '../../web/viewer/stats.js';

test('every language has the same words, with the same places to fill', () => {
	const places = (words) => [...words.matchAll(/\{\w+\}/g)].map(([one]) => one).sort();
	for (const [tag, words] of Object.entries(catalogues)) {
		assert.deepEqual(Object.keys(words).sort(), Object.keys(catalogues.en).sort(), tag);
		for (const [name, text] of Object.entries(words))
			assert.deepEqual(places(text), places(catalogues.en[name]), `${tag} ${name}`);
	}
});

test('every code of the protocol has words', () => {
	for (const [prefix, names] of Object.entries({ refused: refusals, declined: declines, ended: ends, notice: notices })) {
		for (const name of names)
			assert.ok(catalogues.en[`${prefix}_${name}`], `${prefix}_${name}`);
	}
});

test('the language is the chosen one, else the first of the browser\'s that there is, else English', () => {
	assert.equal(pickLanguage('de', ['en-GB']), 'de');
	assert.equal(pickLanguage('auto', ['fr-FR', 'de-AT', 'en']), 'de');
	assert.equal(pickLanguage('auto', ['fr']), 'en');
});

test('a place on the element becomes a pixel of the display, never one beyond it', () => {
	assert.equal(toDisplay(10, 10, 400, 800), 0);
	assert.equal(toDisplay(210, 10, 400, 800), 400);
	assert.equal(toDisplay(410, 10, 400, 800), 799);
	assert.equal(toDisplay(5, 10, 400, 800), 0);
});

test('a detent of a wheel is 120, whatever the browser calls it', () => {
	const detent = { distance: 15 * 256, v120: 120 };
	assert.deepEqual(wheelStep(100, -120, 0), detent);
	assert.deepEqual(wheelStep(120, -120, 0), detent);
	assert.deepEqual(wheelStep(3, undefined, 1), detent);
	assert.deepEqual(wheelStep(-100, 120, 0), { distance: -15 * 256, v120: -120 });
});

test('a touchpad scrolls by pixels, without detents', () => {
	assert.deepEqual(wheelStep(4, -12, 0), { distance: 4 * 256, v120: 0 });
	assert.deepEqual(wheelStep(40, -120, 0), { distance: 40 * 256, v120: 0 });
});

test('a display as large as the window is not scaled, a larger one shrinks, a much smaller one grows', () => {
	const scale = (width, height, fit = 'scale') =>
		stageScale({ fit, windowWidth: 1000, windowHeight: 500, width, height });
	assert.equal(scale(1000, 500), 1);
	assert.equal(scale(999, 499), 1);
	assert.equal(scale(2000, 500), 0.5);
	assert.equal(scale(500, 250), 2);
	assert.equal(scale(2000, 500, 'exact'), 1);
});

test('a label names browser and system', () => {
	const linux = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36';
	assert.equal(defaultLabel(linux, []), 'Chromium on Linux');
	assert.equal(defaultLabel(linux, [{ brand: 'Not)A;Brand' }, { brand: 'Chromium' }, { brand: 'Google Chrome' }]),
		'Google Chrome on Linux');
	assert.equal(defaultLabel('Mozilla/5.0 (Windows NT 10.0; rv:153.0) Gecko/20100101 Firefox/153.0', []),
		'Firefox on Windows');
	assert.ok(new TextEncoder().encode(defaultLabel('', [])).length <= 64);
});

test('the clock offset is that of the shortest round trip', () => {
	const clock = new ClockOffset();
	clock.add(100, 5110, 120); // 20 ms there and back: offset 5000
	clock.add(200, 5290, 300); // 100 ms, and mostly one way
	assert.equal(clock.offsetMs, 5000);
});

test('statistics count what was shown in the last two seconds', () => {
	const stats = new Stats();
	stats.clock.add(0, 1000, 0); // the host's clock is a second ahead
	for (let i = 0; i < 60; i++)
		stats.shown((1000 + 10000 + i * 10) * 1e6, 10000 + i * 10 + (i < 30 ? 5 : 9));
	const shown = stats.snapshot(10700);
	assert.equal(shown.fps, 30);
	assert.equal(shown.captureToShownP50Ms, 9);
	assert.equal(shown.frames, 60);
	assert.equal(stats.snapshot(20000).fps, 0);
});

test('a percentile of nothing is nothing', () => {
	assert.equal(percentile([], 0.5), null);
	assert.equal(percentile([3, 1, 2], 0.5), 2);
});
