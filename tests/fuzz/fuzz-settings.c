/*
 * The settings room over files that are bytes in memory.
 *   up to three JSON texts with a NUL between them: the presets' file, the settings' file, and what is put; the last one
 *   stands for those that are missing. A first '!' puts a preset and a field on the command line.
 */
#include <errno.h>
#include <string.h>

#include "core/identity.h"
#include "fuzz.h"
#include "settings/settings.h"
#include "store/state_file.h"
#include "support/check.h"

struct file {
	char *bytes;
	size_t size;
};

/* The store's doors: one write at a time waits until the target says how it ends. */
struct store_worker {
	struct file settings, presets;
	char *text; /* of the write that waits */
	size_t size;
	bool of_presets;
	store_done done;
	void *data;
	unsigned set_aside;
};

/* There is one: state files are read without a worker. */
static struct store_worker disk;

static struct file *file_of(const char *name)
{
	CHECK(strcmp(name, SETTINGS_FILE) == 0 || strcmp(name, SETTINGS_PRESETS_FILE) == 0);
	return strcmp(name, SETTINGS_FILE) == 0 ? &disk.settings : &disk.presets;
}

static char *copy(const char *bytes, size_t size)
{
	char *whole = malloc(size + 1);
	CHECK(whole);
	memcpy(whole, bytes, size);
	whole[size] = '\0';
	return whole;
}

int state_file_read(int folder, const char *name, size_t most, char **bytes, size_t *size)
{
	const struct file *file = file_of(name);
	if (!file->bytes)
		return -ENOENT;
	if (file->size > most)
		return -EFBIG;
	*bytes = copy(file->bytes, file->size);
	*size = file->size;
	return 0;
}

int state_file_set_aside(int folder, const char *name, char *kept, size_t capacity)
{
	struct file *file = file_of(name);
	CHECK(file->bytes);
	free(file->bytes);
	*file = (struct file){ 0 };
	snprintf(kept, capacity, "%s.bad", name);
	disk.set_aside++;
	return 0;
}

int store_worker_write(struct store_worker *worker, int folder, const char *name, char *text,
	size_t size, store_done done, void *data)
{
	CHECK(!worker->text && strlen(text) == size && size <= SETTINGS_FILE_MAX);
	worker->text = text;
	worker->size = size;
	worker->of_presets = file_of(name) == &worker->presets;
	worker->done = done;
	worker->data = data;
	return 0;
}

void store_worker_forget(struct store_worker *worker, const void *data)
{
	if (worker->data == data)
		worker->done = NULL;
}

static void finish_write(int error)
{
	struct file *file = disk.of_presets ? &disk.presets : &disk.settings;
	CHECK(disk.text && disk.done);
	if (error == 0) {
		free(file->bytes);
		*file = (struct file){ disk.text, disk.size };
	} else {
		free(disk.text);
	}
	disk.text = NULL;
	disk.done(disk.data, error);
}

static struct settings *open_settings(const struct policy_layer *command_line)
{
	struct settings *settings = settings_open(&(struct settings_params){
		.config_folder = "/", /* nothing of it is touched */
		.worker = &disk,
		.command_line = command_line,
	});
	CHECK(settings);
	return settings;
}

static void check_positions(const struct display_policy *policy)
{
	uint32_t before = 0;
	CHECK(policy->position_count <= POLICY_POSITIONS_MAX);
	for (uint32_t i = 0; i < policy->position_count; i++) {
		const struct policy_position *position = &policy->positions[i];
		CHECK(position->slot > before && position->slot <= IDENTITY_SLOTS_MAX);
		CHECK(position->x >= POLICY_POSITION_MIN_PX);
		CHECK(position->x <= POLICY_POSITION_MAX_PX);
		CHECK(position->y >= POLICY_POSITION_MIN_PX);
		CHECK(position->y <= POLICY_POSITION_MAX_PX);
		before = position->slot;
	}
}

static void check_policy(const struct display_policy *policy)
{
	const uint64_t second = 1000000000;
	const uint64_t seconds = policy->keep_alive.duration_ns / second;
	CHECK(policy->keep_alive.duration_ns % second == 0);
	if (policy->keep_alive.kind == KEEP_ALIVE_DURATION)
		CHECK(seconds >= POLICY_LINGER_MIN_S && seconds <= POLICY_LINGER_MAX_S);
	else
		CHECK(seconds == 0);
	/* A value that is none has this name. */
	CHECK(strcmp(policy_keep_alive_name(policy->keep_alive.kind), "?") != 0);
	CHECK(strcmp(policy_topology_name(policy->topology), "?") != 0);
	CHECK(strcmp(policy_conflict_name(policy->mode_conflict), "?") != 0);
	CHECK(strcmp(policy_identity_name(policy->identity), "?") != 0);
	CHECK(strcmp(policy_layout_name(policy->layout), "?") != 0);
	CHECK(strcmp(policy_desktop_name(policy->desktop), "?") != 0);
	CHECK(strcmp(policy_control_name(policy->control), "?") != 0);
	CHECK(strcmp(policy_input_name(policy->input), "?") != 0);
	CHECK(policy->max_displays >= POLICY_DISPLAYS_MIN);
	CHECK(policy->max_displays <= POLICY_DISPLAYS_MAX);
	CHECK(policy->presence.controlling_s <= POLICY_THRESHOLD_MAX_S);
	CHECK(policy->presence.watching_s <= POLICY_THRESHOLD_MAX_S);
	check_positions(policy);
}

