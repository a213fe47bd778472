/*
 * The one of a list that a word means: the unique beginning of what tells one from another. Room: cli.
 */
#ifndef LODGE_CLI_FIND_H
#define LODGE_CLI_FIND_H

#include <jansson.h>

#include "cli/cli.h"

struct find_kind {
	const char *path, *list; /* where the host has them */
	const char *member; /* hexadecimal digits, `digits` of them */
	size_t digits; /* at most 64 */
	const char *thing, *name,
		*command; /* for complaints: "client", "fingerprint", "lodge clients" */
};

/* Asks the host; a reference to the one, in `found`. Says what is wrong. */
enum cli_exit cli_find(
	struct cli *cli, const struct find_kind *kind, const char *word, json_t **found);

#endif
