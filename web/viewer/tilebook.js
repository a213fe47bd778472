// Which exact tiles lie over the video, and which parts of them must go when a picture of the video is shown
// (docs/protocol.md §4). Rectangles and sequence numbers only: no canvas, no clock.

export const CELL_PX = 64;
const PENDING_MAX = 240; // a page in the background is shown nothing for as long as it likes
const NOTHING = Object.freeze([]);

/** Sequence numbers wrap at 2^32. */
export function isNewer(a, b) {
	return ((a - b) | 0) > 0;
}

function intersect(a, b) {
	const x = Math.max(a.x, b.x);
	const y = Math.max(a.y, b.y);
	const width = Math.min(a.x + a.width, b.x + b.width) - x;
	const height = Math.min(a.y + a.height, b.y + b.height) - y;
	return width > 0 && height > 0 ? { x, y, width, height } : null;
}

/** The parts of `pieces` that `hole` does not cover. */
function subtract(pieces, hole) {
	const rest = [];
	for (const piece of pieces) {
		const common = intersect(piece, hole);
		if (!common) {
			rest.push(piece);
			continue;
		}
		const below = piece.y + piece.height - common.y - common.height;
		const right = piece.x + piece.width - common.x - common.width;
		if (common.y > piece.y)
			rest.push({ x: piece.x, y: piece.y, width: piece.width, height: common.y - piece.y });
		if (below > 0)
			rest.push({ x: piece.x, y: common.y + common.height, width: piece.width, height: below });
		if (common.x > piece.x)
			rest.push({ x: piece.x, y: common.y, width: common.x - piece.x, height: common.height });
		if (right > 0)
			rest.push({ x: common.x + common.width, y: common.y, width: right, height: common.height });
	}
	return rest;
}

function rectsOf(numbers) {
	const rects = [];
	for (let i = 0; i + 3 < numbers.length; i += 4)
		rects.push({ x: numbers[i], y: numbers[i + 1], width: numbers[i + 2], height: numbers[i + 3] });
	return rects;
}

export class TileBook {
	constructor(width, height) {
		this.width = width;
		this.height = height;
		this.columns = Math.ceil(width / CELL_PX);
		this.rows = Math.ceil(height / CELL_PX);
		this.covered = new Uint8Array(this.columns * this.rows); // does any tile lie in the cell
		this.newest = new Uint32Array(this.columns * this.rows); // the sequence of the newest one
		this.pending = []; // access units that are not on the screen yet: {sequence, rects}, oldest first
		this.recent = []; // tiles that an access unit of `pending` must leave alone: {sequence, rect}
		this.shownLately = []; // access units shown while older tiles are still being unpacked
		this.awaited = []; // sequences of tiles that came and are not drawn yet, oldest first
	}

	/** A tile of that frame has come; drawn() follows when it is unpacked, in the order of the calls. */
	expect(sequence) {
		this.awaited.push(sequence);
	}

	/** An awaited tile is on the canvas now. Returns what must be cleared again: newer video is over it. */
	drawn(sequence, rect) {
		this.awaited.shift();
		this.forEachCell(rect, (cell) => {
			if (!this.covered[cell] || isNewer(sequence, this.newest[cell]))
				this.newest[cell] = sequence;
			this.covered[cell] = 1;
		});
		if (this.pending.length && !isNewer(this.pending[0].sequence, sequence))
			this.recent.push({ sequence, rect });
		const cleared = this.shownLately.length ? this.takenBack(sequence, rect) : NOTHING;
		this.forget();
		return cleared;
	}

	/** An awaited tile could not be unpacked. */
	failed() {
		this.awaited.shift();
		this.forget();
	}

	/**
	 * An access unit has come. `everything`: it makes the picture anew, so every older tile goes with it. Returns
	 * what must be cleared at once (only when too many wait to be shown).
	 */
	videoCame(sequence, rects, everything) {
		this.pending.push({
			sequence,
			rects: everything ? [{ x: 0, y: 0, width: this.width, height: this.height }] : rectsOf(rects),
		});
		return this.pending.length > PENDING_MAX ? this.shown(this.pending[0].sequence) : NOTHING;
	}

	/** The picture of that access unit is on the screen, and with it every one before. Returns what to clear. */
	shown(sequence) {
		let cleared = NOTHING;
		while (this.pending.length && !isNewer(this.pending[0].sequence, sequence)) {
			const unit = this.pending.shift();
			for (const rect of unit.rects)
				cleared = this.uncover(unit.sequence, rect, cleared);
			this.shownLately.push(unit);
		}
		this.forget();
		return cleared;
	}

	/** Nothing is on its way any more: the decoder was reset. What is drawn stays until a picture is shown. */
	dropPending() {
		this.pending.length = 0;
		this.recent.length = 0;
	}

	uncover(sequence, rect, cleared) {
		const list = cleared === NOTHING ? [] : cleared;
		this.forEachCell(rect, (cell, bounds) => {
			if (!this.covered[cell])
				return;
			const area = intersect(bounds, rect);
			if (isNewer(sequence, this.newest[cell])) {
				list.push(area);
				if (area.width === bounds.width && area.height === bounds.height)
					this.covered[cell] = 0;
				return;
			}
			let pieces = [area];
			for (const tile of this.recent) {
				if (!isNewer(sequence, tile.sequence))
					pieces = subtract(pieces, tile.rect);
			}
			list.push(...pieces);
		});
		return list;
	}

	takenBack(sequence, rect) {
		const cleared = [];
		for (const unit of this.shownLately) {
			if (!isNewer(unit.sequence, sequence))
				continue;
			for (const one of unit.rects) {
				const common = intersect(one, rect);
				if (common)
					cleared.push(common);
			}
		}
		return cleared;
	}

	/** Keeps the logs as short as what is still under way. */
	forget() {
		if (!this.pending.length)
			this.recent.length = 0;
		if (!this.awaited.length)
			this.shownLately.length = 0;
		while (this.shownLately.length && !isNewer(this.shownLately[0].sequence, this.awaited[0]))
			this.shownLately.shift();
	}

	forEachCell(rect, visit) {
		const right = Math.min(rect.x + rect.width, this.width);
		const bottom = Math.min(rect.y + rect.height, this.height);
		for (let y = rect.y - (rect.y % CELL_PX); y < bottom; y += CELL_PX) {
			for (let x = rect.x - (rect.x % CELL_PX); x < right; x += CELL_PX) {
				visit((y / CELL_PX) * this.columns + x / CELL_PX, {
					x,
					y,
					width: Math.min(CELL_PX, this.width - x),
					height: Math.min(CELL_PX, this.height - y),
				});
			}
		}
	}
}
