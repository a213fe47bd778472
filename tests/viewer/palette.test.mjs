import assert from 'node:assert/strict';
import { test } from 'node:test';

import { bitsFor, unpackPalette } from '../../web/viewer/palette.js';

/** An LZ4 block that only quotes: the shortest thing that unpacks to these bytes. */
function lz4Literals(bytes) {
	const head = bytes.length < 15 ? [bytes.length << 4] : [0xf0];
	if (bytes.length >= 15) {
		let rest = bytes.length - 15;
		for (; rest >= 255; rest -= 255)
			head.push(255);
		head.push(rest);
	}
	return [...head, ...bytes];
}

function tile(width, height, colours, rows) {
	return { width, height, bytes: new Uint8Array([colours.length - 1, ...colours.flat(), ...lz4Literals(rows)]) };
}

const pixel = (pixels, index) => [...pixels.subarray(index * 4, index * 4 + 4)];
const BLUE = [255, 0, 0]; // blue, green, red
const RED = [0, 0, 255];
const GREEN = [0, 255, 0];

test('an index takes the fewest of 1, 2, 4 and 8 bits', () => {
	assert.deepEqual([1, 2, 3, 4, 5, 16, 17, 256].map(bitsFor), [1, 1, 2, 2, 4, 4, 8, 8]);
});

test('two colours are a bit a pixel, the leftmost lowest, each row from a byte on', () => {
	const pixels = unpackPalette(tile(10, 2, [BLUE, RED], [0b00000010, 0b10, 0b00000001, 0]));
	assert.equal(pixels.length, 10 * 2 * 4);
	const red = [1, 9, 10];
	for (let i = 0; i < 20; i++)
		assert.deepEqual(pixel(pixels, i), red.includes(i) ? [255, 0, 0, 255] : [0, 0, 255, 255], `pixel ${i}`);
});

test('three colours are two bits a pixel', () => {
	const pixels = unpackPalette(tile(5, 1, [BLUE, RED, GREEN], [0b01_10_01_00, 0b10]));
	assert.deepEqual([0, 1, 2, 3, 4].map((i) => pixel(pixels, i).slice(0, 3)),
		[[0, 0, 255], [255, 0, 0], [0, 255, 0], [255, 0, 0], [0, 255, 0]]);
});

test('five colours are four bits a pixel', () => {
	const grey = [1, 2, 3, 4, 5].map((value) => [value, value, value]);
	const pixels = unpackPalette(tile(3, 1, grey, [0x41, 0x03]));
	assert.deepEqual([0, 1, 2].map((i) => pixel(pixels, i)[0]), [2, 5, 4]);
});

test('256 colours are a byte a pixel', () => {
	const colours = Array.from({ length: 256 }, (_, i) => [255 - i, 7, i]);
	const rows = Array.from({ length: 256 }, (_, i) => i);
	const pixels = unpackPalette(tile(16, 16, colours, rows));
	for (const i of [0, 1, 17, 200, 255])
		assert.deepEqual(pixel(pixels, i), [i, 7, 255 - i, 255]);
});

test('a block that repeats is unpacked', () => {
	// one literal, then a match of 4 + 15 + 44 bytes at distance 1; the last five bytes are literals
	const block = [0x1f, 0x01, 0x01, 0x00, 44, 0x50, 0, 0, 0, 0, 0];
	const colours = Array.from({ length: 17 }, (_, i) => [0, 0, i]);
	const bytes = new Uint8Array([16, ...colours.flat(), ...block]);
	const pixels = unpackPalette({ width: 69, height: 1, bytes });
	assert.equal(pixel(pixels, 0)[0], 1);
	assert.equal(pixel(pixels, 63)[0], 1);
	assert.equal(pixel(pixels, 64)[0], 0);
});

test('a broken tile is refused: palette cut short, rows missing, rows too many', () => {
	assert.throws(() => unpackPalette({ width: 1, height: 1, bytes: new Uint8Array([5, 0, 0]) }), RangeError);
	assert.throws(() => unpackPalette(tile(8, 2, [BLUE, RED], [0])), RangeError);
	assert.throws(() => unpackPalette(tile(8, 1, [BLUE, RED], [0, 0])), RangeError);
});
