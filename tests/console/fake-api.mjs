// The management API (api/openapi.yaml) in memory, with the pages beside it: what the console needs of a host, and what
// a test wants to happen there. For a look at the page:  node tests/console/fake-api.mjs [port]

import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:https';
import { fileURLToPath } from 'node:url';

import { aWhile, isLate, lateQueue } from '../viewer/late.mjs';
import { certificate, servePage } from '../viewer/pages.mjs';
import { APP_ROUTES } from './fake-apps.mjs';
import { ApiProblem, faultsProblem } from './fake-problem.mjs';
import { TOGETHER_ROUTES } from './fake-together.mjs';
import { faultsOf, presetFaultsOf } from './faults.mjs';
import { BUILTIN, effectiveOf, explain, nextPlace, RULED } from './rules.mjs';
import { RIGHTS } from './scenes.mjs';

export { ApiProblem };

const TOPICS = ['displays', 'sessions', 'clients', 'pairing', 'settings', 'presence', 'control', 'apps'];
const COOKIE = '__Host-lodge-console';

export class FakeApi {
	constructor() {
		this.token = 'token-of-the-test';
		this.code = '12345678';
		this.cookies = new Set();
		this.listeners = new Set();
		this.requests = []; // {method, path, body}, in order
		this.refuse = new Map(); // "METHOD /path" → a problem to answer with, once
		this.held = null; // a promise that every answer waits for
		this.eventId = 0;
		this.reset();
	}

	/** An empty host. */
	reset() {
		this.name = 'birch';
		this.document = { version: 1 };
		this.revision = 1;
		this.ownPresets = [];
		this.capabilities = ['second-output', 'reconfigure', 'keep', 'primary', 'exclusive', 'layout', 'scale', 'identity', 'isolated', 'confinement', 'seats']
			.map((option) => ({ option, supported: true }));
		this.desktop = { backend: 'sway', ready: true, topology: { wanted: 'extend', applied: 'extend' } };
		this.displays = [];
		this.outputs = [];
		this.sessions = [];
		this.clients = [];
		this.pairing = { armed: false, pin: null, expires_in: null, requests: [] };
		this.people = [];
		this.control = { holder: null, away_for: null, line: [] };
		this.invitations = [];
		this.apps = [];
	}

	/** From now on every answer waits, until what is returned is called. */
	holdAnswers() {
		let answer;
		this.held = new Promise((resolve) => { answer = resolve; });
		return () => {
			this.held = null;
			answer();
		};
	}

	/** The desktop cannot do this. */
	cannot(option, fallback, reason, text) {
		this.capabilities = this.capabilities.map((one) => (one.option === option ?
			{ option, supported: false, fallback, reason, text } : one));
	}

	get presets() {
		return [...BUILTIN, ...this.ownPresets];
	}

	settingsOf() {
		const { effective, sources } = effectiveOf(this.document, this.presets);
		return { revision: this.revision, document: this.document, effective, sources, presets: this.presets,
			capabilities: this.capabilities };
	}

	stateOf(topic) {
		switch (topic) {
		case 'settings':
			return this.settingsOf();
		case 'displays':
			return { desktop: this.desktop, displays: this.displays, outputs: this.outputs,
				max_displays: this.settingsOf().effective.max_displays, next: nextPlace(this),
				own_desktops: this.ownDesktops ?? [] };
		case 'pairing':
			return this.pairing;
		case 'presence':
			return this.presenceOf();
		case 'control':
			return this.controlOf();
		case 'apps':
			return this.appsOf();
		default:
			return { [topic]: this[topic] };
		}
	}

	// ── the server

	async listen(port = 0) {
		this.pem ??= certificate();
		this.server = createServer(this.pem, (request, response) => {
			if (request.url.startsWith('/api/v1/'))
				this.onRequest(request, response);
			else
				servePage(request, response);
		});
		this.server.listen(port, '127.0.0.1');
		await once(this.server, 'listening');
		this.port = this.server.address().port;
		this.url = `https://127.0.0.1:${this.port}/console`;
	}

