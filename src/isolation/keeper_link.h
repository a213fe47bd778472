/*
 * A connection between a host and a keeper: messages both ways, in order, a descriptor beside one if need be. What the
 * other side does not take at once waits in a bounded queue.
 *
 * Room: isolation. Thread: the event loop's. Callbacks come from the loop; the link may be destroyed in one.
 */
#ifndef LODGE_ISOLATION_KEEPER_LINK_H
#define LODGE_ISOLATION_KEEPER_LINK_H

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "isolation/keeper_message.h"

struct keeper_link;

struct keeper_link_events {
	/* Valid during the call. descriptor: -1, or the callee's from now on. */
	void (*message)(void *data, const struct keeper_message *message, int descriptor);
	/* The other side is gone, or speaks nonsense. Nothing comes after it. */
	void (*closed)(void *data);
};

/* Takes over `socket`, also when it fails: NULL with errno. */
struct keeper_link *keeper_link_create(
	sd_event *event, int socket, const struct keeper_link_events *events, void *data);
void keeper_link_destroy(struct keeper_link *link);

/*
 * Sends or queues; `descriptor` (-1: none) is duplicated. Negative errno: -E2BIG when the message did not fit,
 * -ENOBUFS when too much waits, -EPIPE.
 */
int keeper_link_send(struct keeper_link *link, const struct keeper_writer *writer, int descriptor);
/* Whether something waits: what may be left out, such as output, is better not sent now. */
bool keeper_link_is_behind(const struct keeper_link *link);
/* Waits, at most `deadline_ms`, until nothing does. */
bool keeper_link_flush(struct keeper_link *link, int deadline_ms);

#endif
