// The form of an app, and the entry of the list that it becomes. Pure.

const PLAIN = /^[\w@%+=:,./-]+$/;

/** A list of arguments as one line that the host splits into the same list. */
export const commandText = (args) => args.map((one) => (PLAIN.test(one) ? one : `'${one.replaceAll("'", "'\\''")}'`)).join(' ');

/** An id as the host takes it: "Film & Ton" → "film-ton"; "" when nothing is left. */
export function appIdOf(text) {
	return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-+/, '')
		.slice(0, 32).replace(/-+$/, '');
}

const NEW = Object.freeze({ name: '', id: '', command: '', desktop: 'shared', hasMode: false, width: 1920, height: 1080, refresh: '',
	environment: '', icon: '' });

/** Of an app of the list, or of a new one (null). */
export function appDraftOf(app) {
	if (!app)
		return NEW;
	const { id, name, command, desktop, mode, environment = {}, icon = '' } = app;
	return { ...NEW, id, name, command: commandText(command), desktop, hasMode: Boolean(mode), icon,
		...mode && { width: mode.width, height: mode.height, refresh: mode.refresh_hz ?? '' },
		environment: Object.entries(environment).map(([variable, value]) => `${variable}=${value}`).join('\n') };
}

/** A line without = has no value: the host names it. */
function environmentOf(text) {
	return Object.fromEntries(text.split('\n').filter((line) => line.trim()).map((line) => {
		const [variable, ...value] = line.split('=');
		return [variable.trim(), value.length ? value.join('=') : null];
	}));
}

/** What to PUT for a draft. A command that was not touched stays the list of arguments that it is. */
export function appOf(draft, before) {
	const { id, name, command, desktop, hasMode, width, height, refresh, icon } = draft;
	const environment = environmentOf(draft.environment);
	return { id, name, desktop, command: before && command === commandText(before.command) ? before.command : command,
		...Object.keys(environment).length > 0 && { environment },
		...hasMode && { mode: { width, height, ...refresh !== '' && { refresh_hz: refresh } } },
		...icon && { icon } };
}

/** The list with the app in the place of the one with that id, or at the end; and that place. */
export function withApp({ version, apps }, id, app) {
	const found = apps.findIndex((one) => one.id === id);
	const index = found < 0 ? apps.length : found;
	return { index, document: { version, apps: [...apps.slice(0, index), app, ...apps.slice(index + 1)] } };
}

export const withoutApp = ({ version, apps }, id) => ({ version, apps: apps.filter((one) => one.id !== id) });
