/*
 * One attached client. Private to the session room: transports see transport.h, the host sees host.h.
 *
 * Thread: control.
 */
#ifndef LODGE_SESSION_SESSION_H
#define LODGE_SESSION_SESSION_H

#include <systemd/sd-event.h>

#include "audio/audio.h"
#include "core/control.h"
#include "core/grants.h"
#include "core/presence.h"
#include "core/wire.h"
#include "display/registry.h"
#include "input/injector.h"
#include "session/clients.h"
#include "session/clock.h"
#include "session/fanout.h"
#include "session/host.h"
#include "session/transport.h"

enum session_phase {
	SESSION_CHALLENGED, /* nothing but AUTHENTICATE and PAIR is heard */
	SESSION_ASKING, /* asked to be paired without a PIN: the operator decides; nothing is heard */
	SESSION_WELCOMED,
	SESSION_CLOSING, /* the last word is said; the transport is draining */
};

#define SESSION_APP_MAX WIRE_LABEL_MAX /* bytes of an app's id; a longer one is nobody's */
#define SESSION_NO_SEAT UINT32_MAX /* it shares the desktop's first one */

struct gamepad_port;

/* desktop.c: a compositor that sessions are on */
struct desktop {
	struct session_host *host;
	struct desktop *next, **previous; /* host's list, the shared one first */
	struct display_registry *registry; /* not owned */
	bool own; /* one client's; presence, control and seats are about the shared one */
	char app[SESSION_APP_MAX + 1]; /* own: what it was made for; "": no app */
	struct input_desktop *input; /* NULL while the desktop is gone */
	bool input_missing; /* it cannot be had (no libei), which has been said; until the desktop is back */
	sd_event_source *input_failed;
	struct fanout *fanout;

	/* sound.c */
	struct desktop_sound sound;
	struct audio_stream *stream; /* while somebody listens */
	uint32_t sound_channels;
	struct media_packet *sound_config; /* for those who come later */
	sd_event_source *sound_retry;
	uint32_t sound_failures; /* in a row, without a packet; not counted beyond what matters */
	bool sound_is_away; /* its clients were told so */
};

struct session {
	struct session_host *host;
	struct session *next, **previous; /* host's list */
	uint32_t id;
	enum session_phase phase;

	const struct session_transport_impl *impl;
	void *transport;
	char peer[64], authority[256];

	uint8_t nonce[CLIENT_NONCE_SIZE];
	uint8_t fingerprint[CLIENT_FINGERPRINT_SIZE];
	char label[CLIENT_LABEL_MAX + 1];
	bool anonymous;
	struct grants grants;
	sd_event_source *grants_timer; /* when a term of them ends */
	uint32_t refused; /* planes whose refusal the log has heard of */
	struct guest *guest; /* came by an invitation; invitations.c */

	/* people.c, while presence is on and the session is on the desktop */
	struct presence_session *seat;
	bool knows_people; /* has had the snapshot */
	uint32_t face_for; /* the person whom others were told to reach by it; 0: none */
	struct {
		bool moved; /* since it was told */
		bool unseen; /* nobody was there to be told */
		uint16_t x, y;
		uint64_t told_ns;
	} pointer; /* pointers.c */
	bool steers; /* steering.c: control knows of it */
	bool knows_control; /* has heard that it is not free, at some time */
	bool dropped; /* its connection went without a goodbye */
	uint64_t since_ns;
	uint8_t key[CLIENT_KEY_SIZE]; /* SESSION_ASKING: what an approval pairs */
	sd_event_source *attach_timer;

	struct desktop *desktop; /* that its display is on; the shared one while it has none */
	bool knows_apps; /* has had APPS */
	char app[SESSION_APP_MAX + 1]; /* that it opened its display for; "": none */
	struct display_mode
		app_mode; /* that the app's display has (struct session_app); width_px 0: the client's */
	struct told_app {
		uint8_t flags; /* of the list's app at this place, as told last */
		bool icon; /* it was answered: once for each list */
	} told_apps[WIRE_APPS_MAX];
	bool listening;
	bool knows_sound; /* has had the AUDIO_CONFIG of the stream that runs */
	uint8_t listen_channels;
	uint32_t listen_kbps; /* 0: the host's choice */
	struct audio_microphone *microphone; /* NULL: it says nothing */
	bool microphone_failed;
	struct gamepad_port *pads; /* NULL: it has plugged none, or may not */

