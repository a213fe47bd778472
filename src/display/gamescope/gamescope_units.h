/*
 * What is said to a service manager (org.freedesktop.systemd1) about one unit, and what is noted about it.
 *
 * Room: display/gamescope only. Thread: control. All but gamescope_unit_start_now is asynchronous.
 */
#ifndef LODGE_DISPLAY_GAMESCOPE_UNITS_H
#define LODGE_DISPLAY_GAMESCOPE_UNITS_H

#include <stdbool.h>
#include <systemd/sd-bus.h>

#include "display/journal.h"

/* Letters, digits and :_.@- and at most 200 of them, ending in ".service". */
bool gamescope_unit_name_is_good(const char *unit);

/* Whether it runs (or is about to): answered by a message for gamescope_unit_read_state. */
int gamescope_unit_ask_state(sd_bus *bus, sd_bus_slot **slot, const char *unit,
	sd_bus_message_handler_t handler, void *data);
int gamescope_unit_read_state(sd_bus_message *reply, bool *runs);

/* `method`: StartUnit or StopUnit. The answer is the job's path ("o"). */
int gamescope_unit_ask_job(sd_bus *bus, sd_bus_slot **slot, const char *method, const char *unit,
	sd_bus_message_handler_t handler, void *data);
/* Calls the handler for the end of every job of the service manager. */
int gamescope_unit_watch_jobs(
	sd_bus *bus, sd_bus_slot **slot, sd_bus_message_handler_t handler, void *data);
int gamescope_unit_read_job_removed(
	sd_bus_message *message, const char **path, const char **result);

/* At the end of a process: waits a second at most for the job to be accepted. */
int gamescope_unit_start_now(sd_bus *bus, const char *unit);

/* The journal may be NULL everywhere: nothing happens. */
int gamescope_unit_note(struct display_journal *journal, const char *unit);
void gamescope_unit_forget(struct display_journal *journal, const char *unit);
/* Starts every unit that a host which is gone has noted. */
void gamescope_unit_sweep(struct display_journal *journal, sd_bus *bus);

#endif