/* Everything there is to see: to be compared. */
static json_t *look(const struct settings *settings)
{
	struct display_policy policy;
	settings_policy(settings, NULL, &policy);
	check_policy(&policy);
	json_t *json = json_pack("{s:o,s:o,s:o,s:o}", "document", settings_document(settings),
		"effective", settings_effective(settings, NULL), "sources",
		settings_sources(settings, NULL), "presets", settings_presets(settings));
	CHECK(json);
	return json;
}

static void fingerprint_of(const char *text, uint8_t fingerprint[IDENTITY_FINGERPRINT_SIZE])
{
	CHECK(strlen(text) == 2 * IDENTITY_FINGERPRINT_SIZE);
	for (size_t i = 0; i < IDENTITY_FINGERPRINT_SIZE; i++) {
		unsigned byte;
		CHECK(sscanf(text + 2 * i, "%2x", &byte) == 1);
		fingerprint[i] = (uint8_t)byte;
	}
}

/* Whoever has overrides is ruled by a policy in its ranges, and has them alone. */
static void check_clients(const struct settings *settings)
{
	json_t *document = settings_document(settings), *overrides;
	const char *text;
	json_object_foreach(json_object_get(document, "clients"), text, overrides)
	{
		uint8_t fingerprint[IDENTITY_FINGERPRINT_SIZE];
		struct display_policy policy;
		fingerprint_of(text, fingerprint);
		settings_policy(settings, fingerprint, &policy);
		check_policy(&policy);
		json_t *own = settings_client(settings, fingerprint);
		CHECK(json_equal(own, overrides) && json_object_size(own) > 0);
		json_decref(own);
	}
	json_decref(document);
}

/* Of the settings' file; that of the presets may still be as it was found. */
static bool complains(const char *log)
{
	static const char line[] = "lodged: //" SETTINGS_FILE;
	const char *found = strstr(log, line);
	while (found && found != log && found[-1] != '\n')
		found = strstr(found + 1, line);
	return found;
}

/* What is in force is what a restart reads, without a word of complaint. */
static void check_restart(const struct settings *settings, const struct policy_layer *command_line)
{
	FILE *before = stderr;
	char *log = NULL;
	size_t size = 0;
	stderr = open_memstream(&log, &size);
	CHECK(stderr);
	const unsigned set_aside = disk.set_aside;
	struct settings *again = open_settings(command_line);
	fclose(stderr);
	stderr = before;
	json_t *is = look(settings), *read = look(again);
	CHECK(disk.set_aside == set_aside && !complains(log));
	CHECK(json_equal(is, read));
	json_decref(is);
	json_decref(read);
	free(log);
	settings_close(again);
}

static void check_faults(const struct settings_faults *faults)
{
	CHECK(faults->total >= 1 && faults->count >= 1 && faults->count <= faults->total);
	CHECK(faults->count == faults->total || faults->count == SETTINGS_FAULTS_MAX);
	for (size_t i = 0; i < faults->count; i++) {
		const struct settings_fault *fault = &faults->faults[i];
		CHECK(memchr(fault->pointer, '\0', sizeof fault->pointer));
		CHECK(memchr(fault->text, '\0', sizeof fault->text) && fault->text[0]);
		CHECK(fault->pointer[0] == '\0' || fault->pointer[0] == '/');
		json_t *pointer = json_string(fault->pointer); /* NULL when it is no UTF-8 */
		CHECK(pointer);
		json_decref(pointer);
	}
}

struct answer {
	unsigned count;
	int error;
};

static void on_answer(void *data, int error)
{
	struct answer *answer = data;
	answer->count++;
	answer->error = error;
}

enum change { CHANGE_DOCUMENT, CHANGE_LAYOUT, CHANGE_CLIENT, CHANGE_PRESET, CHANGES };

