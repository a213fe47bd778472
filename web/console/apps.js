// The programs that clients may start, and the form of one.

import { html, useState } from '/vendor/preact.js';
import { appDraftOf, appIdOf, appOf, commandText, withApp, withoutApp } from './app_draft.js';
import { FieldFaults, Question } from './forms.js';
import { modeWords, ProblemLine, reasonWords, useCall } from './parts.js';
import { missingFor } from './policy.js';

const DESKTOPS = ['shared', 'isolated'];

/** One line to type into, with what is wrong with it. `field` names it in the document. */
function TextField({ app, field, value, change, problem, at, hint, ...more }) {
	const { t } = app.words;
	const pointer = `${at}/${field}`;
	return html`<div class="override"><label class="field">
		<span>${t(`app.${field}`)}</span>
		<input data-testid=${`app-${field}`} value=${value} spellcheck="false" autocomplete="off" ...${more}
			aria-describedby=${`app-${field}-hint app-${field}-fault`} aria-invalid=${problem?.at(pointer).length ? 'true' : 'false'}
			onInput=${({ target }) => change(target.value)} /></label>
		${hint && html`<p class="quiet small" id=${`app-${field}-hint`}>${t(`app.${field}.hint`)}</p>`}
		<${FieldFaults} problem=${problem} pointer=${pointer} id=${`app-${field}-fault`} />
	</div>`;
}

function DesktopField({ app, draft, change, problem, at }) {
	const { t } = app.words;
	const missing = draft.desktop === 'isolated' && missingFor(app.live.settings.value.capabilities, 'desktop', 'isolated');
	return html`<div class="override"><label class="field">
		<span>${t('app.desktop')}</span>
		<select data-testid="app-desktop" aria-describedby="app-desktop-hint app-desktop-fault"
			onChange=${({ target }) => change({ desktop: DESKTOPS[target.selectedIndex] })}>
			${DESKTOPS.map((one) => html`<option key=${one} selected=${one === draft.desktop}>${t(`app.${one}`)}</option>`)}
		</select></label>
		<p class="quiet small" id="app-desktop-hint">${missing ? reasonWords(app, missing) : t(`app.${draft.desktop}.hint`)}</p>
		<${FieldFaults} problem=${problem} pointer=${`${at}/desktop`} id="app-desktop-fault" />
	</div>`;
}

function Measure({ app, name, value, change, invalid, ...more }) {
	return html`<label class="field"><span>${app.words.t(`app.${name}`)}</span>
		<input type="number" inputmode="numeric" data-testid=${`app-${name}`} value=${value} aria-describedby="app-mode-fault"
			aria-invalid=${invalid ? 'true' : 'false'} ...${more}
			onInput=${({ target }) => change(target.value === '' ? '' : Number(target.value))} /></label>`;
}

function ModeField({ app, draft, change, problem, at }) {
	const { t } = app.words;
	const invalid = (name) => problem?.at(`${at}/mode/${name}`).length;
	return html`<div class="override" role="group" aria-labelledby="app-mode-name">
		<label class="tick"><input type="checkbox" data-testid="app-mode" checked=${draft.hasMode}
			onChange=${({ target }) => change({ hasMode: target.checked })} /><span id="app-mode-name">${t('app.mode')}</span></label>
		${draft.hasMode && html`<div class="measures">
			<${Measure} app=${app} name="width" value=${draft.width} invalid=${invalid('width')} change=${(width) => change({ width })} />
			<${Measure} app=${app} name="height" value=${draft.height} invalid=${invalid('height')} change=${(height) => change({ height })} />
			<${Measure} app=${app} name="refresh" value=${draft.refresh} invalid=${invalid('refresh_hz')} step="any"
				placeholder=${t('app.refresh.any')} change=${(refresh) => change({ refresh })} />
		</div>`}
		<p class="quiet small">${t('app.mode.hint')}</p>
		<${FieldFaults} problem=${problem} pointer=${`${at}/mode`} id="app-mode-fault" />
	</div>`;
}

function EnvironmentField({ app, value, change, problem, at }) {
	const { t } = app.words;
	return html`<div class="override"><label class="field">
		<span>${t('app.environment')}</span>
		<textarea rows="3" data-testid="app-environment" value=${value} spellcheck="false" autocomplete="off"
			placeholder="LANG=de_DE.UTF-8" aria-describedby="app-environment-hint app-environment-fault"
			aria-invalid=${problem?.at(`${at}/environment`).length ? 'true' : 'false'}
			onInput=${({ target }) => change({ environment: target.value })}></textarea></label>
		<p class="quiet small" id="app-environment-hint">${t('app.environment.hint')}</p>
		<${FieldFaults} problem=${problem} pointer=${`${at}/environment`} id="app-environment-fault" />
	</div>`;
}

