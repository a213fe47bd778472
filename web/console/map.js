// The desktop to scale: displays to move, the outputs beside them, and where the next client would land.

import { html, useRef, useState } from '/vendor/preact.js';
import { bounds, overlap, parkDark, placeOf, positionsWith, snap, step, withMargin } from './arrange.js';
import { labelOf, problemWords, reasonWords, useCall } from './parts.js';
import { lacks } from './policy.js';

const MARGIN = 0.08; // of the larger side
const SNAP_PX = 12; // on the screen
const DRAG_FROM_PX = 3;
const STEP_PX = 8; // of the desktop
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** Everything that has a place: [{kind, key, place, ...}]. */
function things({ live, looked }, moved) {
	const { displays, outputs, next } = live.displays.value;
	const shown = looked.value;
	const explanation = shown?.explanation;
	const managed = displays.map((display) => ({
		kind: 'display', key: `d${display.slot}`, display, place: { ...placeOf(display), ...moved.get(display.slot) },
		closes: explanation?.closes.includes(display.slot), ends: explanation?.ends.includes(display.label),
		joins: explanation?.joins === display.label,
	}));
	const goDark = explanation?.topology === 'exclusive' && explanation.decision !== 'reject';
	const isDark = (output) => goDark || !output.enabled;
	const outside = outputs.filter((output) => !isDark(output)).map((output) => ({
		kind: 'outside', key: `o${output.name}`, output, place: placeOf(output),
	}));
	const place = shown ? explanation?.place : next;
	const isNew = !shown || ['create', 'recreate', 'steal'].includes(explanation?.decision);
	const ghost = place && isNew && moved.size === 0 ? [{ kind: 'ghost', key: 'next', place }] : [];
	const placed = [...managed, ...outside, ...ghost];
	const box = placed.length ? bounds(placed.map((one) => one.place)) : { x: 0, y: 0, width: 1920, height: 1080 };
	const parked = parkDark(outputs.filter(isDark), box).map((output) => ({
		kind: 'outside', key: `o${output.name}`, output, place: output.place, dark: true, goesDark: output.enabled,
	}));
	return [...placed, ...parked];
}

const inPercent = (place, box) => ({
	left: `${(place.x - box.x) / box.width * 100}%`,
	top: `${(place.y - box.y) / box.height * 100}%`,
	width: `${place.width / box.width * 100}%`,
	height: `${place.height / box.height * 100}%`,
});

function Ghost({ app, thing, box }) {
	return html`<div class="thing ghost" style=${inPercent(thing.place, box)} data-testid="ghost">
		<span class="thing-name">${app.words.t('map.next')}</span>
	</div>`;
}

function Outside({ app, thing, box }) {
	const { output, dark, goesDark } = thing;
	const { t } = app.words;
	const state = goesDark ? 'map.goes_dark' : dark ? 'map.dark' : 'map.outside';
	return html`<div class=${`thing outside ${dark ? 'dark' : ''}`} data-testid="outside"
			style=${inPercent(thing.place, box)} title=${`${output.name}: ${t(state)}`}>
		<span class="thing-name">${output.name}</span>
		<span class="thing-detail">${t(state)}</span>
	</div>`;
}

function changeWords(app, thing) {
	const change = ['ends', 'closes', 'joins'].find((one) => thing[one]);
	return change ? app.words.t(`map.${change}`) : null;
}

/** A display: moved by pointer or by arrow keys, unless it cannot be. */
function Managed({ app, thing, box, fixed, isFaulty, actions }) {
	const { t } = app.words;
	const { display, place } = thing;
	const name = labelOf(app, display);
	const kind = ['thing managed', display.state, isFaulty && 'faulty', (thing.closes || thing.ends) && 'would-end',
		thing.joins && 'would-join', !fixed && 'movable'].filter(Boolean).join(' ');
	const inside = html`
		<span class="thing-slot" aria-hidden="true">${display.slot}</span>
		<span class="thing-name">${name}</span>
		<span class="thing-detail">${changeWords(app, thing) ?? `${place.width} × ${place.height}`}</span>
		<span class="unseen">${t('map.place', { slot: display.slot, x: place.x, y: place.y })}</span>`;
	if (fixed)
		return html`<div class=${kind} style=${inPercent(place, box)}>${inside}</div>`;
	return html`<button type="button" class=${kind} style=${inPercent(place, box)}
		aria-describedby="map-help" data-testid=${`map-${display.slot}`}
		onKeyDown=${(event) => actions.key(event, display, place)}
		onPointerDown=${(event) => actions.down(event, display, place)}
		onPointerMove=${actions.move} onPointerUp=${actions.up} onPointerCancel=${actions.cancel}>${inside}</button>`;
}

