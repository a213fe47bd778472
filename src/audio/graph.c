#include "audio/graph.h"

#include <spa/utils/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void graph_finish(struct graph *graph)
{
	free(graph->objects);
	*graph = (struct graph){ 0 };
}

static uint32_t number(const struct spa_dict *properties, const char *key)
{
	const char *text = spa_dict_lookup(properties, key);
	return text ? (uint32_t)strtoul(text, NULL, 10) : SPA_ID_INVALID;
}

static bool is_true(const struct spa_dict *properties, const char *key)
{
	const char *text = spa_dict_lookup(properties, key);
	return text && strcmp(text, "true") == 0;
}

static bool starts_with(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

static void read_node(struct graph_object *object, const struct spa_dict *properties)
{
	const char *name = spa_dict_lookup(properties, PW_KEY_NODE_NAME);
	const char *class = spa_dict_lookup(properties, PW_KEY_MEDIA_CLASS);
	object->kind = GRAPH_OTHER_NODE;
	/* A name that does not fit is none: cut off, it might be another node's. */
	if (name && strlen(name) < sizeof object->name)
		strcpy(object->name, name);
	if (class && (starts_with(class, "Audio/Sink") || strcmp(class, "Audio/Duplex") == 0))
		object->kind = GRAPH_SINK;
	else if (class && starts_with(class, "Audio/Source"))
		object->kind = GRAPH_SOURCE;
}

static void read_port(struct graph_object *object, const struct spa_dict *properties)
{
	const char *direction = spa_dict_lookup(properties, PW_KEY_PORT_DIRECTION);
	const char *channel = spa_dict_lookup(properties, PW_KEY_AUDIO_CHANNEL);
	object->kind = GRAPH_PORT;
	object->port.node = number(properties, PW_KEY_NODE_ID);
	object->port.out = direction && strcmp(direction, "out") == 0;
	object->port.monitor = is_true(properties, PW_KEY_PORT_MONITOR);
	snprintf(object->port.channel, sizeof object->port.channel, "%s", channel ? channel : "");
}

static void read_link(struct graph_object *object, const struct spa_dict *properties)
{
	object->kind = GRAPH_LINK;
	object->link.out_node = number(properties, PW_KEY_LINK_OUTPUT_NODE);
	object->link.out_port = number(properties, PW_KEY_LINK_OUTPUT_PORT);
	object->link.in_node = number(properties, PW_KEY_LINK_INPUT_NODE);
	object->link.in_port = number(properties, PW_KEY_LINK_INPUT_PORT);
}

static struct graph_object *new_object(struct graph *graph)
{
	if (graph->count == graph->capacity) {
		const size_t capacity = graph->capacity ? 2 * graph->capacity : 64;
		struct graph_object *objects =
			realloc(graph->objects, capacity * sizeof *graph->objects);
		if (!objects) {
			graph->short_of_memory = true;
			return NULL;
		}
		graph->objects = objects;
		graph->capacity = capacity;
	}
	struct graph_object *object = &graph->objects[graph->count++];
	memset(object, 0, sizeof *object);
	return object;
}

void graph_add(
	struct graph *graph, uint32_t id, const char *type, const struct spa_dict *properties)
{
	void (*read)(struct graph_object * object, const struct spa_dict *properties) = NULL;
	if (strcmp(type, PW_TYPE_INTERFACE_Node) == 0)
		read = read_node;
	else if (strcmp(type, PW_TYPE_INTERFACE_Port) == 0)
		read = read_port;
	else if (strcmp(type, PW_TYPE_INTERFACE_Link) == 0)
		read = read_link;
	struct graph_object *object = read && properties ? new_object(graph) : NULL;
	if (!object)
		return;
	const char *serial = spa_dict_lookup(properties, PW_KEY_OBJECT_SERIAL);
	object->id = id;
	object->serial = serial ? strtoull(serial, NULL, 10) : id;
	read(object, properties);
}

void graph_remove(struct graph *graph, uint32_t id)
{
	for (size_t i = 0; i < graph->count; i++) {
		if (graph->objects[i].id != id)
			continue;
		/* In order, so that the older of two objects stays the first one. */
		memmove(&graph->objects[i], &graph->objects[i + 1],
			(graph->count - i - 1) * sizeof *graph->objects);
		graph->count--;
		return;
	}
}

/* {"name":"NODE"} */
static void read_default(char name[GRAPH_NAME_MAX], const char *value)
{
	struct spa_json outer, object;
	char key[64];
	name[0] = '\0';
	if (!value)
		return;
	spa_json_init(&outer, value, strlen(value));
	if (spa_json_enter_object(&outer, &object) <= 0)
		return;
	while (spa_json_get_string(&object, key, sizeof key) > 0) {
		const char *ignored;
		if (strcmp(key, "name") == 0) {
			if (spa_json_get_string(&object, name, GRAPH_NAME_MAX) <= 0)
				name[0] = '\0';
		} else if (spa_json_next(&object, &ignored) <= 0) {
			break;
		}
	}
}

void graph_set_default(struct graph *graph, const char *key, const char *value)
{
	if (!key || strcmp(key, "default.audio.sink") == 0)
		read_default(graph->default_sink, key ? value : NULL);
	if (!key || strcmp(key, "default.audio.source") == 0)
		read_default(graph->default_source, key ? value : NULL);
}

const struct graph_object *graph_find_node(
	const struct graph *graph, enum graph_kind kind, const char *name)
{
	for (size_t i = 0; i < graph->count; i++) {
		const struct graph_object *object = &graph->objects[i];
		if (object->kind == kind && strcmp(object->name, name) == 0)
			return object;
	}
	return NULL;
}

const struct graph_object *graph_find_serial(const struct graph *graph, uint64_t serial)
{
	for (size_t i = 0; i < graph->count; i++) {
		if (graph->objects[i].serial == serial)
			return &graph->objects[i];
	}
	return NULL;
}

const struct graph_object *graph_next_port(
	const struct graph *graph, uint32_t node, bool out, const struct graph_object *after)
{
	for (size_t i = after ? (size_t)(after - graph->objects) + 1 : 0; i < graph->count; i++) {
		const struct graph_object *object = &graph->objects[i];
		if (object->kind == GRAPH_PORT && object->port.node == node &&
			object->port.out == out)
			return object;
	}
	return NULL;
}

bool graph_has_object(const struct graph *graph, uint32_t id)
{
	for (size_t i = 0; i < graph->count; i++) {
		if (graph->objects[i].id == id)
			return true;
	}
	return false;
}

bool graph_has_foreign_link(const struct graph *graph, uint32_t from, uint32_t node)
{
	for (size_t i = 0; i < graph->count; i++) {
		const struct graph_object *object = &graph->objects[i];
		if (object->kind == GRAPH_LINK && object->link.in_node == node &&
			object->link.out_node != from)
			return true;
	}
	return false;
}

bool graph_has_link(const struct graph *graph, uint32_t from, uint32_t node)
{
	for (size_t i = 0; i < graph->count; i++) {
		const struct graph_object *object = &graph->objects[i];
		if (object->kind == GRAPH_LINK && object->link.in_node == node &&
			object->link.out_node == from)
			return true;
	}
	return false;
}
