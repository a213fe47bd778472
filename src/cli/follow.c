#include "cli/follow.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>

#include "cli/connection.h"
#include "cli/texts.h"

#define NS_PER_MS 1000000ull
#define SILENCE_S 45
#define GIVE_UP_NS 60000000000ull
#define RETRY_DEFAULT_MS 2000
#define RETRY_MIN_MS 50
#define RETRY_MAX_MS 15000

struct run {
	struct follow *follow;
	struct sse sse;
	bool lost; /* the connection, and it was said */
	enum sse_result result;
};

int follow_watch_signals(void)
{
	sigset_t signals;
	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &signals, NULL) < 0)
		return -1;
	return signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

static bool on_event(void *data, const struct sse_event *event)
{
	struct run *run = data;
	json_error_t error;
	json_t *json = json_loadb(event->data, event->size, 0, &error);
	if (!json) {
		cli_complain(CLI_FAILED, TEXT_EVENT_NO_JSON, event->type, error.text);
		return true;
	}
	const bool more = run->follow->event(run->follow->data, event, json);
	json_decref(json);
	return more;
}

static bool on_bytes(void *data, const char *bytes, size_t size)
{
	struct run *run = data;
	if (run->lost)
		cli_complain(CLI_OK, TEXT_WATCH_BACK, run->follow->cli->origin);
	run->lost = false;
	run->result = sse_feed(&run->sse, bytes, size, on_event, run);
	return run->result == SSE_MORE;
}

static uint64_t retry_ms(const struct sse *sse)
{
	const uint64_t wanted = sse->retry_ms ? sse->retry_ms : RETRY_DEFAULT_MS;
	return wanted < RETRY_MIN_MS ? RETRY_MIN_MS : wanted > RETRY_MAX_MS ? RETRY_MAX_MS : wanted;
}

/* True when the pause is over, false when the user has enough. */
static bool pause_for(const struct follow *follow, uint64_t milliseconds)
{
	struct pollfd stop = { .fd = follow->stop_fd, .events = POLLIN };
	const uint64_t now_ns = connection_now_ns();
	const uint64_t left_ms =
		follow->deadline_ns > now_ns ? (follow->deadline_ns - now_ns) / NS_PER_MS + 1 : 0;
	poll(&stop, 1, (int)(milliseconds < left_ms ? milliseconds : left_ms));
	return stop.revents == 0;
}

static enum stream_end listen_once(struct run *run, struct answer *answer, char *fault)
{
	sse_restart(&run->sse);
	run->result = SSE_MORE;
	return connection_listen(run->follow->cli->connection,
		&(const struct stream_params){
			.path = "/events",
			.last_event_id = run->sse.last_event_id,
			.stop_fd = run->follow->stop_fd,
			.deadline_ns = &run->follow->deadline_ns,
			.silence_s = SILENCE_S,
			.bytes = on_bytes,
			.data = run,
		},
		answer, fault);
}

/* A refusal is final, unless the host says that it is only for now, as while it starts again. */
static bool is_final(const struct answer *answer, bool first)
{
	return first || answer->status != 503;
}

static enum follow_end run_all(struct run *run, enum cli_exit *code)
{
	struct follow *follow = run->follow;
	uint64_t seen_ns = connection_now_ns();
	for (bool first = true;; first = false) {
		char fault[CONNECTION_FAULT_MAX] = "";
		struct answer answer;
		const enum stream_end end = listen_once(run, &answer, fault);
		if (end == STREAM_ENOUGH && run->result == SSE_TOO_LONG) {
			*code = cli_complain(CLI_FAILED, TEXT_EVENT_TOO_LONG, SSE_EVENT_MAX);
			return FOLLOW_FAILED;
		}
		if (end == STREAM_ENOUGH || end == STREAM_STOPPED || end == STREAM_LATE)
			return end == STREAM_ENOUGH  ? FOLLOW_ENOUGH
				: end == STREAM_LATE ? FOLLOW_LATE
						     : FOLLOW_STOPPED;
		if (end == STREAM_BROKEN)
			seen_ns = connection_now_ns();
		if (end == STREAM_REFUSED && is_final(&answer, first)) {
			*code = cli_judge(follow->cli, "GET", "/events", &answer);
			answer_finish(&answer);
			return FOLLOW_FAILED;
		}
		answer_finish(&answer);
		if (end == STREAM_ABSENT && (first || connection_now_ns() - seen_ns > GIVE_UP_NS)) {
			*code = cli_complain(CLI_UNREACHABLE, "%s", fault);
			return FOLLOW_FAILED;
		}
		if (!run->lost)
			cli_complain(CLI_OK, TEXT_WATCH_LOST, follow->cli->origin);
		run->lost = true;
		if (!pause_for(follow, retry_ms(&run->sse)))
			return FOLLOW_STOPPED;
		if (connection_now_ns() >= follow->deadline_ns)
			return FOLLOW_LATE;
	}
}

enum follow_end follow_run(struct follow *follow, enum cli_exit *code)
{
	struct run run = { .follow = follow };
	*code = CLI_OK;
	const enum follow_end end = run_all(&run, code);
	sse_finish(&run.sse);
	return end;
}
