#include "display/gamescope/gamescope_takeover.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "display/gamescope/gamescope_units.h"

#define STOP_US 15000000

struct gamescope_takeover {
	sd_event *event;
	sd_bus *bus;
	char *unit;
	uint64_t give_back_after_us;
	struct display_journal *journal;
	bool taken; /* the unit ran, and we have had it stopped */
	sd_event_source *timer; /* until it is given back */
	/* One stop under way: */
	gamescope_takeover_done done;
	void *data;
	sd_event_source *deadline, *at_once;
	sd_bus_slot *call, *removals; /* the question that is open; every job's end */
	char *job;
};

/* The end of a begin, whatever it was. */
static void answer(struct gamescope_takeover *takeover, int error, const char *text)
{
	const gamescope_takeover_done done = takeover->done;
	takeover->done = NULL;
	takeover->call = sd_bus_slot_unref(takeover->call);
	free(takeover->job);
	takeover->job = NULL;
	sd_event_source_set_enabled(takeover->deadline, SD_EVENT_OFF);
	if (done)
		done(takeover->data, error, text);
}

static void answer_failed(struct gamescope_takeover *takeover, const char *what, int error)
{
	char text[256];
	snprintf(text, sizeof text, "%s could not be %s: %s", takeover->unit, what,
		strerror(-error));
	answer(takeover, error, text);
}

static int on_deadline(sd_event_source *source, uint64_t usec, void *data)
{
	answer_failed(data, "stopped in time", -ETIMEDOUT);
	return 0;
}

/* What was asked is not what is: the state is read back after the job. */
static int on_state_after(sd_bus_message *reply, void *data, sd_bus_error *error)
{
	struct gamescope_takeover *takeover = data;
	bool runs = false;
	const int result = gamescope_unit_read_state(reply, &runs);
	if (result < 0)
		answer_failed(takeover, "looked at", result);
	else if (runs)
		answer_failed(takeover, "stopped; it runs still", -EBUSY);
	else
		answer(takeover, 0, "");
	return 0;
}

static void ask_state(struct gamescope_takeover *takeover, sd_bus_message_handler_t handler)
{
	takeover->call = sd_bus_slot_unref(takeover->call);
	const int error = gamescope_unit_ask_state(
		takeover->bus, &takeover->call, takeover->unit, handler, takeover);
	if (error < 0)
		answer_failed(takeover, "looked at", error);
}

static int on_job_removed(sd_bus_message *message, void *data, sd_bus_error *error)
{
	struct gamescope_takeover *takeover = data;
	const char *path = NULL, *result = NULL;
	if (!takeover->job || gamescope_unit_read_job_removed(message, &path, &result) < 0 ||
		strcmp(path, takeover->job) != 0)
		return 0;
	free(takeover->job);
	takeover->job = NULL;
	if (strcmp(result, "done") != 0)
		fprintf(stderr, "lodged: gamescope: stopping %s ended with \"%s\"\n",
			takeover->unit, result);
	ask_state(takeover, on_state_after);
	return 0;
}

static int on_stop_asked(sd_bus_message *reply, void *data, sd_bus_error *error)
{
	struct gamescope_takeover *takeover = data;
	const char *job = NULL;
	int result = -sd_bus_message_get_errno(reply);
	if (result == 0)
		result = sd_bus_message_read(reply, "o", &job);
	if (result >= 0)
		takeover->job = strdup(job);
	if (!takeover->job)
		answer_failed(takeover, "stopped", result < 0 ? result : -ENOMEM);
	return 0;
}

static void stop_unit(struct gamescope_takeover *takeover)
{
	int error = gamescope_unit_note(takeover->journal, takeover->unit);
	if (error < 0) {
		answer_failed(takeover, "noted, so it is not stopped", error);
		return;
	}
	takeover->taken = true;
	takeover->call = sd_bus_slot_unref(takeover->call);
	error = gamescope_unit_ask_job(takeover->bus, &takeover->call, "StopUnit", takeover->unit,
		on_stop_asked, takeover);
	if (error < 0)
		answer_failed(takeover, "stopped", error);
	else
		fprintf(stderr, "lodged: gamescope: %s steps aside for a display\n",
			takeover->unit);
}

static int on_state_before(sd_bus_message *reply, void *data, sd_bus_error *error)
{
	struct gamescope_takeover *takeover = data;
	bool runs = false;
	const int result = gamescope_unit_read_state(reply, &runs);
	if (result < 0)
		answer_failed(takeover, "looked at", result);
	else if (runs)
		stop_unit(takeover);
	else
		answer(takeover, 0, "");
	return 0;
}

static int on_at_once(sd_event_source *source, void *data)
{
	struct gamescope_takeover *takeover = data;
	if (takeover->done)
		ask_state(takeover, on_state_before);
	return 0;
}

