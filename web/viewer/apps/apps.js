// The list of what can be opened at the host, and what the settings say of it. Fetched by ../launcher.js.

import { AppFlag, iconTypes } from '../protocol.js';
import { html, useEffect, useLayoutEffect, useRef } from '../vendor/preact.js';

const link = document.createElement('link');
link.rel = 'stylesheet';
link.href = new URL('./apps.css', import.meta.url);
document.head.append(link);

const STEPS = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };

function Screen() {
	return html`<svg viewBox="0 0 24 24" aria-hidden="true"><rect x="3" y="4.5" width="18" height="12" rx="1.5" />
		<path d="M9 20h6M12 16.5V20" /></svg>`;
}

function base64(bytes) {
	let text = '';
	for (let at = 0; at < bytes.length; at += 0x8000)
		text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
	return btoa(text);
}

const addresses = new WeakMap();

/** As a picture it runs nothing; and opened by itself it belongs to no host, as a blob would. null: there is none. */
function addressOf(icon) {
	const type = icon && icon.bytes.length && iconTypes[icon.format];
	if (!type)
		return null;
	if (!addresses.has(icon))
		addresses.set(icon, `data:${type};base64,${base64(icon.bytes)}`);
	return addresses.get(icon);
}

/** The host's picture where it has one, else the first letter of the name. */
function Icon({ app, icon }) {
	const address = addressOf(icon);
	const hide = (event) => event.target.remove();
	const [letter] = app.name.trim() || '?';
	return html`<span class="app-icon" aria-hidden="true">${letter.toUpperCase()}
		${address && html`<img key=${app.id} src=${address} alt="" data-testid="app-icon" onError=${hide} />`}
	</span>`;
}

function detailsOf({ flags }, t) {
	const isolated = (flags & AppFlag.ISOLATED) !== 0;
	const runs = (flags & AppFlag.RUNS) !== 0;
	if (!runs)
		return isolated ? t('app_isolated') : null;
	return html`<span class="app-runs">${t(isolated ? 'app_continue' : 'app_runs')}</span>`;
}

function Choice({ id, name, details, icon, current, choose }) {
	return html`<li><button type="button" class="app" data-testid="app" data-app=${id ?? ''} onClick=${() => choose(id)}
			aria-current=${current ? 'true' : undefined}>
		${icon}
		<span class="app-words"><bdi class="app-name" title=${name}>${name}</bdi>
			${details && html`<span class="app-details">${details}</span>`}</span>
	</button></li>`;
}

/** Arrows, Home and End go through the list, beside Tab. */
function moveFocus(event) {
	const all = [...event.currentTarget.querySelectorAll('.app')];
	const at = all.indexOf(event.target);
	const to = { Home: 0, End: all.length - 1 }[event.key] ?? (event.key in STEPS ? at + STEPS[event.key] : -1);
	if (at < 0 || to < 0 || to >= all.length)
		return;
	event.preventDefault();
	all[to].focus();
}

function Title({ t, host, ended }) {
	if (!ended)
		return html`<h1 id="apps-title">${t('apps_title')}</h1><p class="quiet">${t('apps_host', { host })}</p>`;
	return html`<h1 id="apps-title">${t(ended.name)}</h1>${ended.detail && html`<p class="detail">${ended.detail}</p>`}`;
}

/** `back`: null where there is nothing to go back to; `ended`: words of how what was open ended by itself. */
export function Chooser({ launcher, t, host, back, ended }) {
	const list = useRef(null);
	const again = useRef(null);
	const chosen = launcher.chosen.value;
	const icons = launcher.icons.value;
	useLayoutEffect(() => (again.current ?? list.current.querySelector('[aria-current]') ??
		list.current.querySelector('.app')).focus(), []);
	useEffect(() => launcher.wantIcons(), [launcher.apps.value]);
	const onKeyDown = (event) => {
		if (event.key !== 'Escape' || !back)
			return;
		event.preventDefault();
		back();
	};
	return html`<section class="card apps" role="dialog" aria-labelledby="apps-title" data-testid="apps"
			onKeyDown=${onKeyDown}>
		<header><div><${Title} t=${t} host=${host} ended=${ended} /></div></header>
		${ended && html`<button type="button" class="primary" data-testid="again" ref=${again}
			onClick=${() => launcher.choose(chosen)}>${t('app_again')}</button>
			<p>${t('app_other')}</p>`}
		<ul ref=${list} onKeyDown=${moveFocus}>
			<${Choice} id=${null} name=${t('app_desktop')} details=${t('app_desktop_hint')} choose=${(id) => launcher.choose(id)}
				current=${chosen === null} icon=${html`<span class="app-icon" aria-hidden="true"><${Screen} /></span>`} />
			${launcher.apps.value.map((app) => html`<${Choice} key=${app.id} id=${app.id} name=${app.name}
				details=${detailsOf(app, t)} choose=${(id) => launcher.choose(id)} current=${chosen === app.id}
				icon=${html`<${Icon} app=${app} icon=${icons.get(app.id)} />`} />`)}
		</ul>
		<p class="quiet">${t('apps_hint')}</p>
		${back && html`<button type="button" data-testid="apps-back" onClick=${back}>${t('apps_back')}</button>`}
	</section>`;
}

export function AppSettings({ launcher, t, choose }) {
	const chosen = launcher.chosen.value;
	const apps = launcher.apps.value;
	if (apps.length === 0)
		return null;
	const name = apps.find(({ id }) => id === chosen)?.name ?? (chosen === null ? t('app_desktop') : chosen);
	return html`<section data-testid="app-settings">
		<h2>${t('apps')}</h2>
		<p>${t('app_open', { name })}</p>
		<div class="row"><button type="button" data-testid="apps-other" onClick=${choose}>${t('apps_other')}</button></div>
	</section>`;
}
