// The policy as the fake host keeps it: presets, the fields in force, and a small part of admission.

export const RULED = ['keep_alive', 'topology', 'mode_conflict', 'identity', 'layout'];

const preset = (name, seconds, topology, mode_conflict, identity, layout) => ({ name, builtin: true,
	keep_alive: typeof seconds === 'number' ? { mode: 'duration', seconds } : { mode: seconds },
	topology, mode_conflict, identity, layout: { mode: layout } });

export const BUILTIN = [
	preset('default', 10, 'auto', 'separate', 'per-client', 'auto-row'),
	preset('gaming-rig', 'forever', 'exclusive', 'steal', 'per-client', 'auto-row'),
	preset('shared-desktop', 'off', 'extend', 'separate', 'per-client', 'auto-row'),
	preset('hotdesk', 300, 'exclusive', 'reject', 'per-client-mode', 'auto-row'),
	preset('workstation', 300, 'exclusive', 'separate', 'per-client', 'manual'),
];

export function effectiveOf(document, presets) {
	const explicit = RULED.some((field) => field in document);
	const name = document.preset ?? (explicit ? 'custom' : 'default');
	const named = presets.find((one) => one.name === name);
	const effective = { preset: name };
	const sources = { preset: document.preset || explicit ? 'file' : 'default' };
	for (const field of RULED) {
		effective[field] = named?.[field] ?? document[field] ?? BUILTIN[0][field];
		sources[field] = named ? 'preset' : field in document ? 'file' : 'default';
	}
	const positions = document.layout?.positions;
	effective.layout = { mode: effective.layout.mode, ...positions && { positions } };
	effective.max_displays = document.max_displays ?? 4;
	effective.desktop = document.desktop ?? 'shared';
	const { mode: sees, devices = [] } = document.confinement ?? { mode: 'off' };
	effective.confinement = { mode: sees, ...devices.length && { devices } };
	effective.presence = document.presence ?? { enabled: false };
	effective.control = document.control ?? 'free';
	effective.input = document.input ?? 'shared';
	for (const field of ['max_displays', 'desktop', 'confinement', 'presence', 'control', 'input'])
		sources[field] = field in document ? 'file' : 'default';
	return { effective, sources };
}

const rightOf = (displays) => Math.max(0, ...displays.map(({ place }) => place.x + place.width));

export function nextPlace({ displays, outputs, document, presets }) {
	const { effective } = effectiveOf(document, presets);
	const isLive = displays.some((display) => display.state === 'active');
	if (displays.length >= effective.max_displays || (isLive && effective.mode_conflict === 'reject'))
		return null;
	const beside = [...displays, ...outputs.filter((output) => output.enabled)];
	return { x: rightOf(beside), y: 0, width: 1920, height: 1080 };
}

const mode = { width: 1920, height: 1080, refresh_hz: 60, scale_percent: 100 };
const reason = (rule, code, text) => ({ rule, code, text, slot: null });

export function explain(host, settings) {
	const { effective: policy } = effectiveOf(settings ?? host.document, host.presets);
	const live = host.displays.filter((display) => display.state === 'active');
	const canExclude = host.capabilities.find((one) => one.option === 'exclusive').supported;
	const wanted = policy.topology === 'auto' ? host.desktop.topology.wanted : policy.topology;
	const topology = wanted === 'exclusive' && !canExclude ? 'extend' : wanted;
	const base = { rejection: null, slot: null, mode, place: null, topology, policy, joins: null, ends: [], closes: [],
		reasons: [reason(8, 'anonymous', 'the client is not paired')], text: 'It would get a display of its own.' };
	const place = { x: rightOf([...host.displays, ...topology === 'exclusive' ? [] : host.outputs.filter((one) => one.enabled)]),
		y: 0, width: 1920, height: 1080 };
	if (!live.length)
		return { ...base, decision: 'create', slot: 0, place,
			reasons: [...base.reasons, reason(2, 'nobody-else', 'nobody else is live')] };
	const reasons = [...base.reasons, reason(3, 'others-live', 'another client is live'),
		reason(3, `policy-${policy.mode_conflict}`, `the policy says ${policy.mode_conflict}`)];
	switch (policy.mode_conflict) {
	case 'steal':
		return { ...base, reasons, decision: 'steal', slot: 0, place: { ...place, x: 0 }, ends: live.map((one) => one.label),
			closes: live.map((one) => one.slot), text: 'It would take over.' };
	case 'join':
		return { ...base, reasons, decision: 'join', slot: live[0].slot, joins: live[0].label, mode: live[0].mode,
			text: `It would join ${live[0].label}.` };
	case 'reject':
		return { ...base, reasons, decision: 'reject', rejection: 'busy', mode: null, text: 'It would be turned away.' };
	default:
		return { ...base, reasons, decision: 'create', slot: 0, place };
	}
}
