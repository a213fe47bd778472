// Paired clients: their names, what is different for them, and the end of a pairing.

import { html, useState } from '/vendor/preact.js';
import { ClientRights, ClientRightsLine } from './client_rights.js';
import { confinementNote, confinementWords, GrantedDevices } from './confinement.js';
import { confinementOf, VALUES } from './draft.js';
import { FieldFaults, Question, SecondsField, shortFingerprint } from './forms.js';
import { ProblemLine, reasonWords, useCall } from './parts.js';
import { Sign } from './pictures.js';
import { isGreyed, missingFor, wordOf } from './policy.js';
import { presetTitle, valueWords } from './presets.js';

const FIRST_SECONDS = 300;

function overrideValue(field, word, before) {
	switch (field) {
	case 'keep_alive':
		return { mode: word, ...word === 'duration' && { seconds: before?.seconds ?? FIRST_SECONDS } };
	case 'layout':
		return { ...before, mode: word };
	case 'confinement':
		return confinementOf(word, before?.devices);
	default:
		return word;
	}
}

function overrideWords(app, field, value) {
	switch (field) {
	case 'preset':
		return presetTitle(app, value);
	case 'confinement':
		return confinementWords(app, value);
	default:
		return valueWords(app, field, value);
	}
}

/** What the choice means, and what is granted with it. */
function ConfinementDetails({ app, confinement, desktop, change, id }) {
	const { t } = app.words;
	const missing = missingFor(app.live.settings.value.capabilities, 'confinement', confinement);
	return html`<p class="quiet small" id=${id}>${[t(`confinement.${confinement.mode}.hint`), confinementNote(app, desktop),
		missing ? reasonWords(app, missing) : ''].join(' ')}</p>
	<${GrantedDevices} app=${app} confinement=${confinement} change=${change} />`;
}

function OverrideField({ app, field, overrides, change, problem, id }) {
	const { t } = app.words;
	const { effective, presets, capabilities } = app.live.settings.value;
	const inherited = overrideWords(app, field, effective[field]);
	const options = field === 'preset' ? presets.map(({ name }) => [name, presetTitle(app, name)]) :
		VALUES[field].map((value) => [value, `${t(`${field}.${value}`)}${isGreyed(missingFor(capabilities, field, value)) ?
			` (${t('override.lacking')})` : ''}`]);
	const chosen = wordOf(overrides[field]);
	const fault = `${id}-${field}-fault`;
	const details = field === 'confinement' && chosen !== undefined && `${id}-${field}-details`;
	return html`<div class="override">
		<label class="field">
			<span>${t(field)}</span>
			<select data-testid=${`override-${field}`} aria-describedby=${details ? `${details} ${fault}` : fault} onChange=${(event) => {
				const at = event.target.selectedIndex - 1;
				change(field, at < 0 ? undefined : overrideValue(field, options[at][0], overrides[field]));
			}}>
				<option selected=${chosen === undefined}>${t('override.inherit', { value: inherited })}</option>
				${options.map(([value, words]) => html`<option key=${value} selected=${chosen === value}>${words}</option>`)}
			</select>
		</label>
		${field === 'keep_alive' && chosen === 'duration' && html`<${SecondsField} app=${app} id=${`${id}-keep_alive`}
			seconds=${overrides.keep_alive.seconds} invalid=${problem?.at('/overrides/keep_alive').length}
			change=${(seconds) => change('keep_alive', { mode: 'duration', seconds })} />`}
		${details && html`<${ConfinementDetails} app=${app} confinement=${overrides.confinement} id=${details}
			desktop=${overrides.desktop ?? effective.desktop} change=${(confinement) => change(field, confinement)} />`}
		<${FieldFaults} problem=${problem} pointer=${`/overrides/${field}`} id=${fault} />
	</div>`;
}

function OverridesEditor({ app, client, close }) {
	const { t } = app.words;
	const [overrides, setOverrides] = useState(client.overrides);
	const call = useCall();
	const id = client.fingerprint.slice(0, 8);
	const change = (field, value) => {
		const next = { ...overrides, [field]: value };
		if (value === undefined)
			delete next[field];
		setOverrides(next);
	};
	const save = async (event) => {
		event.preventDefault();
		const done = await call.run(async () => {
			await app.ask('PATCH', `/clients/${client.fingerprint}`, { overrides });
			app.say('said.saved');
		});
		if (done)
			close();
	};
	return html`<form class="overrides" noValidate onSubmit=${save} data-testid="overrides-editor">
		<p class="quiet small">${t('overrides.text', { label: client.label })}</p>
		<div class="fields">
			${['preset', ...Object.keys(VALUES)].map((field) => html`<${OverrideField} key=${field} app=${app} field=${field}
				overrides=${overrides} change=${change} problem=${call.problem} id=${id} />`)}
		</div>
		<${ProblemLine} app=${app} call=${call} />
		<div class="row end">
			<button type="button" onClick=${close}>${t('cancel')}</button>
			<button class="primary" data-testid="overrides-save" disabled=${call.busy}>${t('save')}</button>
		</div>
	</form>`;
}

