// The part of the fake host that is about people: presence, control, rights and invitations.

import { randomInt } from 'node:crypto';

import { ApiProblem, faultsProblem } from './fake-problem.mjs';

const PRESETS = { full: ['pointer', 'keyboard', 'gamepad', 'clipboard', 'microphone', 'launch'], controller: ['gamepad'], view: [] };
const DAYS_30 = 30 * 24 * 3600;

/** As the host answers: with the name of what was asked for as planes, too. */
export function grantsOf({ preset, planes = PRESETS[preset] }) {
	const isSame = (one) => one.length === planes.length && one.every((plane) => planes.includes(plane));
	return { preset: Object.keys(PRESETS).find((name) => isSame(PRESETS[name])) ?? 'custom', planes };
}

const inRange = (value, least) => value === undefined || (value >= least && value <= DAYS_30);

/** Methods of the fake host. */
export const TOGETHER_ROUTES = {
	presenceOf() {
		const { enabled } = this.settingsOf().effective.presence;
		return { enabled, people: enabled ? this.people : [] };
	},

	controlOf() {
		const mode = this.settingsOf().effective.control;
		return mode === 'free' ? { mode, holder: null, away_for: null, line: [] } : { mode, ...this.control };
	},

	applyGrants(fingerprint, { temporary, ...wish }) {
		if (temporary && !inRange(temporary.seconds, 1))
			throw faultsProblem([{ pointer: '/grants/temporary/seconds', detail: `must be a whole number from 1 to ${DAYS_30}` }]);
		const grants = grantsOf(wish);
		this.clients = this.clients.map((one) => {
			if (one.fingerprint !== fingerprint)
				return one;
			if (!temporary)
				return { ...one, grants, temporary_grants: null };
			return temporary.seconds ? { ...one, temporary_grants: { grants, until: 1800000000 } } : one;
		});
		this.sessions = this.sessions.map((one) => (one.client === fingerprint ? { ...one, grants } : one));
	},

	'GET presence'() {
		return this.presenceOf();
	},

	'GET control'() {
		return this.controlOf();
	},

	'POST control'({ action, session }) {
		const refuse = (refusal) => { throw new ApiProblem(409, 'control does not allow it now', { refusal }); };
		const { mode, holder, line } = this.controlOf();
		const isWaiting = line.some((place) => place.session === session);
		const rest = line.filter((place) => place.session !== session);
		if (mode === 'free')
			refuse('everybody-drives');
		else if (action === 'release')
			this.control = { holder: line[0]?.session ?? null, away_for: null, line: line.slice(1) };
		else if (action !== 'give' && !isWaiting)
			refuse('not-in-line');
		else if (action === 'deny')
			this.control = { ...this.control, line: rest };
		else if (session === holder)
			refuse('holds-control');
		else
			this.control = { holder: session, away_for: null, line: rest };
		this.changed('control');
		return this.controlOf();
	},

	'GET invitations'() {
		return { invitations: this.invitations };
	},

	'POST invitations'({ seconds = 3600, uses = 1, stay_seconds, label = '', ...wish }) {
		const faults = [...inRange(seconds, 60) ? [] : [{ pointer: '/seconds', detail: `must be a whole number from 60 to ${DAYS_30}` }],
			...uses >= 1 && uses <= 64 ? [] : [{ pointer: '/uses', detail: 'must be a whole number from 1 to 64' }]];
		if (faults.length)
			throw faultsProblem(faults);
		const id = randomInt(2 ** 47).toString(16).padStart(16, '0');
		const invitation = { id, label, grants: grantsOf(wish), uses_left: uses, expires_in: seconds, stay: stay_seconds ?? null,
			state: 'good', guests: 0 };
		this.invitations = [...this.invitations, invitation];
		return { ...invitation, link: `/?invite=${id}`, pin: String(randomInt(1e8)).padStart(8, '0') };
	},

	'DELETE invitations'(body, id, response, cookie, query) {
		const found = this.invitations.find((one) => one.id === id);
		if (!found)
			throw new ApiProblem(404, 'there is no such invitation');
		const isKept = found.guests > 0 && query !== 'end_guests=true';
		this.invitations = isKept ? this.invitations.map((one) => (one === found ? { ...one, state: 'revoked' } : one)) :
			this.invitations.filter((one) => one !== found);
	},
};
