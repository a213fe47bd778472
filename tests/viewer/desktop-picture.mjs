// A picture of a desktop to look at: a wallpaper, two windows with something like text in them, a bar.

const WALL_TOP = [46, 72, 94];
const WALL_BOTTOM = [141, 96, 92];

const mix = (a, b, share) => a.map((value, i) => Math.round(value + (b[i] - value) * share));
const inside = (x, y, box) => x >= box.x && y >= box.y && x < box.x + box.width && y < box.y + box.height;
/** The same number for the same place, without a pattern that one sees. */
const noise = (a, b) => Math.abs(Math.sin(a * 127.1 + b * 311.7) * 43758.5453) % 1;

function windowColour(x, y, { paper, ink, bar, box }) {
	const dx = x - box.x;
	const dy = y - box.y;
	if (dy < 28)
		return dx > box.width - 22 && dx < box.width - 10 && dy > 8 && dy < 20 ? [224, 108, 96] : bar;
	const line = Math.floor((dy - 44) / 18);
	const isInk = line >= 0 && (dy - 44) % 18 < 7 && dx > 20 && dy < box.height - 20 &&
		dx < 20 + (box.width - 60) * (0.35 + 0.65 * noise(line, box.x)) && noise(Math.floor(dx / 9), line + box.y) > 0.18;
	return isInk ? ink : paper;
}

/** `colour(x, y)` → [red, green, blue], for png() of fake-host.mjs. */
export function desktopPicture(width, height) {
	const windows = [
		{ box: { x: width * 0.06, y: height * 0.1, width: width * 0.46, height: height * 0.62 },
			paper: [24, 28, 34], ink: [122, 184, 148], bar: [44, 51, 60] },
		{ box: { x: width * 0.42, y: height * 0.28, width: width * 0.44, height: height * 0.54 },
			paper: [246, 244, 239], ink: [126, 130, 138], bar: [222, 217, 208] },
	].map((one) => ({ ...one, box: Object.fromEntries(Object.entries(one.box).map(([key, value]) => [key, Math.round(value)])) }));
	return (x, y) => {
		if (y < 26)
			return x % 90 < 46 && x < 300 && y > 9 && y < 16 ? [190, 200, 208] : [18, 23, 28];
		for (const one of [...windows].reverse()) {
			if (inside(x, y, one.box))
				return windowColour(x, y, one);
		}
		const hill = height * (0.72 + 0.08 * Math.sin(x / width * 5 + 0.6) + 0.03 * Math.sin(x / width * 17));
		const sky = mix(WALL_TOP, WALL_BOTTOM, y / height);
		return y > hill ? mix(sky, [30, 40, 52], 0.7) : sky;
	};
}
