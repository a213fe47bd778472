#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/command_line.h"
#include "apps/document.h"
#include "apps/plain_text.h"
#include "core/person_name.h"
#include "core/policy.h"

#define MHZ_PER_HZ 1000
#define HZ_MIN (DISPLAY_REFRESH_MIN_MHZ / MHZ_PER_HZ)
#define HZ_MAX (DISPLAY_REFRESH_MAX_MHZ / MHZ_PER_HZ)
#define SMALL_LETTERS "abcdefghijklmnopqrstuvwxyz"
#define CAPITALS "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

_Static_assert(APP_NAME_MAX == PERSON_NAME_MAX, "an app's name is cleaned as a person's");

static const char *const no_variables[] = { NULL };

struct reading {
	const char *pointer; /* of the app */
	struct settings_faults *faults;
	bool memory; /* ran short */
};

static void fault(
	struct reading *reading, const char *pointer, const char *member, const char *text)
{
	struct settings_fault *added = fault_add(reading->faults, pointer, member);
	if (added)
		snprintf(added->text, sizeof added->text, "%s", text);
}

static void check_members(struct reading *reading, const char *pointer, const json_t *object,
	const char *const *known)
{
	const char *name;
	json_t *value;
	json_object_foreach((json_t *)object, name, value)
	{
		size_t i = 0;
		while (known[i] && strcmp(known[i], name) != 0)
			i++;
		if (!known[i])
			fault(reading, pointer, name, "there is no such field");
	}
}

static void read_id(struct reading *reading, const json_t *json, struct app *app)
{
	const char *text = json_string_value(json);
	const size_t size = text ? strlen(text) : 0;
	if (size > 0 && size <= APP_ID_MAX && strspn(text, SMALL_LETTERS DIGITS "-") == size)
		memcpy(app->id, text, size + 1);
	else
		fault(reading, reading->pointer, "id", "1 to 32 of a-z, 0-9 and - are expected");
}

static void read_name(struct reading *reading, const json_t *json, struct app *app)
{
	const size_t size = json_string_length(json);
	if (json_is_string(json) && size <= APP_NAME_MAX) {
		const struct person_name name = person_name_clean(json_string_value(json), size);
		memcpy(app->name, name.text, sizeof app->name);
	}
	if (app->name[0] == '\0')
		fault(reading, reading->pointer, "name",
			"a text of 1 to 64 bytes, with something to see in it, is expected");
}

/* The list that `texts` go into, with room for their bytes behind it. NULL: memory is short. */
static const char **make_list(struct reading *reading, size_t count, size_t bytes, char **out)
{
	const size_t list_size = (count + 1) * sizeof(char *);
	const char **list = malloc(list_size + bytes);
	if (!list) {
		reading->memory = true;
		return NULL;
	}
	list[count] = NULL;
	*out = (char *)list + list_size;
	return list;
}

static bool check_arguments(
	struct reading *reading, const char *pointer, const json_t *json, size_t *bytes)
{
	const size_t before = reading->faults->total;
	size_t i;
	json_t *one;
	json_array_foreach((json_t *)json, i, one)
	{
		char place[24];
		const char *text = json_string_value(one);
		const size_t size = json_string_length(one);
		snprintf(place, sizeof place, "%zu", i);
		if (!text || size > APP_TEXT_MAX)
			fault(reading, pointer, place, "a text of at most 4096 bytes is expected");
		else if (!plain_text(text, size))
			fault(reading, pointer, place, "control characters are not allowed");
		*bytes += size + 1;
	}
	return reading->faults->total == before;
}

static void read_argument_list(struct reading *reading, const json_t *json, struct app *app)
{
	char pointer[FAULT_POINTER_SIZE], *out;
	const size_t count = json_array_size(json);
	size_t bytes = 0;
	fault_place(pointer, reading->pointer, "command");
	if (count == 0 || count > APP_ARGUMENTS_MAX) {
		fault(reading, pointer, NULL, "1 to 64 arguments are expected");
		return;
	}
	if (!check_arguments(reading, pointer, json, &bytes))
		return;
	const char **list = make_list(reading, count, bytes, &out);
	if (!list)
		return;
	for (size_t i = 0; i < count; i++) {
		const json_t *one = json_array_get(json, i);
		const size_t size = json_string_length(one) + 1;
		list[i] = memcpy(out, json_string_value(one), size);
		out += size;
	}
	app->arguments = list;
	app->argument_count = count;
}

static void read_command(struct reading *reading, const json_t *json, struct app *app)
{
	enum command_line_fault wrong = COMMAND_LINE_FINE;
	if (json_is_array(json))
		read_argument_list(reading, json, app);
	else if (json_is_string(json))
		app->arguments = command_line_split(json_string_value(json),
			json_string_length(json), &app->argument_count, &wrong);
	else
		fault(reading, reading->pointer, "command",
			"a command line, or a list of arguments, is expected");
	if (wrong == COMMAND_LINE_MEMORY)
		reading->memory = true;
	else if (wrong != COMMAND_LINE_FINE)
		fault(reading, reading->pointer, "command", command_line_fault_text(wrong));
	if (!app->arguments)
		return;
	const char *program = app->arguments[0];
	if (program[0] == '\0' || (program[0] != '/' && strchr(program, '/')))
		fault(reading, reading->pointer, "command",
			"the program is named by its absolute path, or by a name without / that is "
			"looked for in the PATH");
}

static bool is_variable_name(const char *name)
{
	return name[0] != '\0' && !strchr(DIGITS, name[0]) &&
		strspn(name, SMALL_LETTERS CAPITALS DIGITS "_") == strlen(name);
}

