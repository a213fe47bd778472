/*
 * What the files of the registry share. Nothing outside src/display may include it.
 *
 * Four kinds of objects, one owner each:
 *   display_registry  owns the backend, the displays, the requests and the queue of callbacks.
 *   managed_display   a slot with its lifecycle; owns its output and the leases on it (managed_display.c).
 *   backend_request   one request to the backend until its one answer, even when nobody waits any more (request.c).
 *   display_lease     a claim; owned by its display, and by the queue while a callback is due (lease.c).
 *
 * A claim takes this way: snapshot.c (what is there, and what admission_decide makes of it) → claim.c (does it) →
 * managed_display.c (steps the lifecycle) → bring_up.c and modes.c (ask the backend) → lease.c (tells the holder).
 * adoption.c takes up what an earlier host left in place of a create; topology.c keeps the desktop as a whole as it is wanted, arrangement.c says how that is.
 */
#ifndef LODGE_DISPLAY_REGISTRY_INTERNAL_H
#define LODGE_DISPLAY_REGISTRY_INTERNAL_H

#include <sys/queue.h>

#include "display/registry.h"

#define DISPLAY_TEXT_MAX 192
#define DISPLAY_LABEL_MAX 65
#define DISPLAY_CREATE_ATTEMPTS 4 /* semantics.md §11 */

enum request_kind {
	REQUEST_CREATE,
	REQUEST_ADOPT,
	REQUEST_SET_MODE,
	REQUEST_DESTROY,
	REQUEST_APPLY
};

struct backend_request {
	struct display_registry *registry;
	struct managed_display *display; /* whom the answer concerns; NULL when nobody any more */
	enum request_kind kind;
	bool overdue; /* the registry's own deadline has passed */
	struct display_mode mode;
	struct display_output *output;
	/* REQUEST_APPLY: */
	enum display_topology topology;
	uint64_t number; /* in the order of asking */
	sd_event_source *deadline;
	LIST_ENTRY(backend_request) link;
};

/* Why a display does not ask the backend at the moment, although it wants something of it. */
enum display_pause {
	PAUSE_NONE,
	PAUSE_RETRY, /* between two attempts */
	PAUSE_DESKTOP, /* there is no desktop to ask */
	PAUSE_ROOM, /* the desktop holds one output, and the one before is still there */
};

TAILQ_HEAD(lease_list, display_lease);

struct managed_display {
	struct display_registry *registry;
	uint32_t slot; /* 0: an anonymous client's, of which there may be several */
	struct identity_key key;
	/* The owner: for whom it was created, or who claimed it last. */
	uint8_t identity[DISPLAY_IDENTITY_SIZE];
	bool anonymous;
	char label[DISPLAY_LABEL_MAX];
	bool has_hint;
	int32_t hint_x, hint_y;
	uint64_t order; /* in which the displays came: the row's */
	uint64_t acquired; /* order of the owner's newest claim */
	uint64_t last_input_ns; /* of any holder; 0: never */
	struct lifecycle lifecycle;

	/* Its output is not made but taken over from an earlier host. "": not, or not any more. */
	char adopted_output[SOURCE_NAME_MAX];
	uint64_t (*adopted_until)(void *data);
	void *adopted_data;

	/* From the create's answer until the destroy's, or vanished. */
	struct display_output *output;
	struct display_output_info info;
	struct display_mode asked; /* the newest request that succeeded on this output */
	struct display_mode wanted; /* the owner's newest wish, as it came */
	bool remode; /* the host wants `wanted` anew: the scale of the slot has changed */

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
	uint8_t identity[DISPLAY_IDENTITY_SIZE];
	bool anonymous;
	uint32_t session, ordinal;
	bool joined; /* somebody else's display; else the owner's, of whom there is at most one */
	uint32_t generation;
	bool kept;
	bool wants_mode; /* a set_mode has not been answered */
	bool told_granted; /* so its end is a loss, not a refusal */
	bool dead; /* declined or lost was delivered: the holder may not use it any more */
	const struct display_lease_events *events;
	void *data;

