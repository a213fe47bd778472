#include "display/gamescope/gamescope_units.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "display/sway/sway_identity.h"

#define MANAGER "org.freedesktop.systemd1"
#define MANAGER_PATH "/org/freedesktop/systemd1"
#define MANAGER_INTERFACE MANAGER ".Manager"
#define NAME_MOST 200
#define SUFFIX ".service"
#define NOTE_PREFIX "gamescope-unit:"
#define NOTE_MAX (sizeof NOTE_PREFIX + NAME_MOST + 1 + SWAY_IDENTITY_MAX)
#define ACCEPT_US 1000000

bool gamescope_unit_name_is_good(const char *unit)
{
	const size_t size = strlen(unit), suffix = strlen(SUFFIX);
	return size > suffix && size <= NAME_MOST && strcmp(unit + size - suffix, SUFFIX) == 0 &&
		strspn(unit,
			"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:_.@-") ==
		size;
}

int gamescope_unit_ask_state(sd_bus *bus, sd_bus_slot **slot, const char *unit,
	sd_bus_message_handler_t handler, void *data)
{
	char *path = NULL;
	int error = sd_bus_path_encode(MANAGER_PATH "/unit", unit, &path);
	if (error >= 0)
		error = sd_bus_call_method_async(bus, slot, MANAGER, path,
			"org.freedesktop.DBus.Properties", "Get", handler, data, "ss",
			MANAGER ".Unit", "ActiveState");
	free(path);
	return error;
}

int gamescope_unit_read_state(sd_bus_message *reply, bool *runs)
{
	const char *state = NULL;
	int error = -sd_bus_message_get_errno(reply);
	if (error < 0)
		return error;
	error = sd_bus_message_read(reply, "v", "s", &state);
	if (error < 0)
		return error;
	*runs = strcmp(state, "inactive") != 0 && strcmp(state, "failed") != 0;
	return 0;
}

int gamescope_unit_ask_job(sd_bus *bus, sd_bus_slot **slot, const char *method, const char *unit,
	sd_bus_message_handler_t handler, void *data)
{
	return sd_bus_call_method_async(bus, slot, MANAGER, MANAGER_PATH, MANAGER_INTERFACE, method,
		handler, data, "ss", unit, "replace");
}

static int ignore(sd_bus_message *message, void *data, sd_bus_error *error)
{
	return 0;
}

int gamescope_unit_watch_jobs(
	sd_bus *bus, sd_bus_slot **slot, sd_bus_message_handler_t handler, void *data)
{
	const int error = sd_bus_match_signal_async(bus, slot, MANAGER, MANAGER_PATH,
		MANAGER_INTERFACE, "JobRemoved", handler, NULL, data);
	if (error < 0)
		return error;
	/* A manager tells of jobs only where somebody has asked it to. */
	return sd_bus_call_method_async(bus, NULL, MANAGER, MANAGER_PATH, MANAGER_INTERFACE,
		"Subscribe", ignore, NULL, NULL);
}

int gamescope_unit_read_job_removed(sd_bus_message *message, const char **path, const char **result)
{
	uint32_t id;
	const char *unit;
	return sd_bus_message_read(message, "uoss", &id, path, &unit, result);
}

int gamescope_unit_start_now(sd_bus *bus, const char *unit)
{
	sd_bus_message *call = NULL;
	int error = sd_bus_message_new_method_call(
		bus, &call, MANAGER, MANAGER_PATH, MANAGER_INTERFACE, "StartUnit");
	if (error >= 0)
		error = sd_bus_message_append(call, "ss", unit, "replace");
	if (error >= 0)
		error = sd_bus_call(bus, call, ACCEPT_US, NULL, NULL);
	sd_bus_message_unref(call);
	if (error < 0)
		fprintf(stderr, "lodged: gamescope: %s could not be started again: %s\n", unit,
			strerror(-error));
	return error;
}

static int write_note(struct display_journal *journal, const char *unit, bool noted)
{
	char identity[SWAY_IDENTITY_MAX], name[NOTE_MAX];
	if (!journal)
		return 0;
	if (!sway_identity_of(getpid(), identity))
		return -ESRCH;
	snprintf(name, sizeof name, NOTE_PREFIX "%s:%s", unit, identity);
	json_t *notes = noted ? json_pack("{ss}", "unit", unit) : NULL;
	const int error = noted && !notes ? -ENOMEM : display_journal_write(journal, name, notes);
	json_decref(notes);
	return error;
}

int gamescope_unit_note(struct display_journal *journal, const char *unit)
{
	return write_note(journal, unit, true);
}

void gamescope_unit_forget(struct display_journal *journal, const char *unit)
{
	const int error = write_note(journal, unit, false);
	if (error < 0)
		fprintf(stderr, "lodged: gamescope: the note about %s stays: %s\n", unit,
			strerror(-error));
}

static bool keep_note(void *data, const char *name, const json_t *notes)
{
	const char *unit = json_string_value(json_object_get(notes, "unit"));
	if (strncmp(name, NOTE_PREFIX, strlen(NOTE_PREFIX)) != 0 || sway_identity_lives(name))
		return true;
	if (!unit || !gamescope_unit_name_is_good(unit))
		return false; /* somebody edited it */
	fprintf(stderr, "lodged: gamescope: %s is given back for a host that ended\n", unit);
	return gamescope_unit_ask_job(data, NULL, "StartUnit", unit, ignore, NULL) < 0;
}

void gamescope_unit_sweep(struct display_journal *journal, sd_bus *bus)
{
	if (journal)
		display_journal_sweep(journal, keep_note, bus);
}
