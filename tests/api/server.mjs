// A host to ask (tests/support/api_server.c), and how it is asked. Its certificate is pinned.

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');
const DEADLINE_MS = 20000;

export const build = resolve(process.env.LODGE_BUILD ?? join(ROOT, 'build-check'));

function late(what) {
	return new Promise((_, fail) => setTimeout(() => fail(new Error(`${what} did not come in time`)), DEADLINE_MS).unref());
}

/** Fails when the promise does not settle in time. */
export function inTime(what, promise) {
	return Promise.race([promise, late(what)]);
}

export class Server {
	async start() {
		this.folder = mkdtempSync(join(tmpdir(), 'lodge-api-'));
		this.log = '';
		this.process = spawn(join(build, 'tests/support/lodge-api-server'),
			[this.folder, join(ROOT, 'web/viewer'), join(ROOT, 'web/console')], { stdio: ['pipe', 'pipe', 'pipe'] });
		this.process.stderr.on('data', (data) => this.log += data);
		this.ended = new Promise((done) => this.process.on('exit', (code, signal) => done(signal ?? code)));
		const line = await inTime('the server', new Promise((done, fail) => {
			let text = '';
			this.process.stdout.on('data', (data) => (text += data).includes('\n') && done(text));
			this.process.on('exit', (code) => fail(new Error(`the server ended with ${code}:\n${this.log}`)));
		}));
		Object.assign(this, JSON.parse(line));
		this.token = readFileSync(join(this.folder, 'admin-token'), 'utf8').trim();
		this.certificate = readFileSync(join(this.folder, 'certificate.pem'));
		return this;
	}

	async stop() {
		this.process.stdin.end();
		const code = await inTime('the end of the server', this.ended);
		rmSync(this.folder, { recursive: true });
		if (code !== 0)
			throw new Error(`the server ended with ${code}:\n${this.log}`);
	}

	get host() {
		return `127.0.0.1:${this.port}`;
	}

	mode(file) {
		return statSync(join(this.folder, file)).mode & 0o7777;
	}

	options(method, path, headers) {
		return { host: '127.0.0.1', port: this.port, method, path, headers, ca: this.certificate, checkServerIdentity: () => undefined };
	}

	/** {status, headers, text, json}. `body` may be a text or anything that JSON knows; `token: null` asks without. */
	ask(method, path, { body, headers = {}, token = this.token } = {}) {
		const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
		const all = {
			...(token ? { Authorization: `Bearer ${token}` } : {}),
			...(text === undefined ? {} : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) }),
			...headers,
		};
		return inTime(`${method} ${path}`, new Promise((done, fail) => {
			const asked = request(this.options(method, path, all), async (answer) => {
				const chunks = [];
				for await (const chunk of answer)
					chunks.push(chunk);
				const whole = Buffer.concat(chunks).toString();
				const isJson = /json/.test(answer.headers['content-type'] ?? '');
				done({ status: answer.statusCode, headers: answer.headers, text: whole, json: isJson ? JSON.parse(whole) : undefined });
			});
			asked.on('error', fail);
			asked.end(text);
		}));
	}

	/** A stream of events: {head, next(): {event, id, data}, comment(), close()}. */
	listen(headers = {}) {
		const all = { Authorization: `Bearer ${this.token}`, ...headers };
		return inTime('the stream', new Promise((done, fail) => {
			const asked = request(this.options('GET', '/api/v1/events', all), (head) => done(new Events(asked, head)));
			asked.on('error', fail);
			asked.end();
		}));
	}
}

class Events {
	constructor(asked, head) {
		this.asked = asked;
		this.head = head;
		this.waiting = [];
		this.blocks = [];
		this.text = '';
		this.over = new Promise((done) => head.on('close', done));
		head.setEncoding('utf8');
		head.on('data', (data) => this.take(data));
		head.on('error', () => {});
	}

	take(data) {
		const blocks = (this.text + data).split('\n\n');
		this.text = blocks.pop();
		for (const block of blocks) {
			const fields = Object.fromEntries(block.split('\n').map((line) => {
				const at = line.indexOf(': ');
				return [line.slice(0, at), line.slice(at + 2)];
			}));
			if (fields.event)
				this.give({ event: fields.event, id: fields.id, data: JSON.parse(fields.data) });
		}
	}

	give(event) {
		const waiter = this.waiting.shift();
		if (waiter)
			waiter(event);
		else
			this.blocks.push(event);
	}

	next() {
		if (this.blocks.length)
			return Promise.resolve(this.blocks.shift());
		return inTime('an event', new Promise((done) => this.waiting.push(done)));
	}

	/** The next one of that topic. */
	async of(topic) {
		for (;;) {
			const event = await this.next();
			if (event.event === topic)
				return event;
		}
	}

	close() {
		this.asked.destroy();
	}
}
