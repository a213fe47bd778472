// What became different between two states, as sentences of the catalogue: for those who do not see it. Pure.

const keyed = (list, key) => new Map((list ?? []).map((one) => [one[key], one]));

function displayChanges(before, after) {
	const old = keyed(before.displays, 'slot');
	const now = keyed(after.displays, 'slot');
	const changes = [];
	for (const [slot, display] of now) {
		if (old.get(slot)?.state !== display.state)
			changes.push({ name: `announce.${display.state}`, of: display });
		old.delete(slot);
	}
	for (const display of old.values())
		changes.push({ name: 'announce.gone', of: display });
	return changes;
}

function arrivals(before, after, key, arrived, left) {
	const old = keyed(before, key);
	const now = keyed(after, key);
	return [
		...[...now.values()].filter((one) => !old.has(one[key])).map((of) => ({ name: arrived, of })),
		...left ? [...old.values()].filter((one) => !now.has(one[key])).map((of) => ({ name: left, of })) : [],
	];
}

/** Who asks now and did not before: a place in line has only the number of its session. */
function askers(before, after, sessions) {
	const asking = ({ line }) => line.filter((place) => place.asks_for !== null).map(({ session }) => session);
	const old = new Set(asking(before));
	return asking(after).filter((id) => !old.has(id)).map((id) => ({ name: 'announce.asks_control',
		of: sessions?.sessions.find(({ session }) => session === id) ?? { slot: id } }));
}

/** [{name, of}]: `of` is the display, session or request that it is about. */
export function changesOf(topic, before, after, sessions) {
	if (!before || !after)
		return [];
	switch (topic) {
	case 'displays':
		return displayChanges(before, after);
	case 'sessions':
		return arrivals(before.sessions, after.sessions, 'session', 'announce.joined', 'announce.left');
	case 'pairing':
		return arrivals(before.requests, after.requests, 'session', 'announce.asks', null);
	case 'control':
		return askers(before, after, sessions);
	default:
		return [];
	}
}
