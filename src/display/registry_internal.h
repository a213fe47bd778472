/*
 * What the files of the registry share. Nothing outside src/display may include it.
 *
 * Four kinds of objects, one owner each:
 *   display_registry  owns the backend, the displays, the requests and the queue of callbacks.
 *   managed_display   a slot with its lifecycle; owns its output and the leases on it (managed_display.c).
 *   backend_request   one request to the backend until its one answer, even when nobody waits any more (request.c).
 *   display_lease     a claim; owned by its display, and by the queue while a callback is due (lease.c).
 */
#ifndef LODGE_DISPLAY_REGISTRY_INTERNAL_H
#define LODGE_DISPLAY_REGISTRY_INTERNAL_H

#include <sys/queue.h>

#include "display/registry.h"

#define DISPLAY_TEXT_MAX 192
#define DISPLAY_CREATE_ATTEMPTS 4 /* semantics.md §11 */

enum request_kind { REQUEST_CREATE, REQUEST_SET_MODE, REQUEST_DESTROY };

struct backend_request {
	struct display_registry *registry;
	struct managed_display *display; /* whom the answer concerns; NULL when nobody any more */
	enum request_kind kind;
	bool overdue; /* the registry's own deadline has passed */
	struct display_mode mode;
	struct display_output *output;
	sd_event_source *deadline;
	LIST_ENTRY(backend_request) link;
};

/* Why a display does not ask the backend at the moment, although it wants something of it. */
enum display_pause {
	PAUSE_NONE,
	PAUSE_RETRY, /* between two attempts */
	PAUSE_DESKTOP, /* there is no desktop to ask */
};

TAILQ_HEAD(lease_list, display_lease);

struct managed_display {
	struct display_registry *registry;
	uint32_t slot;
	uint8_t identity[DISPLAY_IDENTITY_SIZE];
	bool anonymous;
	char label[65];
	struct lifecycle lifecycle;

	struct display_output
		*output; /* from the create's answer until the destroy's, or vanished */
	struct display_output_info info;
	struct display_mode
		asked; /* the mode of the newest request that succeeded on this output */
	struct display_mode wanted; /* the newest wish of any claim or set_mode */

	struct backend_request *request; /* in flight: at most one per display */
	unsigned attempts; /* failed creates of this bring-up */
	enum display_pause pause;
	sd_event_source *pause_timer, *linger_timer;

	enum display_error failure; /* for the waiters, when the lifecycle fails them */
	char failure_text[DISPLAY_TEXT_MAX];
	enum display_loss loss; /* for the holders, when the lifecycle drops them */
	struct lease_list leases; /* waiting and granted, oldest first */
	TAILQ_ENTRY(managed_display) link;
};

enum lease_state { LEASE_WAITING, LEASE_GRANTED, LEASE_ENDED };

enum lease_notice { /* delivered in ascending order */
	NOTICE_GRANTED = 1 << 0,
	NOTICE_MODE_DECLINED = 1 << 1,
	NOTICE_DECLINED = 1 << 2,
	NOTICE_LOST = 1 << 3,
};

struct display_lease {
	struct display_registry *registry;
	struct managed_display *display; /* NULL once ended */
	enum lease_state state;
	uint32_t generation;
	bool kept;
	bool wants_mode; /* a set_mode has not been answered */
	bool dead; /* declined or lost was delivered: the holder may not use it any more */
	const struct display_lease_events *events;
	void *data;

	unsigned notices; /* callbacks that are due, of enum lease_notice; queued while not 0 */
	struct display_info info;
	enum display_error error;
	enum display_loss loss;
	char text[DISPLAY_TEXT_MAX];
	TAILQ_ENTRY(display_lease) in_display, in_queue;
};

struct display_registry {
	sd_event *event;
	struct display_backend *backend;
	struct display_registry_params params;
	struct display_registry_timing timing;
	TAILQ_HEAD(display_list, managed_display) displays; /* by ascending slot */
	LIST_HEAD(request_list, backend_request) requests;
	uint32_t last_generation; /* of any display: a slot never sees one twice */

	struct lease_list queue; /* leases with callbacks due */
	sd_event_source *dispatch;

	bool desktop_ready;
	bool desktop_told; /* what the last desktop_changed said */
	bool tell_gone, tell_ready; /* desktop_changed is due */
	char desktop_text[DISPLAY_TEXT_MAX];

	bool shutting_down;
	sd_event_source *shutdown_timer;
	void (*shutdown_done)(void *data); /* NULL when not wanted or already called */
	void *shutdown_data;
	bool shutdown_ended; /* shutdown_done is due */
};

/* registry.c */
uint64_t registry_now_ns(void);
int registry_add_timer(struct display_registry *registry, sd_event_source **source,
	sd_event_time_handler_t handler, void *data);
int registry_arm_timer(sd_event_source *source, uint64_t at_ns);
void registry_schedule_dispatch(struct display_registry *registry);
void registry_check_shutdown(struct display_registry *registry);
void registry_log(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* desktop.c */
extern const struct display_backend_events registry_backend_events;
/* True when a desktop_changed was due and has been called; the registry may be gone then. */
bool registry_tell_desktop(struct display_registry *registry);

/* managed_display.c */
struct managed_display *managed_display_create(
	struct display_registry *registry, uint32_t slot, const struct display_request *request);
void managed_display_free(struct managed_display *display);
/* Steps the lifecycle and performs the effects. A display that is gone afterwards has been freed. */
void managed_display_step(struct managed_display *display, struct lifecycle_event event);
/* Whether a claim for the mode needs a set_mode, as far as is known now. */
bool managed_display_needs_mode(
	const struct managed_display *display, const struct display_mode *mode);
/* Asks the backend for whatever is wanted and not under way. May free the display. */
void managed_display_drive(struct managed_display *display);
void managed_display_resume(struct managed_display *display);
void managed_display_created(struct managed_display *display, const struct backend_request *request,
	int error, const char *text, struct display_output *output,
	const struct display_output_info *info);
void managed_display_mode_ended(struct managed_display *display,
	const struct backend_request *request, int error, const char *text,
	const struct display_output_info *info);
/* A set_mode was answered after it had been given up: still it says what the output has. */
void managed_display_note_late_mode(struct managed_display *display,
	const struct backend_request *request, const struct display_output_info *info);
void managed_display_destroyed(struct managed_display *display);
void managed_display_vanished(struct managed_display *display);

/* request.c */
/* Negative errno when memory is short: then nothing was asked. */
int backend_request_start(
	struct managed_display *display, enum request_kind kind, const struct display_mode *mode);
/* The display's output is gone: answers to its set_modes concern nobody any more. */
void backend_request_forget_modes(struct managed_display *display);
void backend_request_free(struct backend_request *request);

/* lease.c */
struct display_lease *lease_create(
	struct display_registry *registry, const struct display_lease_events *events, void *data);
void lease_free(struct display_lease *lease);
void lease_attach(struct display_lease *lease, struct managed_display *display);
void lease_grant(struct display_lease *lease);
void lease_decline(struct display_lease *lease, enum display_error error, const char *text);
void lease_decline_mode(struct display_lease *lease, enum display_error error, const char *text);
void lease_lose(struct display_lease *lease, enum display_loss loss, const char *text);
/* Calls the first callback that is due; false when there was none. The registry may be gone after it. */
bool lease_deliver_next(struct display_registry *registry);

#endif
