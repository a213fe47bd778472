/*
 * Links between ports that we made and that go with us.
 *
 * Room: audio, private. The loop thread.
 */
#ifndef LODGE_AUDIO_LINK_LIST_H
#define LODGE_AUDIO_LINK_LIST_H

#include <pipewire/pipewire.h>
#include <stdbool.h>
#include <stdint.h>

#include "audio/connection.h"
#include "audio/graph.h"

#define LINK_LIST_MAX 32

struct link_list_entry {
	struct pw_proxy *proxy; /* NULL: this place is free */
	struct spa_hook hook;
	uint32_t out, in; /* ports */
	bool dead;
	struct link_list *list;
};

/* All zeros is an empty one. */
struct link_list {
	struct link_list_entry entries[LINK_LIST_MAX];
	struct audio_connection *connection;
	uint32_t lost; /* links that went though we did not drop them, or that could not be made */
};

/* Makes the link unless it is there. False: no room or no memory. */
bool link_list_make(
	struct link_list *list, struct audio_connection *connection, uint32_t out, uint32_t in);
/* Those that are gone, or whose port is. */
void link_list_drop_dead(struct link_list *list, const struct graph *graph);
void link_list_drop_all(struct link_list *list);

#endif
