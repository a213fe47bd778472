// What a client or a guest may do: as a choice to make, and in words.

import { html } from '/vendor/preact.js';
import { PLANES, presetOf, PRESETS } from './grants.js';

/** "Everything", or "Pointer, Keyboard". */
export function rightsWords(app, { preset, planes }) {
	const { t } = app.words;
	return preset === 'custom' ? planes.map((plane) => t(`plane.${plane}`)).join(', ') : t(`rights.${preset}`);
}

/** A preset is a set of planes with a name: choosing one ticks its boxes, and ticking boxes leads to its name. */
export function RightsField({ app, planes, change, id }) {
	const { t } = app.words;
	const chosen = presetOf(planes);
	const tick = (plane, isOn) => change(PLANES.filter((one) => (one === plane ? isOn : planes.includes(one))));
	return html`<fieldset class="choices rights" data-testid=${`${id}-rights`}>
		<legend>${t('rights')}</legend>
		<div class="segments">${Object.keys(PRESETS).map((name) => html`<label key=${name}>
			<input type="radio" class="unseen" name=${`${id}-preset`} data-testid=${`${id}-${name}`} checked=${chosen === name}
				onChange=${() => change([...PRESETS[name]])} /><span>${t(`rights.${name}`)}</span></label>`)}
		</div>
		<p class="quiet small">${t(`rights.${chosen}.hint`)}</p>
		<div class="planes">${PLANES.map((plane) => html`<label key=${plane} class="tick">
			<input type="checkbox" data-testid=${`${id}-${plane}`} checked=${planes.includes(plane)}
				onChange=${({ target }) => tick(plane, target.checked)} />${t(`plane.${plane}`)}</label>`)}
		</div>
	</fieldset>`;
}
