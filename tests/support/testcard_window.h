/* The window of the test card: an xdg toplevel with three shared memory buffers. */
#ifndef LODGE_TESTS_TESTCARD_WINDOW_H
#define LODGE_TESTS_TESTCARD_WINDOW_H

#include <wayland-client.h>

#include "testcard_scene.h"

#define WINDOW_BUFFERS 3

struct window_buffer {
	struct wl_buffer *buffer;
	struct canvas canvas;
	struct scene_state shows;
	bool busy; /* the compositor reads it */
};

struct window_params {
	const char *app_id;
	bool fullscreen;
	bool fixed; /* the size is asked for: the window floats where the compositor knows that */
	bool log;
};

struct window {
	struct wl_display *display;
	struct wl_registry *registry;
	struct wl_compositor *compositor;
	struct wl_shm *shm;
	struct xdg_wm_base *shell;
	struct wl_list seats; /* testcard_seat.c */
	struct wl_surface *surface;
	struct xdg_surface *shell_surface;
	struct xdg_toplevel *toplevel;
	struct wl_callback *frame; /* until the compositor wants the next one */
	struct window_params params;
	struct scene scene;
	struct window_buffer buffers[WINDOW_BUFFERS];
	struct scene_state shown; /* by the last commit */
	int asked_width, asked_height; /* 0: as we like */
	bool configured, closed;
	int64_t drawn_ms; /* monotonic */
	uint64_t frames;
	int64_t first_frame_ms;
};

/* scene.impl, its sizes and the params are set by the caller. false: printed why. */
bool window_open(struct window *window);
void window_close(struct window *window);
/* Draws what is new; milliseconds until it wants to be called again, -1: when something happens. */
int window_update(struct window *window);
int64_t window_time_ms(void);

/* testcard_seat.c */
void seat_add(struct window *window, uint32_t global, uint32_t version);
void seat_remove(struct window *window, uint32_t global);
void seats_finish(struct window *window);

#endif
