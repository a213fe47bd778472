/*
 * The command line of lodge. Options may stand anywhere among the words. Room: cli. No I/O.
 */
#ifndef LODGE_CLI_OPTIONS_H
#define LODGE_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#define CLI_WORDS_MAX 64

enum cli_option {
	CLI_OPTION_ALL,
	CLI_OPTION_SECONDS,
	CLI_OPTION_MODE,
	CLI_OPTION_CLIENT,
	CLI_OPTION_PRESET,
	CLI_OPTION_RESET,
	CLI_OPTION_UNTIL,
	CLI_OPTION_UNTIL_THEY_LEAVE,
	CLI_OPTION_LABEL,
	CLI_OPTION_USES,
	CLI_OPTION_STAY,
	CLI_OPTION_END_GUESTS,
	CLI_OPTIONS,
};

struct cli_options {
	const char *host, *state, *token_file, *ca; /* NULL: not given */
	unsigned timeout_s; /* of one request */
	bool json, help, version;
	unsigned given; /* bits 1 << enum cli_option */
	const char *values[CLI_OPTIONS]; /* of those that take one */
	char *words[CLI_WORDS_MAX]; /* of argv */
	size_t word_count;
};

/* False: `fault` holds a sentence that names the option. Keeps pointers into argv. */
bool cli_options_parse(
	struct cli_options *options, int argc, char **argv, char *fault, size_t capacity);
const char *cli_option_name(enum cli_option option);

#endif
