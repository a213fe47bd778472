#include <errno.h>
#include <stdlib.h>

#include "session/session.h"

/* A label beside a pointer needs no more; and of a crowd that points, each is told in its turn. */
#define TELL_EVERY_NS (50 * MOMENT_MS)
#define TOLD_AT_ONCE_MAX 8

struct pointers {
	struct session_host *host;
	sd_event_source *tell; /* off while no pointer has moved since it was told */
	uint64_t told_ns;
};

/* Whoever sees the display sees where the other one points. False: nobody does. */
static bool tell(struct pointers *pointers, const struct session *pointing)
{
	struct session_host *host = pointers->host;
	const struct wire_message message = {
		.type = WIRE_POINTER,
		.pointer = { true, people_person(host->people, pointing), pointing->pointer.x,
			pointing->pointer.y },
	};
	bool seen = false;
	for (struct session *one = host->sessions; one; one = one->next) {
		if (one->knows_people && one != pointing && one->granted &&
			one->display.slot == pointing->display.slot &&
			one->display.generation == pointing->display.generation) {
			session_send(one, &message);
			seen = true;
		}
	}
	return seen;
}

/* The one that was not told for longest. */
static struct session *next_moved(const struct pointers *pointers)
{
	struct session *next = NULL;
	for (struct session *one = pointers->host->sessions; one; one = one->next) {
		if (one->pointer.moved && (!next || one->pointer.told_ns < next->pointer.told_ns))
			next = one;
	}
	return next;
}

static void schedule(struct pointers *pointers)
{
	const uint64_t next_ns = moment_after(pointers->told_ns, TELL_EVERY_NS);
	sd_event_source_set_time(
		pointers->tell, moment_later(next_ns, session_now_ns()) / 1000 + 1);
	sd_event_source_set_enabled(pointers->tell, SD_EVENT_ONESHOT);
}

static int on_tell(sd_event_source *source, uint64_t usec, void *data)
{
	struct pointers *pointers = data;
	struct session *session;
	pointers->told_ns = session_now_ns();
	for (unsigned i = 0; i < TOLD_AT_ONCE_MAX && (session = next_moved(pointers)); i++) {
		session->pointer.moved = false;
		session->pointer.told_ns = pointers->told_ns;
		session->pointer.unseen = !tell(pointers, session);
	}
	if (next_moved(pointers))
		schedule(pointers);
	return 0;
}

struct pointers *pointers_create(struct session_host *host)
{
	struct pointers *pointers = calloc(1, sizeof *pointers);
	if (!pointers)
		return NULL;
	pointers->host = host;
	int error = sd_event_add_time(
		host->event, &pointers->tell, CLOCK_MONOTONIC, UINT64_MAX, 1000, on_tell, pointers);
	if (error >= 0)
		error = sd_event_source_set_enabled(pointers->tell, SD_EVENT_OFF);
	if (error < 0) {
		pointers_destroy(pointers);
		errno = -error;
		return NULL;
	}
	return pointers;
}

void pointers_look_again(struct pointers *pointers)
{
	for (struct session *one = pointers->host->sessions; one; one = one->next) {
		one->pointer.moved = one->pointer.moved || one->pointer.unseen;
		one->pointer.unseen = false;
	}
	if (next_moved(pointers))
		schedule(pointers);
}

void pointers_destroy(struct pointers *pointers)
{
	if (!pointers)
		return;
	sd_event_source_disable_unref(pointers->tell);
	free(pointers);
}

void pointers_note(struct pointers *pointers, struct session *session, uint16_t x, uint16_t y)
{
	session->pointer.x = x;
	session->pointer.y = y;
	if (session->pointer.moved || session->pointer.unseen || !session->seat)
		return;
	session->pointer.moved = true;
	schedule(pointers);
}
