/*
 * The session room: who is attached, what each may do, which display each holds. It joins the registry
 * (displays), the streams (media) and the injectors (input) for every attached client.
 *
 * Room: session. Thread: control.
 */
#ifndef LODGE_SESSION_HOST_H
#define LODGE_SESSION_HOST_H

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "audio/audio.h"
#include "core/control.h"
#include "core/grants.h"
#include "core/invitation.h"
#include "core/presence.h"
#include "core/wire.h"
#include "display/registry.h"

struct session_host;
struct client_store;

/* Where a desktop's sound is. */
struct desktop_sound {
	bool present;
	struct audio_place sink;
	struct audio_place microphone; /* no socket: there is none */
	const char *text; /* not present: why, one static sentence */
};

/* The desktop on which a client gets its display. */
struct chosen_desktop {
	struct display_registry *registry; /* NULL: none, for the reason given */
	struct desktop_sound sound; /* of one that is not the shared one */
	char app[WIRE_LABEL_MAX + 1]; /* what that one was made for; "": no app */
};

/* One that clients with the launch grant may choose. */
struct session_app {
	const char *id, *name; /* 1 to 64 bytes of UTF-8 each */
	/* The size of its displays, whatever a client asks for; refresh_mhz 0: the client's. width_px 0: the client's mode. */
	struct display_mode mode;
};

struct session_host_params {
	sd_event *event;
	struct display_registry *registry; /* of the desktop that is shared; not owned */
	struct desktop_sound sound; /* of the same */
	/*
	 * Asked at each OPEN_DISPLAY: a desktop of the client's own (semantics.md §8), made when there is none, or the shared one,
	 * which is what `choice` says beforehand. `app`: the id of what shall run there, NULL for nothing. NULL: all share.
	 */
	void (*choose)(void *data, const uint8_t *client, bool anonymous, const char *app,
		struct chosen_desktop *choice, char *fault, size_t capacity);
	void *choose_data;
	/*
	 * A node of the session's gamepads: programs on this desktop shall see it, or not any more. Told again when the desktop is
	 * back, once for each that is plugged. `choose_data` comes along. NULL: they see what the machine has.
	 */
	void (*show_device)(
		void *data, struct display_registry *registry, const char *path, bool shown);
	/* Starts that app on the shared desktop. Asked once for each display and app. NULL: none can be. */
	void (*launch)(void *data, const char *app);
	/*
	 * WIRE_APP_* of each app of the list for that client now, in the list's order; `flags` are zeros beforehand. Asked again
	 * after session_host_apps_changed. NULL: none has any.
	 */
	void (*app_flags)(
		void *data, const uint8_t *client, bool anonymous, uint8_t *flags, size_t count);
	/* An app's picture: enum wire_icon_format, with `bytes` for free(), at most WIRE_ICON_MAX. NULL: there are none. */
	uint8_t (*read_icon)(void *data, const char *app, uint8_t **bytes, size_t *size);
	struct client_store *clients; /* not owned */
	bool open; /* admit unpaired clients */
	const char *name; /* shown to clients; copied */
	uint32_t max_sessions; /* 0 = 64 */
};

struct session_host *session_host_create(const struct session_host_params *params);
/* Ends every session with ENDED shutdown; transports close themselves. */
void session_host_shutdown(struct session_host *host);
void session_host_destroy(struct session_host *host);

/* Listeners: who is attached, or who waits for approval, is not as it was. From the event loop, once for many changes. */
void session_host_on_change(struct session_host *host, void (*changed)(void *data), void *data);

/* For state listings, oldest session first, at most `capacity`. Returns how many were written. */
struct session_state {
	uint32_t id;
	char label[65], peer[64];
	const char *transport; /* "web" */
	uint8_t fingerprint[DISPLAY_IDENTITY_SIZE];
	bool anonymous;
	bool waiting; /* asks to be paired: session_host_decide */
	uint64_t since_ns; /* CLOCK_MONOTONIC */
	bool has_display;
	struct display_info display; /* has_display */
	uint64_t dropped; /* frames that it was too slow for */
	uint32_t planes; /* what it may do now */
	uint64_t
		planes_until_ns; /* they are temporary: CLOCK_MONOTONIC; 0: they last; UINT64_MAX: until it leaves */
	bool guest; /* by an invitation */
};
size_t session_host_list(
	const struct session_host *host, struct session_state *states, size_t capacity);

/* The operator ends it (ENDED released_by_operator). False: nobody has the id, or it is not attached yet. */
bool session_host_end(struct session_host *host, uint32_t id, const char *text);
/* Ends every session of the client. Returns how many. */
size_t session_host_end_client(struct session_host *host,
	const uint8_t fingerprint[DISPLAY_IDENTITY_SIZE], const char *text);
