// Rectangles on the map: snapping, steps, places.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { bounds, overlap, parkDark, placeOf, positionsWith, snap, step, withMargin } from '../../web/console/arrange.js';

const rect = (x, y, width = 1920, height = 1080) => ({ x, y, width, height });
const mode = (width, height, scale_percent = 100) => ({ width, height, scale_percent });

test('the bounds hold every rectangle, and a margin is added on all sides', () => {
	const box = bounds([rect(-100, 50, 100, 100), rect(200, 0, 300, 100)]);
	assert.deepEqual(box, rect(-100, 0, 600, 150));
	assert.deepEqual(withMargin(box, 0.1), rect(-160, -60, 720, 270));
});

test('an edge that comes near another one meets it, in each direction by itself', () => {
	assert.deepEqual(snap(rect(1910, 500), [rect(0, 0)], 20), rect(1920, 500));
	assert.deepEqual(snap(rect(1935, -12), [rect(0, 0)], 20), rect(1920, 0));
	assert.deepEqual(snap(rect(1950, 40), [rect(0, 0)], 20), rect(1950, 40));
});

test('of two edges the nearer one wins', () => {
	assert.equal(snap(rect(1907, 3000), [rect(0, 0), rect(1900, 0)], 20).x, 1900);
});

test('a step goes its way, and stops at an edge that it would pass', () => {
	assert.deepEqual(step(rect(2000, 0), -8, 0, [rect(0, 0)]), rect(1992, 0));
	assert.deepEqual(step(rect(1923, 0), -8, 0, [rect(0, 0)]), rect(1920, 0));
	assert.deepEqual(step(rect(1920, 0), -8, 0, [rect(0, 0)]), rect(1912, 0), 'an edge that was reached holds nothing');
	assert.deepEqual(step(rect(1921, 0), 1, 0, [rect(0, 0)]), rect(1922, 0));
});

test('no place lies beyond what the host takes', () => {
	assert.equal(step(rect(32766, 0), 8, 0, []).x, 32767);
	assert.equal(snap(rect(0, -40000), [], 20).y, -32768);
	assert.equal(snap(rect(10.4, 0.6), [], 20).x, 10, 'whole pixels');
});

test('rectangles that touch do not overlap', () => {
	assert.ok(!overlap(rect(0, 0), rect(1920, 0)));
	assert.ok(overlap(rect(0, 0), rect(1919, 1079)));
});

test('a display without a place yet has the size of its mode', () => {
	assert.deepEqual(placeOf({ place: rect(10, 0, 0, 0), mode: mode(3840, 2160, 200) }), rect(10, 0));
	assert.deepEqual(placeOf({ place: rect(5, 6, 7, 8), mode: mode(1, 1) }), rect(5, 6, 7, 8));
});

test('dark outputs are drawn in a row below the desktop, over nothing', () => {
	const box = rect(0, 0, 4000, 1000);
	const parked = parkDark([
		{ place: rect(0, 0), mode: mode(1920, 1080) }, { place: rect(0, 0, 0, 0), mode: mode(800, 600) },
	], box).map((output) => output.place);
	assert.ok(parked.every((place) => place.y > 1000));
	assert.ok(!overlap(parked[0], parked[1]));
	assert.deepEqual([parked[1].width, parked[1].height], [800, 600]);
});

test('what was moved goes over where the displays are, and that over what was known', () => {
	const displays = [{ slot: 1, state: 'active', place: rect(0, 0) }, { slot: 2, state: 'lingering', place: rect(1920, 0) },
		{ slot: 0, state: 'active', place: rect(3840, 0) }, { slot: 4, state: 'closing', place: rect(5760, 0) }];
	const known = { 2: { x: 1, y: 1 }, 7: { x: 9, y: 9 } };
	assert.deepEqual(positionsWith(known, displays, new Map([[1, { x: -1920, y: 0 }]])),
		{ 1: { x: -1920, y: 0 }, 2: { x: 1920, y: 0 }, 7: { x: 9, y: 9 } });
	assert.deepEqual(positionsWith(undefined, displays.slice(0, 1), new Map()), { 1: { x: 0, y: 0 } });
});
