/* lodge pair */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/connection.h"
#include "cli/follow.h"
#include "cli/text.h"
#include "cli/texts.h"
#include "cli/view.h"

#define SECONDS_DEFAULT 600
#define SECONDS_MIN 30
#define SECONDS_MAX 86400
#define NS_PER_S 1000000000ull
#define SLACK_S 5 /* beyond the PIN's own end: the host says it first */
#define GRACE_S 2 /* the PIN is gone; the client may still be about to be told */

struct pairing {
	struct cli *cli;
	struct follow follow;
	char pin[16];
	json_t *known; /* clients before: fingerprint → paired_at; owned */
	json_t *paired; /* the new one; owned */
	json_t *told; /* who asks to be paired and was told of: session → true; owned */
	bool gone; /* the PIN */
};

static json_t *known_clients(const json_t *document)
{
	size_t i;
	json_t *client, *known = json_object();
	json_array_foreach(json_object_get(document, "clients"), i, client) json_object_set(
		known, view_text(client, "fingerprint"), json_object_get(client, "paired_at"));
	return known;
}

static bool look_for_client(struct pairing *pairing, const json_t *document)
{
	size_t i;
	json_t *client;
	json_array_foreach(json_object_get(document, "clients"), i, client)
	{
		const json_t *before =
			json_object_get(pairing->known, view_text(client, "fingerprint"));
		if (before && json_equal(before, json_object_get(client, "paired_at")))
			continue;
		pairing->paired = json_incref(client);
		return true;
	}
	return false;
}

static void tell_requests(struct pairing *pairing, const json_t *document)
{
	size_t i;
	json_t *request;
	char key[32];
	json_array_foreach(json_object_get(document, "requests"), i, request)
	{
		const long long session =
			(long long)json_integer_value(json_object_get(request, "session"));
		snprintf(key, sizeof key, "%lld", session);
		if (pairing->cli->options.json || json_object_get(pairing->told, key))
			continue;
		json_object_set_new(pairing->told, key, json_true());
		cli_say(TEXT_PAIR_REQUEST, view_text(request, "label"), view_text(request, "peer"),
			session);
		fflush(stdout);
	}
}

static bool on_event(void *data, const struct sse_event *event, const json_t *json)
{
	struct pairing *pairing = data;
	if (strcmp(event->type, "clients") == 0)
		return !look_for_client(pairing, json);
	if (strcmp(event->type, "pairing") != 0)
		return true;
	tell_requests(pairing, json);
	if (!pairing->gone && strcmp(view_text(json, "pin"), pairing->pin) != 0) {
		pairing->gone = true;
		pairing->follow.deadline_ns = connection_now_ns() + GRACE_S * NS_PER_S;
	}
	return true;
}

/* Voids our PIN, and nobody else's that was made since. */
static void cancel_own(struct pairing *pairing)
{
	struct answer answer;
	if (cli_ask(pairing->cli, "GET", "/pairing", NULL, &answer) != CLI_OK)
		return;
	const bool own = strcmp(view_text(answer.json, "pin"), pairing->pin) == 0;
	answer_finish(&answer);
	if (own && cli_ask(pairing->cli, "DELETE", "/pairing", NULL, &answer) == CLI_OK)
		answer_finish(&answer);
}

static enum cli_exit wait_for_client(struct pairing *pairing)
{
	enum cli_exit code;
	char text[VIEW_MAX];
	const enum follow_end end = follow_run(&pairing->follow, &code);
	if (end == FOLLOW_FAILED) {
		cancel_own(pairing);
		return code;
	}
	if (end == FOLLOW_STOPPED) {
		cancel_own(pairing);
		return cli_complain(CLI_FAILED, TEXT_PAIR_CANCELLED);
	}
	if (end == FOLLOW_LATE)
		return cli_complain(CLI_FAILED, TEXT_PAIR_OVER);
	if (pairing->cli->options.json) {
		json_dumpf(pairing->paired, stdout, JSON_COMPACT);
		putchar('\n');
	} else {
		cli_say(TEXT_PAIRED,
			view_client(view_text(pairing->paired, "label"),
				json_object_get(pairing->paired, "fingerprint"), text));
	}
	return CLI_OK;
}

