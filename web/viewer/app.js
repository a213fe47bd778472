// The page's parts, put together.

import { createCompany } from './company.js';
import { createTranslator } from './i18n.js';
import { Identity } from './identity.js';
import { dropInvitation, takeInvitation } from './invitation.js';
import { Keyboard } from './keyboard.js';
import { Launcher } from './launcher.js';
import { Pointer } from './pointer.js';
import { Receiver } from './receiver.js';
import { Session } from './session.js';
import { defaultLabel, loadSettings } from './settings.js';
import { createSound } from './sound.js';
import { Stage } from './stage.js';
import { isViewOnly, Standing } from './standing.js';
import { Stats } from './stats.js';
import { computed, effect, html, render, signal } from './vendor/preact.js';
import { Page } from './views.js';

const RESIZE_SETTLES_MS = 250;

const element = (id) => document.getElementById(id);
const settings = loadSettings();
const translator = createTranslator(settings.language);

function missingFeature() {
	if (!globalThis.isSecureContext)
		return { name: 'problem_insecure' };
	if (!('VideoDecoder' in globalThis))
		return { name: 'problem_no_decoder' };
	return null;
}

function createSession(identity, stats, stage) {
	return new Session({
		url: `wss://${location.host}/session`,
		authority: location.host,
		identity,
		stats,
		wantedMode: () => stage.wantedMode(settings.frameRate.value),
		label: () => settings.label.value.trim() || defaultLabel(),
		maxKbps: () => settings.maxKbps.value,
		launcher: new Launcher({ settings }),
	});
}

function createStage(changed) {
	let timer = null;
	return new Stage({
		backdrop: element('backdrop'),
		stage: element('stage'),
		canvas: element('tiles'),
		changed: () => {
			clearTimeout(timer);
			timer = setTimeout(changed, RESIZE_SETTLES_MS);
		},
	});
}

function createReceiver(session, stats, stage) {
	const receiver = new Receiver({
		host: element('stage'),
		canvas: element('tiles'),
		stats,
		events: {
			acknowledge: (sequence) => session.acknowledge(sequence),
			needKeyframe: () => session.requestKeyframe(),
			videoSize: (width, height) => stage.setVideoSize(width, height),
			stopped: () => session.fail(
				{ name: 'problem_codec', values: { codec: session.config.value?.codec } }, 'reload'),
		},
	});
	stage.setVideoElement(receiver.video.surface.element);
	return receiver;
}

function createInput(session, stage, drawerOpen, pointerLocked) {
	const { inputs } = session;
	let pointer = null;
	const releaseAll = () => {
		pointer?.forgetHeld();
		inputs.releaseAll();
	};
	const keyboard = new Keyboard(element('keys'), { ...inputs, releaseAll }, {
		pasteAsText: () => settings.pasteAsText.value,
		menu: () => {
			drawerOpen.value = !drawerOpen.value;
		},
	});
	pointer = new Pointer(element('stage'), { ...inputs, releaseAll: () => keyboard.releaseAll() }, {
		size: () => session.mode.value ?? { width: 1, height: 1 },
		focus: () => keyboard.focus(),
		lockChanged: (locked) => {
			pointerLocked.value = locked;
		},
	});
	addEventListener('scroll', () => pointer.layoutChanged(), { capture: true, passive: true });
	addEventListener('blur', () => keyboard.releaseAll());
	document.addEventListener('visibilitychange', () => {
		if (document.hidden)
			keyboard.releaseAll();
		else
			session.retryNow();
	});
	addEventListener('online', () => session.retryNow());
	return { keyboard, pointer };
}

/** Who else is there. Input and the others' places on the picture meet here, because both hear of the stage. */
function createOthers({ session, settings, translator, stage, keyboard, pointer, sound }) {
	const company = createCompany({
		session, settings, translator, stage,
		display: { focus: () => keyboard.focus(), releaseAll: () => keyboard.releaseAll() },
		elements: { stage: element('stage'), before: element('page') },
	});
	session.attachEvents({
		company: (message) => company.receive(message),
		alone: () => {
			company.lost();
			sound.lost();
		},
		sound: (message) => sound.receive(message),
		inputEnded: () => {
			keyboard.forgetHeld();
			pointer.forgetHeld();
		},
	});
	stage.moved = () => {
		pointer.layoutChanged();
		company.moved();
	};
	return company;
}

