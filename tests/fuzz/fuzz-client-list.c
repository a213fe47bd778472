#include <string.h>

#include "fuzz.h"
#include "session/client_list.h"

static void on_warning(void *data, const char *sentence)
{
	FUZZ_ASSERT(strncmp(sentence, "entry ", 6) == 0);
	++*(size_t *)data;
}

static void check_client(const struct client *client)
{
	const size_t size = strnlen(client->label, sizeof client->label);
	FUZZ_ASSERT(client_label_valid(client->label, size));
	FUZZ_ASSERT(client->key[0] == 4);
	FUZZ_ASSERT(client->paired_at_s >= 0);
}

/* What was loaded is saved and loaded again as the same list, without a warning. */
static void check_round_trip(const struct client_list *list)
{
	char *text = client_list_format(list);
	FUZZ_ASSERT(text);
	struct client_list *again = calloc(1, sizeof *again);
	FUZZ_ASSERT(again);
	size_t warnings = 0;
	struct client_list_reader reader = { .warn = on_warning, .data = &warnings };
	FUZZ_ASSERT(client_list_parse(text, strlen(text), again, &reader));
	FUZZ_ASSERT(warnings == 0 && again->count == list->count);
	for (size_t i = 0; i < list->count; i++) {
		const struct client *a = &list->clients[i], *b = &again->clients[i];
		FUZZ_ASSERT(memcmp(a->key, b->key, sizeof a->key) == 0);
		FUZZ_ASSERT(strcmp(a->label, b->label) == 0);
		FUZZ_ASSERT(a->paired_at_s == b->paired_at_s);
		FUZZ_ASSERT(a->planes == b->planes && a->until_s == b->until_s);
		FUZZ_ASSERT(a->temporary_planes == b->temporary_planes);
		FUZZ_ASSERT(strcmp(a->user, b->user) == 0);
		FUZZ_ASSERT(client_list_find(list, b->fingerprint) == a);
	}
	free(again);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct client_list *list = calloc(1, sizeof *list);
	FUZZ_ASSERT(list);
	size_t warnings = 0;
	struct client_list_reader reader = { .warn = on_warning, .data = &warnings };
	if (client_list_parse((const char *)bytes, size, list, &reader)) {
		FUZZ_ASSERT(list->count <= CLIENT_LIST_MAX);
		for (size_t i = 0; i < list->count; i++)
			check_client(&list->clients[i]);
		check_round_trip(list);
	} else {
		FUZZ_ASSERT(reader.fault[0] != '\0' && list->count == 0 && warnings == 0);
	}
	free(list);
	return 0;
}
