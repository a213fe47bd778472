#include "audio/link_list.h"

#include <stdio.h>

static void on_removed(void *data)
{
	struct link_list_entry *entry = data;
	entry->dead = true;
	entry->list->lost++;
	audio_connection_look_again(entry->list->connection, 0);
}

static void on_error(void *data, int sequence, int result, const char *text)
{
	on_removed(data);
}

static const struct pw_proxy_events proxy_events = {
	PW_VERSION_PROXY_EVENTS,
	.removed = on_removed,
	.error = on_error,
};

static struct pw_proxy *make_proxy(struct audio_connection *connection, uint32_t out, uint32_t in)
{
	char out_text[16], in_text[16];
	snprintf(out_text, sizeof out_text, "%u", out);
	snprintf(in_text, sizeof in_text, "%u", in);
	const struct spa_dict_item items[] = { { PW_KEY_LINK_OUTPUT_PORT, out_text },
		{ PW_KEY_LINK_INPUT_PORT, in_text } };
	const struct spa_dict properties = SPA_DICT_INIT(items, 2);
	return pw_core_create_object(audio_connection_core(connection), "link-factory",
		PW_TYPE_INTERFACE_Link, PW_VERSION_LINK, &properties, 0);
}

bool link_list_make(
	struct link_list *list, struct audio_connection *connection, uint32_t out, uint32_t in)
{
	struct link_list_entry *entry = NULL;
	for (size_t i = 0; i < LINK_LIST_MAX; i++) {
		struct link_list_entry *one = &list->entries[i];
		if (one->proxy && one->out == out && one->in == in)
			return true;
		if (!one->proxy && !entry)
			entry = one;
	}
	if (!entry)
		return false;
	list->connection = connection;
	*entry = (struct link_list_entry){ .out = out, .in = in, .list = list };
	entry->proxy = make_proxy(connection, out, in);
	if (!entry->proxy)
		return false;
	pw_proxy_add_listener(entry->proxy, &entry->hook, &proxy_events, entry);
	return true;
}

static void drop(struct link_list_entry *entry)
{
	if (!entry->proxy)
		return;
	spa_hook_remove(&entry->hook);
	pw_proxy_destroy(entry->proxy);
	entry->proxy = NULL;
}

void link_list_drop_dead(struct link_list *list, const struct graph *graph)
{
	for (size_t i = 0; i < LINK_LIST_MAX; i++) {
		struct link_list_entry *entry = &list->entries[i];
		if (entry->dead || !graph_has_object(graph, entry->out) ||
			!graph_has_object(graph, entry->in))
			drop(entry);
	}
}

void link_list_drop_all(struct link_list *list)
{
	for (size_t i = 0; i < LINK_LIST_MAX; i++)
		drop(&list->entries[i]);
}
