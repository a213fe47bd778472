/* A running lodge-testcard and the input events that reached it. */
#ifndef LODGE_TESTS_TEST_CARD_H
#define LODGE_TESTS_TEST_CARD_H

#include <jansson.h>
#include <systemd/sd-event.h>

#include "headless_sway.h"

struct test_card {
	sd_event *event; /* runs while we wait */
	pid_t pid;
	int log; /* its standard output */
	char text[4096];
	size_t size;
};

/* Fullscreen on this output; returns when it is shown and has the keyboard focus. */
bool test_card_start(struct test_card *card, sd_event *event, const struct headless_sway *sway,
	const char *program, const char *output, int width);
void test_card_stop(struct test_card *card);
/* The next event, to be freed by json_decref; NULL: none came within five seconds. */
json_t *test_card_next(struct test_card *card);
/* The next event of this name, passing over others. */
json_t *test_card_await(struct test_card *card, const char *name);

#endif
