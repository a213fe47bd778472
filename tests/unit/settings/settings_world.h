/*
 * A settings room in a folder of its own: a real worker, a real disk, an event loop that runs when a test says so.
 *
 * In all JSON text that tests write, ' stands for ".
 */
#ifndef LODGE_TESTS_SETTINGS_WORLD_H
#define LODGE_TESTS_SETTINGS_WORLD_H

#include <stdio.h>

#include "settings/settings.h"

#define A "a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebf"
#define B "c0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedf"

#define WORLD_FOLDER "/tmp/lodge-settings-XXXXXX"

struct world {
	char folder[sizeof WORLD_FOLDER];
	sd_event *event;
	struct store_worker *worker;
	struct settings *settings;
	struct policy_layer environment, command_line;
	unsigned changed;
};

/* Who waits for a change. */
struct answer {
	unsigned count;
	int error;
};

/* cmocka's set-up and tear-down; the state is a struct world with an empty folder and no settings yet. */
int world_set_up(void **state);
int world_tear_down(void **state);

/* As after a restart of the host; what was queued is written before. */
void world_open(struct world *world);
void world_close(struct world *world);
/* The same, and what was logged meanwhile: to be freed. */
char *world_open_logged(struct world *world);

/* What is logged from now on, instead of being shown; the text is to be freed. */
struct log {
	FILE *file;
	int before;
};
struct log log_begin(void);
char *log_end(struct log *log);

void world_write_file(const struct world *world, const char *name, const char *text);
void world_write_bytes(const struct world *world, const char *name, const char *bytes, size_t size);
/* NULL when there is none; to be freed. */
char *world_read_file(const struct world *world, const char *name);
bool world_has_file(const struct world *world, const char *name);
void world_remove_file(const struct world *world, const char *name);

/* Runs the loop until the answer has come `count` times; fails after a deadline. */
void world_wait(struct world *world, const struct answer *answer, unsigned count);
/* Runs the loop until the worker has done all that it had to do so far, and told of it. */
void world_settle(struct world *world);
void on_answer(void *data, int error);

/* New references and the like, from text in which ' stands for ". */
char *quoted(const char *text);
json_t *parse(const char *text);
void assert_json(json_t *json, const char *text); /* gives up the reference */
void assert_same_policy(const struct display_policy *a, const struct display_policy *b);
const uint8_t *fingerprint_of(const char *text);

/* These wait for the answer, which is that the change counts. */
void put(struct world *world, const char *document);
void put_layout(struct world *world, const char *layout);
void put_client(struct world *world, const char *fingerprint, const char *overrides);
void put_preset(struct world *world, const char *name, const char *preset);
#define GOOD_PRESET                                                                                \
	"{'keep_alive':{'mode':'forever'},'topology':'primary','mode_conflict':'join',"            \
	"'identity':'shared','layout':{'mode':'manual'}}"

/* The faults of a PUT, which has to have some, as "POINTER POINTER ...": to be freed. */
char *faults_of_put(struct world *world, const char *document);
char *pointers_of(const struct settings_faults *faults);

#endif
