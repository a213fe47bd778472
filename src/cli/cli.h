/*
 * The command `lodge`: what the management API (api/openapi.yaml) offers, for people and scripts.
 *
 * Room: cli. One thread. Includes core and nothing else of the host: it talks to one over HTTPS only.
 */
#ifndef LODGE_CLI_CLI_H
#define LODGE_CLI_CLI_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/options.h"

/* Documented in lodge(1): scripts stand on them. */
enum cli_exit {
	CLI_OK,
	CLI_FAILED, /* the host refused or failed */
	CLI_USAGE,
	CLI_UNREACHABLE, /* no connection, not the right certificate, no answer in time */
	CLI_NOT_ALLOWED,
	CLI_BUSY,
	CLI_NO_SUCH,
};

struct connection;

struct cli {
	struct cli_options options;
	struct connection *connection; /* owned */
	char origin[300]; /* "https://127.0.0.1:7443" */
	bool colour; /* standard output is a terminal that wants it */
};

struct answer {
	int status;
	char type[64]; /* media type without parameters */
	char *body; /* NUL-terminated behind `size` */
	size_t size;
	json_t *json; /* NULL when there is no body */
};
void answer_finish(struct answer *answer);

/*
 * Asks and judges. Anything but success has been said on standard error when it returns, and `answer` is empty then.
 * `body` (may be NULL) is taken over.
 */
enum cli_exit cli_ask(
	struct cli *cli, const char *method, const char *path, json_t *body, struct answer *answer);
/* Says what a status that is no success means, with the problem's text and its fields at fault. */
enum cli_exit cli_judge(
	const struct cli *cli, const char *method, const char *path, const struct answer *answer);
/* Prints a document for people. False: it is not what the API promises. NULL for answers without one. */
typedef bool cli_show(struct cli *cli, const json_t *document);
/* As cli_ask; prints the answer's document, under --json as it came. */
enum cli_exit cli_ask_and_show(
	struct cli *cli, const char *method, const char *path, json_t *body, cli_show *show);
enum cli_exit cli_show_answer(
	struct cli *cli, const char *path, struct answer *answer, cli_show *show);

/* One line on standard error that begins with "lodge: ", made neutral (cli/text.h). Returns `code`. */
enum cli_exit cli_complain(enum cli_exit code, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
enum cli_exit cli_no_memory(void);
/* A line on standard output. */
void cli_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The client with this fingerprint or unique beginning of one. Says what is wrong. */
enum cli_exit cli_find_client(struct cli *cli, const char *prefix, char fingerprint[65]);
enum cli_exit cli_show_client(struct cli *cli, const char *prefix, cli_show *show);
/* A whole number, else CLI_USAGE and a complaint that names `what`. */
enum cli_exit cli_take_number(
	const char *what, const char *word, long least, long most, long *number);
/* How long --seconds or --until says; 0: neither was given. Not less nor more than that. */
enum cli_exit cli_take_term(struct cli *cli, long least, long most, long *seconds);
/* Words that nobody expects. */
enum cli_exit cli_refuse_word(const char *command, const char *word);

#endif
