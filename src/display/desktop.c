/* What the desktop tells by itself. */
#include <stdio.h>
#include <string.h>

#include "display/registry_internal.h"

static struct managed_display *find_by_output(
	const struct display_registry *registry, const struct display_output *output)
{
	struct managed_display *display;
	TAILQ_FOREACH (display, &registry->displays, link) {
		if (display->output == output)
			return display;
	}
	return NULL;
}

static void on_output_vanished(void *data, struct display_output *output)
{
	struct managed_display *display = find_by_output(data, output);
	if (!display)
		return;
	registry_log("display %u: its output %s vanished", display->slot, display->info.name);
	managed_display_vanished(display);
}

static void on_output_changed(
	void *data, struct display_output *output, const struct display_output_info *info)
{
	struct managed_display *display = find_by_output(data, output);
	if (display)
		managed_display_output_changed(display, info);
}

static void on_outside_changed(
	void *data, const struct display_outside_output *outputs, size_t count)
{
	struct display_registry *registry = data;
	struct outside_outputs *outside = &registry->topology.outside;
	if (count > DISPLAY_OUTSIDE_MAX) {
		registry_log("desktop: %zu outputs that are not managed; the first %u count", count,
			DISPLAY_OUTSIDE_MAX);
		count = DISPLAY_OUTSIDE_MAX;
	}
	outside->count = count;
	if (count > 0)
		memcpy(outside->outputs, outputs, count * sizeof *outputs);
	registry_note_change(registry);
	topology_wish_after_desktop(registry);
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
	if (!registry->desktop_ready) {
		registry_end_adoptions(registry, text ? text : "the desktop is gone");
		return;
	}
	registry->desktop_ready = false;
	/* A return that nobody has heard of yet, nobody hears of. */
	registry->tell_gone = registry->desktop_told;
	registry->tell_ready = false;
	snprintf(registry->desktop_text, sizeof registry->desktop_text, "%s",
		text ? text : "the desktop is gone");
	drop_outputs(registry);
	registry_end_adoptions(registry, registry->desktop_text);
	topology_forget_desktop(registry);
	registry_note_change(registry);
}

static void on_desktop_failed(void *data, const char *text)
{
	struct display_registry *registry = data;
	struct managed_display *display;
	if (registry->desktop_ready)
		return;
	registry->desktop_failed = true;
	snprintf(registry->desktop_text, sizeof registry->desktop_text, "%s", text);
	registry_log("the desktop does not start: %s", text);
	registry_end_adoptions(registry, text);
	TAILQ_FOREACH (display, &registry->displays, link)
		managed_display_renew_wait(display);
	registry_note_change(registry);
}

void registry_read_capabilities(struct display_registry *registry)
{
	registry->capabilities = *registry->backend->impl->capabilities(registry->backend);
}

static void on_desktop_ready(void *data)
{
	struct display_registry *registry = data;
	if (registry->desktop_ready)
		return;
	registry->desktop_ready = true;
	registry->desktop_failed = false;
	registry->tell_ready = true;
	registry_read_capabilities(registry);
	registry_note_change(registry);
	topology_wish(registry);
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
	.output_changed = on_output_changed,
	.outside_changed = on_outside_changed,
	.desktop_gone = on_desktop_gone,
	.desktop_ready = on_desktop_ready,
	.desktop_failed = on_desktop_failed,
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
