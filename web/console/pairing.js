// Letting new clients in: a PIN that they type, or a yes to their request.

import { html } from '/vendor/preact.js';
import { shortFingerprint } from './forms.js';
import { Guests } from './invitations.js';
import { Countdown, ProblemLine, useCall, useNow } from './parts.js';
import { sinceWords } from './time.js';

const PIN_SECONDS = 600;

function Pin({ app }) {
	const { t } = app.words;
	const { armed, pin, expires_in } = app.live.pairing.value;
	const call = useCall();
	const arm = () => call.run(async () => {
		await app.live.change('pairing', 'POST', '/pairing', { seconds: PIN_SECONDS });
	});
	const cancel = () => call.run(async () => {
		await app.ask('DELETE', '/pairing');
		app.say('said.pin_void');
	});
	return html`<section class="panel pin-panel" aria-labelledby="pin-title">
		<h2 id="pin-title">${t('pin')}</h2>
		${armed ? html`
			<p class="pin-digits" data-testid="pin" role="img" aria-label=${t('pin.is', { pin: [...pin ?? ''].join(' ') })}>${
				[...pin ?? ''].map((digit, i) => html`<span key=${i} aria-hidden="true">${digit}</span>`)}</p>
			<p>${t('pin.type')}</p>
			<p class="quiet">${expires_in === null ? t('pin.until_used') : html`<${Countdown} app=${app} seconds=${expires_in}
				at=${app.live.at.pairing} total=${Math.max(PIN_SECONDS, expires_in)} name="pin.holds" />`}</p>` :
		html`<p>${t('pin.none')}</p>`}
		<${ProblemLine} app=${app} call=${call} />
		<div class="row">
			<button type="button" class="primary" data-testid="arm" disabled=${call.busy} onClick=${arm}>
				${t(armed ? 'pin.another' : 'pin.arm')}</button>
			${armed && html`<button type="button" data-testid="void" disabled=${call.busy} onClick=${cancel}>
				${t('pin.void')}</button>`}
		</div>
	</section>`;
}

function Request({ app, request, now }) {
	const { t } = app.words;
	const call = useCall();
	const { session, label, peer, fingerprint } = request;
	const decide = (decision) => call.run(async () => {
		await app.live.change('pairing', 'POST', `/pairing/requests/${session}`, { decision });
		app.say(`said.${decision}`, { label });
	});
	const waits = request.since + (now - app.live.at.pairing) / 1000;
	return html`<li class="request" data-testid=${`request-${session}`}>
		<div>
			<h3>${label}</h3>
			<p class="quiet small">${peer} · ${sinceWords(t, waits)} · <code title=${fingerprint}>${
				shortFingerprint(fingerprint)}</code></p>
			<${ProblemLine} app=${app} call=${call} />
		</div>
		<div class="row">
			<button type="button" class="primary" data-testid=${`approve-${session}`} disabled=${call.busy}
				aria-label=${t('approve_this', { label })} onClick=${() => decide('approve')}>${t('approve')}</button>
			<button type="button" data-testid=${`deny-${session}`} disabled=${call.busy}
				aria-label=${t('deny_this', { label })} onClick=${() => decide('deny')}>${t('deny')}</button>
		</div>
	</li>`;
}

function Requests({ app }) {
	const { t } = app.words;
	const { requests } = app.live.pairing.value;
	const now = useNow();
	return html`<section class="panel" aria-labelledby="requests-title">
		<h2 id="requests-title">${t('requests')}</h2>
		${requests.length ? html`<p class="quiet small">${t('requests.compare')}</p>
			<ul class="requests">${requests.map((request) =>
				html`<${Request} key=${request.session} app=${app} request=${request} now=${now} />`)}</ul>` :
		html`<p class="quiet">${t('requests.none')}</p>`}
	</section>`;
}

export function Pairing({ app }) {
	return html`<div class="beside even"><${Pin} app=${app} /><${Requests} app=${app} /></div>
		<${Guests} app=${app} />`;
}
