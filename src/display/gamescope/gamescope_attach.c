/*
 * Somebody else's gamescope. A connection to its Wayland socket, over which nothing is said, tells when it ends.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "display/gamescope/gamescope_find.h"
#include "display/gamescope/gamescope_peer.h"
#include "display/gamescope/gamescope_private.h"
#include "display/gamescope/gamescope_ready.h"

#define LOOK_MIN_US 500000u
#define LOOK_MAX_US 5000000u
/* gamescope is up a little before the program in it, which knows its display. */
#define SEARCH_US 100000u
#define SEARCHES 50
/* Of one that does not tell. */
#define REFRESH_MHZ 60000

struct attachment {
	struct gamescope_backend backend;
	char runtime_folder[SOURCE_PATH_MAX], wayland_name[32];
	char wayland_socket[SOURCE_PATH_MAX];
	bool display_is_given; /* otherwise it is looked up for each display */
	int fd; /* -1: no gamescope is there */
	sd_event_source *io, *look, *search;
	unsigned searches; /* for the display, since `creating` was asked for */
	uint64_t look_us;
	struct gamescope_question *question;
};

static struct attachment *from_backend(struct gamescope_backend *backend)
{
	return (struct attachment *)backend; /* its first member */
}

static void on_size(void *data, int error, const struct gamescope_x_answer *answer)
{
	struct attachment *attachment = data;
	attachment->question = NULL;
	if (!attachment->backend.creating)
		return;
	if (error < 0)
		gamescope_failed(&attachment->backend, error,
			"the X server of this gamescope does not answer");
	else
		gamescope_created(&attachment->backend, answer->width_px, answer->height_px,
			answer->refresh_mhz ? answer->refresh_mhz : REFRESH_MHZ);
}

static void ask_size(struct attachment *attachment)
{
	struct gamescope_backend *backend = &attachment->backend;
	const struct gamescope_x_params params = { .display = backend->place.x_display,
		.pid = backend->place.pid };
	attachment->question = gamescope_x_ask(backend->event, &params, on_size, attachment);
	if (!attachment->question)
		gamescope_failed(backend, -errno, "the X server of this gamescope does not answer");
}

static void search_display(struct attachment *attachment)
{
	if (gamescope_find_display(attachment->runtime_folder, attachment->wayland_name,
		    attachment->backend.place.x_display)) {
		ask_size(attachment);
	} else if (++attachment->searches == SEARCHES) {
		gamescope_failed(
			&attachment->backend, -EAGAIN, "no program runs in this gamescope");
	} else {
		sd_event_source_set_time_relative(attachment->search, SEARCH_US);
		sd_event_source_set_enabled(attachment->search, SD_EVENT_ONESHOT);
	}
}

static int on_search(sd_event_source *source, uint64_t usec, void *data)
{
	struct attachment *attachment = data;
	if (attachment->backend.creating)
		search_display(attachment);
	return 0;
}

static void begin(struct gamescope_backend *backend)
{
	struct attachment *attachment = from_backend(backend);
	attachment->searches = 0;
	if (attachment->fd < 0)
		gamescope_failed(backend, -ENOTCONN, "this gamescope is not running");
	else if (attachment->display_is_given)
		ask_size(attachment);
	else
		search_display(attachment);
}

/* It is looked at no more, and goes on. */
static void end(struct gamescope_backend *backend)
{
	if (backend->destroyed)
		gamescope_outbox_push(backend, backend->destroyed);
	backend->destroyed = NULL;
}

static void hang_up(struct attachment *attachment)
{
	attachment->io = sd_event_source_disable_unref(attachment->io);
	if (attachment->fd >= 0)
		close(attachment->fd);
	attachment->fd = -1;
	gamescope_x_cancel(attachment->question);
	attachment->question = NULL;
	if (attachment->search)
		sd_event_source_set_enabled(attachment->search, SD_EVENT_OFF);
}

static void look_later(struct attachment *attachment)
{
	sd_event_source_set_time_relative(attachment->look, attachment->look_us);
	sd_event_source_set_enabled(attachment->look, SD_EVENT_ONESHOT);
	attachment->look_us *= 2;
	if (attachment->look_us > LOOK_MAX_US)
		attachment->look_us = LOOK_MAX_US;
}

