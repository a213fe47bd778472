// A real lodged with a private sway, for the end-to-end tests.

import { spawn } from 'node:child_process';
import { mkdtempSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { until } from './browser.mjs';

const PATIENCE_MS = 20000;
const RUN_COMMAND = 0;
const GET_OUTPUTS = 3;
const GET_TREE = 4;

/** What `look` gives; null where what it looks at goes meanwhile, as a desktop does that ends by itself. */
function unlessGone(look) {
	try {
		return look();
	} catch (error) {
		if (['ENOENT', 'ESRCH'].includes(error.code))
			return null;
		throw error;
	}
}

function endKeeper(record) {
	if (/^kept 1$/m.test(record))
		process.kill(Number(/^keeper (\d+)/m.exec(record)[1]), 'SIGTERM');
}

/** For a sway: a key whose way up is late types its letter once, and not until it is up. */
export const NO_REPEATS = 'input type:keyboard repeat_rate 0';

export class Host {
	constructor(build, launch) {
		this.folder = mkdtempSync(join(tmpdir(), 'lodge-e2e-'));
		this.runtime = join(this.folder, 'run');
		this.state = join(this.folder, 'state');
		for (const path of [this.runtime, this.state])
			mkdirSync(path, { mode: 0o700 });
		this.log = '';
		this.output = '';
		const pages = resolve(import.meta.dirname, '../../web/viewer');
		this.process = spawn(join(build, 'src/host/lodged'), ['--listen', '127.0.0.1:0', '--spawn', 'sway',
			...launch.flatMap((command) => ['--launch', command]), '--pair', '--print-ready', '--pages', pages,
			'--state', this.state, '--config', join(this.folder, 'config')], {
			env: { ...process.env, XDG_RUNTIME_DIR: this.runtime }, stdio: ['ignore', 'pipe', 'pipe'],
		});
		this.process.stdout.on('data', (data) => this.output += data);
		this.process.stderr.on('data', (data) => this.log += data);
		this.ended = new Promise((done) => this.process.on('exit', (code) => done(code)));
	}

	async ready() {
		const line = await until('lodged to get ready', () => this.output.split('\n')[1] !== undefined && this.output);
		this.url = JSON.parse(line.split('\n')[0]).url;
		const [done] = await until('sway to listen', () => this.swaySocket() && this.ask(RUN_COMMAND, NO_REPEATS).catch((error) => {
			if (error.code !== 'ECONNREFUSED')
				throw error;
		}));
		if (!done.success)
			throw new Error(`sway: ${done.error}`);
		return this;
	}

	pin() {
		return readFileSync(join(this.state, 'pairing-pin'), 'utf8').trim();
	}

	swaySocket() {
		for (const { name: folder } of readdirSync(this.runtime, { withFileTypes: true }).filter((entry) => entry.isDirectory())) {
			const name = unlessGone(() => readdirSync(join(this.runtime, folder)).find((file) => file.startsWith('sway-ipc')));
			if (name)
				return join(this.runtime, folder, name);
		}
		return null;
	}

	/** The outputs in use, as {name: 'WxH'}. */
	async outputs() {
		const found = {};
		for (const output of await this.ask(GET_OUTPUTS)) {
			const mode = output.current_mode ?? {};
			if (output.active && mode.width > 16)
				found[output.name] = `${mode.width}x${mode.height}`;
		}
		return found;
	}

	/** Until a window of that application has the keys: what is typed before goes nowhere. */
	async untilFocused(application) {
		const isFocused = (node) => (node.app_id === application && node.focused) ||
			[...node.nodes, ...node.floating_nodes].some(isFocused);
		await until(`${application} with the focus`, async () => isFocused(await this.ask(GET_TREE)));
	}

	ask(kind, payload = '') {
		return new Promise((done, failed) => {
			const socket = connect(this.swaySocket());
			const head = Buffer.alloc(14);
			head.write('i3-ipc');
			head.writeUInt32LE(Buffer.byteLength(payload), 6);
			head.writeUInt32LE(kind, 10);
			let answer = Buffer.alloc(0);
			socket.on('error', failed);
			socket.on('data', (data) => {
				answer = Buffer.concat([answer, data]);
				if (answer.length >= 14 && answer.length >= 14 + answer.readUInt32LE(6)) {
					socket.destroy();
					done(JSON.parse(answer.subarray(14).toString()));
				}
			});
			socket.setTimeout(PATIENCE_MS, () => socket.destroy(new Error('sway does not answer')));
			socket.write(Buffer.concat([head, Buffer.from(payload)]));
		});
	}

	/** The management API as the operator: resolves with the answer's document. */
	api(method, path, body) {
		const token = readFileSync(join(this.state, 'admin-token'), 'utf8').trim();
		return new Promise((done, failed) => {
			const call = request(`${this.url}api/v1/${path}`, { method, rejectUnauthorized: false,
				headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' } }, (answer) => {
				let text = '';
				answer.on('data', (part) => text += part);
				answer.on('end', () => answer.statusCode < 300 ? done(text && JSON.parse(text)) :
					failed(new Error(`${answer.statusCode}: ${text}`)));
			});
			call.on('error', failed);
			call.end(body && JSON.stringify(body));
		});
	}

	/** Desktops that are kept outlive their host: their keepers end them, and remove what is left, when they are told to. */
	async endKept() {
		await until('the trees to be looked through', () => unlessGone(() => {
			for (const path of readdirSync(this.runtime, { recursive: true }).filter((path) => /(^|\/)tree\.[^/]*\/record$/.test(path)))
				unlessGone(() => endKeeper(readFileSync(join(this.runtime, path), 'utf8')));
			return true;
		}));
		for (const end = Date.now() + PATIENCE_MS; readdirSync(this.runtime).length && Date.now() < end;)
			await new Promise((done) => setTimeout(done, 20));
	}

	async stop() {
		this.process.kill('SIGTERM');
		const code = await this.ended;
		await this.endKept();
		const left = readdirSync(this.runtime);
		rmSync(this.folder, { recursive: true, force: true });
		for (const word of ['AddressSanitizer', 'LeakSanitizer', 'runtime error:']) {
			if (this.log.includes(word))
				throw new Error(`a sanitizer speaks:\n${this.log.slice(this.log.indexOf(word) - 200).slice(0, 3000)}`);
		}
		if (code !== 0 || left.length)
			throw new Error(`lodged ended with ${code} and left ${left}:\n${this.log.slice(-2000)}`);
	}
}