function Rename({ app, client, close }) {
	const { t } = app.words;
	const [label, setLabel] = useState(client.label);
	const call = useCall();
	const save = async (event) => {
		event.preventDefault();
		const done = await call.run(async () => {
			await app.ask('PATCH', `/clients/${client.fingerprint}`, { label: label.trim() });
			app.say('said.renamed', { label: label.trim() });
		});
		if (done)
			close();
	};
	return html`<form class="rename" onSubmit=${save}>
		<label class="field">
			<span>${t('client.label')}</span>
			<input data-testid="rename-label" value=${label} maxlength="64" required autofocus spellcheck="false"
				autocomplete="off" aria-describedby="rename-fault" onInput=${(event) => setLabel(event.target.value)} />
		</label>
		<${FieldFaults} problem=${call.problem} pointer="/label" id="rename-fault" />
		<${ProblemLine} app=${app} call=${call} />
		<div class="row">
			<button class="primary" data-testid="rename-save" disabled=${!label.trim() || call.busy}>${t('save')}</button>
			<button type="button" onClick=${close}>${t('cancel')}</button>
		</div>
	</form>`;
}

function OverrideList({ app, overrides }) {
	const { t } = app.words;
	const fields = Object.keys(overrides);
	if (!fields.length)
		return null;
	return html`<ul class="tags" aria-label=${t('overrides')}>${fields.map((field) => html`<li key=${field}>
		<span class="quiet">${t(field)}</span> ${overrideWords(app, field, overrides[field])}</li>`)}</ul>`;
}

function ClientCard({ app, client }) {
	const { t, plural, date } = app.words;
	const [open, setOpen] = useState(null); // rename | rights | overrides | unpair
	const close = () => setOpen(null);
	const { label, fingerprint, sessions, slots } = client;
	return html`<li class="panel client" data-testid=${`client-${fingerprint.slice(0, 8)}`}>
		<div class="client-head">
			<div>
				<h2>${label}</h2>
				<p class="quiet small">${t('client.paired', { date: date(client.paired_at) })} · <code title=${fingerprint}>${
					shortFingerprint(fingerprint)}</code></p>
				<p class="small">
					${sessions.length ? html`<${Sign} name="active" className="small-sign" />${
						plural('client.sessions', sessions.length)}` : t('client.away')}${slots.length > 0 && ` · ${t('client.slots', { slots: slots.join(', ') })}`}
				</p>
				<${ClientRightsLine} app=${app} client=${client} />
				<${OverrideList} app=${app} overrides=${client.overrides} />
			</div>
			<div class="row">
				<button type="button" data-testid="rename" aria-expanded=${open === 'rename' ? 'true' : 'false'}
					onClick=${() => setOpen(open === 'rename' ? null : 'rename')}>${t('rename')}</button>
				<button type="button" data-testid="rights" aria-expanded=${open === 'rights' ? 'true' : 'false'}
					onClick=${() => setOpen(open === 'rights' ? null : 'rights')}>${t('rights.button')}</button>
				<button type="button" data-testid="overrides" aria-expanded=${open === 'overrides' ? 'true' : 'false'}
					onClick=${() => setOpen(open === 'overrides' ? null : 'overrides')}>${t('overrides')}</button>
				<button type="button" class="danger" data-testid="unpair"
					onClick=${() => setOpen('unpair')}>${t('unpair')}</button>
			</div>
		</div>
		${open === 'rename' && html`<${Rename} app=${app} client=${client} close=${close} />`}
		${open === 'rights' && html`<${ClientRights} app=${app} client=${client} close=${close} />`}
		${open === 'overrides' && html`<${OverridesEditor} app=${app} client=${client} close=${close} />`}
		${open === 'unpair' && html`<${Question} app=${app} title=${t('unpair.title', { label })} text=${t('unpair.text')}
			button=${t('unpair')} close=${close} act=${async () => {
				await app.ask('DELETE', `/clients/${fingerprint}`);
				app.say('said.unpaired', { label });
			}} />`}
	</li>`;
}

export function Clients({ app }) {
	const { clients } = app.live.clients.value;
	if (!clients.length)
		return html`<section class="panel empty"><p>${app.words.t('clients.none')}</p>
			<p><a class="button primary" href="#pairing">${app.words.t('nav.pairing')}</a></p></section>`;
	return html`<ul class="cards">${clients.map((client) =>
		html`<${ClientCard} key=${client.fingerprint} app=${app} client=${client} />`)}</ul>`;
}
