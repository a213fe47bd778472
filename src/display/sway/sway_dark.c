#include "display/sway/sway_dark.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define SCALE_MIN 0.1
#define SCALE_MAX 16.0
#define PLACE_MAX 1000000
#define SCALE_TOLERANCE 0.01

/* Takes over nothing: false when memory is short. */
static bool list_workspaces(json_t *entry, const char *output, const json_t *workspaces)
{
	size_t index;
	json_t *workspace, *names = json_array();
	bool kept = names;
	json_array_foreach(workspaces, index, workspace)
	{
		const char *name = sway_get_string(workspace, "name");
		if (strcmp(sway_get_string(workspace, "output"), output) != 0 || !name[0])
			continue;
		kept = kept && json_array_append_new(names, json_string(name)) == 0;
		if (json_is_true(json_object_get(workspace, "visible")))
			kept = kept &&
				json_object_set_new(entry, "visible", json_string(name)) == 0;
	}
	return json_object_set_new(entry, "workspaces", names) == 0 && kept;
}

json_t *sway_dark_describe(const struct sway_output_state *state, const json_t *workspaces)
{
	json_t *entry = json_pack("{ss sI sI sI sb si si sf ss}", "name", state->name, "width",
		(json_int_t)state->mode.width_px, "height", (json_int_t)state->mode.height_px,
		"refresh_mhz", (json_int_t)state->mode.refresh_mhz, "custom", !state->has_modes,
		"x", state->x, "y", state->y, "scale", state->scale, "transform", state->transform);
	if (entry && !list_workspaces(entry, state->name, workspaces)) {
		json_decref(entry);
		return NULL;
	}
	return entry;
}

static bool read_number(
	const json_t *entry, const char *key, json_int_t least, json_int_t most, json_int_t *number)
{
	const json_t *value = json_object_get(entry, key);
	*number = json_integer_value(value);
	return json_is_integer(value) && *number >= least && *number <= most;
}

bool sway_dark_read(const json_t *entry, struct sway_dark *dark)
{
	json_int_t width, height, refresh, x, y;
	const char *name = sway_get_string(entry, "name");
	*dark = (struct sway_dark){
		.custom = json_is_true(json_object_get(entry, "custom")),
		.scale = json_number_value(json_object_get(entry, "scale")),
		.transform = sway_transform_find(sway_get_string(entry, "transform")),
		.workspaces = json_object_get(entry, "workspaces"),
		.visible = json_string_value(json_object_get(entry, "visible")),
	};
	if (!sway_name_is_plain(name) || !dark->transform ||
		!(dark->scale >= SCALE_MIN && dark->scale <= SCALE_MAX) ||
		!read_number(entry, "width", 0, DISPLAY_SIZE_MAX_PX, &width) ||
		!read_number(entry, "height", 0, DISPLAY_SIZE_MAX_PX, &height) ||
		!read_number(entry, "refresh_mhz", 0, DISPLAY_REFRESH_MAX_MHZ, &refresh) ||
		!read_number(entry, "x", -PLACE_MAX, PLACE_MAX, &x) ||
		!read_number(entry, "y", -PLACE_MAX, PLACE_MAX, &y))
		return false;
	strcpy(dark->name, name);
	dark->mode = (struct display_mode){
		.width_px = (uint32_t)width,
		.height_px = (uint32_t)height,
		.refresh_mhz = (uint32_t)refresh,
		.scale_percent = (uint32_t)lround(dark->scale * 100),
	};
	dark->x = (int32_t)x;
	dark->y = (int32_t)y;
	return true;
}

void sway_dark_command(const struct sway_dark *dark, char command[SWAY_DARK_COMMAND_MAX])
{
	char mode[64] = "", rate[32] = "";
	if (dark->mode.refresh_mhz > 0) /* a headless output may have none */
		snprintf(rate, sizeof rate, "@%u.%03uHz", dark->mode.refresh_mhz / 1000,
			dark->mode.refresh_mhz % 1000);
	if (dark->mode.width_px > 0 && dark->mode.height_px > 0)
		snprintf(mode, sizeof mode, " mode %s%ux%u%s", dark->custom ? "--custom " : "",
			dark->mode.width_px, dark->mode.height_px, rate);
	snprintf(command, SWAY_DARK_COMMAND_MAX,
		"output %s enable%s position %d %d scale %.4f transform %s", dark->name, mode,
		dark->x, dark->y, dark->scale, dark->transform);
}

bool sway_dark_is_restored(const struct sway_dark *dark, const struct sway_output_state *state)
{
	if (!state->active || state->x != dark->x || state->y != dark->y ||
		strcmp(state->transform, dark->transform) != 0 ||
		fabs(state->scale - dark->scale) > SCALE_TOLERANCE)
		return false;
	return dark->mode.width_px == 0 || sway_size_matches(&dark->mode, &state->mode);
}
