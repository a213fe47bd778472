#include "display/registry.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "display/registry_internal.h"
#include "process/clock.h"

static const struct display_registry_timing default_timing = {
	.request_deadline_ns = 10000000000u,
	.desktop_wait_ns = 5000000000u,
	.retry_first_ns = 500000000u,
	.retry_max_ns = 2000000000u,
};

void registry_log(const char *format, ...)
{
	char line[512];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(line, sizeof line, format, arguments);
	va_end(arguments);
	fprintf(stderr, "lodged: %s\n", line);
}

uint64_t registry_now_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

int registry_add_timer(struct display_registry *registry, sd_event_source **source,
	sd_event_time_handler_t handler, void *data)
{
	/* Accuracy 1 µs: 0 would mean 250 ms. */
	const int error = sd_event_add_time(
		registry->event, source, CLOCK_MONOTONIC, UINT64_MAX, 1, handler, data);
	return error < 0 ? error : sd_event_source_set_enabled(*source, SD_EVENT_OFF);
}

int registry_arm_timer(sd_event_source *source, uint64_t at_ns)
{
	/* Rounded up, so that the time has come when the timer fires. */
	const uint64_t at_us = at_ns / 1000 + (at_ns % 1000 != 0);
	const int error = sd_event_source_set_time(source, at_us);
	return error < 0 ? error : sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

void registry_schedule_dispatch(struct display_registry *registry)
{
	sd_event_source_set_enabled(registry->dispatch, SD_EVENT_ONESHOT);
}

void registry_kick(struct display_registry *registry)
{
	registry->kick = true;
	registry_schedule_dispatch(registry);
}

void registry_note_change(struct display_registry *registry)
{
	registry->tell_changed = true;
	registry_schedule_dispatch(registry);
}

void registry_read_policy(const struct display_registry *registry, const uint8_t *client,
	struct display_policy *policy)
{
	*policy = (struct display_policy){ 0 };
	registry->params.read_policy(registry->params.policy_data, client, policy);
}

bool registry_can(const struct display_registry *registry, enum display_option option)
{
	return registry->capabilities.options[option].supported;
}

/* What waited for something that has happened; nothing here calls anybody back. */
static void go_on(struct display_registry *registry)
{
	if (registry->kick) {
		registry->kick = false;
		managed_display_drive_all(registry);
	}
	topology_run(registry);
	registry_check_shutdown(registry);
}

static bool tell_change(struct display_registry *registry)
{
	if (!registry->tell_changed)
		return false;
	registry->tell_changed = false;
	if (registry->params.changed)
		registry->params.changed(registry->params.changed_data);
	return true;
}

/* One callback per turn of the loop: each may destroy the registry, so nothing is touched after it. */
static int on_dispatch(sd_event_source *source, void *data)
{
	struct display_registry *registry = data;
	registry_schedule_dispatch(registry);
	go_on(registry);
	if (lease_deliver_next(registry) || registry_tell_desktop(registry) ||
		tell_change(registry))
		return 0;
	sd_event_source_set_enabled(source, SD_EVENT_OFF);
	if (registry->shutdown_ended && registry->shutdown_done) {
		void (*done)(void *data) = registry->shutdown_done;
		registry->shutdown_done = NULL;
		done(registry->shutdown_data);
	}
	return 0;
}

static int on_shutdown_deadline(sd_event_source *source, uint64_t time_us, void *data)
{
	struct display_registry *registry = data;
	if (!registry->shutdown_ended)
		registry_log("not every output was destroyed in time; going down without");
	registry->shutdown_ended = true;
	registry_schedule_dispatch(registry);
	return 0;
}

struct display_registry *display_registry_create(const struct display_registry_params *params)
{
	struct display_registry *registry = calloc(1, sizeof *registry);
	if (!registry) {
		errno = ENOMEM;
		return NULL;
	}
	registry->event = sd_event_ref(params->event);
	registry->params = *params;
	registry->timing = params->timing ? *params->timing : default_timing;
	TAILQ_INIT(&registry->displays);
	LIST_INIT(&registry->requests);
	TAILQ_INIT(&registry->queue);
	for (int option = 0; option < DISPLAY_OPTIONS; option++)
		registry->capabilities.options[option].supported = true;
	registry->own_identities = calloc(1, sizeof *registry->own_identities);
	int error = registry->own_identities ? 0 : -ENOMEM;
	if (error >= 0)
		error = sd_event_add_defer(
			registry->event, &registry->dispatch, on_dispatch, registry);
	if (error >= 0)
		error = sd_event_source_set_enabled(registry->dispatch, SD_EVENT_OFF);
	if (error >= 0)
		error = registry_add_timer(
			registry, &registry->shutdown_timer, on_shutdown_deadline, registry);
	if (error < 0) {
		display_registry_destroy(registry);
		errno = -error;
		return NULL;
	}
	registry->backend = params->backend;
	registry->backend->events = &registry_backend_events;
	registry->backend->events_data = registry;
	registry->desktop_ready = display_registry_wayland_socket(registry) != NULL;
	registry->desktop_told = registry->desktop_ready;
	if (registry->desktop_ready)
		registry_read_capabilities(registry);
	return registry;
}

void display_registry_destroy(struct display_registry *registry)
{
	struct managed_display *display;
	struct backend_request *request;
	struct display_lease *lease;
	if (!registry)
		return;
	display_backend_destroy(registry->backend);
	while ((request = LIST_FIRST(&registry->requests)))
		backend_request_free(request);
	while ((display = TAILQ_FIRST(&registry->displays)))
		managed_display_free(display);
	while ((lease = TAILQ_FIRST(&registry->queue)))
		lease_free(lease);
	sd_event_source_disable_unref(registry->shutdown_timer);
	sd_event_source_disable_unref(registry->dispatch);
	sd_event_unref(registry->event);
	free(registry->own_identities);
	free(registry);
}

void registry_check_shutdown(struct display_registry *registry)
{
	if (!registry->shutting_down || registry->shutdown_ended ||
		!TAILQ_EMPTY(&registry->displays) || !LIST_EMPTY(&registry->requests) ||
		!topology_settled(registry))
		return;
	registry->shutdown_ended = true;
	sd_event_source_set_enabled(registry->shutdown_timer, SD_EVENT_OFF);
	registry_schedule_dispatch(registry);
}

void display_registry_shutdown(struct display_registry *registry, uint64_t deadline_ns,
	void (*done)(void *data), void *data)
{
	registry->shutting_down = true;
	registry->shutdown_done = done;
	registry->shutdown_data = data;
	if (registry_arm_timer(registry->shutdown_timer, registry_now_ns() + deadline_ns) < 0)
		registry->shutdown_ended = true; /* better early than unbounded */
	struct managed_display *display = TAILQ_FIRST(&registry->displays);
	while (display) {
		struct managed_display *following = TAILQ_NEXT(display, link);
		display->loss = DISPLAY_LOSS_SHUTDOWN;
		display->failure = DISPLAY_ERROR_SHUTTING_DOWN;
		snprintf(display->failure_text, sizeof display->failure_text,
			"the host is going down");
		managed_display_step(
			display, (struct lifecycle_event){ .type = LIFECYCLE_SHUTDOWN });
		display = following;
	}
	/* A restore that failed has its last chance now. */
	topology_try_anew(registry);
	registry_check_shutdown(registry);
}

int display_registry_launch(struct display_registry *registry, const char *command,
	display_launch_done done, void *data)
{
	struct display_backend *backend = registry->backend;
	if (!backend->impl->launch)
		return -ENOTSUP;
	backend->impl->launch(backend, command, done, data);
	return 0;
}

int display_registry_prepare_seat(struct display_registry *registry, const char *seat_name,
	display_seat_done done, void *data)
{
	struct display_backend *backend = registry->backend;
	if (!backend->impl->prepare_seat || !registry_can(registry, DISPLAY_OPTION_SEATS))
		return -ENOTSUP;
	backend->impl->prepare_seat(backend, seat_name, done, data);
	return 0;
}
