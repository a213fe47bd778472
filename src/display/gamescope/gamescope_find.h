/*
 * What X display a gamescope that somebody else has started has: its programs know.
 *
 * Room: display. Thread: control: reads the environment of this user's processes, a few milliseconds for hundreds.
 */
#ifndef LODGE_DISPLAY_GAMESCOPE_FIND_H
#define LODGE_DISPLAY_GAMESCOPE_FIND_H

#include <stdbool.h>
#include <stddef.h>

/* False when no program runs in it (any more, or yet). */
bool gamescope_find_display(const char *runtime_folder, const char *wayland_name, char display[16]);

/* Pure, fuzzed: the same from one process's environment, NUL-terminated assignments in a row. */
bool gamescope_find_in_environment(const char *bytes, size_t size, const char *runtime_folder,
	const char *wayland_name, char display[16]);

#endif
