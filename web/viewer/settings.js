// What a person chose, kept in this browser.

import { store, stored } from './storage.js';
import { effect, signal } from './vendor/preact.js';

export const choices = Object.freeze({
	frameRate: [30, 60, 120],
	maxKbps: [0, 2000, 5000, 10000, 20000, 40000, 80000], // 0: the host's choice
	fit: ['scale', 'exact'],
	language: ['auto', 'en', 'de'],
	soundLayout: ['auto', 'stereo', 'around'],
	peopleCorner: ['bottom-right', 'bottom-left', 'top-right', 'top-left'],
	peopleOpen: ['auto', 'open', 'closed'], // auto: where there is room
});

const defaults = {
	frameRate: 60,
	maxKbps: 0,
	fit: 'scale',
	language: 'auto',
	showStats: false,
	showPointer: false,
	pasteAsText: false,
	soundOn: true,
	soundVolume: 100, // percent
	soundLayout: 'auto', // 5.1 where the output has it
	opens: '', // of the host's list, as launcher.js writes it; '': ask
	showPeople: true,
	peopleCorner: 'bottom-right',
	peopleOpen: 'auto',
	label: '', // the browser's own name until a person chooses
};

function isUsable(name, value) {
	if (choices[name])
		return choices[name].includes(value);
	return typeof value === typeof defaults[name];
}

/** One signal for each setting; whatever changes is stored. */
export function loadSettings() {
	const from = stored();
	const settings = {};
	for (const [name, value] of Object.entries({ ...defaults, label: defaultLabel() }))
		settings[name] = signal(isUsable(name, from[name]) ? from[name] : value);
	effect(() => {
		store(Object.fromEntries(Object.entries(settings).map(([name, one]) => [name, one.value])));
	});
	return settings;
}

/** "Chromium on Linux": a label that a person recognises in the host's list. */
export function defaultLabel(agent = navigator.userAgent, brands = navigator.userAgentData?.brands ?? []) {
	const brand = brands.map((one) => one.brand).find((name) => !/not.?a.?brand|^Chromium$/i.test(name));
	const browsers = [['Firefox', /Firefox\//], ['Edge', /Edg\//], ['Opera', /OPR\//], ['Chromium', /Chrom(e|ium)\//],
		['Safari', /Safari\//]];
	const systems = [['Android', /Android/], ['iPad', /iPad/], ['iPhone', /iPhone/], ['ChromeOS', /CrOS/],
		['Windows', /Windows/], ['macOS', /Mac OS X/], ['Linux', /Linux/]];
	const find = (list, otherwise) => list.find(([, pattern]) => pattern.test(agent))?.[0] ?? otherwise;
	return `${brand ?? find(browsers, 'Browser')} on ${find(systems, 'a computer')}`;
}
