// The viewer's page in a browser, on a fake host: opened, paired, and what it complained of.

import { testId, until, untilState } from './browser.mjs';

export const PAGE = Object.freeze({ width: 640, height: 360 });

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
