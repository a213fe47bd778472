// Small things that several views are made of.

import { html, useEffect, useLayoutEffect, useRef, useState } from '/vendor/preact.js';
import { clock, remaining } from './time.js';

const TICK_MS = 1000;
const RING = 2 * Math.PI * 9;

/** The time now, again each second: for what counts down on the page. The host is not asked. */
export function useNow() {
	const [now, setNow] = useState(Date.now());
	useEffect(() => {
		const timer = setInterval(() => setNow(Date.now()), TICK_MS);
		return () => clearInterval(timer);
	}, []);
	return Math.max(now, Date.now() - TICK_MS);
}

/** A call of the API and what became of it: {busy, problem, run, forget}. Run is true when it went well and who asked is still there. */
export function useCall() {
	const [state, setState] = useState({ busy: false, problem: null });
	const isHere = useRef(true);
	useLayoutEffect(() => () => { isHere.current = false; }, []);
	const run = async (action) => {
		setState({ busy: true, problem: null });
		try {
			await action();
			setState({ busy: false, problem: null });
			return isHere.current;
		} catch (problem) {
			if (problem.status === undefined)
				throw problem;
			setState({ busy: false, problem });
			return false;
		}
	};
	return { ...state, run, forget: () => setState({ busy: false, problem: null }) };
}

export async function releaseAll(app) {
	const { released } = await app.ask('POST', '/display/release', { all: true });
	app.say('said.released_all', { count: released });
}

export function problemWords(app, problem) {
	const { t, plural, known } = app.words;
	switch (problem.status) {
	case 0:
		return t('problem.unreachable');
	case 409:
		return problem.sessions ? plural('problem.in_use', problem.sessions) :
			known(`refused.${problem.refusal}`, t('problem.conflict', { detail: problem.message }));
	case 422:
		return t('problem.refused', { detail: problem.message });
	case 429:
		return t('problem.wait', { seconds: problem.retryAfter ?? 60 });
	default:
		return known(`problem.${problem.status}`, t('problem.other', { detail: problem.message }));
	}
}

/** What went wrong with a call as a whole; faults of fields are said at the fields. */
export function ProblemLine({ app, call, id }) {
	return html`<p class="error" role="alert" id=${id}>${call.problem ? problemWords(app, call.problem) : ''}</p>`;
}

/** A ring that empties while the time runs out, with the time beside it. */
export function Countdown({ app, seconds, at, total, name }) {
	const left = remaining(seconds, at, useNow());
	const share = total > 0 ? Math.min(1, left / total) : 0;
	return html`<span class="countdown" role="timer" aria-label=${app.words.t(name, { time: clock(left) })}
			data-testid="countdown">
		<svg viewBox="0 0 24 24" aria-hidden="true">
			<circle class="ring-back" cx="12" cy="12" r="9" />
			<circle class="ring-left" cx="12" cy="12" r="9" transform="rotate(-90 12 12)"
				stroke-dasharray=${RING} stroke-dashoffset=${RING * (1 - share)} />
		</svg>
		<span aria-hidden="true">${clock(left)}</span>
	</span>`;
}

export function modeWords(app, mode) {
	const hz = new Intl.NumberFormat(app.words.language, { maximumFractionDigits: 2 }).format(mode.refresh_hz);
	const scale = mode.scale_percent && mode.scale_percent !== 100 ? ` · ${mode.scale_percent} %` : '';
	return `${mode.width} × ${mode.height} · ${hz} Hz${scale}`;
}

export const labelOf = (app, { label, slot }) => label || (slot === 0 ? app.words.t('guest') : `#${slot}`);

/** Why this desktop cannot do something, and what happens instead. */
export function reasonWords(app, { option, reason, fallback, text }) {
	const { known, loadMore, t } = app.words;
	const why = known(`capability.${reason}`, '');
	why || loadMore().catch(() => null); // rarer ones are in the second part
	const instead = known(`fallback.${option}.${fallback}`, known(`fallback.${fallback}`, ''));
	return `${why || text || t('capability.unknown', { option })} ${instead}`.trim();
}

const SHEET = '/console/more.css';
const known = new Map(); // the components that are loaded, by name

function loadSheet() {
	if (document.querySelector(`link[href="${SHEET}"]`))
		return null;
	const link = Object.assign(document.createElement('link'), { rel: 'stylesheet', href: SHEET });
	document.head.append(link);
	return new Promise((resolve, reject) => Object.assign(link, { onload: resolve, onerror: reject }));
}

/** A component from a module that is loaded when it is first wanted, with its words and its looks. */
export function Lazy({ load, name, meanwhile, ...props }) {
	const [component, setComponent] = useState(() => known.get(name));
	useEffect(() => {
		const take = ([module]) => {
			known.set(name, module[name]);
			setComponent(() => module[name]);
		};
		component || Promise.all([load(), props.app.words.loadMore(), loadSheet()]).then(take, () => setComponent(null));
	}, []);
	if (component === undefined)
		return meanwhile ?? html`<p class="waiting"><span class="spinner" aria-hidden="true"></span></p>`;
	return component ? html`<${component} ...${props} />` :
		html`<p class="error" role="alert">${props.app.words.t('problem.unloaded')}</p>`;
}
