// Whether people see each other, who may drive, and whose pointer it is.

import { html, useState } from '/vendor/preact.js';
import { ChoiceField } from './customise.js';
import { documentWithTogether, TOGETHER, togetherOf } from './draft.js';
import { FieldFaults, SecondsField, since } from './forms.js';
import { ProblemLine, useCall } from './parts.js';

function Threshold({ app, name, presence, change, problem }) {
	const { t } = app.words;
	return html`<div class="override" role="group" aria-label=${t(`presence.${name}`)}>
		<span class="small quiet">${t(`presence.${name}`)}</span>
		<${SecondsField} app=${app} id=${name} seconds=${presence[name]} name=${t(`presence.${name}`)}
			invalid=${problem?.at(`/presence/${name}`).length} change=${(seconds) => change({ ...presence, [name]: seconds })} />
		<${FieldFaults} problem=${problem} pointer=${`/presence/${name}`} id=${`${name}-fault`} />
	</div>`;
}

function PresenceField({ app, presence, change, problem }) {
	const { t } = app.words;
	const source = app.live.settings.value.sources.presence;
	return html`<fieldset class="choices" data-testid="field-presence">
		<legend>${t('presence')} <small class="quiet">${source && t(`source.${source}`)}</small></legend>
		<label class="choice">
			<input type="checkbox" data-testid="presence-enabled" checked=${presence.enabled} aria-describedby="presence-hint"
				onChange=${({ target }) => change({ ...presence, enabled: target.checked })} />
			<span><b>${t('presence.enabled')}</b><small id="presence-hint">${t('presence.hint')}</small></span>
		</label>
		${presence.enabled && ['controlling_seconds', 'watching_seconds'].map((name) => html`<${Threshold} key=${name} app=${app}
			name=${name} presence=${presence} change=${change} problem=${problem} />`)}
	</fieldset>`;
}

export function TogetherSettings({ app }) {
	const { t } = app.words;
	const { document, effective } = app.live.settings.value;
	const [changes, setChanges] = useState({});
	const call = useCall();
	const draft = { ...togetherOf(effective), ...changes };
	const wanted = documentWithTogether(document, effective, draft);
	const isSame = JSON.stringify(wanted) === JSON.stringify(document);
	const change = (field, value) => setChanges({ ...changes, [field]: value });
	const discard = () => {
		setChanges({});
		call.forget();
	};
	const apply = async () => {
		const done = await call.run(async () => {
			await app.live.change('settings', 'PUT', '/display/settings', wanted);
			app.say('said.saved');
		});
		if (done)
			setChanges((now) => since(now, changes));
	};
	return html`<div class="editor" data-testid="together-editor">
		<div class="fields">
			<${PresenceField} app=${app} presence=${draft.presence} problem=${call.problem}
				change=${(presence) => change('presence', presence)} />
			${Object.keys(TOGETHER).map((field) => html`<${ChoiceField} key=${field} app=${app} field=${field}
				values=${TOGETHER[field]} draft=${draft} change=${change} problem=${call.problem} />`)}
		</div>
		<${ProblemLine} app=${app} call=${call} />
		<div class="row end">
			<p class="quiet small">${t('together.when')}</p>
			<button type="button" data-testid="together-discard" disabled=${isSame} onClick=${discard}>${t('discard')}</button>
			<button type="button" class="primary" data-testid="together-apply" disabled=${isSame || call.busy}
				onClick=${apply}>${t('apply')}</button>
		</div>
	</div>`;
}
