/* The outputs of the compositor, found by name (wl_output version 4). */
#include <stdlib.h>
#include <string.h>

#include "input/wayland_private.h"

#define OUTPUT_VERSION_WITH_NAME 4

static void on_geometry(void *data, struct wl_output *output, int32_t x, int32_t y,
	int32_t width_mm, int32_t height_mm, int32_t subpixel, const char *make, const char *model,
	int32_t transform)
{
}

static void on_mode(void *data, struct wl_output *output, uint32_t flags, int32_t width,
	int32_t height, int32_t refresh_mhz)
{
}

static void on_done(void *data, struct wl_output *output)
{
}

static void on_scale(void *data, struct wl_output *output, int32_t factor)
{
}

static void on_name(void *data, struct wl_output *proxy, const char *name)
{
	struct input_output *output = data;
	free(output->name);
	output->name = strdup(name);
	if (!output->name)
		desktop_fail(&output->desktop->base, "out of memory for the output %s", name);
	else
		desktop_bind(output->desktop);
}

static void on_description(void *data, struct wl_output *output, const char *description)
{
}

static const struct wl_output_listener output_listener = {
	.geometry = on_geometry,
	.mode = on_mode,
	.done = on_done,
	.scale = on_scale,
	.name = on_name,
	.description = on_description,
};

bool outputs_add(struct wayland_desktop *desktop, uint32_t global, uint32_t version)
{
	if (version < OUTPUT_VERSION_WITH_NAME) {
		desktop_fail(&desktop->base,
			"the compositor at %s has wl_output version %u; version %d is needed for "
			"names",
			desktop->base.socket, version, OUTPUT_VERSION_WITH_NAME);
		return false;
	}
	struct input_output *output = calloc(1, sizeof *output);
	if (!output) {
		desktop_fail(&desktop->base, "out of memory for an output");
		return false;
	}
	output->desktop = desktop;
	output->global = global;
	output->output = wl_registry_bind(
		desktop->registry, global, &wl_output_interface, OUTPUT_VERSION_WITH_NAME);
	wl_output_add_listener(output->output, &output_listener, output);
	wl_list_insert(desktop->outputs.prev, &output->link);
	return true;
}

static void output_destroy(struct input_output *output)
{
	wl_list_remove(&output->link);
	toplevels_forget_output(output->desktop, output->output);
	wl_output_release(output->output);
	free(output->name);
	free(output);
}

bool outputs_remove(struct wayland_desktop *desktop, uint32_t global)
{
	struct input_output *output;
	wl_list_for_each(output, &desktop->outputs, link)
	{
		if (output->global != global)
			continue;
		struct wayland_injector *injector;
		wl_list_for_each(injector, &desktop->injectors, link)
		{
			if (injector->output == output)
				wayland_injector_unbind_pointer(injector);
		}
		output_destroy(output);
		return true;
	}
	return false;
}

void outputs_finish(struct wayland_desktop *desktop)
{
	struct input_output *output, *next;
	wl_list_for_each_safe(output, next, &desktop->outputs, link) output_destroy(output);
}

struct input_output *outputs_find(struct wayland_desktop *desktop, const char *name)
{
	struct input_output *output;
	wl_list_for_each(output, &desktop->outputs, link)
	{
		if (output->name && strcmp(output->name, name) == 0)
			return output;
	}
	return NULL;
}
