// What a preset would change, while the operator looks at it.

import { effect, signal } from '/vendor/preact.js';
import { documentWithPreset } from './policy.js';

const SETTLES_MS = 80;
const EXAMPLE = Object.freeze({ width: 1920, height: 1080 }); // as the host's own `next`

export function createPreview({ ask, live }) {
	const current = signal(null); // {preset, explanation: null until it is there}
	const known = new Map();
	let timer = null;

	const hide = (preset) => {
		if (!preset || current.peek()?.preset.name === preset.name) {
			clearTimeout(timer);
			current.value = null;
		}
	};

	const fetchFor = async (preset) => {
		const settings = documentWithPreset(live.settings.peek().document, preset.name);
		const answer = known.get(preset.name) ??
			ask('POST', '/display/explain', { mode: EXAMPLE, settings }).catch(() => null);
		known.set(preset.name, answer);
		const explanation = await answer;
		if (!explanation)
			known.delete(preset.name);
		if (explanation && current.peek()?.preset.name === preset.name)
			current.value = { preset, explanation };
	};

	const show = (preset) => {
		clearTimeout(timer);
		current.value = { preset, explanation: null };
		timer = setTimeout(() => fetchFor(preset), known.has(preset.name) ? 0 : SETTLES_MS);
	};

	// What was said about another state of the host no longer counts.
	effect(() => {
		live.settings.value;
		live.displays.value;
		known.clear();
		const shown = current.peek();
		if (shown && live.settings.value)
			show(shown.preset);
	});
	return { current, show, hide };
}