	async close() {
		this.server.closeAllConnections();
		await new Promise((resolve) => this.server.close(resolve));
	}

	async onRequest(request, response) {
		const chunks = [];
		for await (const chunk of request)
			chunks.push(chunk);
		const path = request.url.slice('/api/v1'.length);
		const text = Buffer.concat(chunks).toString();
		try {
			const body = text ? JSON.parse(text) : undefined;
			this.checkAccess(request, path);
			if (path === '/events') {
				this.beginEvents(request, response);
				return;
			}
			this.requests.push({ method: request.method, path, body });
			await this.held;
			const refusal = this.refuse.get(`${request.method} ${path}`);
			if (refusal) {
				this.refuse.delete(`${request.method} ${path}`);
				throw refusal;
			}
			const answer = this.route(request.method, path, body, response, this.cookieOf(request));
			await (isLate && aWhile());
			response.writeHead(answer === undefined ? 204 : 200, { 'Content-Type': 'application/json' });
			response.end(answer === undefined ? '' : JSON.stringify(answer));
		} catch (error) {
			if (!(error instanceof ApiProblem))
				throw error;
			const headers = { 'Content-Type': 'application/problem+json', ...error.status === 429 && { 'Retry-After': '30' } };
			response.writeHead(error.status, headers).end(JSON.stringify({ type: 'about:blank', title: 'Problem',
				status: error.status, detail: error.message, ...error.more }));
		}
	}

	cookieOf(request) {
		return new RegExp(`${COOKIE}=([^;]+)`).exec(request.headers.cookie ?? '')?.[1];
	}

	/** As the real one: a change by cookie comes from a page of this host, and is JSON. */
	checkAccess(request, path) {
		const { method, headers } = request;
		if (path === '/console/login')
			return;
		if (!this.cookies.has(this.cookieOf(request)))
			throw new ApiProblem(401, 'log in first');
		if (method !== 'GET' && headers.origin !== `https://${headers.host}`)
			throw new ApiProblem(403, 'not from a page of this host');
		if (['PUT', 'POST', 'PATCH'].includes(method) && headers['content-type'] !== 'application/json')
			throw new ApiProblem(415, 'not JSON');
	}

	// ── events

	beginEvents(request, response) {
		response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
		response.write('retry: 2000\n\n'); // Firefox takes a stream for open at its first bytes
		const since = Number(request.headers['last-event-id'] ?? 0);
		this.listeners.add(response);
		response.late = lateQueue();
		response.on('close', () => this.listeners.delete(response));
		for (const topic of TOPICS) {
			if (!since || (this.changedAt?.[topic] ?? 0) > since)
				this.sendTo(response, topic, ++this.eventId);
		}
	}

	sendTo(response, topic, id) {
		const event = `event: ${topic}\nid: ${id}\ndata: ${JSON.stringify(this.stateOf(topic))}\n\n`;
		response.late(() => response.write(event));
	}

	/** The id of the last of the events. */
	changed(...topics) {
		for (const topic of topics) {
			const id = ++this.eventId;
			this.changedAt = { ...this.changedAt, [topic]: id };
			for (const response of this.listeners)
				this.sendTo(response, topic, id);
		}
		return this.eventId;
	}

	// ── the routes

	route(method, path, body, response, cookie) {
		const [, room, name, rest] = /^\/([a-z]+)(?:\/([a-z0-9-]+))?(?:[/?](.+))?$/.exec(path) ?? [];
		const isList = ['clients', 'sessions', 'invitations'].includes(room);
		const handler = this[`${method} ${room}${name && !isList ? ` ${name}` : ''}`];
		if (!handler)
			throw new ApiProblem(404, 'no such route');
		return handler.call(this, body, isList ? name : rest, response, cookie, rest);
	}

