#include <errno.h>
#include <stdlib.h>

#include "display/registry_internal.h"

static const char *kind_name(enum request_kind kind)
{
	switch (kind) {
	case REQUEST_CREATE:
		return "create an output";
	case REQUEST_ADOPT:
		return "take over an output";
	case REQUEST_SET_MODE:
		return "set a mode";
	case REQUEST_DESTROY:
		return "destroy an output";
	case REQUEST_APPLY:
		return "arrange the desktop";
	}
	return "?";
}

void backend_request_free(struct backend_request *request)
{
	LIST_REMOVE(request, link);
	sd_event_source_disable_unref(request->deadline);
	free(request);
}

/* The display does not wait for this request any more. Returns the display, NULL when it did not. */
static struct managed_display *settle(struct backend_request *request)
{
	struct managed_display *display = request->display;
	if (display && display->request == request)
		display->request = NULL;
	return display;
}

static void give_up(struct backend_request *request, struct managed_display *display)
{
	static const char text[] = "the desktop did not answer";
	switch (request->kind) {
	case REQUEST_CREATE:
	case REQUEST_ADOPT:
		/* Should the output appear after all, on_created destroys it. */
		request->display = NULL;
		managed_display_created(display, request, -ETIMEDOUT, text, NULL, NULL);
		break;
	case REQUEST_SET_MODE:
		/* Stays bound to the display: a late answer says what mode the output really has. */
		managed_display_mode_ended(display, request, -ETIMEDOUT, text, NULL);
		break;
	case REQUEST_DESTROY:
		request->display = NULL;
		managed_display_destroyed(display);
		break;
	case REQUEST_APPLY:
		break;
	}
}

static int on_deadline(sd_event_source *source, uint64_t time_us, void *data)
{
	struct backend_request *request = data;
	struct managed_display *display = settle(request);
	request->overdue = true;
	registry_log("display %u: the %s backend was asked to %s and has not answered; carrying on "
		     "without it",
		display ? display->slot : 0, request->registry->backend->impl->name,
		kind_name(request->kind));
	if (request->kind == REQUEST_APPLY)
		topology_answered(request->registry, request, -ETIMEDOUT,
			"the desktop did not answer", DISPLAY_EXTEND);
	else if (display)
		give_up(request, display);
	return 0;
}

static void finish(struct backend_request *request)
{
	struct display_registry *registry = request->registry;
	backend_request_free(request);
	registry_check_shutdown(registry);
}

static void on_destroyed(void *data, int error, const char *text)
{
	struct backend_request *request = data;
	struct managed_display *display = settle(request);
	if (error)
		registry_log("display %u: the output was not destroyed cleanly: %s; it is given up",
			display ? display->slot : 0, text);
	if (display)
		managed_display_destroyed(display);
	finish(request);
}

/* When there is no memory for a display: the request lives on as the one that destroys the output at once. */
static void destroy_orphan(struct backend_request *request, struct display_output *output)
{
	struct display_registry *registry = request->registry;
	request->kind = REQUEST_DESTROY;
	request->overdue = false;
	request->output = output;
	registry_arm_timer(
		request->deadline, registry_now_ns() + registry->timing.request_deadline_ns);
	registry->backend->impl->destroy_output(registry->backend, output, on_destroyed, request);
}

static void on_created(void *data, int error, const char *text, struct display_output *output,
	const struct display_output_info *info)
{
	struct backend_request *request = data;
	struct managed_display *display = settle(request);
	if (!display && !error) {
		registry_log("an output appeared after its claim had timed out; destroying it");
		/* As a display that is closing: the topology may have to be restored before the last one goes. */
		if (managed_display_close_orphan(request->registry, output, info))
			finish(request);
		else
			destroy_orphan(request, output);
		return;
	}
	if (display)
		managed_display_created(display, request, error, text, output, info);
	finish(request);
}

static void on_mode_set(
	void *data, int error, const char *text, const struct display_output_info *info)
{
	struct backend_request *request = data;
	struct managed_display *display = settle(request);
	if (display && !request->overdue)
		managed_display_mode_ended(display, request, error, text, info);
	else if (display && !error)
		managed_display_note_late_mode(display, request, info);
	finish(request);
}

static void on_applied(void *data, int error, const char *text, enum display_topology topology)
{
	struct backend_request *request = data;
	if (request->overdue)
		topology_answered_late(request->registry, request, error, text, topology);
	else
		topology_answered(request->registry, request, error, text, topology);
	finish(request);
}

void backend_request_forget_modes(struct managed_display *display)
{
	struct backend_request *request;
	LIST_FOREACH (request, &display->registry->requests, link) {
		if (request->display == display && request->kind == REQUEST_SET_MODE) {
			settle(request);
			request->display = NULL;
		}
	}
}

static void ask(struct backend_request *request)
{
	struct display_backend *backend = request->registry->backend;
	switch (request->kind) {
	case REQUEST_CREATE:
		backend->impl->create(backend, &request->mode, on_created, request);
		break;
	case REQUEST_ADOPT:
		backend->impl->adopt(
			backend, request->display->adopted_output, on_created, request);
		break;
	case REQUEST_SET_MODE:
		backend->impl->set_mode(
			backend, request->output, &request->mode, on_mode_set, request);
		break;
	case REQUEST_DESTROY:
		backend->impl->destroy_output(backend, request->output, on_destroyed, request);
		break;
	case REQUEST_APPLY: /* by its caller, who has the arrangement */
		break;
	}
}

/* With its deadline running. */
static struct backend_request *request_create(
	struct display_registry *registry, enum request_kind kind, int *error)
{
	struct backend_request *request = calloc(1, sizeof *request);
	*error = -ENOMEM;
	if (!request)
		return NULL;
	request->registry = registry;
	request->kind = kind;
	*error = registry_add_timer(registry, &request->deadline, on_deadline, request);
	if (*error >= 0)
		*error = registry_arm_timer(request->deadline,
			registry_now_ns() + registry->timing.request_deadline_ns);
	if (*error < 0) {
		sd_event_source_disable_unref(request->deadline);
		free(request);
		return NULL;
	}
	LIST_INSERT_HEAD(&registry->requests, request, link);
	return request;
}

int backend_request_start(
	struct managed_display *display, enum request_kind kind, const struct display_mode *mode)
{
	int error;
	struct backend_request *request = request_create(display->registry, kind, &error);
	if (!request)
		return error;
	request->display = display;
	request->mode = *mode;
	request->output = display->output;
	display->request = request;
	ask(request);
	return 0;
}

int backend_request_apply(
	struct display_registry *registry, const struct display_arrangement *arrangement)
{
	int error;
	struct backend_request *request = request_create(registry, REQUEST_APPLY, &error);
	if (!request)
		return error;
	request->topology = arrangement->topology;
	request->number = ++registry->topology.asked;
	registry->topology.request = request;
	registry->backend->impl->apply(registry->backend, arrangement, on_applied, request);
	return 0;
}