static bool check_environment(
	struct reading *reading, const char *pointer, const json_t *json, size_t *bytes)
{
	const size_t before = reading->faults->total;
	const char *name;
	json_t *value;
	json_object_foreach((json_t *)json, name, value)
	{
		const char *text = json_string_value(value);
		const size_t size = strlen(name) + 1 + json_string_length(value);
		if (!is_variable_name(name))
			fault(reading, pointer, name,
				"a variable's name is made of A-Z, a-z, 0-9 and _, no digit first");
		if (!text || size > APP_TEXT_MAX)
			fault(reading, pointer, name,
				"a text is expected, at most 4096 bytes with its name");
		else if (!plain_text(text, json_string_length(value)))
			fault(reading, pointer, name, "control characters are not allowed");
		*bytes += size + 1;
	}
	return reading->faults->total == before;
}

static void read_environment(struct reading *reading, const json_t *json, struct app *app)
{
	char pointer[FAULT_POINTER_SIZE], *out;
	const char *name;
	json_t *value;
	const size_t count = json_object_size(json);
	size_t bytes = 0;
	fault_place(pointer, reading->pointer, "environment");
	if (!json_is_object(json) || count > APP_ENVIRONMENT_MAX) {
		fault(reading, pointer, NULL, "an object of at most 64 variables is expected");
		return;
	}
	if (!check_environment(reading, pointer, json, &bytes))
		return;
	const char **list = make_list(reading, count, bytes, &out);
	if (!list)
		return;
	json_object_foreach((json_t *)json, name, value)
	{
		list[app->environment_count++] = out;
		out += 1 + sprintf(out, "%s=%s", name, json_string_value(value));
	}
	app->environment = list;
}

static void read_desktop(struct reading *reading, const json_t *json, struct app *app)
{
	const char *word = json_string_value(json);
	enum policy_desktop desktop = POLICY_DESKTOP_SHARED;
	if (!word || !policy_desktop_parse(word, &desktop))
		fault(reading, reading->pointer, "desktop", "shared or isolated is expected");
	app->isolated = desktop == POLICY_DESKTOP_ISOLATED;
}

static uint32_t read_size(
	struct reading *reading, const char *pointer, const char *name, const json_t *mode)
{
	json_int_t value = 0;
	if (fault_whole_number(json_object_get(mode, name), &value) &&
		value >= DISPLAY_SIZE_MIN_PX && value <= DISPLAY_SIZE_MAX_PX)
		return (uint32_t)value;
	fault(reading, pointer, name, "a whole number from 16 to 16384 is expected");
	return 0;
}

static void read_mode(struct reading *reading, const json_t *json, struct app *app)
{
	static const char *const known[] = { "width", "height", "refresh_hz", NULL };
	char pointer[FAULT_POINTER_SIZE];
	fault_place(pointer, reading->pointer, "mode");
	if (!json_is_object(json)) {
		fault(reading, pointer, NULL, "an object with width and height is expected");
		return;
	}
	check_members(reading, pointer, json, known);
	app->mode.width_px = read_size(reading, pointer, "width", json);
	app->mode.height_px = read_size(reading, pointer, "height", json);
	app->mode.scale_percent = 100;
	const json_t *refresh = json_object_get(json, "refresh_hz");
	const double hz = json_number_value(refresh);
	if (refresh && hz >= HZ_MIN && hz <= HZ_MAX)
		app->mode.refresh_mhz = (uint32_t)lround(hz * MHZ_PER_HZ);
	else if (refresh)
		fault(reading, pointer, "refresh_hz", "a number from 1 to 1000 is expected");
}

static void read_icon(struct reading *reading, const json_t *json, struct app *app)
{
	const char *path = json_string_value(json);
	const size_t size = json_string_length(json);
	if (!path || path[0] != '/' || size >= APP_TEXT_MAX || !plain_text(path, size)) {
		fault(reading, reading->pointer, "icon",
			"the absolute path of a picture is expected");
		return;
	}
	app->icon = strdup(path);
	reading->memory |= !app->icon;
}

enum app_reading app_read(
	const json_t *json, const char *pointer, struct settings_faults *faults, struct app *app)
{
	static const struct {
		const char *name;
		void (*read)(struct reading *reading, const json_t *json, struct app *app);
		bool wanted;
	} fields[] = {
		{ "id", read_id, true },
		{ "name", read_name, true },
		{ "command", read_command, true },
		{ "environment", read_environment, false },
		{ "desktop", read_desktop, false },
		{ "mode", read_mode, false },
		{ "icon", read_icon, false },
	};
	static const char *const known[] = { "id", "name", "command", "environment", "desktop",
		"mode", "icon", NULL };
	struct reading reading = { .pointer = pointer, .faults = faults };
	const size_t before = faults->total;
	*app = (struct app){ .environment = no_variables };
	if (!json_is_object(json)) {
		fault(&reading, pointer, NULL, "an object is expected");
		return APP_FAULTY;
	}
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		const json_t *value = json_object_get(json, fields[i].name);
		if (value)
			fields[i].read(&reading, value, app);
		else if (fields[i].wanted)
			fault(&reading, pointer, fields[i].name, "it is missing");
	}
	check_members(&reading, pointer, json, known);
	if (reading.memory)
		return APP_MEMORY;
	return faults->total == before ? APP_READ : APP_FAULTY;
}

void app_finish(struct app *app)
{
	free((void *)app->arguments);
	if (app->environment != no_variables)
		free((void *)app->environment);
	free((void *)app->icon);
	*app = (struct app){ 0 };
}
