/*
 * A worker on an event loop, who waits for it, and the disk beneath it.
 *
 * The program's fsync takes the C library's place: every write of the store comes through it, twice for a file (the file,
 * then its folder). So the disk can be held, and it can be full.
 */
#ifndef LODGE_TESTS_WORKER_WORLD_H
#define LODGE_TESTS_WORKER_WORLD_H

#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/worker.h"
#include "store_folder.h"

#define ANSWERS_MAX 16
#define UNANSWERED 4711

struct disk {
	atomic_bool held;
	atomic_int full; /* so many of the next asks fail */
	atomic_int asks; /* since the set-up */
	sem_t begun, go;
};
extern struct disk disk;

struct fixture;

struct answer {
	struct fixture *fixture;
	int error; /* UNANSWERED until it comes */
	int order; /* 1 for the first that came */
	int times;
};

struct fixture {
	struct store_folder folder;
	sd_event *event;
	struct store_worker *worker;
	struct answer answers[ANSWERS_MAX];
	int came;
};

int set_up(void **state);
int tear_down(void **state);

/* Notes the answer: `data` is one of the fixture's. */
void on_done(void *data, int error);
/* `answer`: the number of the one that it is for; negative: nobody waits. */
int write_to(struct fixture *fixture, int folder, const char *name, const char *text, int answer);
void write_text(struct fixture *fixture, const char *name, const char *text, int answer);
void append_text(struct fixture *fixture, const char *text, size_t most, int answer);

/* Runs the loop until so many have come, and sees that no more come. */
void wait_for_answers(struct fixture *fixture, int count);
/* Writes "first" for answer 0, and stays in it until the disk is let go. */
void hold_disk(struct fixture *fixture);
void let_disk_go(void);

void expect_answer(const struct fixture *fixture, int answer, int error, int order);
void expect_text(const struct fixture *fixture, const char *name, const char *expected);

#endif
