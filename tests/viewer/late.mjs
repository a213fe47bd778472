// What a fake host does with LODGE_TEST_LATE_MS: everything that it hears and says is up to so many milliseconds late, each
// message for itself, and those of one connection in their order. For finding what a page or a test takes for granted.

const LATE_MS = Number(process.env.LODGE_TEST_LATE_MS ?? 0);

export const isLate = LATE_MS > 0;

export const aWhile = () => new Promise((resolve) => setTimeout(resolve, Math.random() * LATE_MS));

/** A queue: `(action)` runs each one late, after those before it; at once where nothing is late. */
export function lateQueue() {
	let last = Promise.resolve();
	return (action) => {
		if (!isLate)
			action();
		else
			last = last.then(aWhile).then(action);
	};
}
