// A host with people on it, for tests and for pictures.

export const FINGERPRINTS = {
	tablet: '4f3a91c07be2d8561f20a9c4e7b30d5812aa6f9c3e01b7d4958cf2e60714ab3d',
	notebook: 'b81e0c5d9a4427f3c6d1580e2fa79b4630dd85a1f7c2964eb05378c19ad4e62f',
	phone: '09d7e6a25b18cc43f09e71ab3d5f8426c7e1904d6ba2f38e57dc01946a8b3ef5',
	stranger: 'e2605a7fc4d91b38aa07f6139ce84d52b07fd31e96a85c20f4b7e8d36519c0aa',
};

export const mode = (width, height, refresh_hz = 60, scale_percent = 100) => ({ width, height, refresh_hz, scale_percent });

export function display(slot, label, client, state, place, more = {}) {
	return { slot, generation: 10 + slot, state, label, client, output: `HEADLESS-${slot}`, mode: mode(place.width, place.height),
		place, kept_scale_percent: null, pinned: false, sessions: [], expires_in: null, ...more };
}

const FULL = { preset: 'full', planes: ['pointer', 'keyboard', 'gamepad', 'clipboard', 'microphone', 'launch'] };
export const RIGHTS = { user: '', grants: FULL, temporary_grants: null };

function client(name, label, more = {}) {
	return { fingerprint: FINGERPRINTS[name], label, paired_at: 1788000000, overrides: {}, sessions: [], slots: [],
		...RIGHTS, ...more };
}

function session(id, label, name, slot, more = {}) {
	return { session: id, label, client: name ? FINGERPRINTS[name] : null, transport: 'browser', peer: '192.168.1.40', since: 754, slot,
		joined: false, mode: mode(1920, 1080), dropped: 0, grants: FULL, guest: false, ...more };
}

/** Two displays in use, one kept, two monitors beside them, one client that asks to come in. */
export function furnish(api) {
	api.reset();
	api.document = { version: 1, preset: 'default', max_displays: 4 };
	api.outputs = [
		{ name: 'DP-1', enabled: true, mode: mode(2560, 1440), place: { x: 0, y: 0, width: 2560, height: 1440 } },
		{ name: 'HDMI-A-1', enabled: false, mode: mode(1920, 1080), place: { x: 0, y: 0, width: 1920, height: 1080 } },
	];
	api.displays = [
		display(1, 'Tablet', FINGERPRINTS.tablet, 'active', { x: 2560, y: 0, width: 1920, height: 1080 }, { sessions: [3, 5] }),
		display(2, 'Notebook', FINGERPRINTS.notebook, 'active', { x: 4480, y: 0, width: 1920, height: 1200 }, { sessions: [4] }),
		display(3, 'Phone', FINGERPRINTS.phone, 'lingering', { x: 6400, y: 0, width: 1170, height: 1080 }, { expires_in: 299.5 }),
	];
	api.sessions = [
		session(3, 'Tablet', 'tablet', 1),
		session(4, 'Notebook', 'notebook', 2, { since: 4210, peer: '192.168.1.23', mode: mode(1920, 1200), dropped: 12 }),
		session(5, 'Living room', null, 1, { joined: true, since: 33, peer: '192.168.1.77' }),
	];
	api.clients = [
		client('notebook', 'Notebook', { sessions: [4], slots: [2] }),
		client('phone', 'Phone', { slots: [3], overrides: { keep_alive: { mode: 'duration', seconds: 300 }, mode_conflict: 'join' } }),
		client('tablet', 'Tablet', { sessions: [3], slots: [1] }),
	];
	api.apps = [
		{ id: 'browser', name: 'Web browser', command: ['firefox', '--kiosk', 'https://example.org/?a=b c'], desktop: 'isolated',
			environment: { MOZ_ENABLE_WAYLAND: '1' }, mode: { width: 1920, height: 1080, refresh_hz: 60 } },
		{ id: 'terminal', name: 'Terminal', command: ['foot'], desktop: 'shared' },
	];
	api.pairing = { armed: false, pin: null, expires_in: null, requests: [
		{ session: 9, label: 'Firefox on Linux', fingerprint: FINGERPRINTS.stranger, peer: '192.168.1.90', since: 41 },
	] };
}

function person(id, name, state, sessions, more = {}) {
	return { person: id, name, state, transports: ['browser'], view_only: false, sessions, since: 754, ...more };
}

/** The same people, who see each other and drive one at a time: two wait, one of them was just heard. A guest looks on. */
export function gather(api) {
	furnish(api);
	api.document = { ...api.document, presence: { enabled: true, controlling_seconds: 10, watching_seconds: 300 },
		control: 'one-at-a-time' };
	const view = { preset: 'view', planes: [] };
	api.sessions = [...api.sessions, session(6, 'Visitor', 'stranger', 2, { joined: true, since: 95, peer: '192.168.1.91',
		grants: view, guest: true })];
	api.clients[0] = { ...api.clients[0], user: 'Ada' };
	api.clients[1] = { ...api.clients[1], grants: { preset: 'controller', planes: ['gamepad'] },
		temporary_grants: { grants: FULL, until: 1800000000 } };
	api.people = [
		person(1, 'Ada', 'controlling', [4, 7], { transports: ['browser', 'native'], since: 4210 }),
		person(2, 'Tablet', 'watching', [3]),
		person(3, 'Living room', 'idle', [5], { since: 3700 }),
		person(4, 'Visitor', 'watching', [6], { view_only: true, since: 95 }),
	];
	api.control = { holder: 4, away_for: null, line: [{ session: 5, asks_for: null }, { session: 3, asks_for: 8.6 }] };
	api.invitations = [
		{ id: '00a1b2c3d4e5f607', label: 'Visitor', grants: view, uses_left: 0, expires_in: 1800, stay: null, state: 'used-up', guests: 1 },
		{ id: '11a1b2c3d4e5f607', label: 'Film night', grants: { preset: 'custom', planes: ['pointer', 'keyboard'] }, uses_left: 3,
			expires_in: 3240, stay: 7200, state: 'good', guests: 0 },
	];
}
