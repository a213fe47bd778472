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

#include "core/admission.h"
#include "core/identity.h"
#include "core/layout.h"
#include "core/lifecycle.h"
#include "core/mode.h"
#include "core/policy.h"
#include "display/backend.h"

struct display_registry;
struct identity_store;
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
	DISPLAY_LOSS_TAKEN_OVER, /* another client stole it; the text names that client */
};

/* What a holder may know of its display. Valid during the callback. */
struct display_info {
	uint32_t
		slot; /* 0: an anonymous client's, of which there may be several: the generation names it */
	uint32_t generation;
	bool kept; /* the output existed before this claim */
	bool joined; /* it is another client's: its mode is that client's to choose */
	char holder[65]; /* joined: that client's label */
	struct display_output_info output;
};

/* Whom a busy display belongs to, and how it is; for the answer to a client that was declined. */
struct display_holder {
	char label[65]; /* "" when the decline names nobody */
	struct display_mode mode;
};

struct display_lease_events {
	/*
	 * The claim was granted, a requested set_mode ended, the display has another mode than was told (its owner, or
	 * somebody on the desktop, changed it; the info holds the real one), or the generation changed because the
	 * display was created anew under a lasting claim: then `output` is another one.
	 */
	void (*granted)(void *data, struct display_lease *lease, const struct display_info *info);
	/* The claim failed; the lease is dead after this call. `holder`: DISPLAY_ERROR_BUSY, else NULL. */
	void (*declined)(void *data, struct display_lease *lease, enum display_error error,
		const char *text, const struct display_holder *holder);
	/* A set_mode failed; the lease holds on, at the mode it had. */
	void (*mode_declined)(void *data, struct display_lease *lease, enum display_error error,
		const char *text);
	/* The claim ended without the holder's doing; the lease is dead after this call. */
	void (*lost)(void *data, struct display_lease *lease, enum display_loss reason,
		const char *text);
};

