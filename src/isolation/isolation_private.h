/*
 * What the files of this room share.
 */
#ifndef LODGE_ISOLATION_ISOLATION_PRIVATE_H
#define LODGE_ISOLATION_ISOLATION_PRIVATE_H

#include <limits.h>
#include <sys/queue.h>

#include "isolation/isolation.h"
#include "isolation/keeper_link.h"
#include "isolation/scope.h"
#include "isolation/tree_remains.h"

#define PROCESSES_MAX_DEFAULT 4096
#define TREE_NOTE "note" /* in a tree's folder */
/* The longest name that is made in a tree's folder: its sound's socket, and what programs put beside it. */
#define LONGEST_SOCKET "/tree.XXXXXX/run/gamescope-99-ei.lock"

#define LAST_WORDS_MAX 160

/* A profile, and whose. confine.c */
struct confined_name {
	LIST_ENTRY(confined_name) entry;
	char name[ISOLATED_NAME_MAX];
	struct isolated_profile profile;
};

struct kept_tree {
	LIST_ENTRY(kept_tree) entry;
	struct tree_remains remains;
};

struct isolation {
	sd_event *event;
	char *keeper;
	char parent[SOURCE_PATH_MAX];
	struct isolation_capabilities capabilities;
	char trees_text[256], sound_text[256];
	bool user_namespace; /* trees need one */
	char control_group[CONTROL_GROUP_MAX]; /* where theirs are made; "": nowhere */
	char manager
		[SOURCE_PATH_MAX]; /* the socket of the one that makes them scopes instead; "": nobody */
	LIST_HEAD(, isolated_tree) trees;
	LIST_HEAD(, kept_tree) kept;
	LIST_HEAD(, confined_name) confined;
	struct tree_endings endings;
	sd_event_source *kept_deadline;
};

struct isolated_process {
	LIST_ENTRY(isolated_process) entry;
	struct isolated_tree *tree;
	uint32_t id;
	char role[ISOLATED_NAME_MAX];
	int pidfd; /* -1: has not started */
	char last_words[LAST_WORDS_MAX];
	bool is_unclaimed; /* of an adopted tree, and nobody has asked for it yet: there are no events */
	sd_event_source *tell; /* of a start that its keeper need not tell any more */
	const struct isolated_process_events *events;
	void *data;
};

enum tree_state {
	TREE_STARTING,
	TREE_READY,
	TREE_GONE, /* its end is being told */
};

struct isolated_tree {
	LIST_ENTRY(isolated_tree) entry;
	struct isolation *isolation;
	enum tree_state state;
	struct tree_remains remains;
	struct keeper_link *link;
	sd_event_source *watch; /* of the keeper's end */
	sd_event_source *deadline; /* of the start */
	sd_event_source *tell; /* of the end */
	/* While the keeper waits for its scope, and what it is told then. */
	struct scope_request *scope;
	struct keeper_writer *setup;
	bool is_kept;
	bool is_adopted; /* an earlier host's: it was ready then */
	bool is_left; /* nothing of it is ours any more but the handles */
	uint32_t last_id;
	uint32_t processes_max;
	LIST_HEAD(, isolated_process) processes;
	struct isolated_tree_info info;
	char why[256]; /* it ended, as far as is known */
	const struct isolated_tree_events *events;
	void *data;
};

/* isolation_start.c: the keeper's start, and what it is told first. Negative errno. */
int isolated_tree_start(struct isolated_tree *tree, const struct isolated_tree_params *params);

/* isolated_tree.c */
void isolated_tree_free(struct isolated_tree *tree);
/* It lives on without us; its handles stay. */
void isolated_tree_leave(struct isolated_tree *tree);
/* Watches keeper and socket from now on; takes over `socket`. Negative errno. */
int isolated_tree_watch(struct isolated_tree *tree, int socket, uint64_t deadline_us);

/* isolated_process.c: what the keeper says of processes. */
void isolated_process_started(
	struct isolated_tree *tree, const struct keeper_message *message, int pidfd);
void isolated_process_exited(struct isolated_tree *tree, const struct keeper_message *message);
/* A line that a program of this role has written. */
void isolated_process_said(struct isolated_tree *tree, const char *role, const char *text);
/* The tree is gone: tells one of its processes so. False: there is none left. */
bool isolated_process_tell_end(struct isolated_tree *tree);
void isolated_process_free(struct isolated_process *process);

/* confine.c: NULL: none. */
const struct isolated_profile *isolation_profile(
	const struct isolation *isolation, const char *name);
bool isolation_profile_is_valid(const struct isolated_profile *profile);

/* kept.c */
void isolation_sweep(struct isolation *isolation);
struct kept_tree *isolation_find_kept(const struct isolation *isolation, const char *name);
void isolation_leave_kept(struct isolation *isolation);

/* capabilities.c */
void isolation_detect(struct isolation *isolation);

/* say.c: a line of a tree on standard error, with nothing in it that a terminal would obey. */
void isolation_copy_plain(const char *text, char *line, size_t capacity); /* colours go, the rest becomes '?' */
void isolation_say(const char *tree, const char *role, const char *text);

#endif
