// The list of who is here, as a panel or as a dot with their number, and what goes with it in its corner.

import { Control } from '../protocol.js';
import { isNoteworthy, isolated } from '../standing.js';
import { html, useLayoutEffect, useRef, useState } from '../vendor/preact.js';
import { ControlPart, IdleWarning, RequestCard } from './control.js';
import { CornerChoice, dragHandlers } from './corners.js';
import { Marker, Somebody, Wheel } from './marker.js';
import { holderAmong, placeOf } from './people.js';

const ROOM_PX = 1024; // a window as wide as that shows the list until the person makes it small
const SCROLLS_FROM = 6;

function Person({ presence, one, holds, place, mayGive }) {
	const { t } = presence.translator;
	const details = [
		holds && t('person_holder'),
		!(holds && one.state === 'controlling') && t(`person_${one.state}`),
		place > 0 && t('person_waits', { place }),
		one.viewOnly && t('person_view_only'),
		one.person === presence.standing.pointsLast.value && t('person_pointed'),
		one.sessions > 1 && t('person_devices', { count: one.sessions }),
	].filter(Boolean);
	return html`<li class=${`person ${one.state}`} data-testid="person" data-state=${one.state}>
		<${Marker} ...${one} />
		<span class="person-words">
			<span class="person-line">
				<bdi class="person-name" title=${one.name}>${one.name}</bdi>
				${one.self && html`<span class="person-self">${t('person_self')}</span>`}
				${holds && html`<${Wheel} />`}
			</span>
			<span class="person-details">${details.join(' · ')}</span>
		</span>
		${mayGive && html`<button type="button" class="person-give" data-testid="give"
			aria-label=${t('control_give_to', { name: isolated(one.name) })}
			onClick=${() => presence.commands.steer(Control.GIVE, one.session)}>${t('control_give')}</button>`}
	</li>`;
}

function PersonList({ presence }) {
	const { t } = presence.translator;
	const people = presence.people.value;
	const control = presence.standing.control.value;
	const holder = holderAmong(people, control);
	const isOurs = presence.standing.holds;
	const more = presence.count.value - people.length;
	if (people.length === 0)
		return null;
	return html`<ul class="presence-people" aria-label=${t('people_list')} tabindex=${people.length > SCROLLS_FROM ? 0 : undefined}>
		${people.map((one) => html`<${Person} key=${one.person} presence=${presence} one=${one} holds=${one === holder}
			place=${placeOf(control, one.person)} mayGive=${isOurs && !one.self && one.session !== 0} />`)}
		${more > 0 && html`<li class="quiet">${t('people_more', { count: more })}</li>`}
	</ul>`;
}

function titleWords(t, count) {
	if (count === 0)
		return t('control');
	return count === 1 ? t('people_here_one') : t('people_here', { count });
}

function Panel({ presence, box, makeSmall }) {
	const { t } = presence.translator;
	const { settings } = presence;
	const [choosing, setChoosing] = useState(false);
	const panel = useRef(null);
	const wanted = presence.focusWanted.value;
	const first = useRef(presence.focusSeen);
	useLayoutEffect(() => {
		if (wanted !== first.current && !presence.mustAnswer())
			panel.current.focus();
		presence.focusSeen = wanted;
	}, [wanted]);
	const drag = useRef(null);
	drag.current ??= dragHandlers(() => box.current, (corner) => {
		settings.peopleCorner.value = corner;
	});
	return html`<section class="presence-panel" ref=${panel} tabindex="-1" aria-labelledby="presence-title" data-testid="panel">
		<header ...${drag.current}>
			<h2 id="presence-title">${titleWords(t, presence.count.value)}</h2>
			<button type="button" class="presence-tool" data-testid="move" aria-expanded=${choosing ? 'true' : 'false'}
				aria-label=${t('people_move')} title=${t('people_move')} onClick=${() => setChoosing(!choosing)}>
				<svg viewBox="0 0 16 16" aria-hidden="true"><path d="M8 1v14M1 8h14M6 3l2-2 2 2M6 13l2 2 2-2M3 6L1 8l2 2M13 6l2 2-2 2" /></svg>
			</button>
			<button type="button" class="presence-tool" data-testid="make-small" aria-label=${t('people_close')}
				title=${t('people_close')} onClick=${makeSmall}>
				<svg viewBox="0 0 16 16" aria-hidden="true"><path d="M3 8h10" /></svg>
			</button>
		</header>
		${choosing && html`<${CornerChoice} t=${t} setting=${settings.peopleCorner} />`}
		<${PersonList} presence=${presence} />
		<${ControlPart} presence=${presence} />
	</section>`;
}

