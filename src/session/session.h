/*
 * One attached client. Private to the session room: transports see transport.h, the host sees host.h.
 *
 * Thread: control.
 */
#ifndef LODGE_SESSION_SESSION_H
#define LODGE_SESSION_SESSION_H

#include <systemd/sd-event.h>

#include "core/wire.h"
#include "display/registry.h"
#include "input/injector.h"
#include "session/clients.h"
#include "session/fanout.h"
#include "session/host.h"
#include "session/transport.h"

enum session_phase {
	SESSION_CHALLENGED, /* nothing but AUTHENTICATE and PAIR is heard */
	SESSION_ASKING, /* asked to be paired without a PIN: the operator decides; nothing is heard */
	SESSION_WELCOMED,
	SESSION_CLOSING, /* the last word is said; the transport is draining */
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
	uint32_t grants; /* WIRE_GRANT_* */
	uint64_t since_ns;
	uint8_t key[CLIENT_KEY_SIZE]; /* SESSION_ASKING: what an approval pairs */
	sd_event_source *attach_timer;

	/* display 0: the one that comes with the session */
	struct display_lease *lease;
	bool granted;
	struct display_info display;
	struct injector *injector;
	struct fanout_subscriber subscriber;
};

struct session_host {
	sd_event *event;
	struct display_registry *registry;
	struct client_store *clients;
	bool open;
	char name[65];
	uint32_t max_sessions, count, last_id;
	struct session *sessions;
	struct input_desktop *input; /* NULL while the desktop is gone */
	void (*changed)(void *data);
	void *changed_data;
	sd_event_source *change; /* enabled while a call of `changed` is due */
	sd_event_source *input_failed;
	struct fanout *fanout;
};

/* list.c: who is here is not as it was */
int session_host_prepare_changes(struct session_host *host, sd_event *event);
void session_host_note_change(struct session_host *host);

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

/* input.c: events into the desktop */
bool session_input(struct session *session, const struct wire_message *message);
/* NULL while there is no desktop to send input to. */
struct input_desktop *session_host_input(struct session_host *host);

#endif
