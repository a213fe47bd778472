#include "session/clients.h"

#include <errno.h>
#include <fcntl.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "session/client_list.h"
#include "store/state_file.h"

#define FILE_NAME "clients.json"
#define BAD_FILE_NAME FILE_NAME ".bad"
#define TRIES_PER_MINUTE 10
#define MINUTE_NS 60000000000u

struct client_store {
	int folder;
	char *path; /* of the file, for messages */
	struct client_list *list;

	char pin[PAIRING_PIN_DIGITS + 1]; /* empty: not armed */
	unsigned tries_left;
	uint64_t tried_ns[TRIES_PER_MINUTE]; /* a ring; `tries` counts all of them */
	uint64_t tries;

	void (*pin_changed)(void *data, const char *pin);
	void *pin_data;
};

static void warn(void *data, const char *sentence)
{
	const struct client_store *store = data;
	fprintf(stderr, "lodged: %s: %s\n", store->path, sentence);
}

/* Never overwritten: what we cannot read may be all that someone has. */
static int set_aside(const struct client_store *store, const char *reason)
{
	if (renameat(store->folder, FILE_NAME, store->folder, BAD_FILE_NAME) < 0) {
		const int error = -errno;
		fprintf(stderr, "lodged: %s is unusable (%s) and cannot be renamed to %s: %s\n",
			store->path, reason, BAD_FILE_NAME, strerror(errno));
		return error;
	}
	fprintf(stderr,
		"lodged: %s is unusable (%s): it is now %s, no client is paired until it is mended "
		"or "
		"they pair again\n",
		store->path, reason, BAD_FILE_NAME);
	return 0;
}

static int load(struct client_store *store)
{
	char *text = NULL;
	size_t size = 0;
	const int error =
		state_file_read(store->folder, FILE_NAME, CLIENT_LIST_TEXT_MAX, &text, &size);
	if (error == -ENOENT)
		return 0;
	if (error == -EFBIG)
		return set_aside(store, "it is too long");
	if (error < 0) {
		fprintf(stderr, "lodged: %s cannot be read: %s\n", store->path, strerror(-error));
		return error;
	}
	struct client_list_reader reader = { .warn = warn, .data = store };
	const bool good = client_list_parse(text, size, store->list, &reader);
	free(text);
	return good ? 0 : set_aside(store, reader.fault);
}

struct client_store *client_store_open(const char *state_folder)
{
	int error = -ENOMEM;
	struct client_store *store = calloc(1, sizeof *store);
	if (!store)
		goto error;
	store->folder = -1;
	store->list = calloc(1, sizeof *store->list);
	if (!store->list || asprintf(&store->path, "%s/" FILE_NAME, state_folder) < 0)
		goto error;
	store->folder = open(state_folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (store->folder < 0) {
		error = -errno;
		fprintf(stderr, "lodged: state folder %s cannot be opened: %s\n", state_folder,
			strerror(-error));
		goto error;
	}
	error = load(store);
	if (error < 0)
		goto error;
	return store;
error:
	client_store_close(store);
	errno = -error;
	return NULL;
}

void client_store_close(struct client_store *store)
{
	if (!store)
		return;
	if (store->folder >= 0)
		close(store->folder);
	gnutls_memset(store->pin, 0, sizeof store->pin);
	free(store->list);
	free(store->path);
	free(store);
}

const struct client *client_store_find(
	const struct client_store *store, const uint8_t fingerprint[CLIENT_FINGERPRINT_SIZE])
{
	return client_list_find(store->list, fingerprint);
}

static int save(const struct client_store *store, const struct client_list *list)
{
	char *text = client_list_format(list);
	if (!text)
		return -ENOMEM;
	const int error = state_file_write(store->folder, FILE_NAME, text, strlen(text));
	free(text);
	return error;
}

static int64_t now_s(void)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec;
}

/* Changes the list alone. */
static int list_add(struct client_list *list, const uint8_t key[CLIENT_KEY_SIZE], const char *label,
	size_t size)
{
	uint8_t fingerprint[CLIENT_FINGERPRINT_SIZE];
	client_fingerprint(key, fingerprint);
	struct client *client = client_list_find(list, fingerprint);
	if (!client) {
		if (list->count == CLIENT_LIST_MAX)
			return -ENOSPC;
		client = &list->clients[list->count++];
		*client = (struct client){ .paired_at_s = now_s() };
		memcpy(client->key, key, CLIENT_KEY_SIZE);
		memcpy(client->fingerprint, fingerprint, CLIENT_FINGERPRINT_SIZE);
	}
	memset(client->label, 0, sizeof client->label);
	memcpy(client->label, label, size);
	return 0;
}

int client_store_add(
	struct client_store *store, const uint8_t key[CLIENT_KEY_SIZE], const char *label)
{
	const size_t size = strnlen(label, CLIENT_LABEL_MAX + 1);
	if (key[0] != 4 || !client_label_valid(label, size))
		return -EINVAL;
	struct client_list *changed = malloc(sizeof *changed);
	if (!changed)
		return -ENOMEM;
	*changed = *store->list;
	int error = list_add(changed, key, label, size);
	if (error == 0)
		error = save(store, changed);
	if (error == 0)
		*store->list = *changed; /* in place: clients that were found stay where they are */
	free(changed);
	return error;
}

void client_store_on_pin(
	struct client_store *store, void (*changed)(void *data, const char *pin), void *data)
{
	store->pin_changed = changed;
	store->pin_data = data;
}

/* Every PIN is equally likely: numbers from the incomplete last million are thrown away. */
static bool random_pin(char pin[PAIRING_PIN_DIGITS + 1])
{
	const uint32_t pins = 1000000, usable = UINT32_MAX / pins * pins;
	_Static_assert(PAIRING_PIN_DIGITS == 6, "a PIN is a number below a million");
	uint32_t number;
	do {
		if (gnutls_rnd(GNUTLS_RND_KEY, &number, sizeof number) < 0)
			return false;
	} while (number >= usable);
	snprintf(pin, PAIRING_PIN_DIGITS + 1, "%06u", number % pins);
	return true;
}

const char *client_store_arm_pin(struct client_store *store)
{
	if (!random_pin(store->pin)) {
		fprintf(stderr, "lodged: no random numbers for a PIN; pairing is off\n");
		store->pin[0] = '\0';
		return NULL;
	}
	store->tries_left = PAIRING_TRIES;
	if (store->pin_changed)
		store->pin_changed(store->pin_data, store->pin);
	return store->pin;
}

bool client_store_pin_armed(const struct client_store *store)
{
	return store->pin[0] != '\0';
}

/* Counts the try, unless the minute is full. */
static bool try_allowed(struct client_store *store, uint64_t now_ns)
{
	uint64_t *oldest = &store->tried_ns[store->tries % TRIES_PER_MINUTE];
	if (store->tries >= TRIES_PER_MINUTE && now_ns - *oldest < MINUTE_NS)
		return false;
	*oldest = now_ns;
	store->tries++;
	return true;
}

enum pairing_result client_store_try_pin(
	struct client_store *store, const char *pin, size_t length, uint64_t now_ns)
{
	if (!client_store_pin_armed(store))
		return PAIRING_NOT_ARMED;
	if (!try_allowed(store, now_ns))
		return PAIRING_RATE_LIMITED;
	if (length == PAIRING_PIN_DIGITS && gnutls_memcmp(pin, store->pin, length) == 0) {
		client_store_arm_pin(store);
		return PAIRING_OK;
	}
	if (--store->tries_left > 0)
		return PAIRING_WRONG_PIN;
	client_store_arm_pin(store);
	return PAIRING_EXHAUSTED;
}
