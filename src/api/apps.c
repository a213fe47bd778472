/* /apps, its pictures, and its topic. */
#include <stdlib.h>
#include <string.h>

#include "api/answer.h"
#include "api/body.h"
#include "api/handlers.h"
#include "api/internal.h"
#include "api/views.h"
#include "apps/apps.h"
#include "apps/icon.h"

json_t *api_view_apps(struct api *api, uint64_t now_ns)
{
	return app_list_document(api->apps);
}

void api_get_apps(struct api_call *call)
{
	api_answer_json(call, api_view_apps(call->api, call->now_ns));
}

static void after_put(struct api_call *call, int error)
{
	if (error < 0)
		api_problem(call, 500, "the apps cannot be written: %s; nothing has changed",
			strerror(-error));
	else
		api_get_apps(call);
}

void api_put_apps(struct api_call *call)
{
	struct settings_faults faults;
	json_t *document = api_read_body(call);
	if (!document)
		return;
	call->then = after_put;
	if (!app_list_put(call->api->apps, document, api_call_continue, call, &faults))
		api_problem_faults(call, &faults);
	json_decref(document);
}

/* The list alone says which file: the path of a request names an app, and by its id, which no path is. */
void api_get_icon(struct api_call *call)
{
	const struct app *app = app_list_find(call->api->apps, call->parameter);
	uint8_t *bytes = NULL;
	size_t size = 0;
	const enum wire_icon_format format =
		app && app->icon ? app_icon_read(app->icon, &bytes, &size) : WIRE_ICON_NONE;
	if (format == WIRE_ICON_NONE)
		api_problem(call, 404, "there is no such app, or no picture of it");
	else
		api_answer_picture(call, app_icon_type(format), bytes, size);
	free(bytes);
}
