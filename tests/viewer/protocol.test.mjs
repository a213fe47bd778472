import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import {
	attachStatement, decode, encode, messageNames, ProtocolError, textPieces,
} from '../../web/viewer/protocol.js';

// Bytes written by hand from docs/protocol.md, not by the encoder. {hex} is a blob, {u64} a number too large for JSON.
const vectors = JSON.parse(readFileSync(new URL('vectors.json', import.meta.url), 'utf8'),
	(key, value) => {
		if (value?.u64 !== undefined)
			return BigInt(value.u64);
		return value?.hex !== undefined && value.type === undefined ? bytesOf(value.hex) : value;
	});

function bytesOf(hex) {
	return new Uint8Array(Buffer.from(hex, 'hex'));
}

function hexOf(bytes) {
	return Buffer.from(bytes).toString('hex');
}

/** Views and copies compare alike. */
function plain(value) {
	if (value instanceof Uint8Array)
		return hexOf(value);
	if (value instanceof Uint16Array || Array.isArray(value))
		return [...value].map(plain);
	if (value !== null && typeof value === 'object')
		return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, plain(one)]));
	return value;
}

test('there is a vector for every message', () => {
	const covered = new Set(vectors.map(({ type }) => type));
	assert.deepEqual(messageNames.filter((name) => !covered.has(name)), []);
});

for (const { type, hex, fields } of vectors) {
	test(`${type} is decoded from the documented bytes`, () => {
		assert.deepEqual(plain(decode(bytesOf(hex))), plain({ type, ...fields }));
	});

	test(`${type} is decoded at an odd address`, () => {
		const bytes = bytesOf(hex);
		const room = new Uint8Array(bytes.length + 1);
		room.set(bytes, 1);
		assert.deepEqual(plain(decode(room.subarray(1))), plain({ type, ...fields }));
	});

	if (type !== 'FRAME') {
		test(`${type} is encoded to the documented bytes`, () => {
			assert.equal(hexOf(encode(type, fields)), hex);
		});
	}

	// What stands behind its fields is the packet of such a message.
	const packet = { MICROPHONE: 'packet', AUDIO: 'packet', ICON: 'bytes' }[type];
	test(`${type} cut short or prolonged is refused`, () => {
		const bytes = bytesOf(hex);
		const shortest = packet ? bytes.length - fields[packet].length : bytes.length;
		for (let size = 0; size < shortest; size++)
			assert.throws(() => decode(bytes.subarray(0, size)), ProtocolError, `${size} bytes`);
		if (!packet)
			assert.throws(() => decode(new Uint8Array([...bytes, 0])), ProtocolError);
	});
}

test('a type that nobody defined is refused', () => {
	assert.throws(() => decode(bytesOf('7f')), ProtocolError);
});

test('text that is no UTF-8 is refused', () => {
	assert.throws(() => decode(bytesOf('8a01000100ff')), ProtocolError);
});

test('a tile of an unknown format is refused', () => {
	const { hex } = vectors.find(({ type }) => type === 'FRAME');
	const bytes = bytesOf(hex);
	bytes[24 + 8 + 8] = 3;
	assert.throws(() => decode(bytes), ProtocolError);
});

test('the statement that is signed is context, zero, nonce, authority', () => {
	const statement = attachStatement(new Uint8Array(32).fill(7), 'birch:7443');
	assert.equal(Buffer.from(statement).toString('latin1'),
		`lodge-v1 attach\0${'\x07'.repeat(32)}birch:7443`);
});

test('long text is cut between characters, each piece within the limit', () => {
	const text = 'a€😀'.repeat(900);
	const pieces = [...textPieces(text, 100)];
	assert.equal(pieces.join(''), text);
	assert.ok(pieces.every((piece) => Buffer.byteLength(piece) <= 100));
	assert.ok(pieces.every((piece) => piece.isWellFormed?.() ?? true));
});

test('text without anything in it sends nothing, and NUL is left out', () => {
	assert.deepEqual([...textPieces('')], []);
	assert.deepEqual([...textPieces('a\0b')], ['ab']);
});

test('text of the longest piece fits into a message', () => {
	const [piece] = textPieces('€'.repeat(3000));
	assert.equal(decode(encode('TEXT', { text: piece }).slice()).text, piece);
});