/** `before`: the app that is changed, or null for a new one. */
function AppForm({ app, before, close }) {
	const { t } = app.words;
	const [draft, setDraft] = useState(() => appDraftOf(before));
	const [place, setPlace] = useState(0);
	const [hasOwnId, setOwnId] = useState(Boolean(before));
	const call = useCall();
	const change = (fields) => setDraft({ ...draft, ...fields });
	const rename = (name) => change({ name, ...!hasOwnId && { id: appIdOf(name) } });
	const save = async (event) => {
		event.preventDefault();
		const { index, document } = withApp(app.live.apps.value, before?.id, appOf(draft, before));
		setPlace(index);
		const done = await call.run(async () => {
			await app.live.change('apps', 'PUT', '/apps', document);
			app.say('said.saved');
		});
		if (done)
			close();
	};
	const props = { app, draft, change, problem: call.problem, at: `/apps/${place}` };
	return html`<form class="overrides" noValidate onSubmit=${save} data-testid="app-form">
		<div class="fields">
			<div class="stack">
				<${TextField} ...${props} field="name" value=${draft.name} maxlength="64" change=${rename} />
				<${TextField} ...${props} field="id" value=${draft.id} maxlength="32" hint change=${(id) => {
					setOwnId(true);
					change({ id });
				}} />
				<${TextField} ...${props} field="command" value=${draft.command} hint change=${(command) => change({ command })} />
			</div>
			<div class="stack">
				<${DesktopField} ...${props} />
				<${ModeField} ...${props} />
			</div>
			<div class="stack">
				<${EnvironmentField} ...${props} value=${draft.environment} />
				<${TextField} ...${props} field="icon" value=${draft.icon} hint change=${(icon) => change({ icon })} />
			</div>
		</div>
		<${ProblemLine} app=${app} call=${call} />
		<p class="error">${call.problem?.faults?.get('/apps')}</p>
		<div class="row end">
			<button type="button" onClick=${close}>${t('cancel')}</button>
			<button class="primary" data-testid="app-save" disabled=${call.busy}>${t('save')}</button>
		</div>
	</form>`;
}

function sizeWords(app, { width, height, refresh_hz }) {
	return refresh_hz ? modeWords(app, { width, height, refresh_hz }) : `${width} × ${height}`;
}

/** None that can be shown: nothing. */
function Picture({ id }) {
	return html`<img class="app-picture" data-testid="app-picture" alt="" width="40" height="40" src=${`/api/v1/apps/${id}/icon`}
		onError=${({ target }) => target.remove()} />`;
}

function AppCard({ app, one }) {
	const { t } = app.words;
	const [open, setOpen] = useState(null); // edit | remove
	const close = () => setOpen(null);
	const { id, name, desktop, mode, command } = one;
	return html`<li class="panel client" data-testid=${`app-${id}`}>
		<div class="client-head">
			${one.icon && html`<${Picture} key=${one.icon} id=${id} />`}
			<div>
				<h2>${name}</h2>
				<p class="small">${[t(`app.${desktop}`), ...mode ? [sizeWords(app, mode)] : []].join(' · ')} · <code>${id}</code></p>
				<p class="quiet small"><code class="command">${commandText(command)}</code></p>
			</div>
			<div class="row">
				<button type="button" data-testid="edit" aria-expanded=${open === 'edit' ? 'true' : 'false'}
					aria-label=${t('app.edit_this', { name })} onClick=${() => setOpen(open === 'edit' ? null : 'edit')}>${t('app.edit')}</button>
				<button type="button" class="danger" data-testid="remove" aria-label=${t('app.remove_this', { name })}
					onClick=${() => setOpen('remove')}>${t('remove')}</button>
			</div>
		</div>
		${open === 'edit' && html`<${AppForm} app=${app} before=${one} close=${close} />`}
		${open === 'remove' && html`<${Question} app=${app} title=${t('app.remove.title', { name })} text=${t('app.remove.text')}
			button=${t('remove')} close=${close} act=${async () => {
				await app.live.change('apps', 'PUT', '/apps', withoutApp(app.live.apps.value, id));
				app.say('said.app_removed', { name });
			}} />`}
	</li>`;
}

export function Apps({ app }) {
	const { t } = app.words;
	const [isNew, setNew] = useState(false);
	const list = app.live.apps.value?.apps;
	if (!list)
		return null;
	return html`<section class="panel client" data-testid="new-app">
			<div class="client-head"><div><p>${t('apps.text')}</p></div>
				<div class="row"><button type="button" class=${isNew ? '' : 'primary'} data-testid="add" aria-expanded=${isNew ? 'true' : 'false'}
					onClick=${() => setNew(!isNew)}>${t('app.add')}</button></div></div>
			${isNew && html`<${AppForm} app=${app} before=${null} close=${() => setNew(false)} />`}
		</section>
		${list.length ? html`<ul class="cards">${list.map((one) => html`<${AppCard} key=${one.id} app=${app} one=${one} />`)}</ul>` :
			html`<p class="quiet">${t('apps.none')}</p>`}`;
}
