// The session protocol's codecs (docs/protocol.md). Bytes in, values out, and back; no I/O, no state but scratch.

export const VERSION = 1;
export const SUBPROTOCOL = 'lodge.v1';
export const CONTEXT = 'lodge-v1 attach';
export const TEXT_MAX = 4096;
export const LABEL_MAX = 64;

export const Challenge = Object.freeze({ OPEN: 1, PIN_ARMED: 2 });
export const Grant = Object.freeze({ POINTER: 1, KEYBOARD: 2, TEXT: 4, GAMEPAD: 8, CLIPBOARD: 16, MICROPHONE: 32, LAUNCH: 64 });
export const Control = Object.freeze({ REQUEST: 1, WITHDRAW: 2, GRANT: 3, DENY: 4, RELEASE: 5, GIVE: 6 });
export const PersonChange = Object.freeze({ FORGET: 0, HERE: 1, GONE: 2 });
export const PersonFlag = Object.freeze({ SELF: 1, VIEW_ONLY: 2 });
export const FrameFlag = Object.freeze({ KEYFRAME: 1, REFINEMENT: 2 });
export const TileFormat = Object.freeze({ PNG: 0, SOLID: 1, PALETTE: 2 });
export const OpenedFlag = Object.freeze({ KEPT: 1, JOINED: 2, APP_MODE: 4 });
export const ListenFlag = Object.freeze({ ON: 1 });
export const GamepadKind = Object.freeze({ UNKNOWN: 0, XBOX: 1, PLAYSTATION: 2, SWITCH: 3 });
export const SoundFlag = Object.freeze({ PLAYED: 1, MICROPHONE: 2, GAMEPADS: 4, OWN: 8, AWAY: 16 });
export const AppFlag = Object.freeze({ ISOLATED: 1, ICON: 2, RUNS: 4 });
// The type that the host found in an icon's bytes, by ICON's format.
export const iconTypes = ['', 'image/png', 'image/svg+xml', 'image/webp'];
export const CloseFlag = Object.freeze({ QUIT: 1 });

// By code - 1, in the words of the catalogue (locales/).
export const refusals = ['malformed', 'unsupported_version', 'unknown_client', 'wrong_pin', 'no_pin',
	'rate_limited', 'bad_signature', 'too_many_sessions', 'timeout', 'flood', 'denied'];
export const declines = ['bad_mode', 'create_failed', 'timeout', 'no_desktop', 'unknown_display', 'full',
	'busy', 'encoder_busy', 'shutting_down'];
export const ends = ['superseded', 'taken_over', 'released_by_operator', 'desktop_gone', 'shutdown', 'internal', 'app_ended'];
export const notices = ['desktop_restarting', 'desktop_back', 'text_unsupported', 'waiting_for_approval',
	'control_refused', 'control_denied', 'control_expired'];

const MODE = [['width', 'u16'], ['height', 'u16'], ['refresh', 'u32'], ['scale', 'u16']];
const TOLD = [['code', 'u16'], ['text', 'str']];

