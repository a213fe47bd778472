// The management API (api/openapi.yaml) as calls that give an answer or throw a Problem.

const DEADLINE_MS = 15000;

/** An RFC 9457 problem; `status` 0: no answer came. `faults` maps JSON pointers to sentences. */
export class Problem extends Error {
	constructor(status, body = {}, retryAfter = null) {
		super(body.detail || body.title || `status ${status}`);
		this.status = status;
		this.sessions = body.sessions ?? null;
		this.refusal = body.refusal;
		this.retryAfter = retryAfter;
		this.faults = new Map((body.errors ?? []).map(({ pointer, detail }) => [pointer, detail]));
	}

	/** The sentences for a field and all that is in it. */
	at(pointer) {
		return [...this.faults].filter(([one]) => one === pointer || one.startsWith(`${pointer}/`))
			.map(([, detail]) => detail);
	}
}

/** `loggedOut` is called when the host no longer knows this browser. */
export function createApi({ loggedOut }) {
	return async function ask(method, path, body) {
		let response;
		try {
			response = await fetch(`/api/v1${path}`, {
				method, cache: 'no-store', signal: AbortSignal.timeout(DEADLINE_MS),
				...body !== undefined && {
					headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body),
				},
			});
		} catch {
			throw new Problem(0);
		}
		if (response.ok)
			return response.status === 204 ? null : response.json();
		const words = await response.json().catch(() => ({}));
		if (response.status === 401 && path !== '/console/login')
			loggedOut();
		throw new Problem(response.status, words, Number(response.headers.get('Retry-After')) || null);
	};
}
