/*
 * A desktop for tests: a display_backend whose answers, their delays and their faults are the test's to choose.
 * It watches its caller too. It aborts the program on a request for an output that is gone, a second destroy, two
 * requests at once for one output or two applies at once; on an arrangement that names a dead output, misses one,
 * wants what the capabilities exclude, or repeats the one in force (so a second restore); and when the last enabled
 * output of the desktop is to be destroyed while the others are off.
 *
 * Every request is answered by the next answer scripted for its kind, else by success, from the event loop.
 */
#ifndef LODGE_TESTS_FAKE_BACKEND_H
#define LODGE_TESTS_FAKE_BACKEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "display/backend.h"

enum fake_request {
	FAKE_CREATE,
	FAKE_ADOPT,
	FAKE_SET_MODE,
	FAKE_DESTROY,
	FAKE_APPLY,
	FAKE_SEAT,
	FAKE_REQUESTS
};

struct fake_answer {
	int error; /* 0, or a negative errno */
	bool hang; /* not answered until fake_backend_answer */
	bool other_mode; /* the compositor makes another mode of it: fake_other_mode */
	bool other_topology; /* an apply leaves the desktop extended, whatever was asked for */
	uint64_t latency_us; /* 0: in the next turns of the loop */
};

extern const struct display_mode fake_other_mode;

/* Kept by the test: it outlives the backend. */
struct fake_stats {
	unsigned requests[FAKE_REQUESTS]; /* made so far */
	unsigned outputs; /* that exist now */
	unsigned created, adopted, destroyed; /* so far */
	bool outside_dark; /* by an exclusive arrangement */
	bool backend_destroyed;
	unsigned nudges; /* of outputs that exist */
	/* Set by the test: the caller gives no request up, so a second one for an output that hangs is its fault. */
	bool patient_caller;
};

/* It can do everything and has no outside outputs, until told otherwise. */
struct display_backend *fake_backend_create(sd_event *event, struct fake_stats *stats);

/* For the next request of that kind that has no answer scripted yet. */
void fake_backend_script(
	struct display_backend *backend, enum fake_request kind, struct fake_answer answer);
/* Every request without a scripted answer hangs from now on. */
void fake_backend_hang_all(struct display_backend *backend);

/* Requests that hang, oldest first; answering one must not happen from inside a call of the caller. */
size_t fake_backend_hanging(const struct display_backend *backend);
void fake_backend_answer(struct display_backend *backend, size_t index, struct fake_answer answer);

/* From the next look at the capabilities on; `fallback`: a static word. */
void fake_backend_forbid(
	struct display_backend *backend, enum display_option option, const char *fallback);
void fake_backend_set_slots(struct display_backend *backend, uint32_t slots_max);

/*
 * An earlier host left an output there, to be adopted by its name; it goes with the desktop. The caller may ask for it once, and
 * for no other.
 */
void fake_backend_leave(
	struct display_backend *backend, const char *name, const struct display_mode *mode);

/* Monitors come and go; the caller is told. Enabled ones only. */
void fake_backend_set_outside(struct display_backend *backend,
	const struct display_outside_output *outputs, size_t count);
/* Somebody moves or scales an output by hand; the caller is told. */
void fake_backend_move(struct display_backend *backend, size_t index, int32_t x, int32_t y);
void fake_backend_scale(struct display_backend *backend, size_t index, uint32_t percent);

/* The desktop is not there yet: before the caller has the backend. */
void fake_backend_start_late(struct display_backend *backend);

/* What the newest apply wanted. */
const struct display_arrangement *fake_backend_last_arrangement(
	const struct display_backend *backend);

/* The newest mode that was asked for, by create or set_mode. */
struct display_mode fake_backend_last_mode(const struct display_backend *backend);

/* Outputs that exist, oldest first. `asked_away`: a destroy of it is under way. */
const struct display_output_info *fake_backend_output(
	const struct display_backend *backend, size_t index, bool *asked_away);
void fake_backend_vanish(struct display_backend *backend, size_t index);
void fake_backend_desktop_gone(struct display_backend *backend);
/* The same, but the caller is not told of the outputs one by one. */
void fake_backend_desktop_gone_at_once(struct display_backend *backend);
void fake_backend_desktop_ready(struct display_backend *backend);

#endif
