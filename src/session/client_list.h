/*
 * The list of paired clients and its text, STATE/clients.json:
 *
 *   { "version": 1, "clients": [ { "label": "laptop", "key": "04…", "paired_at": 1760000000,
 *     "grants": ["pointer", "keyboard"], "temporary": { "grants": [], "until": 1760003600 }, "user": "Ada" } ] }
 *
 * `key` is the uncompressed point in hexadecimal, times are seconds of the real-time clock. The last three may be absent:
 * every grant, nothing temporary, its own user.
 *
 * Room: session, private. Pure: no I/O, no clock. Any thread.
 */
#ifndef LODGE_SESSION_CLIENT_LIST_H
#define LODGE_SESSION_CLIENT_LIST_H

#include "session/clients.h"

#define CLIENT_LIST_MAX 256
#define CLIENT_LIST_TEXT_MAX 524288 /* more than the longest text of a full list */
#define CLIENT_LIST_FAULT_MAX 256

struct client_list {
	size_t count;
	struct client clients[CLIENT_LIST_MAX];
};

struct client_list_reader {
	/* Called with a sentence for every entry that is dropped. NULL: nobody listens. */
	void (*warn)(void *data, const char *sentence);
	void *data;
	/* Why the whole text was refused. */
	char fault[CLIENT_LIST_FAULT_MAX];
};

/*
 * False with `fault` set when the text is not one of a client list at all; the list is then empty. A single entry
 * with a missing, wrong or unknown field is dropped with a warning; so are a key's second entry and what does not fit.
 */
bool client_list_parse(const char *bytes, size_t size, struct client_list *list,
	struct client_list_reader *reader);

/* The text, to be freed with free(); NULL when there is no memory. */
char *client_list_format(const struct client_list *list);

/* NULL when there is none. */
struct client *client_list_find(
	const struct client_list *list, const uint8_t fingerprint[CLIENT_FINGERPRINT_SIZE]);

/* 1 to CLIENT_LABEL_MAX bytes of UTF-8. */
bool client_label_valid(const char *label, size_t size);

#endif
