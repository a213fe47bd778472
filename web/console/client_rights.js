// What a client may do, and which person it belongs to.

import { html, useState } from '/vendor/preact.js';
import { FieldFaults, SecondsField } from './forms.js';
import { grantsOf } from './grants.js';
import { ProblemLine, useCall } from './parts.js';
import { RightsField, rightsWords } from './rights.js';

const FIRST_SECONDS = 7200;
const TERMS = ['lasting', 'seconds', 'until_leave'];
const AS_IS = 'as_is'; // what rules for a time goes on

/** What rules now when it is not what lasts: by the file, or until its sessions end. */
function temporaryOf(app, { fingerprint, grants, temporary_grants }) {
	if (temporary_grants)
		return temporary_grants;
	const session = app.live.sessions.value.sessions.find((one) => one.client === fingerprint);
	const isOther = session && session.grants.planes.join() !== grants.planes.join();
	return isOther ? { grants: session.grants, until: null } : null;
}

function untilWords(app, until) {
	if (until === null)
		return app.words.t('term.until_left');
	return app.words.t('term.until', { time: app.words.date(until, 'short') });
}

/** Said only where it is not what every client may. */
export function ClientRightsLine({ app, client }) {
	const { t } = app.words;
	const temporary = temporaryOf(app, client);
	if (client.grants.preset === 'full' && !temporary && !client.user)
		return null;
	return html`<ul class="tags" aria-label=${t('rights')} data-testid="rights-line">
		${client.user && html`<li><span class="quiet">${t('person')}</span> ${client.user}</li>`}
		${(client.grants.preset !== 'full' || temporary) && html`<li><span class="quiet">${t('rights')}</span> ${
			rightsWords(app, client.grants)}</li>`}
		${temporary && html`<li class="temporary"><span class="quiet">${untilWords(app, temporary.until)}</span> ${
			rightsWords(app, temporary.grants)}</li>`}
	</ul>`;
}

function Term({ app, terms, term, seconds, change, problem }) {
	const { t } = app.words;
	return html`<div class="override">
		<label class="field">
			<span>${t('term')}</span>
			<select data-testid="rights-term" onChange=${(event) => change({ term: terms[event.target.selectedIndex] })}>
				${terms.map((one) => html`<option key=${one} selected=${one === term}>${t(`term.${one}`)}</option>`)}
			</select>
		</label>
		${term === 'seconds' && html`<${SecondsField} app=${app} id="rights" seconds=${seconds} name=${t('term.count')}
			invalid=${problem?.at('/grants/temporary').length} change=${(value) => change({ seconds: value })} />`}
		<${FieldFaults} problem=${problem} pointer="/grants/temporary" id="rights-fault" />
		<p class="quiet small">${t(`term.${term}.hint`)}</p>
	</div>`;
}

const temporaryWish = { lasting: () => ({}), seconds: (seconds) => ({ temporary: { seconds } }),
	until_leave: () => ({ temporary: { until_leave: true } }) };

/** What to PATCH: rights only when they or their term were touched, so that a new person ends no temporary ones. */
function changesOf(client, { planes, term, seconds, user }, firstTerm) {
	const isTouched = term !== firstTerm || planes.join() !== client.grants.planes.join();
	return { ...isTouched && { grants: { ...grantsOf(planes), ...temporaryWish[term](seconds) } },
		...user.trim() !== client.user && { user: user.trim() } };
}

export function ClientRights({ app, client, close }) {
	const { t } = app.words;
	const [terms] = useState(temporaryOf(app, client) ? [AS_IS, ...TERMS] : TERMS);
	const [draft, setDraft] = useState({ planes: client.grants.planes, term: terms[0], seconds: FIRST_SECONDS, user: client.user });
	const call = useCall();
	const change = (fields) => setDraft({ ...draft, ...fields });
	const save = async (event) => {
		event.preventDefault();
		const body = changesOf(client, draft, terms[0]);
		if (!Object.keys(body).length) {
			close();
		} else if (await call.run(async () => {
			await app.ask('PATCH', `/clients/${client.fingerprint}`, body);
			app.say('said.saved');
		})) {
			close();
		}
	};
	return html`<form class="overrides" noValidate onSubmit=${save} data-testid="rights-editor">
		<div class="fields">
			<${RightsField} app=${app} planes=${draft.planes} id="rights"
				change=${(planes) => change({ planes, ...draft.term === AS_IS && { term: TERMS[0] } })} />
			<${Term} app=${app} terms=${terms} ...${draft} change=${change} problem=${call.problem} />
			<div class="override">
				<label class="field">
					<span>${t('person')}</span>
					<input data-testid="rights-user" value=${draft.user} maxlength="64" spellcheck="false" autocomplete="off"
						placeholder=${client.label} aria-describedby="user-hint user-fault"
						onInput=${(event) => change({ user: event.target.value })} />
				</label>
				<${FieldFaults} problem=${call.problem} pointer="/user" id="user-fault" />
				<p class="quiet small" id="user-hint">${t('person.hint')}</p>
			</div>
		</div>
		<${ProblemLine} app=${app} call=${call} />
		<div class="row end">
			<button type="button" onClick=${close}>${t('cancel')}</button>
			<button class="primary" data-testid="rights-save" disabled=${call.busy}>${t('save')}</button>
		</div>
	</form>`;
}
