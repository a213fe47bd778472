// The presets as cards, and what the one that is looked at would change.

import { html } from '/vendor/preact.js';
import { ProblemLine, reasonWords, useCall } from './parts.js';
import { PolicyPicture, Sign } from './pictures.js';
import { differences, documentWithPreset, missingForAll, RULED, wordOf } from './policy.js';
import { duration } from './time.js';

export function presetTitle(app, name) {
	return app.words.known(`preset.${name}.title`, name);
}

/** A field's value in words: "5 min", "Take over". */
export function valueWords(app, field, value) {
	const { t } = app.words;
	if (field === 'max_displays')
		return String(value);
	return wordOf(value) === 'duration' ? duration(t, value.seconds) : t(`${field}.${wordOf(value)}`);
}

function storyOf(app, preset) {
	const { known } = app.words;
	return known(`preset.${preset.name}.story`, RULED.slice(0, 3)
		.map((field) => `${app.words.t(field)}: ${valueWords(app, field, preset[field])}`).join(' · '));
}

function PresetCard({ app, preset, isChosen, choose, busy }) {
	const { t } = app.words;
	const { name } = preset;
	const missing = missingForAll(app.live.settings.value.capabilities, preset);
	const look = () => app.preview.show(preset);
	const leave = () => app.preview.hide(preset);
	const isOwn = !preset.builtin && name !== 'custom';
	return html`<li class="preset-item">
		<button type="button" class="preset" aria-pressed=${isChosen ? 'true' : 'false'} data-testid=${`preset-${name}`}
				aria-labelledby=${`preset-${name}-title`} aria-disabled=${busy ? 'true' : undefined}
				aria-describedby=${`preset-${name}-story preset-${name}-limits`}
				onClick=${() => !busy && choose(preset)} onFocus=${look} onBlur=${leave}
				onMouseEnter=${look} onMouseLeave=${leave}>
			<${PolicyPicture} app=${app} fields=${preset} />
			<span class="preset-title" id=${`preset-${name}-title`}>
				<${Sign} name=${isOwn ? 'own' : name} />${presetTitle(app, name)}
				${isChosen && html`<span class="chosen">${t('in_force')}</span>`}
			</span>
			<span class="preset-story" id=${`preset-${name}-story`}>${storyOf(app, preset)}</span>
			<span class="preset-limits" id=${`preset-${name}-limits`}>${missing.map((one) =>
				html`<span key=${one.option} data-testid=${`limit-${name}`}>${reasonWords(app, one)}</span>`)}</span>
		</button>
	</li>`;
}

export function Presets({ app }) {
	const call = useCall();
	const { document, effective, presets } = app.live.settings.value;
	const choose = (preset) => preset.name !== effective.preset && call.run(async () => {
		app.live.take('settings', await app.ask('PUT', '/display/settings', documentWithPreset(document, preset.name)));
		app.say('said.preset', { name: presetTitle(app, preset.name) });
	});
	const shown = effective.preset === 'custom' ? [...presets, { ...effective, name: 'custom', builtin: true }] : presets;
	return html`<ul class="presets">
		${shown.map((preset) => html`<${PresetCard} key=${preset.name} app=${app} preset=${preset} choose=${choose}
			isChosen=${preset.name === effective.preset} busy=${call.busy} />`)}
	</ul>
	<${ProblemLine} app=${app} call=${call} />`;
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

/** In words what the map shows. Its place is kept while nothing is looked at. */
export function PreviewWords({ app }) {
	const { t, known } = app.words;
	const shown = app.preview.current.value;
	const { effective } = app.live.settings.value;
	const changes = shown ? differences(effective, shown.preset, RULED) : [];
	const explanation = shown?.explanation;
	const reasons = explanation?.reasons.map(({ code, text }) => known(`reason.${code}`, text)) ?? [];
	return html`<div class="preview" aria-live="polite" data-testid="preview">
		${shown ? html`
			<p><strong>${presetTitle(app, shown.preset.name)}</strong>
				${changes.length ? '' : ` · ${t('preview.same')}`}</p>
			${changes.length > 0 && html`<ul class="changes">${changes.map(({ field, from, to }) => html`<li key=${field}>
				<span class="quiet">${t(field)}</span> <s>${valueWords(app, field, from)}</s>
				<span aria-hidden="true">→</span> <b>${valueWords(app, field, to)}</b></li>`)}</ul>`}
			<p class="small">${explanation ? `${t('preview.next')} ${outcomeWords(app, explanation)}` : t('preview.asking')}</p>
			${reasons.length > 0 && html`<p class="quiet small">${t('preview.why')} ${reasons.join(' ')}</p>`}` :
		html`<p class="quiet small">${t('preview.hint')}</p>`}
	</div>`;
}
