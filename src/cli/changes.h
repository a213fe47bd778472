/*
 * What is new in a topic's document, as lines for people. Room: cli.
 */
#ifndef LODGE_CLI_CHANGES_H
#define LODGE_CLI_CHANGES_H

#include <jansson.h>
#include <stdbool.h>

struct changes {
	json_t *topics; /* topic → document told last; owned */
};

bool changes_start(struct changes *changes);
void changes_finish(struct changes *changes);
/* Tells each difference in a line. A topic that comes for the first time is told in one line of numbers. */
void changes_take(struct changes *changes, const char *topic, const json_t *document,
	void (*tell)(void *data, const char *line), void *data);

#endif
