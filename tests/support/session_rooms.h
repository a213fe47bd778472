/*
 * The rooms behind the session room, for tests of it: a registry that grants from the loop, injectors that know what
 * they hold down, no pictures, and clients whose signatures nobody checks. Linked in place of display, input, media and
 * session/credential.c; time is support/virtual_loop.h's.
 */
#ifndef LODGE_TESTS_SESSION_ROOMS_H
#define LODGE_TESTS_SESSION_ROOMS_H

#include <stdbool.h>
#include <stdint.h>

#include "display/registry.h"
#include "session/clients.h"

struct display_lease;

struct display_registry {
	sd_event *event;
	sd_event_source *work; /* enabled while a claim waits */
	struct display_lease *leases;
	bool separate; /* a display for each; else all of them join slot 1 */
	bool gone; /* there is no desktop to send input to */
	bool one_seat; /* it knows no seats */
	bool by_eis; /* it takes input by EIS */
	bool no_eis; /* which this machine cannot speak */
	uint32_t nudges; /* asked for so far */
	uint32_t seats_prepared;
	uint32_t last_slot;
};

void session_rooms_prepare(struct display_registry *registry, sd_event *event);
void session_rooms_finish(struct display_registry *registry);

/* A desktop's injector, as far as the tests look at it. */
struct injector {
	struct injector *next, **previous;
	struct input_desktop *desktop;
	uint64_t events, releases;
	uint32_t held; /* keys and buttons that are down */
	uint8_t down[0x300]; /* by evdev code */
	uint32_t x, y;
	char seat[DISPLAY_SEAT_NAME_MAX]; /* "": the shared one */
};
/* All injectors that there are, and all that is down on the desktop. */
uint32_t session_rooms_injectors(void);
uint32_t session_rooms_held(void);
/* Connections to desktops that were made so far, and how many of them by EIS; tries count. */
uint32_t session_rooms_input_opened(void);
uint32_t session_rooms_eis_opened(void);
/* No picture comes of the newest stream's display. */
void session_rooms_still(void);
uint64_t session_rooms_events(void); /* that have entered a desktop so far */

/* Sounds that are captured and microphones that are open, and what the latter were fed so far. */
uint32_t session_rooms_streams(void);
uint32_t session_rooms_microphones(void);
uint64_t session_rooms_fed(void);
/* The newest stream: a packet of it, its channels and bitrate as asked for, its failure. */
void session_rooms_play(bool config);
uint32_t session_rooms_channels(void);
uint32_t session_rooms_kbps(void);
void session_rooms_fail_stream(void);
/* References to its packets that somebody has. */
uint32_t session_rooms_packets_held(void);

/* The key of a client whose number is not 0. */
void session_rooms_key(uint32_t number, uint8_t key[CLIENT_KEY_SIZE]);

#endif
