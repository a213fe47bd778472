// The host's state, as its events tell it. Nothing is asked for again and again.

import { signal } from '/vendor/preact.js';

const TOPICS = ['displays', 'sessions', 'clients', 'pairing', 'settings', 'presence', 'control', 'apps'];
const UNREACHABLE_AFTER_MS = 4000;
const RETRY_FIRST_MS = 1000;
const RETRY_MAX_MS = 15000;

export class Live {
	/** One signal for each topic: null, or its whole state; `at[topic]`: when it came (Date.now). */
	constructor({ ask, loggedOut, heard = () => {} }) {
		Object.assign(this, { ask, loggedOut, heard });
		this.phase = signal('connecting'); // live | reconnecting | unreachable
		this.at = {};
		for (const topic of TOPICS)
			this[topic] = signal(null);
		addEventListener('online', () => this.source && this.phase.value !== 'live' && this.open());
	}

	start() {
		this.retry = RETRY_FIRST_MS;
		this.open();
	}

	stop() {
		this.source?.close();
		this.source = null;
		clearTimeout(this.again);
		clearTimeout(this.giveUp);
		this.giveUp = null;
		for (const topic of TOPICS)
			this[topic].value = null;
		this.phase.value = 'connecting';
	}

	open() {
		this.source?.close();
		clearTimeout(this.again);
		const source = new EventSource('/api/v1/events');
		this.source = source;
		source.onopen = () => this.opened();
		source.onerror = () => this.failed(source);
		for (const topic of TOPICS)
			source.addEventListener(topic, (event) => this.take(topic, JSON.parse(event.data)));
	}

	opened() {
		clearTimeout(this.giveUp);
		this.giveUp = null;
		this.retry = RETRY_FIRST_MS;
		this.phase.value = 'live';
	}

	/** Asks for a change whose answer is a topic's new state, which counts unless an event was faster. */
	async change(topic, method, path, body) {
		const before = this[topic].value;
		const state = await this.ask(method, path, body);
		if (this[topic].value === before)
			this.take(topic, state);
	}

	take(topic, state) {
		const before = this[topic].value;
		this.at[topic] = Date.now();
		this[topic].value = state;
		this.heard(topic, before, state);
	}

	failed(source) {
		if (source !== this.source)
			return;
		if (this.phase.value !== 'unreachable')
			this.phase.value = 'reconnecting';
		this.giveUp ??= setTimeout(() => { this.phase.value = 'unreachable'; }, UNREACHABLE_AFTER_MS);
		// A browser tries again by itself, except after an answer that was no stream: a login that has run out, a proxy.
		if (source.readyState === EventSource.CLOSED)
			this.findOut();
	}

	async findOut() {
		const login = await this.ask('GET', '/console/login').catch(() => null);
		if (!this.source)
			return;
		if (login && !login.logged_in) {
			this.loggedOut();
			return;
		}
		this.again = setTimeout(() => this.open(), this.retry);
		this.retry = Math.min(this.retry * 2, RETRY_MAX_MS);
	}
}
