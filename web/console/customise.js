// Every field by itself, from the values in force on; and saving them as an own preset.

import { html, useState } from '/vendor/preact.js';
import { confinementNote, GrantedDevices } from './confinement.js';
import { confinementOf, documentWithDraft, draftOf, presetFields, presetNameOf, VALUES } from './draft.js';
import { FieldFaults, Question, SecondsField, since } from './forms.js';
import { ProblemLine, reasonWords, useCall } from './parts.js';
import { Sign } from './pictures.js';
import { differences, isGreyed, missingFor, RULED, wordOf } from './policy.js';

const FIRST_SECONDS = 300;

function Choice({ app, field, value, draft, change }) {
	const { t } = app.words;
	const missing = missingFor(app.live.settings.value.capabilities, field, value);
	const greyed = isGreyed(missing);
	const chosen = wordOf(draft[field]) === value;
	const id = `${field}-${value}`;
	const choose = (event) => {
		// Greyed, yet to be reached and read; what is chosen already stays so.
		if (greyed) {
			event.preventDefault();
			event.target.checked = chosen;
			return;
		}
		change(field, value);
	};
	return html`<label class=${`choice ${greyed ? 'greyed' : ''}`}>
		<input type="radio" name=${field} data-testid=${id} checked=${chosen} aria-disabled=${greyed ? 'true' : undefined}
			aria-describedby=${`${id}-hint ${id}-reason`} onClick=${greyed ? choose : undefined} onChange=${choose} />
		<span>
			<b>${t(`${field}.${value}`)}</b>
			<small id=${`${id}-hint`}>${t(`${field}.${value}.hint`)}</small>
			<small class="reason" id=${`${id}-reason`} data-testid=${`${id}-reason`}>${
				missing ? reasonWords(app, missing) : ''}</small>
		</span>
	</label>`;
}

export function ChoiceField({ app, field, values = VALUES[field], draft, change, problem, note, children }) {
	const { t } = app.words;
	const source = app.live.settings.value.sources[field];
	return html`<fieldset class="choices" data-testid=${`field-${field}`} aria-describedby=${
			`${note ? `${field}-note ` : ''}${field}-fault`}>
		<legend>${t(field)} <small class="quiet">${source && t(`source.${source}`)}</small></legend>
		${values.map((value) => html`<${Choice} key=${value} app=${app} field=${field} value=${value} draft=${draft}
			change=${change} />`)}
		${children}
		${note && html`<p class="quiet small" id=${`${field}-note`}>${note}</p>`}
		<${FieldFaults} problem=${problem} pointer=${`/${field}`} id=${`${field}-fault`} />
	</fieldset>`;
}

function MaxField({ app, draft, change, problem }) {
	const { t } = app.words;
	return html`<label class="field max" data-testid="field-max_displays">
		<span>${t('max_displays')}</span>
		<input type="number" min="1" max="16" inputmode="numeric" data-testid="max_displays" value=${draft.max_displays}
			aria-describedby="max-hint max_displays-fault" aria-invalid=${problem?.at('/max_displays').length ? 'true' : 'false'}
			onInput=${({ target }) => target.value && change('max_displays', Number(target.value))} />
		<small class="quiet" id="max-hint">${t('max_displays.hint')}</small>
		<${FieldFaults} problem=${problem} pointer="/max_displays" id="max_displays-fault" />
	</label>`;
}

function SaveAs({ app, draft }) {
	const { t } = app.words;
	const [text, setText] = useState('');
	const call = useCall();
	const name = presetNameOf(text);
	const save = async (event) => {
		event.preventDefault();
		const done = await call.run(async () => {
			await app.ask('PUT', `/display/presets/${name}`, presetFields(draft));
			app.say('said.preset_saved', { name });
		});
		if (done)
			setText((now) => (now === text ? '' : now));
	};
	return html`<form class="save-as" onSubmit=${save}>
		<label class="field">
			<span>${t('save_as')}</span>
			<input data-testid="save-as-name" value=${text} maxlength="48" spellcheck="false" autocomplete="off"
				placeholder=${t('save_as.placeholder')} aria-describedby="save-as-note"
				onInput=${(event) => setText(event.target.value)} />
		</label>
		<button data-testid="save-as" disabled=${!name || call.busy}>${t('save_as.button')}</button>
		<p class="quiet small" id="save-as-note">${name && name !== text ? t('save_as.name', { name }) : ''}</p>
		<${ProblemLine} app=${app} call=${call} />
		${[...call.problem?.faults ?? []].map(([pointer, detail]) =>
			html`<p class="error" key=${pointer}>${detail}</p>`)}
	</form>`;
}

