// The page's one AudioContext. A browser lets it run only after the person has done something on the page.

import { computed, effect, signal } from '../vendor/preact.js';

export const RATE = 48000;
const GESTURES = ['pointerdown', 'pointerup', 'keydown', 'touchend'];
const PATIENCE_MS = 5000; // after a gesture
const WORKLETS = ['./playback-worklet.js', './capture-worklet.js'];

export class Engine {
	constructor() {
		this.context = null;
		this.opening = null;
		this.state = signal('none'); // none, suspended, running, failed
		this.loaded = signal(false);
		this.ready = computed(() => this.state.value === 'running' && this.loaded.value);
		this.isStuck = signal(false); // in spite of a gesture: Firefox starts none without a device that plays
		this.waits = computed(() => this.state.value === 'suspended' && this.loaded.value && !this.isStuck.value);
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
		let patience = 0;
		const isTouched = () => navigator.userActivation?.hasBeenActive ?? true;
		const judge = () => {
			this.isStuck.value = this.state.value === 'suspended' && isTouched();
			patience = 0;
		};
		const resume = () => {
			this.resume();
			patience ||= isTouched() && setTimeout(judge, PATIENCE_MS);
		};
		const options = { capture: true, passive: true };
		resume();
		effect(() => {
			const isSuspended = this.state.value === 'suspended';
			const change = isSuspended ? addEventListener : removeEventListener;
			GESTURES.forEach((type) => change(type, resume, options));
			if (isSuspended)
				return;
			clearTimeout(patience);
			patience = 0;
			this.isStuck.value = false;
		});
	}

	resume() {
		return this.context?.resume().catch(() => {});
	}

	/** Resolves when it runs; a browser that does not start it may leave one waiting for good. */
	async run() {
		let timer;
		const late = new Promise((_, refuse) => {
			timer = setTimeout(() => refuse(new DOMException('the AudioContext does not start', 'TimeoutError')), PATIENCE_MS);
		});
		await Promise.race([this.resume(), late]).finally(() => clearTimeout(timer));
	}
}
