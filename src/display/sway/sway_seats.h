/*
 * The commands that make seats, and those that keep new windows from taking everybody's keyboard focus.
 *
 * Room: display. Pure but for memory: JSON in, text out. Any thread.
 */
#ifndef LODGE_DISPLAY_SWAY_SEATS_H
#define LODGE_DISPLAY_SWAY_SEATS_H

#include <jansson.h>
#include <stdbool.h>

#include "display/backend.h"

/* The one that is always there; IPC commands act for it. */
#define SWAY_FIRST_SEAT "seat0"

/* Whether it can be a seat's: [a-z0-9-], neither empty nor too long, and not that of sway's first seat. */
bool sway_seat_name_is_good(const char *name);

/*
 * The commands that make this seat, and with it the others of its block: a command about a seat takes the virtual
 * devices away from every seat that somebody has already, so it is to be given as rarely as can be. `seats`: as sway
 * lists them. Freed by the caller; an empty text when the seat is there, NULL when memory is short.
 */
char *sway_seat_commands(const json_t *seats, const char *name);

#endif
