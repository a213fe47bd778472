import assert from 'node:assert/strict';
import { test } from 'node:test';

import { buttonOf, evdevOf, Key, needsShift } from '../../web/viewer/keys.js';

// A PC keyboard of 105 keys with a European layout, row by row; the names are those of UI Events KeyboardEvent code Values.
const keyboard105 = `
Escape F1 F2 F3 F4 F5 F6 F7 F8 F9 F10 F11 F12 PrintScreen ScrollLock Pause
Backquote Digit1 Digit2 Digit3 Digit4 Digit5 Digit6 Digit7 Digit8 Digit9 Digit0 Minus Equal Backspace
Tab KeyQ KeyW KeyE KeyR KeyT KeyY KeyU KeyI KeyO KeyP BracketLeft BracketRight Enter
CapsLock KeyA KeyS KeyD KeyF KeyG KeyH KeyJ KeyK KeyL Semicolon Quote Backslash
ShiftLeft IntlBackslash KeyZ KeyX KeyC KeyV KeyB KeyN KeyM Comma Period Slash ShiftRight
ControlLeft MetaLeft AltLeft Space AltRight MetaRight ContextMenu ControlRight
Insert Home PageUp Delete End PageDown ArrowUp ArrowLeft ArrowDown ArrowRight
NumLock NumpadDivide NumpadMultiply NumpadSubtract Numpad7 Numpad8 Numpad9 NumpadAdd Numpad4 Numpad5 Numpad6
Numpad1 Numpad2 Numpad3 NumpadEnter Numpad0 NumpadDecimal`.trim().split(/\s+/);

const media = `AudioVolumeMute AudioVolumeDown AudioVolumeUp MediaTrackNext MediaTrackPrevious MediaPlayPause
MediaStop BrowserBack BrowserForward BrowserHome BrowserSearch BrowserRefresh LaunchMail`.trim().split(/\s+/);

test('all 105 keys of a PC keyboard are there', () => {
	assert.equal(keyboard105.length, 105);
	assert.deepEqual(keyboard105.filter((code) => !(evdevOf[code] > 0)), []);
});

test('every one of them has a code of its own', () => {
	assert.equal(new Set(keyboard105.map((code) => evdevOf[code])).size, 105);
});

test('media and browser keys are there', () => {
	assert.deepEqual(media.filter((code) => !(evdevOf[code] > 0)), []);
});

// Spot values from linux/input-event-codes.h, one of each region of the keyboard.
for (const [code, evdev] of [['Escape', 1], ['KeyA', 30], ['IntlBackslash', 86], ['Space', 57], ['F12', 88],
	['NumpadEnter', 96], ['ArrowDown', 108], ['Delete', 111], ['MetaLeft', 125], ['ContextMenu', 127],
	['AudioVolumeUp', 115], ['MediaPlayPause', 164], ['F13', 183], ['F24', 194], ['IntlYen', 124]]) {
	test(`${code} is ${evdev}`, () => assert.equal(evdevOf[code], evdev));
}

test('the modifiers are the eight of a keyboard', () => {
	const names = ['ControlLeft', 'ControlRight', 'ShiftLeft', 'ShiftRight', 'AltLeft', 'AltRight', 'MetaLeft',
		'MetaRight'];
	assert.deepEqual([...Key.MODIFIERS].sort(), names.map((name) => evdevOf[name]).sort());
});

test('buttons go from the web\'s order to evdev\'s', () => {
	assert.deepEqual([...buttonOf], [0x110, 0x112, 0x111, 0x113, 0x114]);
});

test('a shifted character without its Shift borrows one', () => {
	const bare = { shiftKey: false, ctrlKey: false, altKey: false, metaKey: false };
	assert.equal(needsShift({ ...bare, key: '$', code: 'Digit4' }), true);
	assert.equal(needsShift({ ...bare, key: 'A', code: 'KeyA', getModifierState: () => false }), true);
	assert.equal(needsShift({ ...bare, key: 'A', code: 'KeyA', getModifierState: () => true }), false, 'caps lock');
	assert.equal(needsShift({ ...bare, key: '4', code: 'Digit4' }), false);
	assert.equal(needsShift({ ...bare, shiftKey: true, key: '$', code: 'Digit4' }), false);
	assert.equal(needsShift({ ...bare, key: '(', code: 'Digit5' }), false, 'another layout');
	assert.equal(needsShift({ ...bare, key: 'Enter', code: 'Enter' }), false);
});
