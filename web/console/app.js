// The console's parts, put together.

import { store, stored } from '/storage.js';
import { effect, html, render, signal } from '/vendor/preact.js';
import { createApi } from './api.js';
import { Live } from './live.js';
import { labelOf } from './parts.js';
import { Page, viewOf } from './shell.js';
import { createWords } from './words.js';

const RETRY_MS = 3000;

async function main() {
	const language = signal(stored().language ?? 'auto'); // shared with the viewer
	const app = {
		language,
		words: await createWords(language),
		access: signal('unknown'), // in | out
		tried: signal(false), // the host was asked once, in vain
		host: signal(''),
		view: signal(viewOf(location.hash)),
		said: signal({ text: '' }),
		announced: signal(''),
		looked: signal(null), // {preset, explanation}: what is looked at, what the host says of it (null: not yet)
		lingers: new Map(), // slot/generation → the longest countdown seen, in seconds
		moved: signal(new Map()), // displays that were moved and not yet applied: slot → {x, y}
	};
	const loggedOut = () => {
		app.access.value = 'out';
		app.live.stop();
	};
	app.ask = createApi({ loggedOut });
	const heard = (...change) => announce(app, ...change).catch((error) => console.warn(error.message));
	app.live = new Live({ ask: app.ask, loggedOut, heard });
	/** Says what was done, to be seen and heard. */
	app.say = (name, values) => { app.said.value = { text: app.words.t(name, values) }; };
	app.entered = () => {
		app.access.value = 'in';
		app.live.start();
	};
	app.logOut = async () => {
		await app.ask('DELETE', '/console/login').catch(() => null);
		loggedOut();
	};
	addEventListener('hashchange', () => { app.view.value = viewOf(location.hash); });
	effect(() => store({ ...stored(), language: language.value }));
	effect(() => { document.documentElement.lang = app.words.language; });
	render(html`<${Page} app=${app} />`, document.getElementById('page'));
	await enter(app, loggedOut);
}

/** Says what changed, for those who do not see it. */
async function announce(app, topic, before, after) {
	if (!before)
		return;
	const [{ changesOf }] = await Promise.all([import('./changes.js'), app.words.loadMore()]);
	const sentences = changesOf(topic, before, after, app.live.sessions.value)
		.map(({ name, of }) => app.words.t(name, { label: labelOf(app, of) }));
	if (sentences.length)
		app.announced.value = sentences.join(' ');
}

/** Asks whether this browser is logged in, until the host answers. */
async function enter(app, loggedOut) {
	for (;;) {
		const login = await app.ask('GET', '/console/login').catch(() => null);
		if (login) {
			app.host.value = login.name;
			if (login.logged_in)
				app.entered();
			else
				loggedOut();
			return;
		}
		app.tried.value = true;
		await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
	}
}

main();
