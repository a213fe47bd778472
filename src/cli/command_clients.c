/* lodge clients */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/assignments.h"
#include "cli/commands.h"
#include "cli/find.h"
#include "cli/texts.h"
#include "cli/view.h"

#define FINGERPRINT_SHOWN 12
#define FINGERPRINT_DIGITS 64

static char *view_day(const json_t *seconds, char buffer[VIEW_MAX])
{
	struct tm local;
	const time_t when = (time_t)json_integer_value(seconds);
	if (!localtime_r(&when, &local) || strftime(buffer, VIEW_MAX, "%Y-%m-%d", &local) == 0)
		snprintf(buffer, VIEW_MAX, "%s", TEXT_NONE);
	return buffer;
}

/* "topology=extend, keep_alive=300 s" */
static void view_overrides(const json_t *overrides, char *buffer, size_t capacity)
{
	const char *field;
	json_t *value;
	char text[VIEW_MAX];
	size_t size = 0;
	snprintf(buffer, capacity, "%s", TEXT_NONE);
	json_object_foreach((json_t *)overrides, field, value)
	{
		if (size + strlen(field) + VIEW_MAX > capacity)
			break;
		size += (size_t)snprintf(buffer + size, capacity - size, "%s%s=%s",
			size ? ", " : "", field, view_field(value, text));
	}
}

static void add_client(struct table *table, const json_t *client)
{
	char text[VIEW_MAX], overrides[1024];
	view_overrides(json_object_get(client, "overrides"), overrides, sizeof overrides);
	table_add(table, TABLE_PLAIN, "%.*s", FINGERPRINT_SHOWN, view_text(client, "fingerprint"));
	table_add(table,
		json_array_size(json_object_get(client, "sessions")) ? TABLE_GOOD : TABLE_PLAIN,
		"%s", view_text(client, "label"));
	table_add(table, TABLE_PLAIN, "%s", view_day(json_object_get(client, "paired_at"), text));
	table_add(
		table, TABLE_PLAIN, "%s", view_numbers(json_object_get(client, "sessions"), text));
	table_add(table, TABLE_PLAIN, "%s", view_numbers(json_object_get(client, "slots"), text));
	table_add(table, TABLE_PLAIN, "%s", overrides);
}