static bool show_pin(struct cli *cli, const json_t *document)
{
	char text[VIEW_MAX];
	const char *pin = view_text(document, "pin");
	if (!pin[0])
		return false;
	cli_say(TEXT_PAIR_PIN, pin, view_seconds(json_object_get(document, "expires_in"), text));
	return true;
}

/* The PIN is on the screen when it returns CLI_OK. */
static enum cli_exit arm(struct pairing *pairing, long seconds)
{
	struct answer answer;
	enum cli_exit code = cli_ask(pairing->cli, "GET", "/clients", NULL, &answer);
	if (code != CLI_OK)
		return code;
	pairing->known = known_clients(answer.json);
	pairing->told = json_object();
	answer_finish(&answer);
	code = cli_ask(pairing->cli, "POST", "/pairing",
		json_pack("{s:i}", "seconds", (int)seconds), &answer);
	if (code != CLI_OK)
		return code;
	snprintf(pairing->pin, sizeof pairing->pin, "%s", view_text(answer.json, "pin"));
	code = cli_show_answer(pairing->cli, "/pairing", &answer, show_pin);
	fflush(stdout);
	return code;
}

static enum cli_exit pair(struct cli *cli)
{
	struct pairing pairing = { .cli = cli };
	long seconds = SECONDS_DEFAULT;
	const char *word = cli->options.values[CLI_OPTION_SECONDS];
	if (word && cli_take_number("--seconds", word, SECONDS_MIN, SECONDS_MAX, &seconds))
		return CLI_USAGE;
	/* Before the PIN exists: Ctrl-C always voids it. */
	pairing.follow = (struct follow){ .cli = cli, .event = on_event, .data = &pairing };
	pairing.follow.stop_fd = follow_watch_signals();
	if (pairing.follow.stop_fd < 0)
		return cli_complain(CLI_FAILED, TEXT_SIGNALS, strerror(errno));
	enum cli_exit code = arm(&pairing, seconds);
	pairing.follow.deadline_ns = connection_now_ns() + (uint64_t)(seconds + SLACK_S) * NS_PER_S;
	if (code == CLI_OK)
		code = wait_for_client(&pairing);
	json_decref(pairing.known);
	json_decref(pairing.told);
	json_decref(pairing.paired);
	close(pairing.follow.stop_fd);
	return code;
}

static enum cli_exit cancel(struct cli *cli)
{
	const enum cli_exit code = cli_ask_and_show(cli, "DELETE", "/pairing", NULL, NULL);
	if (code == CLI_OK && !cli->options.json)
		cli_say(TEXT_PAIR_NO_PIN);
	return code;
}

static bool show_requests(struct cli *cli, const json_t *document)
{
	const json_t *requests = json_object_get(document, "requests");
	if (json_is_array(requests))
		cli_say(TEXT_PAIR_DECIDED, json_array_size(requests));
	return json_is_array(requests);
}

static enum cli_exit decide(struct cli *cli, const char *decision, const char *word)
{
	long session;
	char path[64];
	if (cli_take_number("SESSION", word, 1, UINT32_MAX, &session))
		return CLI_USAGE;
	snprintf(path, sizeof path, "/pairing/requests/%ld", session);
	return cli_ask_and_show(
		cli, "POST", path, json_pack("{s:s}", "decision", decision), show_requests);
}

enum cli_exit run_pair(struct cli *cli, size_t count, char *const words[])
{
	const char *verb = count > 0 ? words[0] : "";
	const bool to_cancel = strcmp(verb, "cancel") == 0;
	const bool answers = strcmp(verb, "approve") == 0 || strcmp(verb, "deny") == 0;
	const size_t taken = answers ? 2 : to_cancel ? 1 : 0;
	if (answers && count < 2)
		return cli_complain(CLI_USAGE, TEXT_ARGUMENT_MISSING, verb, "SESSION", "pair");
	if (count > taken)
		return cli_refuse_word("pair", words[taken]);
	if (taken > 0 && cli->options.given)
		return cli_complain(CLI_USAGE, TEXT_OPTION_FOREIGN, verb,
			cli_option_name(CLI_OPTION_SECONDS), "pair");
	if (answers)
		return decide(cli, verb, words[1]);
	return to_cancel ? cancel(cli) : pair(cli);
}
