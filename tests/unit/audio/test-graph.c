#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "audio/graph.h"

static void add_node(
	struct graph *graph, uint32_t id, const char *serial, const char *name, const char *class)
{
	const struct spa_dict_item items[] = { { PW_KEY_OBJECT_SERIAL, serial },
		{ PW_KEY_NODE_NAME, name }, { PW_KEY_MEDIA_CLASS, class } };
	const struct spa_dict properties = SPA_DICT_INIT(items, 3);
	graph_add(graph, id, PW_TYPE_INTERFACE_Node, &properties);
}

static void add_port(struct graph *graph, uint32_t id, const char *node, const char *direction,
	const char *monitor, const char *channel)
{
	const struct spa_dict_item items[] = { { PW_KEY_NODE_ID, node },
		{ PW_KEY_PORT_DIRECTION, direction }, { PW_KEY_PORT_MONITOR, monitor },
		{ PW_KEY_AUDIO_CHANNEL, channel } };
	const struct spa_dict properties = SPA_DICT_INIT(items, 4);
	graph_add(graph, id, PW_TYPE_INTERFACE_Port, &properties);
}

static void add_link(struct graph *graph, uint32_t id, const char *from, const char *to)
{
	const struct spa_dict_item items[] = { { PW_KEY_LINK_OUTPUT_NODE, from },
		{ PW_KEY_LINK_INPUT_NODE, to } };
	const struct spa_dict properties = SPA_DICT_INIT(items, 2);
	graph_add(graph, id, PW_TYPE_INTERFACE_Link, &properties);
}

static void nodes_are_found_by_kind_and_name(void **state)
{
	struct graph graph = { 0 };
	add_node(&graph, 30, "100", "speakers", "Stream/Output/Audio");
	add_node(&graph, 31, "101", "speakers", "Audio/Sink");
	add_node(&graph, 32, "102", "speakers", "Audio/Sink");
	add_node(&graph, 33, "103", "mic", "Audio/Source/Virtual");
	assert_int_equal(graph_find_node(&graph, GRAPH_SINK, "speakers")->id, 31);
	assert_int_equal(graph_find_node(&graph, GRAPH_SOURCE, "mic")->id, 33);
	assert_null(graph_find_node(&graph, GRAPH_SINK, "mic"));
	assert_null(graph_find_node(&graph, GRAPH_SOURCE, "speakers"));
	graph_finish(&graph);
}

static void id_that_is_used_again_is_another_node(void **state)
{
	struct graph graph = { 0 };
	add_node(&graph, 31, "101", "speakers", "Audio/Sink");
	graph_remove(&graph, 31);
	assert_null(graph_find_node(&graph, GRAPH_SINK, "speakers"));
	add_node(&graph, 31, "200", "speakers", "Audio/Sink");
	assert_int_equal(graph_find_node(&graph, GRAPH_SINK, "speakers")->serial, 200);
	graph_remove(&graph, 77);
	assert_int_equal(graph.count, 1);
	graph_finish(&graph);
}

static void names_that_are_too_long_are_nobodys(void **state)
{
	struct graph graph = { 0 };
	char name[GRAPH_NAME_MAX + 10];
	memset(name, 'x', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	add_node(&graph, 31, "101", name, "Audio/Sink");
	name[GRAPH_NAME_MAX - 1] = '\0';
	assert_null(graph_find_node(&graph, GRAPH_SINK, name));
	graph_finish(&graph);
}

static void ports_are_walked_by_node_and_direction(void **state)
{
	struct graph graph = { 0 };
	add_port(&graph, 40, "31", "out", "true", "FL");
	add_port(&graph, 41, "31", "in", "false", "FL");
	add_port(&graph, 42, "31", "out", "true", "FR");
	add_port(&graph, 43, "32", "out", "true", "FR");
	const struct graph_object *port = graph_next_port(&graph, 31, true, NULL);
	assert_int_equal(port->id, 40);
	assert_true(port->port.monitor);
	port = graph_next_port(&graph, 31, true, port);
	assert_int_equal(port->id, 42);
	assert_string_equal(port->port.channel, "FR");
	assert_null(graph_next_port(&graph, 31, true, port));
	assert_true(graph_has_object(&graph, 43));
	assert_false(graph_has_object(&graph, 44));
	graph_finish(&graph);
}

static void links_of_others_are_found(void **state)
{
	struct graph graph = { 0 };
	add_link(&graph, 50, "31", "60");
	assert_true(graph_has_link(&graph, 31, 60));
	assert_false(graph_has_link(&graph, 60, 31));
	assert_false(graph_has_foreign_link(&graph, 31, 60));
	add_link(&graph, 51, "32", "60");
	assert_true(graph_has_foreign_link(&graph, 31, 60));
	graph_remove(&graph, 51);
	assert_false(graph_has_foreign_link(&graph, 31, 60));
	graph_finish(&graph);
}

static void default_devices_are_read(void **state)
{
	struct graph graph = { 0 };
	graph_set_default(
		&graph, "default.audio.sink", "{ \"extra\": { \"a\": 1 }, \"name\": \"s\" }");
	graph_set_default(&graph, "default.audio.source", "{\"name\":\"m\"}");
	assert_string_equal(graph.default_sink, "s");
	assert_string_equal(graph.default_source, "m");
	graph_set_default(&graph, "default.configured.audio.sink", "{\"name\":\"other\"}");
	assert_string_equal(graph.default_sink, "s");
	graph_set_default(&graph, "default.audio.sink", NULL);
	assert_string_equal(graph.default_sink, "");
	graph_set_default(&graph, NULL, NULL);
	assert_string_equal(graph.default_source, "");
	static const char *const broken[] = { "", "{", "[]", "{\"name\":", "{\"name\":7}", "\"s\"",
		"{\"other\":\"s\"}" };
	for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
		graph_set_default(&graph, "default.audio.sink", broken[i]);
		assert_true(strcmp(graph.default_sink, "s") != 0);
	}
	graph_finish(&graph);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nodes_are_found_by_kind_and_name),
		cmocka_unit_test(id_that_is_used_again_is_another_node),
		cmocka_unit_test(names_that_are_too_long_are_nobodys),
		cmocka_unit_test(ports_are_walked_by_node_and_direction),
		cmocka_unit_test(links_of_others_are_found),
		cmocka_unit_test(default_devices_are_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
