/*
 * A host's isolation room in a folder of its own, trees and programs whose events are noted, and what is asked of the
 * machine about them. Every wait has a deadline. Thread: the test's.
 */
#ifndef LODGE_TESTS_ISOLATION_WORLD_H
#define LODGE_TESTS_ISOLATION_WORLD_H

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <systemd/sd-event.h>

#include <cmocka.h> /* needs some of these before it */

#include "isolation/isolation.h"

#define WORLD_DEADLINE_MS 60000

struct world {
	sd_event *event;
	struct isolation *isolation;
	char root[64]; /* the test's own folder */
	char parent[80]; /* root/trees */
	char keeper[80]; /* runs the keeper with its findings in root/findings */
	size_t descriptors; /* open before the room was made */
};

struct noted_tree {
	struct isolated_tree *tree;
	bool ready, ended;
	unsigned ups, downs;
	struct isolated_tree_info info;
	char text[256];
};

struct noted_process {
	struct isolated_process *process;
	pid_t pid;
	bool started, exited;
	int status;
	char text[256];
};

/* The test programs' arguments: the keeper, and the escaper. */
struct world_programs {
	const char *keeper, *escaper;
};
extern struct world_programs world_programs;
/* Reads them; false with a message. */
bool world_read_arguments(int count, char **arguments);

/* cmocka's: *state is the world. The teardown fails on findings of the keeper's sanitizers, lost folders or descriptors. */
int world_setup(void **state);
int world_teardown(void **state);
/* For tests that keep more: a struct of this size, all zero but for its first member, a struct world *, that is set up. */
void *world_place_create(size_t size);
/* Frees it; world_teardown's answer. */
int world_place_destroy(void *place);
/* The room again, as by a host that starts anew. */
void world_restart(struct world *world);

bool world_wait(struct world *world, bool (*condition)(void *data), void *data);
/* Turns the loop for about this long. */
void world_run(struct world *world, unsigned ms);

extern const struct isolated_tree_events noted_tree_events;
extern const struct isolated_process_events noted_process_events;
void world_spawn(struct world *world, struct noted_tree *tree, const char *name, bool sound);
/* Until it is ready. */
void world_await_ready(struct world *world, struct noted_tree *tree);
void world_await_ended(struct world *world, struct noted_tree *tree);

void world_start(struct noted_tree *tree, struct noted_process *process, const char *role,
	const char *const *arguments);
void world_await_started(struct world *world, struct noted_process *process);
void world_await_exited(struct world *world, struct noted_process *process);
/* Runs `sh -c script` in the tree; its output, to be freed. Fails unless its status is 0. */
char *world_shell(struct world *world, struct noted_tree *tree, const char *script);

/* The whole file, NUL-terminated, to be freed; NULL when it is not there. */
char *world_read_file(const char *path);
/* Lines of the file; 0 when it is not there. */
size_t world_count_lines(const char *path);
/* Processes whose XDG_RUNTIME_DIR this is, as everybody sees them. */
size_t world_count_processes(const char *runtime_folder);
/* The one of them that is called so, else 0. */
pid_t world_find_process(const char *runtime_folder, const char *name);
/* Waits until the last of them is gone. */
void world_await_no_process(struct world *world, const char *runtime_folder);
size_t world_count_entries(const char *folder);

#endif
