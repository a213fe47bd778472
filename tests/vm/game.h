/*
 * The other side of a virtual pad: a game that finds it in /dev/input, reads its events and makes it rumble. And the
 * host's loop, run while the game waits for it. A broken promise fails the cmocka test that runs.
 */
#ifndef LODGE_TESTS_VM_GAME_H
#define LODGE_TESTS_VM_GAME_H

#include <linux/input.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "input/gamepad.h"

#define DEADLINE_MS 10000 /* of every wait */
#define RUMBLES_KEPT 64

struct heard_rumble {
	uint8_t pad;
	uint16_t strong, weak, lasts_ms;
};

/* A session of the host: a port, and what it was told. */
struct host {
	sd_event *event;
	struct gamepad_port *port;
	struct heard_rumble rumbles[RUMBLES_KEPT]; /* the first ones */
	size_t rumble_count;
	bool leaves; /* with its first rumble, port and all */
};

/* With a loop of its own, or that of another session of the same host. */
void host_start(struct host *host, sd_event *event);
void host_stop(struct host *host);
/* Plugs a pad and waits until this user may open its node. */
struct gamepad_nodes host_plug(struct host *host, uint8_t pad, uint8_t kind);
/* Runs the loop until there were so many rumbles. */
void host_hear(struct host *host, size_t rumbles);
/* The same until it was told of this as the last; it was told of something before. */
void host_hear_last(struct host *host, uint16_t strong, uint16_t weak);
void host_run_for(struct host *host, unsigned ms);

/* A game's file descriptor of a node. */
int game_open(const char *node);
/* The next events up to a SYN_REPORT, which is counted. */
size_t game_read_report(int fd, struct input_event *events, size_t capacity);
bool game_has_event(int fd);

/* A call that waits for the host's answer: in a thread of its own, the host's loop runs meanwhile. Returns its result. */
int game_call(struct host *host, int (*call)(void *data), void *data);
/* Such calls: 0 or negative errno. */
int game_upload(struct host *host, int fd, struct ff_effect *effect);
int game_close(struct host *host, int fd);
/* These do not wait for the host. */
void game_play(int fd, int effect, int times);
void game_set_gain(int fd, uint16_t gain);

/* How many devices /sys/devices/virtual/input has. */
size_t devices_count(void);

#endif
