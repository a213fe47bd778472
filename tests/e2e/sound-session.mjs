// A private PipeWire for a browser to play into and to record from, and what was played there. See tests/support/sound_session.h.

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

import { until } from './browser.mjs';

const SOUNDS = resolve(import.meta.dirname, '../integration/host');
const END_PATIENCE_MS = 20000;
const JUDGE = `
import json, sys, sounds
file, seconds, *tones = sys.argv[1:]
samples = sounds.read_end(file, float(seconds))
print(json.dumps(samples and {"loudest": sounds.loudest(samples), "tones": [sounds.level_db(samples, int(hz)) for hz in tones]}))`;
const BEEPS = `
import sys, sounds
file, hz = sys.argv[1], int(sys.argv[2])
sounds.write_tone(file, hz, 120)
period = sounds.RATE_HZ // 2 * sounds.FRAME_SIZE
with open(file, "r+b") as beeps:
    for at in range(sounds.HEADER_SIZE, sounds.HEADER_SIZE + 240 * period, period):
        beeps.seek(at + period // 3)
        beeps.write(bytes(period - period // 3))`;

async function python(program, ...args) {
	const { stdout } = await promisify(execFile)('python3', ['-c', program, ...args.map(String)],
		{ env: { ...process.env, PYTHONPATH: SOUNDS, PYTHONDONTWRITEBYTECODE: '1' }, timeout: 30000 });
	return stdout;
}

export class SoundSession {
	constructor(build) {
		this.children = [];
		this.output = '';
		this.process = spawn(join(build, 'tests/support/lodge-sound-session'), [], { stdio: ['pipe', 'pipe', 'inherit'] });
		this.process.stdout.on('data', (data) => this.output += data);
		this.ended = once(this.process, 'exit');
	}

	async ready() {
		await until('the private PipeWire', () => this.output.includes('\n') || this.process.exitCode !== null, 60000);
		this.folder = this.output.trim();
		if (!this.folder)
			throw new Error('there is no private PipeWire, see above');
		return this;
	}

	/** For programs that are to be heard in it, and nowhere else. */
	get environment() {
		return { ...process.env, XDG_RUNTIME_DIR: this.folder, PIPEWIRE_RUNTIME_DIR: this.folder,
			DBUS_SESSION_BUS_ADDRESS: `unix:path=${this.folder}/bus`, PULSE_SERVER: `unix:${this.folder}/pulse/native` };
	}

	start(...command) {
		const child = spawn(command[0], command.slice(1), { env: this.environment, stdio: ['ignore', 'ignore', 'inherit'] });
		this.children.push(child);
		return child;
	}

	/** What the sink plays, from now on, in a file that grows. */
	record() {
		this.file = join(this.folder, 'played.wav');
		return this.start('pw-record', '--target', 'session-sink', '-P', '{ stream.capture.sink=true }', '--format', 's16', this.file);
	}

	/** Beeps into the microphone, for two minutes at most: browsers take a tone that lasts for noise. */
	async beep(hz) {
		const file = join(this.folder, `beeps-${hz}.wav`);
		await python(BEEPS, file, hz);
		const player = this.start('pw-play', '--target', '0', file); // linked by hand: a source is nothing to play to
		await until('the link to the microphone', () => promisify(execFile)('pw-link', ['pw-play:output_FL', 'session-mic:input_MONO'],
			{ env: this.environment, timeout: 30000 }).then(() => true, ({ stderr }) => /exists/.test(stderr)));
		return player;
	}

	/** {loudest, tones: [decibels]} of the last second that was recorded; [] while there is none. */
	async played(...tones) {
		return JSON.parse(await python(JUDGE, this.file, 1, ...tones));
	}

	async end(child) {
		this.children = this.children.filter((one) => one !== child);
		if (child.exitCode !== null || child.signalCode !== null)
			return;
		const ended = once(child, 'exit');
		child.kill('SIGTERM');
		await ended;
	}

	async close() {
		for (const child of this.children)
			await this.end(child);
		const patience = setTimeout(() => this.process.kill('SIGKILL'), END_PATIENCE_MS);
		this.process.stdin.end();
		await this.ended;
		clearTimeout(patience);
	}
}
