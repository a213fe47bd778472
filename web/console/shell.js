// What is around every view: the name of the host, the ways through the console, the connection, what was just done.

import { html, useEffect, useLayoutEffect, useRef } from '/vendor/preact.js';
import { Displays } from './displays.js';
import { Login } from './login.js';
import { Lazy } from './parts.js';
import { Mark } from './pictures.js';
import { LANGUAGES } from './words.js';

const TOAST_MS = 5000;
const VIEWS = {
	displays: Displays,
	clients: ({ app }) => html`<${Lazy} app=${app} load=${() => import('./clients.js')} name="Clients" />`,
	sessions: ({ app }) => html`<${Lazy} app=${app} load=${() => import('./sessions.js')} name="Sessions" />`,
	apps: ({ app }) => html`<${Lazy} app=${app} load=${() => import('./apps.js')} name="Apps" />`,
	pairing: ({ app }) => html`<${Lazy} app=${app} load=${() => import('./pairing.js')} name="Pairing" />`,
};

export const viewOf = (hash) => (hash.slice(1) in VIEWS ? hash.slice(1) : 'displays');

function counts({ live }) {
	return {
		displays: live.displays.value?.displays.length,
		clients: live.clients.value?.clients.length,
		sessions: live.sessions.value?.sessions.length,
		apps: live.apps.value?.apps.length,
		pairing: live.pairing.value?.requests.length || undefined,
	};
}

function Navigation({ app, view }) {
	const { t } = app.words;
	const count = counts(app);
	return html`<nav aria-label=${t('nav')}>
		${Object.keys(VIEWS).map((name) => html`<a key=${name} href=${`#${name}`} data-testid=${`nav-${name}`}
				aria-current=${view === name ? 'page' : undefined}>
			${t(`nav.${name}`)}
			${count[name] !== undefined && html` <span class=${
				`count ${name === 'pairing' ? 'urgent' : ''}`}>${count[name]}</span>`}
		</a>`)}
	</nav>`;
}

function Connection({ app }) {
	const phase = app.live.phase.value;
	return html`<p class="connection" role="status" data-testid="connection" data-phase=${phase}>
		${phase === 'live' ? html`<span class="dot" aria-hidden="true"></span>` :
			html`<span class="spinner" aria-hidden="true"></span>`}
		${app.words.t(`connection.${phase}`)}
	</p>`;
}

function LanguageSelect({ app }) {
	const { t } = app.words;
	const tags = ['auto', ...Object.keys(LANGUAGES)];
	return html`<select class="language" data-testid="language" aria-label=${t('language')}
		onChange=${(event) => { app.language.value = tags[event.target.selectedIndex]; }}>
		${tags.map((tag) => html`<option key=${tag} selected=${app.language.value === tag}>${
			LANGUAGES[tag] ?? t('language.auto')}</option>`)}
	</select>`;
}

function Toast({ app }) {
	const said = app.said.value;
	useEffect(() => {
		if (!said.text)
			return undefined;
		const timer = setTimeout(() => { app.said.value = { text: '' }; }, TOAST_MS);
		return () => clearTimeout(timer);
	}, [said]);
	return html`<p class=${`toast ${said.text ? '' : 'gone'}`} role="status" data-testid="toast"><span key=${said}>${said.text}</span></p>
		<p class="unseen" aria-live="polite" data-testid="announced">${app.announced.value}</p>`;
}

function Unreachable({ app }) {
	if (app.live.phase.value !== 'unreachable')
		return null;
	return html`<section class="notice alarm" data-testid="unreachable">
		<div><strong>${app.words.t('unreachable.title', { host: app.host.value })}</strong>
		<p>${app.words.t('unreachable.text')}</p></div>
	</section>`;
}

function View({ app, view }) {
	const heading = useRef(null);
	const first = useRef(true);
	useLayoutEffect(() => {
		document.title = `${app.words.t(`nav.${view}`)} · ${app.host.value || 'Lodge'}`;
		if (!first.current)
			heading.current?.focus();
		first.current = false;
	}, [view, app.words.language]);
	const isThere = ['displays', 'settings', 'clients', 'sessions', 'pairing'].every((topic) => app.live[topic].value);
	return html`<main id="main">
		<h1 tabindex="-1" ref=${heading}>${app.words.t(`nav.${view}`)}</h1>
		<${Unreachable} app=${app} />
		${isThere ? html`<${VIEWS[view]} app=${app} />` :
			html`<p class="waiting"><span class="spinner" aria-hidden="true"></span> ${app.words.t('waiting')}</p>`}
	</main>`;
}

function Inside({ app }) {
	const { t } = app.words;
	const view = app.view.value;
	return html`<a class="skip" href="#main" onClick=${(event) => {
		event.preventDefault();
		document.querySelector('main h1').focus();
	}}>${t('skip')}</a>
	<header class="top">
		<p class="host"><${Mark} /><span>${app.host.value || 'Lodge'}</span></p>
		<${Navigation} app=${app} view=${view} />
		<${Connection} app=${app} />
		<${LanguageSelect} app=${app} />
		<button type="button" class="plain" data-testid="logout" onClick=${app.logOut}>${t('logout')}</button>
	</header>
	<${View} app=${app} view=${view} />`;
}

export function Page({ app }) {
	app.words.language;
	const inside = app.access.value;
	return html`${inside === 'in' && html`<${Inside} app=${app} />`}
		${inside === 'out' && html`<${Login} app=${app} />`}
		${inside === 'unknown' && html`<main class="login"><h1 class="unseen">Lodge</h1>
			<p class="waiting" role="status"><span class="spinner" aria-hidden="true"></span>
			${app.words.t(app.tried.value ? 'connection.unreachable' : 'connection.connecting')}</p></main>`}
		<${Toast} app=${app} />`;
}