#define DISPLAY_IDENTITY_SIZE IDENTITY_FINGERPRINT_SIZE
struct display_request {
	uint8_t identity[DISPLAY_IDENTITY_SIZE]; /* client's fingerprint (semantics.md §5) */
	/* Shares no display with another visit (§4.8); so its display is not kept either: nobody could come back. */
	bool anonymous;
	uint32_t session; /* who asks, for state listings */
	uint32_t ordinal; /* 1 (or 0) for the client's first display */
	char label[65]; /* for operators and for messages to others */
	struct display_mode mode;
	bool has_hint; /* the client's own arrangement of its displays (core/layout.h) */
	int32_t hint_x, hint_y;
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
	/* At every acquire, release and re-layout, never cached. `client`: whose overrides count; NULL: nobody's. */
	void (*read_policy)(void *data, const uint8_t *client, struct display_policy *policy);
	void *policy_data;
	bool desktop_was_named; /* by the operator: what `auto` topology means (semantics.md §6) */
	struct identity_store
		*identities; /* not owned; NULL: slots are not remembered beyond a display */
	/* How many more encoders could be opened; NULL: as many as are asked for. */
	uint32_t (*encoders_free)(void *data);
	void *encoders_data;
	/* Displays, outputs or the topology are not as they were. From the event loop, once for many changes. */
	void (*changed)(void *data);
	void *changed_data;
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
 * Claims a display for `request->identity`, as admission_decide says (semantics.md §4). An older lease of the same
 * identity is lost (superseded) first, also one that was still waiting. Returns NULL only when memory is short; every other failure comes as `declined`. `events` must
 * outlive the lease. Each claim gets one of granted, declined or lost, then nothing after declined or lost.
 */
struct display_lease *display_registry_acquire(struct display_registry *registry,
	const struct display_request *request, const struct display_lease_events *events,
	void *data);

/* A display that outlives its host, on a desktop that does. */
struct display_adoption {
	uint8_t identity[DISPLAY_IDENTITY_SIZE]; /* the owner's */
	struct identity_key key;
	char label[65];
	bool has_hint;
	int32_t hint_x, hint_y;
	struct display_mode mode;
	char output[SOURCE_NAME_MAX]; /* its name at the backend */
};
/*
 * The displays that the next host could adopt: theirs who can come back, with an output that stays. None where the backend
 * cannot adopt. At most `capacity`.
 */
size_t display_registry_adoptable(
	const struct display_registry *registry, struct display_adoption *list, size_t capacity);
/*
 * Takes up a display of an earlier host: its output is found, not made. Unclaimed, it is then kept until the moment
 * that `until` says (asked once, when the output has been found; CLOCK_MONOTONIC; UINT64_MAX: pinned). Claimed before that, it
 * is its owner's as any kept display. An output that cannot be found ends the display, or, for who waits for it, is made
 * anew. The generation is new. Negative errno: -ENOTSUP, -ENOMEM, -EINVAL, -EEXIST (the key has a display already).
 */
int display_registry_adopt(struct display_registry *registry,
	const struct display_adoption *adoption, uint64_t (*until)(void *data), void *data);

/* Asks for another mode. Ends in `granted` or `mode_declined`; a newer call overtakes an older one. A lease that
 * joined another client's display is declined: DISPLAY_ERROR_BUSY. */
void display_lease_set_mode(struct display_lease *lease, const struct display_mode *mode);

/* Gives the claim back; no callback comes afterwards. `quit`: the owner does not want the display kept. */
void display_lease_release(struct display_lease *lease, bool quit);

/* The holder gave input: whom a joiner joins (semantics.md §4.3). A store, nothing else: may be called per event. */
void display_lease_note_input(struct display_lease *lease, uint64_t now_ns);

/*
 * The holder looks at its display and sees nothing: where pictures come only when a program draws, it is made to. Best
 * effort, nothing is answered; nothing happens while the claim waits.
 */
void display_lease_nudge(struct display_lease *lease);

/* What the registry would answer to the request now, without doing it. */
struct display_explanation {
	struct display_policy policy; /* as it rules this client */
	struct admission_decision decision;
	uint32_t displays[ADMISSION_DISPLAYS_MAX]; /* slots of the indices in `decision` */
	char labels[ADMISSION_DISPLAYS_MAX][65];
	uint32_t slot; /* the one it would have; 0: none, or anonymous */
	struct display_mode mode; /* the one it would have */
	struct layout_rect place; /* where the display would lie; for the map's ghost */
	enum display_topology topology; /* that would be applied */
	enum display_error error; /* 0: it would be granted */
	char text[192];
};
/* `policy`: instead of the one in force; NULL: that one. */
void display_registry_explain(struct display_registry *registry,
	const struct display_request *request, const struct display_policy *policy,
	struct display_explanation *explanation);

/*
 * The operator releases one kept display, or all of them (slot UINT32_MAX): they close. Returns how many, or 0 with
 * *error -EBUSY (in use; *sessions says by how many) or -ENOENT (no display has the slot).
 */
size_t display_registry_release(
	struct display_registry *registry, uint32_t slot, int *error, uint32_t *sessions);
/* The policy's layout, positions, topology, or a slot's scale may have changed: applies them to what is there. */
void display_registry_policy_changed(struct display_registry *registry);

/* For state listings and tests: in the order of their slots, at most `capacity`. Returns how many were written. */
#define DISPLAY_STATE_VIEWERS_MAX 64
struct display_state {
	uint32_t slot, generation, leases;
	enum lifecycle_state state;
	uint64_t until_ns; /* CLOCK_MONOTONIC */
	char label[65]; /* the owner's */
	uint8_t identity[DISPLAY_IDENTITY_SIZE];
	bool anonymous;
	struct layout_rect place; /* logical pixels, as read back */
	uint32_t sessions[DISPLAY_STATE_VIEWERS_MAX]; /* the owner's first, then who joined */
	struct display_output_info output;
};
size_t display_registry_list(
	const struct display_registry *registry, struct display_state *states, size_t capacity);

struct display_desktop_state {
	const char *backend;
	bool ready;
	enum display_topology wanted, applied; /* wanted: after `auto` was resolved */
	const struct display_capabilities *capabilities; /* NULL while the desktop is gone */
	const struct display_outside_output *outside; /* valid until the loop runs */
	size_t outside_count;
};
void display_registry_desktop(
	const struct display_registry *registry, struct display_desktop_state *state);

/*
 * A seat of its own for a session's input, as display_backend_impl.prepare_seat says. 0: done comes, unless the registry
 * is destroyed before. -ENOTSUP: this desktop knows no seats, done does not come.
 */
int display_registry_prepare_seat(struct display_registry *registry, const char *seat_name,
	display_seat_done done, void *data);

/* As display_backend_impl.launch: 0, and done comes unless the registry is destroyed before; or -ENOTSUP. */
int display_registry_launch(struct display_registry *registry, const char *command,
	display_launch_done done, void *data);

/* The Wayland socket of the desktop for input, NULL while it is gone. */
const char *display_registry_wayland_socket(const struct display_registry *registry);
/* Where input goes instead, by EIS (display_backend_impl.eis_socket): NULL for a desktop that takes it by Wayland. */
const char *display_registry_eis_socket(const struct display_registry *registry);

#endif
