/*
 * An event loop whose time is the test's: linked in place of libsystemd's, with --wrap=clock_gettime, so that the rooms
 * under test see one clock that moves only when the test lets it. An hour passes at once, and nothing depends on the
 * speed of the machine.
 *
 * One loop at a time: the clock is the process's. Defer and time sources only.
 */
#ifndef LODGE_TESTS_VIRTUAL_LOOP_H
#define LODGE_TESTS_VIRTUAL_LOOP_H

#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-event.h>

sd_event *virtual_loop_create(void);
uint64_t virtual_now_ns(void);
/* Everything that is due now, and what that makes due. A loop that never comes to rest aborts the test. */
void virtual_loop_settle(sd_event *event);
/* Lets the time pass, from one timer to the next. */
void virtual_loop_pass(sd_event *event, uint64_t span_ns);
/* One turn: what was due at its beginning, once. */
void virtual_loop_turn(sd_event *event);
size_t virtual_loop_sources(const sd_event *event); /* that exist */
uint64_t virtual_loop_dispatches(const sd_event *event); /* so far: what the loop woke up for */

#endif