static int on_hung_up(sd_event_source *source, int fd, uint32_t events, void *data)
{
	struct attachment *attachment = data;
	hang_up(attachment);
	gamescope_lost(&attachment->backend, -ECONNRESET, "the mirrored gamescope has ended");
	look_later(attachment);
	return 0;
}

static int look(struct attachment *attachment)
{
	const int fd = gamescope_peer_connect(attachment->wayland_socket);
	if (fd < 0)
		return fd;
	attachment->fd = fd;
	/* Whoever listens there is gamescope, and sees its X server where it is. */
	attachment->backend.place.pid = gamescope_peer_of(fd);
	attachment->look_us = LOOK_MIN_US;
	const int error = sd_event_add_io(
		attachment->backend.event, &attachment->io, fd, EPOLLRDHUP, on_hung_up, attachment);
	if (error < 0) {
		hang_up(attachment);
		return error;
	}
	gamescope_outbox_tell(&attachment->backend, GAMESCOPE_READY, "");
	return 0;
}

static int on_look(sd_event_source *source, uint64_t usec, void *data)
{
	if (look(data) < 0)
		look_later(data);
	return 0;
}

static void finish(struct gamescope_backend *backend)
{
	struct attachment *attachment = from_backend(backend);
	hang_up(attachment);
	sd_event_source_disable_unref(attachment->look);
	sd_event_source_disable_unref(attachment->search);
}

static const struct gamescope_kind kind = { .begin = begin, .end = end, .finish = finish };

/* false: it is too long. */
static bool keep(char *place, size_t size, const char *text)
{
	return snprintf(place, size, "%s", text) < (int)size;
}

static bool copy_params(struct attachment *attachment, const struct gamescope_attach_params *params)
{
	struct gamescope_place *place = &attachment->backend.place;
	struct gamescope_ready ready = { 0 };
	const size_t size = sizeof attachment->wayland_socket;
	attachment->display_is_given = params->x_display;
	return snprintf(attachment->wayland_socket, size, "%s/%s", params->runtime_folder,
		       params->wayland_name) < (int)size &&
		keep(attachment->runtime_folder, sizeof attachment->runtime_folder,
			params->runtime_folder) &&
		keep(attachment->wayland_name, sizeof attachment->wayland_name,
			params->wayland_name) &&
		keep(ready.wayland_name, sizeof ready.wayland_name, params->wayland_name) &&
		gamescope_ready_eis_socket(&ready, params->runtime_folder, place->eis_socket) &&
		keep(place->x_display, sizeof place->x_display,
			params->x_display ? params->x_display : "") &&
		keep(place->pipewire_socket, sizeof place->pipewire_socket,
			params->pipewire_socket) &&
		keep(place->node_name, sizeof place->node_name,
			params->node_name ? params->node_name : "gamescope");
}

static int add_timer(
	struct attachment *attachment, sd_event_source **source, sd_event_time_handler_t handler)
{
	const int error = sd_event_add_time(attachment->backend.event, source, CLOCK_MONOTONIC,
		UINT64_MAX, 1000, handler, attachment);
	return error < 0 ? error : sd_event_source_set_enabled(*source, SD_EVENT_OFF);
}

struct display_backend *gamescope_backend_attach(
	sd_event *event, const struct gamescope_attach_params *params)
{
	struct attachment *attachment = calloc(1, sizeof *attachment);
	if (!attachment)
		return NULL;
	attachment->fd = -1;
	attachment->look_us = LOOK_MIN_US;
	int error = gamescope_backend_init(&attachment->backend, &kind, event, true);
	if (error >= 0 && !copy_params(attachment, params))
		error = -ENAMETOOLONG;
	if (error >= 0)
		error = add_timer(attachment, &attachment->look, on_look);
	if (error >= 0)
		error = add_timer(attachment, &attachment->search, on_search);
	if (error >= 0)
		error = look(attachment);
	if (error >= 0)
		return &attachment->backend.base;
	fprintf(stderr, "lodged: gamescope: no gamescope answers at %s/%s: %s\n",
		params->runtime_folder, params->wayland_name, strerror(-error));
	display_backend_destroy(&attachment->backend.base);
	errno = -error;
	return NULL;
}
