/* lodge complete: words that a shell may offer. Says nothing of what goes wrong: nobody asked for an answer. */
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/connection.h"
#include "cli/texts.h"
#include "cli/view.h"

static const struct source {
	const char *name, *path, *list, *member;
} sources[] = {
	{ "slots", "/display/state", "displays", "slot" },
	{ "presets", "/display/presets", "presets", "name" },
	{ "clients", "/clients", "clients", "fingerprint" },
	{ "sessions", "/sessions", "sessions", "session" },
	{ "requests", "/pairing", "requests", "session" },
	{ "waiting", "/control", "line", "session" },
	{ "invitations", "/invitations", "invitations", "id" },
	{ "apps", "/apps", "apps", "id" },
};

static const struct source *find_source(const char *name)
{
	for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
		if (strcmp(sources[i].name, name) == 0)
			return &sources[i];
	}
	return NULL;
}

enum cli_exit run_complete(struct cli *cli, size_t count, char *const words[])
{
	struct answer answer;
	char fault[CONNECTION_FAULT_MAX], text[VIEW_MAX];
	bool failed;
	size_t i;
	json_t *one;
	const struct source *source = count == 1 ? find_source(words[0]) : NULL;
	if (!source)
		return cli_refuse_word("complete", count > 0 ? words[count - 1] : "");
	if (!connection_ask(cli->connection, "GET", source->path, NULL, &answer, &failed, fault))
		return CLI_UNREACHABLE;
	json_array_foreach(json_object_get(answer.json, source->list), i, one)
		cli_say("%s", view_field(json_object_get(one, source->member), text));
	answer_finish(&answer);
	return CLI_OK;
}
