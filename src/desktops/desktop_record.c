#include "desktops/desktop_record.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "core/hex.h"

#define VERSION 2

static json_t *format_display(const struct display_adoption *display)
{
	json_t *hint = display->has_hint
		? json_pack("[i, i]", (int)display->hint_x, (int)display->hint_y)
		: json_null();
	return json_pack("{s:s, s:s, s:s, s:i, s:i, s:i, s:i, s:o}", "key", display->key.text,
		"label", display->label, "output", display->output, "width",
		(int)display->mode.width_px, "height", (int)display->mode.height_px, "refresh_mhz",
		(int)display->mode.refresh_mhz, "scale_percent", (int)display->mode.scale_percent,
		"hint", hint);
}

static json_t *format_gamescope(const struct desktop_record *record)
{
	const struct gamescope_handover *gamescope = &record->gamescope;
	char ready[GAMESCOPE_READY_LINE_MAX];
	if (record->compositor != COMPOSITOR_GAMESCOPE)
		return json_null();
	snprintf(ready, sizeof ready, "%s %s", gamescope->said.x_display,
		gamescope->said.wayland_name);
	return json_pack("{s:s, s:s}", "ready", ready, "node", gamescope->node_name);
}

char *desktop_record_format(const struct desktop_record *record)
{
	char client[2 * DISPLAY_IDENTITY_SIZE + 1];
	json_t *displays = json_array();
	bool good = displays;
	for (size_t i = 0; good && i < record->count; i++)
		good = json_array_append_new(displays, format_display(&record->displays[i])) == 0;
	if (!good) {
		json_decref(displays);
		return NULL;
	}
	hex_write(record->client, sizeof record->client, client);
	json_t *root = json_pack("{s:i, s:s, s:s, s:o, s:o}", "version", VERSION, "client", client,
		"app", record->app, "gamescope", format_gamescope(record), "displays", displays);
	char *text = root ? json_dumps(root, JSON_INDENT(1)) : NULL;
	json_decref(root);
	return text;
}

/* It fits, is one line, and would not upset a terminal. */
static bool copy_text(char *place, size_t capacity, const char *text)
{
	const size_t size = strlen(text);
	if (size >= capacity)
		return false;
	for (size_t i = 0; i < size; i++) {
		if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
			return false;
	}
	memcpy(place, text, size + 1);
	return true;
}

static bool read_number(json_int_t value, json_int_t least, json_int_t most)
{
	return value >= least && value <= most;
}

static bool read_hint(const json_t *value, struct display_adoption *display)
{
	json_int_t x, y;
	if (json_is_null(value))
		return true;
	if (json_unpack((json_t *)value, "[I, I!]", &x, &y) < 0 ||
		!read_number(x, INT32_MIN, INT32_MAX) || !read_number(y, INT32_MIN, INT32_MAX))
		return false;
	display->has_hint = true;
	display->hint_x = (int32_t)x;
	display->hint_y = (int32_t)y;
	return true;
}

static bool read_mode(json_int_t width, json_int_t height, json_int_t refresh, json_int_t scale,
	struct display_mode *mode)
{
	if (!read_number(width, 0, INT32_MAX) || !read_number(height, 0, INT32_MAX) ||
		!read_number(refresh, 0, INT32_MAX) || !read_number(scale, 0, INT32_MAX))
		return false;
	*mode = (struct display_mode){ (uint32_t)width, (uint32_t)height, (uint32_t)refresh,
		(uint32_t)scale };
	return !display_mode_check(mode);
}

/* Compositors' names of outputs are plain; this one will stand in a command. */
static bool is_plain(const char *name)
{
	return name[0] &&
		strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") ==
		strlen(name);
}

