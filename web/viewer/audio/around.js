// 5.1: whether this browser decodes it, and which of the planes it gives is which loudspeaker's. No standard says so: it is
// asked, with two packets in which the centre alone sounds.

import { RATE } from './engine.js';

export const AROUND = 6;
/** OpusHead of 5.1 (RFC 7845, mapping family 1). */
const HEAD = 'T3B1c0hlYWQBBgAAgLsAAAAAAQQCAAQBAgMF';
const CENTRE = ['rAL//qwC//6oEH6dSyHWmubR8MA59CXmGluI//4=', 'rAL//qwC//6oEJ0gTy3y+te7U8dmws1fANGI//4='];
const CLEARLY = 4; // times louder than any other
const FROM_VORBIS = Object.freeze([0, 2, 1, 5, 3, 4]); // L C R SL SR LFE, to Web Audio's L R C LFE SL SR
const AS_IT_IS = Object.freeze([0, 1, 2, 3, 4, 5]);

const bytesOf = (text) => Uint8Array.from(atob(text), (one) => one.charCodeAt(0));

/** From how loud each plane is while the centre sounds: the plane for each of Web Audio's channels; null: it is none of it. */
export function orderOf(peaks) {
	if (peaks.length !== AROUND)
		return null;
	const centre = peaks.indexOf(Math.max(...peaks));
	if (!peaks.every((peak, i) => i === centre || peak * CLEARLY < peaks[centre]))
		return null;
	return [null, FROM_VORBIS, AS_IT_IS][centre] ?? null;
}

/** The channels to ask the host for. `most`: what the browser's output has. */
export function channelsFor(layout, canAround, most) {
	return canAround && (layout === 'around' || (layout === 'auto' && most >= AROUND)) ? AROUND : 2;
}

/** A description without a pre-skip: every sample has its time, the first ones too. */
export function describe(head) {
	const description = Uint8Array.from(head);
	description[10] = description[11] = 0;
	return description;
}

async function decodeCentre() {
	const peaks = [];
	let fault = null;
	const decoder = new AudioDecoder({
		output(data) {
			for (let planeIndex = 0; planeIndex < data.numberOfChannels; planeIndex++) {
				const plane = new Float32Array(data.numberOfFrames);
				data.copyTo(plane, { planeIndex, format: 'f32-planar' });
				peaks[planeIndex] = plane.reduce((most, one) => Math.max(most, Math.abs(one)), peaks[planeIndex] ?? 0);
			}
			data.close();
		},
		error(error) {
			fault = error;
		},
	});
	decoder.configure({ codec: 'opus', sampleRate: RATE, numberOfChannels: AROUND, description: bytesOf(HEAD) });
	CENTRE.forEach((packet, i) => decoder.decode(
		new EncodedAudioChunk({ type: 'key', timestamp: i * 5000, data: bytesOf(packet) })));
	await decoder.flush();
	decoder.close();
	if (fault)
		throw fault;
	return peaks;
}

/** orderOf this browser; null: it cannot. */
export async function askForOrder() {
	try {
		return orderOf(await decodeCentre());
	} catch (error) {
		console.info('this browser does not decode 5.1:', error.message);
		return null;
	}
}
