// A WebSocket that comes back by itself. What the messages mean is not its business.

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 5000;
const OPEN_DEADLINE_MS = 8000;

/** How long to wait before try number `attempt` (0 = the first after a loss); a quarter of it is chance. */
export function retryDelay(attempt, random = Math.random) {
	const whole = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(attempt, 16));
	return whole * (0.75 + 0.25 * random());
}

const realTimers = {
	set: (action, delay) => setTimeout(action, delay),
	clear: (timer) => clearTimeout(timer),
};

/**
 * Events: opened(), message(ArrayBuffer), lost(delayMs) – lost comes once for each socket that went by itself, after
 * which another try follows.
 */
export class Connection {
	constructor({ open, events, timers = realTimers, random = Math.random }) {
		this.open = open;
		this.events = events;
		this.timers = timers;
		this.random = random;
		this.socket = null;
		this.timer = null;
		this.attempt = 0;
		this.wanted = false;
	}

	start() {
		this.wanted = true;
		this.attempt = 0;
		this.connect();
	}

	stop() {
		this.wanted = false;
		this.clearTimer();
		this.dropSocket();
	}

	/** The host has taken us in: the next loss starts with the shortest delay again. */
	settle() {
		this.attempt = 0;
	}

	/** The network is back, or the page is looked at again: do not sit out the delay. */
	retryNow() {
		if (this.wanted && !this.socket)
			this.connect();
	}

	/** The socket looks open but is dead. */
	giveUpSocket() {
		if (this.socket)
			this.onGone(this.socket);
	}

	get queuedBytes() {
		return this.socket ? this.socket.bufferedAmount : 0;
	}

	send(bytes) {
		if (this.socket?.readyState !== 1)
			return false;
		this.socket.send(bytes);
		return true;
	}

	clearTimer() {
		this.timers.clear(this.timer);
		this.timer = null;
	}

	dropSocket() {
		const socket = this.socket;
		this.socket = null;
		if (!socket)
			return;
		socket.onopen = socket.onmessage = socket.onclose = socket.onerror = null;
		socket.close();
	}

	connect() {
		this.clearTimer();
		this.dropSocket();
		const socket = this.open();
		this.socket = socket;
		socket.binaryType = 'arraybuffer';
		socket.onopen = () => {
			this.clearTimer();
			this.events.opened();
		};
		socket.onmessage = (event) => this.events.message(event.data);
		socket.onclose = () => this.onGone(socket);
		this.timer = this.timers.set(() => this.onGone(socket), OPEN_DEADLINE_MS);
	}

	onGone(socket) {
		if (socket !== this.socket)
			return;
		this.dropSocket();
		this.clearTimer();
		const delay = retryDelay(this.attempt++, this.random);
		this.timer = this.timers.set(() => this.connect(), delay);
		this.events.lost(delay);
	}
}
