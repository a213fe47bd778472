// When nobody is connected and the host's own monitors are dark all the same. Pure.

import { isKept, lacks } from './policy.js';

/**
 * Whether the host's own monitors are dark, or will be, with nobody connected: {now, until} or null. `now`: they are;
 * `until`: 'released', or seconds after the last disconnect (or from the state's time on, when `now`).
 */
export function darkness({ desktop, displays, outputs }, { effective, capabilities }) {
	const kept = displays.filter(isKept);
	const alone = kept.length > 0 && kept.length === displays.length;
	if (alone && desktop.topology.applied === 'exclusive' && outputs.some((output) => !output.enabled)) {
		const forever = kept.some((display) => display.state === 'pinned');
		return { now: true, until: forever ? 'released' : Math.max(...kept.map((display) => display.expires_in)) };
	}
	const wanted = effective.topology === 'auto' ? desktop.topology.wanted : effective.topology;
	if (wanted !== 'exclusive' || lacks(capabilities, 'exclusive') || outputs.length === 0 ||
			effective.keep_alive.mode === 'off' || lacks(capabilities, 'keep'))
		return null;
	return { now: false, until: effective.keep_alive.mode === 'forever' ? 'released' : effective.keep_alive.seconds };
}
