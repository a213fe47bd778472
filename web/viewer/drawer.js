// The settings panel.

import { LabelField, Segments, Select, Toggle } from './fields.js';
import { choices } from './settings.js';
import { clockWords, isNoteworthy, planesOf, refusedOthers } from './standing.js';
import { html, useLayoutEffect, useRef, useState } from './vendor/preact.js';

function PictureSettings({ settings, t }) {
	const rates = choices.frameRate.map((rate) => [rate, t('frame_rate_value', { rate })]);
	const bitrates = choices.maxKbps.map((kbps) =>
		[kbps, kbps ? t('bitrate_value', { mbps: kbps / 1000 }) : t('bitrate_auto')]);
	const fits = choices.fit.map((fit) => [fit, t(`fit_${fit}`)]);
	return html`<section>
		<h2>${t('picture')}</h2>
		<${Segments} id="frame-rate" setting=${settings.frameRate} name=${t('frame_rate')} options=${rates} />
		<${Segments} id="fit" setting=${settings.fit} name=${t('fit')} options=${fits} />
		<${Select} id="bitrate" setting=${settings.maxKbps} name=${t('max_bitrate')} options=${bitrates} />
		<${Toggle} testid="show-stats" setting=${settings.showStats} name=${t('show_stats')} />
	</section>`;
}

function PasteBox({ t, typeText, allowed }) {
	const [text, setText] = useState('');
	const [done, setDone] = useState(false);
	const send = () => {
		typeText(text.replaceAll('\r\n', '\n'));
		setText('');
		setDone(true);
	};
	const write = (event) => {
		setText(event.target.value);
		setDone(false);
	};
	return html`<div class="paste">
		<label class="field">
			<span>${t('paste_label')}</span>
			<textarea data-testid="paste" rows="3" value=${text} onInput=${write} spellcheck="false" disabled=${!allowed}
				placeholder=${t('paste_placeholder')}></textarea>
		</label>
		<div class="row">
			<button type="button" data-testid="paste-send" disabled=${text === '' || !allowed} onClick=${send}>
				${t('paste_button')}
			</button>
			<span class="quiet" role="status">${done ? t('paste_done') : ''}</span>
		</div>
	</div>`;
}

/** What may be done here, and what not, with the reason; while everything may, there is nothing to say. */
function Rights({ standing, translator, t }) {
	const rights = standing.rights.value;
	const others = refusedOthers(rights.grants);
	if (!isNoteworthy(rights) && standing.drives.value && others.length === 0)
		return null;
	const reason = (allowed) => {
		if (!allowed)
			return t('right_refused');
		if (!standing.drives.value)
			return t('right_waits');
		return rights.until ? t('right_given_until', { time: clockWords(rights.until, translator.language.value) }) :
			t('right_given');
	};
	return html`<p class="quiet" id="rights-title">${t('rights')}</p>
		<ul class="rights" aria-labelledby="rights-title" data-testid="rights-list">
		${planesOf(rights.grants).map(({ name, allowed }) => html`<li key=${name}
			class=${[!allowed && 'refused', !standing.drives.value && 'waits'].filter(Boolean).join(' ')}>
			<span>${t(`right_${name}`)}</span> <span>${reason(allowed)}</span></li>`)}
		${others.map((name) => html`<li key=${name} class="refused">
			<span>${t(`right_${name}`)}</span> <span>${t('right_refused')}</span></li>`)}
	</ul>`;
}

function InputSettings({ session, settings, translator, t, fullscreen, pointerLocked, commands, live }) {
	const { standing } = session;
	const drives = standing.drives.value;
	const [points, types] = planesOf(standing.rights.value.grants).map(({ allowed }) => allowed && drives);
	return html`<section>
		<h2>${t('input')}</h2>
		${live && html`<${Rights} standing=${standing} translator=${translator} t=${t} />`}
		<div class="row">
			<button type="button" data-testid="fullscreen" onClick=${commands.fullscreen}>
				${t(fullscreen.value ? 'leave_fullscreen' : 'fullscreen')}
			</button>
			<button type="button" data-testid="pointer-lock" aria-pressed=${pointerLocked.value ? 'true' : 'false'}
				disabled=${!live || !points} aria-describedby="pointer-lock-hint" onClick=${commands.lockPointer}>
				${t('pointer_lock')}
			</button>
		</div>
		<p class="quiet" id="pointer-lock-hint">${t('pointer_lock_hint')}</p>
		<${Toggle} testid="show-pointer" setting=${settings.showPointer} name=${t('show_pointer')} />
		<${Toggle} testid="paste-as-text" setting=${settings.pasteAsText} name=${t('paste_as_text')} disabled=${live && !types} />
		${live && html`<${PasteBox} t=${t} typeText=${commands.typeText} allowed=${types} />`}
	</section>`;
}

