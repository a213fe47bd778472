/*
 * The app list: any bytes as its document, read strictly and leniently, and as a command line.
 */
#include "apps/apps.h"
#include "apps/command_line.h"
#include "apps/document.h"
#include "apps/plain_text.h"
#include "core/person_name.h"
#include "fuzz.h"
#include "support/check.h"
#include <stdint.h>
#include <string.h>

static bool is_id(const char *id)
{
	const size_t size = strlen(id);
	return size >= 1 && size <= APP_ID_MAX &&
		strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-") == size;
}

static void check_texts(const char *const *texts, size_t count, size_t most)
{
	CHECK(count <= most && !texts[count]);
	for (size_t i = 0; i < count; i++)
		CHECK(strlen(texts[i]) <= APP_TEXT_MAX && plain_text(texts[i], strlen(texts[i])));
}

static void check_app(const struct app *app)
{
	const struct person_name name = person_name_clean(app->name, strlen(app->name));
	CHECK(is_id(app->id));
	CHECK(app->name[0] && strcmp(name.text, app->name) == 0);
	CHECK(app->argument_count >= 1 && app->arguments[0][0]);
	CHECK(app->arguments[0][0] == '/' || !strchr(app->arguments[0], '/'));
	check_texts(app->arguments, app->argument_count, APP_ARGUMENTS_MAX);
	check_texts(app->environment, app->environment_count, APP_ENVIRONMENT_MAX);
	for (size_t i = 0; i < app->environment_count; i++)
		CHECK(strchr(app->environment[i], '=') > app->environment[i]);
	struct display_mode mode = app->mode;
	mode.refresh_mhz = mode.refresh_mhz ? mode.refresh_mhz : DISPLAY_REFRESH_MIN_MHZ;
	CHECK(mode.width_px == 0 || !display_mode_check(&mode));
	CHECK(!app->icon || (app->icon[0] == '/' && strlen(app->icon) < APP_TEXT_MAX));
}

static void check_state(const struct apps_state *state)
{
	CHECK(state->count <= APPS_MAX);
	for (size_t i = 0; i < state->count; i++) {
		check_app(&state->apps[i]);
		for (size_t j = 0; j < i; j++)
			CHECK(strcmp(state->apps[i].id, state->apps[j].id) != 0);
	}
	/* What it says is strictly right, and means the same. */
	struct settings_faults faults;
	struct apps_state *again = apps_read_strict(state->document, &faults);
	CHECK(again && json_equal(again->document, state->document));
	apps_free(again);
}

static void check_faults(const struct settings_faults *faults)
{
	CHECK(faults->total >= 1 && faults->count >= 1 && faults->count <= faults->total);
	for (size_t i = 0; i < faults->count; i++) {
		const struct settings_fault *fault = &faults->faults[i];
		CHECK(fault->pointer[0] == '\0' || fault->pointer[0] == '/');
		CHECK(fault->text[0]);
		json_t *pointer = json_string(fault->pointer); /* NULL when it is no UTF-8 */
		CHECK(pointer);
		json_decref(pointer);
	}
}

static void on_warning(void *data, size_t index, const struct settings_faults *faults)
{
	size_t *warnings = data;
	check_faults(faults);
	++*warnings;
}

/* Whatever is strictly right is read leniently without a word, and says the same. */
static void check_document(const char *text, size_t size)
{
	struct settings_faults faults;
	size_t warnings = 0;
	json_t *json = json_loadb(text, size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
	if (!json)
		return;
	struct apps_state *strict = apps_read_strict(json, &faults);
	if (!strict)
		check_faults(&faults);
	struct apps_state *lenient = apps_read_lenient(json, &faults, on_warning, &warnings);
	if (strict) {
		CHECK(lenient && warnings == 0);
		CHECK(json_equal(strict->document, lenient->document));
		check_state(strict);
	} else if (lenient) {
		CHECK(warnings > 0);
		check_state(lenient);
	} else {
		check_faults(&faults);
	}
	apps_free(strict);
	apps_free(lenient);
	json_decref(json);
}

/* Put between single quotes, the words are read as they are. */
static void check_quoting(const char *const *words, size_t count)
{
	char line[8 * APP_TEXT_MAX];
	size_t used = 0, again_count;
	enum command_line_fault fault;
	for (size_t i = 0; i < count; i++) {
		if (used + 5 * strlen(words[i]) + 4 > APP_TEXT_MAX)
			return;
		used += (size_t)sprintf(line + used, "%s'", i ? " " : "");
		for (const char *at = words[i]; *at; at++)
			used += (size_t)sprintf(line + used, *at == '\'' ? "'\\''" : "%c", *at);
		line[used++] = '\'';
	}
	const char **again = command_line_split(line, used, &again_count, &fault);
	CHECK(again && again_count == count);
	for (size_t i = 0; i < count; i++)
		CHECK(strcmp(again[i], words[i]) == 0);
	free(again);
}

static void check_command_line(const char *text, size_t size)
{
	size_t count;
	enum command_line_fault fault;
	const char **words = command_line_split(text, size, &count, &fault);
	CHECK((words != NULL) == (fault == COMMAND_LINE_FINE) && fault < COMMAND_LINE_FAULTS);
	if (!words)
		return;
	CHECK(count >= 1);
	check_texts(words, count, APP_ARGUMENTS_MAX);
	check_quoting(words, count);
	free(words);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	const char *text = (const char *)bytes;
	check_document(text, size);
	check_command_line(text, size);
	return 0;
}
