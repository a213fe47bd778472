/* lodge status, lodge console */
#include <string.h>

#include "cli/commands.h"
#include "cli/text.h"
#include "cli/texts.h"
#include "cli/view.h"

static bool show_status(struct cli *cli, const json_t *document)
{
	json_int_t uptime, sessions, displays, kept, requests;
	const char *version;
	char seconds[TEXT_SECONDS_MAX];
	if (json_unpack((json_t *)document, "{s:s,s:I,s:I,s:I,s:I,s:I}", "version", &version,
		    "uptime", &uptime, "sessions", &sessions, "displays", &displays, "kept", &kept,
		    "pairing_requests", &requests) < 0)
		return false;
	cli_say(TEXT_STATUS_HOST, cli->origin, version);
	cli_say(TEXT_STATUS_UPTIME, text_seconds((double)uptime, seconds));
	cli_say(TEXT_STATUS_SESSIONS, (long long)sessions);
	cli_say(TEXT_STATUS_DISPLAYS, (long long)displays, (long long)kept);
	cli_say(TEXT_STATUS_PAIRING, (long long)requests);
	return true;
}

enum cli_exit run_status(struct cli *cli, size_t count, char *const words[])
{
	if (count > 0)
		return cli_refuse_word("status", words[0]);
	return cli_ask_and_show(cli, "GET", "/summary", NULL, show_status);
}

static bool show_code(struct cli *cli, const json_t *document)
{
	const char *code;
	json_int_t seconds;
	char text[TEXT_SECONDS_MAX];
	if (json_unpack((json_t *)document, "{s:s,s:I}", "code", &code, "expires_in", &seconds) < 0)
		return false;
	cli_say(TEXT_CONSOLE_ADDRESS, cli->origin);
	cli_say(TEXT_CONSOLE_CODE, code, text_seconds((double)seconds, text));
	return true;
}

enum cli_exit run_console(struct cli *cli, size_t count, char *const words[])
{
	const size_t taken = count > 0 && strcmp(words[0], "code") == 0 ? 1 : 0;
	if (count > taken)
		return cli_refuse_word("console", words[taken]);
	return cli_ask_and_show(cli, "POST", "/console/code", NULL, show_code);
}
