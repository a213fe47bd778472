// Comings and goings, gathered for a moment and said together.

const GATHER_MS = 1200;
const NAMES_MAX = 3;

/** Who came and went since the last time it was said; who did both is not worth a word. */
export class Gathering {
	/** `say(joined, left)`: lists of names, at most one empty. */
	constructor(say, timers = { set: (action, delay) => setTimeout(action, delay), clear: (timer) => clearTimeout(timer) }) {
		Object.assign(this, { say, timers });
		this.timer = null;
		this.joined = new Map();
		this.left = new Map();
	}

	add({ joined, left }) {
		if (joined && !this.left.delete(joined.person))
			this.joined.set(joined.person, joined.name);
		if (left && !this.joined.delete(left.person))
			this.left.set(left.person, left.name);
		if (this.joined.size + this.left.size > 0)
			this.timer ??= this.timers.set(() => this.flush(), GATHER_MS);
	}

	flush() {
		const joined = [...this.joined.values()];
		const left = [...this.left.values()];
		this.clear();
		if (joined.length + left.length > 0)
			this.say(joined, left);
	}

	clear() {
		if (this.timer !== null)
			this.timers.clear(this.timer);
		this.timer = null;
		this.joined.clear();
		this.left.clear();
	}
}

/** "Ada", "Ada and Mira", "Ada, Mira and 5 others". `others(count)`: the words for the rest. */
export function namesInWords(names, language, others) {
	const shown = names.length > NAMES_MAX ? names.slice(0, NAMES_MAX - 1) : names;
	const parts = shown.length < names.length ? [...shown, others(names.length - shown.length)] : shown;
	return new Intl.ListFormat(language, { type: 'conjunction' }).format(parts);
}