// Field types: u8 u16 u32 i16 i32, u64 (a BigInt), bool (u8), str, bytesN, blob (u16 size first), numbers (a blob of
// u32), rest, apps.
const layouts = {
	AUTHENTICATE: [0x01, [['version', 'u16'], ['key', 'bytes65'], ['signature', 'bytes64'], ['label', 'str']]],
	PAIR: [0x02, [['version', 'u16'], ['key', 'bytes65'], ['signature', 'bytes64'], ['pin', 'str'],
		['label', 'str']]],
	OPEN_DISPLAY: [0x03, [['display', 'u8'], ...MODE]],
	SET_MODE: [0x04, [['display', 'u8'], ...MODE]],
	CLOSE_DISPLAY: [0x05, [['display', 'u8'], ['flags', 'u8']]],
	REQUEST_KEYFRAME: [0x06, [['display', 'u8']]],
	ACKNOWLEDGE: [0x07, [['display', 'u8'], ['sequence', 'u32']]],
	PING: [0x08, [['clientTime', 'u64']]],
	SET_STREAM: [0x09, [['display', 'u8'], ['maxKbps', 'u32'], ['maxRate', 'u32']]],
	KEY: [0x10, [['code', 'u16'], ['pressed', 'bool']]],
	POINTER_ABSOLUTE: [0x11, [['display', 'u8'], ['x', 'u16'], ['y', 'u16']]],
	POINTER_RELATIVE: [0x12, [['display', 'u8'], ['dx', 'i32'], ['dy', 'i32']]],
	POINTER_BUTTON: [0x13, [['display', 'u8'], ['button', 'u16'], ['pressed', 'bool']]],
	POINTER_AXIS: [0x14, [['display', 'u8'], ['axis', 'u8'], ['distance', 'i32'], ['v120', 'i32']]],
	RELEASE_ALL: [0x15, []],
	TEXT: [0x16, [['text', 'str']]],
	CONTROL: [0x17, [['action', 'u8'], ['session', 'u32']]],
	LISTEN: [0x18, [['flags', 'u8'], ['channels', 'u8'], ['maxKbps', 'u32']]],
	MICROPHONE: [0x19, [['sequence', 'u32'], ['packet', 'rest']]],
	GAMEPAD: [0x1a, [['pad', 'u8'], ['buttons', 'u32'], ['leftX', 'i16'], ['leftY', 'i16'], ['rightX', 'i16'],
		['rightY', 'i16'], ['leftTrigger', 'u16'], ['rightTrigger', 'u16']]],
	GAMEPAD_PLUG: [0x1b, [['pad', 'u8'], ['plugged', 'bool'], ['kind', 'u8'], ['name', 'str']]],
	OPEN_APP: [0x1c, [['display', 'u8'], ...MODE, ['app', 'str']]],
	GET_ICON: [0x1d, [['app', 'str']]],

	CHALLENGE: [0x81, [['version', 'u16'], ['nonce', 'bytes32'], ['flags', 'u8'], ['name', 'str']]],
	WELCOME: [0x82, [['session', 'u32'], ['fingerprint', 'bytes32'], ['label', 'str'], ['grants', 'u32']]],
	REFUSED: [0x83, TOLD],
	DISPLAY_OPENED: [0x84, [['display', 'u8'], ['slot', 'u8'], ['generation', 'u32'], ...MODE, ['flags', 'u8'], ['holder', 'str']]],
	DISPLAY_DECLINED: [0x85, [['display', 'u8'], ...TOLD, ['holder', 'str'], ...MODE]],
	STREAM_CONFIG: [0x86, [['display', 'u8'], ['width', 'u16'], ['height', 'u16'], ['codec', 'str']]],
	PONG: [0x88, [['clientTime', 'u64'], ['hostTime', 'u64']]],
	ENDED: [0x89, TOLD],
	NOTICE: [0x8a, TOLD],
	PERSON: [0x8b, [['display', 'u8'], ['change', 'u8'], ['flags', 'u8'], ['state', 'u8'], ['slot', 'u8'],
		['sessions', 'u16'], ['person', 'u32'], ['session', 'u32'], ['name', 'str']]],
	CONTROL_STATE: [0x8c, [['mode', 'u8'], ['holder', 'u32'], ['asking', 'u32'], ['place', 'u16'], ['waiting', 'u16'],
		['leftMs', 'u32'], ['holderName', 'str'], ['askingName', 'str'], ['line', 'numbers']]],
	GRANTS: [0x8d, [['grants', 'u32'], ['seconds', 'u32']]],
	POINTER: [0x8e, [['display', 'u8'], ['visible', 'bool'], ['person', 'u32'], ['x', 'u16'], ['y', 'u16']]],
	AUDIO_CONFIG: [0x8f, [['channels', 'u8'], ['frame', 'u16'], ['sampleRate', 'u32'], ['codec', 'str'], ['head', 'blob']]],
	AUDIO: [0x90, [['sequence', 'u32'], ['captureTime', 'u64'], ['packet', 'rest']]],
	RUMBLE: [0x91, [['pad', 'u8'], ['strong', 'u16'], ['weak', 'u16'], ['lastsMs', 'u16']]],
	APPS: [0x92, [['apps', 'apps']]],
	SOUND: [0x93, [['flags', 'u8'], ['reason', 'str']]],
	APP: [0x94, [['flags', 'u8'], ['id', 'str']]],
	ICON: [0x95, [['format', 'u8'], ['id', 'str'], ['bytes', 'rest']]],
};
const APP = [['id', 'str'], ['name', 'str'], ['flags', 'u8']];
const FRAME = 0x87;

export const messageNames = Object.freeze([...Object.keys(layouts), 'FRAME']);
const nameOfType = new Map(Object.entries(layouts).map(([name, [type]]) => [type, name]));

