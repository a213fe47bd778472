// What desktops of clients' own see of the machine: what is granted, when it counts, and what it is called.

import { html } from '/vendor/preact.js';
import { confinementOf, DEVICES } from './draft.js';

/** "A home of its own: Graphics cards, Virtual machines". */
export function confinementWords(app, { mode, devices = [] }) {
	const { t } = app.words;
	const granted = devices.map((device) => t(`device.${device}`)).join(', ');
	return `${t(`confinement.${mode}`)}${granted && `: ${granted}`}`;
}

/** Whom it is about where that is the desktop, and what becomes of them without bubblewrap. */
export function confinementNote(app, desktop) {
	const { t } = app.words;
	return `${t(`confinement.when.${desktop}`)} ${t('confinement.without')}`;
}

export function GrantedDevices({ app, confinement, change }) {
	const { t } = app.words;
	const { mode, devices = [] } = confinement;
	if (mode === 'off')
		return null;
	const tick = (device, isOn) =>
		change(confinementOf(mode, DEVICES.filter((one) => (one === device ? isOn : devices.includes(one)))));
	return html`<fieldset class="granted" data-testid="granted">
		<legend>${t('devices')}</legend>
		${DEVICES.map((device) => html`<label key=${device} class="tick">
			<input type="checkbox" data-testid=${`device-${device}`} checked=${devices.includes(device)}
				onChange=${({ target }) => tick(device, target.checked)} />
			<span>${t(`device.${device}`)} <small class="quiet">${device}</small></span></label>`)}
	</fieldset>`;
}
