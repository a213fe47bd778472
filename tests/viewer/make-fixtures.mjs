// Makes tests/viewer/fixtures/*.h264 with ffmpeg: two access units each, as the host's encoder makes them (baseline,
// BT.601, limited range). Four quadrants of one colour; in the second picture the first quadrant is yellow.
//   node tests/viewer/make-fixtures.mjs

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const RED = [220, 40, 40];
const GREEN = [40, 180, 60];
const BLUE = [50, 80, 220];
const WHITE = [235, 235, 235];
const YELLOW = [230, 210, 40];

export function quadrants(width, height, colours) {
	const pixels = Buffer.alloc(width * height * 3);
	for (let y = 0; y < height; y++) {
		for (let x = 0; x < width; x++) {
			const quadrant = (y < height / 2 ? 0 : 2) + (x < width / 2 ? 0 : 1);
			pixels.set(colours[quadrant], (y * width + x) * 3);
		}
	}
	return pixels;
}

/** The Annex B stream of a display of that size, an access unit delimiter before each picture. */
export function encodeFixture(width, height) {
	const even = [width + (width & 1), height + (height & 1)];
	const pictures = Buffer.concat([
		quadrants(...even, [RED, GREEN, BLUE, WHITE]),
		quadrants(...even, [YELLOW, GREEN, BLUE, WHITE]),
	]);
	return execFileSync('ffmpeg', [
		'-v', 'error', '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', even.join('x'), '-r', '60', '-i', '-',
		'-vf', 'scale=out_color_matrix=bt601:out_range=tv', '-pix_fmt', 'yuv420p', '-c:v', 'libx264',
		'-preset', 'ultrafast', '-tune', 'zerolatency', '-profile:v', 'baseline', '-x264-params',
		'aud=1:keyint=999:sliced-threads=0:threads=1:colormatrix=smpte170m:colorprim=smpte170m:transfer=smpte170m:range=tv',
		'-f', 'h264', '-',
	], { input: pictures, maxBuffer: 1 << 26 });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	for (const [width, height] of [[640, 360], [801, 451]]) {
		const path = fileURLToPath(new URL(`fixtures/${width}x${height}.h264`, import.meta.url));
		const stream = encodeFixture(width, height);
		writeFileSync(path, stream);
		console.log(`${path}: ${stream.length} bytes`);
	}
}
