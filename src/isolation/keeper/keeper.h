/*
 * lodge-keeper: the first process of a tree (isolation.h). It collects every process that ends, runs the tree's bus and
 * sound, starts programs when its host says so, and ends the tree when the host goes, unless it is to be kept.
 *
 * One thread, one event loop, nothing that blocks. It is the init of a PID namespace: its end is everybody's.
 */
#ifndef LODGE_ISOLATION_KEEPER_KEEPER_H
#define LODGE_ISOLATION_KEEPER_KEEPER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <systemd/sd-event.h>

#include "isolation/assignments.h"
#include "isolation/isolation.h"
#include "isolation/keeper_link.h"

struct child;
struct devices;
struct output;
struct program;
struct services;

struct keeper {
	sd_event *event;
	struct keeper_link *host; /* NULL: it is kept, and nobody has adopted it */
	int listener;
	sd_event_source *listening, *setup_deadline, *kept_deadline;
	char name[ISOLATED_NAME_MAX];
	char folder[SOURCE_PATH_MAX]; /* the tree's; "": not set up yet */
	char runtime[SOURCE_PATH_MAX]; /* its XDG_RUNTIME_DIR */
	struct assignments environment; /* of everything in the tree */
	char **confinement; /* bubblewrap and its arguments, before every command; NULL: none */
	bool is_ready, is_kept;
	uint64_t keep_until_ns; /* CLOCK_BOOTTIME */
	uint64_t keep_after_ns; /* not 0: `keep_until_ns` is to be this long after the host's end */
	bool is_adopted; /* the host is not the one that started the tree */
	LIST_HEAD(, child) children;
	LIST_HEAD(, program) programs;
	LIST_HEAD(, output) outputs;
	struct devices *devices;
	struct services *services;
	struct keeper_writer message; /* the one that is being written */
};

/* host.c: what is said to the host and heard from it. */
int keeper_listen(struct keeper *keeper);
int keeper_attach(struct keeper *keeper, int socket);
/* Sends keeper->message. */
void keeper_send(struct keeper *keeper, int descriptor);
void keeper_say(struct keeper *keeper, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void keeper_become_ready(struct keeper *keeper, bool sound);

/* setup.c. Negative errno. */
int keeper_set_up(struct keeper *keeper, const struct keeper_message *setup);

/*
 * confinement.c: keeper->confinement. Everything is there but /dev, of which there is what programs cannot do without and
 * what was granted; with a home of its own, neither the user's nor /tmp, nor what is hidden. Negative errno.
 */
int confinement_make(struct keeper *keeper, const struct keeper_message *setup);

/* farewell.c: the tree ends here and now. `error`: 0 or an errno. */
_Noreturn void keeper_finish(struct keeper *keeper);
_Noreturn void keeper_fail(struct keeper *keeper, int error, const char *text);

/* programs.c: what the host asked for. */
void program_start(struct keeper *keeper, const struct keeper_message *message);
void program_signal(struct keeper *keeper, uint32_t id, int signal_number);
void program_end(struct keeper *keeper, uint32_t id);
/* Tells a new host of each. */
void programs_tell(struct keeper *keeper);

#endif
