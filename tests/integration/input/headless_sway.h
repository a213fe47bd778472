/* A private headless sway with two outputs: HEADLESS-1 1280x720 at 0,0 and HEADLESS-2 800x600 at 1280,100. */
#ifndef LODGE_TESTS_HEADLESS_SWAY_H
#define LODGE_TESTS_HEADLESS_SWAY_H

#include "support/sway_session.h"

struct headless_sway {
	sd_event *event; /* its own: the session's callbacks */
	struct sway_session session;
	char folder[1024]; /* runtime folder */
};

bool headless_sway_start(struct headless_sway *sway);
void headless_sway_stop(struct headless_sway *sway);
void headless_sway_signal(const struct headless_sway *sway, int signal);
/* A sway command; false: it failed. */
bool headless_sway_command(const struct headless_sway *sway, const char *command);
/* The app_id of the focused window is this one, within five seconds. */
bool headless_sway_await_focus(const struct headless_sway *sway, const char *app_id);
/* Starts a program in the desktop; its standard output goes to `output` if that is not -1. */
pid_t headless_sway_launch(const struct headless_sway *sway, char *const *words, int output);
/* Ends a program that was launched and waits for it. */
void headless_sway_end(pid_t pid, int signal);

#endif
