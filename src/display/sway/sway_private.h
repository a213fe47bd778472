/*
 * The parts that the files of the sway backend share. Room: display/sway only. Thread: control.
 *
 *   sway_backend.c     connection, start and restart
 *   sway_door.c        the door's functions
 *   sway_outbox.c      what is told to the registry, in order, never from inside another call
 *   sway_observe.c     what differs from what was told
 *   sway_queue.c       operations, one at a time, each with a deadline
 *   sway_operations.c  what creating, changing and destroying do
 *   sway_arrange.c     topology and places
 *   sway_setup.c       the beginning of a connection, and what a crash left
 *   sway_adopt.c       what an earlier host left
 *   sway_reconcile.c   what others did
 *   sway_program.c     whether the program that the desktop is for is over
 *   sway_seats.c       seats and the rules that they need
 *   sway_steps.c, sway_topology.c, sway_places.c  the steps that several operations share
 */
#ifndef LODGE_DISPLAY_SWAY_PRIVATE_H
#define LODGE_DISPLAY_SWAY_PRIVATE_H

#include "display/sway/sway_arrivals.h"
#include "display/sway/sway_backend.h"
#include "display/sway/sway_ipc.h"
#include "display/sway/sway_names.h"
#include "display/sway/sway_notes.h"
#include "display/sway/sway_state.h"
#include "display/sway/sway_windows.h"

#define SWAY_TEXT_MAX 256

enum sway_notice_kind {
	SWAY_NOTICE_CREATED,
	SWAY_NOTICE_MODE,
	SWAY_NOTICE_DESTROYED,
	SWAY_NOTICE_APPLIED,
	SWAY_NOTICE_COMMAND, /* of a seat or a launch: done, or not */
	SWAY_NOTICE_CHANGED,
	SWAY_NOTICE_OUTSIDE,
	SWAY_NOTICE_VANISHED,
	SWAY_NOTICE_GONE,
	SWAY_NOTICE_READY,
	SWAY_NOTICE_FAILED,
};

struct sway_notice {
	struct sway_notice *next;
	enum sway_notice_kind kind;
	union {
		display_create_done create;
		display_mode_done mode;
		display_destroy_done destroy;
		display_apply_done apply;
		display_seat_done command; /* as display_launch_done */
	} done;
	void *data;
	int error;
	char text[SWAY_TEXT_MAX];
	struct display_output *output; /* DESTROYED, VANISHED: owned, freed after the call */
	struct display_output_info info;
	enum display_topology topology;
	struct display_outside_output *outside; /* owned */
	size_t outside_count;
};

struct display_output {
	struct display_output *next;
	struct sway_notice *vanished; /* made beforehand, so that telling cannot fail */
	char name[SOURCE_NAME_MAX];
	struct display_mode mode; /* as asked; its scale as the user made it since */
	struct display_output_info told; /* what the registry knows of it */
	bool placed; /* an arrangement has put it, or the user, at: */
	int32_t x, y;
	unsigned corrections; /* how often its mode was applied again in a row */
	uint64_t corrected_us; /* when last */
};

struct sway_operation;
typedef void (*sway_step)(struct sway_operation *operation, const json_t *reply);
typedef void (*sway_after)(struct sway_operation *operation, int error, const char *text);

enum sway_operation_kind {
	SWAY_CREATE,
	SWAY_SET_MODE,
	SWAY_DESTROY,
	SWAY_ARRANGE,
	SWAY_SETUP, /* first on every connection */
	SWAY_RECONCILE, /* compares sway's outputs with ours */
	SWAY_SEAT,
	SWAY_ADOPT,
	SWAY_LAUNCH,
	SWAY_PROGRAM,
};

/* Where outputs are to be, by name: they may be gone before their turn comes. */
struct sway_wish {
	enum display_topology topology;
	size_t count;
	struct sway_place {
		char name[SOURCE_NAME_MAX];
		int32_t x, y;
		bool primary;
	} places[DISPLAY_PLACEMENTS_MAX];
};

struct sway_operation {
	struct sway_operation *next;
	struct sway_backend *backend;
	enum sway_operation_kind kind;
	bool started;
	struct sway_notice *notice; /* NULL: nobody waits for it, or its deadline has passed */
	sd_event_source *deadline, *pause;
	sway_step step;
	struct display_mode mode;
	struct display_output *output; /* SET_MODE: NULL once it is not to be touched any more */
	char name[SOURCE_NAME_MAX]; /* CREATE, ADOPT, DESTROY: what may be left behind on failure */
	json_t *outputs; /* the newest list */
	unsigned tries;
	struct sway_wish *wish; /* ARRANGE; RECONCILE after a reload */
	bool restored; /* RECONCILE: it has tried to */
	bool first_seat_hidden; /* RECONCILE: it is on an output that nobody looks at */
	char focused[SOURCE_NAME_MAX]; /* RECONCILE: the output that the first seat is on */
	char seat[DISPLAY_SEAT_NAME_MAX]; /* SEAT */
	char *commands; /* SEAT: not yet told to sway; LAUNCH */

