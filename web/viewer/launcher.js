// What this browser opens at the host: the desktop, or an app of the host's list. What shows the list is fetched when
// there is one to choose from.

import { AppFlag, Grant } from './protocol.js';
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
		this.events = { open() {}, choose() {}, replace() {}, askIcon() {} };
		this.icons = signal(new Map()); // by id: {format, bytes} as the host answered
		this.iconAwaited = null; // the id of the app whose icon is asked for
	}

	/** open(): as `app` says; choose(): the person must say what; replace(): opens in place of what may be open; askIcon(id). */
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
		this.icons.value = new Map();
		this.iconAwaited = null;
		if (apps.length)
			this.loadParts();
		if (this.waiting)
			this.decide();
	}

	/** APP: one of the list is not as it was. */
	takeApp({ id, flags }) {
		this.apps.value = this.apps.peek().map((app) => (app.id === id ? { ...app, flags } : app));
	}

	/** What was opened has ended by itself. */
	hasEnded() {
		const { app: id } = this;
		this.apps.value = this.apps.peek().map((app) => (app.id === id ? { ...app, flags: app.flags & ~AppFlag.RUNS } : app));
	}

	/** The list is looked at: its pictures come one after the other. */
	wantIcons() {
		const next = this.apps.peek().find(({ id, flags }) => (flags & AppFlag.ICON) !== 0 && !this.icons.peek().has(id));
		if (this.iconAwaited !== null || !next)
			return;
		this.iconAwaited = next.id;
		this.events.askIcon(next.id);
	}

	/** ICON. */
	takeIcon({ id, format, bytes }) {
		if (id !== this.iconAwaited)
			return;
		this.iconAwaited = null;
		this.icons.value = new Map(this.icons.peek()).set(id, { format, bytes });
		this.wantIcons();
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