/** Full screen, with the keys that a browser keeps to itself otherwise (where it lets go of them). */
async function toggleFullscreen(isFullscreen) {
	if (isFullscreen) {
		await document.exitFullscreen();
		return;
	}
	await document.documentElement.requestFullscreen({ navigationUI: 'hide' });
	await navigator.keyboard?.lock?.().catch(() => {});
}

async function forgetPairing(session) {
	session.stop();
	await Identity.forget().catch((error) => console.warn('the key was not there to forget:', error));
	location.reload();
}

function showProblem(words) {
	const view = { phase: signal('refused'), words: signal(words), action: signal(null), host: signal(''),
		notice: signal(null), fingerprint: signal(null), mode: signal(null), config: signal(null),
		holder: signal(null), invited: signal(false), standing: new Standing({}),
		launcher: new Launcher({ settings }) };
	render(html`<${Page} session=${view} settings=${settings} translator=${translator}
		drawerOpen=${signal(false)} fullscreen=${signal(false)} pointerLocked=${signal(false)}
		here=${signal(null)} sound=${{ part: signal(null) }} commands=${{}} />`, element('page'));
}

function applyLanguage() {
	effect(() => {
		document.documentElement.lang = translator.language.value;
		element('keys').setAttribute('aria-label', translator.t('display_label'));
	});
}

async function main() {
	const isInvited = takeInvitation(window);
	applyLanguage();
	const missing = missingFeature();
	if (missing) {
		showProblem(missing);
		return;
	}
	const identity = await Identity.open();
	const stats = new Stats();
	const stage = createStage(() => session.modeWanted());
	const session = createSession(identity, stats, stage);
	session.invited.value = isInvited;
	session.attachReceiver(createReceiver(session, stats, stage));
	const drawerOpen = signal(false);
	const pointerLocked = signal(false);
	const fullscreen = signal(false);
	const { keyboard, pointer } = createInput(session, stage, drawerOpen, pointerLocked);
	const sound = createSound({ session, settings, translator, elements: { before: element('page') } });
	const company = createOthers({ session, settings, translator, stage, keyboard, pointer, sound });

	document.addEventListener('fullscreenchange', () => {
		fullscreen.value = document.fullscreenElement !== null;
		if (!fullscreen.value)
			navigator.keyboard?.unlock?.();
	});
	const live = computed(() => session.phase.value === 'live');
	effect(() => stage.setDisplay(session.mode.value));
	effect(() => stage.setFit(settings.fit.value));
	effect(() => {
		session.config.value; // the tile canvas has its size
		stage.layout();
	});
	effect(() => {
		settings.frameRate.value;
		session.modeWanted();
	});
	effect(() => {
		settings.maxKbps.value;
		session.limitsChanged();
	});
	effect(() => element('stage').classList.toggle('own-pointer', settings.showPointer.value));
	effect(() => element('stage').classList.toggle('watching',
		live.value && (!session.standing.drives.value || isViewOnly(session.standing.rights.value.grants))));
	effect(() => element('backdrop').classList.toggle('dimmed', !live.value));
	effect(() => {
		if (live.value && !drawerOpen.value)
			keyboard.focus();
	});

	const takeStats = () => ({
		...stats.snapshot(),
		width: session.mode.value?.width ?? 0,
		height: session.mode.value?.height ?? 0,
		codec: session.config.value?.codec ?? '',
		state: session.phase.value,
		sound: sound.figures(),
	});
	// For tests and for the curious.
	window.lodge = Object.freeze({ stats: takeStats });

	const commands = {
		pair: (pin) => session.pair(pin),
		declineInvitation: () => {
			dropInvitation(window);
			session.invited.value = false;
		},
		again: () => session.again(),
		fullscreen: () => toggleFullscreen(fullscreen.value),
		lockPointer: () => {
			drawerOpen.value = false;
			return pointer.lock();
		},
		typeText: (text) => session.inputs.text(text),
		forget: () => forgetPairing(session),
		choose: () => {
			drawerOpen.value = false;
			session.choose();
		},
		quit: () => {
			drawerOpen.value = false;
			session.quit();
		},
		keepDisplay: () => session.setPhase('live'),
		stats: takeStats,
	};
	render(html`<${Page} session=${session} settings=${settings} translator=${translator}
		drawerOpen=${drawerOpen} fullscreen=${fullscreen} pointerLocked=${pointerLocked}
		here=${company.here} sound=${sound} commands=${commands} />`, element('page'));
	session.start();
}

main();
