#include "isolation/keeper/services.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "isolation/keeper/child.h"
#include "process/clock.h"

#define TICK_US 3000u /* between looks at what does not answer yet */
#define SETTLE_DEADLINE_US 12000000u
#define DEATHS_MAX 5u /* of one service, within the window */
#define DEATHS_WINDOW_US 60000000u
#define JUDGE_DELAY_US 20000u
#define RESTART_DELAY_US 50000u /* doubled with each death */
/* Until a sound that was given up is tried again: doubled each time, unless it was there for the longest of them. */
#define PAUSE_MIN_US 10000000u
#define PAUSE_MAX_US 640000000u

enum kind {
	BUS,
	PIPEWIRE,
	MANAGER,
	PULSE,
	JUDGE, /* not a service: it tells when the defaults are settled */
	KINDS,
};

struct service {
	struct services *services;
	enum kind kind;
	const char *role;
	char socket[SOURCE_PATH_MAX]; /* "": none */
	struct child *child;
	bool answers; /* its socket, or there is none */
	unsigned deaths;
	uint64_t first_death_us, not_before_us;
};

struct services {
	struct keeper *keeper;
	bool sound; /* wanted */
	bool settled;
	bool is_down; /* the host was told so */
	bool given_up; /* on the sound, until the pause is over */
	uint64_t pause_us, pause_end_us; /* the last pause */
	uint64_t unsettled_since_us;
	struct assignments environment; /* of the sound */
	sd_event_source *tick;
	struct service list[KINDS];
};

static uint64_t now_us(void)
{
	return clock_ns(CLOCK_MONOTONIC) / 1000;
}

static bool answers(const char *socket_path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	snprintf(address.sun_path, sizeof address.sun_path, "%s", socket_path);
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	const bool connected =
		fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof address) == 0;
	if (fd >= 0)
		close(fd);
	return connected;
}

static void tell_sound(struct services *services, bool up, const char *text)
{
	struct keeper *keeper = services->keeper;
	services->is_down = !up;
	keeper_write(&keeper->message, KEEPER_SOUND, up ? KEEPER_FLAG_ON : 0, 0, 0);
	keeper_write_string(&keeper->message, KEEPER_STRING_TEXT, text);
	keeper_send(keeper, -1);
}

static void kill_sound(struct services *services)
{
	for (enum kind kind = PIPEWIRE; kind < KINDS; kind++)
		child_kill(services->list[kind].child);
}

static void give_up(struct services *services, const char *why)
{
	char text[256];
	const uint64_t now = now_us();
	kill_sound(services);
	if (!services->keeper->is_ready)
		keeper_fail(services->keeper, 0, why);
	if (services->pause_us == 0 || now - services->pause_end_us > PAUSE_MAX_US)
		services->pause_us = PAUSE_MIN_US;
	else if (services->pause_us < PAUSE_MAX_US)
		services->pause_us *= 2;
	services->pause_end_us = now + services->pause_us;
	services->given_up = true;
	snprintf(text, sizeof text, "%s; the sound is tried again in %u s", why,
		(unsigned)(services->pause_us / 1000000u));
	tell_sound(services, false, text);
}

static void begin_anew(struct services *services)
{
	services->given_up = false;
	for (enum kind kind = PIPEWIRE; kind < KINDS; kind++)
		services->list[kind].deaths = 0;
	services->settled = false;
	services->unsettled_since_us = now_us();
}

static void count_death(struct service *service)
{
	const uint64_t now = now_us();
	if (service->deaths == 0 || now - service->first_death_us > DEATHS_WINDOW_US) {
		service->deaths = 0;
		service->first_death_us = now;
	}
	service->deaths++;
	service->not_before_us = now + ((uint64_t)RESTART_DELAY_US << service->deaths) / 2;
}

static void look_at(struct services *services, uint64_t at_us)
{
	sd_event_source_set_time(services->tick, at_us);
	sd_event_source_set_enabled(services->tick, SD_EVENT_ONESHOT);
}

static void look_again(struct services *services)
{
	if (services->settled) {
		services->settled = false;
		services->unsettled_since_us = now_us();
	}
	look_at(services, now_us() + TICK_US);
}

static void on_exited(void *data, int status, const char *text)
{
	struct service *service = data;
	struct services *services = service->services;
	char why[256];
	service->child = NULL;
	service->answers = false;
	look_again(services);
	if (service->kind == JUDGE)
		service->not_before_us = now_us() + JUDGE_DELAY_US;
	if (service->kind == BUS && services->given_up)
		count_death(service); /* it is always started again, but not at once */
	if (service->kind == JUDGE || services->given_up)
		return;
	snprintf(why, sizeof why, "%s ended%s%s (status 0x%x)", service->role, text[0] ? ": " : "",
		text, (unsigned)status);
	count_death(service);
	/*
	 * PipeWire takes along what hung on it. A session manager takes PipeWire along: the next one (0.4.13) cannot take nodes
	 * over that are running, and whatever is played from then on would not be heard.
	 */
	if (service->kind == PIPEWIRE || service->kind == MANAGER) {
		kill_sound(services);
		if (services->keeper->is_ready && !services->is_down)
			tell_sound(services, false, why);
	}
	if (service->deaths <= DEATHS_MAX) {
		keeper_say(services->keeper, "%s; it is started again", why);
		return;
	}
	snprintf(why, sizeof why, "%s ended %u times", service->role, service->deaths);
	give_up(services, why);
}

