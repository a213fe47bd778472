// What the preset that is looked at would change, in words.

import { html, useEffect } from '/vendor/preact.js';
import { differences, documentWithPreset, RULED } from './policy.js';
import { presetTitle, valueWords } from './presets.js';

const SETTLES_MS = 80;
const EXAMPLE = Object.freeze({ width: 1920, height: 1080 }); // as the host's own `next`

/** Asks the host what it would do; again when its state becomes another. */
function useExplanation({ ask, looked, live }, preset) {
	const settings = live.settings.value;
	const displays = live.displays.value;
	useEffect(() => {
		let isWanted = true;
		const timer = setTimeout(async () => {
			const body = { mode: EXAMPLE, settings: documentWithPreset(settings.document, preset.name) };
			const explanation = await ask('POST', '/display/explain', body).catch(() => null);
			if (isWanted && explanation && looked.peek()?.preset === preset) // another one may be looked at, not drawn yet
				looked.value = { preset, explanation };
		}, SETTLES_MS);
		return () => {
			isWanted = false;
			clearTimeout(timer);
		};
	}, [preset, settings, displays]);
}

function outcomeWords(app, explanation) {
	const { t, known } = app.words;
	const { decision, rejection, joins, ends, place, topology } = explanation;
	const values = { who: joins ?? '', whom: ends.join(', '), x: place?.x, y: place?.y };
	const outcome = decision === 'reject' ? known(`rejected.${rejection}`, explanation.text) :
		known(`decision.${decision}`, explanation.text, values);
	const monitors = app.live.displays.value.outputs.length && decision !== 'reject' ? t(`outcome.${topology}`) : '';
	return `${outcome} ${monitors}`.trim();
}

export function Lookahead({ app }) {
	const { t, known } = app.words;
	const { effective } = app.live.settings.value;
	const { preset, explanation } = app.looked.value;
	useExplanation(app, preset);
	const changes = differences(effective, preset, RULED);
	const reasons = explanation?.reasons.map(({ code, text }) => known(`reason.${code}`, text)) ?? [];
	return html`<p><strong>${presetTitle(app, preset.name)}</strong>${
			changes.length > 0 || html` <span class="quiet">· ${t('preview.same')}</span>`}</p>
		<ul class="changes">${changes.map(({ field, from, to }) => html`<li key=${field}>
			<small>${t(field)}</small><s>${valueWords(app, field, from)}</s> →${' '}
			<b>${valueWords(app, field, to)}</b></li>`)}</ul>
		<p class="small">${explanation ? `${t('preview.next')} ${outcomeWords(app, explanation)}` : t('preview.asking')}</p>
		${reasons.length > 0 && html`<p class="quiet small">${t('preview.why')} ${reasons.join(' ')}</p>`}`;
}
