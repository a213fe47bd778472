// Mouse, pen and touch.

import { buttonOf } from './keys.js';

const DETENT = 120;
const DETENT_PX = 15; // what a desktop scrolls for one detent
const LINES_PER_DETENT = 3;
const PAGE_PX = 400;
const UNITS_PER_PX = 256;

/** A WheelEvent's delta on one axis as {distance in 1/256 pixel, v120}. `v120` 0: a touchpad's continuous motion. */
export function wheelStep(delta, wheelDelta, deltaMode) {
	if (deltaMode === 1)
		return detents((delta / LINES_PER_DETENT) * DETENT);
	if (deltaMode === 2)
		return { distance: Math.round(delta * PAGE_PX * UNITS_PER_PX), v120: 0 };
	// A wheel counts in detents of 120; a touchpad's pixels are made into the same field by a factor of three.
	const isWheel = wheelDelta && wheelDelta % DETENT === 0 && Math.abs(wheelDelta) !== Math.abs(delta * 3);
	if (isWheel)
		return detents(-wheelDelta);
	return { distance: Math.round(delta * UNITS_PER_PX), v120: 0 };
}

function detents(v120) {
	const whole = Math.round(v120);
	return { distance: Math.round((whole / DETENT) * DETENT_PX * UNITS_PER_PX), v120: whole };
}

/** A place on the element in the display's pixels. */
export function toDisplay(client, start, length, pixels) {
	const place = Math.floor(((client - start) / length) * pixels);
	return Math.min(Math.max(place, 0), pixels - 1);
}

/**
 * `send`: absolute(x, y), relative(dx, dy) in 1/256 pixel, button(code, pressed), axis(axis, distance, v120),
 * releaseAll(). `options`: size() → {width, height} of the display, focus(), lockChanged(locked).
 */
export class Pointer {
	constructor(element, send, options) {
		this.element = element;
		this.send = send;
		this.options = options;
		this.x = this.y = -1;
		this.bounds = null;
		this.held = new Set();
		const moves = 'onpointerrawupdate' in globalThis ? 'pointerrawupdate' : 'pointermove';
		const others = ['pointerdown', 'pointerup', 'pointercancel', 'mousedown', 'mouseup', 'contextmenu'];
		for (const type of [moves, ...others])
			element.addEventListener(type, this);
		element.addEventListener('wheel', this, { passive: false });
		document.addEventListener('pointerlockchange', this);
	}

	handleEvent(event) {
		this[`on_${event.type}`](event);
	}

	get locked() {
		return document.pointerLockElement === this.element;
	}

	/** The element was moved or scaled. */
	layoutChanged() {
		this.bounds = null;
	}

	async lock() {
		try {
			await this.element.requestPointerLock();
		} catch (error) {
			console.warn('the browser does not lock the pointer:', error);
		}
	}

	on_pointerrawupdate(event) {
		this.move(event);
	}

	on_pointermove(event) {
		this.move(event);
	}

	move(event) {
		if (!event.isPrimary)
			return;
		if (this.locked)
			this.moveRelative(event);
		else
			this.moveAbsolute(event);
	}

	moveAbsolute(event) {
		const { width, height } = this.options.size();
		this.bounds ??= this.element.getBoundingClientRect();
		const x = toDisplay(event.clientX, this.bounds.left, this.bounds.width, width);
		const y = toDisplay(event.clientY, this.bounds.top, this.bounds.height, height);
		if (x === this.x && y === this.y)
			return;
		this.x = x;
		this.y = y;
		this.send.absolute(x, y);
	}

	moveRelative(event) {
		const factor = this.options.size().width / this.element.clientWidth * UNITS_PER_PX;
		const dx = Math.round(event.movementX * factor);
		const dy = Math.round(event.movementY * factor);
		if (dx || dy)
			this.send.relative(dx, dy);
	}

	on_pointerdown(event) {
		if (event.pointerType !== 'touch')
			this.options.focus(); // a tap would bring up the on-screen keyboard each time
		if (!event.isPrimary || this.locked)
			return;
		this.bounds = null;
		this.x = this.y = -1; // somebody else may have moved it since
		this.moveAbsolute(event);
		this.element.setPointerCapture(event.pointerId); // a drag may leave the display
		if (event.pointerType !== 'mouse') {
			event.preventDefault(); // no made-up mouse events behind it
			this.press(event.pointerType === 'pen' ? Math.max(event.button, 0) : 0);
		}
	}

	on_pointerup(event) {
		if (event.isPrimary && event.pointerType !== 'mouse')
			this.releaseButtons();
	}

	on_pointercancel() {
		this.releaseButtons();
	}

	// The mouse's own events tell of every button; pointer events do not while another one is down.
	on_mousedown(event) {
		event.preventDefault(); // the focus stays with the keyboard's element
		this.moveTo(event);
		this.press(event.button);
	}

	on_mouseup(event) {
		event.preventDefault();
		this.moveTo(event);
		this.release(event.button);
	}

	moveTo(event) {
		if (!this.locked)
			this.moveAbsolute(event);
	}

	press(index) {
		const code = buttonOf[index];
		if (code === undefined || this.held.has(code))
			return;
		if (this.send.button(code, true))
			this.held.add(code);
	}

	release(index) {
		const code = buttonOf[index];
		if (this.held.delete(code))
			this.send.button(code, false);
	}

	releaseButtons() {
		for (const code of this.held)
			this.send.button(code, false);
		this.held.clear();
	}

	/** The host has released everything, and its pointer may be anywhere. */
	forgetHeld() {
		this.held.clear();
		this.x = this.y = -1;
	}

	on_contextmenu(event) {
		event.preventDefault();
	}

	on_wheel(event) {
		event.preventDefault();
		const { deltaMode } = event; // read first: Firefox then tells lines as lines
		this.scroll(0, event.deltaY, event.wheelDeltaY, deltaMode);
		this.scroll(1, event.deltaX, event.wheelDeltaX, deltaMode);
	}

	scroll(axis, delta, wheelDelta, deltaMode) {
		if (!delta)
			return;
		const step = wheelStep(delta, wheelDelta, deltaMode);
		this.send.axis(axis, step.distance, step.v120);
	}

	on_pointerlockchange() {
		this.bounds = null;
		this.x = this.y = -1;
		this.send.releaseAll();
		this.options.lockChanged(this.locked);
	}
}