	unsigned notices; /* callbacks that are due, of enum lease_notice; queued while not 0 */
	struct display_info info;
	struct display_holder holder; /* DISPLAY_ERROR_BUSY */
	enum display_error error;
	enum display_loss loss;
	char text[DISPLAY_TEXT_MAX];
	TAILQ_ENTRY(display_lease) in_display, in_queue;
};

/* What is not managed, and what was last done with it. */
struct outside_outputs {
	size_t count;
	struct display_outside_output outputs[DISPLAY_OUTSIDE_MAX];
};

struct topology_state {
	struct outside_outputs outside;
	enum display_topology applied; /* as read back */
	bool wished; /* the desktop may not be as it is wanted: topology_run looks */
	bool touched; /* outside outputs may be off, or not primary, by our doing */
	bool restore_ended; /* since then, EXTEND was asked for and answered, or given up */
	struct backend_request *request; /* in flight: at most one */
	uint64_t asked; /* so many, so far */
	bool answered; /* the newest of them, be it late */
	bool stale; /* it was for a desktop that has gone */
	unsigned rounds; /* applies that followed from the desktop's own changes */
	uint64_t outputs_seen; /* grows whenever a managed output comes or goes */
	/* The newest apply that was answered: not repeated before something is different. */
	bool tried;
	bool failed;
	uint64_t tried_outputs_seen;
	struct display_arrangement tried_arrangement; /* also of the one in flight */
	struct outside_outputs tried_outside;
	uint32_t warned; /* bits of enum display_topology: its fallback was logged */
};

struct display_registry {
	sd_event *event;
	struct display_backend *backend;
	struct display_registry_params params;
	struct display_registry_timing timing;
	struct display_capabilities capabilities; /* the newest known; everything, before that */
	struct identity_map *own_identities; /* when there is no store */
	TAILQ_HEAD(display_list, managed_display) displays; /* by ascending slot */
	LIST_HEAD(request_list, backend_request) requests;
	uint32_t last_generation; /* of any display: none is ever given twice */
	uint64_t last_order;
	struct topology_state topology;
	bool warned_one_output; /* semantics.md §4.5 */

	struct lease_list queue; /* leases with callbacks due */
	sd_event_source *dispatch;
	bool kick; /* a display may go on that waited for another, or for the topology */
	bool tell_changed;

