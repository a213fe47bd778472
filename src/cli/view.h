/*
 * Values of the API's documents as texts for people. Room: cli. What comes from the host is not neutral yet: tables
 * make it so (cli/table.h), lines through cli_say.
 */
#ifndef LODGE_CLI_VIEW_H
#define LODGE_CLI_VIEW_H

#include <jansson.h>
#include <stddef.h>

#include "cli/cli.h"
#include "cli/table.h"

#define VIEW_MAX 128

/* "" when there is no such text; its bytes belong to the document. */
const char *view_text(const json_t *object, const char *name);
/* "1920x1080@60.000", or "-" for null. */
char *view_mode(const json_t *mode, char buffer[VIEW_MAX]);
/* "1920,0", or "-". */
char *view_place(const json_t *place, char buffer[VIEW_MAX]);
/* A field of a policy: "300 s", "extend", "manual, 2 pinned". */
char *view_field(const json_t *value, char buffer[VIEW_MAX]);
/* "laptop (3f2a91c0)": a label and the beginning of a fingerprint. */
char *view_client(const char *label, const json_t *fingerprint, char buffer[VIEW_MAX]);
/* The numbers of an array, separated by commas; "-" when there are none. */
char *view_numbers(const json_t *array, char buffer[VIEW_MAX]);
/* Seconds (cli/text.h), or "-" for null. */
char *view_seconds(const json_t *seconds, char buffer[VIEW_MAX]);
enum table_style view_state_style(const char *state);

/* Prints and frees the table. False: memory is short, and it was said. */
bool view_table(struct cli *cli, struct table *table);

#endif
