/*
 * Desktops of gamescope in isolated trees, what their backends have told, and what is seen and heard of them. Every wait
 * has a deadline. Thread: the test's.
 */
#ifndef LODGE_TESTS_GAMESCOPE_WORLD_H
#define LODGE_TESTS_GAMESCOPE_WORLD_H

#include "../isolation/isolation_world.h"
#include "display/gamescope/gamescope_backend.h"
#include "input/injector.h"

/* A backend with a tree of its own, and all that it has said. */
struct desktop {
	struct world *world;
	struct noted_tree tree;
	struct display_backend *backend;
	struct display_output *output;
	struct display_output_info info;
	unsigned readies, gones, vanishes, answers, program_ends;
	int error;
	char text[256]; /* of the last answer, or of desktop_gone */
	char log[SOURCE_PATH_MAX + 16]; /* x-card's */
	unsigned trees, trees_lost; /* of the backend's own, so far; the newest is tree.info */
	size_t log_read;
	struct input_desktop *input;
	struct injector *injector;
};

/* Program paths, from the test's arguments: KEEPER X-CARD SHIM */
struct gamescope_programs {
	const char *x_card, *shim;
};
extern struct gamescope_programs gamescope_programs;

#define RED 0xff0000u
#define GREEN 0x00ff00u
#define BLUE 0x0000ffu

/* A tree with sound, and in it a backend for x-card with these colours; waits until it is ready. */
void desktop_start(struct world *world, struct desktop *desktop, const char *name, uint32_t first,
	uint32_t second);
/* The same in the place of a session; the takeover is taken over. */
void desktop_start_managed(struct world *world, struct desktop *desktop, const char *name,
	struct gamescope_takeover *takeover, uint32_t first, uint32_t second);
/* The same without a program, and with this instead of gamescope; does not wait for the backend. */
void desktop_start_binary(
	struct world *world, struct desktop *desktop, const char *name, const char *binary);
void desktop_finish_all(struct desktop *desktop);
/* Takes what the backend says. */
void desktop_listen(struct desktop *desktop, struct world *world, struct display_backend *backend);

void desktop_create(struct desktop *desktop, uint32_t width_px, uint32_t height_px);
/* Fails unless it succeeded. */
void desktop_create_output(struct desktop *desktop, uint32_t width_px, uint32_t height_px);
void desktop_destroy_output(struct desktop *desktop);
void desktop_await(struct desktop *desktop, const unsigned *count, unsigned least);

/* An injector on its output; waits until it takes input. */
void desktop_open_input(struct desktop *desktop);
void desktop_close_input(struct desktop *desktop);
/* The backend makes its tree itself; does not wait. `log`: where x-card writes. */
void desktop_start_own_tree(struct world *world, struct desktop *desktop, const char *name,
	const char *log, uint32_t first, uint32_t second);
/* The next line of x-card's log; waits until it is this one, and skips others. */
void desktop_await_line(struct desktop *desktop, const char *line);
/* Whether the log has such a line, by now. */
bool desktop_has_line(const struct desktop *desktop, const char *line);

/* Looks until the middle of the picture has this colour; nudges when the screen is still. */
void desktop_await_colour(struct desktop *desktop, uint32_t colour);

#endif
