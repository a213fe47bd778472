// Pages of the console in Chromium, against the fake API: opening them, reading them, and what axe has against them.

import { testId, until } from './browser.mjs';

export const isLive = (page) => testId(page, 'connection').getAttribute('data-phase').then((phase) => phase === 'live', () => false);
export const untilLive = (page) => until('a live page', () => isLive(page));
export const toast = (page, words) => until(`"${words}"`, async () => (await testId(page, 'toast').innerText()).includes(words));
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
