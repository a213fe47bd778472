// In which corner the list lies: dragged there, or chosen by keys.

import { choices } from '../settings.js';
import { html } from '../vendor/preact.js';

const DRAG_FROM_PX = 6; // less is a click

/** The corner of the quarter of the window in which the place is. */
export function cornerAt(x, y, width, height) {
	return `${y < height / 2 ? 'top' : 'bottom'}-${x < width / 2 ? 'left' : 'right'}`;
}

/** Handlers for what the list is dragged by. `box()`: the element that moves; `dropped(corner)`. */
export function dragHandlers(box, dropped) {
	let from = null;
	const end = () => {
		from = null;
		box().style.transform = '';
		box().classList.remove('dragged');
	};
	return {
		onPointerDown(event) {
			if (event.button !== 0 || event.target.closest('button'))
				return;
			from = { x: event.clientX, y: event.clientY, moves: false };
			event.currentTarget.setPointerCapture(event.pointerId);
		},
		onPointerMove(event) {
			if (!from)
				return;
			const dx = event.clientX - from.x;
			const dy = event.clientY - from.y;
			from.moves ||= Math.hypot(dx, dy) >= DRAG_FROM_PX;
			if (!from.moves)
				return;
			box().classList.add('dragged');
			box().style.transform = `translate(${dx}px, ${dy}px)`;
		},
		onPointerUp(event) {
			const moved = from?.moves;
			end();
			if (moved)
				dropped(cornerAt(event.clientX, event.clientY, innerWidth, innerHeight));
		},
		onPointerCancel: end,
	};
}

export function CornerChoice({ t, setting }) {
	return html`<fieldset class="presence-corners" data-testid="corners">
		<legend class="unseen">${t('people_corners')}</legend>
		${[...choices.peopleCorner].reverse().map((corner) => html`<label key=${corner}>
			<input type="radio" name="people-corner" data-testid=${`corner-${corner}`} checked=${setting.value === corner}
				onChange=${() => { setting.value = corner; }} />
			<span class=${corner} title=${t(`corner_${corner.replace('-', '_')}`)}>
				<span class="unseen">${t(`corner_${corner.replace('-', '_')}`)}</span></span>
		</label>`)}
	</fieldset>`;
}
