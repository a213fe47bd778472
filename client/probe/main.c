#include <errno.h>
#include <libavutil/log.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "probe.h"

#define TIMEOUT_BEYOND_NS 30000000000u
#define KEYSTROKE_NS 1100000000u /* the longest that one may take */

/* Makes each folder on the way. */
static bool make_folders(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		const bool made = mkdir(path, 0700) == 0 || errno == EEXIST;
		*slash = '/';
		if (!made)
			return false;
	}
	return mkdir(path, 0700) == 0 || errno == EEXIST;
}

static bool prepare_state(char hosts[static 400], char identity[static 400])
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	char folder[320];
	const bool xdg = state && state[0] == '/';
	const int size = snprintf(folder, sizeof folder,
		xdg ? "%s/lodge-probe" : "%s/.local/state/lodge-probe",
		xdg            ? state
			: home ? home
			       : "");
	snprintf(hosts, 400, "%s/hosts", folder);
	snprintf(identity, 400, "%s/identity.pem", folder);
	if (size < (int)sizeof folder && make_folders(hosts))
		return true;
	fprintf(stderr, "lodge-probe: %s: %s\n", hosts, strerror(errno));
	return false;
}

static enum probe_exit connect_host(struct probe *probe)
{
	char hosts[400] = "", identity[400] = "";
	struct probe_options *options = &probe->options;
	/* The user's folders are only touched when they are needed. */
	const bool needed = !options->identity || options->trust.kind == LODGE_TRUST_FIRST_USE;
	if (needed && !prepare_state(hosts, identity))
		return PROBE_CONNECT;
	options->trust.hosts_folder = hosts;
	probe->identity = lodge_identity_open(options->identity ? options->identity : identity,
		probe->fault, sizeof probe->fault);
	if (!probe->identity)
		return PROBE_USAGE;
	probe->client = lodge_client_create(
		&(struct lodge_client_params){
			.url = options->url,
			.identity = probe->identity,
			.label = options->label,
			.pin = options->pin,
			.trust = options->trust,
		},
		&probe_client_events, probe, probe->start_ns, probe->fault, sizeof probe->fault);
	return probe->client ? PROBE_OK : PROBE_CONNECT;
}

static uint64_t run_length_ns(const struct probe_options *options)
{
	uint64_t length_ns = options->settle_ns + options->seconds_ns;
	if (options->timeout_ns)
		return options->timeout_ns;
	if (options->view && !options->seconds_ns && !options->frames)
		return PROBE_NEVER; /* until told to stop: nothing is waited for */
	for (size_t i = 0; i < options->script.count; i++)
		length_ns += options->script.steps[i].wait_ms * 1000000ull;
	return length_ns + options->latency_samples * (uint64_t)KEYSTROKE_NS + TIMEOUT_BEYOND_NS;
}

static void write_due_png(struct probe *probe, uint64_t now_ns)
{
	char path[4096];
	if (!probe->options.png_every_ns || probe->phase != PROBE_RUNNING ||
		now_ns < probe->png_due_ns)
		return;
	probe->png_due_ns = now_ns + probe->options.png_every_ns;
	snprintf(path, sizeof path, "%s/%05u.png", probe->options.png_folder, probe->png_count++);
	if (!probe_write_png(probe->picture, path))
		probe_finish(probe, PROBE_EXPECTATION, "%s: %s", path, strerror(errno));
}

static uint64_t earliest(uint64_t left, uint64_t right)
{
	return left < right ? left : right;
}

static uint64_t next_due_ns(const struct probe *probe)
{
	uint64_t due_ns = lodge_client_deadline_ns(probe->client);
	due_ns = earliest(due_ns, probe_session_due_ns(probe));
	due_ns = earliest(due_ns, probe_play_due_ns(probe));
	due_ns = earliest(due_ns, probe_latency_due_ns(probe));
	due_ns = earliest(due_ns, probe_sound_due_ns(probe));
	if (probe->options.png_every_ns && probe->phase == PROBE_RUNNING)
		due_ns = earliest(due_ns, probe->png_due_ns);
	return due_ns;
}

