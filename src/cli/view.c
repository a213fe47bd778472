#include "cli/view.h"

#include <stdio.h>
#include <string.h>

#include "cli/text.h"
#include "cli/texts.h"
#include "core/mode.h"

#define FINGERPRINT_SHOWN 12

const char *view_text(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));
	return text ? text : "";
}

static char *none(char buffer[VIEW_MAX])
{
	snprintf(buffer, VIEW_MAX, "%s", TEXT_NONE);
	return buffer;
}

char *view_mode(const json_t *json, char buffer[VIEW_MAX])
{
	const double hz = json_number_value(json_object_get(json, "refresh_hz"));
	const json_int_t width = json_integer_value(json_object_get(json, "width"));
	const json_int_t height = json_integer_value(json_object_get(json, "height"));
	const json_int_t scale = json_integer_value(json_object_get(json, "scale_percent"));
	char text[DISPLAY_MODE_TEXT_MAX];
	/* 0x0: a display that is not there yet. */
	if (!json_is_object(json) || width <= 0 || width > UINT32_MAX || height < 0 ||
		height > UINT32_MAX || scale < 0 || scale > UINT32_MAX || !(hz >= 0 && hz < 1e6))
		return none(buffer);
	const struct display_mode mode = { (uint32_t)width, (uint32_t)height,
		(uint32_t)(hz * 1000 + 0.5), scale ? (uint32_t)scale : 100 };
	snprintf(buffer, VIEW_MAX, "%s", display_mode_format(&mode, text));
	return buffer;
}

char *view_place(const json_t *place, char buffer[VIEW_MAX])
{
	if (!json_is_object(place))
		return none(buffer);
	snprintf(buffer, VIEW_MAX, "%lld,%lld",
		(long long)json_integer_value(json_object_get(place, "x")),
		(long long)json_integer_value(json_object_get(place, "y")));
	return buffer;
}

/* As it is assigned: home,dri */
static void view_devices(const char *mode, const json_t *devices, char buffer[VIEW_MAX])
{
	size_t i, size = (size_t)snprintf(buffer, VIEW_MAX, "%.32s", mode);
	json_t *device;
	json_array_foreach(devices, i, device)
	{
		const char *word = json_is_string(device) ? json_string_value(device) : "?";
		if (size + strlen(word) + 2 > VIEW_MAX)
			break;
		size += (size_t)snprintf(buffer + size, VIEW_MAX - size, ",%s", word);
	}
}

char *view_field(const json_t *value, char buffer[VIEW_MAX])
{
	const char *mode = view_text(value, "mode");
	const json_t *seconds = json_object_get(value, "seconds");
	const json_t *enabled = json_object_get(value, "enabled");
	const size_t pinned = json_object_size(json_object_get(value, "positions"));
	const json_t *devices = json_object_get(value, "devices");
	if (json_is_string(value))
		snprintf(buffer, VIEW_MAX, "%s", json_string_value(value));
	else if (json_is_integer(value))
		snprintf(buffer, VIEW_MAX, "%lld", (long long)json_integer_value(value));
	else if (enabled)
		snprintf(buffer, VIEW_MAX, "%s", json_is_true(enabled) ? TEXT_ON : TEXT_OFF);
	else if (seconds)
		snprintf(buffer, VIEW_MAX, "%lld s", (long long)json_integer_value(seconds));
	else if (pinned)
		snprintf(buffer, VIEW_MAX, TEXT_PINNED, mode, pinned);
	else if (devices)
		view_devices(mode, devices, buffer);
	else
		snprintf(buffer, VIEW_MAX, "%s", mode[0] ? mode : TEXT_NONE);
	return buffer;
}

char *view_client(const char *label, const json_t *fingerprint, char buffer[VIEW_MAX])
{
	const char *text = json_string_value(fingerprint);
	if (text)
		snprintf(buffer, VIEW_MAX, "%.64s (%.*s)", label, FINGERPRINT_SHOWN, text);
	else
		snprintf(buffer, VIEW_MAX, "%.64s %s", label, TEXT_ANYBODY);
	return buffer;
}

char *view_numbers(const json_t *array, char buffer[VIEW_MAX])
{
	size_t i, size = 0;
	json_t *number;
	buffer[0] = '\0';
	json_array_foreach(array, i, number)
	{
		if (size + 24 >= VIEW_MAX)
			break;
		size += (size_t)snprintf(buffer + size, VIEW_MAX - size, "%s%lld", i ? ", " : "",
			(long long)json_integer_value(number));
	}
	return size ? buffer : none(buffer);
}

char *view_seconds(const json_t *seconds, char buffer[VIEW_MAX])
{
	_Static_assert(TEXT_SECONDS_MAX <= VIEW_MAX, "text_seconds writes into the buffer");
	if (!json_is_number(seconds))
		return none(buffer);
	return text_seconds(json_number_value(seconds), buffer);
}

enum table_style view_state_style(const char *state)
{
	if (strcmp(state, "active") == 0)
		return TABLE_GOOD;
	if (strcmp(state, "lingering") == 0 || strcmp(state, "pinned") == 0)
		return TABLE_WARM;
	return TABLE_FAINT;
}

bool view_table(struct cli *cli, struct table *table)
{
	const bool good = table_print(table, stdout, cli->colour);
	table_destroy(table);
	if (!good)
		cli_no_memory();
	return good;
}