	'GET console login'(body, rest, response, cookie) {
		return { logged_in: this.cookies.has(cookie), name: this.name };
	}

	'POST console login'({ token, code }, rest, response) {
		if (token !== this.token && code !== this.code)
			throw new ApiProblem(401, 'neither the token nor the code');
		const cookie = String(randomInt(2 ** 40));
		this.cookies.add(cookie);
		response.setHeader('Set-Cookie', `${COOKIE}=${cookie}; Path=/; Secure; HttpOnly; SameSite=Strict`);
	}

	'DELETE console login'(body, rest, response, cookie) {
		this.cookies.delete(cookie);
	}

	'GET display settings'() {
		return this.settingsOf();
	}

	'PUT display settings'(document) {
		const faults = faultsOf(document, this.presets);
		if (faults.length)
			throw faultsProblem(faults);
		this.document = document;
		this.revision++;
		this.changed('settings', 'displays', 'presence', 'control');
		return this.settingsOf();
	}

	'GET display state'() {
		return this.stateOf('displays');
	}

	'POST display release'({ slot, all }) {
		const isKept = (display) => ['lingering', 'pinned'].includes(display.state);
		const chosen = this.displays.filter((display) => (all ? isKept(display) : display.slot === slot));
		if (!all && !chosen.length)
			throw new ApiProblem(404, 'no such display');
		if (!all && !isKept(chosen[0]))
			throw new ApiProblem(409, 'the display is in use', { sessions: chosen[0].sessions.length });
		this.displays = this.displays.filter((display) => !chosen.includes(display));
		if (!this.displays.length)
			this.lightUp();
		this.changed('displays');
		return { released: chosen.length };
	}

	lightUp() {
		this.desktop = { ...this.desktop, topology: { ...this.desktop.topology, applied: 'extend' } };
		this.outputs = this.outputs.map((output) => ({ ...output, enabled: true }));
	}

	'PUT display layout'(change) {
		const pins = Object.entries(change.positions ?? {}).map(([slot, place]) => ({ slot: Number(slot), ...place,
			...this.displays.find((display) => display.slot === Number(slot))?.place, ...place }));
		const faults = pins.filter((one) => one.width && pins.some((other) => other !== one && other.width &&
			one.x < other.x + other.width && other.x < one.x + one.width &&
			one.y < other.y + other.height && other.y < one.y + one.height))
			.map(({ slot }) => ({ pointer: `/positions/${slot}`, detail: 'lies over another display' }));
		if (faults.length)
			throw faultsProblem(faults);
		const { effective } = this.settingsOf();
		const fields = Object.fromEntries(RULED.map((field) => [field, effective[field]]));
		const { mode, positions } = change;
		this.document = { ...this.document, ...effective.layout.mode !== mode && { ...fields, preset: 'custom' },
			layout: { mode, ...positions && { positions } } };
		this.revision++;
		this.displays = this.displays.map((display) => ({ ...display, pinned: mode === 'manual' && display.slot in positions,
			place: { ...display.place, ...mode === 'manual' ? positions[display.slot] : {} } }));
		if (mode === 'auto-row')
			this.row();
		this.changed('settings', 'displays');
		return this.stateOf('displays');
	}

	row() {
		let x = 0;
		this.displays = this.displays.map((display) => {
			const place = { ...display.place, x, y: 0 };
			x += place.width;
			return { ...display, place };
		});
	}

	'POST display explain'({ settings }) {
		return explain(this, settings);
	}

	'GET display presets'() {
		return { presets: this.presets };
	}

	'PUT display presets'(fields, name) {
		if (BUILTIN.some((preset) => preset.name === name))
			throw new ApiProblem(409, 'a built-in preset');
		const faults = presetFaultsOf(fields);
		if (faults.length)
			throw faultsProblem(faults);
		const preset = { name, builtin: false, ...fields };
		this.ownPresets = [...this.ownPresets.filter((one) => one.name !== name), preset];
		this.revision++;
		this.changed('settings');
		return preset;
	}

