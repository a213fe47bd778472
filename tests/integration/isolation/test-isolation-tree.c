#include "isolation_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void a_tree_without_sound_comes_up_and_goes(void **state)
{
	struct world *world = *state;
	struct noted_tree tree;
	world_spawn(world, &tree, "desktop-1", false);
	world_await_ready(world, &tree);
	isolated_tree_end(tree.tree);
	world_await_no_process(world, tree.info.runtime_folder);
}

static void its_default_devices_are_its_own(void **state)
{
	struct world *world = *state;
	struct noted_tree tree;
	world_spawn(world, &tree, "desktop-1", true);
	world_await_ready(world, &tree);
	char *text = world_shell(
		world, &tree, "pactl info; pactl list short sinks; pactl list short sources");
	fprintf(stderr, "%s", text);
	assert_non_null(strstr(text, "Default Sink: session-sink\n"));
	assert_non_null(strstr(text, "Default Source: session-mic\n"));
	free(text);
	isolated_tree_end(tree.tree);
	world_await_no_process(world, tree.info.runtime_folder);
}

int main(int count, char **arguments)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_tree_without_sound_comes_up_and_goes, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(
			its_default_devices_are_its_own, world_setup, world_teardown),
	};
	if (!world_read_arguments(count, arguments))
		return 2;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
