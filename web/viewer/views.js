// What lies over the picture: the status line, the cards, the statistics, and the handle of the settings.

import { Drawer } from './drawer.js';
import { LabelField } from './fields.js';
import { GuestCard } from './guest.js';
import { clockWords, isNoteworthy, isViewOnly, planesOf } from './standing.js';
import { html, useEffect, useLayoutEffect, useRef, useState } from './vendor/preact.js';

const STATS_EVERY_MS = 500;

function phrase(t, words) {
	return words ? t(words.name, words.values) : '';
}

function Mark() {
	return html`<svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
		<path class="mark-house" d="M16 3 3 14v13a2 2 0 0 0 2 2h22a2 2 0 0 0 2-2V14z" />
		<path class="mark-light" d="M16 3 3 14v3l13-11 13 11v-3z" />
		<rect class="mark-light" x="11" y="16" width="10" height="8" rx="1" />
	</svg>`;
}

/** One line of words for every state. Cards say the same larger, so it is then for screen readers only. */
function Status({ session, t }) {
	const phase = session.phase.value;
	const notice = session.notice.value;
	const why = phrase(t, notice ?? session.words.value);
	const busy = ['connecting', 'opening', 'reconnecting'].includes(phase);
	const onCard = ['pairing', 'choosing', 'ended', 'refused'].includes(phase) && !notice;
	return html`<div class=${`status ${onCard ? 'unseen' : ''} ${notice ? 'noticed' : ''}`} role="status"
			aria-live="polite" data-testid="status" data-state=${phase}>
		${busy && html`<span class="spinner" aria-hidden="true"></span>`}
		<span class="status-phase">${t(`status_${phase}`, { host: session.host.value })}</span>
		${why && html`<span class="status-why"><span class="unseen">: </span>${why}</span>`}
	</div>`;
}

function PairingCard({ session, settings, t, pair }) {
	const [pin, setPin] = useState('');
	const field = useRef(null);
	const words = session.words.value;
	const busy = session.pairingBusy.value;
	useLayoutEffect(() => {
		if (busy)
			return;
		setPin('');
		field.current.focus();
	}, [busy]);
	const submit = (event) => {
		event.preventDefault();
		if (pin.trim())
			pair(pin.trim());
	};
	return html`<form class="card" onSubmit=${submit} aria-labelledby="pair-title">
		<header>
			<${Mark} />
			<div>
				<h1 id="pair-title">${t('pair_title')}</h1>
				<p class="quiet">${t('pair_host', { host: session.host.value })}</p>
			</div>
		</header>
		<p id="pair-explain">${t(session.pinArmed.value ? 'pair_explain' : 'pair_no_pin')}</p>
		<label class="field">
			<span>${t('pair_pin')}</span>
			<input class="pin" data-testid="pin" ref=${field} value=${pin} inputmode="numeric" maxlength="16"
				autocomplete="one-time-code" spellcheck="false" required aria-describedby="pair-explain pair-error"
				aria-invalid=${words ? 'true' : 'false'} onInput=${(event) => setPin(event.target.value)} />
		</label>
		<p id="pair-error" class="error" role="alert">${phrase(t, words)}</p>
		<${LabelField} settings=${settings} name=${t('pair_label')} />
		<button class="primary" data-testid="pair" disabled=${busy}>
			${t(session.askingOperator.value ? 'pair_waiting' : busy ? 'pair_busy' : 'pair_button')}
		</button>
		<button type="button" class="plain" data-testid="ask" disabled=${busy} onClick=${() => pair('')}>
			${t('pair_ask')}
		</button>
	</form>`;
}

/** The end, or a refusal: the words, the host's own as a detail, and what can be done. */
function WordsCard({ session, t, again }) {
	const words = session.words.value;
	const action = session.action.value;
	const button = useRef(null);
	useLayoutEffect(() => button.current?.focus(), [action]);
	const phase = session.phase.value;
	return html`<section class="card" aria-labelledby="words-title">
		<header>
			<${Mark} />
			<h1 id="words-title">${t(`status_${phase}`)}</h1>
		</header>
		<p>${phrase(t, words)}</p>
		${words?.detail && html`<p class="detail">${words.detail}</p>`}
		${action && html`<button class="primary" data-testid="again" ref=${button} onClick=${again}>
			${t(action)}
		</button>`}
	</section>`;
}

function ChooserCard({ session, t, commands }) {
	const { launcher } = session;
	const { Chooser } = launcher.parts.value ?? {};
	const back = session.mode.value ? commands.keepDisplay : null;
	return Chooser ? html`<${Chooser} launcher=${launcher} t=${t} host=${session.host.value} back=${back} />` : null;
}