function OwnPresets({ app }) {
	const { t } = app.words;
	const [doomed, setDoomed] = useState(null);
	const own = app.live.settings.value.presets.filter((preset) => !preset.builtin);
	if (!own.length && !doomed)
		return null;
	return html`<ul class="tags" aria-label=${t('own_presets')}>${own.map(({ name }) => html`<li key=${name}>${name}
			<button type="button" class="remove" data-testid=${`remove-${name}`} title=${t('remove')}
				aria-label=${t('preset.remove', { name })} onClick=${() => setDoomed(name)}><${Sign} name="remove" /></button>
		</li>`)}</ul>
		${doomed && html`<${Question} app=${app} title=${t('preset.remove.title', { name: doomed })}
			text=${t('preset.remove.text')} button=${t('remove')} close=${() => setDoomed(null)}
			act=${async () => {
				await app.ask('DELETE', `/display/presets/${doomed}`);
				app.say('said.preset_removed', { name: doomed });
			}} />`}`;
}

export function Editor({ app }) {
	const { t } = app.words;
	const { document, effective } = app.live.settings.value;
	const [changes, setChanges] = useState({});
	const call = useCall();
	const draft = { ...draftOf(effective), ...changes };
	const differs = differences(effective, draft);
	const change = (field, value) => {
		const seconds = effective.keep_alive.seconds ?? FIRST_SECONDS;
		const { devices } = { ...effective.confinement, ...draft.confinement };
		const structured = { keep_alive: { mode: value, ...value === 'duration' && { seconds } }, layout: { mode: value },
			confinement: confinementOf(value, devices) };
		setChanges({ ...changes, [field]: structured[field] ?? value });
	};
	const discard = () => {
		setChanges({});
		call.forget();
	};
	const apply = async () => {
		const done = await call.run(async () => {
			await app.live.change('settings', 'PUT', '/display/settings', documentWithDraft(document, effective, draft));
			app.say('said.saved');
		});
		if (done)
			setChanges((now) => since(now, changes));
	};
	const becomesCustom = effective.preset !== 'custom' && differs.some(({ field }) => RULED.includes(field));
	const props = { app, draft, change, problem: call.problem };
	return html`<div class="editor" data-testid="editor">
		<div class="fields">
			<${ChoiceField} ...${props} field="keep_alive">
				${draft.keep_alive.mode === 'duration' && html`<${SecondsField} app=${app} id="keep_alive"
					seconds=${draft.keep_alive.seconds} invalid=${call.problem?.at('/keep_alive').length}
					change=${(seconds) => setChanges({ ...changes, keep_alive: { mode: 'duration', seconds } })} />`}
			<//>
			${['topology', 'mode_conflict', 'identity', 'layout', 'desktop'].map((field) =>
				html`<${ChoiceField} key=${field} ...${props} field=${field} />`)}
			<${ChoiceField} ...${props} field="confinement" note=${confinementNote(app, draft.desktop)}>
				<${GrantedDevices} app=${app} confinement=${draft.confinement}
					change=${(confinement) => setChanges({ ...changes, confinement })} />
			<//>
			<${MaxField} ...${props} />
		</div>
		<${ProblemLine} app=${app} call=${call} />
		<div class="row end sticky">
			${becomesCustom && html`<p class="quiet small">${t('customise.becomes')}</p>`}
			<button type="button" data-testid="discard" disabled=${!differs.length} onClick=${discard}>${t('discard')}</button>
			<button type="button" class="primary" data-testid="apply" disabled=${!differs.length || call.busy}
				onClick=${apply}>${t('apply')}</button>
		</div>
		<${SaveAs} app=${app} draft=${draft} />
		<${OwnPresets} app=${app} />
	</div>`;
}
