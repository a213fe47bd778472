// A client without a screen: speaks the session protocol with the page's own codecs, for tests of what goes over the wire.

import { createSign, generateKeyPairSync } from 'node:crypto';
import WebSocket from 'ws';

import { attachStatement, decode, encode, SUBPROTOCOL } from '../../web/viewer/protocol.js';
import { until } from './browser.mjs';

export class WireClient {
	constructor(host, label) {
		this.url = host.url;
		this.label = label;
		this.keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
		this.reset();
	}

	reset() {
		this.heard = [];
		this.people = new Map();
		this.control = null;
		this.closed = false;
	}

	/** With a PIN it pairs. Resolves when it is welcomed, or with the refusal. */
	async attach(pin = null) {
		this.reset();
		const address = new URL(this.url);
		this.socket = new WebSocket(`wss://${address.host}/session`, SUBPROTOCOL,
			{ rejectUnauthorized: false, origin: address.origin });
		this.socket.binaryType = 'arraybuffer';
		const { socket } = this;
		socket.on('message', (data) => socket === this.socket && this.onMessage(data, address.host, pin));
		for (const event of ['close', 'error'])
			socket.on(event, () => { this.closed ||= socket === this.socket; }); // a dropped one may end after the next began
		const answer = await this.hear(({ type }) => type === 'WELCOME' || type === 'REFUSED');
		this.session = answer.session;
		this.grants = answer.grants;
		return answer;
	}

	onMessage(data, authority, pin) {
		const message = decode(data);
		this.heard.push(message);
		if (message.type === 'CHALLENGE') {
			const sign = createSign('sha256');
			sign.update(attachStatement(message.nonce, authority));
			const { x, y } = this.keys.publicKey.export({ format: 'jwk' });
			const claim = {
				version: 1, label: this.label,
				key: Buffer.concat([Buffer.from([4]), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]),
				signature: sign.sign({ key: this.keys.privateKey, dsaEncoding: 'ieee-p1363' }),
			};
			if (pin === null)
				this.send('AUTHENTICATE', claim);
			else
				this.send('PAIR', { ...claim, pin });
		} else if (message.type === 'PERSON') {
			if (message.change === 0)
				this.people.clear();
			else if (message.change === 1)
				this.people.set(message.person, message);
			else
				this.people.delete(message.person);
		} else if (message.type === 'CONTROL_STATE') {
			this.control = message;
		} else if (message.type === 'FRAME') {
			this.send('ACKNOWLEDGE', { display: 0, sequence: message.sequence });
		}
	}

	send(type, fields) {
		this.socket.send(encode(type, fields));
	}

	async open(width, height) {
		this.send('OPEN_DISPLAY', { display: 0, width, height, refresh: 60000, scale: 100 });
		return this.hear(({ type }) => type === 'DISPLAY_OPENED' || type === 'DISPLAY_DECLINED');
	}

	/** The first message of its kind that was heard, or is heard in time. */
	hear(wanted, since = 0) {
		return until(`${this.label} to hear ${wanted}`, () => this.heard.slice(since).find(wanted));
	}

	messages(type, since = 0) {
		return this.heard.slice(since).filter((message) => message.type === type);
	}

	names() {
		return [...this.people.values()].map(({ name }) => name).sort();
	}

	key(code, pressed) {
		this.send('KEY', { code, pressed });
	}

	type(text) {
		this.send('TEXT', { text });
	}

	drop() {
		this.socket.terminate();
	}
}
