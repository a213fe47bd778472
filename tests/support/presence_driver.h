/*
 * Drives core/presence.h by bytes: sessions join, leave, move, give input, are renamed; time passes. After each
 * operation every promise of the header is checked against an observer that knows only the events, and a model that
 * knows only the sessions; a broken one aborts. Used by the property test and the fuzz target.
 */
#ifndef LODGE_TESTS_PRESENCE_DRIVER_H
#define LODGE_TESTS_PRESENCE_DRIVER_H

#include <stddef.h>
#include <stdint.h>

/* What a run came upon, so that a test can tell that it went everywhere. May be NULL. */
struct presence_driver_seen {
	uint32_t changes[6]; /* by the bits of enum presence_change */
	uint32_t states[3];
	uint32_t several_sessions, same_names, split_steps, quiet_steps;
};

void presence_driver_run(const uint8_t *bytes, size_t size, struct presence_driver_seen *seen);

#endif
