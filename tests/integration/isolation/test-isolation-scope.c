/* A service manager that does not do what it is asked to; one that does: tools/check-scope. */
#include "isolation_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

enum conduct {
	REFUSES, /* with an error */
	SAYS_NOTHING,
	HANGS_UP,
	LIES, /* says that the job is done, and has done nothing */
	FAILS, /* the job */
};

struct manager {
	enum conduct conduct;
	int listener;
	sd_event_source *source;
	sd_bus *bus;
	char folder[80], path[96];
	/* What it was asked for. */
	char unit[128], mode[16];
	unsigned asked;
	uint32_t process;
	uint64_t tasks_max;
	int delegate;
};

/* Those of the properties that matter, wherever they stand. */
static void read_properties(struct manager *manager, sd_bus_message *message)
{
	const char *name;
	const void *processes;
	size_t size;
	assert_true(sd_bus_message_enter_container(message, 'a', "(sv)") > 0);
	while (sd_bus_message_enter_container(message, 'r', "sv") > 0) {
		assert_true(sd_bus_message_read(message, "s", &name) > 0);
		if (strcmp(name, "PIDs") == 0) {
			assert_true(sd_bus_message_enter_container(message, 'v', "au") > 0);
			assert_true(sd_bus_message_read_array(message, 'u', &processes, &size) > 0);
			assert_int_equal(size, sizeof manager->process);
			memcpy(&manager->process, processes, size);
			assert_true(sd_bus_message_exit_container(message) >= 0);
		} else if (strcmp(name, "TasksMax") == 0) {
			assert_true(
				sd_bus_message_read(message, "v", "t", &manager->tasks_max) > 0);
		} else if (strcmp(name, "Delegate") == 0) {
			assert_true(sd_bus_message_read(message, "v", "b", &manager->delegate) > 0);
		} else {
			assert_true(sd_bus_message_skip(message, "v") > 0);
		}
		assert_true(sd_bus_message_exit_container(message) >= 0);
	}
}

static int on_call(sd_bus_message *message, void *data, sd_bus_error *error)
{
	struct manager *manager = data;
	const char *unit, *mode;
	if (!sd_bus_message_is_method_call(
		    message, "org.freedesktop.systemd1.Manager", "StartTransientUnit"))
		return 0;
	assert_true(sd_bus_message_read(message, "ss", &unit, &mode) > 0);
	snprintf(manager->unit, sizeof manager->unit, "%s", unit);
	snprintf(manager->mode, sizeof manager->mode, "%s", mode);
	read_properties(manager, message);
	manager->asked++;
	if (manager->conduct == SAYS_NOTHING)
		return 1;
	if (manager->conduct == HANGS_UP) {
		sd_bus_close(manager->bus);
		return 1;
	}
	if (manager->conduct == REFUSES)
		return sd_bus_reply_method_errorf(message, SD_BUS_ERROR_ACCESS_DENIED, "not you");
	assert_true(sd_bus_reply_method_return(message, "o", "/job/7") >= 0);
	/* Other jobs come to their end, too. */
	for (int own = 0; own < 2; own++)
		assert_true(
			sd_bus_emit_signal(manager->bus, "/org/freedesktop/systemd1",
				"org.freedesktop.systemd1.Manager", "JobRemoved", "uoss", 7 - own,
				own ? "/job/7" : "/job/6", own ? manager->unit : "other.service",
				manager->conduct == FAILS && own ? "failed" : "done") >= 0);
	return 1;
}

static int on_connection(sd_event_source *source, int listener, uint32_t events, void *data)
{
	struct manager *manager = data;
	const int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	sd_id128_t id =
		SD_ID128_MAKE(01, 02, 03, 04, 05, 06, 07, 08, 11, 12, 13, 14, 15, 16, 17, 18);
	/* The first one, and one more of each host, only look whether somebody listens. */
	manager->bus = sd_bus_close_unref(manager->bus);
	assert_true(fd >= 0);
	assert_true(sd_bus_new(&manager->bus) >= 0);
	assert_true(sd_bus_set_fd(manager->bus, fd, fd) >= 0);
	assert_true(sd_bus_set_server(manager->bus, 1, id) >= 0);
	assert_true(sd_bus_set_anonymous(manager->bus, 1) >= 0);
	if (sd_bus_start(manager->bus) < 0) /* that one, gone already */
		return 0;
	assert_true(sd_bus_add_filter(manager->bus, NULL, on_call, manager) >= 0);
	assert_true(sd_bus_attach_event(manager->bus, sd_event_source_get_event(source), 0) >= 0);
	return 0;
}

