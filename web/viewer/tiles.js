// The exact layer: a canvas over the video, at the display's resolution.

import { unpackPalette } from './palette.js';
import { TileFormat } from './protocol.js';
import { TileBook } from './tilebook.js';

const BITMAP_OPTIONS = { colorSpaceConversion: 'none', premultiplyAlpha: 'none' };

export class TileLayer {
	constructor(canvas) {
		this.canvas = canvas;
		this.context = canvas.getContext('2d', { alpha: true });
		this.queue = []; // in the order of arrival; a tile is drawn when those before it are
		this.resize(canvas.width, canvas.height);
	}

	/** A new stream: nothing of the old one stays. */
	resize(width, height) {
		for (const entry of this.queue) {
			entry.bitmap?.close();
			entry.book = null;
			entry.finished?.();
		}
		this.queue = [];
		this.canvas.width = width;
		this.canvas.height = height;
		this.context.imageSmoothingEnabled = false;
		this.book = new TileBook(width, height);
	}

	/** Draws a frame's tiles as soon as they are unpacked; `finished` is called when the last one is drawn. */
	add(sequence, tiles, finished) {
		for (let i = 0; i < tiles.length; i++) {
			const entry = {
				book: this.book,
				sequence,
				tile: tiles[i],
				bitmap: null,
				ready: tiles[i].format !== TileFormat.PNG, // the others are unpacked where they are drawn
				finished: i === tiles.length - 1 ? finished : null,
			};
			this.book.expect(sequence);
			this.queue.push(entry);
			if (!entry.ready)
				this.unpack(entry);
		}
		this.drawReady();
	}

	unpack(entry) {
		const blob = new Blob([entry.tile.bytes], { type: 'image/png' });
		createImageBitmap(blob, BITMAP_OPTIONS).then(
			(bitmap) => {
				if (entry.book)
					entry.bitmap = bitmap;
				else
					bitmap.close();
			},
			(error) => console.error(`a tile of frame ${entry.sequence} is no picture:`, error),
		).then(() => {
			entry.ready = true;
			if (entry.book)
				this.drawReady();
		});
	}

	drawReady() {
		while (this.queue.length && this.queue[0].ready) {
			const entry = this.queue.shift();
			this.draw(entry);
			entry.finished?.();
		}
	}

	draw({ tile, bitmap, sequence }) {
		const { context, book } = this;
		if (tile.format === TileFormat.SOLID) {
			const [blue, green, red] = tile.bytes;
			context.fillStyle = `rgb(${red} ${green} ${blue})`;
			context.fillRect(tile.x, tile.y, tile.width, tile.height);
		} else if (tile.format === TileFormat.PALETTE) {
			if (!this.drawPalette(tile, sequence)) {
				book.failed();
				return;
			}
		} else if (bitmap) {
			context.drawImage(bitmap, tile.x, tile.y, tile.width, tile.height);
			bitmap.close();
		} else {
			book.failed();
			return;
		}
		this.clear(book.drawn(sequence, tile));
	}

	drawPalette(tile, sequence) {
		try {
			const image = new ImageData(unpackPalette(tile), tile.width, tile.height);
			this.context.putImageData(image, tile.x, tile.y);
			return true;
		} catch (error) {
			console.error(`a tile of frame ${sequence} is broken:`, error);
			return false;
		}
	}

	/** An access unit has come with the rectangles that it changes. */
	videoCame(sequence, rects, everything) {
		this.clear(this.book.videoCame(sequence, rects, everything));
	}

	/** Its picture is on the screen. */
	videoShown(sequence) {
		this.clear(this.book.shown(sequence));
	}

	dropPending() {
		this.book.dropPending();
	}

	clear(rects) {
		for (const rect of rects)
			this.context.clearRect(rect.x, rect.y, rect.width, rect.height);
	}
}
