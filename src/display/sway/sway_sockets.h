/*
 * Waits for the two sockets that a starting sway opens in its runtime folder.
 *
 * Room: display/sway. Thread: control.
 */
#ifndef LODGE_DISPLAY_SWAY_SOCKETS_H
#define LODGE_DISPLAY_SWAY_SOCKETS_H

#include <limits.h>
#include <stdbool.h>
#include <systemd/sd-event.h>

struct sway_sockets;

struct sway_sockets_events {
	void (*found)(void *data, const char *ipc_socket, const char *wayland_socket);
	void (*late)(void *data);
};

/* One of the events comes, once; destroying it in there is fine. NULL with errno. */
struct sway_sockets *sway_sockets_await(sd_event *event, const char *folder, uint64_t deadline_us,
	const struct sway_sockets_events *events, void *data);
void sway_sockets_destroy(struct sway_sockets *sockets);

/* Whether both are there; their paths. */
bool sway_sockets_find(
	const char *folder, char ipc_socket[PATH_MAX], char wayland_socket[PATH_MAX]);

#endif
