// Guests: links and PINs that let them in for a while, without a pairing.

import { html, useEffect, useLayoutEffect, useRef, useState } from '/vendor/preact.js';
import { FieldFaults, Question, SecondsField } from './forms.js';
import { grantsOf, PRESETS } from './grants.js';
import { Countdown, ProblemLine, useCall, useNow } from './parts.js';
import { RightsField, rightsWords } from './rights.js';
import { remaining } from './time.js';

const FIRST = Object.freeze({ planes: PRESETS.view, seconds: 3600, uses: 1, stay: 0, label: '' });
const STAY_SECONDS = 7200;

const requestOf = ({ planes, seconds, uses, stay, label }) => ({ ...grantsOf(planes), seconds, uses,
	...stay > 0 && { stay_seconds: stay }, ...label.trim() && { label: label.trim() } });

/** Text to hand on. Where the browser does not let a page copy, it is selected instead. */
function CopyField({ app, name, text, big }) {
	const { t } = app.words;
	const field = useRef(null);
	const [said, say] = useState('');
	const copy = async () => {
		field.current.select();
		say(await navigator.clipboard.writeText(text).then(() => 'copied', () => 'copy.by_hand'));
	};
	return html`<div class="copy">
		<label class="field"><span>${t(`invitation.${name}`)}</span>
			<input ref=${field} class=${big ? 'big' : ''} readonly data-testid=${`invitation-${name}`} value=${text}
				onFocus=${({ target }) => target.select()} /></label>
		<button type="button" data-testid=${`copy-${name}`} aria-label=${t(`invitation.copy_${name}`)} onClick=${copy}>${t('copy')}</button>
		<p class="quiet small" role="status">${said && t(said)}</p>
	</div>`;
}

function Made({ app, made, close }) {
	const { t } = app.words;
	const heading = useRef(null);
	useLayoutEffect(() => heading.current.focus(), []); // the form that had the focus is gone
	return html`<div class="made" data-testid="invitation-made" role="group" aria-labelledby="made-title">
		<h3 id="made-title" tabindex="-1" ref=${heading}>${t('invitation.made')}</h3>
		<p class="quiet small">${t('invitation.once')}</p>
		<${CopyField} app=${app} name="link" text=${new URL(made.link, location.origin).href} />
		<${CopyField} app=${app} name="pin" text=${made.pin} big />
		<button type="button" data-testid="invitation-done" onClick=${close}>${t('invitation.done')}</button>
	</div>`;
}

function Times({ app, draft, change, problem }) {
	const { t } = app.words;
	return html`<div class="override" role="group" aria-label=${t('invitation.seconds')}>
			<span class="small quiet">${t('invitation.seconds')}</span>
			<${SecondsField} app=${app} id="invite" seconds=${draft.seconds} name=${t('invitation.seconds')}
				invalid=${problem?.at('/seconds').length} change=${(seconds) => change({ seconds })} />
			<${FieldFaults} problem=${problem} pointer="/seconds" id="invite-fault" />
		</div>
		<div class="override">
			<label class="field"><span>${t('invitation.stay')}</span>
				<select data-testid="invite-stay" onChange=${({ target }) => change({ stay: target.selectedIndex ? STAY_SECONDS : 0 })}>
					<option selected=${!draft.stay}>${t('invitation.stay.leave')}</option>
					<option selected=${draft.stay > 0}>${t('term.seconds')}</option>
				</select></label>
			${draft.stay > 0 && html`<${SecondsField} app=${app} id="stay" seconds=${draft.stay} name=${t('invitation.stay')}
				invalid=${problem?.at('/stay_seconds').length} change=${(stay) => change({ stay })} />`}
			<${FieldFaults} problem=${problem} pointer="/stay_seconds" id="stay-fault" />
		</div>`;
}

