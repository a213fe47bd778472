// A host without a desktop: speaks docs/protocol.md, serves the page under the host's own headers, shows what a test
// tells it to. For a look at the page:  node tests/viewer/fake-host.mjs [port] [--company]

import { createHash, createPublicKey, randomBytes, verify } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { fileURLToPath } from 'node:url';
import { deflateSync, crc32 as zlibCrc32 } from 'node:zlib';
import { WebSocketServer } from 'ws';

import { attachStatement, decode, encode } from '../../web/viewer/protocol.js';
import { lateQueue } from './late.mjs';
import { encodeFixture } from './make-fixtures.mjs';
import { certificate, servePage } from './pages.mjs';

const CODEC = 'avc1.42C01F';
const START_CODE_OF_DELIMITER = Buffer.from([0, 0, 0, 1, 9]);

const encoded = new Map(); // WIDTHxHEIGHT → its access units

/** The access units of a display of that size: a keyframe, then one where the first quadrant turns yellow. */
export function accessUnits(width, height) {
	const size = `${width}x${height}`;
	if (!encoded.has(size))
		encoded.set(size, encodeUnits(width, height));
	return encoded.get(size);
}

function encodeUnits(width, height) {
	const path = fileURLToPath(new URL(`fixtures/${width}x${height}.h264`, import.meta.url));
	const stream = existsSync(path) ? readFileSync(path) : encodeFixture(width, height);
	const units = [];
	for (let at = 0; at >= 0;) {
		const next = stream.indexOf(START_CODE_OF_DELIMITER, at + 5);
		units.push(stream.subarray(at, next < 0 ? undefined : next));
		at = next;
	}
	return units;
}

function crc32(bytes) {
	if (zlibCrc32)
		return zlibCrc32(bytes);
	let crc = ~0;
	for (const byte of bytes) {
		crc ^= byte;
		for (let bit = 0; bit < 8; bit++)
			crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return ~crc >>> 0;
}

function chunk(type, data) {
	const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
	const out = Buffer.alloc(body.length + 8);
	out.writeUInt32BE(data.length, 0);
	body.copy(out, 4);
	out.writeUInt32BE(crc32(body), body.length + 4);
	return out;
}

/** `colour(x, y)` → [red, green, blue]. */
export function png(width, height, colour) {
	const raw = Buffer.alloc(height * (1 + width * 3));
	for (let y = 0; y < height; y++) {
		for (let x = 0; x < width; x++)
			raw.set(colour(x, y), y * (1 + width * 3) + 1 + x * 3);
	}
	const header = Buffer.alloc(13);
	header.writeUInt32BE(width, 0);
	header.writeUInt32BE(height, 4);
	header.set([8, 2, 0, 0, 0], 8);
	return Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), chunk('IHDR', header),
		chunk('IDAT', deflateSync(raw)), chunk('IEND', Buffer.alloc(0))]);
}

export function encodeFrame({ sequence, flags = 0, captureNs, rects = [], tiles = [], video = Buffer.alloc(0) }) {
	const head = Buffer.alloc(24 + rects.length * 8 + tiles.length * 13);
	head[0] = 0x87;
	head[2] = flags;
	head.writeUInt32LE(sequence, 4);
	head.writeBigUInt64LE(captureNs, 8);
	head.writeUInt16LE(rects.length, 16);
	head.writeUInt16LE(tiles.length, 18);
	head.writeUInt32LE(video.length, 20);
	let at = 24;
	const writeRect = (rect) => {
		for (const value of [rect.x, rect.y, rect.width, rect.height])
			at = head.writeUInt16LE(value, at);
	};
	rects.forEach(writeRect);
	for (const tile of tiles) {
		writeRect(tile);
		at = head.writeUInt8(tile.format, at);
		at = head.writeUInt32LE(tile.bytes.length, at);
	}
	return Buffer.concat([head, ...tiles.map((tile) => tile.bytes), video]);
}

/** Somebody on the desktop; `fields` as of PERSON. */
export function person(fields) {
	return { display: 0, change: 1, flags: 0, state: 1, slot: 1, sessions: 1, session: fields.person + 100, ...fields };
}

export const forget = person({ change: 0, person: 0, session: 0, state: 0, slot: 0, sessions: 0, name: '' });

/** One person at a time drives; `fields` as of CONTROL_STATE. */
export function controlState(fields) {
	return { mode: 1, holder: 0, asking: 0, place: 0, waiting: 0, leftMs: 0, holderName: '', askingName: '', line: [], ...fields };
}

function publicKeyOf(point) {
	const base64 = (bytes) => Buffer.from(bytes).toString('base64url');
	return createPublicKey({ format: 'jwk', key: {
		kty: 'EC', crv: 'P-256', x: base64(point.subarray(1, 33)), y: base64(point.subarray(33)),
	} });
}

