// A tone as a WAV file: 48 kHz, 16 bits, stereo, half of the full scale.

const RATE = 48000;

export function toneWav(hz, seconds) {
	const samples = RATE * seconds;
	const wav = Buffer.alloc(44 + samples * 4);
	wav.write('RIFF', 0);
	wav.writeUInt32LE(36 + samples * 4, 4);
	wav.write('WAVEfmt ', 8);
	wav.writeUInt32LE(16, 16);
	wav.writeUInt16LE(1, 20);
	wav.writeUInt16LE(2, 22);
	wav.writeUInt32LE(RATE, 24);
	wav.writeUInt32LE(RATE * 4, 28);
	wav.writeUInt16LE(4, 32);
	wav.writeUInt16LE(16, 34);
	wav.write('data', 36);
	wav.writeUInt32LE(samples * 4, 40);
	for (let i = 0; i < samples; i++) {
		const value = Math.round(16384 * Math.sin(2 * Math.PI * hz * i / RATE));
		wav.writeInt16LE(value, 44 + i * 4);
		wav.writeInt16LE(value, 46 + i * 4);
	}
	return wav;
}