	struct { /* sway_apply_mode */
		char name[SOURCE_NAME_MAX];
		struct display_mode mode;
		unsigned tries;
		sway_after after;
	} apply;
	struct sway_output_state state; /* as read back by it */
	struct { /* sway_move */
		sway_output_test from;
		char target[SOURCE_NAME_MAX];
		enum sway_view shown;
		unsigned tries;
		json_t *tree;
		sway_after after;
	} move;
	struct { /* sway_withdraw */
		char name[SOURCE_NAME_MAX];
		bool focused;
		unsigned tries;
		sway_after after;
	} withdraw;
	struct { /* sway_darken, sway_restore */
		char target[SOURCE_NAME_MAX];
		unsigned tries;
		json_t *tree;
		sway_after after;
	} topology;
	struct { /* sway_put */
		unsigned tries;
		sway_after after;
	} put;
	int failure; /* told at the end, after cleaning up */
	char failure_text[SWAY_TEXT_MAX];
};

struct sway_backend {
	struct display_backend base;
	sd_event *event;
	struct sway_spawn_params *spawn; /* owned copy; NULL: attached */
	struct sway_process *process;
	char ipc_socket[SOURCE_PATH_MAX], wayland_socket[SOURCE_PATH_MAX];
	struct sway_ipc *ipc;
	struct display_journal *journal; /* not owned; NULL: nothing is noted on the disk */
	struct sway_notes
		notes; /* they, and the names below, belong to the sway that is connected */
	bool ready, can_unplug, closing;
	bool adopting; /* the sway is an earlier host's, and what there is of it has not been looked at */
	struct display_capabilities capabilities;
	struct sway_names seats; /* that were asked for: made again whenever sway has lost them */
	bool seats_ruled; /* sway has heard the rules for new windows */
	struct sway_arrivals arrivals; /* kept only while the rules are in force */
	struct { /* sway_program.c, of the sway that runs */
		bool has_exited, has_shown; /* its process; a window, of whosever */
		bool is_told;
		int status;
		char text[SWAY_TEXT_MAX];
		sd_event_source *patience;
	} program;
	uint64_t ready_at_us, backoff_us, reloaded_us;
	uint64_t started_at_us; /* its process */
	unsigned failures; /* starts in a row that did not last */
	struct display_output *outputs;
	struct sway_names parked; /* ours, unused */
	struct sway_names found; /* an earlier host's, about to be ours */
	struct sway_names stale; /* ours, but nobody's any more: to be removed when possible */
	struct sway_names pinned; /* not managed, but given an explicit place: where they were */
	struct display_outside_output outside[DISPLAY_OUTSIDE_MAX]; /* as last told */
	size_t outside_count;
	struct sway_operation *first;
	struct sway_notice *notices, **last_notice;
	sd_event_source *retry, *work, *deliver;
};

/* sway_backend.c */
extern const struct display_backend_impl sway_backend_impl; /* sway_door.c */
void sway_backend_destroy(struct display_backend *backend);
void sway_backend_became_ready(struct sway_backend *backend);
void sway_backend_retry(
	struct sway_backend *backend); /* drops what is half set up, a little later */
/* Takes the output out of the backend and tells; fails the operations that wait for it. */
void sway_backend_vanish(struct sway_backend *backend, struct display_output *output);
/* Just now: scales and places that nobody wrote into the configuration are lost, or will be in a moment. */
bool sway_backend_was_reloaded(const struct sway_backend *backend);
/* The anchor, parked and stale outputs: nobody looks at them. */
bool sway_backend_hides(const struct sway_backend *backend, const char *name);
/* Neither managed nor hidden, nor coming or going. */
bool sway_backend_is_outside(const struct sway_backend *backend, const char *name);
struct display_output *sway_backend_find(const struct sway_backend *backend, const char *name);
void sway_backend_unlink(struct sway_backend *backend, struct display_output *output);

/* sway_outbox.c */
bool sway_outbox_init(struct sway_backend *backend);
void sway_outbox_finish(struct sway_backend *backend);
void sway_outbox_push(struct sway_backend *backend, struct sway_notice *notice);
void sway_outbox_tell(struct sway_backend *backend, enum sway_notice_kind kind, const char *text);
void sway_notice_free(struct sway_notice *notice);
struct display_output *sway_output_new(void);
void sway_output_free(struct display_output *output);

