// Times as people read them. Pure; `t` is the catalogue.

const UNITS = [['d', 86400], ['h', 3600], ['min', 60], ['s', 1]];

/** Seconds that are left of `seconds` since `at`, by the clock `now` (both in ms). */
export function remaining(seconds, at, now) {
	return Math.max(0, Math.min(seconds, seconds - (now - at) / 1000));
}

/** "0:09", "4:59", "1:02:03": for something that counts down. */
export function clock(seconds) {
	const whole = Math.ceil(seconds);
	const two = (value) => String(value).padStart(2, '0');
	const hours = Math.floor(whole / 3600);
	const minutes = Math.floor(whole / 60) % 60;
	return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** "10 s", "5 min", "1 h 30 min": the two largest units that are not zero. */
export function duration(t, seconds) {
	let rest = Math.max(0, Math.round(seconds));
	const parts = [];
	for (const [unit, size] of UNITS) {
		const count = Math.floor(rest / size);
		rest -= count * size;
		if (count)
			parts.push(t(`unit.${unit}`, { count }));
	}
	return parts.slice(0, 2).join(' ') || t('unit.s', { count: 0 });
}

/** "just now", "5 min": for how long something has been so. */
export function sinceWords(t, seconds) {
	return seconds < 60 ? t('since.now') : duration(t, seconds - seconds % 60);
}

/** The largest unit that divides: 300 → [5, 60]. */
export function splitSeconds(seconds) {
	const [, size] = UNITS.find(([unit, one]) => unit !== 'd' && seconds % one === 0);
	return [seconds / size, size];
}
