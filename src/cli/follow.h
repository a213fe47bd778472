/*
 * The host's events, over as many connections as it takes. Room: cli.
 *
 * A connection that breaks off, or is silent for three of the host's heartbeats, is made again with Last-Event-ID.
 * The first one must succeed; after a minute without the host it is given up.
 */
#ifndef LODGE_CLI_FOLLOW_H
#define LODGE_CLI_FOLLOW_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/cli.h"
#include "cli/sse.h"

struct follow {
	struct cli *cli;
	int stop_fd; /* becomes readable when the user has enough: follow_watch_signals */
	uint64_t deadline_ns; /* CLOCK_MONOTONIC; may be moved while it runs */
	/* `json` is the event's document, borrowed. False: enough. */
	bool (*event)(void *data, const struct sse_event *event, const json_t *json);
	void *data;
};

enum follow_end { FOLLOW_ENOUGH, FOLLOW_STOPPED, FOLLOW_LATE, FOLLOW_FAILED };

/* FOLLOW_FAILED has been said, and `code` is what to exit with. */
enum follow_end follow_run(struct follow *follow, enum cli_exit *code);

/* From now on SIGINT, SIGTERM and SIGHUP make this descriptor readable. -1 with errno. */
int follow_watch_signals(void);

#endif
