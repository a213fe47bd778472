#include <stdio.h>

#include "display/registry_internal.h"

static void on_output_vanished(void *data, struct display_output *output)
{
	struct display_registry *registry = data;
	struct managed_display *display;
	TAILQ_FOREACH (display, &registry->displays, link) {
		if (display->output == output) {
			registry_log("display %u: its output %s vanished", display->slot,
				display->info.name);
			managed_display_vanished(display);
			return;
		}
	}
}

/* Whatever the backend has not reported yet is gone with its desktop. */
static void drop_outputs(struct display_registry *registry)
{
	struct managed_display *display = TAILQ_FIRST(&registry->displays);
	while (display) {
		struct managed_display *following = TAILQ_NEXT(display, link);
		if (display->output)
			managed_display_vanished(display);
		display = following;
	}
}

static void on_desktop_gone(void *data, const char *text)
{
	struct display_registry *registry = data;
	if (!registry->desktop_ready)
		return;
	registry->desktop_ready = false;
	/* A return that nobody has heard of yet, nobody hears of. */
	registry->tell_gone = registry->desktop_told;
	registry->tell_ready = false;
	snprintf(registry->desktop_text, sizeof registry->desktop_text, "%s",
		text ? text : "the desktop is gone");
	drop_outputs(registry);
	registry_schedule_dispatch(registry);
}

static void on_desktop_ready(void *data)
{
	struct display_registry *registry = data;
	if (registry->desktop_ready)
		return;
	registry->desktop_ready = true;
	registry->tell_ready = true;
	registry_schedule_dispatch(registry);
	struct managed_display *display = TAILQ_FIRST(&registry->displays);
	while (display) {
		struct managed_display *following = TAILQ_NEXT(display, link);
		if (display->pause == PAUSE_DESKTOP)
			managed_display_resume(display);
		display = following;
	}
}

const struct display_backend_events registry_backend_events = {
	.output_vanished = on_output_vanished,
	.desktop_gone = on_desktop_gone,
	.desktop_ready = on_desktop_ready,
};

bool registry_tell_desktop(struct display_registry *registry)
{
	const struct display_registry_params params = registry->params;
	if (!registry->tell_gone && !registry->tell_ready)
		return false;
	if (registry->tell_gone) {
		char text[DISPLAY_TEXT_MAX];
		snprintf(text, sizeof text, "%s", registry->desktop_text);
		registry->tell_gone = registry->desktop_told = false;
		if (params.desktop_changed)
			params.desktop_changed(params.desktop_data, false, text);
	} else {
		registry->tell_ready = false;
		registry->desktop_told = true;
		if (params.desktop_changed)
			params.desktop_changed(params.desktop_data, true, "the desktop is ready");
	}
	return true;
}
