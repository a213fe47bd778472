/*
 * One encode for all who watch the same display: a stream per display, handed to its subscribers, each with
 * its own back-pressure (docs/protocol.md §5).
 *
 * Room: session. Thread: control.
 */
#ifndef LODGE_SESSION_FANOUT_H
#define LODGE_SESSION_FANOUT_H

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "display/registry.h"
#include "session/transport.h"

struct fanout;
struct fanout_stream;
struct stream_state; /* session/host.h */

#define FANOUT_IN_FLIGHT 128 /* sent frames whose send time is remembered, a power of two */

/* Lives in its owner. Fields are the fanout's. */
struct fanout_subscriber {
	struct fanout_stream *stream; /* NULL: not subscribed */
	struct fanout_subscriber *next, **previous;
	const struct session_transport_impl *impl;
	void *transport;
	void (*failed)(void *data, const char *text); /* the stream is dead; already unsubscribed */
	void (*still)(void *data); /* no picture comes, as nothing moves: somebody shall make it. NULL: nobody can */
	void *data; /* of both */
	bool waiting; /* for a keyframe: joined, or fell behind */
	bool acknowledges; /* has ever acknowledged a frame */
	uint32_t first_in_flight,
		last_sent; /* sequences: [first_in_flight, last_sent] are unacknowledged */
	uint64_t sent_ns[FANOUT_IN_FLIGHT];
	uint64_t dropped;
	uint32_t max_kbps,
		max_rate_mhz; /* its own wishes; 0: the host's choice, the display's rate */
};

struct fanout *fanout_create(sd_event *event);
void fanout_destroy(struct fanout *fanout); /* no subscriber left */

/* Starts the display's stream or joins it; the picture starts with a keyframe. Negative errno. The caller has
 * filled impl, transport, failed, still and data. */
int fanout_subscribe(struct fanout *fanout, struct fanout_subscriber *subscriber,
	const struct display_info *display);
/* The last one stops the stream. Fine when not subscribed. */
void fanout_unsubscribe(struct fanout_subscriber *subscriber);
/* The display's rate changed. */
void fanout_set_frame_rate(struct fanout_subscriber *subscriber, uint32_t rate_mhz);
/*
 * A viewer's bounds for the shared stream: 0 kbit/s is the host's choice, 0 mHz the display's rate. With several, the one
 * that wants most counts: who can take less, loses frames.
 */
void fanout_limit(struct fanout_subscriber *subscriber, uint32_t max_kbps, uint32_t max_rate_mhz);
void fanout_request_keyframe(struct fanout_subscriber *subscriber);
void fanout_acknowledge(struct fanout_subscriber *subscriber, uint32_t sequence, uint64_t now_ns);
void fanout_drained(struct fanout_subscriber *subscriber);
/* Every open stream, at most `capacity`. */
size_t fanout_list(const struct fanout *fanout, struct stream_state *states, size_t capacity);

#endif
