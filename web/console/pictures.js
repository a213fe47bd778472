// Drawings: what a policy does, at a glance, and small signs.

import { html } from '/vendor/preact.js';
import { duration } from './time.js';

const SIGNS = {
	default: 'M4 11 12 4l8 7v8a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1zM10 20v-6h4v6',
	'gaming-rig': 'M7 8h10a4 4 0 0 1 4 4l.5 4a2.3 2.3 0 0 1-4 1.6L15.5 15h-7l-2 2.6A2.3 2.3 0 0 1 2.5 16L3 12a4 4 0 0 1 4-4zM7.5 10.5v3M6 12h3M15.5 11h.01M17.5 13h.01',
	'shared-desktop': 'M9 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM3.5 20c0-4 2.5-6 5.5-6s5.5 2 5.5 6M16 11a2.5 2.5 0 1 0 0-5M17 14c2.3.5 3.5 2.5 3.5 6',
	hotdesk: 'M7 4h10v17H7zM12 12a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM9 18c0-2.5 1.3-4 3-4s3 1.5 3 4M10 2h4v2',
	workstation: 'M2.5 5h9v9h-9zM12.5 5h9v9h-9zM7 14v4M17 14v4M4.5 19h15',
	custom: 'M4 7h9M17 7h3M15 4.5v5M4 17h3M11 17h9M9 14.5v5M4 12h16',
	own: 'M7 4h10v16l-5-4-5 4z',
	active: 'M12 5a7 7 0 1 0 0 14 7 7 0 0 0 0-14z',
	lingering: 'M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 7.5V12l3 2',
	pinned: 'M8 4h8l-1 6 3 3H6l3-3zM12 13v7',
	creating: 'M12 5v4M12 15v4M5 12h4M15 12h4M7.2 7.2l2.6 2.6M14.2 14.2l2.6 2.6',
	closing: 'M7 7l10 10M17 7 7 17',
	remove: 'M5 7h14M10 7V5h4v2M7 7l1 13h8l1-13',
};

export function Sign({ name, className = '' }) {
	return html`<svg class=${`sign sign-${name} ${className}`} viewBox="0 0 24 24" aria-hidden="true">
		<path d=${SIGNS[name] ?? SIGNS.own} />
	</svg>`;
}

export function Mark() {
	return html`<svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
		<path class="mark-house" d="M16 3 3 14v13a2 2 0 0 0 2 2h22a2 2 0 0 0 2-2V14z" />
		<path class="mark-light" d="M16 3 3 14v3l13-11 13 11v-3z" />
		<rect class="mark-light" x="11" y="16" width="10" height="8" rx="1" />
	</svg>`;
}

function Person({ x, y, kind }) {
	return html`<g class=${`person ${kind}`} transform=${`translate(${x} ${y})`}>
		<circle r="4" cy="-11" /><path d="M-7 2c0-5.5 3-8.5 7-8.5S7-3.5 7 2z" />
	</g>`;
}

function Screen({ x, width, kind, pin }) {
	return html`<g class=${`screen ${kind}`}>
		<rect x=${x} y="22" width=${width} height="34" rx="3" />
		${pin && html`<path class="pin" d=${`M${x + 5} 26h6l-.8 4 2.2 2.2h-8.8l2.2-2.2zM${x + 8} 32.2v5`} />`}
	</g>`;
}

/** The host's own monitor: lit beside the displays, dark, or (auto) as the desktop was found. */
function OwnMonitor({ topology }) {
	const kind = { exclusive: 'dark', auto: 'half' }[topology] ?? 'lit';
	return html`<g class=${`monitor ${kind}`}>
		<rect x="10" y="26" width="44" height="29" rx="2" />
		${kind !== 'lit' && html`<path class="hatch" d=${kind === 'dark' ?
			'M12 40 24 28M12 53 37 28M25 53 50 28M38 53 52 39' : 'M34 53 52 35M44 53 52 45M26 53 52 27'} />`}
		<path class="stand" d="M32 55v7M22 62h20" />
		${topology === 'primary' && html`
			<path class="star second" d="M32 34l2 4.5 5 .5-3.7 3.3 1 4.7-4.3-2.5-4.3 2.5 1-4.7L25 39l5-.5z" />`}
	</g>`;
}

/** What happens to a second client, drawn as who sits at what. */
function Seats({ conflict, pin }) {
	switch (conflict) {
	case 'join':
		return html`<${Screen} x=${86} width=${64} kind="first" pin=${pin} />
			<${Person} x=${104} y=${82} kind="first" /><${Person} x=${132} y=${82} kind="second" />`;
	case 'steal':
		return html`<${Screen} x=${86} width=${64} kind="second" pin=${pin} />
			<${Person} x=${118} y=${82} kind="second" /><${Person} x=${176} y=${82} kind="first away" />
			<path class="arrow" d="M136 76h22M152 71l6 5-6 5" />`;
	case 'reject':
		return html`<${Screen} x=${86} width=${64} kind="first" pin=${pin} />
			<${Person} x=${118} y=${82} kind="first" /><${Person} x=${178} y=${82} kind="second away" />
			<path class="barrier" d="M158 65a8 8 0 1 0 .01 0zM153 73h10" />`;
	default:
		return html`<${Screen} x=${78} width=${54} kind="first" pin=${pin} />
			<${Screen} x=${138} width=${54} kind="second" pin=${pin} />
			<${Person} x=${105} y=${82} kind="first" /><${Person} x=${165} y=${82} kind="second" />`;
	}
}

function KeptFor({ app, keepAlive }) {
	if (keepAlive.mode === 'off')
		return null;
	const forever = keepAlive.mode === 'forever';
	const words = forever ? '∞' : duration(app.words.t, keepAlive.seconds);
	const width = 22 + words.length * 6.2;
	return html`<g class="kept" transform=${`translate(${198 - width} 2)`}>
		<rect width=${width} height="15" rx="7.5" />
		<circle cx="8" cy="7.5" r="4" /><path d="M8 5.2v2.3l1.5 1" />
		<text x="15" y=${forever ? 12.5 : 11.3} class=${forever ? 'forever' : ''}>${words}</text>
	</g>`;
}

/** One drawing for any policy; the story beside it says the same in words. */
export function PolicyPicture({ app, fields }) {
	return html`<svg class="policy-picture" viewBox="0 0 200 90" aria-hidden="true">
		<${OwnMonitor} topology=${fields.topology} />
		<path class="floor" d="M4 86h192" />
		<${Seats} conflict=${fields.mode_conflict} pin=${fields.layout.mode === 'manual'} />
		<${KeptFor} app=${app} keepAlive=${fields.keep_alive} />
	</svg>`;
}
