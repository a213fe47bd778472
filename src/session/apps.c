/* The app list, as clients are told of it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "session/session.h"

#define ENTRY_MAX (2 + SESSION_APP_MAX + 2 + WIRE_LABEL_MAX + 1) /* docs/protocol.md, APPS */

int session_host_set_apps(struct session_host *host, const struct wire_app *apps, size_t count)
{
	const size_t capacity = count * ENTRY_MAX + 16;
	uint8_t *entries = malloc(capacity), *message = malloc(capacity);
	size_t size = 0;
	uint16_t written = 0;
	if (!entries || !message) {
		free(entries);
		free(message);
		return -ENOMEM;
	}
	for (size_t i = 0; i < count && i < WIRE_APPS_MAX; i++) {
		const size_t entry = wire_app_write(entries + size, capacity - size, &apps[i]);
		size += entry;
		written = (uint16_t)(written + (entry > 0));
	}
	free(host->apps_message);
	host->apps_message = message;
	host->apps_size = wire_encode(
		&(struct wire_message){ .type = WIRE_APPS, .apps = { entries, size, written } },
		message, capacity);
	host->app_count = written;
	free(entries);
	for (struct session *one = host->sessions; one; one = one->next)
		apps_tell(one);
	return 0;
}

void apps_tell(struct session *session)
{
	const struct session_host *host = session->host;
	const bool may = grants_allow(&session->grants, GRANT_LAUNCH, session_now_ns());
	if (session->phase != SESSION_WELCOMED ||
		(!session->knows_apps && (!may || host->app_count == 0)))
		return;
	session->knows_apps = may;
	if (may)
		session->impl->send(session->transport, host->apps_message, host->apps_size);
	else
		session_send(session, &(struct wire_message){ .type = WIRE_APPS });
}

void apps_launch(struct session *session)
{
	struct session_host *host = session->host;
	const struct display_info *display = &session->display;
	if (!session->app[0] || session->desktop->own || display->joined || !host->launch)
		return;
	for (size_t i = 0; i < sizeof host->launched / sizeof *host->launched; i++) {
		const struct launched *one = &host->launched[i];
		if (one->slot == display->slot && one->generation == display->generation &&
			strcmp(one->app, session->app) == 0)
			return; /* it runs, or did */
	}
	struct launched *one = &host->launched[host->launched_next++ % 16];
	*one = (struct launched){ .slot = display->slot, .generation = display->generation };
	memcpy(one->app, session->app, sizeof one->app);
	host->launch(host->choose_data, session->app);
}
