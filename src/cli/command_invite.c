/* lodge invite */
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/find.h"
#include "cli/grants_words.h"
#include "cli/texts.h"
#include "cli/view.h"

#define PATH "/invitations"
#define ID_DIGITS 16
#define SECONDS_MIN 60
#define SECONDS_MAX (30L * 24 * 3600)
#define USES_MAX 64

static void add_invitation(struct table *table, const json_t *one)
{
	char text[VIEW_MAX];
	const char *state = view_text(one, "state"), *label = view_text(one, "label");
	const json_t *stay = json_object_get(one, "stay");
	const bool good = strcmp(state, "good") == 0;
	table_add(table, TABLE_PLAIN, "%s", view_text(one, "id"));
	table_add(table, TABLE_PLAIN, "%s", label[0] ? label : TEXT_NONE);
	table_add(table, good ? TABLE_GOOD : TABLE_FAINT, "%s", state);
	table_add(table, TABLE_PLAIN, "%s", view_grants(json_object_get(one, "grants"), text));
	table_add(table, TABLE_PLAIN, "%lld",
		(long long)json_integer_value(json_object_get(one, "uses_left")));
	table_add(table, TABLE_PLAIN, "%s",
		good ? view_seconds(json_object_get(one, "expires_in"), text) : TEXT_NONE);
	table_add(table, TABLE_PLAIN, "%s",
		json_is_number(stay) ? view_seconds(stay, text) : TEXT_INVITE_UNTIL_LEAVE);
	table_add(table, TABLE_PLAIN, "%lld",
		(long long)json_integer_value(json_object_get(one, "guests")));
}

static bool show_invitations(struct cli *cli, const json_t *document)
{
	static const char *const headings[] = TEXT_HEADINGS_INVITATIONS;
	size_t i;
	json_t *one, *list = json_object_get(document, "invitations");
	if (!json_is_array(list))
		return false;
	if (json_array_size(list) == 0) {
		cli_say(TEXT_INVITE_NONE);
		return true;
	}
	struct table *table = table_create(headings);
	if (!table)
		return false;
	json_array_foreach(list, i, one) add_invitation(table, one);
	return view_table(cli, table);
}

static bool show_made(struct cli *cli, const json_t *made)
{
	char grants[VIEW_MAX], time[VIEW_MAX];
	const char *link = view_text(made, "link"), *pin = view_text(made, "pin");
	if (link[0] != '/' || !pin[0])
		return false;
	cli_say(TEXT_INVITE_LINK, cli->origin, link);
	cli_say(TEXT_INVITE_PIN, pin);
	cli_say(TEXT_INVITE_TERMS, view_text(made, "id"),
		(long long)json_integer_value(json_object_get(made, "uses_left")),
		view_seconds(json_object_get(made, "expires_in"), time),
		view_grants(json_object_get(made, "grants"), grants));
	return true;
}

/* Adds a number that an option gives. */
static enum cli_exit add_number(struct cli *cli, json_t *body, enum cli_option option,
	const char *member, long least, long most)
{
	long number;
	char what[40];
	const char *word = cli->options.values[option];
	if (!word)
		return CLI_OK;
	snprintf(what, sizeof what, "--%s", cli_option_name(option));
	if (cli_take_number(what, word, least, most, &number))
		return CLI_USAGE;
	return json_object_set_new(body, member, json_integer(number)) == 0 ? CLI_OK
									    : cli_no_memory();
}

static enum cli_exit add_options(struct cli *cli, json_t *body)
{
	long seconds;
	const char *label = cli->options.values[CLI_OPTION_LABEL];
	enum cli_exit code = cli_take_term(cli, SECONDS_MIN, SECONDS_MAX, &seconds);
	if (code == CLI_OK && seconds > 0)
		json_object_set_new(body, "seconds", json_integer(seconds));
	if (code == CLI_OK)
		code = add_number(cli, body, CLI_OPTION_USES, "uses", 1, USES_MAX);
	if (code == CLI_OK)
		code = add_number(
			cli, body, CLI_OPTION_STAY, "stay_seconds", SECONDS_MIN, SECONDS_MAX);
	if (code == CLI_OK && label && json_object_set_new(body, "label", json_string(label)) < 0)
		code = cli_complain(CLI_USAGE, TEXT_ASSIGNMENT_TEXT, "--label");
	return code;
}

static enum cli_exit create(struct cli *cli, size_t count, char *const words[])
{
	static char view[] = "view";
	char *const nothing[] = { view };
	json_t *body = count > 0 ? grants_of_words(count, words) : grants_of_words(1, nothing);
	if (!body)
		return cli_complain(CLI_USAGE, TEXT_ASSIGNMENT_TEXT, "GRANTS");
	const enum cli_exit code = add_options(cli, body);
	if (code == CLI_OK)
		return cli_ask_and_show(cli, "POST", PATH, body, show_made);
	json_decref(body);
	return code;
}

static enum cli_exit revoke(struct cli *cli, const char *word)
{
	static const struct find_kind kind = { .path = PATH,
		.list = "invitations",
		.member = "id",
		.digits = ID_DIGITS,
		.thing = "invitation",
		.name = "id",
		.command = "lodge invite list" };
	char path[80];
	json_t *found = NULL;
	const bool end_guests = cli->options.given & 1u << CLI_OPTION_END_GUESTS;
	enum cli_exit code = cli_find(cli, &kind, word, &found);
	if (code != CLI_OK)
		return code;
	snprintf(path, sizeof path, PATH "/%s%s", view_text(found, "id"),
		end_guests ? "?end_guests=true" : "");
	json_decref(found);
	code = cli_ask_and_show(cli, "DELETE", path, NULL, NULL);
	if (code == CLI_OK && !cli->options.json)
		cli_say(TEXT_INVITE_REVOKED);
	return code;
}

/* The first option that was given and that is none of `allowed`, or CLI_OPTIONS. */
static enum cli_option foreign(const struct cli *cli, unsigned allowed)
{
	int option = 0;
	while (option < CLI_OPTIONS && !(cli->options.given & ~allowed & 1u << option))
		option++;
	return (enum cli_option)option;
}

enum cli_exit run_invite(struct cli *cli, size_t count, char *const words[])
{
	const char *verb = count > 0 ? words[0] : "list";
	const bool makes = strcmp(verb, "create") == 0, revokes = strcmp(verb, "revoke") == 0;
	if (!makes && !revokes && strcmp(verb, "list") != 0)
		return cli_refuse_word("invite", verb);
	const enum cli_option stranger = foreign(cli,
		makes             ? ~(1u << CLI_OPTION_END_GUESTS)
			: revokes ? 1u << CLI_OPTION_END_GUESTS
				  : 0);
	if (stranger != CLI_OPTIONS)
		return cli_complain(
			CLI_USAGE, TEXT_OPTION_FOREIGN, verb, cli_option_name(stranger), "invite");
	if (makes)
		return create(cli, count - 1, words + 1);
	if (revokes && count < 2)
		return cli_complain(CLI_USAGE, TEXT_ARGUMENT_MISSING, verb, "ID", "invite");
	const size_t taken = revokes ? 2 : 1;
	if (count > taken)
		return cli_refuse_word("invite", words[taken]);
	return revokes ? revoke(cli, words[1])
		       : cli_ask_and_show(cli, "GET", PATH, NULL, show_invitations);
}
