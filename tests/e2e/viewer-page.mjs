// The viewer's page in a browser, on a fake host: opened, paired, and what it complained of.

import { testId, until, untilState } from './browser.mjs';

export const PAGE = Object.freeze({ width: 640, height: 360 });

/**
 * Holds the page's timers of that delay, so that what is over first is not a matter of how fast the machine is. Returns what
 * lets them run out, which resolves with how many waited.
 */
export async function holdTimers(page, delay) {
	await page.evaluate((held) => {
		const { setTimeout: set, clearTimeout: clear } = window;
		const waiting = new Map();
		window.setTimeout = (action, after, ...rest) => {
			const id = set(after === held ? () => {} : action, after === held ? 2 ** 30 : after, ...rest);
			if (after === held)
				waiting.set(id, action);
			return id;
		};
		window.clearTimeout = (id) => {
			waiting.delete(id);
			clear(id);
		};
		window.letTimersEnd = () => {
			Object.assign(window, { setTimeout: set, clearTimeout: clear });
			waiting.forEach((action) => action());
			return waiting.size;
		};
	}, delay);
	return () => page.evaluate(() => window.letTimersEnd());
}

export class ViewerPages {
	constructor(browser, host) {
		Object.assign(this, { browser, host });
		this.complaints = [];
	}

	/** `path`: what follows the host's address; `prepare(page)` comes before the page is asked for. */
	async open(options = {}, { path = '', prepare } = {}) {
		const context = await this.browser.newContext({ ignoreHTTPSErrors: true, viewport: PAGE, locale: 'en-GB', ...options });
		const page = await context.newPage();
		page.on('pageerror', (error) => this.complaints.push(error.message));
		page.on('console', (message) => {
			if (message.type() === 'error' && !message.text().includes('ERR_CONNECTION_REFUSED'))
				this.complaints.push(message.text());
		});
		await prepare?.(page);
		await page.goto(`${this.host.url}${path}`);
		return page;
	}

	/** Closes a connected page. */
	leave(page) {
		return this.#part(() => page.context().close());
	}

	/** Loads a connected page anew. */
	reload(page) {
		return this.#part(() => page.reload());
	}

	/** Until the host has heard a connection's last word: it would pass for one of the next page's. */
	async #part(act) {
		const before = [...this.host.viewers];
		await act();
		await until('the host to notice', () => before.some((viewer) => !this.host.viewers.has(viewer)));
	}

	/** Until the picture has its size on the page, which is when it is shown, after it is acknowledged. */
	async untilShown(page) {
		await until('the picture in its size', () => page.evaluate(() => parseFloat(document.getElementById('tiles').style.width) > 1));
	}

	async pair(page) {
		await untilState(page, 'pairing');
		await testId(page, 'pin').fill(this.host.pin);
		await testId(page, 'pair').click();
		await untilState(page, 'live');
	}
}
