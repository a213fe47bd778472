// Form fields, each bound to one setting.

import { defaultLabel } from './settings.js';
import { html } from './vendor/preact.js';

export function LabelField({ settings, name }) {
	return html`<label class="field">
		<span>${name}</span>
		<input data-testid="label" maxlength="64" spellcheck="false" autocomplete="off"
			value=${settings.label.value} placeholder=${defaultLabel()}
			onInput=${(event) => { settings.label.value = event.target.value; }} />
	</label>`;
}

export function Toggle({ setting, name, testid, disabled = false }) {
	return html`<label class=${`toggle ${disabled ? 'disabled' : ''}`}>
		<span>${name}</span>
		<input type="checkbox" role="switch" data-testid=${testid} checked=${setting.value} disabled=${disabled}
			onChange=${(event) => { setting.value = event.target.checked; }} />
	</label>`;
}

/** A few choices beside each other. */
export function Segments({ setting, name, id, options }) {
	return html`<fieldset class="segments">
		<legend>${name}</legend>
		<div>${options.map(([value, words]) => html`<label key=${value}>
			<input type="radio" name=${id} data-testid=${`${id}-${value}`} checked=${setting.value === value}
				onChange=${() => { setting.value = value; }} />
			<span>${words}</span>
		</label>`)}</div>
	</fieldset>`;
}

export function Select({ setting, name, id, options }) {
	return html`<label class="field">
		<span>${name}</span>
		<select data-testid=${id} onChange=${(event) => { setting.value = options[event.target.selectedIndex][0]; }}>
			${options.map(([value, words]) =>
				html`<option key=${value} selected=${setting.value === value}>${words}</option>`)}
		</select>
	</label>`;
}
