// What the end-to-end tests share: a Chromium, steps with names, pixels of the screen, waits with deadlines.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { inflateSync } from 'node:zlib';

import { chromium } from 'playwright-core';

const DEADLINE_MS = 20000;
const SLOWNESS = Number(process.env.LODGE_TEST_SLOWNESS ?? 1); // how many times slower the pages run than they could
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** `more`: further command line switches. */
export async function launchChromium(more = []) {
	const browser = await chromium.launch({
		executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
		args: ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking',
			'--disable-component-update', '--disable-sync', ...more],
	});
	if (SLOWNESS > 1) {
		const newContext = browser.newContext.bind(browser);
		browser.newContext = async (options) => (await newContext(options)).on('page', (page) => slowDown(page).catch(() => null));
	}
	return browser;
}

/** A page that is closed before it was slowed down needs no slowness. */
async function slowDown(page) {
	const devtools = await page.context().newCDPSession(page);
	await devtools.send('Emulation.setCPUThrottlingRate', { rate: SLOWNESS });
}

/** Polls until `probe` gives something true; says what it waited for when it does not. */
export async function until(what, probe, deadline = DEADLINE_MS) {
	const end = Date.now() + deadline;
	let last;
	do {
		last = await probe();
		if (last)
			return last;
		await new Promise((resolve) => setTimeout(resolve, 20));
	} while (Date.now() < end);
	throw new Error(`waited ${deadline} ms in vain for ${what}; it was ${JSON.stringify(last)}`);
}

export const testId = (page, name) => page.locator(`[data-testid=${name}]`);

export async function untilState(page, state) {
	return until(`state ${state}`, async () => {
		const now = await testId(page, 'status').getAttribute('data-state').catch(() => null);
		return now === state;
	});
}

function unfilter(raw, width, height, channels) {
	const stride = width * channels;
	const out = Buffer.alloc(stride * height);
	for (let y = 0; y < height; y++) {
		const filter = raw[y * (stride + 1)];
		for (let i = 0; i < stride; i++) {
			const at = y * stride + i;
			const left = i >= channels ? out[at - channels] : 0;
			const up = y ? out[at - stride] : 0;
			const corner = y && i >= channels ? out[at - stride - channels] : 0;
			out[at] = raw[y * (stride + 1) + 1 + i] + predict(filter, left, up, corner);
		}
	}
	return out;
}

function predict(filter, left, up, corner) {
	switch (filter) {
	case 1:
		return left;
	case 2:
		return up;
	case 3:
		return (left + up) >> 1;
	case 4: {
		const estimate = left + up - corner;
		const distances = [left, up, corner].map((value) => Math.abs(estimate - value));
		return [left, up, corner][distances.indexOf(Math.min(...distances))];
	}
	default:
		return 0;
	}
}

/** A screenshot's PNG (8 bit, RGB or RGBA, not interlaced) as {width, height, at(x, y) → [red, green, blue]}. */
export function decodePng(bytes) {
	const width = bytes.readUInt32BE(16);
	const height = bytes.readUInt32BE(20);
	const channels = { 2: 3, 6: 4 }[bytes[25]];
	const data = [];
	for (let at = 8; at < bytes.length; at += bytes.readUInt32BE(at) + 12) {
		if (bytes.toString('latin1', at + 4, at + 8) === 'IDAT')
			data.push(bytes.subarray(at + 8, at + 8 + bytes.readUInt32BE(at)));
	}
	const pixels = unfilter(inflateSync(Buffer.concat(data)), width, height, channels);
	return {
		width,
		height,
		at: (x, y) => [...pixels.subarray((y * width + x) * channels, (y * width + x) * channels + 3)],
	};
}

export async function screen(page) {
	return decodePng(await page.screenshot());
}

export function isNear(colour, wanted, tolerance = 4) {
	return colour.every((value, i) => Math.abs(value - wanted[i]) <= tolerance);
}

/** Waits until the pixel has the colour. */
export async function untilColour(page, x, y, wanted, tolerance) {
	let colour;
	await until(`${wanted} at ${x},${y}`, async () => {
		colour = (await screen(page)).at(x, y);
		return isNear(colour, wanted, tolerance);
	}).catch((error) => {
		throw new Error(`${error.message}; the pixel was ${colour}`);
	});
}

/** What axe objects to on the page, in words. */
export async function violations(page) {
	// What is still fading in has other colours than it will have.
	await page.evaluate(() => Promise.allSettled(document.getAnimations()
		.filter((one) => one.effect.getComputedTiming().endTime < Infinity).map((one) => one.finished)));
	await page.evaluate(AXE);
	const found = await page.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa',
		'wcag22aa', 'best-practice'] }));
	return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.html.slice(0, 120)} ${
		node.any[0]?.message ?? ''}`).join(' | ')}`);
}

/** Runs named steps one after the other, each even when one before it failed, and closes with the count. */
export class Steps {
	constructor() {
		this.passed = this.failed = 0;
	}

	async step(name, action) {
		try {
			await action();
			this.passed++;
			console.log(`ok - ${name}`);
		} catch (error) {
			this.failed++;
			console.log(`not ok - ${name}: ${error.message}`);
		}
	}

	close() {
		console.log(`${this.passed} passed, ${this.failed} failed, 0 skipped`);
		process.exitCode = this.failed ? 1 : 0;
	}
}
