#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/connection.h"
#include "cli/text.h"
#include "cli/texts.h"
#include "cli/trust.h"

static bool wants_colour(void)
{
	const char *refused = getenv("NO_COLOR"), *terminal = getenv("TERM");
	return isatty(STDOUT_FILENO) && !(refused && refused[0]) &&
		!(terminal && strcmp(terminal, "dumb") == 0);
}

/* The options that were given and that the command does not take. */
static enum cli_exit check_options(const struct cli *cli, const struct cli_command *command)
{
	for (int option = 0; option < CLI_OPTIONS; option++) {
		const unsigned bit = 1u << option;
		if ((cli->options.given & bit) && !(command->options & bit))
			return cli_complain(CLI_USAGE, TEXT_OPTION_FOREIGN, command->name,
				cli_option_name(option), command->name);
	}
	return CLI_OK;
}

static enum cli_exit connect_and_run(struct cli *cli, const struct cli_command *command)
{
	struct trust trust;
	enum cli_exit code = check_options(cli, command);
	if (code == CLI_OK)
		code = trust_find(&trust, &cli->options);
	if (code != CLI_OK)
		return code;
	memcpy(cli->origin, trust.origin, sizeof cli->origin);
	cli->connection = connection_create(&trust, cli->options.timeout_s);
	explicit_bzero(&trust, sizeof trust);
	if (!cli->connection)
		return cli_no_memory();
	code = command->run(cli, cli->options.word_count - 1, cli->options.words + 1);
	connection_destroy(cli->connection);
	return code;
}

static enum cli_exit run(struct cli *cli)
{
	const struct cli_options *options = &cli->options;
	const char *word = options->word_count ? options->words[0] : NULL;
	if (options->version) {
		puts("lodge " LODGE_VERSION);
		return CLI_OK;
	}
	const struct cli_command *command = word ? cli_command_find(word) : NULL;
	if (word && !command)
		return cli_complain(CLI_USAGE, TEXT_COMMAND_UNKNOWN, word);
	if (options->help || !command) {
		cli_command_help(command, options->help ? stdout : stderr);
		return options->help ? CLI_OK : CLI_USAGE;
	}
	return connect_and_run(cli, command);
}

int main(int argc, char **argv)
{
	struct cli cli = { .colour = wants_colour() };
	char fault[300];
	text_use_utf8();
	if (!cli_options_parse(&cli.options, argc, argv, fault, sizeof fault))
		return (int)cli_complain(CLI_USAGE, "%s", fault);
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return (int)cli_no_memory();
	enum cli_exit code = run(&cli);
	/* What a full disk or a closed pipe has swallowed is no success. */
	if ((fflush(stdout) != 0 || ferror(stdout)) && code == CLI_OK)
		code = cli_complain(CLI_FAILED, TEXT_OUTPUT_FAILED, strerror(errno));
	curl_global_cleanup();
	return (int)code;
}
