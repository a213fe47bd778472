/*
 * An asynchronous connection to sway's IPC socket.
 *
 * Room: display. Thread: control. Requests are answered in their order. A request that is not answered by
 * its deadline means that everything behind it is stuck too: the connection then closes, as it does when
 * sway closes it or sends what is no message. Closing fails every open request and then calls `closed`,
 * once; nothing is called afterwards.
 */
#ifndef LODGE_DISPLAY_SWAY_IPC_H
#define LODGE_DISPLAY_SWAY_IPC_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <systemd/sd-event.h>

#include "display/sway/sway_message.h"

struct sway_ipc;

struct sway_ipc_events {
	/* SWAY_EVENT_*; the payload is valid during the call. */
	void (*event)(void *data, uint32_t type, const json_t *payload);
	/* The only callback in which sway_ipc_destroy may be called. */
	void (*closed)(void *data, int error, const char *text);
};

/* error: 0, or a negative errno with a sentence in `text`. Both are valid during the call. */
typedef void (*sway_ipc_reply)(void *data, int error, const char *text, const json_t *reply);

/* NULL with errno set when nobody listens at the path. */
struct sway_ipc *sway_ipc_connect(
	sd_event *event, const char *path, const struct sway_ipc_events *events, void *data);
/* Open requests are forgotten: their callbacks are not called. */
void sway_ipc_destroy(struct sway_ipc *ipc);

/*
 * 0, or a negative errno (then `reply` is not called). `payload` is copied and may be NULL. The reply is
 * never delivered from inside this call.
 */
int sway_ipc_request(struct sway_ipc *ipc, enum sway_message_type type, const char *payload,
	uint64_t deadline_ns, sway_ipc_reply reply, void *data);

/* The process that listens at the other end: tells a restarted sway from the one before. */
pid_t sway_ipc_peer(const struct sway_ipc *ipc);

/* For teardown, outside of the loop: waits for traffic once and handles it. False once closed or on time-out. */
bool sway_ipc_pump(struct sway_ipc *ipc, int timeout_ms);

#endif
