/* lodge grants */
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/grants_words.h"
#include "cli/texts.h"
#include "cli/view.h"

#define FINGERPRINT_SHOWN 12
#define SECONDS_MAX (30L * 24 * 3600)

static void add_client(struct table *table, const json_t *client)
{
	char text[VIEW_MAX], until[VIEW_MAX];
	const char *user = view_text(client, "user");
	const json_t *temporary = json_object_get(client, "temporary_grants");
	table_add(table, TABLE_PLAIN, "%.*s", FINGERPRINT_SHOWN, view_text(client, "fingerprint"));
	table_add(table, TABLE_PLAIN, "%s", view_text(client, "label"));
	table_add(table, TABLE_PLAIN, "%s", user[0] ? user : TEXT_NONE);
	table_add(table, TABLE_PLAIN, "%s", view_grants(json_object_get(client, "grants"), text));
	if (json_is_object(temporary))
		table_add(table, TABLE_WARM, TEXT_GRANTS_UNTIL,
			view_grants(json_object_get(temporary, "grants"), text),
			view_moment(json_object_get(temporary, "until"), until));
	else
		table_add(table, TABLE_PLAIN, "%s", TEXT_NONE);
}

static bool show_clients(struct cli *cli, const json_t *document)
{
	static const char *const headings[] = TEXT_HEADINGS_GRANTS;
	size_t i;
	json_t *client, *clients = json_object_get(document, "clients");
	if (!json_is_array(clients))
		return false;
	if (json_array_size(clients) == 0) {
		cli_say(TEXT_NO_CLIENTS);
		return true;
	}
	struct table *table = table_create(headings);
	if (!table)
		return false;
	json_array_foreach(clients, i, client) add_client(table, client);
	return view_table(cli, table);
}

/* {"clients": [client]}, so that one looks like many. */
static bool show_client(struct cli *cli, const json_t *client)
{
	if (!view_text(client, "fingerprint")[0])
		return false;
	json_t *document = json_pack("{s:[O]}", "clients", (json_t *)client);
	const bool good = document && show_clients(cli, document);
	json_decref(document);
	return good;
}

/* Adds the term, if one is asked for. */
static enum cli_exit add_term(struct cli *cli, json_t *grants)
{
	long seconds;
	const bool until_leave = cli->options.given & 1u << CLI_OPTION_UNTIL_THEY_LEAVE;
	const enum cli_exit code = cli_take_term(cli, 1, SECONDS_MAX, &seconds);
	if (code != CLI_OK || (seconds == 0 && !until_leave))
		return code;
	json_t *term = json_object();
	if (seconds > 0)
		json_object_set_new(term, "seconds", json_integer(seconds));
	if (until_leave)
		json_object_set_new(term, "until_leave", json_true());
	return json_object_set_new(grants, "temporary", term) == 0 ? CLI_OK : cli_no_memory();
}

static enum cli_exit change(struct cli *cli, const char *client, size_t count, char *const words[])
{
	char fingerprint[65], path[100];
	json_t *grants = grants_of_words(count, words);
	if (!grants)
		return cli_complain(CLI_USAGE, TEXT_ASSIGNMENT_TEXT, "GRANTS");
	enum cli_exit code = add_term(cli, grants);
	if (code == CLI_OK)
		code = cli_find_client(cli, client, fingerprint);
	if (code != CLI_OK) {
		json_decref(grants);
		return code;
	}
	snprintf(path, sizeof path, "/clients/%s", fingerprint);
	return cli_ask_and_show(
		cli, "PATCH", path, json_pack("{s:o}", "grants", grants), show_client);
}

enum cli_exit run_grants(struct cli *cli, size_t count, char *const words[])
{
	if (count > 1)
		return change(cli, words[0], count - 1, words + 1);
	if (cli->options.given)
		return cli_complain(
			CLI_USAGE, TEXT_ARGUMENT_MISSING, "grants", "CLIENT and GRANTS", "grants");
	if (count == 0)
		return cli_ask_and_show(cli, "GET", "/clients", NULL, show_clients);
	return cli_show_client(cli, words[0], show_client);
}