static bool all_answer(const struct services *services)
{
	for (enum kind kind = BUS; kind < JUDGE; kind++) {
		if (!services->list[kind].child || !services->list[kind].answers)
			return false;
	}
	return true;
}

static void on_judged(void *data, int status, const char *text)
{
	struct service *service = data;
	struct services *services = service->services;
	/* One that died meanwhile is still to be started, and judged with the others. */
	const bool settled = status == 0 && all_answer(services);
	on_exited(data, status, text);
	if (!settled)
		return;
	services->settled = true;
	if (!services->keeper->is_ready)
		keeper_become_ready(services->keeper, true);
	else if (services->is_down)
		tell_sound(services, true, "the sound is back");
}

static void start(struct service *service)
{
	static const struct child_events events = { NULL, on_exited }, judged = { NULL, on_judged };
	struct services *services = service->services;
	char address[SOURCE_PATH_MAX + 32];
	snprintf(address, sizeof address, "--address=unix:path=%s", service->socket);
	const char *const bus[] = { "dbus-daemon", "--session", "--nofork", "--nopidfile", address,
		NULL };
	const char *const plain[] = { service->role, NULL };
	struct child_params params = {
		.role = service->role,
		.arguments = service->kind == BUS ? bus : plain,
		/* What the bus starts is not the sound's. */
		.environment = service->kind == BUS ? &services->keeper->environment
						    : &services->environment,
	};
	if (service->kind == JUDGE) {
		params.function = sound_settled_wait;
		params.function_argument = services->list[PIPEWIRE].socket;
	}
	service->child = child_start(
		services->keeper, &params, service->kind == JUDGE ? &judged : &events, service);
	if (!service->child) {
		const int error = errno;
		count_death(service);
		keeper_say(services->keeper, "%s cannot be started: %s", service->role,
			strerror(error));
		if (service->deaths > DEATHS_MAX || error == ENOENT)
			give_up(services, "a part of the sound cannot be started");
	}
}

/* Starts it if it is due. True: it runs, and answers. */
static bool bring_up(struct service *service)
{
	if (service->services->given_up && service->kind != BUS)
		return false;
	if (!service->child && now_us() >= service->not_before_us)
		start(service);
	if (service->child && !service->answers)
		service->answers = !service->socket[0] || answers(service->socket);
	return service->child && service->answers;
}

static void bring_sound_up(struct services *services)
{
	struct service *list = services->list;
	if (!bring_up(&list[PIPEWIRE]))
		return;
	const bool manager = bring_up(&list[MANAGER]);
	if (!bring_up(&list[PULSE]) || !manager)
		return;
	bring_up(&list[JUDGE]);
}

static int on_tick(sd_event_source *source, uint64_t usec, void *data)
{
	struct services *services = data;
	if (services->given_up && now_us() >= services->pause_end_us)
		begin_anew(services);
	const bool bus = bring_up(&services->list[BUS]);
	if (bus && services->sound)
		bring_sound_up(services);
	else if (bus && !services->keeper->is_ready)
		keeper_become_ready(services->keeper, false);
	services->settled = services->sound && !services->given_up ? services->settled : bus;
	if (services->settled) {
		if (services->given_up)
			look_at(services, services->pause_end_us);
		return 0;
	}
	if (now_us() - services->unsettled_since_us > SETTLE_DEADLINE_US && !services->given_up)
		give_up(services, "the sound did not settle in time");
	look_again(services);
	return 0;
}

static int prepare(struct services *services)
{
	static const char *const roles[KINDS] = { "dbus-daemon", "pipewire", "wireplumber",
		"pipewire-pulse", "judge" };
	static const char *const sockets[KINDS] = { "bus", "pipewire-0", NULL, "pulse/native",
		NULL };
	const struct keeper *keeper = services->keeper;
	for (enum kind kind = BUS; kind < KINDS; kind++) {
		struct service *service = &services->list[kind];
		service->services = services;
		service->kind = kind;
		service->role = roles[kind];
		if (sockets[kind] &&
			snprintf(service->socket, sizeof service->socket, "%s/%s", keeper->runtime,
				sockets[kind]) >= (int)sizeof service->socket)
			return -ENAMETOOLONG;
	}
	int error = assignments_copy(&services->environment, &keeper->environment);
	if (error == 0 && services->sound)
		error = sound_config_write(keeper->folder, &services->environment);
	/* Errors only: without a portal and real-time rights both warn at every start. */
	if (error == 0)
		error = assignments_set(&services->environment, "PIPEWIRE_DEBUG", "1");
	if (error == 0)
		error = assignments_set(&services->environment, "WIREPLUMBER_DEBUG", "1");
	services->unsettled_since_us = now_us();
	if (error == 0)
		error = sd_event_add_time_relative(
			keeper->event, &services->tick, CLOCK_MONOTONIC, 0, 1, on_tick, services);
	return error < 0 ? error : 0;
}

struct services *services_create(struct keeper *keeper, bool sound)
{
	struct services *services = calloc(1, sizeof *services);
	if (!services)
		return NULL;
	services->keeper = keeper;
	services->sound = sound;
	const int error = prepare(services);
	if (error < 0) {
		free(services);
		errno = -error;
		return NULL;
	}
	return services;
}

void services_tell(struct services *services)
{
	keeper_become_ready(services->keeper, services->sound && !services->is_down);
	if (services->is_down)
		tell_sound(services, false, "its sound is gone");
}
