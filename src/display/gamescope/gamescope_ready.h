/*
 * What gamescope says of itself: the line that it writes when it can be used, and its version.
 *
 * Room: display. Pure: bytes in, values out; fuzzed. Any thread.
 */
#ifndef LODGE_DISPLAY_GAMESCOPE_READY_H
#define LODGE_DISPLAY_GAMESCOPE_READY_H

#include <stdbool.h>
#include <stddef.h>

#include "core/source.h"

#define GAMESCOPE_READY_LINE_MAX 128 /* longer ones are none of gamescope's */

struct gamescope_ready {
	char x_display[16]; /* ":0" */
	char wayland_name[32]; /* "gamescope-0", a name in its XDG_RUNTIME_DIR */
};

/* ":0 gamescope-0", with or without the line's end. False for anything else. */
bool gamescope_ready_read(const char *bytes, size_t size, struct gamescope_ready *ready);
/* Where input goes: "<runtime folder>/<wayland name>-ei". False when the path is too long for a socket. */
bool gamescope_ready_eis_socket(const struct gamescope_ready *ready, const char *runtime_folder,
	char path[SOURCE_PATH_MAX]);

struct gamescope_version {
	unsigned major, minor, patch;
};

/* The oldest one that this backend was written for and tested with. */
#define GAMESCOPE_OLDEST_MAJOR 3
#define GAMESCOPE_OLDEST_MINOR 16

/* The first "gamescope version 3.16.24+..." in what `gamescope --version` says, colours and log prefixes around it. */
bool gamescope_version_read(const char *bytes, size_t size, struct gamescope_version *version);
/* Older ones have no headless backend (3.11, of Debian 12), or were never tried. */
bool gamescope_version_is_usable(const struct gamescope_version *version);
/* Both for what `gamescope --version` said: 0 or -ENOTSUP, with a sentence that says which it is. */
int gamescope_version_judge(const char *bytes, size_t size, char *text, size_t capacity);

#define GAMESCOPE_MISSING_TEXT "gamescope is not installed, or not in the PATH (/usr/games in Debian)"

#endif
