/* What the fake's outputs and requests (fake_backend.c) and its desktop as a whole (fake_desktop.c) share. */
#ifndef LODGE_TESTS_FAKE_BACKEND_PRIVATE_H
#define LODGE_TESTS_FAKE_BACKEND_PRIVATE_H

#include <stdio.h>
#include <stdlib.h>
#include <sys/queue.h>

#include "fake_backend.h"

#define SCRIPT_MAX 64
#define LEFT_MAX 4

/* Straight to the descriptor: tests may have silenced stderr. */
#define FAKE_ASSERT(condition)                                                                     \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			dprintf(2, "%s:%d: the caller broke: %s\n", __FILE__, __LINE__,            \
				#condition);                                                       \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

struct display_output {
	bool exists, asked_away;
	unsigned hanging; /* requests for it that hang: the caller may have given them up */
	unsigned busy; /* requests for it that will be answered by themselves */
	struct display_output_info info;
	TAILQ_ENTRY(display_output) link; /* also when gone: its use can be recognised */
};

/* By an earlier host. */
struct left_output {
	char name[SOURCE_NAME_MAX];
	struct display_mode mode;
	bool asked_for, gone;
};

struct pending {
	struct fake_backend *backend;
	enum fake_request kind;
	struct fake_answer answer;
	struct display_mode mode;
	struct display_output *output;
	const struct left_output *left; /* ADOPT */
	struct display_arrangement *arrangement;
	unsigned changes; /* of the backend, when it was asked for */
	sd_event_source *source; /* NULL: hangs */
	union {
		display_create_done created;
		display_mode_done mode_set;
		display_destroy_done destroyed;
		display_apply_done applied;
		display_seat_done seated;
	} done;
	void *data;
	TAILQ_ENTRY(pending) link;
};

struct fake_backend {
	struct display_backend base;
	sd_event *event;
	struct fake_stats *stats;
	bool gone, hang_all;
	unsigned next_name;
	struct display_mode last_mode;
	struct display_capabilities capabilities;
	struct display_outside_output outside[DISPLAY_OUTSIDE_MAX];
	size_t outside_count;
	struct display_arrangement last; /* asked for */
	struct display_arrangement in_force; /* as long as `changes` is the same */
	unsigned changes, in_force_since;
	/* Since the outside was turned off: a restore was asked for, or the last output vanished by itself. */
	bool excused;
	struct left_output left[LEFT_MAX];
	size_t left_count;
	struct fake_answer script[FAKE_REQUESTS][SCRIPT_MAX];
	unsigned scripted[FAKE_REQUESTS];
	TAILQ_HEAD(, display_output) outputs;
	TAILQ_HEAD(, pending) pending;
};

/* fake_backend.c */
static inline struct fake_backend *fake(const struct display_backend *backend)
{
	return (struct fake_backend *)backend;
}

struct pending *fake_ask(struct fake_backend *backend, enum fake_request kind,
	struct display_output *output, void *data);
struct display_output *fake_find_output(const struct display_backend *backend, size_t index);

/* fake_desktop.c */
/* Something is not as it was: the same arrangement may be asked for again. */
void fake_changed(struct fake_backend *backend);
void fake_set_outside_dark(struct fake_backend *backend, bool dark);
void fake_tell_outside(struct fake_backend *backend);
void fake_answer_apply(struct pending *pending, int error);
void fake_apply(struct display_backend *base, const struct display_arrangement *wanted,
	display_apply_done done, void *data);

#endif
