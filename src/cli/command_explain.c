/* lodge explain */
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/texts.h"
#include "cli/view.h"
#include "core/mode.h"

#define PATH "/display/explain"

static void say_reasons(const json_t *reasons)
{
	size_t i;
	json_t *reason;
	json_array_foreach(reasons, i, reason)
		cli_say(TEXT_EXPLAIN_REASON, i + 1, view_text(reason, "text"),
			(long long)json_integer_value(json_object_get(reason, "rule")));
}

static void say_texts(const char *what, const json_t *array)
{
	size_t i;
	json_t *text;
	json_array_foreach(array, i, text) cli_say(TEXT_EXPLAIN_LINE, what,
		json_is_string(text) ? json_string_value(text) : TEXT_NONE);
}

static bool show_explanation(struct cli *cli, const json_t *document)
{
	char text[VIEW_MAX];
	const char *decision = view_text(document, "decision");
	const char *rejection = view_text(document, "rejection");
	const char *joins = view_text(document, "joins");
	const json_t *slot = json_object_get(document, "slot");
	const json_t *closes = json_object_get(document, "closes");
	if (!decision[0])
		return false;
	cli_say("%s", view_text(document, "text"));
	cli_say(TEXT_EXPLAIN_DECISION, decision, rejection[0] ? ": " : "", rejection);
	if (json_is_integer(slot))
		cli_say(TEXT_EXPLAIN_LINE, "slot", view_field(slot, text));
	if (json_is_object(json_object_get(document, "mode")))
		cli_say(TEXT_EXPLAIN_LINE, "mode",
			view_mode(json_object_get(document, "mode"), text));
	if (json_is_object(json_object_get(document, "place")))
		cli_say(TEXT_EXPLAIN_LINE, "place",
			view_place(json_object_get(document, "place"), text));
	cli_say(TEXT_EXPLAIN_LINE, "topology", view_text(document, "topology"));
	if (joins[0])
		cli_say(TEXT_EXPLAIN_LINE, "shares the display of", joins);
	say_texts("ends the sessions of", json_object_get(document, "ends"));
	if (json_array_size(closes) > 0)
		cli_say(TEXT_EXPLAIN_LINE, "closes the kept displays", view_numbers(closes, text));
	say_reasons(json_object_get(document, "reasons"));
	return true;
}

/* NULL when the word is no mode. Whether it is one that a display can have is the host's to say. */
static json_t *parse_mode(const char *word)
{
	struct display_mode mode;
	if (!display_mode_parse(word, &mode))
		return NULL;
	json_t *json =
		json_pack("{s:i,s:i}", "width", (int)mode.width_px, "height", (int)mode.height_px);
	if (mode.refresh_mhz)
		json_object_set_new(json, "refresh_hz", json_real(mode.refresh_mhz / 1000.0));
	return json;
}

/* The stored document with another preset: places and numbers stay this host's. */
static enum cli_exit try_preset(struct cli *cli, const char *preset, json_t *body)
{
	struct answer answer;
	const enum cli_exit code = cli_ask(cli, "GET", "/display/settings", NULL, &answer);
	if (code != CLI_OK)
		return code;
	json_t *document = json_deep_copy(json_object_get(answer.json, "document"));
	answer_finish(&answer);
	if (!json_is_object(document)) {
		json_decref(document);
		return cli_complain(CLI_FAILED, TEXT_ANSWER_STRANGE, "/display/settings");
	}
	json_object_set_new(document, "preset", json_string(preset));
	json_object_set_new(body, "settings", document);
	return CLI_OK;
}

enum cli_exit run_explain(struct cli *cli, size_t count, char *const words[])
{
	const char *word = cli->options.values[CLI_OPTION_MODE];
	const char *client = cli->options.values[CLI_OPTION_CLIENT];
	const char *preset = cli->options.values[CLI_OPTION_PRESET];
	char fingerprint[65];
	enum cli_exit code = CLI_OK;
	if (count > 0)
		return cli_refuse_word("explain", words[0]);
	if (!word)
		return cli_complain(
			CLI_USAGE, TEXT_ARGUMENT_MISSING, "explain", "--mode WxH[@HZ]", "explain");
	json_t *mode = parse_mode(word);
	if (!mode)
		return cli_complain(CLI_USAGE, TEXT_MODE_WRONG, word);
	json_t *body = json_pack("{s:o}", "mode", mode);
	if (client)
		code = cli_find_client(cli, client, fingerprint);
	if (code == CLI_OK && client)
		json_object_set_new(body, "client", json_string(fingerprint));
	if (code == CLI_OK && preset)
		code = try_preset(cli, preset, body);
	if (code == CLI_OK)
		return cli_ask_and_show(cli, "POST", PATH, body, show_explanation);
	json_decref(body);
	return code;
}
