// The page's one AudioContext. A browser lets it run only after the person has done something on the page.

import { computed, effect, signal } from '../vendor/preact.js';

export const RATE = 48000;
const GESTURES = ['pointerdown', 'pointerup', 'keydown', 'touchend'];
const WORKLETS = ['./playback-worklet.js', './capture-worklet.js'];

export class Engine {
	constructor() {
		this.context = null;
		this.opening = null;
		this.state = signal('none'); // none, suspended, running, failed
		this.loaded = signal(false);
		this.ready = computed(() => this.state.value === 'running' && this.loaded.value);
		this.waits = computed(() => this.state.value === 'suspended' && this.loaded.value);
	}

	/** Resolves when its worklets are there, whether it runs or not; to null when it cannot be had. */
	open() {
		this.opening ??= this.create();
		return this.opening;
	}

	async create() {
		try {
			const context = new AudioContext({ sampleRate: RATE, latencyHint: 'interactive' });
			this.context = context;
			this.state.value = context.state === 'running' ? 'running' : 'suspended';
			context.onstatechange = () => {
				this.state.value = context.state === 'running' ? 'running' : 'suspended';
			};
			this.resumeOnGesture();
			for (const worklet of WORKLETS)
				await context.audioWorklet.addModule(new URL(worklet, import.meta.url));
			this.loaded.value = true;
			return context;
		} catch (error) {
			console.error('no sound engine:', error);
			this.state.value = 'failed';
			return null;
		}
	}

	/** Also after a telephone call or a device that went: browsers stop it then. */
	resumeOnGesture() {
		const resume = () => this.context.resume().catch(() => {});
		const options = { capture: true, passive: true };
		resume();
		effect(() => {
			const change = this.state.value === 'suspended' ? addEventListener : removeEventListener;
			GESTURES.forEach((type) => change(type, resume, options));
		});
	}

	resume() {
		return this.context?.resume().catch(() => {});
	}
}
