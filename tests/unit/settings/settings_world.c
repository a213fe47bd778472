#include "settings_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/hex.h"
#include "settings/document.h"

#define DEADLINE_S 60

int world_set_up(void **state)
{
	struct world *world = calloc(1, sizeof *world);
	strcpy(world->folder, WORLD_FOLDER);
	assert_non_null(mkdtemp(world->folder));
	assert_true(sd_event_new(&world->event) >= 0);
	*state = world;
	return 0;
}

static void remove_folder(const char *path)
{
	char file[512];
	DIR *folder = opendir(path);
	const struct dirent *entry;
	while (folder && (entry = readdir(folder))) {
		snprintf(file, sizeof file, "%s/%s", path, entry->d_name);
		if (entry->d_name[0] != '.')
			remove(file);
	}
	if (folder)
		closedir(folder);
	rmdir(path);
}

int world_tear_down(void **state)
{
	struct world *world = *state;
	world_close(world);
	sd_event_unref(world->event);
	remove_folder(world->folder);
	free(world);
	return 0;
}

static void on_changed(void *data)
{
	struct world *world = data;
	world->changed++;
}

void world_close(struct world *world)
{
	settings_close(world->settings);
	store_worker_destroy(world->worker);
	world->settings = NULL;
	world->worker = NULL;
}

void world_open(struct world *world)
{
	world_close(world);
	world->changed = 0;
	world->worker = store_worker_create(world->event);
	assert_non_null(world->worker);
	world->settings = settings_open(&(struct settings_params){
		.config_folder = world->folder,
		.worker = world->worker,
		.environment = &world->environment,
		.command_line = &world->command_line,
		.changed = on_changed,
		.changed_data = world,
	});
	assert_non_null(world->settings);
}

struct log log_begin(void)
{
	struct log log = { .file = tmpfile(), .before = dup(STDERR_FILENO) };
	assert_true(log.file && log.before >= 0);
	assert_true(dup2(fileno(log.file), STDERR_FILENO) >= 0);
	return log;
}

char *log_end(struct log *log)
{
	char *text = calloc(1, 65536);
	assert_true(text && dup2(log->before, STDERR_FILENO) >= 0);
	close(log->before);
	assert_true(pread(fileno(log->file), text, 65535, 0) >= 0);
	fclose(log->file);
	return text;
}

char *world_open_logged(struct world *world)
{
	struct log log = log_begin();
	world_open(world);
	return log_end(&log);
}

static const char *path_of(const struct world *world, const char *name)
{
	static char path[512];
	snprintf(path, sizeof path, "%s/%s", world->folder, name);
	return path;
}

