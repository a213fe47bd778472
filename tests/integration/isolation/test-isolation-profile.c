#include "isolation_world.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void spawn_confined(struct world *world, struct noted_tree *tree, const char *home)
{
	const char *const devices[] = { "/dev/full", "/dev/no-such-device" };
	const char *const hidden[] = { world->root, "/var/cache" };
	const struct isolated_profile profile = {
		.home = home,
		.hidden = hidden,
		.hidden_count = 2,
		.devices = devices,
		.device_count = 2,
	};
	*tree = (struct noted_tree){ 0 };
	tree->tree = isolated_tree_spawn(world->isolation,
		&(struct isolated_tree_params){
			.name = "desktop-1", .sound = true, .profile = &profile },
		&noted_tree_events, tree);
	assert_non_null(tree->tree);
	world_await_ready(world, tree);
}

static void it_sees_the_devices_that_it_was_granted(void **state)
{
	struct world *world = *state;
	struct noted_tree tree;
	assert_true(isolation_capabilities(world->isolation)->profiles);
	spawn_confined(world, &tree, NULL);
	char *text = world_shell(
		world, &tree, "ls /dev; pactl info; head -c 1 /dev/full | wc -c; ls /var/cache");
	assert_non_null(strstr(text, "full\n"));
	assert_non_null(strstr(text, "null\n"));
	assert_null(strstr(text, "kmsg"));
	assert_null(strstr(text, "tty0"));
	assert_null(strstr(text, "no-such-device"));
	assert_non_null(strstr(text, "Default Sink: session-sink\n"));
	/* Its home is the user's: nothing is hidden. */
	assert_non_null(strstr(text, "apt\n"));
	free(text);
	isolated_tree_end(tree.tree);
	world_await_no_process(world, tree.info.runtime_folder);
}

static void it_finds_a_home_of_its_own_where_the_users_is(void **state)
{
	struct world *world = *state;
	struct noted_tree tree;
	const char *place = getpwuid(geteuid())->pw_dir;
	char home[PATH_MAX], path[PATH_MAX + 8], expected[PATH_MAX * 2 + 16];
	snprintf(home, sizeof home, "%s/home", world->root);
	snprintf(path, sizeof path, "%s/mark", home);
	assert_int_equal(mkdir(home, 0700), 0);
	if (access(place, R_OK | W_OK | X_OK) < 0) /* a user without one finds it where it is */
		place = home;
	spawn_confined(world, &tree, home);
	char *text = world_shell(world, &tree,
		"echo home $HOME; pwd; touch ~/mark; ls ~; ls -A /var/cache; echo end; pactl "
		"info; "
		"dbus-send --session --print-reply --dest=org.freedesktop.DBus / "
		"org.freedesktop.DBus.ListNames");
	snprintf(expected, sizeof expected, "home %s\n%s\nmark\nend\n", place, place);
	assert_non_null(strstr(text, expected));
	assert_non_null(strstr(text, "Default Sink: session-sink\n"));
	assert_non_null(strstr(text, "string \"org.freedesktop.DBus\"\n"));
	assert_int_equal(access(path, F_OK), 0);
	free(text);
	isolated_tree_end(tree.tree);
	world_await_no_process(world, tree.info.runtime_folder);
}

static void a_tree_whose_name_is_confined_is_so_whoever_spawns_it(void **state)
{
	struct world *world = *state;
	struct noted_tree tree;
	const struct isolated_profile profile = { 0 };
	assert_int_equal(isolation_confine(world->isolation, "desktop-1", &profile), 0);
	assert_int_equal(isolation_confine(world->isolation, "desktop-2", &profile), 0);
	for (int round = 0; round < 2; round++) {
		world_spawn(world, &tree, "desktop-1", false);
		world_await_ready(world, &tree);
		char *text = world_shell(world, &tree, "ls /dev");
		assert_non_null(strstr(text, "null\n"));
		assert_int_equal(!strstr(text, "kmsg\n"), round == 0);
		free(text);
		isolated_tree_end(tree.tree);
		world_await_no_process(world, tree.info.runtime_folder);
		assert_int_equal(isolation_confine(world->isolation, "desktop-1", NULL), 0);
	}
}

static void a_confined_program_ends_and_is_told(void **state)
{
	struct world *world = *state;
	struct noted_tree tree;
	struct noted_process process;
	spawn_confined(world, &tree, NULL);
	world_start(&tree, &process, "app", (const char *const[]){ "sh", "-c", "exit 9", NULL });
	world_await_exited(world, &process);
	assert_int_equal(process.status, 9 << 8);
	world_start(&tree, &process, "app", (const char *const[]){ "no-such-program", NULL });
	world_await_exited(world, &process);
	assert_int_equal(process.status, 127 << 8);
	assert_non_null(strstr(process.text, "No such file"));
	isolated_tree_end(tree.tree);
}

static void only_devices_can_be_granted(void **state)
{
	struct world *world = *state;
	struct noted_tree tree;
	const char *const odd[] = { "/etc/shadow", "/dev/../etc/shadow", "dev/dri" };
	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
		const struct isolated_profile profile = { .devices = &odd[i], .device_count = 1 };
		assert_null(isolated_tree_spawn(world->isolation,
			&(struct isolated_tree_params){ .name = "desktop-1", .profile = &profile },
			&noted_tree_events, &tree));
		assert_int_equal(errno, EINVAL);
		assert_int_equal(
			isolation_confine(world->isolation, "desktop-1", &profile), -EINVAL);
	}
}

int main(int count, char **arguments)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(it_sees_the_devices_that_it_was_granted),
		TEST(it_finds_a_home_of_its_own_where_the_users_is),
		TEST(a_tree_whose_name_is_confined_is_so_whoever_spawns_it),
		TEST(a_confined_program_ends_and_is_told),
		TEST(only_devices_can_be_granted),
	};
	if (!world_read_arguments(count, arguments))
		return 2;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