/** Emits 'message' (decoded, of a client), 'attached' (a viewer), 'welcomed' (a viewer). */
export class FakeHost extends EventEmitter {
	constructor({ pin = '482915', open = false, name = 'birch', grants = 7, invitation = '' } = {}) {
		super();
		Object.assign(this, { pin, open, name, grants, invitation }); // `invitation`: its PIN
		this.clients = new Set(); // fingerprints
		this.viewers = new Set();
		this.received = []; // every message of every viewer, in order
		this.sequence = 100;
		this.automatic = true; // answer OPEN_DISPLAY, SET_MODE and PING as a host does
		this.away = false; // then whoever connects is cut off
	}

	async listen(port = 0) {
		this.server = createServer(certificate(), (request, response) => servePage(request, response));
		this.sockets = new WebSocketServer({ server: this.server, path: '/session',
			handleProtocols: (offered) => (offered.has('lodge.v1') ? 'lodge.v1' : false) });
		this.sockets.on('connection', (socket, request) => this.attach(socket, request.headers.host));
		this.server.listen(port, '127.0.0.1');
		await once(this.server, 'listening');
		this.port = this.server.address().port;
		this.url = `https://127.0.0.1:${this.port}/`;
	}

	async close() {
		for (const viewer of this.viewers)
			viewer.socket.terminate();
		this.server.closeAllConnections();
		await new Promise((resolve) => this.server.close(resolve));
	}

	attach(socket, authority) {
		if (this.away) {
			socket.terminate();
			return;
		}
		const viewer = { socket, authority, nonce: randomBytes(32), mode: null, hear: lateQueue(), say: lateQueue() };
		this.viewers.add(viewer);
		socket.on('close', () => viewer.hear(() => this.viewers.delete(viewer)));
		socket.on('message', (bytes) => viewer.hear(() => this.onMessage(viewer, decode(new Uint8Array(bytes)))));
		this.sendTo(viewer, 'CHALLENGE', { version: 1, nonce: viewer.nonce, name: this.name,
			flags: (this.open ? 1 : 0) | (this.pin ? 2 : 0) });
		this.emit('attached', viewer);
	}

	sendTo(viewer, type, fields) {
		const bytes = Buffer.from(encode(type, fields));
		viewer.say(() => viewer.socket.send(bytes));
	}

	/** To every viewer. */
	send(type, fields) {
		for (const viewer of this.viewers)
			this.sendTo(viewer, type, fields);
	}

	refuse(viewer, code, text) {
		this.sendTo(viewer, 'REFUSED', { code, text });
		this.letGo(viewer);
	}

	/** Closes the socket behind what was said to it. */
	letGo(viewer) {
		viewer.say(() => viewer.socket.close());
	}

	onMessage(viewer, message) {
		this.received.push(message);
		const handler = this[`on${message.type}`];
		if (handler && (this.automatic || ['AUTHENTICATE', 'PAIR'].includes(message.type)))
			handler.call(this, viewer, message);
		this.emit('message', message, viewer);
	}

	isSigned(viewer, { key, signature }) {
		const statement = attachStatement(viewer.nonce, viewer.authority);
		return verify('sha256', statement, { key: publicKeyOf(key), dsaEncoding: 'ieee-p1363' }, signature);
	}

	onAUTHENTICATE(viewer, message) {
		this.admit(viewer, message, (fingerprint) => {
			if (this.clients.has(fingerprint) || this.open)
				this.welcome(viewer, message, fingerprint);
			else
				this.refuse(viewer, 3, 'this client is not paired with this host');
		});
	}

	onPAIR(viewer, message) {
		this.admit(viewer, message, (fingerprint) => {
			if (message.pin === '') {
				this.sendTo(viewer, 'NOTICE', { code: 4, text: 'the operator was asked' });
				return;
			}
			const wanted = message.pin.length === 8 ? this.invitation : this.pin;
			if (message.pin !== wanted) {
				this.refuse(viewer, wanted ? 4 : 5, 'the PIN is wrong');
				return;
			}
			this.clients.add(fingerprint);
			this.welcome(viewer, message, fingerprint);
		});
	}

	admit(viewer, message, then) {
		if (!this.isSigned(viewer, message))
			this.refuse(viewer, 7, 'the signature is not one of this key');
		else
			then(createHash('sha256').update(message.key).digest('hex'));
	}

	welcome(viewer, { label }, fingerprint) {
		this.sendTo(viewer, 'WELCOME', { session: 1, fingerprint: Buffer.from(fingerprint, 'hex'), label, grants: this.grants });
		this.emit('welcomed', viewer);
	}

	onOPEN_DISPLAY(viewer, mode) {
		this.setMode(viewer, mode);
	}

