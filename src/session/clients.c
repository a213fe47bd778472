#include "session/clients.h"

#include <errno.h>
#include <gnutls/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/grants.h"
#include "session/clients_private.h"
#include "store/state_file.h"

#define FILE_NAME "clients.json"

static const struct state_document document = { FILE_NAME, CLIENT_LIST_TEXT_MAX,
	"no client is paired until it is mended or they pair again" };

static void warn(void *data, const char *sentence)
{
	const struct client_store *store = data;
	fprintf(stderr, "lodged: %s/" FILE_NAME ": %s\n", store->folder.path, sentence);
}

static int load(struct client_store *store)
{
	char *text = NULL;
	size_t size = 0;
	const int error = state_folder_read(&store->folder, &document, &text, &size);
	if (error < 0 || !text)
		return error;
	struct client_list_reader reader = { .warn = warn, .data = store };
	const bool good = client_list_parse(text, size, store->list, &reader);
	free(text);
	return good ? 0 : state_folder_set_aside(&store->folder, &document, reader.fault);
}

struct client_store *client_store_open(const char *state_folder)
{
	int error = -ENOMEM;
	struct client_store *store = calloc(1, sizeof *store);
	if (!store)
		goto error;
	store->folder = STATE_FOLDER_NONE;
	store->list = calloc(1, sizeof *store->list);
	if (!store->list)
		goto error;
	error = state_folder_open(&store->folder, state_folder);
	if (error == 0)
		error = load(store);
	if (error == 0)
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
	state_folder_close(&store->folder);
	gnutls_memset(store->pin, 0, sizeof store->pin);
	free(store->list);
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
	const int error = state_file_write(store->folder.descriptor, FILE_NAME, text, strlen(text));
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
		*client = (struct client){ .paired_at_s = now_s(), .planes = GRANTS_ALL };
		memcpy(client->key, key, CLIENT_KEY_SIZE);
		memcpy(client->fingerprint, fingerprint, CLIENT_FINGERPRINT_SIZE);
	}
	memset(client->label, 0, sizeof client->label);
	memcpy(client->label, label, size);
	return 0;
}

/* `change` alters a copy; the list takes its place when the copy is on the disk. */
struct list_change {
	int (*change)(struct client_list *list, const struct list_change *change);
	const uint8_t *key, *fingerprint;
	const char *label;
	size_t label_size;
	uint32_t planes, temporary_planes;
	int64_t until_s;
};

static int change_list(struct client_store *store, const struct list_change *change)
{
	struct client_list *changed = malloc(sizeof *changed);
	if (!changed)
		return -ENOMEM;
	*changed = *store->list;
	int error = change->change(changed, change);
	if (error == 0)
		error = save(store, changed);
	if (error == 0)
		*store->list = *changed; /* in place: clients that were found stay where they are */
	free(changed);
	if (error == 0)
		client_store_tell(store);
	return error;
}

static int add(struct client_list *list, const struct list_change *change)
{
	return list_add(list, change->key, change->label, change->label_size);
}

static int relabel(struct client_list *list, const struct list_change *change)
{
	struct client *client = client_list_find(list, change->fingerprint);
	if (!client)
		return -ENOENT;
	memset(client->label, 0, sizeof client->label);
	memcpy(client->label, change->label, change->label_size);
	return 0;
}

static int take_out(struct client_list *list, const struct list_change *change)
{
	struct client *client = client_list_find(list, change->fingerprint);
	if (!client)
		return -ENOENT;
	const size_t behind = (size_t)(list->clients + list->count - (client + 1));
	memmove(client, client + 1, behind * sizeof *client);
	list->count--;
	return 0;
}

int client_store_add(
	struct client_store *store, const uint8_t key[CLIENT_KEY_SIZE], const char *label)
{
	const size_t size = strnlen(label, CLIENT_LABEL_MAX + 1);
	if (key[0] != 4 || !client_label_valid(label, size))
		return -EINVAL;
	return change_list(store,
		&(struct list_change){
			.change = add, .key = key, .label = label, .label_size = size });
}

int client_store_relabel(struct client_store *store,
	const uint8_t fingerprint[CLIENT_FINGERPRINT_SIZE], const char *label)
{
	const size_t size = strnlen(label, CLIENT_LABEL_MAX + 1);
	if (!client_label_valid(label, size))
		return -EINVAL;
	return change_list(store,
		&(struct list_change){ .change = relabel,
			.fingerprint = fingerprint,
			.label = label,
			.label_size = size });
}

static int set_grants(struct client_list *list, const struct list_change *change)
{
	struct client *client = client_list_find(list, change->fingerprint);
	if (!client)
		return -ENOENT;
	client->planes = change->planes;
	client->temporary_planes = change->temporary_planes;
	client->until_s = change->until_s;
	return 0;
}

static int set_user(struct client_list *list, const struct list_change *change)
{
	struct client *client = client_list_find(list, change->fingerprint);
	if (!client)
		return -ENOENT;
	memset(client->user, 0, sizeof client->user);
	memcpy(client->user, change->label, change->label_size);
	return 0;
}

int client_store_set_grants(struct client_store *store,
	const uint8_t fingerprint[CLIENT_FINGERPRINT_SIZE], uint32_t planes,
	uint32_t temporary_planes, int64_t until_s)
{
	if ((planes | temporary_planes) & ~GRANTS_ALL || until_s < 0)
		return -EINVAL;
	return change_list(store,
		&(struct list_change){
			.change = set_grants,
			.fingerprint = fingerprint,
			.planes = planes,
			.temporary_planes = until_s ? temporary_planes : 0,
			.until_s = until_s,
		});
}

int client_store_set_user(struct client_store *store,
	const uint8_t fingerprint[CLIENT_FINGERPRINT_SIZE], const char *user)
{
	const size_t size = strnlen(user, CLIENT_LABEL_MAX + 1);
	if (size > 0 && !client_label_valid(user, size))
		return -EINVAL;
	return change_list(store,
		&(struct list_change){ .change = set_user,
			.fingerprint = fingerprint,
			.label = user,
			.label_size = size });
}

int client_store_remove(
	struct client_store *store, const uint8_t fingerprint[CLIENT_FINGERPRINT_SIZE])
{
	return change_list(
		store, &(struct list_change){ .change = take_out, .fingerprint = fingerprint });
}

const struct client *client_store_at(const struct client_store *store, size_t index)
{
	return index < store->list->count ? &store->list->clients[index] : NULL;
}

void client_store_on_change(struct client_store *store, void (*changed)(void *data), void *data)
{
	store->changed = changed;
	store->changed_data = data;
}

void client_store_tell(const struct client_store *store)
{
	if (store->changed)
		store->changed(store->changed_data);
}
