/*
 * The parts that the files of the gamescope backend share. Room: display/gamescope only. Thread: control.
 *
 *   gamescope_door.c     the door's functions, for both kinds
 *   gamescope_outbox.c   what is told to the registry, in order, never from inside another call
 *   gamescope_spawn.c    a gamescope of our own
 *   gamescope_attach.c   somebody else's
 */
#ifndef LODGE_DISPLAY_GAMESCOPE_PRIVATE_H
#define LODGE_DISPLAY_GAMESCOPE_PRIVATE_H

#include "display/gamescope/gamescope_backend.h"
#include "display/gamescope/gamescope_x.h"

struct display_output {
	struct display_output_info info;
};

enum gamescope_notice_kind {
	GAMESCOPE_CREATED,
	GAMESCOPE_MODE,
	GAMESCOPE_DESTROYED,
	GAMESCOPE_APPLIED,
	GAMESCOPE_VANISHED,
	GAMESCOPE_GONE,
	GAMESCOPE_READY,
	GAMESCOPE_START_FAILED,
};

struct gamescope_notice {
	struct gamescope_notice *next;
	enum gamescope_notice_kind kind;
	union {
		display_create_done create;
		display_mode_done mode;
		display_destroy_done destroy;
		display_apply_done apply;
	} done;
	void *data;
	int error;
	char text[256];
	struct display_output *output; /* DESTROYED, VANISHED: owned, freed after the call */
	struct display_output_info info;
};

#define GAMESCOPE_OUTPUT_NAME "gamescope"

struct gamescope_backend;

/* What the two kinds do differently. */
struct gamescope_kind {
	/* A display of backend->wanted is asked for; gamescope_created or gamescope_failed follows, never from inside. */
	void (*begin)(struct gamescope_backend *backend);
	/* The same for a display that an earlier host left, of this name. NULL: there can be none. */
	void (*adopt)(struct gamescope_backend *backend, const char *name);
	/* The display was destroyed; backend->destroyed is told by it, now or when it is so. */
	void (*end)(struct gamescope_backend *backend);
	void (*finish)(struct gamescope_backend *backend); /* all that the kind owns */
};

/* What is known of the gamescope that can be looked at now. */
struct gamescope_place {
	pid_t pid; /* 0: its /tmp is ours */
	char x_display[16], eis_socket[SOURCE_PATH_MAX];
	char pipewire_socket[SOURCE_PATH_MAX], node_name[SOURCE_NAME_MAX];
};

struct gamescope_backend {
	struct display_backend base;
	const struct gamescope_kind *kind;
	sd_event *event;
	struct display_capabilities capabilities;
	struct gamescope_place place;
	struct display_output *output; /* NULL: none */
	struct gamescope_notice *creating, *destroyed; /* requests that are not answered yet */
	struct display_mode wanted; /* by `creating` */
	struct gamescope_question *nudge;
	bool nudge_again; /* asked for while one was under way */
	struct gamescope_notice *notices, **last_notice;
	sd_event_source *deliver;
};

/* gamescope_door.c */
/* 0 or a negative errno; undone by gamescope_backend_finish, which does not free the backend, in any case. */
int gamescope_backend_init(struct gamescope_backend *backend, const struct gamescope_kind *kind,
	sd_event *event, bool mirrored);
void gamescope_backend_finish(struct gamescope_backend *backend);
/* Answers `creating` with what was found to be: the size, and the rate that it was given. */
void gamescope_created(struct gamescope_backend *backend, uint32_t width_px, uint32_t height_px,
	uint32_t refresh_mhz);
/* Answers `creating`, if there is one. */
void gamescope_failed(struct gamescope_backend *backend, int error, const char *text);
/* gamescope is gone: the output vanishes, `creating` fails, and the registry hears it. */
void gamescope_lost(struct gamescope_backend *backend, int error, const char *text);

/* gamescope_outbox.c */
int gamescope_outbox_init(struct gamescope_backend *backend);
void gamescope_outbox_finish(struct gamescope_backend *backend);
/* Never NULL: a request without a notice could never be answered. */
struct gamescope_notice *gamescope_notice_make(enum gamescope_notice_kind kind, void *data);
void gamescope_notice_free(struct gamescope_notice *notice);
void gamescope_outbox_push(struct gamescope_backend *backend, struct gamescope_notice *notice);
void gamescope_outbox_tell(
	struct gamescope_backend *backend, enum gamescope_notice_kind kind, const char *text);

#endif
