/*
 * The session room with stub peers: everything real between a client's message and the rooms behind
 * (support/session_rooms.h), in virtual time. What a test asks for in a word here is what a client or the operator does.
 */
#ifndef LODGE_TESTS_SESSION_WORLD_H
#define LODGE_TESTS_SESSION_WORLD_H

#include "core/wire.h"
#include "session/session.h"
#include "support/session_rooms.h"
#include "support/virtual_loop.h"

struct peer_person {
	uint32_t person, session, sessions;
	uint8_t flags, state;
	char name[WIRE_LABEL_MAX + 1];
};

/* A client, and what it has been told. It stays when its session is gone, until the world ends. */
struct peer {
	struct session_world *world;
	struct peer *next;
	struct session *session; /* NULL: its connection is gone */
	uint32_t number; /* of its key */
	bool forgets_people; /* they are counted, not kept */
	bool closing; /* the host asked for the end of the connection */
	uint32_t id; /* its session, from WELCOME; 0: it was not welcomed */
	char label[WIRE_LABEL_MAX + 1]; /* as the host calls it */
	uint32_t grants, grants_seconds; /* WIRE_GRANT_* as told last */
	uint16_t refusal, ending;
	uint64_t bytes, messages;
	uint32_t heard[256]; /* by message type */

	uint8_t mode; /* CONTROL_STATE */
	uint16_t place, waiting;
	uint32_t holder, asking, left_ms;
	char holder_name[WIRE_LABEL_MAX + 1];
	uint32_t line[4]; /* persons; what is beyond the line is 0 */
	uint16_t notice; /* the last one */
	char notice_text[64];
	uint32_t pointer_person, pointer_x; /* the last one */
	uint32_t pointers[256]; /* how often whose was heard: by the person's last byte */
	struct peer_person *people;
	size_t people_count;
	bool repeated; /* somebody was told twice as the same */

	uint8_t sound; /* WIRE_SOUND_* as told last */
	char sound_reason[64];
	uint32_t sound_configs, sounds; /* packets */
	bool sound_unannounced; /* a packet came before what it is */
	size_t queued; /* bytes that its connection has not taken */
	uint16_t declined;
	char declined_text[64];
	uint16_t apps; /* in the last list */
	uint8_t app_flags[8]; /* by place in the list, from APPS and APP; ids "a", "b" ... */
	uint8_t icon_format; /* of the last ICON */
	size_t icon_size;
	struct display_mode opened; /* the last DISPLAY_OPENED */
	uint8_t opened_flags;
};

struct session_world {
	char folder[64];
	sd_event *event;
	sd_event_source *reaper; /* enabled while a connection is to be taken down */
	struct client_store *clients;
	struct display_registry registry;
	struct session_host *host;
	struct session_rules rules;
	struct peer *peers; /* the newest first */

	/* The desktop that those with the numbers in `owners` (a bit each) get instead of the shared one. */
	struct display_registry own;
	uint32_t owners;
	char shown
		[256]; /* every device that was shown ("+path ") or hidden ("-path ") on the own one, in order */
	const char *no_desktop; /* nobody gets one, for this reason */
	uint32_t choices; /* how often a desktop was chosen */
	char chosen_app[64]; /* for the last one; "": none */
	const char *own_app; /* what the own desktop was made for; NULL: no app */
	uint8_t app_flags[8]; /* of the apps, for everybody */
	uint32_t icons_read;
	uint32_t launches; /* on the shared desktop */
};

/* `open`: whoever comes is let in. At most `max_sessions` of them (0: the host's own bound). */
struct session_world *session_world_create(bool open, uint32_t max_sessions);
void session_world_destroy(struct session_world *world);
/* For cmocka: an open world, and one of paired clients. */
int session_world_set_up_open(void **state);
int session_world_set_up(void **state);
int session_world_tear_down(void **state);

void world_presence(struct session_world *world, bool enabled);
void world_control(struct session_world *world, enum control_mode mode);
void world_pass(struct session_world *world, uint64_t span_ns);
void world_settle(struct session_world *world);
/* The operator's: planes for good, for a time, until it leaves. */
int world_grant(struct session_world *world, const struct peer *peer, uint32_t planes);
int world_grant_for(
	struct session_world *world, const struct peer *peer, uint32_t planes, uint32_t seconds);
int world_grant_until_leave(struct session_world *world, const struct peer *peer, uint32_t planes);
void world_pair(struct session_world *world, uint32_t number, const char *label);
/* A desktop, &world->registry or &world->own, has sound and a microphone from now on, or none for this reason. */
void world_sound(
	struct session_world *world, struct display_registry *registry, const char *reason);
/* The app of the desktop of its owner's own is over. */
void world_app_ends(struct session_world *world, const char *text);
/* The desktop of its owner's own is gone. */
void world_own_ends(struct session_world *world);
uint32_t world_holder(const struct session_world *world);

/* Only the CHALLENGE was heard. */
struct peer *peer_connect(struct session_world *world, uint32_t number);
void peer_attach(struct peer *peer, const char *label, const char *pin); /* NULL: AUTHENTICATE */
/* Attached, with a display, and everything settled. */
struct peer *peer_join(struct session_world *world, uint32_t number, const char *label);
void peer_open(struct peer *peer);
void peer_say(struct peer *peer, const struct wire_message *message);
void peer_control(struct peer *peer, enum wire_control action, uint32_t session);
void peer_key(struct peer *peer, uint16_t code, bool pressed);
void peer_button(struct peer *peer, bool pressed);
void peer_point(struct peer *peer, uint16_t x, uint16_t y);
void peer_open_app(struct peer *peer, const char *app);
void peer_close(struct peer *peer);
void peer_listen(struct peer *peer, bool on, uint8_t channels, uint32_t max_kbps);
void peer_speak(struct peer *peer, uint32_t sequence, size_t bytes);
void peer_drop(struct peer *peer); /* the connection is gone without a word */
/* NULL: nobody of that name is known to it. */
const struct peer_person *peer_knows(const struct peer *peer, const char *name);
uint64_t peer_entered(const struct peer *peer); /* its events that entered the desktop */

#endif