	/* display 0: the one that comes with the session */
	struct display_lease *lease;
	bool granted;
	struct display_info display;
	struct injector *injector; /* NULL: it may not point or type, or there is no desktop */
	uint32_t seat_number; /* of its own seat "lodge-N" */
	struct fanout_subscriber subscriber;
};

struct session_host {
	sd_event *event;
	struct desktop *desktops, *shared;
	void (*choose)(void *data, const uint8_t *client, bool anonymous, const char *app,
		struct chosen_desktop *choice, char *fault, size_t capacity);
	void *choose_data;
	void (*show_device)(
		void *data, struct display_registry *registry, const char *path, bool shown);
	void (*launch)(void *data, const char *app);
	struct launched {
		uint32_t slot, generation;
		char app[SESSION_APP_MAX + 1];
	} launched[16]; /* on the shared desktop, the latest ones */
	unsigned launched_next;
	struct client_store *clients;
	bool open;
	char name[65];
	uint32_t max_sessions, count, last_id;
	struct session *sessions;
	struct session_rules rules;
	bool seats_missing; /* wanted, but this desktop knows only one */
	struct people *people; /* NULL while presence is off */
	struct control *control;
	sd_event_source *control_timer;
	sd_event_source *control_tell; /* enabled while the state of control is to be told */
	bool control_told; /* somebody has heard that it is not free */
	uint64_t control_told_ns;
	uint32_t control_logged; /* the holder that the log knows of */
	struct person_name holder_name; /* as told last */
	struct invitations *invitations;
	void (*app_flags)(
		void *data, const uint8_t *client, bool anonymous, uint8_t *flags, size_t count);
	uint8_t (*read_icon)(void *data, const char *app, uint8_t **bytes, size_t *size);
	struct listed_app {
		char id[SESSION_APP_MAX + 1], name[WIRE_LABEL_MAX + 1];
		struct display_mode mode;
	} * apps;
	size_t app_count;
	sd_event_source *apps_change; /* enabled while their flags are to be told */
	void (*changed)(void *data);
	void *changed_data;
	sd_event_source *change; /* enabled while a call of `changed` is due */
};

/* list.c: who is here is not as it was */
int session_host_prepare_changes(struct session_host *host, sd_event *event);
void session_host_note_change(struct session_host *host);

/* people.c */
/* NULL with errno. */
struct people *people_create(struct session_host *host, const struct presence_params *params);
void people_destroy(struct people *people); /* everybody is told to forget everybody */
void people_join(struct people *people, struct session *session);
void people_leave(struct people *people, struct session *session);
/* What it may do is not as it was. */
void people_update(struct people *people, struct session *session);
void people_rename(struct people *people, const uint8_t *client, const char *label);
void people_set_user(struct people *people, const uint8_t *client, const char *user);
void people_note_input(struct people *people, struct session *session, uint64_t event_ns);
void people_note_pointer(struct people *people, struct session *session, uint16_t x, uint16_t y);
/* Whom others know by that number; 0: nobody. */
uint32_t people_person(const struct people *people, const struct session *session);
/* What others call it; NULL while presence is off. Valid until the loop runs. */
const char *people_name(struct people *people, const struct session *session);
size_t people_list(const struct people *people, struct person_state *states, size_t capacity);

/* pointers.c: where the others point; people.c's */
struct pointers;
struct pointers *pointers_create(struct session_host *host); /* NULL with errno */
void pointers_destroy(struct pointers *pointers);
/* For each event: two stores and a compare, but for the first since it was told. */
void pointers_note(struct pointers *pointers, struct session *session, uint16_t x, uint16_t y);
/* Somebody came who hears of people: where nobody saw a pointer, somebody may now. */
void pointers_look_again(struct pointers *pointers);

/* steering.c: who may drive */
bool steering_prepare(struct session_host *host);
void steering_finish(struct session_host *host);
void steering_set_mode(struct session_host *host, enum control_mode mode);
void steering_joined(struct session *session);
/* `dropped`: its connection went without a goodbye. Fine when control does not know it. */
void steering_left(struct session *session, bool dropped);
void steering_grants_changed(struct session *session);
/* Everybody is to hear how things are, soon: once for many changes. */
void steering_tell(struct session_host *host);
void steering_asked(struct session *session, const struct wire_message *message);
static inline bool steering_admits(struct session *session, uint64_t event_ns)
{
	if (session->desktop->own)
		return true;
	return control_admit_input(session->host->control, session->id, event_ns);
}