/* Also when it was taken already: somebody may have started it by hand. */
void gamescope_takeover_begin(
	struct gamescope_takeover *takeover, gamescope_takeover_done done, void *data)
{
	sd_event_source_set_enabled(takeover->timer, SD_EVENT_OFF);
	takeover->done = done;
	takeover->data = data;
	sd_event_source_set_time_relative(takeover->deadline, STOP_US);
	sd_event_source_set_enabled(takeover->deadline, SD_EVENT_ONESHOT);
	sd_event_source_set_enabled(takeover->at_once, SD_EVENT_ONESHOT);
}

/* The job is in the service manager's hands; whether it succeeds is the unit's affair. */
static int on_start_asked(sd_bus_message *reply, void *data, sd_bus_error *error)
{
	struct gamescope_takeover *takeover = data;
	const int result = -sd_bus_message_get_errno(reply);
	takeover->call = sd_bus_slot_unref(takeover->call);
	if (result < 0) {
		fprintf(stderr, "lodged: gamescope: %s could not be started again: %s\n",
			takeover->unit, strerror(-result));
		return 0; /* the note stays: the next start of the host tries again */
	}
	gamescope_unit_forget(takeover->journal, takeover->unit);
	return 0;
}

static void start_unit(struct gamescope_takeover *takeover)
{
	takeover->taken = false;
	fprintf(stderr, "lodged: gamescope: %s is given back\n", takeover->unit);
	takeover->call = sd_bus_slot_unref(takeover->call);
	const int error = gamescope_unit_ask_job(takeover->bus, &takeover->call, "StartUnit",
		takeover->unit, on_start_asked, takeover);
	if (error < 0)
		fprintf(stderr, "lodged: gamescope: %s could not be started again: %s\n",
			takeover->unit, strerror(-error));
}

static int on_timer(sd_event_source *source, uint64_t usec, void *data)
{
	struct gamescope_takeover *takeover = data;
	if (takeover->taken)
		start_unit(takeover);
	return 0;
}

void gamescope_takeover_give_back(struct gamescope_takeover *takeover)
{
	int armed = SD_EVENT_OFF;
	if (!takeover || !takeover->taken)
		return;
	sd_event_source_get_enabled(takeover->timer, &armed);
	if (armed != SD_EVENT_OFF)
		return;
	sd_event_source_set_time_relative(takeover->timer, takeover->give_back_after_us);
	sd_event_source_set_enabled(takeover->timer, SD_EVENT_ONESHOT);
}

static int add_timer(struct gamescope_takeover *takeover, sd_event_source **source,
	sd_event_time_handler_t handler)
{
	const int error = sd_event_add_time(
		takeover->event, source, CLOCK_MONOTONIC, UINT64_MAX, 1000, handler, takeover);
	return error < 0 ? error : sd_event_source_set_enabled(*source, SD_EVENT_OFF);
}

static int prepare(struct gamescope_takeover *takeover)
{
	int error = add_timer(takeover, &takeover->timer, on_timer);
	if (error >= 0)
		error = add_timer(takeover, &takeover->deadline, on_deadline);
	if (error >= 0)
		error = sd_event_add_defer(
			takeover->event, &takeover->at_once, on_at_once, takeover);
	if (error >= 0)
		error = sd_event_source_set_enabled(takeover->at_once, SD_EVENT_OFF);
	if (error >= 0)
		error = gamescope_unit_watch_jobs(
			takeover->bus, &takeover->removals, on_job_removed, takeover);
	return error;
}

struct gamescope_takeover *gamescope_takeover_create(
	sd_event *event, const struct gamescope_takeover_params *params)
{
	int error = -EINVAL;
	struct gamescope_takeover *takeover = NULL;
	if (!gamescope_unit_name_is_good(params->unit))
		goto error;
	error = -ENOMEM;
	takeover = calloc(1, sizeof *takeover);
	if (!takeover)
		goto error;
	takeover->event = sd_event_ref(event);
	takeover->bus = sd_bus_ref(params->bus);
	takeover->give_back_after_us = params->give_back_after_ms * 1000;
	takeover->journal = params->journal;
	takeover->unit = strdup(params->unit);
	if (takeover->unit)
		error = prepare(takeover);
	if (error < 0)
		goto error;
	gamescope_unit_sweep(params->journal, params->bus);
	return takeover;
error:
	fprintf(stderr, "lodged: gamescope: the unit %s cannot be taken over: %s\n", params->unit,
		strerror(-error));
	gamescope_takeover_destroy(takeover);
	errno = -error;
	return NULL;
}

void gamescope_takeover_destroy(struct gamescope_takeover *takeover)
{
	if (!takeover)
		return;
	if (takeover->taken && gamescope_unit_start_now(takeover->bus, takeover->unit) >= 0)
		gamescope_unit_forget(takeover->journal, takeover->unit);
	sd_bus_slot_unref(takeover->call);
	sd_bus_slot_unref(takeover->removals);
	sd_event_source_disable_unref(takeover->timer);
	sd_event_source_disable_unref(takeover->deadline);
	sd_event_source_disable_unref(takeover->at_once);
	sd_bus_unref(takeover->bus);
	sd_event_unref(takeover->event);
	free(takeover->job);
	free(takeover->unit);
	free(takeover);
}
