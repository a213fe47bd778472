/*
 * Which gamescope this machine has: its version is asked when the host starts, before any desktop is chosen.
 *
 * Room: display. Thread: control, whose event loop must have SIGCHLD blocked. One that is installed later is found by the
 * next start of the host.
 */
#ifndef LODGE_DISPLAY_GAMESCOPE_INSTALLED_H
#define LODGE_DISPLAY_GAMESCOPE_INSTALLED_H

#include <stdbool.h>
#include <systemd/sd-event.h>

struct gamescope_installed;

struct gamescope_installed_params {
	sd_event *event;
	const char *search_path; /* NULL: that of isolated trees */
	/* Once, when it is known; from the event loop, or from inside gamescope_installed_is_usable. May be NULL. */
	void (*known)(void *data, bool usable, const char *text);
	void *data;
};

/* NULL with errno. No gamescope at all is an answer. */
struct gamescope_installed *gamescope_installed_ask(
	const struct gamescope_installed_params *params);
/*
 * Whether it is one for gamescope_backend_spawn; `text`: which, or why not, one sentence that lives as long as this. An answer
 * that has not come yet is waited for, a second at most: none then is "no".
 */
bool gamescope_installed_is_usable(struct gamescope_installed *installed, const char **text);
/* NULL is harmless. */
void gamescope_installed_destroy(struct gamescope_installed *installed);

/* A GPU that programs may use. Without one gamescope shows but the first picture of most of them (docs/gamescope.md). */
bool gamescope_has_gpu(void);

#endif