	bool desktop_ready;
	bool desktop_told; /* what the last desktop_changed said */
	bool tell_gone, tell_ready; /* desktop_changed is due */
	bool desktop_failed; /* it does not start: desktop_text says why */
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
/* Soon, every display looks whether it can go on. */
void registry_kick(struct display_registry *registry);
/* Listings differ from what they were. */
void registry_note_change(struct display_registry *registry);
void registry_check_shutdown(struct display_registry *registry);
/* The policy as it is now; `client` NULL: nobody's overrides. */
void registry_read_policy(const struct display_registry *registry, const uint8_t *client,
	struct display_policy *policy);
bool registry_can(const struct display_registry *registry, enum display_option option);
void registry_log(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* desktop.c */
extern const struct display_backend_events registry_backend_events;
/* What the desktop says of itself, when it is ready. */
void registry_read_capabilities(struct display_registry *registry);
/* True when a desktop_changed was due and has been called; the registry may be gone then. */
bool registry_tell_desktop(struct display_registry *registry);

/* slots.c */
/* Bits of the slots that have a display; `except` (may be NULL) does not count. */
uint64_t slots_held(const struct display_registry *registry, const struct managed_display *except);
/* 0: every slot is held. */
uint32_t slots_assign(struct display_registry *registry, const struct identity_key *key,
	const struct managed_display *except);
uint32_t slots_predict(
	const struct display_registry *registry, const struct identity_key *key, uint64_t held);
/* The display of the slot has gone. */
void slots_release(struct display_registry *registry, uint32_t slot);
/* The mode with the scale that is kept for the slot, if one is. */
struct display_mode slots_mode(
	const struct display_registry *registry, uint32_t slot, const struct display_mode *mode);
void slots_keep_scale(struct display_registry *registry, uint32_t slot, uint32_t scale_percent);

/* snapshot.c: the desktop as admission sees it, and what it decides. */
struct admission_view {
	struct display_policy policy; /* as it rules the requester */
	struct identity_key key;
	size_t count;
	struct managed_display *displays[ADMISSION_DISPLAYS_MAX];
	struct admission_display seen[ADMISSION_DISPLAYS_MAX];
	struct admission_decision decision;
};
/* `policy` NULL: as it is read now. */
void admission_view_make(struct display_registry *registry, const struct display_request *request,
	const struct display_policy *policy, struct admission_view *view);
/*
 * Why the request is not granted, in the sentence that the requester gets; 0 when it is. `view` NULL: what is to be
 * said before anything is looked at. `holder`: who is named, under DISPLAY_ERROR_BUSY.
 */
enum display_error admission_refusal(const struct display_registry *registry,
	const struct display_request *request, const struct admission_view *view,
	struct display_holder *holder, char text[DISPLAY_TEXT_MAX]);
/* The same, for a display that would find no slot. */
enum display_error admission_refuse_slots(char text[DISPLAY_TEXT_MAX]);
/*
 * The index of the display that a CREATE or STEAL goes to although it exists: the one with the requester's own key
 * that is on its way out. SIZE_MAX: a new one.
 */
size_t admission_view_successor(
	const struct admission_view *view, const struct display_request *request);
uint32_t request_ordinal(const struct display_request *request);
/* The mode that it has; while it has no output, the one it will have. */
struct display_mode managed_display_mode(const struct managed_display *display);

/* managed_display.c */
/* Not anonymous: in the slot. NULL when memory is short. */
struct managed_display *managed_display_create(struct display_registry *registry, uint32_t slot,
	const struct display_request *request, const struct identity_key *key);
/* An output that nobody wants any more becomes a display that is closing. False: memory is short. */
bool managed_display_close_orphan(struct display_registry *registry, struct display_output *output,
	const struct display_output_info *info);
void managed_display_free(struct managed_display *display);
/* Another owner, or the same with a new wish. */
void managed_display_adopt(struct managed_display *display, const struct display_request *request);
/* Another owner altogether: the display keeps its output and nothing else. */
void managed_display_transfer(struct managed_display *display, uint32_t slot,
	const struct display_request *request, const struct identity_key *key);
/* Steps the lifecycle and performs the effects. A display that is gone afterwards has been freed. */
void managed_display_step(struct managed_display *display, struct lifecycle_event event);
/* It has an output that is to stay. */
bool managed_display_stays(const struct managed_display *display);
/* It has an output, and no destroy of it is under way. */
bool managed_display_exists(const struct managed_display *display);

/* bring_up.c */
/* Asks the backend for whatever is wanted and not under way. May free the display. */
void managed_display_drive(struct managed_display *display);
void managed_display_resume(struct managed_display *display);
/* Every display that waited for another one, or for the topology. */
void managed_display_drive_all(struct display_registry *registry);
int managed_display_add_pause_timer(struct managed_display *display);
void managed_display_end_pause(struct managed_display *display);
/* Each claim has the whole wait for the desktop. */
void managed_display_renew_wait(const struct managed_display *display);
void managed_display_created(struct managed_display *display, const struct backend_request *request,
	int error, const char *text, struct display_output *output,
	const struct display_output_info *info);
void managed_display_destroyed(struct managed_display *display);
void managed_display_vanished(struct managed_display *display);

/* adoption.c */
bool managed_display_is_adopted(const struct managed_display *display);
/* The policy's place is taken by what its earlier host had begun. */
struct keep_alive managed_display_adopted_keep(const struct managed_display *display);
/* There is nothing to be taken over: an ordinary display from now on, that needs an output. */
void managed_display_end_adoption(struct managed_display *display, const char *text);
/* The desktop that they were on is gone; nothing was asked of it yet. */
void registry_end_adoptions(struct display_registry *registry, const char *text);

/* modes.c */
/* Whether a claim for the mode needs a set_mode, as far as is known now. */
bool managed_display_needs_mode(
	const struct managed_display *display, const struct display_mode *mode);
/* A set_mode is wanted, by a claim, a holder or the host itself. */
bool managed_display_mode_is_wished(const struct managed_display *display);
void managed_display_mode_ended(struct managed_display *display,
	const struct backend_request *request, int error, const char *text,
	const struct display_output_info *info);
/* A set_mode was answered after it had been given up: still it says what the output has. */
void managed_display_note_late_mode(struct managed_display *display,
	const struct backend_request *request, const struct display_output_info *info);
/* The output is not as it was last told. */
void managed_display_output_changed(
	struct managed_display *display, const struct display_output_info *info);
/* The scale of the slot may have changed. */
void managed_display_check_scale(struct managed_display *display);

/* request.c */
/* Negative errno when memory is short: then nothing was asked. */
int backend_request_start(
	struct managed_display *display, enum request_kind kind, const struct display_mode *mode);
int backend_request_apply(
	struct display_registry *registry, const struct display_arrangement *arrangement);
/* The display's output is gone: answers to its set_modes concern nobody any more. */
void backend_request_forget_modes(struct managed_display *display);
void backend_request_free(struct backend_request *request);

/* arrangement.c */
/* What the policy wants of the desktop, `auto` resolved; and what of that this desktop can do. */
enum display_topology topology_wanted(
	const struct display_registry *registry, const struct display_policy *policy);
enum display_topology topology_possible(
	const struct display_registry *registry, enum display_topology wanted);
/* The displays that have an output, as the layout wants them. Returns how many. */
size_t arrangement_inputs(const struct display_registry *registry,
	struct layout_display inputs[LAYOUT_DISPLAYS_MAX],
	struct managed_display *displays[LAYOUT_DISPLAYS_MAX]);
/* What nothing may be put on, under the topology. */
size_t arrangement_obstacles(const struct display_registry *registry,
	enum display_topology topology, struct layout_rect obstacles[DISPLAY_OUTSIDE_MAX]);
struct layout_rect arrangement_place(const struct display_output_info *info);
/* The whole desktop under the policy, with the topology that is possible. */
void arrangement_make(const struct display_registry *registry, const struct display_policy *policy,
	struct display_arrangement *arrangement);
/* Everything where it is, nothing primary, everybody else's outputs on. */
void arrangement_make_restore(
	const struct display_registry *registry, struct display_arrangement *arrangement);
bool arrangement_equal(const struct display_arrangement *a, const struct display_arrangement *b);

/* topology.c */
/* Something has changed: the desktop is looked at again, soon. */
void topology_wish(struct display_registry *registry);
/* The same, by the desktop's own doing: bounded when each apply brings another change. */
void topology_wish_after_desktop(struct display_registry *registry);
/* A managed output came or went. */
void topology_note_output(struct display_registry *registry);
/* What was tried counts no more, unless it is exactly how things are. */
void topology_try_anew(struct display_registry *registry);
void topology_forget_desktop(struct display_registry *registry);
/* From the event loop. */
void topology_run(struct display_registry *registry);
/* Nobody restores any more, or nothing is to be restored. */
bool topology_settled(const struct display_registry *registry);
/* Whether the display's output may go now; else it will be kicked when it may. */
bool topology_allows_destroy(struct managed_display *display);
void topology_answered(struct display_registry *registry, const struct backend_request *request,
	int error, const char *text, enum display_topology applied);
void topology_answered_late(struct display_registry *registry,
	const struct backend_request *request, int error, const char *text,
	enum display_topology applied);

/* lease.c */
struct display_lease *lease_create(struct display_registry *registry,
	const struct display_request *request, const struct display_lease_events *events,
	void *data);
void lease_free(struct display_lease *lease);
void lease_attach(struct display_lease *lease, struct managed_display *display, bool joined);
void lease_grant(struct display_lease *lease);
/* A granted one waits again, for a fresh output. */
void lease_suspend(struct display_lease *lease);
/* A claim that was granted before is lost instead. `holder`: NULL, or who is named. */
void lease_decline(struct display_lease *lease, enum display_error error, const char *text,
	const struct display_holder *holder);
void lease_decline_mode(struct display_lease *lease, enum display_error error, const char *text);
void lease_lose(struct display_lease *lease, enum display_loss loss, const char *text);
/* Calls the first callback that is due; false when there was none. The registry may be gone after it. */
bool lease_deliver_next(struct display_registry *registry);

#endif
