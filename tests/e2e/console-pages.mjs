// Pages of the console in Chromium, against the fake API: opening them, reading them, and what axe has against them.

import { testId, until } from './browser.mjs';

export const isLive = (page) => testId(page, 'connection').getAttribute('data-phase').then((phase) => phase === 'live', () => false);
export const untilLive = (page) => until('a live page', () => isLive(page));
/** Until the page has heard the host's event of that id. */
export const untilHeard = (page, id) => until(`event ${id} on the page`, () => page.evaluate((wanted) => window.heardTo >= wanted, id));

/** Until something was said that `toast` has not met with yet; it need not be there any more. */
export async function toast(page, words) {
	let said;
	await until(`"${words}"`, async () => {
		said = await page.evaluate(() => window.said);
		return said.some((one) => one.includes(words));
	}).catch((error) => {
		throw new Error(`${error.message}; it said ${JSON.stringify(said)}`);
	});
	await page.evaluate((text) => window.said.splice(0, window.said.findIndex((one) => one.includes(text)) + 1), words);
}

/** Before the page's own scripts: to which event it has come, and what it said with a toast. */
function watchPage() {
	window.heardTo = 0;
	const listen = EventSource.prototype.addEventListener;
	EventSource.prototype.addEventListener = function (type, listener) {
		listen.call(this, type, (event) => {
			listener(event);
			window.heardTo = Number(event.lastEventId);
		});
	};
	window.said = [];
	new MutationObserver((records) => {
		const words = document.querySelector('.toast')?.textContent;
		if (words && records.some(({ target, addedNodes }) => target.matches('.toast') && addedNodes.length))
			window.said.push(words);
	}).observe(document, { subtree: true, childList: true });
}
export const flat = (locator) => locator.innerText().then((text) => text.replace(/\s+/g, ' '));
export const textOf = (page, name) => flat(testId(page, name));

/** What reaches over the right edge of the window. */
export function overhangs(page) {
	return page.evaluate(() => [...document.querySelectorAll('body *')]
		.filter((one) => one.getBoundingClientRect().right > innerWidth + 1 && !one.closest('.map-frame, .unseen, .gone'))
		.map((one) => one.outerHTML.slice(0, 80)));
}

/** `complaints` collects what goes wrong in any of the pages; `shots`: a folder for screenshots, or undefined. */
export function consolePages({ api, browser, shots }) {
	const complaints = [];

	async function openContext(options = {}) {
		const context = await browser.newContext({
			ignoreHTTPSErrors: true, viewport: { width: 1280, height: 960 }, locale: 'en-GB', colorScheme: 'light', ...options,
		});
		await context.addInitScript(watchPage);
		context.on('page', (page) => {
			page.on('pageerror', (error) => complaints.push(error.stack));
			page.on('console', (message) => {
				// A refusal by status, and a host that is away, are part of what is tested.
				if (message.type() === 'error' && !/^Failed to load resource/.test(message.text()))
					complaints.push(message.text());
			});
		});
		return context;
	}

	async function logIn(page, view = '') {
		await page.goto(api.url + view);
		await testId(page, 'secret').fill(api.code);
		await testId(page, 'login').click();
		await untilLive(page);
	}

	async function openPage(options = {}, view = '') {
		const context = await openContext(options);
		const page = await context.newPage();
		await logIn(page, view);
		return page;
	}

	async function shot(page, name, fullPage = false) {
		if (!shots)
			return;
		// Without what an earlier step said.
		const hideToast = (visibility) => page.evaluate((value) => { document.querySelector('.toast').style.visibility = value; }, visibility);
		await page.evaluate(() => scrollTo(0, 0));
		await hideToast('hidden');
		await page.screenshot({ path: `${shots}/console-${name}.png`, animations: 'disabled', fullPage });
		await hideToast('');
	}

	return { complaints, openContext, logIn, openPage, shot };
}
