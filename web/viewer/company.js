// Who else is on the desktop, and who drives it. All that shows it is fetched when the host first tells of somebody:
// while it tells nothing, this costs the page nothing (semantics: presence off is no visible change).

import { PersonChange } from './protocol.js';
import { signal } from './vendor/preact.js';

/** There is nothing to show for a list that is empty, nor for a desktop that everybody drives. */
function tellsOfSomebody({ type, change, mode }) {
	return (type === 'PERSON' && change === PersonChange.HERE) || (type === 'CONTROL_STATE' && mode !== 0);
}

/**
 * {here, receive(message), lost(), moved()}. `here`: a signal, {people, control} while there is something to show.
 * `create`: from presence/presence.js; `load` is for tests.
 */
export function createCompany(context, load = () => import('./presence/presence.js')) {
	const here = signal(null);
	let shown = null;
	let loading = false;
	let waiting = [];

	const start = async () => {
		loading = true;
		try {
			const { createPresence } = await load();
			shown = createPresence({ ...context, here });
			waiting.forEach((message) => shown.receive(message));
		} catch (error) {
			console.error('who else is here cannot be shown:', error);
			shown = { receive() {}, lost() {}, moved() {} };
		}
		waiting = [];
	};
	return {
		here,
		receive(message) {
			if (shown) {
				shown.receive(message);
			} else if (loading || tellsOfSomebody(message)) {
				if (message.type !== 'POINTER')
					waiting.push(message);
				if (!loading)
					start();
			}
		},
		/** The connection is gone, and with it whoever was there. */
		lost() {
			waiting = [];
			shown?.lost();
		},
		/** The display has another place or scale in the window. */
		moved() {
			shown?.moved();
		},
	};
}