/** Two steps: what is thrown away does not come back. `name`: of the words, such as 'forget'. */
function InTwoSteps({ t, name, action }) {
	const [sure, setSure] = useState(false);
	if (!sure) {
		return html`<button type="button" class="danger" data-testid=${name} aria-describedby=${`${name}-hint`}
				onClick=${() => setSure(true)}>${t(name)}</button>
			<p class="quiet" id=${`${name}-hint`}>${t(`${name}_hint`)}</p>`;
	}
	return html`<p>${t(`${name}_sure`)}</p>
		<div class="row">
			<button type="button" class="danger" data-testid=${`${name}-sure`} onClick=${action}>${t(name)}</button>
			<button type="button" onClick=${() => setSure(false)}>${t(`${name}_no`)}</button>
		</div>`;
}

/** Only while there is somebody to show, or control to ask for. */
function PeopleSettings({ here, settings, t }) {
	const present = here.value;
	if (!present)
		return null;
	return html`<section data-testid="people-settings">
		<h2>${t('people')}</h2>
		<${Toggle} testid="show-people" setting=${settings.showPeople} name=${t('show_people')} />
		<p class="quiet">${t('people_hint')}</p>
		${settings.showPeople.value && html`<p class="quiet">${t('people_keys_hint')}</p>`}
		${present.control && html`<p class="quiet">${t('control_keys_hint')}</p>`}
	</section>`;
}

function fingerprintText(bytes) {
	const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
	return hex.slice(0, 16).match(/.{4}/g).join(' ');
}

function BrowserSettings({ session, settings, translator, t, commands }) {
	const languages = choices.language.map((tag) =>
		[tag, tag === 'auto' ? t('language_auto') : translator.nameOf(tag)]);
	const pairing = session.phase.value === 'pairing';
	return html`<section>
		<h2>${t('this_browser')}</h2>
		<${Select} id="language" setting=${settings.language} name=${t('language')} options=${languages} />
		${!pairing && html`<${LabelField} settings=${settings} name=${t('label')} />`}
		${session.fingerprint.value && html`<p class="quiet">${t('fingerprint')}
			${' '}<code>${fingerprintText(session.fingerprint.value)}</code></p>`}
		${session.fingerprint.value && html`<${InTwoSteps} t=${t} name="forget" action=${commands.forget} />`}
	</section>`;
}

export function Drawer(props) {
	const { session, t, close, sound, commands } = props;
	const { launcher } = session;
	const SoundSettings = sound.part.value;
	const { AppSettings } = launcher.parts.value ?? {};
	const panel = useRef(null);
	const live = session.phase.value === 'live';
	useLayoutEffect(() => panel.current.focus(), []);
	const onKeyDown = (event) => {
		const chord = event.ctrlKey && event.altKey && event.shiftKey && event.code === 'KeyS';
		if (event.key !== 'Escape' && !chord)
			return;
		event.preventDefault();
		close();
	};
	return html`<section id="drawer" class="drawer" role="dialog" tabindex="-1" aria-labelledby="drawer-title"
			ref=${panel} onKeyDown=${onKeyDown}>
		<header>
			<h1 id="drawer-title">${t('settings')}</h1>
			<button type="button" class="close" data-testid="close-settings" aria-label=${t('close')} onClick=${close}>
				<svg viewBox="0 0 16 16" aria-hidden="true"><path d="M3 3l10 10M13 3L3 13" /></svg>
			</button>
		</header>
		<${PictureSettings} ...${props} />
		<${InputSettings} ...${props} live=${live} />
		${SoundSettings && html`<${SoundSettings} />`}
		${AppSettings && html`<${AppSettings} launcher=${launcher} t=${t} choose=${commands.choose} />`}
		<${PeopleSettings} ...${props} />
		${live && html`<section><${InTwoSteps} t=${t} name="quit" action=${commands.quit} /></section>`}
		<${BrowserSettings} ...${props} />
		<p class="quiet">${t('keys_hint')}</p>
	</section>`;
}