static bool change_settings(struct settings *settings, enum change change, const json_t *json,
	struct answer *answer, struct settings_faults *faults)
{
	static const uint8_t client[IDENTITY_FINGERPRINT_SIZE] = { 7 };
	switch (change) {
	case CHANGE_DOCUMENT:
		return settings_put(settings, json, on_answer, answer, faults);
	case CHANGE_LAYOUT:
		return settings_put_layout(settings, json, on_answer, answer, faults);
	case CHANGE_CLIENT:
		return settings_put_client(settings, client, json, on_answer, answer, faults);
	case CHANGE_PRESET:
		return settings_put_preset(settings, "fuzz", json, on_answer, answer, faults);
	case CHANGES:
		break;
	}
	return false;
}

/* Accepted or not, nothing has changed before the disk says so, nor when it says that it failed. */
static bool check_no_effect(struct settings *settings, enum change change, const json_t *json)
{
	struct answer answer = { 0 };
	struct settings_faults faults;
	const uint64_t revision = settings_revision(settings);
	json_t *before = look(settings);
	const bool accepted = change_settings(settings, change, json, &answer, &faults);
	CHECK(answer.count == 0 && accepted == (disk.text != NULL));
	if (accepted) {
		finish_write(-ENOSPC);
		CHECK(answer.count == 1 && answer.error == -ENOSPC);
	} else {
		check_faults(&faults);
	}
	json_t *after = look(settings);
	CHECK(json_equal(before, after) && settings_revision(settings) == revision);
	json_decref(before);
	json_decref(after);
	return accepted;
}

static void check_change(struct settings *settings, const struct policy_layer *command_line,
	enum change change, const json_t *json)
{
	struct answer answer = { 0 };
	struct settings_faults faults;
	struct display_policy tried, real;
	const bool accepted = check_no_effect(settings, change, json);
	if (change == CHANGE_DOCUMENT)
		CHECK(settings_try(settings, json, NULL, &tried, &faults) == accepted);
	if (!accepted)
		return;
	const uint64_t revision = settings_revision(settings);
	CHECK(change_settings(settings, change, json, &answer, &faults));
	finish_write(0);
	CHECK(answer.count == 1 && answer.error == 0);
	CHECK(settings_revision(settings) == revision + 1);
	if (change == CHANGE_DOCUMENT) {
		settings_policy(settings, NULL, &real);
		json_t *one = settings_describe(&tried, "any"),
		       *other = settings_describe(&real, "any");
		CHECK(json_equal(one, other));
		json_decref(one);
		json_decref(other);
	}
	check_clients(settings);
	check_restart(settings, command_line);
}

/* The document of what there is may be put, and is the same then. */
static void check_round_trip(struct settings *settings, const struct policy_layer *command_line)
{
	json_t *before = look(settings);
	CHECK(json_is_object(json_object_get(before, "document")));
	check_change(settings, command_line, CHANGE_DOCUMENT, json_object_get(before, "document"));
	json_t *after = look(settings);
	CHECK(json_equal(before, after));
	json_decref(before);
	json_decref(after);
}

struct text {
	const char *bytes;
	size_t size;
};

/* Up to the next NUL, or the end. */
static struct text next_text(struct text *rest)
{
	const char *end = memchr(rest->bytes, '\0', rest->size);
	struct text text = { rest->bytes, end ? (size_t)(end - rest->bytes) : rest->size };
	const size_t used = end ? text.size + 1 : text.size;
	rest->bytes += used;
	rest->size -= used;
	return text;
}

static void run(struct text rest, const struct policy_layer *command_line)
{
	struct text texts[3] = { 0 };
	size_t count = 0;
	while (count < 3 && (rest.size > 0 || count == 0))
		texts[count++] = next_text(&rest);
	const struct text last = texts[count - 1];
	const struct text file = count > 1 ? texts[count - 2] : last;
	if (count == 3)
		disk.presets = (struct file){ copy(texts[0].bytes, texts[0].size), texts[0].size };
	disk.settings = (struct file){ copy(file.bytes, file.size), file.size };
	struct settings *settings = open_settings(command_line);
	check_clients(settings);
	check_round_trip(settings, command_line);
	json_t *json =
		json_loadb(last.bytes, last.size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
	for (enum change change = 0; json && change < CHANGES; change++)
		check_change(settings, command_line, change, json);
	json_decref(json);
	settings_close(settings);
	free(disk.settings.bytes);
	free(disk.presets.bytes);
	disk = (struct store_worker){ 0 };
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct text rest = { (const char *)bytes, size };
	struct policy_layer command_line = { 0 };
	char fault[256];
	FILE *before = stderr;
	if (size > 0 && bytes[0] == '!') {
		CHECK(settings_parse_assignment(
			&command_line, "preset=workstation", fault, sizeof fault));
		CHECK(settings_parse_assignment(
			&command_line, "topology=primary", fault, sizeof fault));
		rest = (struct text){ rest.bytes + 1, size - 1 };
	}
	stderr = fopen("/dev/null", "we");
	CHECK(stderr);
	run(rest, &command_line);
	fclose(stderr);
	stderr = before;
	return 0;
}