	'DELETE display presets'(body, name) {
		if (!this.ownPresets.some((preset) => preset.name === name))
			throw new ApiProblem(404, 'no such preset');
		if (this.document.preset === name)
			throw new ApiProblem(409, `"${name}" is in force`);
		this.ownPresets = this.ownPresets.filter((preset) => preset.name !== name);
		this.changed('settings');
	}

	'GET clients'() {
		return { clients: this.clients };
	}

	clientOf(fingerprint) {
		const client = this.clients.find((one) => one.fingerprint === fingerprint);
		if (!client)
			throw new ApiProblem(404, 'no such client');
		return client;
	}

	'PATCH clients'({ label, overrides, user, grants }, fingerprint) {
		const client = this.clientOf(fingerprint);
		const faults = overrides ? faultsOf(overrides, this.presets, '/overrides') : [];
		if (faults.length)
			throw faultsProblem(faults);
		const rename = (one) => (one.client === fingerprint && label ? { ...one, label } : one);
		this.clients = this.clients.map((one) => (one === client ?
			{ ...one, ...label && { label }, ...overrides && { overrides }, ...user !== undefined && { user } } : one));
		if (grants)
			this.applyGrants(fingerprint, grants);
		this.displays = this.displays.map(rename);
		this.sessions = this.sessions.map(rename);
		this.changed('clients', 'displays', 'sessions');
		return this.clientOf(fingerprint);
	}

	'DELETE clients'(body, fingerprint) {
		this.clientOf(fingerprint);
		this.clients = this.clients.filter((one) => one.fingerprint !== fingerprint);
		this.sessions = this.sessions.filter((one) => one.client !== fingerprint);
		this.displays = this.displays.filter((one) => one.client !== fingerprint);
		this.changed('clients', 'sessions', 'displays');
	}

	'GET pairing'() {
		return this.pairing;
	}

	'POST pairing'({ seconds = 600 }) {
		this.pairing = { ...this.pairing, armed: true, pin: String(randomInt(1e6)).padStart(6, '0'), expires_in: seconds };
		this.changed('pairing');
		return this.pairing;
	}

	'DELETE pairing'() {
		this.pairing = { ...this.pairing, armed: false, pin: null, expires_in: null };
		this.changed('pairing');
	}

	'POST pairing requests'({ decision }, session) {
		const request = this.pairing.requests.find((one) => one.session === Number(session));
		if (!request)
			throw new ApiProblem(404, 'no such request');
		this.pairing = { ...this.pairing, requests: this.pairing.requests.filter((one) => one !== request) };
		if (decision === 'approve') {
			this.clients = [...this.clients, { fingerprint: request.fingerprint, label: request.label,
				paired_at: 1790000000, overrides: {}, sessions: [], slots: [], ...RIGHTS }];
		}
		this.changed('pairing', 'clients');
		return this.pairing;
	}

	'GET sessions'() {
		return { sessions: this.sessions };
	}

	'DELETE sessions'(body, session) {
		const id = Number(session);
		if (!this.sessions.some((one) => one.session === id))
			throw new ApiProblem(404, 'no such session');
		this.sessions = this.sessions.filter((one) => one.session !== id);
		this.displays = this.displays.map((display) => ({ ...display, sessions: display.sessions.filter((one) => one !== id) }));
		this.changed('sessions', 'displays');
	}

	/** The bodies of what the console asked since `since` (an earlier requests.length). */
	asked(method, path, since = 0) {
		return this.requests.slice(since).filter((one) => one.method === method && one.path === path).map((one) => one.body);
	}
}

Object.assign(FakeApi.prototype, TOGETHER_ROUTES, APP_ROUTES);

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	const { furnish } = await import('./scenes.mjs');
	const api = new FakeApi();
	furnish(api);
	await api.listen(Number(process.argv[2] ?? 7445));
	console.log(`${api.url}  code ${api.code}`);
}
