/* lodge settings */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/settings_change.h"
#include "cli/texts.h"
#include "cli/view.h"
#include "store/state_file.h"

#define PATH "/display/settings"
#define FILE_MAX (1024 * 1024)

static const char *const fields[] = { "preset", "keep_alive", "topology", "mode_conflict",
	"identity", "layout", "max_displays", "desktop", "confinement", "presence", "control",
	"input" };

static void say_missing(const json_t *settings)
{
	size_t i;
	json_t *one;
	json_array_foreach(json_object_get(settings, "capabilities"), i, one)
	{
		const char *fallback = view_text(one, "fallback");
		if (json_is_true(json_object_get(one, "supported")))
			continue;
		if (fallback[0])
			cli_say(TEXT_CAPABILITY_INSTEAD, view_text(one, "option"), fallback,
				view_text(one, "text"));
		else
			cli_say(TEXT_CAPABILITY, view_text(one, "option"), view_text(one, "text"));
	}
}

static bool show_fields(struct cli *cli, const json_t *settings)
{
	static const char *const headings[] = TEXT_HEADINGS_SETTINGS;
	const json_t *effective = json_object_get(settings, "effective");
	const json_t *sources = json_object_get(settings, "sources");
	const json_t *clients = json_object_get(json_object_get(settings, "document"), "clients");
	char text[VIEW_MAX];
	struct table *table = json_is_object(effective) && json_is_object(sources)
		? table_create(headings)
		: NULL;
	if (!table)
		return false;
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		table_add(table, TABLE_PLAIN, "%s", fields[i]);
		table_add(table, TABLE_GOOD, "%s",
			view_field(json_object_get(effective, fields[i]), text));
		table_add(table, TABLE_FAINT, "%s", view_text(sources, fields[i]));
	}
	if (!view_table(cli, table))
		return false;
	if (json_object_size(clients) > 0)
		cli_say(TEXT_SETTINGS_OVERRIDES, json_object_size(clients));
	return true;
}

static bool show_settings(struct cli *cli, const json_t *settings)
{
	if (!show_fields(cli, settings))
		return false;
	say_missing(settings);
	return true;
}

static bool show_saved(struct cli *cli, const json_t *settings)
{
	cli_say(TEXT_SETTINGS_SAVED);
	return show_fields(cli, settings);
}

static enum cli_exit set(struct cli *cli, size_t count, char *const words[])
{
	struct answer answer;
	char fault[400];
	const char *left;
	enum cli_exit code = cli_ask(cli, "GET", PATH, NULL, &answer);
	if (code != CLI_OK)
		return code;
	json_t *document = settings_change(answer.json, count, words, &left, fault, sizeof fault);
	if (document)
		code = cli_ask_and_show(cli, "PUT", PATH, document, show_saved);
	else
		code = cli_complain(CLI_USAGE, "%s", fault);
	if (document && left && code == CLI_OK)
		cli_complain(CLI_OK, TEXT_PRESET_LEFT, left);
	answer_finish(&answer);
	return code;
}

/* Whole, up to a bound. To be freed. */
static int read_standard_input(char **text, size_t *size)
{
	*text = malloc(FILE_MAX + 1);
	if (!*text)
		return -ENOMEM;
	*size = fread(*text, 1, FILE_MAX + 1, stdin);
	const int error = ferror(stdin) ? -EIO : *size > FILE_MAX ? -EFBIG : 0;
	if (error)
		free(*text);
	return error;
}

static enum cli_exit put_file(struct cli *cli, const char *path)
{
	json_error_t fault;
	char *text;
	size_t size;
	const int error = strcmp(path, "-") == 0
		? read_standard_input(&text, &size)
		: state_file_read(AT_FDCWD, path, FILE_MAX, &text, &size);
	if (error)
		return cli_complain(CLI_USAGE, TEXT_FILE_UNREADABLE, path, strerror(-error));
	json_t *document = json_loadb(text, size, JSON_REJECT_DUPLICATES, &fault);
	free(text);
	if (!document)
		return cli_complain(CLI_USAGE, TEXT_FILE_NO_JSON, path, fault.line, fault.text);
	return cli_ask_and_show(cli, "PUT", PATH, document, show_saved);
}

static enum cli_exit reset(struct cli *cli)
{
	struct answer answer;
	const enum cli_exit code = cli_ask(cli, "GET", PATH, NULL, &answer);
	if (code != CLI_OK)
		return code;
	json_t *clients = json_object_get(json_object_get(answer.json, "document"), "clients");
	json_t *document = json_pack("{s:i,s:O*}", "version", 1, "clients", clients);
	answer_finish(&answer);
	return document ? cli_ask_and_show(cli, "PUT", PATH, document, show_saved)
			: cli_no_memory();
}

enum cli_exit run_settings(struct cli *cli, size_t count, char *const words[])
{
	const char *verb = count > 0 ? words[0] : "get";
	const bool get = strcmp(verb, "get") == 0, forget = strcmp(verb, "reset") == 0;
	const bool change = strcmp(verb, "set") == 0, file = strcmp(verb, "edit-from-file") == 0;
	if (!get && !forget && !change && !file)
		return cli_refuse_word("settings", verb);
	const size_t most = change ? count : file ? 2 : 1;
	if (count > most)
		return cli_refuse_word("settings", words[most]);
	if ((change || file) && count < 2)
		return cli_complain(CLI_USAGE, TEXT_ARGUMENT_MISSING,
			change ? "settings set" : verb, change ? "FIELD=VALUE" : "FILE",
			"settings");
	if (change)
		return set(cli, count - 1, words + 1);
	if (file)
		return put_file(cli, words[1]);
	return forget ? reset(cli) : cli_ask_and_show(cli, "GET", PATH, NULL, show_settings);
}
