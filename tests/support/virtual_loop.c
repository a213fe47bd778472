#include "support/virtual_loop.h"

#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#include "support/check.h"

#define START_NS (1000 * UINT64_C(1000000000))
#define REALTIME_AHEAD_S 1700000000
#define TURNS_MAX 100000

struct sd_event_source {
	struct sd_event *event;
	struct sd_event_source *next, **previous;
	sd_event_handler_t defer; /* NULL: a timer */
	sd_event_time_handler_t elapsed;
	void *data;
	uint64_t due_us;
	uint64_t turn; /* it is not dispatched twice in one */
	int enabled;
};

struct sd_event {
	unsigned references;
	uint64_t turn, dispatches;
	struct sd_event_source *sources;
};

static uint64_t clock_ns = START_NS;

int __wrap_clock_gettime(clockid_t id, struct timespec *now);
int __wrap_clock_gettime(clockid_t id, struct timespec *now)
{
	now->tv_sec =
		(time_t)(clock_ns / 1000000000) + (id == CLOCK_REALTIME ? REALTIME_AHEAD_S : 0);
	now->tv_nsec = (long)(clock_ns % 1000000000);
	return 0;
}

uint64_t virtual_now_ns(void)
{
	return clock_ns;
}

sd_event *virtual_loop_create(void)
{
	sd_event *event = calloc(1, sizeof *event);
	CHECK(event);
	event->references = 1;
	return event;
}

sd_event *sd_event_ref(sd_event *event)
{
	event->references++;
	return event;
}

sd_event *sd_event_unref(sd_event *event)
{
	if (event && --event->references == 0) {
		CHECK(!event->sources); /* somebody left one behind */
		free(event);
	}
	return NULL;
}

int sd_event_now(sd_event *event, clockid_t clock, uint64_t *usec)
{
	*usec = clock_ns / 1000;
	return 0;
}

static int add(sd_event *event, sd_event_source **slot, struct sd_event_source made)
{
	struct sd_event_source *source = malloc(sizeof *source);
	CHECK(source && slot);
	*source = made;
	source->event = event;
	source->enabled = SD_EVENT_ONESHOT;
	source->turn = event->turn;
	source->next = event->sources;
	source->previous = &event->sources;
	if (source->next)
		source->next->previous = &source->next;
	event->sources = source;
	*slot = source;
	return 0;
}

int sd_event_add_defer(
	sd_event *event, sd_event_source **slot, sd_event_handler_t handler, void *data)
{
	return add(event, slot, (struct sd_event_source){ .defer = handler, .data = data });
}

int sd_event_add_time(sd_event *event, sd_event_source **slot, clockid_t clock, uint64_t usec,
	uint64_t accuracy, sd_event_time_handler_t handler, void *data)
{
	return add(event, slot,
		(struct sd_event_source){ .elapsed = handler, .data = data, .due_us = usec });
}

int sd_event_add_time_relative(sd_event *event, sd_event_source **slot, clockid_t clock,
	uint64_t usec, uint64_t accuracy, sd_event_time_handler_t handler, void *data)
{
	return sd_event_add_time(
		event, slot, clock, clock_ns / 1000 + usec, accuracy, handler, data);
}

int sd_event_source_set_enabled(sd_event_source *source, int enabled)
{
	if (source)
		source->enabled = enabled;
	return 0;
}

int sd_event_source_set_time(sd_event_source *source, uint64_t usec)
{
	CHECK(source->elapsed);
	source->due_us = usec;
	return 0;
}

sd_event_source *sd_event_source_disable_unref(sd_event_source *source)
{
	if (!source)
		return NULL;
	*source->previous = source->next;
	if (source->next)
		source->next->previous = source->previous;
	free(source);
	return NULL;
}

static bool is_due(const struct sd_event_source *source)
{
	return source->enabled != SD_EVENT_OFF &&
		(source->defer || source->due_us <= clock_ns / 1000);
}

static struct sd_event_source *next_due(sd_event *event)
{
	struct sd_event_source *source = event->sources;
	while (source && !(is_due(source) && source->turn != event->turn))
		source = source->next;
	return source;
}

void virtual_loop_turn(sd_event *event)
{
	struct sd_event_source *source;
	event->turn++;
	while ((source = next_due(event))) {
		source->turn = event->turn;
		if (source->enabled == SD_EVENT_ONESHOT)
			source->enabled = SD_EVENT_OFF;
		event->dispatches++;
		CHECK((source->defer ? source->defer(source, source->data)
				     : source->elapsed(source, source->due_us, source->data)) >= 0);
	}
}

static bool anything_due(const sd_event *event)
{
	const struct sd_event_source *source = event->sources;
	while (source && !is_due(source))
		source = source->next;
	return source;
}

void virtual_loop_settle(sd_event *event)
{
	for (unsigned turns = 0; anything_due(event); turns++) {
		CHECK(turns < TURNS_MAX);
		virtual_loop_turn(event);
	}
}

void virtual_loop_pass(sd_event *event, uint64_t span_ns)
{
	const uint64_t end_ns = clock_ns + span_ns;
	virtual_loop_settle(event);
	for (;;) {
		uint64_t due_us = end_ns / 1000 + 1;
		for (const struct sd_event_source *one = event->sources; one; one = one->next) {
			if (one->enabled != SD_EVENT_OFF && one->due_us < due_us)
				due_us = one->due_us;
		}
		if (due_us * 1000 > end_ns)
			break;
		clock_ns = due_us * 1000 > clock_ns ? due_us * 1000 : clock_ns;
		virtual_loop_settle(event);
	}
	clock_ns = end_ns;
	virtual_loop_settle(event);
}

size_t virtual_loop_sources(const sd_event *event)
{
	size_t count = 0;
	for (const struct sd_event_source *one = event->sources; one; one = one->next)
		count++;
	return count;
}

uint64_t virtual_loop_dispatches(const sd_event *event)
{
	return event->dispatches;
}
