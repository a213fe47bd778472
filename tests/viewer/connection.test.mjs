import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Connection, retryDelay } from '../../web/viewer/connection.js';

class FakeTimers {
	constructor() {
		this.armed = new Map();
		this.next = 1;
	}

	set(action, delay) {
		this.armed.set(this.next, { action, delay });
		return this.next++;
	}

	clear(timer) {
		this.armed.delete(timer);
	}

	/** The only timer that is armed. */
	get only() {
		assert.equal(this.armed.size, 1);
		return [...this.armed.values()][0];
	}

	fire() {
		const { action } = this.only;
		this.armed.clear();
		action();
	}
}

class FakeSocket {
	constructor() {
		this.readyState = 0;
		this.sent = [];
		this.closed = false;
	}

	send(bytes) {
		this.sent.push(bytes);
	}

	close() {
		this.closed = true;
	}

	becomesOpen() {
		this.readyState = 1;
		this.onopen();
	}

	goes() {
		this.readyState = 3;
		this.onclose?.();
	}
}

function setUp() {
	const timers = new FakeTimers();
	const sockets = [];
	const log = [];
	const connection = new Connection({
		open: () => {
			sockets.push(new FakeSocket());
			return sockets.at(-1);
		},
		events: {
			opened: () => log.push('opened'),
			message: (data) => log.push(data),
			lost: (delay) => log.push(`lost ${delay}`),
		},
		timers,
		random: () => 1,
	});
	return { connection, timers, sockets, log };
}

test('the delay doubles from half a second to five seconds', () => {
	const delays = [0, 1, 2, 3, 4, 5, 100].map((attempt) => retryDelay(attempt, () => 1));
	assert.deepEqual(delays, [500, 1000, 2000, 4000, 5000, 5000, 5000]);
});

test('chance takes at most a quarter off the delay', () => {
	assert.equal(retryDelay(0, () => 0), 375);
	assert.equal(retryDelay(9, () => 0), 3750);
});

test('a lost socket is followed by another after the delay', () => {
	const { connection, timers, sockets, log } = setUp();
	connection.start();
	sockets[0].becomesOpen();
	sockets[0].goes();
	assert.deepEqual(log, ['opened', 'lost 500']);
	assert.equal(timers.only.delay, 500);
	timers.fire();
	assert.equal(sockets.length, 2);
});

test('each failure in a row waits longer, and a settled connection starts anew', () => {
	const { connection, timers, sockets } = setUp();
	connection.start();
	sockets[0].goes();
	timers.fire();
	sockets[1].goes();
	assert.equal(timers.only.delay, 1000);
	timers.fire();
	sockets[2].becomesOpen();
	connection.settle();
	sockets[2].goes();
	assert.equal(timers.only.delay, 500);
});

test('a socket that only opens does not count as settled', () => {
	const { connection, timers, sockets } = setUp();
	connection.start();
	sockets[0].becomesOpen();
	sockets[0].goes();
	timers.fire();
	sockets[1].becomesOpen();
	sockets[1].goes();
	assert.equal(timers.only.delay, 1000);
});

test('a socket that does not open in time is given up', () => {
	const { connection, timers, sockets, log } = setUp();
	connection.start();
	assert.equal(timers.only.delay, 8000);
	timers.fire();
	assert.ok(sockets[0].closed);
	assert.deepEqual(log, ['lost 500']);
});

test('retryNow does not wait, and does nothing while a socket is there', () => {
	const { connection, sockets } = setUp();
	connection.start();
	connection.retryNow();
	assert.equal(sockets.length, 1);
	sockets[0].goes();
	connection.retryNow();
	assert.equal(sockets.length, 2);
});

test('a stopped connection stays stopped', () => {
	const { connection, timers, sockets, log } = setUp();
	connection.start();
	sockets[0].becomesOpen();
	connection.stop();
	sockets[0].goes();
	connection.retryNow();
	assert.ok(sockets[0].closed);
	assert.equal(timers.armed.size, 0);
	assert.equal(sockets.length, 1);
	assert.deepEqual(log, ['opened']);
});

test('what an old socket still says is not heard', () => {
	const { connection, sockets, log } = setUp();
	connection.start();
	sockets[0].becomesOpen();
	const late = sockets[0].onmessage;
	connection.giveUpSocket();
	assert.equal(sockets[0].onmessage, null);
	assert.ok(late);
	assert.deepEqual(log, ['opened', 'lost 500']);
});

test('nothing is sent on a socket that is not open', () => {
	const { connection, sockets } = setUp();
	connection.start();
	assert.equal(connection.send(new Uint8Array(1)), false);
	sockets[0].becomesOpen();
	assert.equal(connection.send(new Uint8Array(1)), true);
	assert.equal(sockets[0].sent.length, 1);
});
