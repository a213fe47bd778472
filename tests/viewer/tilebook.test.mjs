import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isNewer, TileBook } from '../../web/viewer/tilebook.js';

const rect = (x, y, width, height) => ({ x, y, width, height });
const flat = (rects) => rects.flatMap(({ x, y, width, height }) => [x, y, width, height]);
const area = (rects) => rects.reduce((sum, { width, height }) => sum + width * height, 0);

function draw(book, sequence, where) {
	book.expect(sequence);
	return book.drawn(sequence, where);
}

test('sequence numbers are compared across their wrap', () => {
	assert.ok(isNewer(1, 0xffffffff));
	assert.ok(!isNewer(0xffffffff, 1));
	assert.ok(!isNewer(5, 5));
});

test('video that is shown clears an older tile under it', () => {
	const book = new TileBook(640, 360);
	draw(book, 1, rect(64, 64, 64, 64));
	book.videoCame(2, flat([rect(0, 0, 640, 360)]));
	assert.deepEqual(book.shown(2), [rect(64, 64, 64, 64)]);
});

test('a tile stays until the picture is shown', () => {
	const book = new TileBook(640, 360);
	draw(book, 1, rect(64, 64, 64, 64));
	assert.deepEqual(book.videoCame(2, flat([rect(0, 0, 640, 360)])), []);
	assert.deepEqual(book.shown(1), []);
});

test('video elsewhere leaves a tile alone', () => {
	const book = new TileBook(640, 360);
	draw(book, 1, rect(64, 64, 64, 64));
	book.videoCame(2, flat([rect(128, 64, 128, 128)]));
	assert.deepEqual(book.shown(2), []);
});

test('only the part under the video goes', () => {
	const book = new TileBook(640, 360);
	draw(book, 1, rect(64, 64, 64, 64));
	book.videoCame(2, flat([rect(70, 70, 10, 20)]));
	assert.deepEqual(book.shown(2), [rect(70, 70, 10, 20)]);
});

test('a tile of the same frame as the video stays', () => {
	const book = new TileBook(640, 360);
	book.videoCame(2, flat([rect(0, 0, 640, 360)]));
	draw(book, 2, rect(64, 64, 64, 64));
	assert.deepEqual(book.shown(2), []);
});

test('a newer tile that covers a part of its cell keeps that part, the older rest goes', () => {
	const book = new TileBook(640, 360);
	draw(book, 1, rect(64, 64, 64, 64));
	book.videoCame(2, flat([rect(64, 64, 64, 64)]));
	draw(book, 3, rect(64, 64, 8, 16));
	const cleared = book.shown(2);
	assert.equal(area(cleared), 64 * 64 - 8 * 16);
	assert.ok(cleared.every(({ x, y }) => x >= 72 || y >= 80));
});

test('a tile that is unpacked after newer video was shown is taken back', () => {
	const book = new TileBook(640, 360);
	book.expect(1);
	book.videoCame(2, flat([rect(0, 0, 96, 96)]));
	book.shown(2);
	assert.deepEqual(book.drawn(1, rect(64, 64, 64, 64)), [rect(64, 64, 32, 32)]);
});

test('a picture that was never shown by itself counts with the next one', () => {
	const book = new TileBook(640, 360);
	draw(book, 1, rect(0, 0, 64, 64));
	book.videoCame(2, flat([rect(0, 0, 64, 64)]));
	book.videoCame(3, flat([rect(64, 0, 64, 64)]));
	assert.deepEqual(book.shown(3), [rect(0, 0, 64, 64)]);
});

test('a keyframe after a gap clears everything older', () => {
	const book = new TileBook(100, 70);
	draw(book, 1, rect(0, 0, 10, 10));
	draw(book, 1, rect(90, 65, 10, 5));
	book.videoCame(9, [], true);
	assert.deepEqual(book.shown(9), [rect(0, 0, 64, 64), rect(64, 64, 36, 6)]);
});

test('a page that is shown nothing keeps a bounded list', () => {
	const book = new TileBook(640, 360);
	for (let sequence = 0; sequence < 5000; sequence++)
		book.videoCame(sequence, flat([rect(0, 0, 640, 360)]));
	assert.ok(book.pending.length <= 241);
});

/** What the screen must show: for each pixel the newest shown layer, tracked pixel by pixel. */
class Model {
	constructor(width, height) {
		this.width = width;
		this.height = height;
		this.tile = new Int32Array(width * height).fill(-1); // sequence of the tile on the canvas, -1 none
	}

	paint({ x, y, width, height }, visit) {
		for (let row = y; row < Math.min(y + height, this.height); row++) {
			for (let column = x; column < Math.min(x + width, this.width); column++)
				visit(row * this.width + column);
		}
	}
}

function randomSource(seed) {
	let state = seed;
	return (limit) => {
		state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
		return Math.floor((state / 4294967296) * limit);
	};
}

test('after any order of drawing and showing, the canvas holds exactly the tiles that no newer shown video covers', () => {
	const width = 150;
	const height = 100;
	for (let seed = 1; seed <= 60; seed++) {
		const random = randomSource(seed);
		const book = new TileBook(width, height);
		const canvas = new Model(width, height);
		const wanted = new Model(width, height);
		const tiles = []; // not drawn yet
		const units = []; // not shown yet
		const shownUnits = [];
		const anyRect = () => {
			const x = random(width);
			const y = random(height);
			return rect(x, y, 1 + random(width - x), 1 + random(height - y));
		};
		const clear = (rects) => rects.forEach((one) => canvas.paint(one, (i) => { canvas.tile[i] = -1; }));
		const drawOne = () => {
			const { sequence, where } = tiles.shift();
			canvas.paint(where, (i) => { canvas.tile[i] = sequence; });
			clear(book.drawn(sequence, where));
			wanted.paint(where, (i) => { wanted.tile[i] = sequence; });
			for (const unit of shownUnits.filter((one) => one.sequence > sequence)) {
				for (const one of unit.rects)
					wanted.paint(one, (i) => { if (wanted.tile[i] === sequence) wanted.tile[i] = -1; });
			}
		};
		const showUpTo = (count) => {
			const last = units[count - 1].sequence;
			for (const unit of units.splice(0, count)) {
				shownUnits.push(unit);
				for (const one of unit.rects)
					wanted.paint(one, (i) => { if (wanted.tile[i] < unit.sequence) wanted.tile[i] = -1; });
			}
			clear(book.shown(last));
		};
		for (let sequence = 0; sequence < 80; sequence++) {
			if (random(2)) {
				const unit = { sequence, rects: [anyRect(), anyRect()] };
				units.push(unit);
				clear(book.videoCame(sequence, flat(unit.rects), false));
			}
			for (let n = random(3); n > 0; n--) {
				tiles.push({ sequence, where: anyRect() });
				book.expect(sequence);
			}
			while (tiles.length && random(3))
				drawOne();
			if (units.length && random(2))
				showUpTo(1 + random(units.length));
			assert.deepEqual(canvas.tile, wanted.tile, `seed ${seed}, sequence ${sequence}`);
		}
	}
});
