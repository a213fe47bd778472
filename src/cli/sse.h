/*
 * Server-sent events (WHATWG HTML §9.2.6): bytes in, events out. Room: cli. No I/O; bounded; fuzzed.
 */
#ifndef LODGE_CLI_SSE_H
#define LODGE_CLI_SSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SSE_EVENT_MAX (2 * 1024 * 1024) /* of one line, and of one event's data */
#define SSE_ID_MAX 256 /* a longer one is not taken */
#define SSE_TYPE_MAX 64

struct sse_event {
	const char *type; /* "message" when the event has none; cut at SSE_TYPE_MAX - 1 */
	const char *data; /* lines joined with \n; NUL-terminated behind `size` */
	size_t size;
};

struct sse {
	char *line, *data;
	size_t line_size, line_capacity, data_size, data_capacity;
	bool had_carriage_return, had_data, begun;
	char type[SSE_TYPE_MAX], id[SSE_ID_MAX];
	char last_event_id[SSE_ID_MAX]; /* what Last-Event-ID says on the next connect */
	uint64_t retry_ms; /* 0: the server said nothing */
};

enum sse_result {
	SSE_MORE,
	SSE_ENOUGH, /* `event` returned false */
	SSE_TOO_LONG, /* or memory is short: nothing further can be read */
};

/* A new connection: half an event is forgotten; last_event_id and retry_ms stay. */
void sse_restart(struct sse *sse);
void sse_finish(struct sse *sse);
/* Calls `event` for each whole event; it may return false to have enough. */
enum sse_result sse_feed(struct sse *sse, const char *bytes, size_t size,
	bool (*event)(void *data, const struct sse_event *event), void *data);

#endif
