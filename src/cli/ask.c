/* Asking the host, and saying what it has against it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/cli.h"
#include "cli/connection.h"
#include "cli/text.h"
#include "cli/texts.h"
#include "cli/until.h"

static enum cli_exit code_of(const struct answer *answer)
{
	switch (answer->status) {
	case 401:
	case 403:
		return CLI_NOT_ALLOWED;
	case 404:
		return CLI_NO_SUCH;
	case 409:
	case 429:
	case 503:
		return CLI_BUSY;
	default:
		return CLI_FAILED;
	}
}

/* The problem's text, and the word of a refusal behind it. */
static enum cli_exit say_detail(enum cli_exit code, const char *method, const char *path,
	const char *detail, const struct answer *answer)
{
	const char *refusal = json_string_value(json_object_get(answer->json, "refusal"));
	if (refusal)
		return cli_complain(
			code, TEXT_REFUSED_WORD, method, path, detail, refusal, answer->status);
	return cli_complain(code, TEXT_REFUSED, method, path, detail, answer->status);
}

static void say_faults(const json_t *problem)
{
	size_t i;
	json_t *fault;
	json_array_foreach(json_object_get(problem, "errors"), i, fault)
	{
		const char *pointer = json_string_value(json_object_get(fault, "pointer"));
		const char *detail = json_string_value(json_object_get(fault, "detail"));
		char *where = text_neutral(pointer && pointer[0] ? pointer : TEXT_WHOLE);
		char *what = text_neutral(detail ? detail : "");
		if (where && what)
			fprintf(stderr, TEXT_FAULT, where, what);
		free(where);
		free(what);
	}
}

enum cli_exit cli_judge(
	const struct cli *cli, const char *method, const char *path, const struct answer *answer)
{
	const enum cli_exit code = code_of(answer);
	const char *detail = json_string_value(json_object_get(answer->json, "detail"));
	if (!detail)
		detail = json_string_value(json_object_get(answer->json, "title"));
	if (!detail && answer->status == 404)
		return cli_complain(CLI_FAILED, TEXT_NO_API, cli->origin, path, answer->status);
	if (detail)
		say_detail(code, method, path, detail, answer);
	else
		cli_complain(code, TEXT_REFUSED_STATUS, method, path, answer->status);
	say_faults(answer->json);
	if (code == CLI_NOT_ALLOWED && connection_token_fault(cli->connection)[0])
		cli_complain(code, "%s", connection_token_fault(cli->connection));
	return code;
}

enum cli_exit cli_ask(
	struct cli *cli, const char *method, const char *path, json_t *body, struct answer *answer)
{
	char fault[CONNECTION_FAULT_MAX] = "";
	bool failed = false;
	const bool answered =
		connection_ask(cli->connection, method, path, body, answer, &failed, fault);
	json_decref(body);
	if (!answered)
		return cli_complain(failed ? CLI_FAILED : CLI_UNREACHABLE, "%s", fault);
	if (answer->status >= 200 && answer->status < 300)
		return CLI_OK;
	const enum cli_exit code = cli_judge(cli, method, path, answer);
	answer_finish(answer);
	return code;
}

enum cli_exit cli_show_answer(
	struct cli *cli, const char *path, struct answer *answer, cli_show *show)
{
	enum cli_exit code = CLI_OK;
	const bool empty = answer->status == 204;
	if (!empty && !answer->json) {
		code = cli_complain(CLI_FAILED, TEXT_ANSWER_STRANGE, path);
	} else if (!cli->options.json) {
		if (show && !show(cli, answer->json))
			code = cli_complain(CLI_FAILED, TEXT_ANSWER_STRANGE, path);
	} else if (!empty) {
		fwrite(answer->body, 1, answer->size, stdout);
		if (answer->body[answer->size - 1] != '\n')
			putchar('\n');
	}
	answer_finish(answer);
	return code;
}

enum cli_exit cli_ask_and_show(
	struct cli *cli, const char *method, const char *path, json_t *body, cli_show *show)
{
	struct answer answer;
	const enum cli_exit code = cli_ask(cli, method, path, body, &answer);
	return code == CLI_OK ? cli_show_answer(cli, path, &answer, show) : code;
}

enum cli_exit cli_take_number(
	const char *what, const char *word, long least, long most, long *number)
{
	char *end;
	*number = strtol(word, &end, 10);
	if (word[0] >= '0' && word[0] <= '9' && *end == '\0' && *number >= least && *number <= most)
		return CLI_OK;
	return cli_complain(CLI_USAGE, TEXT_NUMBER_WRONG, what, word, least, most);
}

static enum cli_exit take_until(const char *word, long least, long most, long *seconds)
{
	time_t when;
	const time_t now = time(NULL);
	char shortest[TEXT_SECONDS_MAX], longest[TEXT_SECONDS_MAX];
	if (!until_parse(word, now, &when))
		return cli_complain(CLI_USAGE, TEXT_UNTIL_WRONG, word);
	*seconds = (long)(when - now);
	if (*seconds >= least && *seconds <= most)
		return CLI_OK;
	return cli_complain(CLI_USAGE, TEXT_UNTIL_RANGE, word,
		text_seconds((double)least, shortest), text_seconds((double)most, longest));
}

enum cli_exit cli_take_term(struct cli *cli, long least, long most, long *seconds)
{
	const char *count = cli->options.values[CLI_OPTION_SECONDS];
	const char *until = cli->options.values[CLI_OPTION_UNTIL];
	*seconds = 0;
	if (count && until)
		return cli_complain(CLI_USAGE, TEXT_UNTIL_AND_SECONDS);
	if (until)
		return take_until(until, least, most, seconds);
	return count ? cli_take_number("--seconds", count, least, most, seconds) : CLI_OK;
}

enum cli_exit cli_refuse_word(const char *command, const char *word)
{
	return cli_complain(CLI_USAGE, TEXT_WORD_UNEXPECTED, command, word, command);
}
