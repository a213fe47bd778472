// This browser's key. The private half cannot leave the browser: not even this page can read it.

const DATABASE = 'lodge';
const STORE = 'identity';
const RECORD = 'client';
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' };

function settled(request) {
	return new Promise((resolve, reject) => {
		request.onsuccess = () => resolve(request.result);
		request.onerror = () => reject(request.error);
		request.onblocked = () => reject(new Error('another tab holds the key store'));
	});
}

async function withStore(mode, action) {
	const opening = indexedDB.open(DATABASE, 1);
	opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
	const database = await settled(opening);
	try {
		return await settled(action(database.transaction(STORE, mode).objectStore(STORE)));
	} finally {
		database.close();
	}
}

async function load() {
	const stored = await withStore('readonly', (store) => store.get(RECORD));
	if (stored)
		return stored;
	const pair = await crypto.subtle.generateKey(ALGORITHM, false, ['sign', 'verify']);
	await withStore('readwrite', (store) => store.put(pair, RECORD));
	// Two tabs may have come here together: the one that wrote last rules.
	return withStore('readonly', (store) => store.get(RECORD));
}

export class Identity {
	static async open() {
		let pair;
		let lasting = true;
		try {
			pair = await load();
		} catch (error) {
			console.warn('the browser keeps no keys; this pairing lasts as long as the page:', error);
			pair = await crypto.subtle.generateKey(ALGORITHM, false, ['sign', 'verify']);
			lasting = false;
		}
		const key = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey));
		return new Identity(pair.privateKey, key, lasting);
	}

	constructor(privateKey, publicKey, lasting) {
		this.privateKey = privateKey;
		this.publicKey = publicKey; // the uncompressed point
		this.lasting = lasting;
	}

	/** Raw r || s. */
	async sign(bytes) {
		const signature = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, this.privateKey, bytes);
		return new Uint8Array(signature);
	}

	static forget() {
		return withStore('readwrite', (store) => store.delete(RECORD));
	}
}
