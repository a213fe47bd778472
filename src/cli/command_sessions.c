/* lodge sessions */
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/grants_words.h"
#include "cli/texts.h"
#include "cli/view.h"

static void add_session(struct table *table, const json_t *session)
{
	char text[VIEW_MAX];
	const json_t *slot = json_object_get(session, "slot");
	table_add(table, TABLE_PLAIN, "%lld",
		(long long)json_integer_value(json_object_get(session, "session")));
	table_add(table, TABLE_PLAIN, "%s",
		view_client(view_text(session, "label"), json_object_get(session, "client"), text));
	table_add(table, TABLE_PLAIN, "%s", view_text(session, "peer"));
	table_add(table, TABLE_PLAIN, "%s", view_text(session, "transport"));
	table_add(table, TABLE_PLAIN, "%s", view_seconds(json_object_get(session, "since"), text));
	table_add(table, TABLE_PLAIN, "%s%s",
		json_is_integer(slot) ? view_field(slot, text) : TEXT_NONE,
		json_is_true(json_object_get(session, "joined")) ? TEXT_CHANGE_JOINED : "");
	table_add(table, TABLE_PLAIN, "%s", view_mode(json_object_get(session, "mode"), text));
	table_add(table, TABLE_PLAIN, "%lld",
		(long long)json_integer_value(json_object_get(session, "dropped")));
	table_add(table, TABLE_PLAIN, "%s%s", view_grants(json_object_get(session, "grants"), text),
		json_is_true(json_object_get(session, "guest")) ? TEXT_SESSION_GUEST : "");
}

static bool show_sessions(struct cli *cli, const json_t *document)
{
	static const char *const headings[] = TEXT_HEADINGS_SESSIONS;
	size_t i;
	json_t *session, *sessions = json_object_get(document, "sessions");
	if (!json_is_array(sessions))
		return false;
	if (json_array_size(sessions) == 0) {
		cli_say(TEXT_NO_SESSIONS);
		return true;
	}
	struct table *table = table_create(headings);
	if (!table)
		return false;
	json_array_foreach(sessions, i, session) add_session(table, session);
	return view_table(cli, table);
}

static enum cli_exit end_session(struct cli *cli, const char *word)
{
	long session;
	char path[64];
	if (cli_take_number("SESSION", word, 1, UINT32_MAX, &session))
		return CLI_USAGE;
	snprintf(path, sizeof path, "/sessions/%ld", session);
	const enum cli_exit code = cli_ask_and_show(cli, "DELETE", path, NULL, NULL);
	if (code == CLI_OK && !cli->options.json)
		cli_say(TEXT_SESSION_ENDED, session);
	return code;
}

enum cli_exit run_sessions(struct cli *cli, size_t count, char *const words[])
{
	const bool end = count > 0 && strcmp(words[0], "end") == 0;
	const size_t taken = end ? 2 : count > 0 && strcmp(words[0], "list") == 0 ? 1 : 0;
	if (end && count < 2)
		return cli_complain(
			CLI_USAGE, TEXT_ARGUMENT_MISSING, "sessions end", "SESSION", "sessions");
	if (count > taken)
		return cli_refuse_word("sessions", words[taken]);
	return end ? end_session(cli, words[1])
		   : cli_ask_and_show(cli, "GET", "/sessions", NULL, show_sessions);
}
