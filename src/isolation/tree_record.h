/*
 * What a tree's folder says about it, for the next host: a line a fact, written anew as a whole.
 *
 * Room: isolation. Parsing is pure.
 */
#ifndef LODGE_ISOLATION_TREE_RECORD_H
#define LODGE_ISOLATION_TREE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "isolation/isolation.h"

#define CONTROL_GROUP_MAX 512
#define TREE_RECORD_MAX 1024

struct tree_record {
	char name[ISOLATED_NAME_MAX];
	pid_t keeper; /* as the host sees it; 0: not started */
	uint64_t start; /* of the keeper: process_start.h */
	bool kept, sound;
	char control_group[CONTROL_GROUP_MAX]; /* absolute path; "": none */
};

/* False: not a record; nothing of `record` counts. */
bool tree_record_parse(const char *text, size_t size, struct tree_record *record);
/* Its length, without the NUL. */
size_t tree_record_format(const struct tree_record *record, char text[TREE_RECORD_MAX]);

/* The file "record" of this folder. Negative errno; -EBADMSG when it is none. */
int tree_record_read(int folder, struct tree_record *record);
/* The old one or the new one is there, whatever happens to this process in between. */
int tree_record_write(int folder, const struct tree_record *record);

#endif