void world_write_bytes(const struct world *world, const char *name, const char *bytes, size_t size)
{
	FILE *file = fopen(path_of(world, name), "we");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

void world_write_file(const struct world *world, const char *name, const char *text)
{
	char *bytes = quoted(text);
	world_write_bytes(world, name, bytes, strlen(bytes));
	free(bytes);
}

char *world_read_file(const struct world *world, const char *name)
{
	const size_t most = SETTINGS_FILE_MAX + 2;
	FILE *file = fopen(path_of(world, name), "re");
	if (!file)
		return NULL;
	char *text = calloc(1, most);
	assert_true(fread(text, 1, most - 1, file) < most - 1);
	fclose(file);
	return text;
}

bool world_has_file(const struct world *world, const char *name)
{
	return access(path_of(world, name), F_OK) == 0;
}

void world_remove_file(const struct world *world, const char *name)
{
	assert_int_equal(unlink(path_of(world, name)), 0);
}

void on_answer(void *data, int error)
{
	struct answer *answer = data;
	answer->count++;
	answer->error = error;
}

void world_wait(struct world *world, const struct answer *answer, unsigned count)
{
	const time_t end = time(NULL) + DEADLINE_S;
	while (answer->count < count && time(NULL) < end)
		assert_true(sd_event_run(world->event, 1000000) >= 0);
	assert_int_equal(answer->count, count);
}

void world_settle(struct world *world)
{
	struct answer last = { 0 };
	const int own = open(world->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(own >= 0);
	assert_int_equal(
		store_worker_write(world->worker, own, "settled", strdup(""), 0, on_answer, &last),
		0);
	close(own);
	world_wait(world, &last, 1);
}

char *quoted(const char *text)
{
	char *copy = strdup(text);
	assert_non_null(copy);
	for (char *at = copy; *at; at++)
		*at = *at == '\'' ? '"' : *at;
	return copy;
}

json_t *parse(const char *text)
{
	json_error_t error;
	char *bytes = quoted(text);
	json_t *json = json_loads(bytes, JSON_DECODE_ANY, &error);
	if (!json)
		fail_msg("%s: %s", error.text, bytes);
	free(bytes);
	return json;
}

void assert_json(json_t *json, const char *text)
{
	json_t *expected = parse(text);
	assert_non_null(json);
	if (!json_equal(json, expected)) {
		char *is = json_dumps(json, JSON_ENCODE_ANY);
		char *wanted = json_dumps(expected, JSON_ENCODE_ANY);
		fail_msg("%s\nis not\n%s", is, wanted);
	}
	json_decref(expected);
	json_decref(json);
}

/* As they are described: padding is nobody's. */
void assert_same_policy(const struct display_policy *a, const struct display_policy *b)
{
	json_t *one = settings_describe(a, "any"), *other = settings_describe(b, "any");
	assert_true(json_equal(one, other));
	json_decref(one);
	json_decref(other);
}

const uint8_t *fingerprint_of(const char *text)
{
	static uint8_t fingerprint[IDENTITY_FINGERPRINT_SIZE];
	assert_true(hex_read(text, fingerprint, IDENTITY_FINGERPRINT_SIZE));
	return fingerprint;
}

static void expect(struct world *world, bool accepted, const struct answer *answer,
	const struct settings_faults *faults)
{
	if (!accepted)
		fail_msg("refused: %s: %s", faults->faults[0].pointer, faults->faults[0].text);
	world_wait(world, answer, 1);
	assert_int_equal(answer->error, 0);
}

void put(struct world *world, const char *document)
{
	struct settings_faults faults;
	struct answer answer = { 0 };
	json_t *json = parse(document);
	expect(world, settings_put(world->settings, json, on_answer, &answer, &faults), &answer,
		&faults);
	json_decref(json);
}

void put_layout(struct world *world, const char *layout)
{
	struct settings_faults faults;
	struct answer answer = { 0 };
	json_t *json = parse(layout);
	expect(world, settings_put_layout(world->settings, json, on_answer, &answer, &faults),
		&answer, &faults);
	json_decref(json);
}

void put_client(struct world *world, const char *fingerprint, const char *overrides)
{
	struct settings_faults faults;
	struct answer answer = { 0 };
	json_t *json = parse(overrides);
	expect(world,
		settings_put_client(world->settings, fingerprint_of(fingerprint), json, on_answer,
			&answer, &faults),
		&answer, &faults);
	json_decref(json);
}

void put_preset(struct world *world, const char *name, const char *preset)
{
	struct settings_faults faults;
	struct answer answer = { 0 };
	json_t *json = parse(preset);
	expect(world, settings_put_preset(world->settings, name, json, on_answer, &answer, &faults),
		&answer, &faults);
	json_decref(json);
}

char *pointers_of(const struct settings_faults *faults)
{
	char *text = calloc(SETTINGS_FAULTS_MAX + 1, sizeof faults->faults->pointer + 1);
	assert_non_null(text);
	for (size_t i = 0; i < faults->count; i++) {
		if (i > 0)
			strcat(text, " ");
		strcat(text, faults->faults[i].pointer);
		assert_true(faults->faults[i].text[0] != '\0');
	}
	return text;
}

char *faults_of_put(struct world *world, const char *document)
{
	struct settings_faults faults;
	json_t *json = parse(document);
	if (settings_put(world->settings, json, NULL, NULL, &faults))
		fail_msg("accepted: %s", document);
	json_decref(json);
	assert_true(faults.total >= 1 && faults.total >= faults.count);
	return pointers_of(&faults);
}
