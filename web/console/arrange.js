// Rectangles on a desktop: where they are, where they may go. Pure; logical pixels throughout.

const MIN = -32768;
const MAX = 32767;

const clamp = (value) => Math.min(MAX, Math.max(MIN, Math.round(value)));

export function bounds(rects) {
	const x = Math.min(...rects.map((rect) => rect.x));
	const y = Math.min(...rects.map((rect) => rect.y));
	return {
		x, y,
		width: Math.max(...rects.map((rect) => rect.x + rect.width)) - x,
		height: Math.max(...rects.map((rect) => rect.y + rect.height)) - y,
	};
}

/** With a margin on every side, a share of the larger side: room to move things to. */
export function withMargin(box, share) {
	const margin = Math.round(Math.max(box.width, box.height) * share);
	return { x: box.x - margin, y: box.y - margin, width: box.width + 2 * margin, height: box.height + 2 * margin };
}

export function overlap(a, b) {
	return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

/** The place that a display takes: the desktop's word, or its mode's size while there is none. */
export function placeOf({ place, mode }) {
	if (place.width > 0 && place.height > 0)
		return place;
	const scale = (mode.scale_percent || 100) / 100;
	return { x: place.x, y: place.y, width: Math.round(mode.width / scale), height: Math.round(mode.height / scale) };
}

function nearest(edges, targets, within) {
	let best = null;
	for (const edge of edges) {
		for (const target of targets) {
			const shift = target - edge;
			if (Math.abs(shift) <= within && (best === null || Math.abs(shift) < Math.abs(best)))
				best = shift;
		}
	}
	return best ?? 0;
}

const edgesX = (rect) => [rect.x, rect.x + rect.width];
const edgesY = (rect) => [rect.y, rect.y + rect.height];

/** `rect` moved so that its edges meet those of `others` which are nearer than `within`. */
export function snap(rect, others, within) {
	const dx = nearest(edgesX(rect), others.flatMap(edgesX), within);
	const dy = nearest(edgesY(rect), others.flatMap(edgesY), within);
	return { ...rect, x: clamp(rect.x + dx), y: clamp(rect.y + dy) };
}

/** A step by keyboard; a step of more than a pixel stops at an edge that it would pass. */
export function step(rect, dx, dy, others) {
	const along = (edges, targets, distance) => {
		const between = targets.flatMap((target) => edges.map((edge) => target - edge))
			.filter((shift) => Math.sign(shift) === Math.sign(distance) && Math.abs(shift) < Math.abs(distance));
		return between.sort((a, b) => Math.abs(a) - Math.abs(b))[0] ?? distance;
	};
	return {
		...rect,
		x: clamp(rect.x + (dx && along(edgesX(rect), others.flatMap(edgesX), dx))),
		y: clamp(rect.y + (dy && along(edgesY(rect), others.flatMap(edgesY), dy))),
	};
}

/** Dark outputs have no place on the desktop: they are drawn in a row below it. */
export function parkDark(outputs, box) {
	let { x } = box;
	const gap = Math.round(Math.max(box.width, box.height) * 0.04) || 60;
	const y = box.y + box.height + gap;
	return outputs.map((output) => {
		const size = placeOf(output);
		const place = { x, y, width: size.width, height: size.height };
		x += size.width + gap;
		return { ...output, place };
	});
}

/**
 * The positions to PUT: those known already, the displays as they are now, and over them what was moved
 * (slot → {x, y}). Slot 0 belongs to nobody and is never pinned.
 */
export function positionsWith(known, displays, moved) {
	const positions = { ...known };
	for (const display of displays) {
		if (display.slot > 0 && display.state !== 'closing')
			positions[display.slot] = { x: display.place.x, y: display.place.y };
	}
	for (const [slot, { x, y }] of moved)
		positions[slot] = { x, y };
	return positions;
}