const FRAME_HEADER_SIZE = 24;
const RECT_SIZE = 8;
const TILE_SIZE = 13;

const utf8 = new TextEncoder();
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export class ProtocolError extends Error {}

// One message is written at a time, and WebSocket.send() copies it: every event shares this buffer.
const scratch = new Uint8Array(TEXT_MAX + 1024);
const scratchView = new DataView(scratch.buffer);

function writeField(at, kind, value) {
	switch (kind) {
	case 'u8':
	case 'bool':
		scratchView.setUint8(at, Number(value));
		return at + 1;
	case 'u16':
		scratchView.setUint16(at, value, true);
		return at + 2;
	case 'u32':
		scratchView.setUint32(at, value, true);
		return at + 4;
	case 'i16':
		scratchView.setInt16(at, value, true);
		return at + 2;
	case 'i32':
		scratchView.setInt32(at, value, true);
		return at + 4;
	case 'u64':
		scratchView.setBigUint64(at, BigInt(value), true);
		return at + 8;
	case 'str': {
		const { written, read } = utf8.encodeInto(value, scratch.subarray(at + 2));
		if (read !== value.length)
			throw new ProtocolError('the text is too long for a message');
		scratchView.setUint16(at, written, true);
		return at + 2 + written;
	}
	case 'blob':
		scratchView.setUint16(at, value.length, true);
		scratch.set(value, at + 2);
		return at + 2 + value.length;
	case 'numbers':
		scratchView.setUint16(at, 4 * value.length, true);
		return value.reduce((end, one) => writeField(end, 'u32', one), at + 2);
	case 'rest':
		scratch.set(value, at);
		return at + value.length;
	case 'apps':
		scratchView.setUint16(at, value.length, true);
		at += 2;
		for (const app of value) {
			for (const [field, part] of APP)
				at = writeField(at, part, app[field]);
		}
		return at;
	default: {
		const size = Number(kind.slice('bytes'.length));
		if (value.length !== size)
			throw new ProtocolError(`${value.length} bytes where ${size} belong`);
		scratch.set(value, at);
		return at + size;
	}
	}
}

/** The message's bytes, those of a client's at most: a view into a shared buffer, good until the next call. Every message but FRAME. */
export function encode(type, fields) {
	const [number, layout] = layouts[type];
	scratch[0] = number;
	let at = 1;
	for (const [field, kind] of layout)
		at = writeField(at, kind, fields[field]);
	return scratch.subarray(0, at);
}

class Reader {
	constructor(bytes, name) {
		this.bytes = bytes;
		this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
		this.name = name;
		this.at = 0;
	}

	take(size, field) {
		const at = this.at;
		if (at + size > this.bytes.length)
			throw new ProtocolError(`${this.name} ends within ${field}`);
		this.at += size;
		return at;
	}

	read(kind, field) {
		switch (kind) {
		case 'u8':
			return this.bytes[this.take(1, field)];
		case 'bool': {
			const value = this.bytes[this.take(1, field)];
			if (value > 1)
				throw new ProtocolError(`${this.name}: ${field} is ${value}, not 0 or 1`);
			return value === 1;
		}
		case 'u16':
			return this.view.getUint16(this.take(2, field), true);
		case 'u32':
			return this.view.getUint32(this.take(4, field), true);
		case 'i16':
			return this.view.getInt16(this.take(2, field), true);
		case 'i32':
			return this.view.getInt32(this.take(4, field), true);
		case 'u64':
			return this.view.getBigUint64(this.take(8, field), true);
		case 'str':
			return this.readString(field);
		case 'blob':
			return this.copy(this.read('u16', field), field);
		case 'numbers':
			return Array.from({ length: this.read('u16', field) / 4 }, () => this.read('u32', field));
		case 'rest':
			return this.copy(this.bytes.length - this.at, field);
		case 'apps':
			return Array.from({ length: this.read('u16', field) }, () => this.readFields(APP, {}));
		default:
			return this.copy(Number(kind.slice('bytes'.length)), field);
		}
	}

	readFields(layout, result) {
		for (const [field, kind] of layout)
			result[field] = this.read(kind, field);
		return result;
	}

	copy(size, field) {
		const at = this.take(size, field);
		return this.bytes.slice(at, at + size);
	}

