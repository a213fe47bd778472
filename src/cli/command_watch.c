/* lodge watch */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/changes.h"
#include "cli/commands.h"
#include "cli/connection.h"
#include "cli/follow.h"
#include "cli/texts.h"
#include "cli/view.h"

struct watch {
	struct cli *cli;
	struct changes changes;
};

static void tell(void *data, const char *line)
{
	char clock[16];
	struct tm local;
	const time_t now = time(NULL);
	if (!localtime_r(&now, &local) || strftime(clock, sizeof clock, "%H:%M:%S", &local) == 0)
		clock[0] = '\0';
	cli_say("%s %s", clock, line);
}

static bool on_event(void *data, const struct sse_event *event, const json_t *json)
{
	struct watch *watch = data;
	if (watch->cli->options.json) {
		json_t *line = json_pack("{s:s,s:O}", "event", event->type, "data", (json_t *)json);
		if (line)
			json_dumpf(line, stdout, JSON_COMPACT);
		json_decref(line);
		putchar('\n');
	} else {
		changes_take(&watch->changes, event->type, json, tell, watch);
	}
	/* Whoever reads it through a pipe reads it now, or not at all. */
	return fflush(stdout) == 0;
}

enum cli_exit run_watch(struct cli *cli, size_t count, char *const words[])
{
	struct watch watch = { .cli = cli };
	struct follow follow = {
		.cli = cli, .deadline_ns = CONNECTION_NEVER, .event = on_event, .data = &watch
	};
	enum cli_exit code;
	if (count > 0)
		return cli_refuse_word("watch", words[0]);
	follow.stop_fd = follow_watch_signals();
	if (follow.stop_fd < 0)
		return cli_complain(CLI_FAILED, TEXT_SIGNALS, strerror(errno));
	if (!changes_start(&watch.changes)) {
		close(follow.stop_fd);
		return cli_no_memory();
	}
	follow_run(&follow, &code);
	changes_finish(&watch.changes);
	close(follow.stop_fd);
	return code;
}
