/*
 * A folder of small files that the host reads at its start (store/state_file.h), and what is said of one that is no use.
 *
 * Room: store. Blocks on the disk: at start only. What goes wrong is in the log, with the file's whole name, when a call
 * returns.
 */
#ifndef LODGE_STORE_STATE_FOLDER_H
#define LODGE_STORE_STATE_FOLDER_H

#include <stddef.h>

#define STATE_FOLDER_NONE ((struct state_folder){ .descriptor = -1 })

struct state_folder {
	int descriptor; /* -1: not open */
	char *path;
};

/* One of its files. */
struct state_document {
	const char *name;
	size_t size_max;
	const char *without; /* what follows when it cannot be used: the end of a sentence */
};

/* Negative errno; closed in any case. */
int state_folder_open(struct state_folder *folder, const char *path);
void state_folder_close(struct state_folder *folder);

/*
 * 0 or a negative errno. *bytes, to be freed, with a NUL behind `size`; NULL when there is no such file, or one that is too
 * long: that is set aside.
 */
int state_folder_read(const struct state_folder *folder, const struct state_document *document,
	char **bytes, size_t *size);

/* Never overwritten: an older or newer host may make sense of it. Negative errno: it is where it was. */
int state_folder_set_aside(const struct state_folder *folder, const struct state_document *document,
	const char *reason);

#endif