	readString(field) {
		const size = this.read('u16', field);
		const at = this.take(size, field);
		try {
			return strictUtf8.decode(this.bytes.subarray(at, at + size));
		} catch {
			throw new ProtocolError(`${this.name}: ${field} is no UTF-8`);
		}
	}

	end() {
		if (this.at !== this.bytes.length)
			throw new ProtocolError(`${this.bytes.length - this.at} bytes behind ${this.name}`);
	}
}

function asBytes(message) {
	return message instanceof Uint8Array ? message : new Uint8Array(message);
}

/** {type, ...fields}, the type by its name; throws ProtocolError with a sentence. Blobs are copies, a FRAME's parts are views. */
export function decode(message) {
	const bytes = asBytes(message);
	if (bytes.length === 0)
		throw new ProtocolError('an empty message');
	if (bytes[0] === FRAME)
		return decodeFrame(bytes);
	const type = nameOfType.get(bytes[0]);
	if (!type)
		throw new ProtocolError(`no message has type ${bytes[0]}`);
	const reader = new Reader(bytes, type);
	reader.at = 1;
	const result = reader.readFields(layouts[type][1], { type });
	reader.end();
	return result;
}

/**
 * {type, display, flags, sequence, captureNs, rects, tiles, video}. `rects` is a Uint16Array of x, y, width,
 * height after each other; a tile is {x, y, width, height, format, bytes}.
 */
function decodeFrame(bytes) {
	const reader = new Reader(bytes, 'FRAME');
	const { view } = reader;
	reader.take(FRAME_HEADER_SIZE, 'the header');
	const rectCount = view.getUint16(16, true);
	const tileCount = view.getUint16(18, true);
	const videoSize = view.getUint32(20, true);
	const frame = {
		type: 'FRAME',
		display: bytes[1],
		flags: bytes[2],
		sequence: view.getUint32(4, true),
		// Exact up to 104 days of the host's uptime, then good to a few nanoseconds.
		captureNs: view.getUint32(12, true) * 4294967296 + view.getUint32(8, true),
		rects: readRects(reader, rectCount),
		tiles: readTiles(reader, tileCount),
		video: null,
	};
	const at = reader.take(videoSize, 'the video');
	frame.video = bytes.subarray(at, at + videoSize);
	reader.end();
	return frame;
}

function readRects(reader, count) {
	const at = reader.take(count * RECT_SIZE, 'the video rectangles');
	const start = reader.bytes.byteOffset + at;
	if (start % 2 === 0)
		return new Uint16Array(reader.bytes.buffer, start, count * 4);
	const rects = new Uint16Array(count * 4);
	for (let i = 0; i < rects.length; i++)
		rects[i] = reader.view.getUint16(at + i * 2, true);
	return rects;
}

function readTiles(reader, count) {
	const { view, bytes } = reader;
	let header = reader.take(count * TILE_SIZE, 'the tile headers');
	const tiles = new Array(count);
	for (let i = 0; i < count; i++, header += TILE_SIZE) {
		const format = bytes[header + 8];
		const size = view.getUint32(header + 9, true);
		const at = reader.take(size, 'a tile');
		if (format > TileFormat.PALETTE || (format === TileFormat.SOLID && size !== 4))
			throw new ProtocolError(`FRAME has a tile of format ${format} and ${size} bytes`);
		tiles[i] = {
			x: view.getUint16(header, true),
			y: view.getUint16(header + 2, true),
			width: view.getUint16(header + 4, true),
			height: view.getUint16(header + 6, true),
			format,
			bytes: bytes.subarray(at, at + size),
		};
	}
	return tiles;
}

/** What the key signs to attach (docs/protocol.md §1). */
export function attachStatement(nonce, authority) {
	const context = utf8.encode(CONTEXT);
	const host = utf8.encode(authority);
	const statement = new Uint8Array(context.length + 1 + nonce.length + host.length);
	statement.set(context, 0);
	statement.set(nonce, context.length + 1);
	statement.set(host, context.length + 1 + nonce.length);
	return statement;
}

/** Cuts text into pieces of at most `limit` bytes of UTF-8, never inside a character. NULs are left out. */
export function* textPieces(text, limit = TEXT_MAX) {
	let piece = '';
	let size = 0;
	for (const character of text.replaceAll('\0', '')) {
		const bytes = utf8.encode(character).length;
		if (size + bytes > limit) {
			yield piece;
			piece = '';
			size = 0;
		}
		piece += character;
		size += bytes;
	}
	if (piece)
		yield piece;
}
