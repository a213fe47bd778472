// Whose turn it is to drive, and what one may do about it.

import { Control } from '../protocol.js';
import { isolated, isViewOnly } from '../standing.js';
import { html, useEffect, useLayoutEffect, useRef, useState } from '../vendor/preact.js';
import { Wheel } from './marker.js';

const RING = 2 * Math.PI * 16;

/** Whole seconds until `deadline` (performance.now()), counting down while it is shown. */
export function useSecondsLeft(deadline) {
	const left = () => Math.max(0, Math.ceil((deadline - performance.now()) / 1000));
	const [, setTick] = useState(0);
	useEffect(() => {
		if (left() === 0)
			return undefined;
		const timer = setInterval(() => {
			setTick((tick) => tick + 1);
			if (left() === 0)
				clearInterval(timer);
		}, 250);
		return () => clearInterval(timer);
	}, [deadline]);
	return left();
}

/** Who has control and does nothing is told before it goes. It counts for the eyes; for the ears it is said once. */
export function IdleWarning({ presence }) {
	const { t } = presence.translator;
	const { standing } = presence;
	const holds = standing.holds;
	const [looked, setSeconds] = useState(null);
	const seconds = holds ? looked : null; // the effect comes after the picture
	useEffect(() => {
		const look = () => setSeconds(standing.idleSecondsLeft(performance.now()));
		look();
		if (!holds)
			return undefined;
		const timer = setInterval(look, 250);
		return () => clearInterval(timer);
	}, [holds]);
	return html`<p class="unseen" role="status">${seconds === null ? '' : t('idle_spoken')}</p>
		${seconds !== null && html`<p class="presence-said presence-idle" aria-hidden="true" data-testid="idle">
			<${Wheel} /><span>${t('idle_left', { seconds })}</span></p>`}`;
}

function holderWords(t, control, isOurs) {
	if (isOurs)
		return t('control_yours');
	return control.holder ? t('control_other', { name: isolated(control.holderName) }) : t('control_nobody');
}

/** Our place in line, or for the holder how many wait. */
function lineWords(t, control, isOurs) {
	if (control.place)
		return t('control_place', { place: control.place, waiting: control.waiting });
	if (isOurs && control.waiting)
		return t(control.waiting === 1 ? 'control_waiting_one' : 'control_waiting', { count: control.waiting });
	return '';
}

function Asked({ t, control }) {
	const seconds = useSecondsLeft(control.answerBy);
	return html`<p class="quiet">${t('control_asked', { name: isolated(control.holderName), seconds })}</p>`;
}

function mainButton(control, isOurs) {
	if (isOurs)
		return 'release';
	if (control.place)
		return 'withdraw';
	return control.holder ? 'request' : 'take';
}

export function ControlPart({ presence }) {
	const { t } = presence.translator;
	const { standing, commands } = presence;
	const control = standing.control.value;
	if (!control)
		return null;
	const own = standing.session.value;
	const isOurs = control.holder === own;
	const line = lineWords(t, control, isOurs);
	const main = mainButton(control, isOurs);
	const asks = main === 'request' || main === 'take';
	const barred = asks && isViewOnly(standing.rights.value.grants);
	return html`<div class="presence-control" data-testid="control">
		<p class=${`presence-holder ${isOurs ? 'ours' : ''}`}><${Wheel} /><span>${holderWords(t, control, isOurs)}</span></p>
		${line && html`<p class="quiet" data-testid="control-line">${line}</p>`}
		${control.asking === own && control.place > 0 && html`<${Asked} t=${t} control=${control} />`}
		<div class="presence-buttons">
			<button type="button" data-testid="control-main" class=${asks ? 'primary' : ''}
				disabled=${barred} aria-describedby=${barred ? 'control-barred' : undefined}
				onClick=${commands.toggleControl}>${t(`control_${main}`)}</button>
			${control.place > 0 && control.asking === 0 && html`<button type="button" data-testid="control-again"
				onClick=${() => commands.steer(Control.REQUEST)}>${t('control_again')}</button>`}
		</div>
		${barred && html`<p class="quiet" id="control-barred">${t('control_not_allowed')}</p>`}
	</div>`;
}

function Ring({ seconds, total }) {
	const offset = RING * (1 - Math.min(1, seconds / total));
	return html`<span class="ring" aria-hidden="true">
		<svg viewBox="0 0 40 40"><circle cx="20" cy="20" r="16" />
			<circle class="ring-left" cx="20" cy="20" r="16" stroke-dasharray=${RING} stroke-dashoffset=${offset} /></svg>
		<span>${seconds}</span>
	</span>`;
}

/** Somebody asks the holder, who is in the middle of something: it is seen and heard, and takes no focus. */
export function RequestCard({ presence, control }) {
	const { t } = presence.translator;
	const { commands } = presence;
	const card = useRef(null);
	const allow = useRef(null);
	const seconds = useSecondsLeft(control.answerBy);
	const total = useRef(Math.max(1, seconds)).current;
	const wanted = presence.focusWanted.value;
	const first = useRef(wanted);
	useLayoutEffect(() => {
		if (wanted !== first.current)
			allow.current.focus();
	}, [wanted]);
	useLayoutEffect(() => {
		const element = card.current;
		return () => {
			if (element.contains(document.activeElement))
				commands.focusDisplay();
		};
	}, []);
	const name = isolated(control.askingName);
	return html`<section class="presence-request" ref=${card} aria-labelledby="request-title" data-testid="request">
		<p class="unseen" role="alert">${t('request_spoken', { name, seconds: total })}</p>
		<div class="presence-asking">
			<${Ring} seconds=${seconds} total=${total} />
			<div>
				<h2 id="request-title">${t('request_title', { name })}</h2>
				<p class="quiet">${t('request_seconds', { seconds })}</p>
			</div>
		</div>
		<div class="presence-buttons">
			<button type="button" class="primary" data-testid="request-allow" ref=${allow}
				onClick=${() => commands.steer(Control.GRANT, control.asking)}>${t('request_allow')}</button>
			<button type="button" data-testid="request-deny"
				onClick=${() => commands.steer(Control.DENY, control.asking)}>${t('request_deny')}</button>
		</div>
		<p class="quiet presence-keys">${t('request_keys')}</p>
	</section>`;
}