	onOPEN_APP(viewer, mode) {
		this.setMode(viewer, mode);
	}

	onSET_MODE(viewer, mode) {
		this.setMode(viewer, mode);
	}

	setMode(viewer, { width, height, refresh, scale }) {
		viewer.mode = { width, height, refresh, scale };
		this.sendTo(viewer, 'DISPLAY_OPENED', { display: 0, slot: 1, generation: 1, ...viewer.mode, flags: 0, holder: '' });
		this.sendKeyframe(viewer);
	}

	onREQUEST_KEYFRAME(viewer) {
		this.sendKeyframe(viewer);
	}

	onPING(viewer, { clientTime }) {
		this.sendTo(viewer, 'PONG', { clientTime, hostTime: process.hrtime.bigint() });
	}

	sendKeyframe(viewer) {
		const { width, height } = viewer.mode;
		viewer.units = accessUnits(width, height);
		this.sendTo(viewer, 'STREAM_CONFIG', { display: 0, width, height, codec: CODEC });
		this.sendFrame(viewer, { flags: 1, video: viewer.units[0], rects: [{ x: 0, y: 0, width, height }] });
	}

	/** The second picture: the first quadrant is yellow. */
	sendSecondPicture(viewer, rects) {
		this.sendFrame(viewer, { video: viewer.units[1], rects });
	}

	sendFrame(viewer, frame) {
		const sequence = this.sequence;
		this.sequence = (this.sequence + 1) >>> 0;
		const bytes = encodeFrame({ sequence, captureNs: process.hrtime.bigint(), ...frame });
		viewer.say(() => viewer.socket.send(bytes));
		return sequence;
	}

	/** The messages of that type since `since` (an earlier received.length). */
	messages(type, since = 0) {
		return this.received.slice(since).filter((message) => message.type === type);
	}
}

/** For people: something that moves, and something exact. */
function playForPeople(host, viewer) {
	let step = 0;
	const timer = setInterval(() => {
		if (!viewer.mode || viewer.socket.readyState !== 1)
			return;
		const hue = (step * 3) % 256;
		host.sendFrame(viewer, { tiles: [
			{ x: 40 + (step % 200), y: 60, width: 64, height: 64, format: 0,
				bytes: png(64, 64, (x, y) => [x * 4, y * 4, hue]) },
		] });
		step++;
	}, 33);
	viewer.socket.on('close', () => clearInterval(timer));
}

/** For people: Ada points in circles; control is asked for and given as one presses. */
function playCompany(host, viewer) {
	const tell = (type, fields) => viewer.socket.readyState === 1 && host.sendTo(viewer, type, fields);
	const ada = { holder: 102, holderName: 'Ada' };
	tell('PERSON', forget);
	tell('PERSON', person({ person: 1, flags: 1, session: 1, name: 'You' }));
	tell('PERSON', person({ person: 2, state: 2, sessions: 2, name: 'Ada' }));
	tell('PERSON', person({ person: 3, state: 0, flags: 2, session: 0, name: 'Jonas' }));
	tell('CONTROL_STATE', controlState(ada));
	let angle = 0;
	const timer = setInterval(() => {
		angle += 0.05;
		if (viewer.mode && angle % 12 < 6)
			tell('POINTER', { display: 0, visible: true, person: 2, x: Math.round(viewer.mode.width * (0.5 + 0.3 * Math.cos(angle))),
				y: Math.round(viewer.mode.height * (0.5 + 0.3 * Math.sin(angle))) });
	}, 50);
	viewer.socket.on('close', () => clearInterval(timer));
	const states = {
		1: controlState({ holder: 1, holderName: 'You', asking: 102, askingName: 'Ada', waiting: 1, leftMs: 10000 }),
		2: controlState(ada), 3: controlState(ada), 4: controlState({ holder: 1, holderName: 'You' }),
		5: controlState({}), 6: controlState(ada),
	};
	host.on('message', (message, from) => {
		if (message.type === 'CONTROL' && from === viewer)
			tell('CONTROL_STATE', states[message.action]);
	});
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	const host = new FakeHost();
	await host.listen(Number(process.argv[2] ?? 7444));
	host.on('welcomed', (viewer) => playForPeople(host, viewer));
	if (process.argv.includes('--company'))
		host.on('welcomed', (viewer) => playCompany(host, viewer));
	host.on('message', (message) => {
		if (!['ACKNOWLEDGE', 'PING'].includes(message.type))
			console.log(JSON.stringify(message, (key, value) => (typeof value === 'bigint' ? String(value) :
				value instanceof Uint8Array ? Buffer.from(value).toString('hex').slice(0, 16) : value)));
	});
	console.log(`${host.url}  PIN ${host.pin}`);
}
