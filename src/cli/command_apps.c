/* lodge apps */
#include <stdlib.h>
#include <string.h>

#include "cli/app_words.h"
#include "cli/commands.h"
#include "cli/texts.h"
#include "cli/view.h"

#define PATH "/apps"

static void add_app(struct table *table, const json_t *app)
{
	char mode[VIEW_MAX];
	char *command = app_words_command(json_object_get(app, "command"));
	const char *desktop = view_text(app, "desktop");
	table_add(table, TABLE_PLAIN, "%s", view_text(app, "id"));
	table_add(table, TABLE_PLAIN, "%s", view_text(app, "name"));
	table_add(
		table, strcmp(desktop, "isolated") == 0 ? TABLE_GOOD : TABLE_PLAIN, "%s", desktop);
	table_add(table, TABLE_PLAIN, "%s",
		app_words_mode(json_object_get(app, "mode"), mode, sizeof mode));
	table_add(table, TABLE_FAINT, "%s", command ? command : TEXT_NONE);
	free(command);
}

static bool show_apps(struct cli *cli, const json_t *document)
{
	static const char *const headings[] = TEXT_HEADINGS_APPS;
	size_t i;
	json_t *app, *apps = json_object_get(document, "apps");
	if (!json_is_array(apps))
		return false;
	if (json_array_size(apps) == 0) {
		cli_say(TEXT_APPS_NONE);
		return true;
	}
	struct table *table = table_create(headings);
	if (!table)
		return false;
	json_array_foreach(apps, i, app) add_app(table, app);
	return view_table(cli, table);
}

/* Its place in the list; the list's length when it is not there. */
static size_t place_of(const json_t *apps, const char *id)
{
	size_t i;
	json_t *app;
	json_array_foreach((json_t *)apps, i, app)
	{
		if (strcmp(view_text(app, "id"), id) == 0)
			return i;
	}
	return json_array_size(apps);
}

static enum cli_exit fill(json_t *app, size_t count, char *const words[])
{
	char fault[400];
	for (size_t i = 0; i < count; i++) {
		if (!app_words_apply(app, words[i], fault, sizeof fault))
			return cli_complain(CLI_USAGE, "%s", fault);
	}
	return CLI_OK;
}

/* A new one is called as its id until somebody says otherwise. */
static enum cli_exit add(json_t *apps, const char *id, size_t count, char *const words[])
{
	if (place_of(apps, id) < json_array_size(apps))
		return cli_complain(CLI_FAILED, TEXT_APP_THERE, id, id);
	json_t *app = json_pack("{s:s,s:s}", "id", id, "name", id);
	if (!app)
		return cli_complain(CLI_USAGE, TEXT_ASSIGNMENT_TEXT, "ID");
	const enum cli_exit code = fill(app, count, words);
	if (code == CLI_OK && !json_object_get(app, "command")) {
		json_decref(app);
		return cli_complain(
			CLI_USAGE, TEXT_ARGUMENT_MISSING, "apps add", "command=COMMAND", "apps");
	}
	if (code == CLI_OK)
		return json_array_append_new(apps, app) == 0 ? CLI_OK : cli_no_memory();
	json_decref(app);
	return code;
}

static enum cli_exit change_list(
	json_t *apps, const char *verb, const char *id, size_t count, char *const words[])
{
	const size_t place = place_of(apps, id);
	if (strcmp(verb, "add") == 0)
		return add(apps, id, count, words);
	if (place == json_array_size(apps))
		return cli_complain(CLI_NO_SUCH, TEXT_APP_NO_SUCH, id);
	if (strcmp(verb, "set") == 0)
		return fill(json_array_get(apps, place), count, words);
	return json_array_remove(apps, place) == 0 ? CLI_OK : cli_no_memory();
}

/* The whole list goes there and back: the host knows no smaller change. */
static enum cli_exit change(
	struct cli *cli, const char *verb, const char *id, size_t count, char *const words[])
{
	struct answer answer;
	enum cli_exit code = cli_ask(cli, "GET", PATH, NULL, &answer);
	if (code != CLI_OK)
		return code;
	json_t *apps = json_object_get(answer.json, "apps");
	if (!json_is_array(apps))
		code = cli_complain(CLI_FAILED, TEXT_ANSWER_STRANGE, PATH);
	else
		code = change_list(apps, verb, id, count, words);
	if (code == CLI_OK)
		code = cli_ask_and_show(cli, "PUT", PATH, json_incref(answer.json), show_apps);
	answer_finish(&answer);
	return code;
}

enum cli_exit run_apps(struct cli *cli, size_t count, char *const words[])
{
	const char *verb = count > 0 ? words[0] : "list";
	const bool fills = strcmp(verb, "add") == 0 || strcmp(verb, "set") == 0;
	const bool removes = strcmp(verb, "remove") == 0;
	if (!fills && !removes && strcmp(verb, "list") != 0)
		return cli_refuse_word("apps", verb);
	const size_t most = fills ? count : removes ? 2 : 1;
	if (count > most)
		return cli_refuse_word("apps", words[most]);
	if ((fills || removes) && count < 2)
		return cli_complain(CLI_USAGE, TEXT_ARGUMENT_MISSING, verb, "ID", "apps");
	if (fills && count < 3)
		return cli_complain(CLI_USAGE, TEXT_ARGUMENT_MISSING, verb, "FIELD=VALUE", "apps");
	return fills || removes ? change(cli, verb, words[1], count - 2, words + 2)
				: cli_ask_and_show(cli, "GET", PATH, NULL, show_apps);
}
