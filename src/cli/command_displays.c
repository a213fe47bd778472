/* lodge displays, lodge release */
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/texts.h"
#include "cli/view.h"

#define SLOT_MAX 63

static bool show_desktop(const json_t *document)
{
	const char *backend, *wanted, *applied;
	int ready;
	json_int_t most;
	json_t *displays;
	if (json_unpack((json_t *)document, "{s:{s:s,s:b,s:{s:s,s:s}},s:o,s:I}", "desktop",
		    "backend", &backend, "ready", &ready, "topology", "wanted", &wanted, "applied",
		    &applied, "displays", &displays, "max_displays", &most) < 0)
		return false;
	if (!ready)
		cli_say(TEXT_DESKTOP_GONE, backend);
	else if (strcmp(wanted, applied) == 0)
		cli_say(TEXT_DESKTOP, backend, applied, json_array_size(displays), (long long)most);
	else
		cli_say(TEXT_DESKTOP_INSTEAD, backend, applied, wanted, json_array_size(displays),
			(long long)most);
	return true;
}

static void add_display(struct table *table, const json_t *display)
{
	char text[VIEW_MAX];
	const char *state = view_text(display, "state"), *output = view_text(display, "output");
	table_add(table, TABLE_PLAIN, "%lld",
		(long long)json_integer_value(json_object_get(display, "slot")));
	table_add(table, view_state_style(state), "%s", state);
	table_add(table, TABLE_PLAIN, "%s", view_text(display, "label"));
	table_add(table, TABLE_PLAIN, "%s", view_mode(json_object_get(display, "mode"), text));
	table_add(table, TABLE_PLAIN, "%s%s", view_place(json_object_get(display, "place"), text),
		json_is_true(json_object_get(display, "pinned")) ? TEXT_PIN_MARK : "");
	table_add(table, TABLE_PLAIN, "%s", output[0] ? output : TEXT_NONE);
	table_add(
		table, TABLE_PLAIN, "%s", view_numbers(json_object_get(display, "sessions"), text));
	table_add(table, TABLE_PLAIN, "%s",
		view_seconds(json_object_get(display, "expires_in"), text));
}

static void add_output(struct table *table, const json_t *output)
{
	char text[VIEW_MAX];
	const bool enabled = json_is_true(json_object_get(output, "enabled"));
	table_add(table, TABLE_PLAIN, "%s", view_text(output, "name"));
	table_add(table, enabled ? TABLE_GOOD : TABLE_BAD, "%s", enabled ? TEXT_ON : TEXT_OFF);
	table_add(table, TABLE_PLAIN, "%s", view_mode(json_object_get(output, "mode"), text));
	table_add(table, TABLE_PLAIN, "%s",
		enabled ? view_place(json_object_get(output, "place"), text) : TEXT_NONE);
}

static bool show_rows(struct cli *cli, const json_t *rows, const char *const headings[],
	void (*add)(struct table *table, const json_t *row))
{
	size_t i;
	json_t *row;
	struct table *table = table_create(headings);
	if (!table)
		return false;
	json_array_foreach(rows, i, row) add(table, row);
	return view_table(cli, table);
}

static bool show_own_desktops(struct cli *cli, const json_t *desktops)
{
	static const char *const headings[] = TEXT_HEADINGS_DISPLAYS;
	size_t i;
	json_t *desktop;
	json_array_foreach(desktops, i, desktop)
	{
		const json_t *displays = json_object_get(desktop, "displays");
		const char *app = view_text(desktop, "app");
		printf(TEXT_OWN_DESKTOP, view_text(desktop, "name"), app[0] ? ", " : "", app);
		if (json_array_size(displays) > 0 &&
			!show_rows(cli, displays, headings, add_display))
			return false;
	}
	return true;
}

static bool show_displays(struct cli *cli, const json_t *document)
{
	static const char *const display_headings[] = TEXT_HEADINGS_DISPLAYS;
	static const char *const output_headings[] = TEXT_HEADINGS_OUTPUTS;
	const json_t *displays = json_object_get(document, "displays");
	const json_t *outputs = json_object_get(document, "outputs");
	if (!json_is_array(displays) || !json_is_array(outputs) || !show_desktop(document))
		return false;
	if (json_array_size(displays) > 0) {
		putchar('\n');
		if (!show_rows(cli, displays, display_headings, add_display))
			return false;
	}
	if (json_array_size(outputs) > 0) {
		putchar('\n');
		if (!show_rows(cli, outputs, output_headings, add_output))
			return false;
	}
	return show_own_desktops(cli, json_object_get(document, "own_desktops"));
}

enum cli_exit run_displays(struct cli *cli, size_t count, char *const words[])
{
	const size_t taken = count > 0 && strcmp(words[0], "list") == 0 ? 1 : 0;
	if (count > taken)
		return cli_refuse_word("displays", words[taken]);
	return cli_ask_and_show(cli, "GET", "/display/state", NULL, show_displays);
}

static bool show_released(struct cli *cli, const json_t *document)
{
	json_int_t released;
	if (json_unpack((json_t *)document, "{s:I}", "released", &released) < 0)
		return false;
	if (released == 1)
		cli_say(TEXT_RELEASED_ONE);
	else
		cli_say(TEXT_RELEASED, (long long)released);
	return true;
}

enum cli_exit run_release(struct cli *cli, size_t count, char *const words[])
{
	const bool all = cli->options.given & 1u << CLI_OPTION_ALL;
	long slot = 0;
	if (all == (count > 0))
		return all ? cli_refuse_word("release", words[0])
			   : cli_complain(CLI_USAGE, TEXT_ARGUMENT_MISSING, "release",
				     "SLOT or --all", "release");
	if (count > 1)
		return cli_refuse_word("release", words[1]);
	if (!all && cli_take_number("SLOT", words[0], 0, SLOT_MAX, &slot))
		return CLI_USAGE;
	json_t *body = all ? json_pack("{s:b}", "all", 1) : json_pack("{s:i}", "slot", (int)slot);
	return cli_ask_and_show(cli, "POST", "/display/release", body, show_released);
}