static bool show_clients(struct cli *cli, const json_t *document)
{
	static const char *const headings[] = TEXT_HEADINGS_CLIENTS;
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

static bool show_client(struct cli *cli, const json_t *client)
{
	static const char *const headings[] = TEXT_HEADINGS_CLIENTS;
	struct table *table = view_text(client, "fingerprint")[0] ? table_create(headings) : NULL;
	if (!table)
		return false;
	add_client(table, client);
	return view_table(cli, table);
}

/* A reference to the one, in `client`. */
static enum cli_exit find_client(struct cli *cli, const char *word, json_t **client)
{
	static const struct find_kind kind = { .path = "/clients",
		.list = "clients",
		.member = "fingerprint",
		.digits = FINGERPRINT_DIGITS,
		.thing = "client",
		.name = "fingerprint",
		.command = "lodge clients" };
	return cli_find(cli, &kind, word, client);
}

enum cli_exit cli_find_client(struct cli *cli, const char *prefix, char fingerprint[65])
{
	json_t *client = NULL;
	const enum cli_exit code = find_client(cli, prefix, &client);
	if (code == CLI_OK)
		memcpy(fingerprint, view_text(client, "fingerprint"), FINGERPRINT_DIGITS + 1);
	json_decref(client);
	return code;
}

static enum cli_exit patch(struct cli *cli, const json_t *client, json_t *body)
{
	char path[100];
	snprintf(path, sizeof path, "/clients/%s", view_text(client, "fingerprint"));
	return body ? cli_ask_and_show(cli, "PATCH", path, body, show_client) : cli_no_memory();
}

static enum cli_exit set_text(struct cli *cli, const json_t *client, const char *member,
	const char *text, const char *what)
{
	json_t *body = json_pack("{s:s}", member, text);
	return body ? patch(cli, client, body)
		    : cli_complain(CLI_USAGE, TEXT_ASSIGNMENT_TEXT, what);
}

static enum cli_exit override(
	struct cli *cli, const json_t *client, size_t count, char *const words[])
{
	char fault[400];
	const bool bare = cli->options.given & 1u << CLI_OPTION_RESET;
	json_t *overrides =
		bare ? json_object() : json_deep_copy(json_object_get(client, "overrides"));
	bool good = overrides;
	for (size_t i = 0; good && i < count; i++)
		good = assignment_apply(
			overrides, ASSIGNMENT_CLIENT, words[i], "manual", fault, sizeof fault);
	if (good)
		return patch(cli, client, json_pack("{s:o}", "overrides", overrides));
	json_decref(overrides);
	return overrides ? cli_complain(CLI_USAGE, "%s", fault) : cli_no_memory();
}

static enum cli_exit show_found(struct cli *cli, const json_t *client, cli_show *show)
{
	if (!cli->options.json)
		return show(cli, client) ? CLI_OK : CLI_FAILED;
	json_dumpf(client, stdout, JSON_COMPACT);
	putchar('\n');
	return CLI_OK;
}

enum cli_exit cli_show_client(struct cli *cli, const char *prefix, cli_show *show)
{
	json_t *client = NULL;
	enum cli_exit code = find_client(cli, prefix, &client);
	if (code == CLI_OK)
		code = show_found(cli, client, show);
	json_decref(client);
	return code;
}

static enum cli_exit unpair(struct cli *cli, const json_t *client)
{
	char path[100];
	snprintf(path, sizeof path, "/clients/%s", view_text(client, "fingerprint"));
	const enum cli_exit code = cli_ask_and_show(cli, "DELETE", path, NULL, NULL);
	if (code == CLI_OK && !cli->options.json)
		cli_say(TEXT_UNPAIRED, view_text(client, "label"));
	return code;
}

enum cli_exit run_clients(struct cli *cli, size_t count, char *const words[])
{
	const char *verb = count > 0 ? words[0] : "list";
	const bool to_reset = cli->options.given & 1u << CLI_OPTION_RESET;
	const bool list = strcmp(verb, "list") == 0, to_rename = strcmp(verb, "rename") == 0;
	const bool to_assign = strcmp(verb, "person") == 0;
	const bool to_override = strcmp(verb, "override") == 0, end = strcmp(verb, "unpair") == 0;
	if (!list && !to_rename && !to_assign && !to_override && !end)
		return cli_refuse_word("clients", verb);
	if (to_reset && !to_override)
		return cli_complain(CLI_USAGE, TEXT_OPTION_FOREIGN, verb,
			cli_option_name(CLI_OPTION_RESET), "clients");
	const size_t least = list ? 0 : to_rename || to_assign ? 3 : 2;
	const size_t most = to_override ? count : list ? 1 : least;
	if (count < least)
		return cli_complain(CLI_USAGE, TEXT_ARGUMENT_MISSING, verb,
			to_rename           ? "CLIENT and LABEL"
				: to_assign ? "CLIENT and NAME"
					    : "CLIENT",
			"clients");
	if (count > most)
		return cli_refuse_word("clients", words[most]);
	if (list)
		return cli_ask_and_show(cli, "GET", "/clients", NULL, show_clients);
	json_t *client = NULL;
	enum cli_exit code = find_client(cli, words[1], &client);
	if (code == CLI_OK && to_rename)
		code = set_text(cli, client, "label", words[2], "LABEL");
	else if (code == CLI_OK && to_assign)
		code = set_text(cli, client, "user", words[2], "NAME");
	else if (code == CLI_OK && end)
		code = unpair(cli, client);
	else if (code == CLI_OK)
		code = count > 2 || to_reset ? override(cli, client, count - 2, words + 2)
					     : show_found(cli, client, show_client);
	json_decref(client);
	return code;
}
