/*
 * What the test card shows. A scene is a small state; a buffer remembers the state that it shows, so that
 * painting and damage come down to the difference of two states.
 */
#ifndef LODGE_TESTS_TESTCARD_SCENE_H
#define LODGE_TESTS_TESTCARD_SCENE_H

#include <stdbool.h>

#include "testcard_canvas.h"

/* The cell that a key press toggles. */
#define SCENE_MARKER_WIDTH 16
#define SCENE_MARKER_HEIGHT 24
#define SCENE_DAMAGE_RECTS 3

struct scene_state {
	bool painted; /* false: the memory holds anything */
	bool marker;
	int page;
	int offset; /* of scrolling or moving content, px */
	int box_x, box_y;
	int64_t time_ms; /* of the day, local */
};

struct scene {
	const struct scene_impl *impl;
	struct scene_state now; /* what is to be shown */
	int width, height;
	int marker_x_percent, marker_y_percent;
	int step_x, step_y; /* of the box */
	struct canvas sheet; /* a page prepared once, or the still part of the picture */
};

struct scene_impl {
	const char *name;
	int width, height; /* of the window if nobody says */
	bool animated;
	bool keys; /* a key press changes the picture */
	int least_interval_ms; /* between two frames */
	/* The size is new; false: out of memory. May be NULL, as the other two. */
	bool (*resize)(struct scene *scene);
	void (*step)(struct scene *scene);
	/* From what the canvas shows to scene->now. */
	void (*paint)(const struct scene *scene, const struct canvas *canvas,
		const struct scene_state *before);
	/* What differs between two states: at most SCENE_DAMAGE_RECTS; 0: nothing. NULL: everything. */
	int (*damage)(
		const struct scene *scene, const struct scene_state *before, struct rect *rects);
};

const struct scene_impl *scene_find(const char *name);
/* The names, each with a space before it. */
void scene_print_names(void);

bool scene_resize(struct scene *scene, int width, int height);
void scene_finish(struct scene *scene);
void scene_key(struct scene *scene);
bool scene_same(const struct scene_state *a, const struct scene_state *b);
struct rect scene_marker(const struct scene *scene);

extern const struct scene_impl scene_demo; /* testcard_demo.c */

#endif