/* sway_observe.c */
void sway_fill_info(const struct sway_backend *backend, const struct sway_output_state *state,
	struct display_output_info *info);
/* Tells whatever in sway's list differs from what was told; the outside outputs at any rate, if `always`. */
void sway_observe(struct sway_backend *backend, const json_t *outputs, bool always);

/* sway_adopt.c */
/* The first list of outputs of a sway that an earlier host had. */
void sway_adopt_sort(struct sway_backend *backend, const json_t *outputs);
/* That sway is gone, or its connection: nothing is to be found there any more. */
void sway_adopt_forget(struct sway_backend *backend);
/* Nobody takes this output over: it goes, and its windows to one that is looked at. */
void sway_adopt_give_up(struct sway_backend *backend, const char *name);

/* sway_queue.c */
bool sway_queue_init(struct sway_backend *backend);
void sway_queue_finish(struct sway_backend *backend);
/* NULL when memory is short. Appended to the queue, or put first (SETUP). */
struct sway_operation *sway_queue_add(
	struct sway_backend *backend, enum sway_operation_kind kind, struct sway_notice *notice);
void sway_queue_reconcile(struct sway_backend *backend); /* once, however often it is asked for */
/* Whether an output of this name is being made or removed, or is about to be. */
bool sway_queue_moves(const struct sway_backend *backend, const char *name);
void sway_queue_run(struct sway_backend *backend);
void sway_queue_drop_setup(struct sway_backend *backend); /* its connection is gone */
/* Nobody waits any more: what has not begun is dropped, the rest (and every destroy) is done silently. */
void sway_queue_orphan(struct sway_backend *backend);
/* Ends every operation; its connection must be gone. */
void sway_queue_fail(struct sway_backend *backend, int error, const char *text);
/* Answers those who wait for a mode of this output, which is not touched any more. */
void sway_queue_fail_modes(struct sway_backend *backend, const struct display_output *output,
	int error, const char *text);

/* For steps: exactly one of these ends each step. */
void sway_ask(struct sway_operation *operation, enum sway_message_type type, const char *payload,
	sway_step step);
void sway_pause(struct sway_operation *operation, sway_step step); /* goes on a little later */
void sway_finish(struct sway_operation *operation, int error, const char *text);

/* The steps: each calls `after` once, unless the connection breaks, with operation->outputs fresh. */

/* sway_steps.c */
bool sway_mode_is_parked(const struct display_mode *mode);
void sway_keep_outputs(struct sway_operation *operation, const json_t *outputs);
void sway_apply_mode(struct sway_operation *operation, const char *name,
	const struct display_mode *mode, sway_after after); /* fills operation->state */
void sway_move(struct sway_operation *operation, sway_output_test from, const char *target,
	enum sway_view shown, sway_after after); /* does not ask for outputs */
void sway_withdraw(struct sway_operation *operation, const char *name, sway_after after);

/* sway_topology.c */
/* Turns off every outside output of operation->outputs; their windows go to `target`. */
void sway_darken(struct sway_operation *operation, const char *target, sway_after after);
/* Turns on again, as it was, what was turned off. Nothing to do: `after` at once. */
void sway_restore(struct sway_operation *operation, sway_after after);

/* sway_places.c: puts the managed outputs where operation->wish says, all others stay where operation->outputs says. */
void sway_put(struct sway_operation *operation, sway_after after);

/* sway_program.c */
void sway_program_exited(struct sway_backend *backend, int status, const char *text);
void sway_program_window(struct sway_backend *backend, bool is_new); /* one came, or went */
void sway_program_look(
	struct sway_backend *backend); /* whether it is over, as soon as sway answers */
void sway_program_forget(struct sway_backend *backend); /* its sway is gone */
void sway_program_start(struct sway_operation *operation);

/* What an operation does: sway_operations.c, sway_arrange.c, sway_setup.c, sway_reconcile.c, sway_seats.c */
void sway_operation_start(struct sway_operation *operation);
void sway_arrange_start(struct sway_operation *operation);
void sway_setup_start(struct sway_operation *operation);
void sway_reconcile_start(struct sway_operation *operation);
void sway_seat_start(struct sway_operation *operation);
void sway_adopt_start(struct sway_operation *operation);
/* For sway; freed by the caller, NULL when memory is short. */
char *sway_launch_command(const char *command);
void sway_launch_start(struct sway_operation *operation);

#endif
