// A person's sign: a shape and a colour, so that neither has to be told apart alone; its fill says what the person does.

import { html } from '../vendor/preact.js';

const shapes = [
	'M8 2a6 6 0 1 1 0 12A6 6 0 1 1 8 2z', // circle
	'M3 3h10v10H3z', // square
	'M8 2l6.5 11.5h-13z', // triangle
	'M8 1.5L14.5 8 8 14.5 1.5 8z', // diamond
	'M6 2h4v4h4v4h-4v4H6v-4H2V6h4z', // cross
	'M8 1.5l6.4 4.7-2.4 7.6H4L1.6 6.2z', // pentagon
	'M8 14.5L1.5 3h13z', // triangle on its tip
	'M8 1.2l2 4.5 4.9.5-3.7 3.3 1.1 4.8L8 11.8l-4.3 2.5 1.1-4.8L1.1 6.2 6 5.7z', // star
];

export function Marker({ colour, shape, state }) {
	return html`<svg class=${`marker colour-${colour} ${state}`} viewBox="0 0 16 16" aria-hidden="true">
		<path d=${shapes[shape]} />
	</svg>`;
}

/** Who drives: a wheel. */
export function Wheel() {
	return html`<svg class="wheel" viewBox="0 0 16 16" aria-hidden="true">
		<circle cx="8" cy="8" r="6" /><circle cx="8" cy="8" r="1.6" /><path d="M2.2 7h4M9.8 7h4M8 9.8V14" />
	</svg>`;
}

export function Somebody() {
	return html`<svg class="somebody" viewBox="0 0 16 16" aria-hidden="true">
		<circle cx="8" cy="5" r="3.2" /><path d="M1.8 14.5a6.2 5.8 0 0 1 12.4 0z" />
	</svg>`;
}
