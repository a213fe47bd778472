// Who is attached now.

import { html, useState } from '/vendor/preact.js';
import { Question } from './forms.js';
import { modeWords, useNow } from './parts.js';
import { Sign } from './pictures.js';
import { sinceWords } from './time.js';

function place(app, { slot, joined }) {
	if (slot === null)
		return app.words.t('session.no_display');
	return app.words.t(joined ? 'session.joined' : 'session.own', { slot });
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
		['session.dropped', session.dropped],
	];
	return html`<li class="panel session" data-testid=${`session-${session.session}`}>
		<h2><${Sign} name="active" className="small-sign" />${label}</h2>
		<dl class="facts">${facts.map(([name, value]) => html`<div key=${name}><dt>${t(name)}</dt><dd>${value}</dd></div>`)}</dl>
		<button type="button" data-testid=${`end-${session.session}`} aria-label=${t('session.end_this', { label })}
			onClick=${() => ask(true)}>${t('session.end')}</button>
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
	if (!sessions.length)
		return html`<section class="panel empty"><p>${app.words.t('sessions.none')}</p></section>`;
	return html`<ul class="cards narrow">${sessions.map((session) =>
		html`<${SessionCard} key=${session.session} app=${app} session=${session} now=${now} />`)}</ul>`;
}
