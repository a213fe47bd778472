// How people are together now: who is here and what they do, who drives, and who waits for it.

import { html, useState } from '/vendor/preact.js';
import { Countdown, Lazy, ProblemLine, useCall, useNow } from './parts.js';
import { Sign } from './pictures.js';
import { duration, remaining, sinceWords } from './time.js';

// A shape for each state, so that nobody needs the colours: a wheel, an eye, a moon.
const STATES = {
	controlling: 'M10 2.5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15zM10 8.2a1.8 1.8 0 1 0 0 3.6 1.8 1.8 0 0 0 0-3.6zM2.7 9h5.5M11.8 9h5.5M10 11.8v5.6',
	watching: 'M1.5 10C4 5.8 6.8 4 10 4s6 1.8 8.5 6c-2.5 4.2-5.3 6-8.5 6s-6-1.8-8.5-6zM10 7.4a2.6 2.6 0 1 0 0 5.2 2.6 2.6 0 0 0 0-5.2z',
	/** Not a state of a person: the hand on the pointer, where one has control. */
	holding: 'M4.5 2.5l11.2 7.6-5 1.1 2.9 5.5-2.3 1.2-2.9-5.6-3.9 3.4z',
	idle: 'M15.8 12.6A6.8 6.8 0 1 1 7.4 4.2a5.6 5.6 0 0 0 8.4 8.4z',
};

function StateSign({ state }) {
	return html`<svg class=${`state-sign ${state}`} viewBox="0 0 20 20" aria-hidden="true"><path d=${STATES[state]} /></svg>`;
}

const sessionOf = (app, id) => app.live.sessions.value.sessions.find((one) => one.session === id);

/** What a session is called here, and whose it is; one whose connection dropped is not in the list any more. */
export function sessionLabel(app, id) {
	const label = sessionOf(app, id)?.label || app.words.t('session.number', { session: id });
	const person = app.live.presence.value?.people.find(({ sessions }) => sessions.includes(id));
	return person && person.name !== label ? `${label} (${person.name})` : label;
}

/** Its clients where they have other names, and the displays that it looks at. */
function whereWords(app, { name, sessions }) {
	const { t } = app.words;
	const found = sessions.map((id) => sessionOf(app, id)).filter(Boolean);
	const labels = new Set(found.map(({ label }) => label).filter((label) => label && label !== name));
	const slots = new Set(found.map(({ slot }) => slot).filter((slot) => slot !== null));
	return [[...labels].join(', '), ...[...slots].map((slot) => t('slot', { slot }))].filter(Boolean);
}

export function useSteering(app) {
	const call = useCall();
	const steer = (action, session) => call.run(async () => {
		await app.live.change('control', 'POST', '/control', { action, ...session && { session } });
		app.say(`said.control.${action}`, session && { label: sessionLabel(app, session) });
	});
	return { call, steer };
}

function Person({ app, person, now }) {
	const { t, plural } = app.words;
	const { name, state, transports, view_only, sessions, since } = person;
	const here = since + (now - app.live.at.presence) / 1000;
	return html`<li class="person-row" data-testid=${`person-${person.person}`} data-state=${state}>
		<${StateSign} state=${state} />
		<div>
			<h3>${name}</h3>
			<p class="small">${t(`person.${state}`)}${view_only && html` · <span class="quiet">${t('person.view_only')}</span>`}</p>
			<p class="quiet small">${[...whereWords(app, person), transports.map((one) => t(`transport.${one}`)).join(', '),
				sinceWords(t, here), ...sessions.length > 1 ? [plural('person.devices', sessions.length)] : []].join(' · ')}</p>
		</div>
	</li>`;
}

function People({ app }) {
	const { t } = app.words;
	const { enabled, people } = app.live.presence.value;
	const now = useNow();
	if (!enabled)
		return html`<p class="quiet">${t('presence.off')}</p>`;
	return people.length ? html`<ul class="people" aria-label=${t('presence')}>${people.map((person) =>
		html`<${Person} key=${person.person} app=${app} person=${person} now=${now} />`)}</ul>` :
		html`<p class="quiet">${t('presence.nobody')}</p>`;
}

function Holder({ app, steer, busy, now }) {
	const { t } = app.words;
	const { holder, away_for } = app.live.control.value;
	const away = away_for === null ? null : Math.ceil(remaining(away_for, app.live.at.control, now));
	return html`<div class="holder" data-testid="holder">
		<p>${holder !== null && html`<${StateSign} state="holding" />`} ${holder === null ? t('control.nobody') :
			html`<strong>${sessionLabel(app, holder)}</strong> ${t('control.has')}`}
			${away !== null && html` <span class="quiet">${t('control.away', { time: duration(t, away) })}</span>`}</p>
		${holder !== null && html`<button type="button" data-testid="take-away" disabled=${busy}
			onClick=${() => steer('release')}>${t('control.release')}</button>`}
	</div>`;
}

const ANSWER_SECONDS = 10;

function Waiting({ app, place, steer, busy }) {
	const { t } = app.words;
	const { session, asks_for } = place;
	const label = sessionLabel(app, session);
	return html`<li class="request" data-testid=${`waiting-${session}`}>
		<p><strong>${label}</strong>${asks_for !== null && html` <${Countdown} app=${app} seconds=${asks_for}
			at=${app.live.at.control} total=${Math.max(ANSWER_SECONDS, asks_for)} name="control.asks" />`}</p>
		<div class="row">
			<button type="button" class="primary" data-testid=${`grant-${session}`} disabled=${busy}
				aria-label=${t('control.grant_this', { label })} onClick=${() => steer('grant', session)}>${t('control.grant')}</button>
			<button type="button" data-testid=${`refuse-${session}`} disabled=${busy}
				aria-label=${t('control.deny_this', { label })} onClick=${() => steer('deny', session)}>${t('control.deny')}</button>
		</div>
	</li>`;
}

function Control({ app }) {
	const { t } = app.words;
	const { mode, line } = app.live.control.value;
	const { call, steer } = useSteering(app);
	const now = useNow();
	if (mode === 'free')
		return html`<p class="quiet">${t('control.free.now')}</p>`;
	return html`<${Holder} app=${app} steer=${steer} busy=${call.busy} now=${now} />
		${line.length ? html`<h3>${t('control.line')}</h3>
			<ol class="requests">${line.map((place) => html`<${Waiting} key=${place.session} app=${app} place=${place}
				steer=${steer} busy=${call.busy} />`)}</ol>` :
		html`<p class="quiet small">${t('control.no_line')}</p>`}
		<${ProblemLine} app=${app} call=${call} />`;
}

export function Together({ app }) {
	const { t } = app.words;
	const [open, setOpen] = useState(false);
	if (!app.live.presence.value || !app.live.control.value)
		return null;
	return html`<section class="panel together" aria-labelledby="together-title" data-testid="together">
		<header><h2 id="together-title">${t('together')}</h2></header>
		<div class="beside even">
			<div class="stack"><h3>${t('presence')}</h3><${People} app=${app} /></div>
			<div class="stack"><h3>${t('control')}</h3><${Control} app=${app} /></div>
		</div>
		<button type="button" class="disclosure" data-testid="together-settings" aria-expanded=${open ? 'true' : 'false'}
			aria-controls="together-editor" onClick=${() => setOpen(!open)}><${Sign} name="custom" />${t('customise')}</button>
		<div id="together-editor">${open && html`<${Lazy} load=${() => import('./together_settings.js')} name="TogetherSettings"
			app=${app} />`}</div>
	</section>`;
}
