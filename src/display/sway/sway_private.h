/*
 * The parts that the files of the sway backend share. Room: display/sway only. Thread: control.
 *
 *   sway_backend.c     connection, start and restart, the door's functions
 *   sway_outbox.c      what is told to the registry, in order, never from inside another call
 *   sway_queue.c       operations, one at a time, each with a deadline
 *   sway_operations.c  what an operation does
 *   sway_steps.c       the steps that several operations share
 */
#ifndef LODGE_DISPLAY_SWAY_PRIVATE_H
#define LODGE_DISPLAY_SWAY_PRIVATE_H

#include "display/sway/sway_backend.h"
#include "display/sway/sway_ipc.h"
#include "display/sway/sway_names.h"
#include "display/sway/sway_state.h"

#define SWAY_TEXT_MAX 256

enum sway_notice_kind {
	SWAY_NOTICE_CREATED,
	SWAY_NOTICE_MODE,
	SWAY_NOTICE_DESTROYED,
	SWAY_NOTICE_VANISHED,
	SWAY_NOTICE_GONE,
	SWAY_NOTICE_READY,
};

struct sway_notice {
	struct sway_notice *next;
	enum sway_notice_kind kind;
	union {
		display_create_done create;
		display_mode_done mode;
		display_destroy_done destroy;
	} done;
	void *data;
	int error;
	char text[SWAY_TEXT_MAX];
	struct display_output *output; /* DESTROYED, VANISHED: owned, freed after the call */
	struct display_output_info info;
};

struct display_output {
	struct display_output *next;
	struct sway_notice *vanished; /* made beforehand, so that telling cannot fail */
	char name[SOURCE_NAME_MAX];
	struct display_mode mode; /* as asked */
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
	SWAY_SETUP, /* first on every connection */
	SWAY_RECONCILE, /* compares sway's outputs with ours */
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
	char name[SOURCE_NAME_MAX]; /* CREATE, DESTROY: what may be left behind on failure */
	json_t *outputs; /* the newest list */
	unsigned tries;

	struct { /* sway_apply */
		char name[SOURCE_NAME_MAX];
		struct display_mode mode;
		unsigned tries;
		sway_after after;
	} apply;
	struct sway_output_state state; /* as read back by it */
	struct { /* sway_move */
		sway_output_test from;
		char target[SOURCE_NAME_MAX];
		bool keep_target;
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
	pid_t peer; /* the sway that the names below belong to */
	bool ready, can_unplug, closing;
	uint64_t ready_at_us, backoff_us;
	struct display_output *outputs;
	struct sway_names parked; /* ours, unused */
	struct sway_names stale; /* ours, but nobody's any more: to be removed when possible */
	struct sway_operation *first;
	struct sway_notice *notices, **last_notice;
	sd_event_source *retry, *work, *deliver;
};

/* sway_backend.c */
void sway_backend_became_ready(struct sway_backend *backend, bool can_unplug);
void sway_backend_retry(
	struct sway_backend *backend); /* drops what is half set up, a little later */
/* Takes the output out of the backend and tells; fails the operations that wait for it. */
void sway_backend_vanish(struct sway_backend *backend, struct display_output *output);
/* The anchor, parked and stale outputs: nobody looks at them. */
bool sway_backend_hides(const struct sway_backend *backend, const char *name);
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

/* sway_queue.c */
bool sway_queue_init(struct sway_backend *backend);
void sway_queue_finish(struct sway_backend *backend);
/* NULL when memory is short. Appended to the queue, or put first (SETUP). */
struct sway_operation *sway_queue_add(
	struct sway_backend *backend, enum sway_operation_kind kind, struct sway_notice *notice);
void sway_queue_reconcile(struct sway_backend *backend); /* once, however often it is asked for */
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

/* sway_steps.c: each calls `after` once, unless the connection breaks. */
void sway_apply(struct sway_operation *operation, const char *name, const struct display_mode *mode,
	sway_after after); /* fills operation->state and ->outputs */
void sway_move(struct sway_operation *operation, sway_output_test from, const char *target,
	bool keep_target, sway_after after);
void sway_withdraw(struct sway_operation *operation, const char *name, sway_after after);

/* sway_operations.c */
void sway_operation_start(struct sway_operation *operation);

#endif