static void run(struct probe *probe, int signals)
{
	while (probe->phase != PROBE_FINISHED) {
		uint64_t now_ns = measure_now_ns();
		lodge_client_process(probe->client, now_ns);
		now_ns = measure_now_ns();
		probe_session_tick(probe, now_ns);
		if (probe->options.latency_samples)
			probe_latency_tick(probe, now_ns);
		probe_play(probe, now_ns);
		probe_sound_tick(probe, now_ns);
		probe_session_tick(probe, now_ns);
		write_due_png(probe, now_ns);
		if (probe->phase == PROBE_FINISHED)
			return;
		const uint64_t due_ns = next_due_ns(probe);
		const uint64_t wait_ns = due_ns <= now_ns ? 0 : due_ns - now_ns;
		const struct timespec timeout = { (time_t)(wait_ns / 1000000000u),
			(long)(wait_ns % 1000000000u) };
		struct pollfd fds[] = {
			{ lodge_client_fd(probe->client),
				lodge_client_wants_write(probe->client) ? POLLIN | POLLOUT : POLLIN,
				0 },
			{ signals, POLLIN, 0 },
		};
		if (ppoll(fds, 2, due_ns == PROBE_NEVER ? NULL : &timeout, NULL) > 0 &&
			fds[1].revents)
			probe_finish(probe, PROBE_OK, "%s", "");
	}
}

static int block_signals(void)
{
	sigset_t signals;
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	signal(SIGPIPE, SIG_IGN);
	return signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void clean_up(struct probe *probe)
{
	lodge_client_destroy(probe->client);
	lodge_picture_destroy(probe->picture);
	lodge_identity_destroy(probe->identity);
	probe_sound_destroy(probe->sound);
	samples_finish(&probe->capture_to_decoded_ms);
	samples_finish(&probe->decode_ms);
	samples_finish(&probe->latency.samples_ms);
	json_decref(probe->notices);
	json_decref(probe->cpu);
	options_finish(&probe->options);
}

static enum probe_exit probe_main(struct probe *probe)
{
	const int signals = block_signals();
	probe->notices = json_array();
	probe->start_ns = measure_now_ns();
	probe->phase_deadline_ns = PROBE_NEVER; /* attaching has the client's own deadline */
	const uint64_t length_ns = run_length_ns(&probe->options);
	probe->run_deadline_ns =
		length_ns == PROBE_NEVER ? PROBE_NEVER : probe->start_ns + length_ns;
	if (!probe->options.view && !(probe->picture = lodge_picture_create())) {
		fprintf(stderr, "lodge-probe: libavcodec has no H.264 decoder here\n");
		return EXIT_FAILURE;
	}
	probe->sound = probe_sound_create(&probe->options.sound, probe->fault, sizeof probe->fault);
	if (!probe->sound) {
		fprintf(stderr, "lodge-probe: %s\n", probe->fault);
		close(signals);
		return PROBE_USAGE;
	}
	probe->exit = connect_host(probe);
	if (probe->exit == PROBE_OK)
		run(probe, signals);
	const uint64_t end_ns = measure_now_ns();
	probe->cpu = probe->measuring ? process_watch_report(&probe->options.watch, end_ns)
				      : json_null();
	if (probe->exit == PROBE_OK && probe->options.png &&
		!probe_write_png(probe->picture, probe->options.png)) {
		snprintf(probe->fault, sizeof probe->fault, "%s: %s", probe->options.png,
			strerror(errno));
		probe->exit = PROBE_EXPECTATION;
	}
	if (!probe_sound_end(probe->sound) && probe->exit == PROBE_OK) {
		snprintf(probe->fault, sizeof probe->fault, "%s: %s", probe->options.sound.wav,
			strerror(errno));
		probe->exit = PROBE_EXPECTATION;
	}
	probe_report(probe, end_ns);
	close(signals);
	return probe->exit;
}

int main(int argc, char **argv)
{
	struct probe probe = { 0 };
	char fault[320];
	int status;
	av_log_set_level(AV_LOG_QUIET); /* what it would say comes as a fault of the frame */
	switch (options_parse(&probe.options, argc, argv, fault, sizeof fault)) {
	case OPTIONS_DONE:
		status = EXIT_SUCCESS;
		break;
	case OPTIONS_WRONG:
		fprintf(stderr, "%s\n", fault);
		status = PROBE_USAGE;
		break;
	default:
		status = probe_main(&probe);
	}
	clean_up(&probe);
	return status;
}