static bool parse_display(json_t *value, struct display_adoption *display)
{
	const char *key, *label, *output;
	json_int_t width, height, refresh, scale;
	json_t *hint;
	if (json_unpack(value, "{s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:o !}", "key", &key, "label",
		    &label, "output", &output, "width", &width, "height", &height, "refresh_mhz",
		    &refresh, "scale_percent", &scale, "hint", &hint) < 0)
		return false;
	return copy_text(display->key.text, sizeof display->key.text, key) &&
		identity_key_valid(key) &&
		copy_text(display->label, sizeof display->label, label) && is_plain(output) &&
		copy_text(display->output, sizeof display->output, output) &&
		read_mode(width, height, refresh, scale, &display->mode) &&
		read_hint(hint, display);
}

/* Neither two displays of one key, nor two of one output. */
static bool is_new(const struct desktop_record *record, size_t index)
{
	const struct display_adoption *display = &record->displays[index];
	for (size_t i = 0; i < index; i++) {
		if (identity_key_equal(&record->displays[i].key, &display->key) ||
			strcmp(record->displays[i].output, display->output) == 0)
			return false;
	}
	return true;
}

static bool parse_displays(const json_t *displays, struct desktop_record *record)
{
	record->count = json_array_size(displays);
	if (record->count == 0 || record->count > DESKTOP_DISPLAYS_MAX)
		return false;
	for (size_t i = 0; i < record->count; i++) {
		struct display_adoption *display = &record->displays[i];
		memcpy(display->identity, record->client, sizeof display->identity);
		if (!parse_display(json_array_get(displays, i), display) || !is_new(record, i))
			return false;
	}
	return true;
}

static bool parse_gamescope(json_t *value, struct desktop_record *record)
{
	struct gamescope_handover *gamescope = &record->gamescope;
	const char *ready, *node;
	record->compositor = COMPOSITOR_SWAY;
	if (json_is_null(value))
		return true;
	record->compositor = COMPOSITOR_GAMESCOPE;
	return json_unpack(value, "{s:s, s:s !}", "ready", &ready, "node", &node) == 0 &&
		!strchr(ready, '\n') &&
		gamescope_ready_read(ready, strlen(ready), &gamescope->said) && is_plain(node) &&
		copy_text(gamescope->node_name, sizeof gamescope->node_name, node);
}

static bool parse(json_t *root, struct desktop_record *record)
{
	const char *client, *app;
	int version;
	json_t *gamescope, *displays;
	return json_unpack(root, "{s:i, s:s, s:s, s:o, s:o !}", "version", &version, "client",
		       &client, "app", &app, "gamescope", &gamescope, "displays", &displays) == 0 &&
		version == VERSION && hex_read(client, record->client, sizeof record->client) &&
		copy_text(record->app, sizeof record->app, app) &&
		parse_gamescope(gamescope, record) && parse_displays(displays, record);
}

bool desktop_record_parse(const char *text, size_t size, struct desktop_record *record)
{
	memset(record, 0, sizeof *record);
	json_t *root = size <= DESKTOP_RECORD_MAX
		? json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL)
		: NULL;
	const bool good = root && parse(root, record);
	json_decref(root);
	return good;
}

static bool same_display(const struct display_adoption *a, const struct display_adoption *b)
{
	return identity_key_equal(&a->key, &b->key) && strcmp(a->label, b->label) == 0 &&
		strcmp(a->output, b->output) == 0 && a->has_hint == b->has_hint &&
		a->hint_x == b->hint_x && a->hint_y == b->hint_y;
}

static bool same_compositor(const struct desktop_record *a, const struct desktop_record *b)
{
	return a->compositor == b->compositor &&
		strcmp(a->gamescope.node_name, b->gamescope.node_name) == 0 &&
		strcmp(a->gamescope.said.x_display, b->gamescope.said.x_display) == 0 &&
		strcmp(a->gamescope.said.wayland_name, b->gamescope.said.wayland_name) == 0;
}

bool desktop_record_same(const struct desktop_record *a, const struct desktop_record *b)
{
	if (a->count != b->count || memcmp(a->client, b->client, sizeof a->client) != 0 ||
		strcmp(a->app, b->app) != 0 || !same_compositor(a, b))
		return false;
	for (size_t i = 0; i < a->count; i++) {
		if (!same_display(&a->displays[i], &b->displays[i]))
			return false;
	}
	return true;
}
