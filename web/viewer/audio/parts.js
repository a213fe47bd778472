// What is seen of sound, microphone and gamepads: a section of the settings, and a chip over the picture while there is
// something to do or to know.

import { Segments, Toggle } from '../fields.js';
import { SoundFlag } from '../protocol.js';
import { choices } from '../settings.js';
import { html } from '../vendor/preact.js';
import { AROUND } from './around.js';

/** A meter of loudness: 0 to 1 by decibels, 60 of them. */
export function meterOf(peak) {
	return peak > 0 ? Math.min(1, Math.max(0, 1 + 20 * Math.log10(peak) / 60)) : 0;
}

function Meter({ level, name, testid }) {
	const value = meterOf(level.value).toFixed(2);
	return html`<div class="level" role="meter" data-testid=${testid} aria-label=${name} aria-valuemin="0" aria-valuemax="1"
		aria-valuenow=${value}><span style=${{ transform: `scaleX(${value})` }}></span></div>`;
}

/** Words, and what the browser or the host says itself. */
function Reason({ t, words, id }) {
	if (!words)
		return null;
	return html`<p class="quiet" id=${id} data-testid=${id} role="status">${t(words.name)}
		${words.detail && html` <span class="detail">${words.detail}</span>`}</p>`;
}

function soundWords({ player, engine, offers, offer, settings }) {
	if (!offers(SoundFlag.PLAYED))
		return { name: 'sound_none', detail: offer.value.reason };
	if (player.problem.value)
		return player.problem.value;
	if (engine.state.value === 'failed')
		return { name: 'sound_failed' };
	if (settings.soundOn.value && engine.waits.value)
		return { name: 'sound_waiting' };
	if (settings.soundOn.value && engine.isStuck.value)
		return { name: 'sound_no_output' };
	if (offers(SoundFlag.AWAY))
		return { name: 'sound_away' };
	return offers(SoundFlag.OWN) ? null : { name: 'sound_shared' };
}

function Volume({ setting, t, disabled }) {
	return html`<label class="field volume">
		<span>${t('sound_volume')} <output>${setting.value} %</output></span>
		<input type="range" min="0" max="100" step="5" data-testid="volume" value=${setting.value} disabled=${disabled}
			onInput=${(event) => { setting.value = event.target.valueAsNumber; }} />
	</label>`;
}

/** What becomes of 5.1 here. */
function layoutWords({ player, settings, engine }) {
	if (player.order.value === null)
		return settings.soundLayout.value === 'stereo' ? null : { name: 'sound_no_around' };
	const isMixed = settings.soundLayout.value === 'around' && engine.loaded.value && player.most < AROUND;
	return isMixed ? { name: 'sound_mixed' } : null;
}

function Layout({ audio, t }) {
	return html`<${Segments} id="sound-layout" setting=${audio.settings.soundLayout} name=${t('sound_layout')}
			options=${choices.soundLayout.map((layout) => [layout, t(`sound_layout_${layout}`)])} />
		<${Reason} t=${t} id="sound-layout-words" words=${layoutWords(audio)} />`;
}

function Sound({ audio, t }) {
	const { settings, player } = audio;
	const possible = audio.offers(SoundFlag.PLAYED) && player.isSupported;
	return html`
		<${Toggle} testid="sound-on" setting=${settings.soundOn} name=${t('sound_on')} disabled=${!possible} />
		<${Volume} setting=${settings.soundVolume} t=${t} disabled=${!possible || !settings.soundOn.value} />
		${possible && settings.soundOn.value && html`<${Meter} level=${player.level} name=${t('sound_level')}
			testid="sound-level" />`}
		${possible && settings.soundOn.value && html`<${Layout} audio=${audio} t=${t} />`}
		<${Reason} t=${t} id="sound-words" words=${soundWords(audio)} />`;
}