function Invite({ app, invited }) {
	const { t } = app.words;
	const [draft, setDraft] = useState(FIRST);
	const call = useCall();
	const change = (fields) => setDraft({ ...draft, ...fields });
	const invite = (event) => {
		event.preventDefault();
		call.run(async () => invited(await app.ask('POST', '/invitations', requestOf(draft))));
	};
	return html`<form class="overrides" noValidate onSubmit=${invite} data-testid="invite-form">
		<div class="fields">
			<${RightsField} app=${app} planes=${draft.planes} change=${(planes) => change({ planes })} id="invite" />
			<div class="stack">
				<${Times} app=${app} draft=${draft} change=${change} problem=${call.problem} />
			</div>
			<div class="stack">
				<label class="field"><span>${t('invitation.uses')}</span>
					<input type="number" min="1" max="64" inputmode="numeric" data-testid="invite-uses" value=${draft.uses}
						aria-describedby="uses-fault" aria-invalid=${call.problem?.at('/uses').length ? 'true' : 'false'}
						onInput=${({ target }) => target.value && change({ uses: Number(target.value) })} /></label>
				<${FieldFaults} problem=${call.problem} pointer="/uses" id="uses-fault" />
				<label class="field"><span>${t('invitation.label')}</span>
					<input data-testid="invite-label" value=${draft.label} maxlength="64" autocomplete="off" placeholder=${t('guest')}
						aria-describedby="label-fault" onInput=${({ target }) => change({ label: target.value })} /></label>
				<${FieldFaults} problem=${call.problem} pointer="/label" id="label-fault" />
			</div>
		</div>
		<${ProblemLine} app=${app} call=${call} />
		<div class="row"><button class="primary" data-testid="invite" disabled=${call.busy}>${t('invitation.make')}</button></div>
	</form>`;
}

function Invitation({ app, invitation, at, changed }) {
	const { t, plural } = app.words;
	const [asking, ask] = useState(false);
	const { id, label, grants, uses_left, expires_in, guests } = invitation;
	const left = remaining(expires_in, at, useNow());
	const state = invitation.state === 'good' && left === 0 ? 'expired' : invitation.state;
	const revoke = async (end) => {
		await app.ask('DELETE', `/invitations/${id}${end ? '?end_guests=true' : ''}`);
		app.say('said.revoked');
		changed();
	};
	return html`<li class="request" data-testid=${`invitation-${id}`}>
		<div>
			<h3>${label || t('guest')}</h3>
			<p class="small">${rightsWords(app, grants)} · ${state === 'good' ?
				html`${plural('invitation.left', uses_left)} <${Countdown} app=${app} seconds=${expires_in} at=${at}
					total=${Math.max(3600, expires_in)} name="pin.holds" />` : t(`invitation.${state}`)}</p>
			${guests > 0 && html`<p class="quiet small">${plural('invitation.guests', guests)}</p>`}
		</div>
		<button type="button" data-testid=${`revoke-${id}`} aria-label=${t('invitation.revoke_this', { label: label || t('guest') })}
			onClick=${() => ask(true)}>${t('invitation.revoke')}</button>
		${asking && html`<${Question} app=${app} title=${t('invitation.revoke.title')} text=${t('invitation.revoke.text')}
			button=${t(guests ? 'invitation.revoke.all' : 'invitation.revoke')} act=${() => revoke(guests > 0)}
			also=${guests ? { button: t('invitation.revoke.only'), act: () => revoke(false) } : null} close=${() => ask(false)} />`}
	</li>`;
}

/** Asked again after a change here, and when sessions come or go: guests are sessions. */
function useInvitations(app) {
	const [list, setList] = useState(null);
	const [count, setCount] = useState(0);
	const sessions = app.live.sessions.value;
	useEffect(() => {
		let isWanted = true;
		app.ask('GET', '/invitations').then(({ invitations }) => isWanted && setList({ invitations, at: Date.now() }), () => null);
		return () => { isWanted = false; };
	}, [count, sessions]);
	return [list, () => setCount((before) => before + 1)];
}

export function Guests({ app }) {
	const { t } = app.words;
	const [made, setMade] = useState(null);
	const [list, changed] = useInvitations(app);
	const shown = list?.invitations ?? [];
	return html`<section class="panel" aria-labelledby="guests-title" data-testid="guests">
		<header><h2 id="guests-title">${t('guests')}</h2></header>
		<p class="quiet">${t('guests.text')}</p>
		${made ? html`<${Made} app=${app} made=${made} close=${() => setMade(null)} />` :
			html`<${Invite} app=${app} invited=${(invitation) => {
				setMade(invitation);
				changed();
			}} />`}
		${shown.length > 0 && html`<h3>${t('invitations')}</h3>
			<ul class="requests">${shown.map((invitation) => html`<${Invitation} key=${invitation.id} app=${app}
				invitation=${invitation} at=${list.at} changed=${changed} />`)}</ul>`}
	</section>`;
}
