/*
 * The registry owns every managed output of one desktop. Sessions hold leases (semantics.md §1, §3).
 *
 * Room: display. Thread: control. Nothing here calls back from inside the caller's own call.
 */
#ifndef LODGE_DISPLAY_REGISTRY_H
#define LODGE_DISPLAY_REGISTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "core/lifecycle.h"
#include "core/mode.h"
#include "display/backend.h"

struct display_registry;
struct display_lease; /* a claim, granted or waiting; owned by the registry, ended by display_lease_release */

enum display_error {
	DISPLAY_ERROR_BAD_MODE = 1,
	DISPLAY_ERROR_CREATE_FAILED,
	DISPLAY_ERROR_TIMEOUT,
	DISPLAY_ERROR_NO_DESKTOP,
	DISPLAY_ERROR_UNKNOWN_DISPLAY,
	DISPLAY_ERROR_FULL,
	DISPLAY_ERROR_BUSY,
	DISPLAY_ERROR_ENCODER_BUSY,
	DISPLAY_ERROR_SHUTTING_DOWN,
};

enum display_loss {
	DISPLAY_LOSS_SUPERSEDED, /* the same identity claimed its display anew */
	DISPLAY_LOSS_VANISHED, /* the output or its compositor is gone */
	DISPLAY_LOSS_SHUTDOWN,
};

/* What a holder may know of its display. Valid during the callback. */
struct display_info {
	uint32_t slot; /* 1.. */
	uint32_t generation;
	bool kept; /* the output existed before this claim */
	struct display_output_info output;
};

struct display_lease_events {
	/* The claim was granted, or a requested set_mode ended (the info holds the real mode). */
	void (*granted)(void *data, struct display_lease *lease, const struct display_info *info);
	/* The claim failed; the lease is dead after this call. */
	void (*declined)(void *data, struct display_lease *lease, enum display_error error,
		const char *text);
	/* A set_mode failed; the lease holds on, at the mode it had. */
	void (*mode_declined)(void *data, struct display_lease *lease, enum display_error error,
		const char *text);
	/* The claim ended without the holder's doing; the lease is dead after this call. */
	void (*lost)(void *data, struct display_lease *lease, enum display_loss reason,
		const char *text);
};

#define DISPLAY_IDENTITY_SIZE 32
struct display_request {
	uint8_t identity[DISPLAY_IDENTITY_SIZE]; /* client's fingerprint (semantics.md §5) */
	/* Shares no display with another visit (§4.8); so its display is not kept either: nobody could come back. */
	bool anonymous;
	char label[65]; /* for operators and for messages to others */
	struct display_mode mode;
};

struct display_policy {
	struct keep_alive keep_alive;
	uint32_t max_displays;
};

/* Deadlines and pauses. The defaults are for hosts; tests shorten them. */
struct display_registry_timing {
	uint64_t request_deadline_ns; /* a backend that has not answered by then is given up */
	uint64_t desktop_wait_ns; /* how long a claim waits for a desktop that is gone */
	uint64_t retry_first_ns; /* pause after the first failed create; doubles each time */
	uint64_t retry_max_ns;
};

struct display_registry_params {
	sd_event *event;
	struct display_backend *backend; /* owned by the registry from here on */
	void (*read_policy)(
		void *data, struct display_policy *policy); /* at every acquire and release */
	void *policy_data;
	/* The desktop went away or is back; for the sessions' status line. */
	void (*desktop_changed)(void *data, bool ready, const char *text);
	void *desktop_data;
	const struct display_registry_timing *timing; /* copied; NULL: 10 s, 5 s, 0.5 s, 2 s */
};

/* NULL with errno set when memory or the event loop refuses; the backend is then still the caller's. */
struct display_registry *display_registry_create(const struct display_registry_params *params);

/*
 * Ends every lease (lost) and waiting claim (declined), destroys every output, then calls done once: at the
 * latest `deadline_ns` from now. display_registry_destroy may be called from done or any time; it never waits,
 * and the leases that are left are freed without a callback.
 */
void display_registry_shutdown(struct display_registry *registry, uint64_t deadline_ns,
	void (*done)(void *data), void *data);
void display_registry_destroy(struct display_registry *registry);

/*
 * Claims the display of `request->identity`: reuse, reconfigure or create (semantics.md §4, rules 1, 2, 3
 * separate, 6 without steal). An older lease of the same identity is lost (superseded) first, also one that was
 * still waiting. Returns NULL only when memory is short; every other failure comes as `declined`. `events` must
 * outlive the lease. Each claim gets one of granted, declined or lost, then nothing after declined or lost.
 */
struct display_lease *display_registry_acquire(struct display_registry *registry,
	const struct display_request *request, const struct display_lease_events *events,
	void *data);

/* Asks for another mode. Ends in `granted` or `mode_declined`; a newer call overtakes an older one. */
void display_lease_set_mode(struct display_lease *lease, const struct display_mode *mode);

/* Gives the claim back; no callback comes afterwards. `quit`: the owner does not want the display kept. */
void display_lease_release(struct display_lease *lease, bool quit);

/* For state listings and tests: in the order of their slots, at most `capacity`. Returns how many were written. */
struct display_state {
	uint32_t slot, generation, leases;
	enum lifecycle_state state;
	uint64_t until_ns;
	char label[65];
	struct display_output_info output;
};
size_t display_registry_list(
	const struct display_registry *registry, struct display_state *states, size_t capacity);

/* The Wayland socket of the desktop for input, NULL while it is gone. */
const char *display_registry_wayland_socket(const struct display_registry *registry);

#endif
