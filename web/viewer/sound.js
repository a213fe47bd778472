// Sound, microphone and gamepads. All that has to do with them is fetched when the host first offers one of them: where
// it offers none, this costs the page nothing.

import { SoundFlag } from './protocol.js';
import { signal } from './vendor/preact.js';

const ANY = SoundFlag.PLAYED | SoundFlag.MICROPHONE | SoundFlag.GAMEPADS;

/**
 * {part, receive(message), lost(), figures()}. `part`: a signal, the section of the settings once there is something to
 * set. `createAudio`: from audio/audio.js; `load` is for tests.
 */
export function createSound(context, load = () => import('./audio/audio.js')) {
	const part = signal(null);
	let audio = null;
	let loading = false;
	let offer = null; // the newest SOUND that came while loading

	const start = async () => {
		loading = true;
		try {
			const { createAudio } = await load();
			audio = createAudio(context);
			part.value = audio.Section;
			if (offer)
				audio.receive(offer);
		} catch (error) {
			console.error('sound, microphone and gamepads cannot be used:', error);
			audio = { receive() {}, lost() {}, figures: () => null };
		}
	};
	return {
		part,
		/** SOUND, AUDIO_CONFIG, AUDIO and RUMBLE. Nothing but SOUND comes before it was answered. */
		receive(message) {
			if (audio) {
				audio.receive(message);
			} else if (message.type === 'SOUND') {
				offer = message;
				if (!loading && (message.flags & ANY) !== 0)
					start();
			}
		},
		/** The connection is gone, for now or for good. */
		lost() {
			offer = null;
			audio?.lost();
		},
		figures: () => audio?.figures() ?? null,
	};
}
