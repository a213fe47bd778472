// The way in for a guest: a name and the invitation's PIN.

import { guestPin } from './invitation.js';
import { defaultLabel } from './settings.js';
import { html, useLayoutEffect, useRef, useState } from './vendor/preact.js';

/** What the host says, in the words of somebody who has an invitation and no host to look at. */
const wordsForGuests = { refused_wrong_pin: 'guest_wrong_pin', refused_no_pin: 'guest_over' };

export function GuestCard({ session, settings, t, mark, pair, decline }) {
	const chosen = settings.label.peek();
	const [name, setName] = useState(chosen === defaultLabel() ? '' : chosen);
	const [pin, setPin] = useState('');
	const [isMistyped, setMistyped] = useState(false);
	const nameField = useRef(null);
	const pinField = useRef(null);
	const busy = session.pairingBusy.value;
	const words = session.words.value;
	useLayoutEffect(() => {
		if (busy)
			return;
		setPin('');
		(nameField.current.value.trim() ? pinField : nameField).current.focus();
	}, [busy]);
	const submit = (event) => {
		event.preventDefault();
		const digits = guestPin(pin);
		setMistyped(digits === null);
		if (digits === null) {
			pinField.current.focus();
			return;
		}
		settings.label.value = name.trim();
		pair(digits);
	};
	const error = isMistyped ? t('guest_digits') : words ? t(wordsForGuests[words.name] ?? words.name, words.values) : '';
	return html`<form class="card" onSubmit=${submit} aria-labelledby="guest-title" data-testid="guest-form" noValidate>
		<header>
			${mark}
			<div>
				<h1 id="guest-title">${t('guest_title')}</h1>
				<p class="quiet">${t('guest_host', { host: session.host.value })}</p>
			</div>
		</header>
		<p id="guest-explain">${t('guest_explain')}</p>
		<label class="field">
			<span>${t('guest_name')}</span>
			<input data-testid="guest-name" ref=${nameField} value=${name} maxlength="64" autocomplete="nickname"
				spellcheck="false" placeholder=${defaultLabel()} onInput=${(event) => setName(event.target.value)} />
		</label>
		<label class="field">
			<span>${t('guest_pin')}</span>
			<input class="pin long" data-testid="guest-pin" ref=${pinField} value=${pin} inputmode="numeric" maxlength="16"
				autocomplete="one-time-code" spellcheck="false" required aria-describedby="guest-explain guest-error"
				aria-invalid=${error ? 'true' : 'false'}
				onInput=${(event) => { setPin(event.target.value); setMistyped(false); }} />
		</label>
		<p id="guest-error" class="error" role="alert">${error}</p>
		<button class="primary" data-testid="guest-enter" disabled=${busy}>${t(busy ? 'guest_busy' : 'guest_enter')}</button>
		<button type="button" class="plain" data-testid="guest-pair" disabled=${busy} onClick=${decline}>${t('guest_pair')}</button>
	</form>`;
}
