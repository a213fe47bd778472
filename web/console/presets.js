// The presets as cards, and what the one that is looked at would change.

import { html } from '/vendor/preact.js';
import { Lazy, ProblemLine, reasonWords, useCall } from './parts.js';
import { PolicyPicture, Sign } from './pictures.js';
import { documentWithPreset, missingForAll, RULED, wordOf } from './policy.js';
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
	const look = () => { app.looked.value = { preset, explanation: null }; };
	const leave = () => { app.looked.value = null; };
	const isOwn = !preset.builtin && name !== 'custom';
	return html`<li class="preset-item">
		<button type="button" class="preset" aria-pressed=${isChosen ? 'true' : 'false'} data-testid=${`preset-${name}`}
				aria-disabled=${busy ? 'true' : undefined}
				onClick=${() => !busy && choose(preset)} onFocus=${look} onBlur=${leave}
				onMouseEnter=${look} onMouseLeave=${leave}>
			<${PolicyPicture} app=${app} fields=${preset} />
			<span class="preset-title">
				<${Sign} name=${isOwn ? 'own' : name} />${presetTitle(app, name)}
				${isChosen && html`<span class="chosen">${t('in_force')}</span>`}
			</span>
			<span class="preset-story">${storyOf(app, preset)}</span>
			<span class="preset-limits">${missing.map((one) =>
				html`<span key=${one.option} data-testid=${`limit-${name}`}>${reasonWords(app, one)}</span>`)}</span>
		</button>
	</li>`;
}

export function Presets({ app }) {
	const call = useCall();
	const { document, effective, presets } = app.live.settings.value;
	const choose = (preset) => preset.name !== effective.preset && call.run(async () => {
		await app.live.change('settings', 'PUT', '/display/settings', documentWithPreset(document, preset.name));
		app.say('said.preset', { name: presetTitle(app, preset.name) });
	});
	const shown = effective.preset === 'custom' ? [...presets, { ...effective, name: 'custom', builtin: true }] : presets;
	return html`<ul class="presets">
		${shown.map((preset) => html`<${PresetCard} key=${preset.name} app=${app} preset=${preset} choose=${choose}
			isChosen=${preset.name === effective.preset} busy=${call.busy} />`)}
	</ul>
	<${ProblemLine} app=${app} call=${call} />`;
}

/** In words what the map shows: the policy in force, or what the preset that is looked at would change. */
export function PreviewWords({ app }) {
	const { t } = app.words;
	const { effective } = app.live.settings.value;
	const now = html`<p><strong>${presetTitle(app, effective.preset)}</strong>${' '}
			<span class="quiet">· ${t('preview.same')}</span></p>
		<ul class="changes">${RULED.map((field) => html`<li key=${field}>
			<small>${t(field)}</small><b>${valueWords(app, field, effective[field])}</b></li>`)}</ul>
		<p class="small">${t('preview.hint')}</p>`;
	return html`<div class="preview" aria-live="polite" data-testid="preview">${app.looked.value ?
		html`<${Lazy} app=${app} load=${() => import('./lookahead.js')} name="Lookahead" meanwhile=${now} />` : now}</div>`;
}
