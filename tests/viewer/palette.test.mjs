import assert from 'node:assert/strict';
import { test } from 'node:test';

import { bitsFor, unpackPalette } from '../../web/viewer/palette.js';

const RED = [0, 0, 255]; // blue, green, red
const BLUE = [255, 0, 0];

/** An LZ4 block of literals alone. */
function literals(bytes) {
	return [bytes.length << 4, ...bytes];
}

test('an index takes the fewest bits that tell the colours apart', () => {
	assert.deepEqual([2, 3, 4, 5, 16, 17, 256].map(bitsFor), [1, 2, 2, 4, 4, 8, 8]);
});

test('packed indices become pixels, the leftmost in the lowest bits, rows at bytes', () => {
	const bytes = Uint8Array.from([1, ...RED, ...BLUE, ...literals([0b00000101, 0b00000010])]);
	const pixels = unpackPalette({ width: 3, height: 2, bytes });
	const reds = [];
	for (let i = 0; i < 6; i++) {
		reds.push(pixels[i * 4]);
		assert.equal(pixels[i * 4 + 3], 255);
	}
	assert.deepEqual(reds, [0, 255, 0, 255, 0, 255]);
});

test('a palette that is cut short, or indices that do not fill the tile, are refused', () => {
	assert.throws(() => unpackPalette({ width: 3, height: 2, bytes: Uint8Array.from([200, 1, 2, 3]) }), RangeError);
	const bytes = Uint8Array.from([1, ...RED, ...BLUE, ...literals([1])]);
	assert.throws(() => unpackPalette({ width: 3, height: 2, bytes }), RangeError);
});