function Dot({ presence, open }) {
	const { t } = presence.translator;
	const count = presence.count.value;
	const control = presence.standing.control.value;
	const isOurs = presence.standing.holds;
	const wanted = presence.focusWanted.value;
	useLayoutEffect(() => {
		if (wanted === presence.focusSeen)
			return;
		if (presence.mustAnswer())
			presence.focusSeen = wanted; // the card has it
		else
			open(); // the panel takes it
	}, [wanted]);
	return html`<button type="button" class=${`presence-dot ${isOurs ? 'ours' : ''}`} data-testid="dot"
			aria-label=${t('people_open', { count })} title=${t('people_open', { count })} onClick=${open}>
		${control && html`<${Wheel} />`}
		${count > 0 && html`<${Somebody} /><span>${count}</span>`}
	</button>`;
}

function requestFor(presence) {
	const control = presence.standing.control.value;
	return presence.standing.holds && control.asking !== 0 && control.asking !== control.holder ? control : null;
}

/** What else of the page lies at the edges. */
function neighbours({ session, settings }) {
	const noted = session.holder.value !== null || isNoteworthy(session.standing.rights.value);
	return `${settings.showStats.value ? 'stats-shown' : ''} ${noted ? 'note-shown' : ''}`;
}

export function Overlay({ presence }) {
	const { settings, commands } = presence;
	presence.translator.language.value;
	const box = useRef(null);
	const focused = useRef(false);
	const request = requestFor(presence);
	const choice = settings.peopleOpen.value;
	const isOpen = choice === 'auto' ? innerWidth >= ROOM_PX : choice === 'open';
	const said = presence.said.value;
	const isShown = settings.showPeople.value;
	useLayoutEffect(() => {
		// What had the focus may have gone: it goes where the keys are of use.
		if (focused.current && document.activeElement === document.body)
			(box.current.querySelector('[data-testid=dot], .presence-panel') ?? { focus: commands.focusDisplay }).focus();
		focused.current = box.current.contains(document.activeElement);
	});
	const onKeyDown = (event) => {
		if (event.key !== 'Escape')
			return;
		event.preventDefault();
		commands.focusDisplay();
	};
	// A click leaves the focus, and so the keys, to the display.
	const onMouseDown = (event) => event.preventDefault();
	return html`<div class=${`presence ${settings.peopleCorner.value} ${neighbours(presence)} ${request ? 'asked' : ''}`} ref=${box}
			data-testid="presence" onKeyDown=${onKeyDown} onMouseDown=${onMouseDown}
			onFocusIn=${() => { focused.current = true; }}>
		<p class="presence-said" role="status" data-testid="said">${said && html`<span>${said}</span>`}</p>
		<${IdleWarning} presence=${presence} />
		${request && html`<${RequestCard} key=${request.asking} presence=${presence} control=${request} />`}
		${isShown && isOpen && html`<${Panel} presence=${presence} box=${box}
			makeSmall=${() => { settings.peopleOpen.value = 'closed'; }} />`}
		${isShown && !isOpen && html`<${Dot} presence=${presence} open=${() => { settings.peopleOpen.value = 'open'; }} />`}
	</div>`;
}
