/*
 * What a PipeWire has told of itself: its nodes, ports and links, and what its default devices are called.
 *
 * Room: audio, private. The loop thread.
 */
#ifndef LODGE_AUDIO_GRAPH_H
#define LODGE_AUDIO_GRAPH_H

#include <pipewire/pipewire.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GRAPH_NAME_MAX 256

enum graph_kind {
	GRAPH_SINK,
	GRAPH_SOURCE,
	GRAPH_OTHER_NODE,
	GRAPH_PORT,
	GRAPH_LINK,
};

struct graph_port {
	uint32_t node;
	bool out; /* sound comes out of it */
	bool monitor; /* of a sink: what it plays */
	char channel[8]; /* "FL"; "" when it has none */
};

struct graph_link {
	uint32_t out_node, in_node, out_port, in_port;
};

struct graph_object {
	enum graph_kind kind;
	uint32_t id; /* taken again by another object soon after this one went */
	uint64_t serial; /* never taken again */
	union {
		char name[GRAPH_NAME_MAX]; /* of a node */
		struct graph_port port;
		struct graph_link link;
	};
};

struct graph {
	struct graph_object *objects;
	size_t count, capacity;
	char default_sink[GRAPH_NAME_MAX],
		default_source[GRAPH_NAME_MAX]; /* "" when there is none */
	bool short_of_memory; /* something was left out: nothing here can be trusted */
};

void graph_finish(struct graph *graph);
/* The registry's `global`. Other kinds of objects are left out. */
void graph_add(
	struct graph *graph, uint32_t id, const char *type, const struct spa_dict *properties);
void graph_remove(struct graph *graph, uint32_t id);
/* A property of the metadata object "default". NULL for the key: all of them are gone. */
void graph_set_default(struct graph *graph, const char *key, const char *value);

/* NULL when there is none. Of two nodes with one name, the older. */
const struct graph_object *graph_find_node(
	const struct graph *graph, enum graph_kind kind, const char *name);
const struct graph_object *graph_find_serial(const struct graph *graph, uint64_t serial);
/* The next port of the node after `after` (NULL: the first one), or NULL. */
const struct graph_object *graph_next_port(
	const struct graph *graph, uint32_t node, bool out, const struct graph_object *after);
bool graph_has_object(const struct graph *graph, uint32_t id);
/* A link from the one node into the other; into it from any but that one. */
bool graph_has_link(const struct graph *graph, uint32_t from, uint32_t node);
bool graph_has_foreign_link(const struct graph *graph, uint32_t from, uint32_t node);

#endif