/** What can be done to the map; `freeze` holds its scale while something is dragged. */
function useArranging(app, all, box, freeze) {
	const { moved } = app;
	const call = useCall();
	const drag = useRef(null);
	const element = useRef(null);
	const othersOf = (slot) => all.filter((one) => one.kind !== 'ghost' && !one.dark && one.display?.slot !== slot)
		.map((one) => one.place);
	const put = (slot, place) => {
		call.forget();
		moved.value = new Map(moved.value).set(slot, { x: place.x, y: place.y });
	};
	const cancel = () => {
		drag.current = null;
		freeze(null);
		call.forget();
		moved.value = new Map();
	};
	const send = (layout) => {
		const sent = moved.value;
		return call.run(async () => {
			await app.live.change('displays', 'PUT', '/display/layout', layout);
			moved.value = new Map([...moved.value].filter(([slot, place]) => sent.get(slot) !== place));
			app.say('said.arranged');
		});
	};
	const apply = () => {
		const { displays } = app.live.displays.value;
		return send({ mode: 'manual',
			positions: positionsWith(app.live.settings.value.effective.layout.positions, displays, moved.value) });
	};
	const key = (event, display, place) => {
		const arrow = ARROWS[event.key];
		if (arrow) {
			const by = event.shiftKey ? 1 : STEP_PX;
			const next = step(place, arrow[0] * by, arrow[1] * by, othersOf(display.slot));
			put(display.slot, next);
			app.announced.value = app.words.t('map.at', { x: next.x, y: next.y });
		} else if (event.key === 'Enter' && moved.value.size) {
			apply();
		} else if (event.key === 'Escape' && moved.value.size) {
			cancel();
		} else {
			return;
		}
		event.preventDefault();
	};
	const down = (event, display, place) => {
		if (event.button !== 0)
			return;
		event.currentTarget.setPointerCapture(event.pointerId);
		const scale = element.current.getBoundingClientRect().width / box.width;
		drag.current = { slot: display.slot, place, x: event.clientX, y: event.clientY, scale, began: false };
	};
	const move = (event) => {
		const { slot, place, x, y, scale, began } = drag.current ?? {};
		if (!drag.current || (!began && Math.hypot(event.clientX - x, event.clientY - y) < DRAG_FROM_PX))
			return;
		if (!began)
			freeze(box);
		drag.current.began = true;
		const wanted = { ...place, x: place.x + (event.clientX - x) / scale, y: place.y + (event.clientY - y) / scale };
		put(slot, snap(wanted, othersOf(slot), SNAP_PX / scale));
	};
	const up = () => {
		const began = drag.current?.began;
		drag.current = null;
		freeze(null);
		if (began && !clashing(things(app, moved.value), moved.value).length)
			apply();
	};
	return { call, element, apply, cancel, send, actions: { key, down, move, up, cancel } };
}

function Faults({ app, call, clash }) {
	const { t } = app.words;
	const { problem } = call;
	const named = problem ? [...problem.faults].map(([pointer, detail]) => {
		const slot = /^\/positions\/(\d+)/.exec(pointer)?.[1];
		return slot ? t('map.fault', { slot, detail }) : detail;
	}) : [];
	const words = problem ? named.join(' ') || problemWords(app, problem) : clash ? t('map.overlap') : '';
	return html`<p class="error" role="alert" data-testid="map-fault">${words}</p>`;
}

function Bar({ app, arranging }) {
	const { t } = app.words;
	const { moved } = app;
	const { layout } = app.live.settings.value.effective;
	const inRow = () => arranging.send({ mode: 'auto-row', ...layout.positions && { positions: layout.positions } });
	if (moved.value.size)
		return html`<div class="row end">
			<button type="button" data-testid="map-cancel" onClick=${arranging.cancel}>${t('cancel')}</button>
			<button type="button" class="primary" data-testid="map-apply" disabled=${arranging.call.busy}
				onClick=${arranging.apply}>${t('apply')}</button>
		</div>`;
	return html`<div class="row end">${layout.mode === 'manual' && html`
		<button type="button" data-testid="map-row" onClick=${inRow}>${t('map.row')}</button>`}</div>`;
}

/** The moved displays that lie over another one. */
function clashing(all, moved) {
	const managed = all.filter((one) => one.kind === 'display');
	return managed.filter((one) => moved.has(one.display.slot) &&
		managed.some((other) => other !== one && overlap(one.place, other.place)));
}

/** The slots that the last refusal named. */
function refusedSlots({ problem }) {
	return [...problem?.faults.keys() ?? []].map((pointer) => Number(/^\/positions\/(\d+)/.exec(pointer)?.[1]));
}

export function ArrangementMap({ app }) {
	const { t } = app.words;
	const moved = app.moved.value;
	const all = things(app, moved);
	const isEmpty = all.every((one) => one.kind === 'ghost');
	const [frozen, freeze] = useState(null);
	const places = all.length ? all.map((one) => one.place) : [{ x: 0, y: 0, width: 1920, height: 1080 }];
	const box = frozen ?? withMargin(bounds(places), MARGIN);
	const arranging = useArranging(app, all, box, freeze);
	const cannot = lacks(app.live.settings.value.capabilities, 'layout');
	const clashes = clashing(all, moved);
	const faulty = new Set([...clashes.map((one) => one.display.slot), ...refusedSlots(arranging.call)]);
	const size = { width: `min(100%, calc(var(--map-height) * ${box.width / box.height}))`,
		aspectRatio: `${box.width} / ${box.height}` };
	const draw = (thing) => {
		const props = { app, thing, box, key: thing.key };
		switch (thing.kind) {
		case 'ghost':
			return html`<${Ghost} ...${props} />`;
		case 'outside':
			return html`<${Outside} ...${props} />`;
		default:
			return html`<${Managed} ...${props} actions=${arranging.actions} isFaulty=${faulty.has(thing.display.slot)}
				fixed=${Boolean(cannot) || thing.display.slot === 0 || thing.display.state === 'closing'} />`;
		}
	};
	return html`<div class="map-frame">
		<div class="map" role="application" aria-label=${t('map')} data-testid="map" ref=${arranging.element} style=${size}>
			${all.map(draw)}
		</div>
		${isEmpty && html`<p class="quiet">${t('map.empty')}</p>`}
	</div>
	<${Faults} app=${app} call=${arranging.call} clash=${clashes.length > 0} />
	<div class="map-foot">
		<p class="quiet small" id="map-help">${cannot ? reasonWords(app, cannot) : isEmpty ? '' : t('map.help')}</p>
		<${Bar} app=${app} arranging=${arranging} />
	</div>`;
}
