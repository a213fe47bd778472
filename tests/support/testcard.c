/*
 * lodge-testcard: a small Wayland client with known pictures and known movement, for tests, measurements
 * and the demo. SIGTERM ends it with a line of JSON: how many frames it drew, and how fast.
 */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "testcard_window.h"

static void print_usage(void)
{
	fprintf(stderr,
		"usage: lodge-testcard SCENE [--app-id ID] [--size WxH] [--fullscreen] [--log]\n"
		"                      [--marker X,Y]\n"
		"  --app-id ID    default lodge-testcard\n"
		"  --size WxH     ask for this size (the window floats)\n"
		"  --log          print each input event as one line of JSON\n"
		"  --marker X,Y   where a key press toggles, in percent; default 25,50\n"
		"scenes:");
	scene_print_names();
	fputc('\n', stderr);
}

static bool parse_pair(const char *text, char separator, int most, int *first, int *second)
{
	char between = 0;
	int end = 0;
	return sscanf(text, "%5d%c%5d%n", first, &between, second, &end) == 3 &&
		between == separator && !text[end] && *first >= 0 && *second >= 0 &&
		*first <= most && *second <= most;
}

static bool parse_option(struct window *window, int option, const char *value)
{
	struct scene *scene = &window->scene;
	switch (option) {
	case 'a':
		window->params.app_id = value;
		return true;
	case 's':
		window->params.fixed = true;
		return parse_pair(value, 'x', 16384, &scene->width, &scene->height) &&
			scene->width > 0 && scene->height > 0;
	case 'f':
		window->params.fullscreen = true;
		return true;
	case 'l':
		window->params.log = true;
		return true;
	case 'm':
		return parse_pair(
			value, ',', 100, &scene->marker_x_percent, &scene->marker_y_percent);
	default:
		return false;
	}
}

static bool parse_options(struct window *window, int count, char **words)
{
	static const struct option options[] = {
		{ "app-id", required_argument, NULL, 'a' },
		{ "size", required_argument, NULL, 's' },
		{ "fullscreen", no_argument, NULL, 'f' },
		{ "log", no_argument, NULL, 'l' },
		{ "marker", required_argument, NULL, 'm' },
		{ 0 },
	};
	int option;
	while ((option = getopt_long(count, words, "", options, NULL)) != -1) {
		if (!parse_option(window, option, optarg))
			return false;
	}
	const struct scene_impl *impl = optind == count - 1 ? scene_find(words[optind]) : NULL;
	if (!impl)
		return false;
	window->scene.impl = impl;
	if (window->scene.width == 0) {
		window->scene.width = impl->width;
		window->scene.height = impl->height;
		window->params.fixed = impl == &scene_demo && !window->params.fullscreen;
	}
	return true;
}

static int watch_signals(void)
{
	sigset_t signals;
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	return signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* One wait; false: a signal came or the compositor is gone. */
static bool wait_and_dispatch(struct window *window, int signals, int timeout_ms)
{
	while (wl_display_prepare_read(window->display) != 0) {
		if (wl_display_dispatch_pending(window->display) < 0)
			return false;
		timeout_ms = 0; /* what was dispatched may be worth drawing */
	}
	wl_display_flush(window->display);
	fflush(stdout);
	struct pollfd polls[] = {
		{ .fd = wl_display_get_fd(window->display), .events = POLLIN },
		{ .fd = signals, .events = POLLIN },
	};
	if (poll(polls, 2, timeout_ms) < 0 && errno != EINTR) {
		wl_display_cancel_read(window->display);
		return false;
	}
	if (wl_display_read_events(window->display) < 0 ||
		wl_display_dispatch_pending(window->display) < 0)
		return false;
	return !(polls[1].revents & POLLIN);
}

static void print_summary(const struct window *window)
{
	const double seconds = (double)(window->drawn_ms - window->first_frame_ms) / 1000;
	printf("{\"event\":\"end\",\"scene\":\"%s\",\"frames\":%llu,\"seconds\":%.3f,\"fps\":%.2f}"
	       "\n",
		window->scene.impl->name, (unsigned long long)window->frames, seconds,
		seconds > 0 ? (double)(window->frames - 1) / seconds : 0);
}

int main(int count, char **words)
{
	struct window window = {
		.params = { .app_id = "lodge-testcard" },
		.scene = { .marker_x_percent = 25, .marker_y_percent = 50 },
	};
	if (!parse_options(&window, count, words)) {
		print_usage();
		return 2;
	}
	const int signals = watch_signals();
	if (signals < 0) {
		fprintf(stderr, "lodge-testcard: no signalfd: %s\n", strerror(errno));
		return 1;
	}
	bool running = window_open(&window);
	const bool opened = running;
	while (running && !window.closed)
		running = wait_and_dispatch(&window, signals, window_update(&window));
	const int error = opened ? wl_display_get_error(window.display) : 0;
	if (opened)
		print_summary(&window);
	if (error)
		fprintf(stderr, "lodge-testcard: the compositor is gone: %s\n", strerror(error));
	window_close(&window);
	close(signals);
	return opened && !error ? 0 : 1;
}
