#include "cli/app_words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/assignments.h"
#include "cli/texts.h"
#include "core/mode.h"

#define ENVIRONMENT "environment."

/* Takes the value over. */
static bool set(json_t *object, const char *name, json_t *value, char *fault, size_t capacity)
{
	if (value && json_object_set_new(object, name, value) == 0)
		return true;
	snprintf(fault, capacity, TEXT_ASSIGNMENT_TEXT, name);
	return false;
}

static bool apply_variable(json_t *app, const char *text, char *fault, size_t capacity)
{
	const char *equals = strchr(text, '=');
	json_t *environment = json_object_get(app, "environment");
	char *name = strndup(text, (size_t)(equals - text));
	bool good = name;
	if (good && equals[1] == '\0') {
		json_object_del(environment, name);
	} else if (good) {
		if (!environment) {
			environment = json_object();
			good = set(app, "environment", environment, fault, capacity);
		}
		good = good && set(environment, name, json_string(equals + 1), fault, capacity);
	} else {
		snprintf(fault, capacity, "%s", TEXT_NO_MEMORY);
	}
	if (json_object_size(environment) == 0)
		json_object_del(app, "environment");
	free(name);
	return good;
}

static bool apply_mode(json_t *app, const char *value, char *fault, size_t capacity)
{
	struct display_mode mode;
	if (!display_mode_parse(value, &mode)) {
		snprintf(fault, capacity, TEXT_APP_MODE, value);
		return false;
	}
	json_t *json =
		json_pack("{s:i,s:i}", "width", (int)mode.width_px, "height", (int)mode.height_px);
	if (json && mode.refresh_mhz)
		json_object_set_new(json, "refresh_hz", json_real(mode.refresh_mhz / 1000.0));
	return set(app, "mode", json, fault, capacity);
}

bool app_words_apply(json_t *app, const char *text, char *fault, size_t capacity)
{
	static const char *const fields[] = { "name", "command", "desktop", "mode", "icon" };
	const size_t prefix = sizeof ENVIRONMENT - 1;
	const char *equals = strchr(text, '=');
	if (!equals) {
		snprintf(fault, capacity, TEXT_ASSIGNMENT_FORM, text);
		return false;
	}
	if (strncmp(text, ENVIRONMENT, prefix) == 0 && text[prefix] != '=')
		return apply_variable(app, text + prefix, fault, capacity);
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		if (!assignment_is_of(text, fields[i]))
			continue;
		if (equals[1] == '\0') {
			json_object_del(app, fields[i]);
			return true;
		}
		if (strcmp(fields[i], "mode") == 0)
			return apply_mode(app, equals + 1, fault, capacity);
		return set(app, fields[i], json_string(equals + 1), fault, capacity);
	}
	snprintf(fault, capacity, TEXT_APP_FIELD, text);
	return false;
}

static bool is_plain(const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "_@%+=:,./-";
	return word[0] != '\0' && strspn(word, plain) == strlen(word);
}

static void write_word(FILE *file, const char *word)
{
	if (is_plain(word)) {
		fputs(word, file);
		return;
	}
	fputc('\'', file);
	for (; *word; word++)
		fputs(*word == '\'' ? "'\\''" : (const char[]){ *word, '\0' }, file);
	fputc('\'', file);
}

char *app_words_command(const json_t *arguments)
{
	char *text = NULL;
	size_t size, i;
	json_t *one;
	FILE *file = open_memstream(&text, &size);
	if (!file)
		return NULL;
	json_array_foreach((json_t *)arguments, i, one)
	{
		const char *word = json_string_value(one);
		if (i > 0)
			fputc(' ', file);
		write_word(file, word ? word : "?");
	}
	if (fclose(file) == 0)
		return text;
	free(text);
	return NULL;
}

char *app_words_mode(const json_t *mode, char *buffer, size_t capacity)
{
	const json_t *hz = json_object_get(mode, "refresh_hz");
	const int size = json_is_object(mode)
		? snprintf(buffer, capacity, "%lldx%lld",
			  (long long)json_integer_value(json_object_get(mode, "width")),
			  (long long)json_integer_value(json_object_get(mode, "height")))
		: snprintf(buffer, capacity, "%s", TEXT_NONE);
	if (json_is_number(hz) && size > 0 && (size_t)size < capacity)
		snprintf(buffer + size, capacity - (size_t)size, "@%g", json_number_value(hz));
	return buffer;
}
