/*
 * Server-sent events: each carries the whole new state of its topic, once a turn of the loop, and only when it is another
 * one than was told last. Ids are "<run of the host>-<revision>"; a topic keeps the revision of its last change, so
 * that a listener that comes back with an id hears of just what it has missed.
 *
 * Room: api, private. Thread: control.
 */
#ifndef LODGE_API_EVENTS_H
#define LODGE_API_EVENTS_H

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "api/api.h"
#include "api/secret.h"

#define API_LISTENERS_MAX 32
#define API_HEARTBEAT_S 15

struct api_listener;

struct api_topic_state {
	bool dirty; /* maybe not as it was told */
	uint64_t revision; /* of its last change */
	uint8_t digest[SECRET_DIGEST_SIZE]; /* of what it was then */
};

struct api_events {
	char boot[17]; /* random, of this run */
	uint64_t revision; /* the greatest of the topics' */
	struct api_topic_state topics[API_TOPICS];
	struct api_listener *listeners;
	unsigned listener_count;
	sd_event_source *settle; /* one-shot: tell at the next turn of the loop */
	sd_event_source *heartbeat, *pin_expiry;
};

/* Negative errno. */
int api_events_prepare(struct api *api);
void api_events_finish(struct api *api);
void api_events_mark(struct api *api, enum api_topic topic);
/* Every API_HEARTBEAT_S: a comment to each listener, and the end of those whose login has ended. */
void api_events_beat(struct api *api, uint64_t now_ns);
/* Ends the streams that this console login had begun. */
void api_events_log_out(struct api *api, const uint8_t digest[SECRET_DIGEST_SIZE]);
/* NULL is fine. */
void api_listener_destroy(struct api_listener *listener);

#endif
