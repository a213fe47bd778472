/*
 * What is wrong with a document, place for place, and the small things that every reader of one needs.
 *
 * Room: settings; a door for whoever reads documents of an operator. Pure. Any thread.
 */
#ifndef LODGE_SETTINGS_FAULTS_H
#define LODGE_SETTINGS_FAULTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define SETTINGS_FAULTS_MAX 32
#define FAULT_POINTER_SIZE 160

/* Where and why: a JSON pointer ("/keep_alive/seconds", "" for the whole) and a sentence. */
struct settings_fault {
	char pointer[FAULT_POINTER_SIZE];
	char text[160];
};
struct settings_faults {
	size_t count; /* the first SETTINGS_FAULTS_MAX are kept, all are counted in `total` */
	size_t total;
	struct settings_fault faults[SETTINGS_FAULTS_MAX];
};

/* The JSON pointer (RFC 6901) of `member` within `pointer`. A hostile name is cut, not in the middle of a character. */
void fault_place(char place[FAULT_POINTER_SIZE], const char *pointer, const char *member);
/* Counts one more at `pointer`, or at its `member`; its text is still "". NULL: there are too many to keep it. */
struct settings_fault *fault_add(
	struct settings_faults *faults, const char *pointer, const char *member);

/* JSON has one kind of number: 3.0 and 1e3 are whole. One that does not fit is far out of any bounds either way. */
bool fault_whole_number(const json_t *json, json_int_t *value);

/* Control characters of a file must not steer a terminal that shows the log: they become '?'. Returns the text. */
char *fault_plain(char *text);
/* Without memory the parser may blame the text: it is believed when there is enough for the text once more. */
bool fault_memory_short(const char *text, size_t size);

#endif
