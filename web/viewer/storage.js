// What a person chose on the pages of this host, kept in this browser.

const KEY = 'lodge.settings';

export function stored() {
	try {
		return JSON.parse(localStorage.getItem(KEY)) ?? {};
	} catch {
		return {};
	}
}

export function store(values) {
	try {
		localStorage.setItem(KEY, JSON.stringify(values));
	} catch {
		// A browser that stores nothing: the choice lasts as long as the page.
	}
}