/* The client has another label now: its sessions show it. */
void session_host_relabel(struct session_host *host,
	const uint8_t fingerprint[DISPLAY_IDENTITY_SIZE], const char *label);
/* Answers one that asks to be paired. -ENOENT: it does not wait any more; else 0 or what the store said. */
int session_host_decide(struct session_host *host, uint32_t id, bool approve);

/*
 * How people are together on the desktop (semantics.md §9, §10). Presence off is as if it were not there: no message, no
 * timer, no cost for an input event. May be called whenever the settings change; turning presence off makes everybody
 * forget everybody, another control mode releases all input first.
 */
struct session_rules {
	bool presence;
	struct presence_params presence_params; /* zeros: defaults */
	enum control_mode control;
	bool seat_per_client; /* where the desktop can: each client has a pointer and a keyboard focus of its own */
};
void session_host_set_rules(struct session_host *host, const struct session_rules *rules);

/* Everybody on the desktop; presence_info.id names a person. 0 while presence is off. */
struct person_state {
	struct presence_info person;
	uint32_t sessions[16]; /* the first of them */
	size_t session_count;
};
size_t session_host_people(
	const struct session_host *host, struct person_state *people, size_t capacity);

struct control_view {
	enum control_mode mode;
	uint32_t holder; /* session; 0: nobody */
	uint64_t away_until_ns; /* its connection dropped; 0: it is there */
	size_t line_count;
	struct {
		uint32_t session;
		uint64_t answer_by_ns; /* 0: not asking the holder now */
	} line[CONTROL_LINE_MAX];
};
void session_host_control(const struct session_host *host, struct control_view *view);
/*
 * The operator's hand on control: GRANT, DENY, GIVE with the session concerned, RELEASE takes it from whoever has it.
 * (An operator has no session of its own: TAKE is for those who do.) The refusal in the core's words.
 */
enum control_refusal session_host_steer(
	struct session_host *host, enum control_event_type type, uint32_t session);

/*
 * What a client may do, from now on and (for paired ones) stored: its sessions hear of it at once. `until_s`: seconds
 * of the real-time clock when a temporary grant ends, 0: none; `until_leave`: when its last session ends.
 * -ENOENT: no such client; -EINVAL; or what the disk said, then nothing changed.
 */
struct grants_wish {
	uint32_t planes; /* of enum grant_plane */
	bool temporary, until_leave;
	int64_t until_s;
};
int session_host_set_grants(struct session_host *host,
	const uint8_t fingerprint[DISPLAY_IDENTITY_SIZE], const struct grants_wish *wish);
/* The person that the client belongs to; "" is itself. Stored. */
int session_host_set_user(struct session_host *host,
	const uint8_t fingerprint[DISPLAY_IDENTITY_SIZE], const char *user);

/* Invitations: in memory only; a restart of the host voids them. */
struct invitation_state {
	char id[17]; /* in the link; no secret */
	char pin[9]; /* the secret; in this answer only, never in a log */
	char label[65]; /* what guests are called when they do not say */
	struct invitation invitation;
	uint32_t guests; /* attached now */
};
/* NULL with errno: EINVAL, or ENOSPC when there are too many. Valid until the next call. */
const struct invitation_state *session_host_invite(
	struct session_host *host, const struct invitation *invitation, const char *label);
size_t session_host_invitations(
	const struct session_host *host, struct invitation_state *states, size_t capacity);
/* Nobody comes in by it any more, nor comes back; `end_guests`: who is in is sent away. False: nobody has the id. */
bool session_host_revoke(struct session_host *host, const char *id, bool end_guests);

/* Streams that are open, for metrics and budgets. */
struct stream_state {
	uint32_t slot, generation, subscribers;
	uint64_t frames, keyframes, bytes; /* made since the stream began */
};
size_t session_host_streams(
	const struct session_host *host, struct stream_state *states, size_t capacity);

/* What clients with the launch grant may choose from: told at once, copied. 0 or -ENOMEM. */
int session_host_set_apps(struct session_host *host, const struct session_app *apps, size_t count);
/* Their flags may be other than they were: whoever is told wrong hears of it, once for many changes, from the event loop. */
void session_host_apps_changed(struct session_host *host);

/* A desktop went away or came back: tells every session on it. */
void session_host_desktop_changed(struct session_host *host,
	const struct display_registry *registry, bool ready, const char *text);
void session_host_sound_changed(struct session_host *host, const struct display_registry *registry,
	const struct desktop_sound *sound);
/* What a desktop of somebody's own was made for ended by itself: tells every session on it, for the last time. */
void session_host_app_ended(
	struct session_host *host, const struct display_registry *registry, const char *text);
/* A desktop of somebody's own is about to be destroyed: nothing of it is used any more. */
void session_host_desktop_ends(struct session_host *host, const struct display_registry *registry);

#endif
