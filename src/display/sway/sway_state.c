#include "display/sway/sway_state.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define REFRESH_TOLERANCE_MHZ 10
#define SCALE_TOLERANCE_PERCENT 1

const char *sway_get_string(const json_t *object, const char *key)
{
	const char *value = json_string_value(json_object_get(object, key));
	return value ? value : "";
}

static uint32_t get_count(const json_t *object, const char *key)
{
	const json_int_t value = json_integer_value(json_object_get(object, key));
	return value < 0 || value > UINT32_MAX ? 0 : (uint32_t)value;
}

static int32_t get_coordinate(const json_t *object, const char *key)
{
	const json_int_t value = json_integer_value(json_object_get(object, key));
	return value < INT32_MIN || value > INT32_MAX ? 0 : (int32_t)value;
}

bool sway_name_is_plain(const char *name)
{
	return name[0] && strlen(name) < SOURCE_NAME_MAX &&
		strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.") ==
		strlen(name);
}

const char *sway_transform_find(const char *word)
{
	static const char *const words[] = { "normal", "90", "180", "270", "flipped", "flipped-90",
		"flipped-180", "flipped-270" };
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (strcmp(word, words[i]) == 0)
			return words[i];
	}
	return NULL;
}

bool sway_output_state_read(const json_t *entry, struct sway_output_state *state)
{
	const char *name = sway_get_string(entry, "name");
	if (!sway_name_is_plain(name))
		return false;
	const json_t *mode = json_object_get(entry, "current_mode");
	const json_t *place = json_object_get(entry, "rect");
	const double scale = json_number_value(json_object_get(entry, "scale"));
	const char *transform = sway_transform_find(sway_get_string(entry, "transform"));
	*state = (struct sway_output_state){
		.active = json_is_true(json_object_get(entry, "active")),
		.focused = json_is_true(json_object_get(entry, "focused")),
		.non_desktop = json_is_true(json_object_get(entry, "non_desktop")),
		.has_modes = json_array_size(json_object_get(entry, "modes")) > 0,
		.scale = scale > 0 && scale < 100 ? scale : 0,
		.transform = transform ? transform : "normal",
		.mode = {
			.width_px = get_count(mode, "width"),
			.height_px = get_count(mode, "height"),
			.refresh_mhz = get_count(mode, "refresh"),
			.scale_percent = scale > 0 && scale < 100 ? (uint32_t)lround(scale * 100) : 0,
		},
		.x = get_coordinate(place, "x"),
		.y = get_coordinate(place, "y"),
		.width = get_count(place, "width"),
		.height = get_count(place, "height"),
	};
	strcpy(state->name, name);
	return true;
}

bool sway_output_state_find(
	const json_t *outputs, const char *name, struct sway_output_state *state)
{
	size_t index;
	json_t *entry;
	json_array_foreach(outputs, index, entry)
	{
		if (strcmp(sway_get_string(entry, "name"), name) == 0)
			return sway_output_state_read(entry, state);
	}
	return false;
}

static uint32_t distance(uint32_t a, uint32_t b)
{
	return a > b ? a - b : b - a;
}

bool sway_size_matches(const struct display_mode *asked, const struct display_mode *got)
{
	return asked->width_px == got->width_px && asked->height_px == got->height_px &&
		distance(asked->refresh_mhz, got->refresh_mhz) <= REFRESH_TOLERANCE_MHZ;
}

bool sway_mode_matches(const struct display_mode *asked, const struct display_mode *got)
{
	return sway_size_matches(asked, got) &&
		distance(asked->scale_percent, got->scale_percent) <= SCALE_TOLERANCE_PERCENT;
}

const char *sway_command_error(const json_t *reply)
{
	size_t index;
	json_t *result;
	if (!json_is_array(reply))
		return "sway's answer to a command is no list";
	json_array_foreach(reply, index, result)
	{
		if (!json_is_true(json_object_get(result, "success"))) {
			const char *text = json_string_value(json_object_get(result, "error"));
			return text ? text : "sway gave no reason";
		}
	}
	return NULL;
}

void sway_mode_command(
	const char *name, const struct display_mode *mode, char command[SWAY_MODE_COMMAND_MAX])
{
	/* Without a rate sway 1.12 reports 0 Hz. */
	snprintf(command, SWAY_MODE_COMMAND_MAX,
		"output %s mode --custom %ux%u@%u.%03uHz scale %u.%02u transform normal", name,
		mode->width_px, mode->height_px, mode->refresh_mhz / 1000, mode->refresh_mhz % 1000,
		mode->scale_percent / 100, mode->scale_percent % 100);
}
