#include "cli/options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/texts.h"

#define TIMEOUT_DEFAULT_S 10
#define TIMEOUT_MAX_S 600

enum {
	OPTION_WORD = 1, /* what getopt returns for a word that is no option */
	OPTION_HOST = 256,
	OPTION_STATE,
	OPTION_TOKEN_FILE,
	OPTION_CA,
	OPTION_TIMEOUT,
	OPTION_JSON,
	OPTION_HELP,
	OPTION_VERSION,
	OPTION_COMMAND, /* from here on: enum cli_option */
};

static const struct option long_options[] = {
	{ "host", required_argument, NULL, OPTION_HOST },
	{ "state", required_argument, NULL, OPTION_STATE },
	{ "token-file", required_argument, NULL, OPTION_TOKEN_FILE },
	{ "ca", required_argument, NULL, OPTION_CA },
	{ "timeout", required_argument, NULL, OPTION_TIMEOUT },
	{ "json", no_argument, NULL, OPTION_JSON },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ "version", no_argument, NULL, OPTION_VERSION },
	{ "all", no_argument, NULL, OPTION_COMMAND + CLI_OPTION_ALL },
	{ "seconds", required_argument, NULL, OPTION_COMMAND + CLI_OPTION_SECONDS },
	{ "mode", required_argument, NULL, OPTION_COMMAND + CLI_OPTION_MODE },
	{ "client", required_argument, NULL, OPTION_COMMAND + CLI_OPTION_CLIENT },
	{ "preset", required_argument, NULL, OPTION_COMMAND + CLI_OPTION_PRESET },
	{ "reset", no_argument, NULL, OPTION_COMMAND + CLI_OPTION_RESET },
	{ "until", required_argument, NULL, OPTION_COMMAND + CLI_OPTION_UNTIL },
	{ "until-they-leave", no_argument, NULL, OPTION_COMMAND + CLI_OPTION_UNTIL_THEY_LEAVE },
	{ "label", required_argument, NULL, OPTION_COMMAND + CLI_OPTION_LABEL },
	{ "uses", required_argument, NULL, OPTION_COMMAND + CLI_OPTION_USES },
	{ "stay", required_argument, NULL, OPTION_COMMAND + CLI_OPTION_STAY },
	{ "end-guests", no_argument, NULL, OPTION_COMMAND + CLI_OPTION_END_GUESTS },
	{ 0 },
};

const char *cli_option_name(enum cli_option option)
{
	for (size_t i = 0; long_options[i].name; i++) {
		if (long_options[i].val == OPTION_COMMAND + (int)option)
			return long_options[i].name;
	}
	return "";
}

static bool take_timeout(struct cli_options *options, char *fault, size_t capacity)
{
	char *end;
	const unsigned long seconds = strtoul(optarg, &end, 10);
	if (*optarg >= '0' && *optarg <= '9' && *end == '\0' && seconds >= 1 &&
		seconds <= TIMEOUT_MAX_S) {
		options->timeout_s = (unsigned)seconds;
		return true;
	}
	snprintf(fault, capacity, TEXT_TIMEOUT_WRONG, optarg, TIMEOUT_MAX_S);
	return false;
}

static bool take(struct cli_options *options, int option, char *fault, size_t capacity)
{
	switch (option) {
	case OPTION_WORD:
		if (options->word_count == CLI_WORDS_MAX) {
			snprintf(fault, capacity, TEXT_TOO_MANY_WORDS, CLI_WORDS_MAX);
			return false;
		}
		options->words[options->word_count++] = optarg;
		return true;
	case OPTION_HOST:
		options->host = optarg;
		return true;
	case OPTION_STATE:
		options->state = optarg;
		return true;
	case OPTION_TOKEN_FILE:
		options->token_file = optarg;
		return true;
	case OPTION_CA:
		options->ca = optarg;
		return true;
	case OPTION_TIMEOUT:
		return take_timeout(options, fault, capacity);
	case OPTION_JSON:
		return options->json = true;
	case OPTION_HELP:
		return options->help = true;
	case OPTION_VERSION:
		return options->version = true;
	default:
		options->given |= 1u << (option - OPTION_COMMAND);
		options->values[option - OPTION_COMMAND] = optarg;
		return true;
	}
}

bool cli_options_parse(
	struct cli_options *options, int argc, char **argv, char *fault, size_t capacity)
{
	int option;
	*options = (struct cli_options){ .timeout_s = TIMEOUT_DEFAULT_S };
	optind = 0;
	opterr = 0;
	while ((option = getopt_long(argc, argv, "-:", long_options, NULL)) != -1) {
		if (option == ':' || option == '?') {
			snprintf(fault, capacity,
				option == ':' ? TEXT_OPTION_WITHOUT_VALUE : TEXT_OPTION_UNKNOWN,
				argv[optind - 1]);
			return false;
		}
		if (!take(options, option, fault, capacity))
			return false;
	}
	/* Behind "--". */
	for (; optind < argc; optind++) {
		optarg = argv[optind];
		if (!take(options, OPTION_WORD, fault, capacity))
			return false;
	}
	return true;
}
