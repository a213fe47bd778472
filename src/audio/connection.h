/*
 * A connection to one PipeWire, named by its socket, on a thread of its own that runs PipeWire's loop.
 *
 * Room: audio, private. Control thread: create, start, destroy. Everything else: the loop thread, or before the start.
 */
#ifndef LODGE_AUDIO_CONNECTION_H
#define LODGE_AUDIO_CONNECTION_H

#include <pipewire/pipewire.h>
#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "audio/graph.h"

struct audio_connection;

/* All but `failed` on the loop thread, none of them after `closing`. */
struct audio_connection_impl {
	/* Something in the graph is not as it was. */
	void (*changed)(void *data);
	/* The deadline has passed. */
	void (*late)(void *data);
	/* The connection ends: whatever was made with it goes now. */
	void (*closing)(void *data);
	/* Control thread, from the event loop, once: it ended without being asked to. */
	void (*failed)(void *data, const char *text);
};

/* NULL with errno. Nothing runs before it is started. */
struct audio_connection *audio_connection_create(
	sd_event *event, const char *socket, const struct audio_connection_impl *impl, void *data);
/* 0 or a negative errno. A PipeWire that cannot be reached comes as `failed`. */
int audio_connection_start(struct audio_connection *connection);
/* Ends and joins the thread; nothing is called after it. NULL is fine. */
void audio_connection_destroy(struct audio_connection *connection);

/* Ends the thread after the running callback; the first text counts. */
void audio_connection_fail(struct audio_connection *connection, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
bool audio_connection_has_failed(const struct audio_connection *connection);
/* `changed` is called then, though the graph is as it was; 0: soon. */
void audio_connection_look_again(struct audio_connection *connection, uint64_t at_ns);
/* `late` is called unless the deadline is moved before, in CLOCK_MONOTONIC; 0: there is none. */
void audio_connection_set_deadline(struct audio_connection *connection, uint64_t due_ns);
struct pw_core *audio_connection_core(struct audio_connection *connection);
const struct graph *audio_connection_graph(const struct audio_connection *connection);
/* The most samples that its graph works in at once, unless a program forces it; 0: it has not told. */
uint32_t audio_connection_most_quantum(const struct audio_connection *connection);

#endif
