/* lodge preset */
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/texts.h"
#include "cli/view.h"

#define NAMES_MAX 2048

static const char *const ruled[] = { "keep_alive", "topology", "mode_conflict", "identity",
	"layout" };

static const char *present_preset(const json_t *settings)
{
	return view_text(json_object_get(settings, "effective"), "preset");
}

static void add_row(struct table *table, const json_t *fields, const char *name, bool present)
{
	char text[VIEW_MAX];
	const enum table_style style = present ? TABLE_GOOD : TABLE_PLAIN;
	table_add(table, style, "%s", present ? TEXT_PRESET_MARK : "");
	table_add(table, style, "%s", name);
	for (size_t i = 0; i < sizeof ruled / sizeof *ruled; i++)
		table_add(table, TABLE_PLAIN, "%s",
			view_field(json_object_get(fields, ruled[i]), text));
}

static bool show_presets(struct cli *cli, const json_t *settings)
{
	static const char *const headings[] = TEXT_HEADINGS_PRESETS;
	size_t i;
	json_t *preset, *presets = json_object_get(settings, "presets");
	const char *present = present_preset(settings);
	if (!json_is_array(presets) || !present[0])
		return false;
	struct table *table = table_create(headings);
	if (!table)
		return false;
	json_array_foreach(presets, i, preset)
	{
		const char *name = view_text(preset, "name");
		add_row(table, preset, name, strcmp(name, present) == 0);
	}
	if (strcmp(present, "custom") == 0)
		add_row(table, json_object_get(settings, "effective"), present, true);
	return view_table(cli, table);
}

static bool is_preset(const json_t *settings, const char *name, char names[NAMES_MAX])
{
	size_t i, size = 0;
	json_t *preset;
	names[0] = '\0';
	json_array_foreach(json_object_get(settings, "presets"), i, preset)
	{
		const char *one = view_text(preset, "name");
		if (strcmp(one, name) == 0)
			return true;
		if (size + strlen(one) + 3 < NAMES_MAX)
			size += (size_t)snprintf(names + size, NAMES_MAX - size, " %s,", one);
	}
	return strcmp(name, "custom") == 0;
}

static bool show_chosen(struct cli *cli, const json_t *settings)
{
	const char *present = present_preset(settings);
	if (present[0])
		cli_say(TEXT_PRESET_CHOSEN, present);
	return present[0];
}

enum cli_exit run_preset(struct cli *cli, size_t count, char *const words[])
{
	struct answer answer;
	char names[NAMES_MAX];
	if (count > 1)
		return cli_refuse_word("preset", words[1]);
	if (count == 0) {
		/* The same documents, but with the present one named. */
		const char *path = "/display/settings";
		return cli_ask_and_show(cli, "GET", path, NULL, show_presets);
	}
	enum cli_exit code = cli_ask(cli, "GET", "/display/settings", NULL, &answer);
	if (code != CLI_OK)
		return code;
	if (is_preset(answer.json, words[0], names)) {
		json_t *document = json_deep_copy(json_object_get(answer.json, "document"));
		json_object_set_new(document, "preset", json_string(words[0]));
		code = document
			? cli_ask_and_show(cli, "PUT", "/display/settings", document, show_chosen)
			: cli_complain(CLI_FAILED, TEXT_ANSWER_STRANGE, "/display/settings");
	} else {
		code = cli_complain(CLI_NO_SUCH, TEXT_PRESET_NONE, words[0], names);
	}
	answer_finish(&answer);
	return code;
}
