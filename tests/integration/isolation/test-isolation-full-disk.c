#include "isolation_world.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

/* The trees' folder is a file system of its own, with room for this many files and folders. */
static void mount_small(const struct world *world, unsigned inodes)
{
	char options[64];
	snprintf(options, sizeof options, "mode=0700,size=1m,nr_inodes=%u", inodes);
	assert_int_equal(mount("tmpfs", world->parent, "tmpfs", 0, options), 0);
}

static void unmount(const struct world *world)
{
	assert_int_equal(umount(world->parent), 0);
}

static void a_host_without_room_for_a_folder_says_so(void **state)
{
	struct world *world = *state;
	struct noted_tree tree;
	mount_small(world, 1);
	errno = 0;
	assert_null(isolated_tree_spawn(world->isolation,
		&(struct isolated_tree_params){ .name = "desktop-1" }, &noted_tree_events, &tree));
	assert_int_equal(errno, ENOSPC);
	unmount(world);
}

/* Whatever it is that does not fit: it is said, or it was not needed; and nothing stays. */
static void a_tree_that_runs_out_of_room_says_so(void **state)
{
	struct world *world = *state;
	unsigned refused = 0, ended = 0, ready = 0;
	for (unsigned inodes = 2; inodes < 40; inodes++) {
		struct noted_tree tree = { 0 };
		mount_small(world, inodes);
		tree.tree = isolated_tree_spawn(world->isolation,
			&(struct isolated_tree_params){ .name = "desktop-1", .sound = true },
			&noted_tree_events, &tree);
		if (!tree.tree) {
			assert_int_equal(errno, ENOSPC);
			refused++;
		} else {
			while (!tree.ready && !tree.ended)
				world_run(world, 5);
			if (tree.ended)
				assert_true(tree.text[0] != '\0');
			ended += tree.ended;
			ready += tree.ready;
			isolated_tree_end(tree.tree);
		}
		world_restart(world); /* waits for the end */
		assert_int_equal(world_count_entries(world->parent), 0);
		unmount(world);
	}
	assert_true(refused > 0 && ended > 0 && ready > 0);
}

static bool write_file(const char *path, const char *text)
{
	const int file = open(path, O_WRONLY | O_CLOEXEC);
	const bool written = file >= 0 && write(file, text, strlen(text)) == (ssize_t)strlen(text);
	if (file >= 0)
		close(file);
	return written;
}

/* Where this process may mount. */
static bool enter_namespace(void)
{
	char users[64], groups[64];
	const bool ordinary = geteuid() != 0;
	snprintf(users, sizeof users, "%u %u 1", geteuid(), geteuid());
	snprintf(groups, sizeof groups, "%u %u 1", getegid(), getegid());
	if (unshare(CLONE_NEWNS | (ordinary ? CLONE_NEWUSER : 0)) < 0)
		return false;
	if (ordinary &&
		!(write_file("/proc/self/setgroups", "deny") &&
			write_file("/proc/self/uid_map", users) &&
			write_file("/proc/self/gid_map", groups)))
		return false;
	return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
}

int main(int count, char **arguments)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(a_host_without_room_for_a_folder_says_so),
		TEST(a_tree_that_runs_out_of_room_says_so),
	};
	if (!world_read_arguments(count, arguments))
		return 2;
	if (!enter_namespace()) {
		perror("no namespace to mount in");
		return 1;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
