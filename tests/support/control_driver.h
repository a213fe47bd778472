/*
 * Drives core/control.h by bytes: each operation is an event, input or time that passes. After each, every promise of
 * the header is checked against a model that knows only what the effects told and who pressed what; a broken one
 * aborts. Used by the property test and the fuzz target.
 */
#ifndef LODGE_TESTS_CONTROL_DRIVER_H
#define LODGE_TESTS_CONTROL_DRIVER_H

#include <stddef.h>
#include <stdint.h>

/* What a run came upon, so that a test can tell that it went everywhere. May be NULL. */
struct control_driver_seen {
	uint32_t effects[16], refusals[16], events[16]; /* by their types */
	uint32_t line_longest;
};

void control_driver_run(const uint8_t *bytes, size_t size, struct control_driver_seen *seen);

#endif
