// The view of displays: what is there, where it is, and what happens when somebody connects or leaves.

import { html, useState } from '/vendor/preact.js';
import { ArrangementMap } from './map.js';
import { Countdown, labelOf, Lazy, modeWords, ProblemLine, releaseAll, useCall } from './parts.js';
import { Sign } from './pictures.js';
import { isKept } from './policy.js';
import { Presets, PreviewWords } from './presets.js';

/** The whole time of a countdown that began before this page: the longest that is known of. */
function lingerTotal(app, display) {
	const key = `${display.slot}/${display.generation}`;
	const { keep_alive } = app.live.settings.value.effective;
	const policy = keep_alive.mode === 'duration' ? keep_alive.seconds : 0;
	const longest = Math.max(app.lingers.get(key) ?? policy, display.expires_in);
	app.lingers.set(key, longest);
	return longest;
}

function watchers(app, display) {
	const labels = new Map(app.live.sessions.value.sessions.map((session) => [session.session, session.label]));
	return display.sessions.map((session) => labels.get(session)).filter((label) => label && label !== display.label);
}

function DisplayRow({ app, display }) {
	const { t, plural } = app.words;
	const call = useCall();
	const guests = watchers(app, display);
	const release = () => call.run(async () => {
		await app.ask('POST', '/display/release', { slot: display.slot });
		app.say('said.released', { label: labelOf(app, display) });
	});
	return html`<li class=${`display ${display.state}`} data-testid=${`display-${display.slot}`}>
		<span class="slot" title=${t('slot', { slot: display.slot })}>
			<span class="unseen">${t('slot', { slot: '' })}</span>${display.slot}</span>
		<div class="display-what">
			<h3>${labelOf(app, display)}</h3>
			<p class="state"><${Sign} name=${display.state} />${t(`state.${display.state}`)}
				${display.state === 'lingering' && html`<${Countdown} app=${app} seconds=${display.expires_in}
					at=${app.live.at.displays} total=${lingerTotal(app, display)} name="closes_in" />`}</p>
			<p class="quiet small">${modeWords(app, display.mode)}${display.output && ` · ${display.output}`}${display.pinned &&
				` · ${t('pinned_place')}`}${display.desktop && ` · ${t('own_desktop')}${display.desktop.app ? `: ${display.desktop.app}` : ''}`}</p>
			${display.sessions.length > 0 && html`<p class="quiet small">${plural('watching', display.sessions.length)}${
				guests.length > 0 && `: ${t('with', { labels: guests.join(', ') })}`}</p>`}
			<${ProblemLine} app=${app} call=${call} />
		</div>
		${isKept(display) && html`<button type="button" data-testid=${`release-${display.slot}`} disabled=${call.busy}
			aria-label=${t('release_this', { label: labelOf(app, display) })} onClick=${release}>${t('release')}</button>`}
	</li>`;
}

function LiveList({ app }) {
	const { t, plural } = app.words;
	const call = useCall();
	const { displays, max_displays, own_desktops } = app.live.displays.value;
	const all = [...displays, ...own_desktops.flatMap((desktop) => desktop.displays.map((one) => ({ ...one, desktop })))];
	const kept = all.filter(isKept);
	return html`<section class="panel" aria-labelledby="live-title">
		<header>
			<h2 id="live-title">${t('live')}</h2>
			<p class="quiet small">${plural('of_displays', max_displays, { now: displays.length })}</p>
			${kept.length > 1 && html`<button type="button" data-testid="release-all" disabled=${call.busy}
				onClick=${() => call.run(() => releaseAll(app))}>${t('release_all')}</button>`}
		</header>
		<${ProblemLine} app=${app} call=${call} />
		${all.length ? html`<ul class="displays">
			${all.map((one) => html`<${DisplayRow} key=${one.desktop?.name ?? one.slot} app=${app} display=${one} />`)}
		</ul>` : html`<p class="quiet">${t('live.none')}</p>`}
	</section>`;
}

function MapPanel({ app }) {
	const { t } = app.words;
	const { desktop, next } = app.live.displays.value;
	const shown = app.looked.value;
	return html`<section class="panel map-panel" aria-labelledby="map-title">
		<header>
			<h2 id="map-title">${t('map')}</h2>
			<p class="quiet small">${desktop.ready ? t('desktop_is', { backend: desktop.backend,
				topology: t(`topology.${desktop.topology.applied}`) }) : t('desktop.not_ready')}</p>
		</header>
		<${ArrangementMap} app=${app} />
		${next === null && !shown && html`<p class="small">${t('map.full')}</p>`}
	</section>`;
}

function PolicyPanel({ app }) {
	const { t } = app.words;
	const [open, setOpen] = useState(false);
	return html`<section class="panel" aria-labelledby="policy-title">
		<header>
			<h2 id="policy-title">${t('policy')}</h2>
			<p class="quiet small">${t('policy.when')}</p>
		</header>
		<${Presets} app=${app} />
		<${PreviewWords} app=${app} />
		<button type="button" class="disclosure" data-testid="customise" aria-expanded=${open ? 'true' : 'false'}
			aria-controls="editor" onClick=${() => setOpen(!open)}><${Sign} name="custom" />${t('customise')}</button>
		<div id="editor">${open && html`<${Lazy} load=${() => import('./customise.js')} name="Editor" app=${app} />`}</div>
	</section>`;
}

/** Whether there may be something to say of monitors that are dark; dark.js knows. */
function mayBeDark({ live }) {
	const { topology } = live.displays.value.desktop;
	return [live.settings.value.effective.topology, topology.wanted, topology.applied].includes('exclusive');
}

export function Displays({ app }) {
	return html`${mayBeDark(app) &&
		html`<${Lazy} app=${app} load=${() => import('./dark.js')} name="DarkNotice" meanwhile="" />`}
		<div class="beside">
			<${MapPanel} app=${app} />
			<${LiveList} app=${app} />
		</div>
		<${PolicyPanel} app=${app} />`;
}
