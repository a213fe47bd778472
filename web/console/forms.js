// What the views that are loaded on demand share: faults at fields, a time to type, a question before a loss.

import { html, useLayoutEffect, useRef, useState } from '/vendor/preact.js';
import { ProblemLine, useCall } from './parts.js';
import { splitSeconds } from './time.js';

const UNITS = [['s', 1], ['min', 60], ['h', 3600], ['d', 86400]];

/** The changes of a draft that were made since it was `sent`: its answer is not about them. */
export const since = (changes, sent) =>
	Object.fromEntries(Object.entries(changes).filter(([field, value]) => value !== sent[field]));

export function FieldFaults({ problem, pointer, id }) {
	const faults = problem?.at(pointer) ?? [];
	return html`<p class="error" id=${id} role="alert" data-fault=${pointer}>${faults.join(' ')}</p>`;
}

/** A number and its unit, as seconds. */
export function SecondsField({ app, seconds, change, invalid, id, name = app.words.t('keep_alive.count') }) {
	const { t } = app.words;
	const [count, size] = splitSeconds(seconds);
	const [unit, setUnit] = useState(size);
	const shown = Number.isInteger(seconds / unit) ? [seconds / unit, unit] : [count, size];
	return html`<span class="seconds">
		<input type="number" min="1" step="1" inputmode="numeric" data-testid=${`${id}-count`} value=${shown[0]}
			aria-label=${name} aria-invalid=${invalid ? 'true' : 'false'} aria-describedby=${`${id}-fault`}
			onInput=${({ target }) => target.value && change(Math.round(Number(target.value)) * shown[1])} />
		<select aria-label=${t('keep_alive.unit')} data-testid=${`${id}-unit`} onChange=${(event) => {
			const chosen = UNITS[event.target.selectedIndex][1];
			setUnit(chosen);
			change(shown[0] * chosen);
		}}>${UNITS.map(([name, one]) =>
			html`<option key=${name} selected=${one === shown[1]}>${t(`unit.${name}.name`)}</option>`)}
		</select>
	</span>`;
}

/**
 * A question before something is lost. `act` is run by the button; the dialog closes when it went well. `also`: {button,
 * act} of a milder way, or null.
 */
export function Question({ app, title, text, button, act, also, close }) {
	const dialog = useRef(null);
	const call = useCall();
	useLayoutEffect(() => dialog.current.showModal(), []);
	const answer = async (chosen) => {
		if (await call.run(chosen))
			dialog.current?.close(); // what it was about may be gone, and the question with it
	};
	return html`<dialog ref=${dialog} onClose=${close} aria-labelledby="question-title" aria-describedby="question-text">
		<h2 id="question-title">${title}</h2>
		<p id="question-text">${text}</p>
		<${ProblemLine} app=${app} call=${call} />
		<div class="row end">
			<button type="button" autofocus onClick=${() => dialog.current.close()}>${app.words.t('cancel')}</button>
			${also && html`<button type="button" data-testid="milder" disabled=${call.busy}
				onClick=${() => answer(also.act)}>${also.button}</button>`}
			<button type="button" class="danger" data-testid="yes" disabled=${call.busy}
				onClick=${() => answer(act)}>${button}</button>
		</div>
	</dialog>`;
}

/** "4f3a 91…": enough of a fingerprint to compare by eye. */
export const shortFingerprint = (fingerprint) => fingerprint.slice(0, 16).replace(/(.{4})(?=.)/g, '$1 ');
