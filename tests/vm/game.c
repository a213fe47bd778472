#include "game.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define TURN_US 5000

struct request {
	int (*call)(void *data);
	void *data;
	int result;
	atomic_bool done;
};

struct upload {
	int fd;
	struct ff_effect *effect;
};

static uint64_t now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void on_rumble(void *data, uint8_t pad, uint16_t strong, uint16_t weak, uint16_t lasts_ms)
{
	struct host *host = data;
	if (host->rumble_count < RUMBLES_KEPT)
		host->rumbles[host->rumble_count] =
			(struct heard_rumble){ pad, strong, weak, lasts_ms };
	host->rumble_count++;
	if (!host->leaves)
		return;
	gamepad_port_destroy(host->port);
	host->port = NULL;
}

static const struct gamepad_port_events events = { .rumble = on_rumble };

void host_start(struct host *host, sd_event *event)
{
	*host = (struct host){ .event = sd_event_ref(event) };
	if (!event)
		assert_true(sd_event_new(&host->event) >= 0);
	host->port = gamepad_port_create(host->event, &events, host);
	assert_non_null(host->port);
}

void host_stop(struct host *host)
{
	gamepad_port_destroy(host->port);
	host->port = NULL;
	host->event = sd_event_unref(host->event);
}

struct gamepad_nodes host_plug(struct host *host, uint8_t pad, uint8_t kind)
{
	struct gamepad_nodes nodes;
	const uint64_t end_ms = now_ms() + DEADLINE_MS;
	assert_int_equal(gamepad_port_plug(host->port, pad, kind, "pad", 3), 0);
	assert_int_equal(gamepad_port_nodes(host->port, pad, &nodes), 0);
	assert_string_not_equal(nodes.event, "");
	/* The node is there; udev has yet to give it to this user. */
	while (access(nodes.event, R_OK | W_OK) < 0) {
		assert_true(now_ms() < end_ms);
		host_run_for(host, 5);
	}
	return nodes;
}

void host_run_for(struct host *host, unsigned ms)
{
	const uint64_t end_ms = now_ms() + ms;
	while (now_ms() < end_ms)
		assert_true(sd_event_run(host->event, TURN_US) >= 0);
}

void host_hear(struct host *host, size_t rumbles)
{
	const uint64_t end_ms = now_ms() + DEADLINE_MS;
	while (host->rumble_count < rumbles) {
		assert_true(now_ms() < end_ms);
		assert_true(sd_event_run(host->event, TURN_US) >= 0);
	}
}

void host_hear_last(struct host *host, uint16_t strong, uint16_t weak)
{
	for (;;) {
		assert_in_range(host->rumble_count, 1, RUMBLES_KEPT);
		const struct heard_rumble *last = &host->rumbles[host->rumble_count - 1];
		if (last->strong == strong && last->weak == weak)
			return;
		host_hear(host, host->rumble_count + 1);
	}
}

int game_open(const char *node)
{
	const int fd = open(node, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	assert_true(fd >= 0);
	return fd;
}

bool game_has_event(int fd)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
	return poll(&poll_fd, 1, 50) > 0;
}

size_t game_read_report(int fd, struct input_event *report, size_t capacity)
{
	size_t count = 0;
	do {
		struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
		assert_true(count < capacity);
		assert_int_equal(poll(&poll_fd, 1, DEADLINE_MS), 1);
		assert_int_equal(read(fd, &report[count], sizeof *report), sizeof *report);
	} while (report[count++].type != EV_SYN);
	assert_int_equal(report[count - 1].code, SYN_REPORT);
	return count;
}

static void *run_request(void *data)
{
	struct request *request = data;
	request->result = request->call(request->data);
	request->done = true;
	return NULL;
}

int game_call(struct host *host, int (*call)(void *data), void *data)
{
	pthread_t game;
	struct request request = { .call = call, .data = data };
	const uint64_t end_ms = now_ms() + DEADLINE_MS;
	assert_int_equal(pthread_create(&game, NULL, run_request, &request), 0);
	while (!request.done) {
		assert_true(now_ms() < end_ms);
		assert_true(sd_event_run(host->event, TURN_US) >= 0);
	}
	pthread_join(game, NULL);
	return request.result;
}

static int call_upload(void *data)
{
	const struct upload *upload = data;
	return ioctl(upload->fd, EVIOCSFF, upload->effect) < 0 ? -errno : 0;
}

static int call_close(void *data)
{
	return close(*(const int *)data) < 0 ? -errno : 0;
}

int game_upload(struct host *host, int fd, struct ff_effect *effect)
{
	struct upload upload = { fd, effect };
	return game_call(host, call_upload, &upload);
}

int game_close(struct host *host, int fd)
{
	return game_call(host, call_close, &fd);
}

static void say(int fd, uint16_t code, int32_t value)
{
	const struct input_event event = { .type = EV_FF, .code = code, .value = value };
	assert_int_equal(write(fd, &event, sizeof event), sizeof event);
}

void game_play(int fd, int effect, int times)
{
	say(fd, (uint16_t)effect, times);
}

void game_set_gain(int fd, uint16_t gain)
{
	say(fd, FF_GAIN, gain);
}

size_t devices_count(void)
{
	size_t count = 0;
	DIR *folder = opendir("/sys/devices/virtual/input");
	if (!folder)
		return 0; /* the kernel makes it with the first device */
	for (struct dirent *entry; (entry = readdir(folder));)
		count += strncmp(entry->d_name, "input", 5) == 0;
	closedir(folder);
	return count;
}
