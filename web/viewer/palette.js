// Palette tiles (docs/protocol.md §4, format 2): few colours, packed indices, one LZ4 block.

import { decompressBlock } from './vendor/lz4.js';

export function bitsFor(colours) {
	return colours <= 2 ? 1 : colours <= 4 ? 2 : colours <= 16 ? 4 : 8;
}

let unpacked = new Uint8Array(64 * 1024); // reused: tiles are unpacked one after the other

/** The tile's pixels as RGBA bytes. Throws when the tile is broken. */
export function unpackPalette({ width, height, bytes }) {
	const count = bytes[0] + 1;
	const head = 1 + count * 3;
	if (bytes.length < head)
		throw new RangeError('the palette is cut short');
	const colours = new Uint32Array(256); // RGBA in memory order, little-endian
	for (let i = 0; i < count; i++)
		colours[i] = 0xff000000 | bytes[1 + i * 3] << 16 | bytes[2 + i * 3] << 8 | bytes[3 + i * 3];
	const bits = bitsFor(count);
	const stride = Math.ceil(width * bits / 8);
	if (unpacked.length < stride * height)
		unpacked = new Uint8Array(stride * height);
	const size = decompressBlock(bytes, unpacked, head, bytes.length - head, 0);
	if (size !== stride * height)
		throw new RangeError('the indices do not fill the tile');
	const pixels = new Uint32Array(width * height);
	const mask = (1 << bits) - 1;
	for (let y = 0, out = 0; y < height; y++) {
		const row = y * stride;
		if (bits === 8) {
			for (let x = 0; x < width; x++)
				pixels[out++] = colours[unpacked[row + x]];
		} else {
			for (let x = 0, bit = 0; x < width; x++, bit += bits)
				pixels[out++] = colours[unpacked[row + (bit >> 3)] >> (bit & 7) & mask];
		}
	}
	return new Uint8ClampedArray(pixels.buffer);
}
