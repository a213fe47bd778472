/*
 * Paired clients and the pairing PIN. Stored in STATE/clients.json (0600): label, public key, times.
 *
 * Room: session. Thread: control. A change is in the file (temp, fsync, rename, fsync of the folder) before it
 * is reported as done. The PIN lives in memory only.
 */
#ifndef LODGE_SESSION_CLIENTS_H
#define LODGE_SESSION_CLIENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CLIENT_KEY_SIZE 65
#define CLIENT_SIGNATURE_SIZE 64
#define CLIENT_FINGERPRINT_SIZE 32
#define CLIENT_NONCE_SIZE 32
#define CLIENT_LABEL_MAX 64
#define PAIRING_PIN_DIGITS 6
#define PAIRING_TRIES 3
#define INVITATION_PIN_DIGITS 8

struct client_store;

struct client {
	uint8_t key[CLIENT_KEY_SIZE];
	uint8_t fingerprint[CLIENT_FINGERPRINT_SIZE];
	char label[CLIENT_LABEL_MAX + 1];
	int64_t paired_at_s; /* CLOCK_REALTIME */
	uint32_t planes; /* what it may do for good (core/grants.h); all when it was paired */
	uint32_t temporary_planes; /* instead, until `until_s`; counts while until_s is not 0 */
	int64_t until_s; /* CLOCK_REALTIME; 0: nothing temporary */
	char user[CLIENT_LABEL_MAX + 1]; /* the person it belongs to; "": itself */
};

/* Opens or makes STATE/clients.json; a file that is no JSON is set aside as .bad. NULL with errno and a log line. */
struct client_store *client_store_open(const char *state_folder);
void client_store_close(struct client_store *store);

const struct client *client_store_find(
	const struct client_store *store, const uint8_t fingerprint[CLIENT_FINGERPRINT_SIZE]);
/* In the order of pairing; NULL behind the last one. Valid until the next change. */
const struct client *client_store_at(const struct client_store *store, size_t index);
/* Another label (client_label_valid). -ENOENT, -EINVAL, or what the disk said: then nothing changed. */
int client_store_relabel(struct client_store *store,
	const uint8_t fingerprint[CLIENT_FINGERPRINT_SIZE], const char *label);
/* Other grants or another user. -ENOENT, -EINVAL, or what the disk said: then nothing changed. */
int client_store_set_grants(struct client_store *store,
	const uint8_t fingerprint[CLIENT_FINGERPRINT_SIZE], uint32_t planes,
	uint32_t temporary_planes, int64_t until_s);
int client_store_set_user(struct client_store *store,
	const uint8_t fingerprint[CLIENT_FINGERPRINT_SIZE], const char *user);
/* Unpairs. -ENOENT, or what the disk said: then nothing changed. */
int client_store_remove(
	struct client_store *store, const uint8_t fingerprint[CLIENT_FINGERPRINT_SIZE]);
/* A client was added, relabelled or removed, or the PIN is another one. From inside the change; look later. */
void client_store_on_change(struct client_store *store, void (*changed)(void *data), void *data);
/* Adds or relabels. Negative errno when the file could not be written: then nothing changed. */
int client_store_add(
	struct client_store *store, const uint8_t key[CLIENT_KEY_SIZE], const char *label);

/* A new random PIN with PAIRING_TRIES tries; replaces an older one. The text stays valid until the next call. */
const char *client_store_arm_pin(struct client_store *store);
/* The same, but it is void at `expires_ns` (CLOCK_MONOTONIC), and nothing re-arms it once it is used or void. */
const char *client_store_arm_pin_until(struct client_store *store, uint64_t expires_ns);
/* Voids it. */
void client_store_disarm_pin(struct client_store *store);
/* NULL when none is armed. *expires_ns: 0 when it holds until it is used. Voids it when its time has come. */
const char *client_store_pin(struct client_store *store, uint64_t now_ns, uint64_t *expires_ns);
bool client_store_pin_armed(const struct client_store *store);
/* Called with each new PIN (armed by us or re-armed after the tries were used up), and with "" when there is none. */
void client_store_on_pin(
	struct client_store *store, void (*changed)(void *data, const char *pin), void *data);

enum pairing_result {
	PAIRING_OK,
	PAIRING_WRONG_PIN,
	PAIRING_EXHAUSTED, /* that was the last try: the PIN is void, a new one has been made */
	PAIRING_NOT_ARMED,
	PAIRING_RATE_LIMITED, /* too many tries in the last minute, whoever made them */
};
/* Counts a try of some other secret among those of the PIN. False: the minute is full. */
bool client_store_count_try(struct client_store *store, uint64_t now_ns);
/* Constant-time compare. The PIN is single-use: OK voids it (and a new one is made). */
enum pairing_result client_store_try_pin(
	struct client_store *store, const char *pin, size_t length, uint64_t now_ns);

/*
 * Verifies the signature of docs/protocol.md §1 over nonce and authority. False for a point that is not on the
 * curve too.
 */
bool client_verify(const uint8_t key[CLIENT_KEY_SIZE],
	const uint8_t signature[CLIENT_SIGNATURE_SIZE], const uint8_t nonce[CLIENT_NONCE_SIZE],
	const char *authority);
void client_fingerprint(
	const uint8_t key[CLIENT_KEY_SIZE], uint8_t fingerprint[CLIENT_FINGERPRINT_SIZE]);

#endif
