/*
 * A private headless sway: one process tree with a runtime folder of its own, which both go together.
 *
 * Room: display. Thread: control, whose event loop must have SIGCHLD blocked. Nothing of the host's own
 * environment reaches sway or the programs in it. If this process dies, sway gets SIGTERM and the programs
 * lose their display.
 */
#ifndef LODGE_DISPLAY_SWAY_SPAWN_H
#define LODGE_DISPLAY_SWAY_SPAWN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <systemd/sd-event.h>

struct display_journal;
struct isolated_tree_info;
struct isolation;

struct sway_spawn_params {
	const char *binary; /* a path, or a name looked up in search_path; NULL: "sway" */
	const char
		*runtime_parent; /* the private folder is made in here; NULL: SWAY_RUNTIME_PARENT */
	const char *search_path; /* PATH of sway and its programs; NULL: the usual folders */
	/* Further NAME=VALUE strings; they win over what is set by default. */
	const char *const *environment;
	size_t environment_count;
	/* Shell commands that are started in the desktop each time it starts. */
	const char *const *launch;
	size_t launch_count;
	/* Not owned, outlives the process. NULL: the folder stays if this process is killed. */
	struct display_journal *journal;
	/*
	 * Not owned, outlives the process. Then sway runs in an isolated tree of its own (isolation/isolation.h), with sound, in
	 * place of a folder in runtime_parent; binary and search_path are the tree's. NULL: no tree.
	 */
	struct isolation *isolation;
	const char *tree_name; /* unique among the living trees */
	/* A program of the tree, started when sway is up, beside `launch`: no shell. */
	const char *const *program;
	size_t program_count;
	const char *const *program_environment; /* NAME=VALUE */
	size_t program_environment_count;
	/*
	 * That program is over: its process has ended (`status` as of waitpid, SWAY_STATUS_UNKNOWN for one that is just not
	 * there any more), sway answers, and shows no window. Once for each sway. From the event loop. May be NULL.
	 */
	void (*program_ended)(void *data, int status, const char *text);
	/* Each time that the tree is there, and NULL when it is not any more. From the event loop. */
	void (*tree_changed)(void *data, const struct isolated_tree_info *info);
	void *tree_data; /* of both */
	/*
	 * Names of outputs: then it is not a new tree, but the one of this name that an earlier host kept, with the sway that runs
	 * in it. Once: what is started when that ends is new.
	 */
	const char *const *adopt;
	size_t adopt_count;
	bool adopt_program; /* an earlier host has started a program there */
};

#define SWAY_STATUS_UNKNOWN (-1)

#define SWAY_RUNTIME_PARENT "/tmp" /* where runtime_parent is NULL */

struct sway_process;

struct sway_process_events {
	/* Both sockets are there. Not called again. */
	void (*ready)(void *data, const char *ipc_socket, const char *wayland_socket);
	/* It ended or never came up; sway_process_destroy may be called in here. */
	void (*exited)(void *data, const char *text);
	/* The process of its program ended, maybe because sway did. */
	void (*program_exited)(void *data, int status, const char *text);
};

/*
 * NULL with errno set and a line on standard error. The params are not kept; what sway needs is copied.
 */
struct sway_process *sway_process_start(sd_event *event, const struct sway_spawn_params *params,
	const struct sway_process_events *events, void *data);

/*
 * Ends sway and every program that was started in it (at most about 2 s, usually 5 ms) and removes the
 * folder. No callback comes afterwards.
 */
void sway_process_destroy(struct sway_process *process);

#endif