/* rights.c: what the session may do */
void rights_begin(struct session *session, uint32_t planes, uint32_t temporary, int64_t until_s);
void rights_finish(struct session *session);
uint32_t rights_wire(const struct session *session); /* WIRE_GRANT_* now */
bool rights_allow(struct session *session, enum grant_plane plane, uint64_t now_ns);

/* invitations.c */
struct guest;
struct invitations *invitations_create(void);
void invitations_destroy(struct invitations *invitations);
/* A PIN that is one of an invitation: the session is a guest from now on. */
enum invitation_verdict invitations_redeem(
	struct session *session, const char *pin, size_t size, const char **label);
/* A guest that came back: while another of its sessions is here, or within a minute, and within its time. */
bool invitations_recognise(struct session *session, const char **label);
void invitations_leave(struct session *session);
void invitations_dismiss(struct session *session); /* a guest that leaves now does not come back */
const struct grants *invitations_grants(const struct session *session); /* of its guest */
/* The operator's, for the rest of the visit or until then; a stay is not made longer by it. */
struct grants invitations_set_grants(struct session *session, uint32_t planes, uint64_t until_ns);
/* A term of its guest ended: what rules now. False: the visit is over. */
bool invitations_settle(struct session *session, struct grants *grants);

/* attach.c: the words before WELCOME */
void session_authenticate(struct session *session, const struct wire_message *message);
void session_send(struct session *session, const struct wire_message *message);
/* The operator's answer to one that is ASKING. 0, or what the store said. */
int session_decide(struct session *session, bool approve);
void session_refuse(struct session *session, enum wire_refusal code, const char *text);
void session_end(struct session *session, enum wire_end code, const char *text);

/* display.c: the display that the session holds */
void session_open_display(struct session *session, const struct wire_message *message);
void session_set_mode(struct session *session, const struct wire_message *message);
void session_close_display(struct session *session, bool quit);

/* aim.c: where its input goes */
/*
 * To its display as it is now, on the seat that the rules give it; releases what is held. Devices are on the desktop only while
 * the session may use them.
 */
void session_aim(struct session *session);
void session_let_go(struct session *session);
/*
 * Where the rules say so, the first seats are made before anybody needs them: while a desktop makes seats, everybody's
 * keys are lost for a moment (docs/input.md).
 */
void session_host_prepare_seats(struct session_host *host);

/* input.c: events into the desktop */
bool session_input(struct session *session, const struct wire_message *message);

/* desktop.c */
struct desktop *desktop_create(
	struct session_host *host, struct display_registry *registry, bool own);
void desktop_destroy(struct desktop *desktop);
struct desktop *desktop_find(struct session_host *host, const struct display_registry *registry);
/* NULL while there is nothing to send input to. */
struct input_desktop *desktop_input(struct desktop *desktop);
/* Where the session's next display will be. False with a sentence in `fault`. `app`: an id, or NULL. */
bool desktop_choose(struct session *session, const char *app, char *fault, size_t capacity);

/* apps.c */
void apps_launch(struct session
		*session); /* it has its display: what it asked for starts, once for each display */
/* It says that it wants the display no more: what has ended on it by then may be started on it again. */
void apps_leave(const struct session *session);
void apps_tell(struct session *session); /* of the list, when it may start something */
void apps_send_icon(struct session *session, const struct wire_message *message);
/* It is about to have a display for an app: at which mode, from now on. */
void apps_take_mode(struct session *session);
/* What it gets when it asks for this. */
struct display_mode apps_mode(const struct session *session, const struct display_mode *asked);
int apps_prepare(struct session_host *host); /* negative errno */
void apps_finish(struct session_host *host);

/* pads.c */
void pads_plug(struct session *session, const struct wire_message *message, uint64_t at_ns);
void pads_move(struct session *session, const struct wire_message *message, uint64_t at_ns);
void pads_let_go(struct session *session); /* everything that is held on them */
/* They are to be seen on the session's desktop, which is there again. */
void pads_show(const struct session *session);
void pads_settle(struct session *session); /* they go when it may not use them any more */

/* sound.c */
void sound_set(struct desktop *desktop, const struct desktop_sound *sound);
void sound_finish(struct desktop *desktop);
void sound_update(struct desktop *desktop); /* somebody came, went or wants something else */
void sound_enter(struct session *session); /* it has its display */
void sound_leave(struct session *session);
void sound_listen(struct session *session, const struct wire_message *message);
void sound_speak(struct session *session, const struct wire_message *message, uint64_t at_ns);
void sound_silence_microphone(struct session *session);

#endif
