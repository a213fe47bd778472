/*
 * What the files of the pool share: desktops.c (which desktops there are), keep.c (what outlives the host) and adopt.c (what
 * an earlier host left).
 */
#ifndef LODGE_DESKTOPS_DESKTOPS_PRIVATE_H
#define LODGE_DESKTOPS_DESKTOPS_PRIVATE_H

#include "desktops/compositor.h"
#include "desktops/desktop_record.h"
#include "desktops/desktops.h"

struct display_backend;

enum keeping_kind {
	KEEPING_NOT, /* it ends with the host */
	KEEPING_UNTIL, /* CLOCK_MONOTONIC; UINT64_MAX: for ever */
	KEEPING_AFTER, /* so long after the host's end */
	KEEPING_UNKNOWN, /* nobody has said, here */
};

struct keeping {
	enum keeping_kind kind;
	uint64_t value_ns;
};

struct own_desktop {
	struct desktops *desktops;
	struct own_desktop *next;
	char name[ISOLATED_NAME_MAX];
	uint8_t client[DISPLAY_IDENTITY_SIZE];
	char app[DESKTOP_APP_MAX];
	enum compositor compositor;
	struct display_registry *registry;
	struct display_backend *backend; /* the registry's */
	bool was_ready, ending;
	bool cannot_restart; /* an earlier host's, and what it had started is unknown here */
	bool is_over; /* to be destroyed at the next occasion */
	char app_end[192]; /* its app is over: how; "": it is not */
	bool is_adopted; /* its displays are not all taken over yet: until then it is kept as it was */
	struct isolated_tree_info info;
	bool has_info;
	struct keeping keeping; /* as the tree was told */
	struct desktop_record *noted; /* as the tree was told; NULL: nothing */
};

struct desktops {
	struct desktops_params params;
	char **launch;
	struct isolation *isolation;
	struct machine *machine;
	struct own_desktop *first;
	uint32_t count;
	sd_event_source *
		app_end; /* enabled while an app's end is to be told, before anything that comes of it */
	sd_event_source *
		sweep; /* enabled while one of them may have lost its last display, or is to be kept otherwise */
};

/* desktops.c: `record` NULL: a new one; else the one that an earlier host kept. NULL with errno. */
struct own_desktop *own_desktop_make(struct desktops *desktops,
	const uint8_t client[DISPLAY_IDENTITY_SIZE], const struct desktop_program *program,
	const struct desktop_record *record, enum compositor compositor);
void own_desktop_destroy(struct own_desktop *desktop);
void own_desktop_name(const uint8_t client[DISPLAY_IDENTITY_SIZE], char name[ISOLATED_NAME_MAX]);

/* keep.c: has its tree live on, or not, as its displays are to. */
void own_desktop_keep(struct own_desktop *desktop);
/* For how long these displays ask for. Pure but for the policy. */
struct keeping keeping_of(const struct display_state *states, size_t count,
	void (*read_policy)(void *data, const uint8_t *client, struct display_policy *policy),
	void *data);

#endif
