/* lodge who, lodge control */
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/texts.h"
#include "cli/view.h"

static enum table_style state_style(const char *state)
{
	if (strcmp(state, "controlling") == 0)
		return TABLE_GOOD;
	return strcmp(state, "watching") == 0 ? TABLE_WARM : TABLE_FAINT;
}

static void add_person(struct table *table, const json_t *person)
{
	size_t i;
	json_t *transport;
	char text[VIEW_MAX] = "";
	const char *state = view_text(person, "state");
	json_array_foreach(json_object_get(person, "transports"), i, transport)
	{
		const size_t size = strlen(text);
		snprintf(text + size, sizeof text - size, "%s%s", size ? ", " : "",
			json_is_string(transport) ? json_string_value(transport) : TEXT_NONE);
	}
	table_add(table, TABLE_PLAIN, "%s", view_text(person, "name"));
	table_add(table, state_style(state), "%s%s", state,
		json_is_true(json_object_get(person, "view_only")) ? TEXT_WHO_VIEW_ONLY : "");
	table_add(table, TABLE_PLAIN, "%s", text[0] ? text : TEXT_NONE);
	table_add(
		table, TABLE_PLAIN, "%s", view_numbers(json_object_get(person, "sessions"), text));
	table_add(table, TABLE_PLAIN, "%s", view_seconds(json_object_get(person, "since"), text));
}

static bool show_people(struct cli *cli, const json_t *document)
{
	static const char *const headings[] = TEXT_HEADINGS_PEOPLE;
	size_t i;
	json_t *person, *people = json_object_get(document, "people");
	const bool enabled = json_is_true(json_object_get(document, "enabled"));
	if (!json_is_array(people))
		return false;
	if (!enabled || json_array_size(people) == 0) {
		cli_say("%s", enabled ? TEXT_WHO_NOBODY : TEXT_WHO_OFF);
		return true;
	}
	struct table *table = table_create(headings);
	if (!table)
		return false;
	json_array_foreach(people, i, person) add_person(table, person);
	return view_table(cli, table);
}

enum cli_exit run_who(struct cli *cli, size_t count, char *const words[])
{
	if (count > 0)
		return cli_refuse_word("who", words[0]);
	return cli_ask_and_show(cli, "GET", "/presence", NULL, show_people);
}

/* "-" for one that is not in the list: its connection dropped. */
static const char *label_of(const json_t *sessions, const json_t *number)
{
	size_t i;
	json_t *session;
	json_array_foreach(sessions, i, session)
	{
		if (json_equal(json_object_get(session, "session"), number))
			return view_text(session, "label");
	}
	return TEXT_NONE;
}

static void say_holder(const json_t *control, const json_t *sessions)
{
	char text[VIEW_MAX];
	const json_t *holder = json_object_get(control, "holder");
	const json_t *away = json_object_get(control, "away_for");
	const long long number = (long long)json_integer_value(holder);
	if (!json_is_integer(holder))
		cli_say(TEXT_CONTROL_NOBODY);
	else if (json_is_number(away))
		cli_say(TEXT_CONTROL_AWAY, number, view_seconds(away, text));
	else
		cli_say(TEXT_CONTROL_HOLDER, number, label_of(sessions, holder));
}

static bool show_line(struct cli *cli, const json_t *line, const json_t *sessions)
{
	static const char *const headings[] = TEXT_HEADINGS_LINE;
	size_t i;
	json_t *place;
	char text[VIEW_MAX];
	if (json_array_size(line) == 0) {
		cli_say(TEXT_CONTROL_NO_LINE);
		return true;
	}
	struct table *table = table_create(headings);
	if (!table)
		return false;
	json_array_foreach(line, i, place)
	{
		const json_t *number = json_object_get(place, "session");
		table_add(table, TABLE_PLAIN, "%lld", (long long)json_integer_value(number));
		table_add(table, TABLE_PLAIN, "%s", label_of(sessions, number));
		table_add(table, TABLE_WARM, "%s",
			view_seconds(json_object_get(place, "asks_for"), text));
	}
	return view_table(cli, table);
}

static bool show_control(struct cli *cli, const json_t *control)
{
	struct answer answer;
	const char *mode = view_text(control, "mode");
	const json_t *line = json_object_get(control, "line");
	if (!mode[0] || !json_is_array(line))
		return false;
	if (strcmp(mode, "free") == 0) {
		cli_say(TEXT_CONTROL_FREE);
		return true;
	}
	/* For their names. */
	if (cli_ask(cli, "GET", "/sessions", NULL, &answer) != CLI_OK)
		return false;
	const json_t *sessions = json_object_get(answer.json, "sessions");
	say_holder(control, sessions);
	const bool good = show_line(cli, line, sessions);
	answer_finish(&answer);
	return good;
}

/* The API's word; NULL: nobody knows the verb. */
static const char *action_of(const char *verb)
{
	static const char *const same[] = { "give", "grant", "deny", "release" };
	for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
		if (strcmp(verb, same[i]) == 0)
			return same[i];
	}
	return strcmp(verb, "take") == 0 ? "release" : NULL;
}

enum cli_exit run_control(struct cli *cli, size_t count, char *const words[])
{
	long session = 0;
	const char *action = count > 0 ? action_of(words[0]) : NULL;
	if (count > 0 && !action)
		return cli_refuse_word("control", words[0]);
	const bool names_one = action && strcmp(action, "release") != 0;
	const size_t taken = names_one ? 2 : action ? 1 : 0;
	if (count < taken)
		return cli_complain(
			CLI_USAGE, TEXT_ARGUMENT_MISSING, words[0], "SESSION", "control");
	if (count > taken)
		return cli_refuse_word("control", words[taken]);
	if (names_one && cli_take_number("SESSION", words[1], 1, UINT32_MAX, &session))
		return CLI_USAGE;
	if (!action)
		return cli_ask_and_show(cli, "GET", "/control", NULL, show_control);
	json_t *body = names_one
		? json_pack("{s:s,s:I}", "action", action, "session", (json_int_t)session)
		: json_pack("{s:s}", "action", action);
	return cli_ask_and_show(cli, "POST", "/control", body, show_control);
}
