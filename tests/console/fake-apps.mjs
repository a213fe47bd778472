// The part of the fake host that is about the list of apps.

import { faultsProblem } from './fake-problem.mjs';

const WORD = /(?:[^\s'"\\]|\\.|'[^']*'|"(?:\\.|[^"\\])*")+/g;

/** The words of a command line, or null for one whose quotes are odd. */
function split(line) {
	const words = line.match(WORD) ?? [];
	if (line.replace(WORD, '').trim() || !words.length)
		return null;
	return words.map((word) => word.replace(/'([^']*)'|"((?:\\.|[^"\\])*)"|\\(.)/g,
		(all, single, double, plain) => single ?? double?.replace(/\\([$`"\\])/g, '$1') ?? plain));
}

function faultsOf(app, at, before) {
	const faults = [];
	const fault = (member, detail) => faults.push({ pointer: `${at}/${member}`, detail });
	if (!/^[a-z0-9-]{1,32}$/.test(app.id))
		fault('id', '1 to 32 of a-z, 0-9 and - are expected');
	else if (before.some((one) => one.id === app.id))
		fault('id', 'an app before it has the same id');
	if (!app.name.trim())
		fault('name', 'a text of 1 to 64 bytes, with something to see in it, is expected');
	if (!Array.isArray(app.command) && !split(app.command))
		fault('command', app.command.trim() ? "a ' is opened and never closed" : 'a program is expected');
	for (const [name, value] of Object.entries(app.environment ?? {})) {
		if (typeof value !== 'string')
			fault(`environment/${name}`, 'a text is expected, at most 4096 bytes with its name');
	}
	for (const name of ['width', 'height'].filter((one) => app.mode && !(app.mode[one] >= 16 && app.mode[one] <= 16384)))
		fault(`mode/${name}`, 'a whole number from 16 to 16384 is expected');
	if (app.icon !== undefined && !app.icon.startsWith('/'))
		fault('icon', 'the absolute path of a picture is expected');
	return faults;
}

/** Methods of the fake host. */
export const APP_ROUTES = {
	appsOf() {
		return { version: 1, apps: this.apps };
	},

	'GET apps'() {
		return this.appsOf();
	},

	'PUT apps'({ apps }) {
		const faults = apps.flatMap((app, index) => faultsOf(app, `/apps/${index}`, apps.slice(0, index)));
		if (apps.length > 64)
			faults.push({ pointer: '/apps', detail: 'at most 64 apps are expected' });
		if (faults.length)
			throw faultsProblem(faults);
		this.apps = apps.map((app) => ({ desktop: 'shared', ...app, command: Array.isArray(app.command) ? app.command : split(app.command) }));
		this.changed('apps');
		return this.appsOf();
	},
};
