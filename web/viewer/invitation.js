// The link of an invitation: /?invite=ID (docs/presence.md). Its PIN is what lets a guest in; the id only says that the
// page is opened by one who has such a PIN, and is nobody's business after that.

export const PIN_DIGITS = 8;

/**
 * Whether the page was opened by an invitation's link. Its id is taken out of the address bar at once, so that it is
 * neither kept nor passed on; a reload of the tab still knows that it was there.
 */
export function takeInvitation({ location, history }) {
	const address = new URL(location.href);
	if (!address.searchParams.has('invite'))
		return history.state?.invited === true;
	address.searchParams.delete('invite');
	history.replaceState({ invited: true }, '', address.pathname + address.search + address.hash);
	return true;
}

/** The person has no PIN of an invitation after all. */
export function dropInvitation({ history }) {
	history.replaceState(null, '');
}

/** The digits of what a person typed, "1234 5678" or "1234-5678"; null when they are no PIN. */
export function guestPin(typed) {
	const digits = typed.replace(/[\s-]/g, '');
	return /^\d+$/.test(digits) && digits.length === PIN_DIGITS ? digits : null;
}
