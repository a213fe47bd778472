// What the fake host finds wrong in a document, as JSON pointers and sentences.

const WORDS = {
	topology: ['auto', 'extend', 'primary', 'exclusive'],
	mode_conflict: ['separate', 'steal', 'join', 'reject'],
	identity: ['shared', 'per-client', 'per-client-mode'],
	desktop: ['shared', 'isolated'],
	control: ['free', 'one-at-a-time'],
	input: ['shared', 'seat-per-client'],
};
const DEVICES = ['dri', 'nvidia', 'video', 'kvm', 'fuse'];
const isWhole = (value, least, most) => Number.isInteger(value) && value >= least && value <= most;

function confinementFaults({ mode, devices = [] }) {
	if (!['off', 'devices', 'home'].includes(mode))
		return [['/mode', 'off, devices or home is expected']];
	if (mode === 'off')
		return devices.length ? [['/devices', 'belongs to devices and home alone']] : [];
	return devices.flatMap((device, i) => {
		if (!DEVICES.includes(device))
			return [[`/devices/${i}`, 'dri, nvidia, video, kvm or fuse is expected']];
		return devices.indexOf(device) < i ? [[`/devices/${i}`, 'is there already']] : [];
	});
}

export function faultsOf(document, presets, at = '') {
	const faults = [];
	const fault = (pointer, detail) => faults.push({ pointer: `${at}${pointer}`, detail });
	for (const [field, value] of Object.entries(document)) {
		if (WORDS[field] && !WORDS[field].includes(value))
			fault(`/${field}`, `must be one of ${WORDS[field].join(', ')}`);
		else if (field === 'keep_alive' && value.mode === 'duration' && !isWhole(value.seconds, 1, 604800))
			fault('/keep_alive/seconds', 'must be a whole number from 1 to 604800');
		else if (field === 'max_displays' && !isWhole(value, 1, 16))
			fault('/max_displays', 'must be a whole number from 1 to 16');
		else if (field === 'preset' && value !== 'custom' && !presets.some((one) => one.name === value))
			fault('/preset', `there is no preset "${value}"`);
		else if (field === 'confinement')
			confinementFaults(value).forEach(([place, detail]) => fault(`/confinement${place}`, detail));
		else if (field === 'presence') {
			for (const name of ['controlling_seconds', 'watching_seconds'].filter((one) => one in value && !isWhole(value[one], 1, 86400)))
				fault(`/presence/${name}`, 'must be a whole number from 1 to 86400');
		} else if (!['version', 'preset', 'keep_alive', 'layout', 'max_displays', 'clients', ...Object.keys(WORDS)].includes(field))
			fault(`/${field}`, 'is no field of this document');
	}
	return faults;
}

export function presetFaultsOf(fields) {
	const missing = ['keep_alive', 'topology', 'mode_conflict', 'identity', 'layout'].filter((field) => !(field in fields))
		.map((field) => ({ pointer: `/${field}`, detail: 'is missing' }));
	return [...missing, ...faultsOf(fields, [])];
}
