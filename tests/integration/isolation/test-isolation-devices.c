/*
 * What a tree sees of input devices, on a machine that has some: harmless devices that are called so, in a mount namespace of
 * the test's own.
 *
 *	test-isolation-devices KEEPER ESCAPER
 *	test-isolation-devices --watch FILE	a daemon that notes what becomes of /dev/input, as games do
 */
#include "isolation_world.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "isolation/isolation_private.h"

#define MANY 70 /* devices, more than a tree is shown */

/* --- the daemon --- */

static void note(const char *path, const char *what, const char *name)
{
	char line[NAME_MAX + 32];
	const int size = snprintf(line, sizeof line, "%s %s\n", what, name);
	const int file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (file < 0 || write(file, line, (size_t)size) != size)
		_exit(1);
	close(file);
}

/* As games do it: what appears, or may be opened by others than before, is tried. */
static void note_change(const char *path, const struct inotify_event *event)
{
	char node[NAME_MAX + 16];
	snprintf(node, sizeof node, "/dev/input/%s", event->name);
	if (event->mask & IN_DELETE) {
		note(path, "gone", event->name);
		return;
	}
	const int device = open(node, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	struct stat status;
	if (device >= 0 && fstat(device, &status) == 0 && S_ISCHR(status.st_mode))
		note(path, "seen", event->name);
	if (device >= 0)
		close(device);
}

static int watch(const char *path)
{
	_Alignas(struct inotify_event) char bytes[4096];
	const int changes = inotify_init1(IN_CLOEXEC);
	if (inotify_add_watch(changes, "/dev/input", IN_CREATE | IN_DELETE | IN_ATTRIB) < 0)
		return 1;
	if (fork() != 0)
		return 0;
	setsid();
	if (fork() != 0)
		return 0;
	note(path, "watches", "it");
	for (;;) {
		const ssize_t size = read(changes, bytes, sizeof bytes);
		for (ssize_t position = 0; position < size;) {
			const struct inotify_event *event =
				(const struct inotify_event *)(const void *)(bytes + position);
			note_change(path, event);
			position += (ssize_t)(sizeof *event + event->len);
		}
	}
}

/* --- the machine --- */

static void bind_device(const char *device, const char *name)
{
	char from[64], path[64];
	snprintf(from, sizeof from, "/dev/%s", device);
	snprintf(path, sizeof path, "/dev/shm/%s", name);
	const int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	assert_true(file >= 0);
	close(file);
	assert_int_equal(mount(from, path, NULL, MS_BIND, NULL), 0);
}

static void write_map(const char *path, unsigned id)
{
	char text[64];
	snprintf(text, sizeof text, "%u %u 1", id, id);
	const int file = open(path, O_WRONLY | O_CLOEXEC);
	assert_true(file >= 0);
	assert_true(write(file, text, strlen(text)) > 0);
	close(file);
}

static void leave_the_machine(void)
{
	const unsigned user = geteuid(), group = getegid();
	if (user == 0) {
		assert_int_equal(unshare(CLONE_NEWNS), 0);
	} else {
		assert_int_equal(unshare(CLONE_NEWUSER | CLONE_NEWNS), 0);
		const int file = open("/proc/self/setgroups", O_WRONLY | O_CLOEXEC);
		assert_int_equal(write(file, "deny", 4), 4);
		close(file);
		write_map("/proc/self/uid_map", user);
		write_map("/proc/self/gid_map", group);
	}
	assert_int_equal(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
}

/* A /dev that only this test sees. A device that endless zeros are read from is a pad here. */
static int make_machine(void **state)
{
	static const char *const common[] = { "null", "zero", "full", "random", "urandom", "tty" };
	char name[64];
	leave_the_machine();
	assert_int_equal(mount("tmpfs", "/dev/shm", "tmpfs", 0, "mode=755"), 0);
	assert_int_equal(mkdir("/dev/shm/input", 0755), 0);
	assert_int_equal(mkdir("/dev/shm/shm", 01777), 0);
	assert_int_equal(mkdir("/dev/shm/input/event903", 0755), 0);
	for (size_t i = 0; i < sizeof common / sizeof *common; i++)
		bind_device(common[i], common[i]);
	for (unsigned i = 0; i < MANY; i++) {
		snprintf(name, sizeof name, "input/js%u", i);
		bind_device("zero", name);
	}
	bind_device("zero", "input/event900");
	bind_device("zero", "input/event905");
	bind_device("zero", "input/mouse0");
	bind_device("full", "hidraw900");
	bind_device("null", "uinput");
	bind_device("null", "uhid");
	assert_int_equal(symlink("/proc/self/fd", "/dev/shm/fd"), 0);
	assert_int_equal(symlink("../zero", "/dev/shm/input/event901"), 0);
	const int file = open("/dev/shm/input/event902", O_CREAT | O_CLOEXEC, 0600);
	assert_true(file >= 0);
	close(file);
	assert_int_equal(mount("/dev/shm", "/dev", NULL, MS_MOVE, NULL), 0);
	return 0;
}

/* --- the tests --- */

static void spawn(struct world *world, struct noted_tree *tree, const char *name)
{
	world_spawn(world, tree, name, false);
	world_await_ready(world, tree);
}

static void assert_said(
	struct world *world, struct noted_tree *tree, const char *script, const char *expected)
{
	char *text = world_shell(world, tree, script);
	assert_string_equal(text, expected);
	free(text);
}

static void show(const struct noted_tree *tree, const char *path)
{
	assert_int_equal(isolated_tree_show_device(tree->tree, path), 0);
}

static void hide(const struct noted_tree *tree, const char *path)
{
	assert_int_equal(isolated_tree_hide_device(tree->tree, path), 0);
}

struct line {
	char path[SOURCE_PATH_MAX + 16];
	const char *text;
};

static bool is_noted(void *data)
{
	const struct line *line = data;
	char *text = world_read_file(line->path);
	const bool found = text && strstr(text, line->text);
	free(text);
	return found;
}

/* Starts the daemon; its line's path. */
static struct line start_watch(struct world *world, struct noted_tree *tree)
{
	struct noted_process process;
	struct line line = { .text = "watches it\n" };
	snprintf(line.path, sizeof line.path, "%s/noted", tree->info.runtime_folder);
	char program[PATH_MAX];
	assert_non_null(realpath("/proc/self/exe", program)); /* its own there is another one */
	world_start(tree, &process, "watch",
		(const char *const[]){ program, "--watch", line.path, NULL });
	world_await_exited(world, &process);
	assert_int_equal(process.status, 0);
	assert_true(world_wait(world, is_noted, &line));
	return line;
}

static void await_note(struct world *world, struct line *line, const char *text)
{
	line->text = text;
	assert_true(world_wait(world, is_noted, line));
}

static void a_tree_has_no_input_device_of_the_machine(void **state)
{
	struct world *world = *state;
	struct noted_tree tree;
	spawn(world, &tree, "desktop-1");
	assert_said(
		world, &tree, "ls -A /dev/input; ls /dev | grep -E 'uinput|uhid|hidraw'; true", "");
	assert_said(world, &tree, "head -c 3 /dev/zero | wc -c; echo x >/dev/null; ls /dev/fd/1",
		"3\n/dev/fd/1\n");
	assert_said(world, &tree, "echo $SDL_JOYSTICK_DISABLE_UDEV", "1\n");
	isolated_tree_end(tree.tree);
}

static void it_has_terminals_of_its_own(void **state)
{
	struct world *world = *state;
	struct noted_tree tree;
	spawn(world, &tree, "desktop-1");
	assert_said(world, &tree,
		"ls /dev/pts; exec 3<>/dev/ptmx; ls /dev/pts | wc -l; exec 3>&-; ls /dev/pts",
		"ptmx\n2\nptmx\n");
	isolated_tree_end(tree.tree);
}

static void a_device_is_seen_in_its_own_tree_by_what_runs_there(void **state)
{
	struct world *world = *state;
	struct noted_tree own, other;
	spawn(world, &own, "desktop-1");
	spawn(world, &other, "desktop-2");
	struct line owns = start_watch(world, &own), others = start_watch(world, &other);
	show(&own, "/dev/input/event900");
	show(&own, "/dev/hidraw900");
	await_note(world, &owns, "seen event900\n");
	assert_said(world, &own, "ls /dev/input; head -c 4 /dev/input/event900 | wc -c",
		"event900\n4\n");
	assert_said(world, &own, "test -c /dev/hidraw900 && echo there", "there\n");
	assert_said(world, &other, "ls /dev/input; test -e /dev/hidraw900 || echo none", "none\n");
	assert_said(world, &other, "cat /dev/input/event900 2>/dev/null || echo none", "none\n");
	hide(&own, "/dev/input/event900");
	await_note(world, &owns, "gone event900\n");
	assert_said(world, &own, "ls /dev/input", "");
	/* Whoever watches the other tree's heard of something there, and of nothing before it. */
	show(&other, "/dev/input/js7");
	await_note(world, &others, "seen js7\n");
	char *text = world_read_file(others.path);
	assert_null(strstr(text, "900"));
	free(text);
	isolated_tree_end(own.tree);
	isolated_tree_end(other.tree);
}

static void showing_twice_is_as_once_and_hiding_what_is_not_there_is_nothing(void **state)
{
	struct world *world = *state;
	struct noted_tree tree;
	spawn(world, &tree, "desktop-1");
	hide(&tree, "/dev/input/event900");
	show(&tree, "/dev/input/event900");
	show(&tree, "/dev/input/event900");
	assert_said(world, &tree, "ls /dev/input", "event900\n");
	hide(&tree, "/dev/input/event900");
	hide(&tree, "/dev/input/event900");
	assert_said(world, &tree, "ls /dev/input", "");
	show(&tree, "/dev/input/event900");
	assert_said(world, &tree, "ls /dev/input", "event900\n");
	isolated_tree_end(tree.tree);
}

static void a_confined_program_that_runs_sees_it_too(void **state)
{
	struct world *world = *state;
	const struct isolated_profile profile = { 0 };
	struct noted_tree tree = { 0 };
	tree.tree = isolated_tree_spawn(world->isolation,
		&(struct isolated_tree_params){ .name = "desktop-1", .profile = &profile },
		&noted_tree_events, &tree);
	assert_non_null(tree.tree);
	world_await_ready(world, &tree);
	struct line line = { 0 };
	struct noted_process process;
	snprintf(line.path, sizeof line.path, "%s/noted", tree.info.runtime_folder);
	/* In the foreground: with bubblewrap a program's daemons end with it. */
	char script[2048];
	snprintf(script, sizeof script,
		"echo runs >>%s; until test -c /dev/input/event900; do sleep 0.01; done; "
		"echo came >>%s; while test -e /dev/input/event900; do sleep 0.01; done; "
		"echo went >>%s",
		line.path, line.path, line.path);
	world_start(&tree, &process, "app", (const char *const[]){ "sh", "-c", script, NULL });
	await_note(world, &line, "runs\n");
	show(&tree, "/dev/input/event900");
	await_note(world, &line, "came\n");
	hide(&tree, "/dev/input/event900");
	await_note(world, &line, "went\n");
	isolated_tree_end(tree.tree);
}

static void other_names_are_refused(void **state)
{
	static const char *const odd[] = { "", "/", "/dev/input", "/dev/input/", "/dev/input/event",
		"/dev/input/event01", "/dev/input/event9000000", "/dev/input/event1/",
		"/dev/input/../zero", "/dev/input/event/../../zero", "/dev/input/mouse0",
		"/dev/zero", "/dev/hidraw", "/dev/hidraw-1", "/dev/uinput", "dev/input/event900",
		"//dev/input/event900", "/dev//input/event900", "/dev/input/event900 " };
	struct world *world = *state;
	struct noted_tree tree;
	spawn(world, &tree, "desktop-1");
	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
		assert_int_equal(isolated_tree_show_device(tree.tree, odd[i]), -EINVAL);
		assert_int_equal(isolated_tree_hide_device(tree.tree, odd[i]), -EINVAL);
	}
	isolated_tree_end(tree.tree);
}

/* What a host would never send. */
static void say_unchecked(const struct noted_tree *tree, const char *path)
{
	struct keeper_writer *writer = malloc(sizeof *writer);
	assert_non_null(writer);
	keeper_write(writer, KEEPER_SHOW, 0, 0, 0);
	keeper_write_string(writer, KEEPER_STRING_DEVICE, path);
	assert_int_equal(keeper_link_send(tree->tree->link, writer, -1), 0);
	free(writer);
}

static void a_keeper_shows_nothing_else_whoever_asks(void **state)
{
	struct world *world = *state;
	struct noted_tree tree;
	spawn(world, &tree, "desktop-1");
	char *before = world_shell(world, &tree, "cd /dev; find . | sort");
	say_unchecked(&tree, "/dev/uinput");
	say_unchecked(&tree, "/dev/input/../uinput");
	say_unchecked(&tree, "/etc/passwd");
	say_unchecked(&tree, "");
	show(&tree, "/dev/input/event901"); /* a link */
	show(&tree, "/dev/input/event902"); /* a file */
	show(&tree, "/dev/input/event903"); /* a folder */
	show(&tree, "/dev/input/event904"); /* not there */
	assert_said(world, &tree, "cd /dev; find . | sort", before);
	free(before);
	isolated_tree_end(tree.tree);
}

static void devices_are_bounded(void **state)
{
	struct world *world = *state;
	struct noted_tree tree;
	char path[64];
	spawn(world, &tree, "desktop-1");
	for (unsigned i = 0; i < MANY; i++) {
		snprintf(path, sizeof path, "/dev/input/js%u", i);
		show(&tree, path);
	}
	assert_said(world, &tree, "ls /dev/input | wc -l", "64\n");
	hide(&tree, "/dev/input/js0");
	show(&tree, "/dev/input/event900");
	assert_said(world, &tree, "ls /dev/input | wc -l; ls /dev/input | grep event",
		"64\nevent900\n");
	isolated_tree_end(tree.tree);
}

static void a_device_that_the_machine_loses_is_hidden(void **state)
{
	struct world *world = *state;
	struct noted_tree tree;
	spawn(world, &tree, "desktop-1");
	struct line line = start_watch(world, &tree);
	show(&tree, "/dev/input/event905");
	await_note(world, &line, "seen event905\n");
	assert_int_equal(umount2("/dev/input/event905", MNT_DETACH), 0);
	assert_int_equal(unlink("/dev/input/event905"), 0);
	await_note(world, &line, "gone event905\n");
	assert_said(world, &tree, "ls /dev/input", "");
	isolated_tree_end(tree.tree);
}

static void what_else_the_machine_gets_or_loses_is_there_or_not(void **state)
{
	struct world *world = *state;
	struct noted_tree tree;
	spawn(world, &tree, "desktop-1");
	/* In this order: when the last is there, so would be the others. */
	assert_int_equal(symlink("null", "/dev/hidraw901"), 0);
	assert_int_equal(mkdir("/dev/later-folder", 0755), 0);
	assert_int_equal(symlink("null", "/dev/later-folder/inside"), 0);
	assert_int_equal(symlink("null", "/dev/later"), 0);
	assert_said(world, &tree,
		"until test -c /dev/later; do sleep 0.01; done; ls /dev/later-folder; "
		"test -e /dev/hidraw901 || echo none",
		"inside\nnone\n");
	assert_int_equal(unlink("/dev/hidraw901"), 0);
	assert_int_equal(unlink("/dev/later-folder/inside"), 0);
	assert_int_equal(rmdir("/dev/later-folder"), 0);
	assert_int_equal(unlink("/dev/later"), 0);
	assert_said(world, &tree,
		"while test -e /dev/later || test -e /dev/later-folder; do sleep 0.01; done", "");
	isolated_tree_end(tree.tree);
}

/* A program that gets all rights that an ordinary user can get. */
static void no_program_gets_at_the_machines_devices(void **state)
{
	struct world *world = *state;
	struct noted_tree tree;
	struct noted_process process;
	char path[SOURCE_PATH_MAX + 16], script[4096];
	spawn(world, &tree, "desktop-1");
	snprintf(path, sizeof path, "%s/attempts", tree.info.runtime_folder);
	snprintf(script, sizeof script,
		"exec >%s 2>/dev/null; touch /dev/input/event900 && echo made; umount -l /dev && "
		"echo unmounted; mount -o remount,bind,rw /dev && echo remounted; "
		"for way in /proc/1/root /proc/1/cwd /proc/1/fd/*; do head -c 1 "
		"$way/input/event900 "
		"$way/dev/input/event900; test -e $way/ && echo its keepers; done; "
		"unshare --map-root-user --mount sh -c 'umount /dev || umount -l /dev && echo "
		"unmounted; mount -o remount,bind,rw /dev && echo remounted; touch /dev/x && echo "
		"made; cat /proc/1/root/dev/input/event900 | head -c 1; mknod /dev/shm/pad c 1 5 "
		"&& echo made; echo tried'; ls /dev/input; echo ended",
		path);
	const char *const arguments[] = { "sh", "-c", script };
	process = (struct noted_process){ 0 };
	process.process = isolated_process_start(tree.tree,
		&(struct isolated_process_params){
			.role = "app",
			.arguments = arguments,
			.argument_count = 3,
			.as_ordinary_user = true,
		},
		&noted_process_events, &process);
	assert_non_null(process.process);
	world_await_exited(world, &process);
	char *text = world_read_file(path);
	assert_string_equal(text, "tried\nended\n");
	free(text);
	isolated_tree_end(tree.tree);
}

static void pads_of_a_host_that_is_gone_are_gone(void **state)
{
	struct world *world = *state;
	struct noted_tree tree;
	spawn(world, &tree, "desktop-1");
	struct line line = start_watch(world, &tree);
	show(&tree, "/dev/input/event900");
	await_note(world, &line, "seen event900\n");
	isolated_tree_keep(tree.tree, true, UINT64_MAX);
	isolation_leave(world->isolation);
	isolated_tree_end(tree.tree);
	await_note(world, &line, "gone event900\n");
	world_restart(world);
	tree = (struct noted_tree){ 0 };
	tree.tree = isolated_tree_adopt(world->isolation, "desktop-1", &noted_tree_events, &tree);
	assert_non_null(tree.tree);
	world_await_ready(world, &tree);
	assert_said(world, &tree, "ls /dev/input", "");
	show(&tree, "/dev/input/js3");
	await_note(world, &line, "seen js3\n");
	isolated_tree_end(tree.tree);
}

static void it_can_be_shown_when_the_tree_is_ready_and_as_long_as_it_lives(void **state)
{
	struct world *world = *state;
	struct noted_tree tree;
	world_spawn(world, &tree, "desktop-1", false);
	assert_int_equal(isolated_tree_show_device(tree.tree, "/dev/input/event900"), -EAGAIN);
	world_await_ready(world, &tree);
	show(&tree, "/dev/input/event900");
	isolated_tree_end(tree.tree);
}

static void a_killed_keeper_leaves_nothing_mounted(void **state)
{
	struct world *world = *state;
	struct noted_tree tree;
	char *before = world_read_file("/proc/self/mountinfo");
	spawn(world, &tree, "desktop-1");
	show(&tree, "/dev/input/event900");
	assert_said(world, &tree, "ls /dev/input", "event900\n");
	char *during = world_read_file("/proc/self/mountinfo");
	assert_string_equal(during, before);
	assert_int_equal(kill(tree.tree->remains.record.keeper, SIGKILL), 0);
	world_await_ended(world, &tree);
	char *after = world_read_file("/proc/self/mountinfo");
	assert_string_equal(after, before);
	free(before);
	free(during);
	free(after);
	isolated_tree_end(tree.tree);
}

int main(int count, char **arguments)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(a_tree_has_no_input_device_of_the_machine),
		TEST(it_has_terminals_of_its_own),
		TEST(a_device_is_seen_in_its_own_tree_by_what_runs_there),
		TEST(showing_twice_is_as_once_and_hiding_what_is_not_there_is_nothing),
		TEST(a_confined_program_that_runs_sees_it_too),
		TEST(other_names_are_refused),
		TEST(a_keeper_shows_nothing_else_whoever_asks),
		TEST(devices_are_bounded),
		TEST(a_device_that_the_machine_loses_is_hidden),
		TEST(what_else_the_machine_gets_or_loses_is_there_or_not),
		TEST(no_program_gets_at_the_machines_devices),
		TEST(pads_of_a_host_that_is_gone_are_gone),
		TEST(it_can_be_shown_when_the_tree_is_ready_and_as_long_as_it_lives),
		TEST(a_killed_keeper_leaves_nothing_mounted),
	};
	if (count == 3 && strcmp(arguments[1], "--watch") == 0)
		return watch(arguments[2]);
	if (!world_read_arguments(count, arguments))
		return 2;
	return cmocka_run_group_tests(tests, make_machine, NULL);
}
