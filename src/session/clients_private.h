/*
 * What the files of the client store share. Room: session, private.
 */
#ifndef LODGE_SESSION_CLIENTS_PRIVATE_H
#define LODGE_SESSION_CLIENTS_PRIVATE_H

#include "session/client_list.h"
#include "session/clients.h"
#include "store/state_folder.h"

#define PAIRING_TRIES_PER_MINUTE 10

struct client_store {
	struct state_folder folder;
	struct client_list *list;

	/* pairing_pin.c */
	char pin[PAIRING_PIN_DIGITS + 1]; /* empty: not armed */
	bool once; /* nothing takes its place when it is used or void */
	uint64_t expires_ns; /* 0: never */
	unsigned tries_left;
	uint64_t tried_ns[PAIRING_TRIES_PER_MINUTE]; /* a ring; `tries` counts all of them */
	uint64_t tries;

	void (*pin_changed)(void *data, const char *pin);
	void *pin_data;
	void (*changed)(void *data);
	void *changed_data;
};

void client_store_tell(const struct client_store *store);

#endif
