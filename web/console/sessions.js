// Who is attached now, and how they are together.

import { html, useState } from '/vendor/preact.js';
import { Question } from './forms.js';
import { modeWords, ProblemLine, useNow } from './parts.js';
import { Sign } from './pictures.js';
import { rightsWords } from './rights.js';
import { sinceWords } from './time.js';
import { Together, useSteering } from './together.js';

function place(app, { slot, joined }) {
	if (slot === null)
		return app.words.t('session.no_display');
	return app.words.t(joined ? 'session.joined' : 'session.own', { slot });
}

const INPUT = ['pointer', 'keyboard', 'gamepad'];

/** Control goes to who may give input, where one drives at a time. */
function GiveControl({ app, session, label }) {
	const { t } = app.words;
	const { call, steer } = useSteering(app);
	const control = app.live.control.value;
	if (control?.mode !== 'one-at-a-time' || control.holder === session.session ||
			!session.grants.planes.some((plane) => INPUT.includes(plane)))
		return null;
	return html`<button type="button" data-testid=${`give-${session.session}`} disabled=${call.busy}
			aria-label=${t('control.give_this', { label })} onClick=${() => steer('give', session.session)}>${t('control.give')}</button>
		<${ProblemLine} app=${app} call=${call} />`;
}

function SessionCard({ app, session, now }) {
	const { t } = app.words;
	const [asking, ask] = useState(false);
	const label = session.label || t('guest');
	const seconds = session.since + (now - app.live.at.sessions) / 1000;
	const facts = [
		['session.display', place(app, session)],
		['session.mode', session.mode ? modeWords(app, session.mode) : '–'],
		['session.since', sinceWords(t, seconds)],
		['session.from', `${session.peer} · ${session.transport}`],
		['rights', rightsWords(app, session.grants)],
		['session.dropped', session.dropped],
	];
	return html`<li class="panel session" data-testid=${`session-${session.session}`}>
		<h2><${Sign} name="active" className="small-sign" />${label}
			${session.guest && html` <span class="tag">${t('guest')}</span>`}
			${app.live.control.value?.holder === session.session && html` <span class="tag drives">${t('control.has')}</span>`}</h2>
		<dl class="facts">${facts.map(([name, value]) => html`<div key=${name}><dt>${t(name)}</dt><dd>${value}</dd></div>`)}</dl>
		<div class="row">
			<${GiveControl} app=${app} session=${session} label=${label} />
			<button type="button" data-testid=${`end-${session.session}`} aria-label=${t('session.end_this', { label })}
				onClick=${() => ask(true)}>${t('session.end')}</button>
		</div>
		${asking && html`<${Question} app=${app} title=${t('session.end.title', { label })} text=${t('session.end.text')}
			button=${t('session.end')} close=${() => ask(false)} act=${async () => {
				await app.ask('DELETE', `/sessions/${session.session}`);
				app.say('said.ended', { label });
			}} />`}
	</li>`;
}

export function Sessions({ app }) {
	const { sessions } = app.live.sessions.value;
	const now = useNow();
	return html`<${Together} app=${app} />
		${sessions.length ? html`<ul class="cards narrow">${sessions.map((session) =>
		html`<${SessionCard} key=${session.session} app=${app} session=${session} now=${now} />`)}</ul>` :
		html`<section class="panel empty"><p>${app.words.t('sessions.none')}</p></section>`}`;
}
