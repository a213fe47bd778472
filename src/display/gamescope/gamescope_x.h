/*
 * One question to the X server inside a gamescope: how large its screen is and how fast, and, if wished, a nudge for the picture.
 *
 * gamescope makes a frame only when a program in it has drawn, so who begins to look at a screen where nothing moves
 * gets nothing. The nudge clears one pixel of each window, with an exposure: the programs draw it again.
 *
 * Room: display. Thread: control asks and is answered there; libxcb waits on a thread of its own, which has a deadline.
 */
#ifndef LODGE_DISPLAY_GAMESCOPE_X_H
#define LODGE_DISPLAY_GAMESCOPE_X_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <systemd/sd-event.h>

struct gamescope_question;

struct gamescope_x_params {
	const char *display; /* ":0" */
	pid_t pid; /* a process that sees the server's socket in its own /tmp; 0: this one does */
	bool nudge;
};

struct gamescope_x_answer {
	uint32_t width_px, height_px;
	uint32_t refresh_mhz; /* as gamescope tells it; 0: it does not */
	pid_t pid; /* who listens there: gamescope, or its X server */
	uint32_t nudged; /* windows */
};

/* error: 0, -ETIMEDOUT, or why nobody answered. The question is gone after this call. */
typedef void (*gamescope_x_done)(void *data, int error, const struct gamescope_x_answer *answer);

/* NULL with errno: then `done` is not called. */
struct gamescope_question *gamescope_x_ask(sd_event *event, const struct gamescope_x_params *params,
	gamescope_x_done done, void *data);
/* Without its answer; NULL is harmless. Waits for the thread, which is woken. */
void gamescope_x_cancel(struct gamescope_question *question);

#endif