static void manager_start(struct manager *manager, struct world *world, enum conduct conduct)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	*manager = (struct manager){ .conduct = conduct };
	snprintf(manager->folder, sizeof manager->folder, "%s/systemd", world->root);
	assert_int_equal(mkdir(manager->folder, 0700), 0);
	snprintf(manager->path, sizeof manager->path, "%s/private", manager->folder);
	snprintf(address.sun_path, sizeof address.sun_path, "%s", manager->path);
	manager->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	assert_true(manager->listener >= 0);
	assert_int_equal(
		bind(manager->listener, (const struct sockaddr *)&address, sizeof address), 0);
	assert_int_equal(listen(manager->listener, 8), 0);
	assert_true(sd_event_add_io(world->event, &manager->source, manager->listener, EPOLLIN,
			    on_connection, manager) >= 0);
	assert_int_equal(setenv("XDG_RUNTIME_DIR", world->root, 1), 0);
	world_restart(world);
	assert_true(isolation_capabilities(world->isolation)->service_manager);
}

static void manager_stop(struct manager *manager)
{
	assert_int_equal(unsetenv("XDG_RUNTIME_DIR"), 0);
	sd_bus_close_unref(manager->bus);
	sd_event_source_disable_unref(manager->source);
	close(manager->listener);
	unlink(manager->path);
	rmdir(manager->folder);
}

static void comes_up_in_spite_of(struct world *world, enum conduct conduct)
{
	struct manager manager;
	struct noted_tree tree;
	manager_start(&manager, world, conduct);
	world_spawn(world, &tree, "desktop-1", false);
	world_await_ready(world, &tree);
	assert_int_equal(manager.asked, 1);
	assert_int_equal(strncmp(manager.unit, "lodge-tree-desktop-1-", 21), 0);
	assert_non_null(strstr(manager.unit, ".scope"));
	assert_string_equal(manager.mode, "fail");
	assert_true(manager.process > 1);
	assert_int_equal(manager.tasks_max, 4096);
	assert_true(manager.delegate);
	free(world_shell(world, &tree, "true"));
	isolated_tree_end(tree.tree);
	world_await_no_process(world, tree.info.runtime_folder);
	manager_stop(&manager);
}

static void one_that_refuses(void **state)
{
	comes_up_in_spite_of(*state, REFUSES);
}

static void one_that_says_nothing(void **state)
{
	comes_up_in_spite_of(*state, SAYS_NOTHING);
}

static void one_that_hangs_up(void **state)
{
	comes_up_in_spite_of(*state, HANGS_UP);
}

static void one_that_does_not_do_what_it_says(void **state)
{
	comes_up_in_spite_of(*state, LIES);
}

static void one_whose_job_fails(void **state)
{
	comes_up_in_spite_of(*state, FAILS);
}

static void a_tree_may_end_while_it_waits_for_its_scope(void **state)
{
	struct world *world = *state;
	struct manager manager;
	struct noted_tree tree;
	manager_start(&manager, world, SAYS_NOTHING);
	world_spawn(world, &tree, "desktop-1", false);
	isolated_tree_end(tree.tree);
	world_run(world, 100);
	manager_stop(&manager);
}

static void nobody_is_asked_where_nobody_listens(void **state)
{
	struct world *world = *state;
	struct manager manager;
	struct noted_tree tree;
	manager_start(&manager, world, REFUSES);
	manager_stop(&manager);
	world_restart(world);
	assert_false(isolation_capabilities(world->isolation)->service_manager);
	world_spawn(world, &tree, "desktop-1", false);
	world_await_ready(world, &tree);
	isolated_tree_end(tree.tree);
}

int main(int count, char **arguments)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(one_that_refuses),
		TEST(one_that_says_nothing),
		TEST(one_that_hangs_up),
		TEST(one_that_does_not_do_what_it_says),
		TEST(one_whose_job_fails),
		TEST(a_tree_may_end_while_it_waits_for_its_scope),
		TEST(nobody_is_asked_where_nobody_listens),
	};
	if (!world_read_arguments(count, arguments))
		return 2;
	return cmocka_run_group_tests_name(
		"a tree comes up in spite of a service manager", tests, NULL, NULL);
}
