// The keyboard, and whatever else becomes text: an input method, an on-screen keyboard, a paste.

import { evdevOf, Key, needsShift } from './keys.js';

const isMac = /^Mac|^iP/.test(globalThis.navigator?.platform ?? '');

/**
 * Listens on an editable element, which an input method needs. `send`: key(code, pressed), text(string),
 * releaseAll(). `options`: pasteAsText(), menu() – called for the chord that leaves the display.
 */
export class Keyboard {
	constructor(element, send, options) {
		this.element = element;
		this.send = send;
		this.options = options;
		this.held = new Set();
		this.controlLeftAt = 0;
		for (const type of ['keydown', 'keyup', 'input', 'compositionend', 'paste', 'blur'])
			element.addEventListener(type, this);
	}

	handleEvent(event) {
		this[`on_${event.type}`](event);
	}

	focus() {
		this.element.focus({ preventScroll: true });
	}

	releaseAll() {
		this.held.clear();
		this.send.releaseAll();
	}

	/** Everything is up at the host already. */
	forgetHeld() {
		this.held.clear();
	}

	press(code) {
		if (this.send.key(code, true))
			this.held.add(code);
	}

	release(code) {
		if (this.held.delete(code))
			this.send.key(code, false);
	}

	on_keydown(event) {
		if (event.isComposing || event.keyCode === 229)
			return; // the input method's; its text comes when it is done
		if (event.ctrlKey && event.altKey && event.shiftKey && event.code === 'KeyS') {
			event.preventDefault();
			this.releaseAll();
			this.options.menu();
			return;
		}
		if (this.isPaste(event)) {
			this.releaseAll(); // the text must not arrive with Ctrl held; `paste` follows
			return;
		}
		const code = evdevOf[event.code];
		if (code === undefined)
			return; // what it types comes as `input`
		if (code === Key.TAB && !this.send.mayType())
			return; // to the page's own buttons
		event.preventDefault();
		if (event.repeat)
			return; // the host's desktop repeats by itself
		this.undoFakeControl(event);
		// Keys that software presses (on-screen keyboards, remote helpers) come without their Shift.
		const borrowed = needsShift(event);
		if (borrowed)
			this.send.key(Key.SHIFT_LEFT, true);
		this.press(code);
		if (borrowed)
			this.send.key(Key.SHIFT_LEFT, false);
	}

	isPaste(event) {
		return event.code === 'KeyV' && (event.ctrlKey || event.metaKey) && !event.altKey &&
			!event.shiftKey && this.options.pasteAsText();
	}

	/** Windows says AltGr as left Ctrl and right Alt of the same instant. */
	undoFakeControl(event) {
		if (event.code === 'ControlLeft')
			this.controlLeftAt = event.timeStamp;
		else if (event.code === 'AltRight' && event.key === 'AltGraph' &&
			event.timeStamp - this.controlLeftAt < 5)
			this.release(Key.CONTROL_LEFT);
	}

	on_keyup(event) {
		const code = evdevOf[event.code];
		if (code === undefined)
			return;
		event.preventDefault();
		if (code === Key.PRINT_SCREEN && !this.held.has(code))
			this.press(code); // Windows says only that it went up
		this.release(code);
		if (isMac && event.key === 'Meta')
			this.releaseOrdinaryKeys(); // macOS keeps their way up to itself while Command is held
	}

	releaseOrdinaryKeys() {
		for (const code of [...this.held]) {
			if (!Key.MODIFIERS.includes(code))
				this.release(code);
		}
	}

	on_input(event) {
		if (event.isComposing)
			return;
		if (event.inputType === 'deleteContentBackward') {
			this.send.key(Key.BACKSPACE, true);
			this.send.key(Key.BACKSPACE, false);
		}
		this.takeText();
	}

	on_compositionend() {
		// Some browsers put the text in before this event, some after: `input` takes what comes later.
		this.takeText();
	}

	takeText() {
		const text = this.element.value;
		this.element.value = '';
		if (text)
			this.send.text(text);
	}

	on_paste(event) {
		event.preventDefault();
		const text = event.clipboardData?.getData('text/plain');
		if (text)
			this.send.text(text.replaceAll('\r\n', '\n'));
	}

	on_blur() {
		this.releaseAll();
	}
}