function microphoneWords({ microphone, mayMicrophone, offers, offer }) {
	if (!mayMicrophone.value)
		return { name: 'mic_not_allowed' };
	if (!offers(SoundFlag.MICROPHONE))
		return { name: 'mic_no_source', detail: offer.value.reason };
	if (microphone.problem.value)
		return microphone.problem.value;
	return { name: { off: 'mic_hint', asking: 'mic_asking', on: 'mic_live' }[microphone.state.value] };
}

function MicrophonePart({ audio, t }) {
	const { microphone } = audio;
	const possible = audio.mayMicrophone.value && audio.offers(SoundFlag.MICROPHONE) && microphone.isSupported;
	const state = microphone.state.value;
	return html`<div class="row">
			<button type="button" data-testid="microphone" aria-pressed=${state === 'on' ? 'true' : 'false'}
				disabled=${!possible || state === 'asking'} aria-describedby="microphone-words"
				onClick=${() => microphone.toggle()}>${t(state === 'on' ? 'mic_turn_off' : 'mic_turn_on')}</button>
		</div>
		${state === 'on' && html`<${Meter} level=${microphone.level} name=${t('mic_level')} testid="microphone-level" />`}
		<${Reason} t=${t} id="microphone-words" words=${microphoneWords(audio)} />`;
}

function gamepadWords({ gamepads, mayGamepads, drives, offers, offer }) {
	if (!mayGamepads.value)
		return { name: 'gamepads_not_allowed' };
	if (!offers(SoundFlag.GAMEPADS))
		return { name: 'gamepads_none_here', detail: offer.value.reason };
	if (gamepads.names.value.length === 0)
		return { name: 'gamepads_hint' };
	if (!drives.value)
		return { name: 'gamepads_wait' };
	return gamepads.left.value ? { name: 'gamepads_four' } : null;
}

function GamepadPart({ audio, t }) {
	const { names } = audio.gamepads;
	return html`
		${names.value.length > 0 && html`<ul class="gamepads" data-testid="gamepads">
			${names.value.map(({ index, name }) => html`<li key=${index}>${name}</li>`)}
		</ul>`}
		<${Reason} t=${t} id="gamepad-words" words=${gamepadWords(audio)} />`;
}

export function Section({ audio }) {
	audio.translator.language.value;
	const { t } = audio.translator;
	return html`<section data-testid="sound-settings">
			<h2>${t('sound')}</h2>
			<${Sound} audio=${audio} t=${t} />
			<${MicrophonePart} audio=${audio} t=${t} />
		</section>
		<section data-testid="gamepad-settings">
			<h2>${t('gamepads')}</h2>
			<${GamepadPart} audio=${audio} t=${t} />
		</section>`;
}

/** Over the picture: that a gesture is missing, that the sound has gone, and that the microphone is on. */
export function Chips({ audio }) {
	audio.translator.language.value;
	const { t } = audio.translator;
	const { engine, microphone, settings, player } = audio;
	const wanted = settings.soundOn.value && audio.offers(SoundFlag.PLAYED) && player.isSupported;
	const waits = wanted && engine.waits.value;
	const isStuck = wanted && engine.isStuck.value;
	const isAway = wanted && !waits && !isStuck && audio.offers(SoundFlag.AWAY);
	return html`<div class="sound-chips" role="status">
		${waits && html`<p class="sound-chip" data-testid="sound-waits">${t('sound_waiting')}</p>`}
		${isStuck && html`<p class="sound-chip passing" data-testid="sound-stuck">${t('sound_no_output')}</p>`}
		${isAway && html`<p class="sound-chip passing" data-testid="sound-away">${t('sound_away')}</p>`}
		${microphone.state.value === 'on' && html`<p class="sound-chip live" data-testid="microphone-live">
			<span class="sound-dot" aria-hidden="true"></span>${t('mic_live')}
			<button type="button" data-testid="microphone-stop" onClick=${() => microphone.stop()}>${t('mic_stop')}</button>
		</p>`}
	</div>`;
}