/** What was opened has ended by itself: it, or something else, may be opened. */
function AppEndCard({ session, t, commands }) {
	const { launcher } = session;
	const { Chooser } = launcher.parts.value ?? {};
	if (!Chooser || launcher.apps.value.length === 0)
		return html`<${WordsCard} session=${session} t=${t} again=${commands.again} />`;
	return html`<${Chooser} launcher=${launcher} t=${t} host=${session.host.value} back=${null} ended=${session.words.value} />`;
}

function Card({ session, settings, t, commands }) {
	switch (session.phase.value) {
	case 'pairing':
		if (session.invited.value)
			return html`<${GuestCard} session=${session} settings=${settings} t=${t} mark=${html`<${Mark} />`}
				pair=${commands.pair} decline=${commands.declineInvitation} />`;
		return html`<${PairingCard} session=${session} settings=${settings} t=${t} pair=${commands.pair} />`;
	case 'choosing':
		return html`<${ChooserCard} session=${session} t=${t} commands=${commands} />`;
	case 'ended':
		if (session.words.value?.code === 'app_ended')
			return html`<${AppEndCard} session=${session} t=${t} commands=${commands} />`;
		// falls through
	case 'refused':
		return html`<${WordsCard} session=${session} t=${t} again=${commands.again} />`;
	default:
		return session.config.value ? null : html`<div class="waiting"><${Mark} /></div>`;
	}
}

function number(value, digits) {
	return value === null ? '–' : value.toFixed(digits);
}

function StatsOverlay({ t, take }) {
	const [stats, setStats] = useState(take);
	useEffect(() => {
		const timer = setInterval(() => setStats(take()), STATS_EVERY_MS);
		return () => clearInterval(timer);
	}, []);
	const rows = [
		['stats_mode', `${stats.width} × ${stats.height}`],
		['stats_fps', `${number(stats.fps, 0)} /s`],
		['stats_mbps', `${number(stats.mbps, 1)} Mbit/s`],
		['stats_latency', `${number(stats.captureToShownP50Ms, 0)} · ${number(stats.captureToShownP95Ms, 0)} ms`],
		['stats_rtt', `${number(stats.rttMs, 1)} ms`],
		['stats_lost', String(stats.lost)],
	];
	return html`<dl class="stats" data-testid="stats" aria-label=${t('stats_label')}>
		${rows.map(([name, value]) => html`<div key=${name}><dt>${t(name)}</dt><dd>${value}</dd></div>`)}
	</dl>`;
}

/** Whose display it is, as long as it is somebody else's. */
function Guest({ session, t }) {
	const holder = session.holder.value;
	const mode = session.mode.value;
	if (holder === null || !mode)
		return null;
	return html`<p class="guest" role="note" data-testid="guest">
		${t('guest', { holder, width: mode.width, height: mode.height })}
	</p>`;
}

/** What one may do and until when, when that is not everything for good. */
function rightsWords({ grants, until }, translator) {
	const { t, language } = translator;
	const time = until ? clockWords(until, language.value) : '';
	if (isViewOnly(grants))
		return t(until ? 'rights_view_only_until' : 'rights_view_only', { time });
	const lacking = planesOf(grants).find(({ allowed }) => !allowed);
	if (lacking)
		return t(`rights_no_${lacking.name}${until ? '_until' : ''}`, { time });
	return t('rights_until', { time });
}

function Notes({ session, translator }) {
	const rights = session.standing.rights.value;
	const guest = html`<${Guest} session=${session} t=${translator.t} />`;
	if (!session.mode.value || !isNoteworthy(rights))
		return guest;
	return html`<div class="notes">${guest}
		<p class="guest" role="status" data-testid="rights">${rightsWords(rights, translator)}</p>
	</div>`;
}

export function Page(props) {
	const { session, settings, translator, drawerOpen, commands } = props;
	translator.language.value;
	const { t } = translator;
	const open = drawerOpen.value;
	return html`
		<${Card} session=${session} settings=${settings} t=${t} commands=${commands} />
		<${Status} session=${session} t=${t} />
		<${Notes} session=${session} translator=${translator} />
		${settings.showStats.value && commands.stats && html`<${StatsOverlay} t=${t} take=${commands.stats} />`}
		<button class="handle" data-testid="settings" aria-expanded=${open ? 'true' : 'false'}
			aria-controls="drawer" aria-label=${t('settings')} title=${t('settings')}
			onClick=${() => { drawerOpen.value = !open; }}><span aria-hidden="true"></span></button>
		${open && html`<${Drawer} ...${props} t=${t} close=${() => { drawerOpen.value = false; }} />`}`;
}
