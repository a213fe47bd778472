// What this browser opens at the host: the desktop, or an app of the host's list. What shows the list is fetched when
// there is one to choose from.

import { Grant } from './protocol.js';
import { signal } from './vendor/preact.js';

export const DESKTOP = 'desktop';
const PREFIX = 'app:'; // of what is kept in the browser: an app may be called anything

export class Launcher {
	/** `settings.opens`: what was chosen last. `load` is for tests. */
	constructor({ settings, load = () => import('./apps/apps.js') }) {
		Object.assign(this, { settings, load });
		this.apps = signal([]); // {id, name, flags}
		this.chosen = signal(undefined); // an id, null for the desktop; undefined: nothing yet
		this.parts = signal(null); // {Chooser, AppSettings} once they are needed
		this.waiting = false; // for the list, to know what to open
		this.events = { open() {}, choose() {}, replace() {} };
	}

	/** open(): as `app` says; choose(): the person must say what; replace(): opens in place of what may be open. */
	attachEvents(events) {
		this.events = events;
	}

	get app() {
		return this.chosen.peek() ?? null;
	}

	/** The host has taken us in: opens, now or when it is known what. */
	welcome(grants) {
		this.apps.value = [];
		this.waiting = false;
		if (this.chosen.peek() === undefined && (grants & Grant.LAUNCH) !== 0 && this.settings.opens.peek() !== DESKTOP) {
			this.waiting = true; // the list comes before the answer to our first PING, or there is none
			return;
		}
		this.chosen.value ??= null;
		this.events.open();
	}

	/** APPS. */
	take({ apps }) {
		this.apps.value = apps;
		if (apps.length)
			this.loadParts();
		if (this.waiting)
			this.decide();
	}

	/** Whatever the host sends by itself after WELCOME has come. */
	answered() {
		if (this.waiting)
			this.decide();
	}

	decide() {
		this.waiting = false;
		const apps = this.apps.peek();
		const kept = this.settings.opens.peek();
		const last = apps.find(({ id }) => PREFIX + id === kept);
		if (apps.length && !last) {
			this.events.choose();
			return;
		}
		this.chosen.value = last?.id ?? null;
		this.events.open();
	}

	/** `id`, or null for the desktop. */
	choose(id) {
		this.settings.opens.value = id === null ? DESKTOP : PREFIX + id;
		this.chosen.value = id;
		this.events.replace();
	}

	async loadParts() {
		this.loading ??= this.load();
		try {
			this.parts.value = await this.loading;
		} catch (error) {
			console.error('the list of apps cannot be shown:', error);
			this.apps.value = [];
			if (this.chosen.peek() === undefined) {
				this.chosen.value = null;
				this.events.open();
			}
		}
	}
}
