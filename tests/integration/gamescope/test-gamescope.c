/*
 * A real gamescope in isolated trees, by the backend, the input room and the capture that the host uses:
 * test-gamescope LODGE-KEEPER X-CARD SHIM
 */
#include "fake_manager.h"
#include "gamescope_world.h"

#include "display/gamescope/gamescope_takeover.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <linux/input-event-codes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void picture_and_keys_and_pointer_are_the_programs(void **state)
{
	struct desktop desktop;
	desktop_start(*state, &desktop, "one", RED, BLUE);
	desktop_create_output(&desktop, 640, 360);
	assert_int_equal(640, desktop.info.mode.width_px);
	assert_int_equal(360, desktop.info.mode.height_px);
	assert_int_equal(30000, desktop.info.mode.refresh_mhz);
	assert_int_equal(VIDEO_SOURCE_PIPEWIRE, desktop.info.source.kind);
	desktop_await_colour(&desktop, RED);
	desktop_open_input(&desktop);
	injector_key(desktop.injector, KEY_SPACE, true);
	injector_key(desktop.injector, KEY_SPACE, false);
	desktop_await_line(&desktop, "key 57 1");
	desktop_await_line(&desktop, "key 57 0");
	desktop_await_colour(&desktop, BLUE);
	injector_pointer_absolute(desktop.injector, 600, 300);
	desktop_await_line(&desktop, "motion 600 300");
	injector_pointer_relative(desktop.injector, -100 * 256, -50 * 256);
	desktop_await_line(&desktop, "motion 500 250");
	injector_pointer_button(desktop.injector, BTN_RIGHT, true);
	injector_pointer_button(desktop.injector, BTN_RIGHT, false);
	desktop_await_line(&desktop, "button 3 1");
	desktop_await_line(&desktop, "button 3 0");
	desktop_finish_all(&desktop);
}

static void on_created(void *data, int error, const char *text, struct display_output *output,
	const struct display_output_info *info)
{
	struct desktop *desktop = data;
	desktop->answers++;
	assert_int_equal(0, error);
	desktop->output = output;
	desktop->info = *info;
}

static void size_and_rate_are_what_gamescope_says_not_what_was_asked_for(void **state)
{
	struct desktop desktop;
	desktop_start(*state, &desktop, "one", RED, BLUE);
	desktop.backend->impl->create(desktop.backend,
		&(struct display_mode){ 801, 453, 59940, 150 }, on_created, &desktop);
	desktop_await(&desktop, &desktop.answers, 1);
	assert_int_equal(801, desktop.info.mode.width_px);
	assert_int_equal(453, desktop.info.mode.height_px);
	assert_int_equal(60000, desktop.info.mode.refresh_mhz); /* it takes whole hertz */
	assert_int_equal(100, desktop.info.mode.scale_percent);
	desktop_finish_all(&desktop);
}

static void wheel_turns_and_text_is_typed(void **state)
{
	struct desktop desktop;
	desktop_start(*state, &desktop, "one", RED, GREEN);
	desktop_create_output(&desktop, 640, 360);
	desktop_await_colour(&desktop, RED);
	desktop_open_input(&desktop);
	injector_pointer_axis(desktop.injector, 0, 0, 120);
	desktop_await_line(&desktop, "button 5 1");
	injector_pointer_axis(desktop.injector, 0, 0, -120);
	desktop_await_line(&desktop, "button 4 1");
	assert_int_equal(0, injector_text(desktop.injector, "aB", 2));
	desktop_await_line(&desktop, "key 30 1");
	desktop_await_line(&desktop, "key 30 0");
	desktop_await_line(&desktop, "key 42 1");
	desktop_await_line(&desktop, "key 48 1");
	desktop_await_line(&desktop, "key 48 0");
	desktop_await_line(&desktop, "key 42 0");
	/* What is held goes up with the session. */
	injector_key(desktop.injector, KEY_C, true);
	desktop_await_line(&desktop, "key 46 1");
	desktop_close_input(&desktop);
	desktop_await_line(&desktop, "key 46 0");
	desktop_finish_all(&desktop);
}

static void two_desktops_stay_apart(void **state)
{
	struct desktop first, second;
	desktop_start(*state, &first, "first", RED, BLUE);
	desktop_start(*state, &second, "second", GREEN, BLUE);
	desktop_create_output(&first, 640, 360);
	desktop_create_output(&second, 480, 320);
	desktop_await_colour(&first, RED);
	desktop_await_colour(&second, GREEN);
	desktop_open_input(&first);
	desktop_open_input(&second);
	injector_key(first.injector, KEY_A, true);
	injector_key(second.injector, KEY_B, true);
	injector_key(first.injector, KEY_A, false);
	injector_key(second.injector, KEY_B, false);
	injector_key(first.injector, KEY_SPACE, true);
	injector_key(first.injector, KEY_SPACE, false);
	desktop_await_line(&first, "key 30 0");
	desktop_await_line(&second, "key 48 0");
	desktop_await_line(&first, "key 57 0");
	desktop_await_colour(&first, BLUE);
	desktop_await_colour(&second, GREEN);
	assert_false(desktop_has_line(&first, "key 48 1"));
	assert_false(desktop_has_line(&second, "key 30 1"));
	desktop_finish_all(&first);
	/* The end of the one is nothing to the other. */
	injector_key(second.injector, KEY_C, true);
	desktop_await_line(&second, "key 46 1");
	assert_int_equal(0, second.vanishes);
	desktop_finish_all(&second);
}

static void screen_where_nothing_moves_is_seen_by_whoever_comes_later(void **state)
{
	struct desktop desktop;
	desktop_start(*state, &desktop, "one", RED, GREEN);
	desktop_create_output(&desktop, 640, 360);
	for (int looker = 0; looker < 3; looker++)
		desktop_await_colour(&desktop, RED);
	assert_true(desktop_has_line(&desktop, "expose"));
	desktop_finish_all(&desktop);
}

/* The process whose name begins so, in the tree of this folder; 0: none. */
static pid_t find_process(const char *folder, const char *name)
{
	char path[64], line[64], environment[65536], wanted[256];
	pid_t found = 0;
	snprintf(wanted, sizeof wanted, "XDG_RUNTIME_DIR=%s", folder);
	DIR *processes = opendir("/proc");
	assert_non_null(processes);
	for (const struct dirent *entry; !found && (entry = readdir(processes));) {
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		snprintf(path, sizeof path, "/proc/%.16s/comm", entry->d_name);
		FILE *file = fopen(path, "re");
		const bool named = file && fgets(line, sizeof line, file) &&
			strncmp(line, name, strlen(name)) == 0;
		if (file)
			fclose(file);
		snprintf(path, sizeof path, "/proc/%.16s/environ", entry->d_name);
		file = named ? fopen(path, "re") : NULL;
		const size_t size = file ? fread(environment, 1, sizeof environment, file) : 0;
		if (file)
			fclose(file);
		if (size > 0 && memmem(environment, size, wanted, strlen(wanted) + 1))
			found = (pid_t)atoi(entry->d_name);
	}
	closedir(processes);
	return found;
}

static pid_t find_gamescope(const struct desktop *desktop)
{
	return find_process(desktop->tree.info.runtime_folder, "gamescope");
}

static bool has_no_xwayland(void *data)
{
	const struct desktop *desktop = data;
	return find_process(desktop->tree.info.runtime_folder, "Xwayland") == 0 &&
		find_process(desktop->tree.info.runtime_folder, "x-card") == 0 &&
		find_gamescope(desktop) == 0;
}

static bool is_no_file(void *data)
{
	return access(data, F_OK) != 0;
}

/* Of its X server: the number is lost to others while the file is there. */
static void find_lock(const struct desktop *desktop, char path[32])
{
	snprintf(path, 32, "/tmp/.X%.8s-lock", desktop->info.source.x_display + 1);
	assert_false(is_no_file(path));
}

static void killed_gamescope_is_told_and_started_again(void **state)
{
	struct desktop desktop;
	desktop_start(*state, &desktop, "one", RED, GREEN);
	desktop_create_output(&desktop, 640, 360);
	char lock[32];
	find_lock(&desktop, lock);
	const pid_t gamescope = find_gamescope(&desktop);
	assert_true(gamescope > 0);
	assert_int_equal(0, kill(gamescope, SIGKILL));
	desktop_await(&desktop, &desktop.gones, 1);
	assert_int_equal(1, desktop.vanishes);
	assert_non_null(strstr(desktop.text, "signal 9"));
	assert_int_equal(0, desktop.program_ends);
	assert_null(desktop.backend->impl->eis_socket(desktop.backend));
	desktop_await(&desktop, &desktop.readies, 2);
	assert_true(is_no_file(lock));
	assert_true(world_wait(*state, has_no_xwayland, &desktop));
	desktop_create_output(&desktop, 640, 360);
	desktop_await_colour(&desktop, RED);
	assert_int_equal(1, desktop.vanishes);
	desktop_finish_all(&desktop);
}

static void program_that_ends_takes_its_display_along(void **state)
{
	struct desktop desktop;
	desktop_start(*state, &desktop, "one", RED, GREEN);
	desktop_create_output(&desktop, 640, 360);
	desktop_await_colour(&desktop, RED);
	desktop_open_input(&desktop);
	injector_key(desktop.injector, KEY_Q, true);
	desktop_await(&desktop, &desktop.gones, 1);
	assert_int_equal(1, desktop.vanishes);
	assert_int_equal(1, desktop.program_ends);
	desktop_finish_all(&desktop);
}

static void on_mode(void *data, int error, const char *text, const struct display_output_info *info)
{
	struct desktop *desktop = data;
	desktop->answers++;
	desktop->error = error;
	assert_null(info);
}

static void another_size_is_another_gamescope(void **state)
{
	struct desktop desktop;
	desktop_start(*state, &desktop, "one", RED, GREEN);
	desktop_create_output(&desktop, 640, 360);
	const pid_t first = find_gamescope(&desktop);
	const struct display_capabilities *can =
		desktop.backend->impl->capabilities(desktop.backend);
	assert_false(can->options[DISPLAY_OPTION_RECONFIGURE].supported);
	desktop.backend->impl->set_mode(desktop.backend, desktop.output,
		&(struct display_mode){ 800, 450, 30000, 100 }, on_mode, &desktop);
	desktop_await(&desktop, &desktop.answers, 2);
	assert_int_equal(-ENOTSUP, desktop.error);
	desktop_destroy_output(&desktop);
	desktop_create_output(&desktop, 800, 450);
	assert_int_equal(800, desktop.info.mode.width_px);
	assert_int_equal(450, desktop.info.mode.height_px);
	assert_int_not_equal(first, find_gamescope(&desktop));
	desktop_await_colour(&desktop, RED);
	assert_int_equal(0, desktop.vanishes);
	desktop_finish_all(&desktop);
}

static void second_display_is_refused(void **state)
{
	struct desktop desktop;
	desktop_start(*state, &desktop, "one", RED, GREEN);
	desktop_create_output(&desktop, 640, 360);
	desktop_create(&desktop, 640, 360);
	assert_int_equal(-EBUSY, desktop.error);
	assert_non_null(desktop.output);
	desktop_finish_all(&desktop);
}

/* Dead, and nobody has asked for its status: in the tree's own PID namespace. */
static void expect_no_zombies(struct world *world, struct desktop *desktop)
{
	char *zombies = world_shell(world, &desktop->tree,
		"grep -l '^State:.Z' /proc/[0-9]*/status 2>/dev/null || true");
	assert_string_equal("", zombies);
	free(zombies);
}

static void destroyed_display_leaves_nothing(void **state)
{
	struct desktop desktop;
	char path[SOURCE_PATH_MAX + 32], lock[32];
	desktop_start(*state, &desktop, "one", RED, GREEN);
	desktop_create_output(&desktop, 640, 360);
	desktop_await_colour(&desktop, RED);
	find_lock(&desktop, lock);
	desktop_destroy_output(&desktop);
	assert_true(world_wait(*state, has_no_xwayland, &desktop));
	expect_no_zombies(*state, &desktop);
	snprintf(path, sizeof path, "%s/gamescope-ready", desktop.tree.info.runtime_folder);
	assert_true(is_no_file(path));
	assert_true(is_no_file(lock));
	assert_int_equal(0, desktop.vanishes);
	struct noted_tree tree = desktop.tree;
	desktop_finish_all(&desktop);
	world_await_no_process(*state, tree.info.runtime_folder);
	assert_true(world_wait(*state, is_no_file, tree.info.runtime_folder));
}

static void end_of_the_backend_ends_its_gamescope(void **state)
{
	struct desktop desktop;
	desktop_start(*state, &desktop, "one", RED, GREEN);
	desktop_create_output(&desktop, 640, 360);
	display_backend_destroy(desktop.backend);
	desktop.backend = NULL;
	assert_true(world_wait(*state, has_no_xwayland, &desktop));
	desktop_finish_all(&desktop);
}

static void mirrored_gamescope_is_seen_and_lives_on(void **state)
{
	struct world *world = *state;
	struct desktop owner, mirror = { 0 };
	desktop_start(world, &owner, "one", RED, GREEN);
	desktop_create_output(&owner, 640, 360);
	const char *eis_socket = owner.backend->impl->eis_socket(owner.backend);
	char name[64];
	snprintf(name, sizeof name, "%s", strrchr(eis_socket, '/') + 1);
	*strstr(name, "-ei") = '\0';
	desktop_listen(&mirror, world,
		gamescope_backend_attach(world->event,
			&(struct gamescope_attach_params){
				.runtime_folder = owner.tree.info.runtime_folder,
				.wayland_name = name,
				.pipewire_socket = owner.tree.info.pipewire_socket,
				.node_name = GAMESCOPE_NODE,
			}));
	desktop_await(&mirror, &mirror.readies, 1);
	desktop_create_output(&mirror, 1920, 1080);
	assert_int_equal(640, mirror.info.mode.width_px); /* its own size, whatever is asked for */
	assert_int_equal(360, mirror.info.mode.height_px);
	assert_int_equal(30000, mirror.info.mode.refresh_mhz);
	snprintf(mirror.log, sizeof mirror.log, "%s", owner.log);
	desktop_await_colour(&mirror, RED);
	desktop_open_input(&mirror);
	injector_key(mirror.injector, KEY_A, true);
	desktop_await_line(&mirror, "key 30 1");
	desktop_close_input(&mirror);
	desktop_destroy_output(&mirror);
	assert_true(find_gamescope(&owner) > 0);
	desktop_create_output(&mirror, 640, 360);
	kill(find_gamescope(&owner), SIGKILL);
	desktop_await(&mirror, &mirror.gones, 1);
	assert_int_equal(1, mirror.vanishes);
	desktop_create(&mirror, 640, 360);
	assert_int_equal(-ENOTCONN, mirror.error);
	desktop_await(&owner, &owner.readies, 2);
	desktop_create_output(&owner, 480, 320);
	desktop_await(&mirror, &mirror.readies, 2);
	desktop_create_output(&mirror, 640, 360);
	assert_string_equal(owner.info.source.x_display, mirror.info.source.x_display);
	assert_int_equal(480, mirror.info.mode.width_px);
	desktop_finish_all(&mirror);
	desktop_finish_all(&owner);
}

static void backend_makes_its_tree_and_makes_it_again(void **state)
{
	struct world *world = *state;
	struct desktop desktop;
	char log[128];
	snprintf(log, sizeof log, "%s/x-card", world->root);
	desktop_start_own_tree(world, &desktop, "own", log, RED, GREEN);
	assert_int_equal(0, desktop.readies); /* claims wait for it */
	desktop_await(&desktop, &desktop.readies, 1);
	assert_int_equal(1, desktop.trees);
	desktop_create_output(&desktop, 640, 360);
	desktop_await_colour(&desktop, RED);
	char first[SOURCE_PATH_MAX];
	snprintf(first, sizeof first, "%s", desktop.tree.info.runtime_folder);
	const pid_t bus = world_find_process(first, "dbus-daemon");
	assert_true(bus > 0);
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/stat", (int)bus);
	char *status = world_read_file(path);
	int parent = 0;
	assert_int_equal(1, sscanf(strrchr(status, ')'), ") %*c %d", &parent));
	free(status);
	assert_int_equal(0, kill((pid_t)parent, SIGKILL)); /* the tree's init: all of it goes */
	desktop_await(&desktop, &desktop.trees, 2);
	assert_int_equal(1, desktop.vanishes);
	assert_int_equal(1, desktop.trees_lost);
	assert_true(desktop.gones > 0 && desktop.readies > 0);
	assert_string_not_equal(first, desktop.tree.info.runtime_folder);
	desktop_create_output(&desktop, 640, 360);
	desktop_await_colour(&desktop, RED);
	char second[SOURCE_PATH_MAX];
	snprintf(second, sizeof second, "%s", desktop.tree.info.runtime_folder);
	display_backend_destroy(desktop.backend);
	desktop.backend = NULL;
	assert_int_equal(2, desktop.trees_lost);
	world_await_no_process(world, first);
	world_await_no_process(world, second);
}

static bool session_runs(void *data)
{
	return atomic_load(&((const struct fake_manager *)data)->state->active);
}

static void display_takes_a_sessions_place_and_gives_it_back(void **state)
{
	struct world *world = *state;
	struct desktop desktop;
	struct fake_manager manager;
	assert_true(fake_manager_start(&manager));
	sd_bus *bus = fake_manager_connect(&manager);
	assert_true(sd_bus_attach_event(bus, world->event, 0) >= 0);
	struct gamescope_takeover *takeover = gamescope_takeover_create(world->event,
		&(struct gamescope_takeover_params){
			.bus = bus, .unit = MANAGER_UNIT, .give_back_after_ms = 100 });
	desktop_start_managed(world, &desktop, "one", takeover, RED, GREEN);
	assert_true(session_runs(&manager)); /* nobody has come yet */
	atomic_store(&manager.state->fault, MANAGER_REFUSES);
	desktop_create(&desktop, 640, 360);
	assert_int_equal(-EACCES, desktop.error);
	assert_int_equal(0, find_gamescope(&desktop));
	atomic_store(&manager.state->fault, MANAGER_WORKS);
	desktop_create_output(&desktop, 640, 360);
	assert_false(session_runs(&manager));
	desktop_await_colour(&desktop, RED);
	desktop_destroy_output(&desktop);
	assert_true(world_wait(world, session_runs, &manager));
	/* So it is when the program ends by itself, and when the host does. */
	desktop_create_output(&desktop, 640, 360);
	kill(find_gamescope(&desktop), SIGKILL);
	assert_true(world_wait(world, session_runs, &manager));
	desktop_create_output(&desktop, 640, 360);
	assert_false(session_runs(&manager));
	desktop_finish_all(&desktop);
	assert_true(session_runs(&manager));
	sd_bus_detach_event(bus);
	sd_bus_flush_close_unref(bus);
	fake_manager_stop(&manager);
}

static void gamescope_that_is_not_there_is_said(void **state)
{
	struct desktop desktop;
	desktop_start_binary(*state, &desktop, "one", "gamescope-of-nobody");
	desktop_create(&desktop, 640, 360);
	assert_int_equal(-ENOENT, desktop.error);
	desktop_await(&desktop, &desktop.gones, 1);
	assert_non_null(strstr(desktop.text, "not installed"));
	desktop_create(&desktop, 640, 360);
	assert_int_equal(-ENOENT, desktop.error);
	assert_int_equal(0, desktop.readies);
	desktop_finish_all(&desktop);
}

static void old_gamescope_is_refused_by_its_version(void **state)
{
	struct world *world = *state;
	struct desktop desktop;
	char path[128];
	snprintf(path, sizeof path, "%s/old", world->root);
	FILE *file = fopen(path, "we");
	fprintf(file, "#!/bin/sh\necho 'gamescope version 3.11.49 (gcc 12.2.0)' >&2\n");
	fclose(file);
	chmod(path, 0700);
	desktop_start_binary(world, &desktop, "one", path);
	desktop_await(&desktop, &desktop.gones, 1);
	assert_non_null(strstr(desktop.text, "3.11.49"));
	assert_non_null(strstr(desktop.text, "3.16"));
	desktop_create(&desktop, 640, 360);
	assert_int_equal(-ENOTSUP, desktop.error);
	desktop_finish_all(&desktop);
}

static void gamescope_that_fails_is_said_with_its_reason(void **state)
{
	struct world *world = *state;
	struct desktop desktop;
	char path[128];
	snprintf(path, sizeof path, "%s/broken", world->root);
	FILE *file = fopen(path, "we");
	fprintf(file,
		"#!/bin/sh\n[ \"$1\" = --version ] && echo gamescope version 3.16.24 && exit\n"
		"exit 3\n");
	fclose(file);
	chmod(path, 0700);
	desktop_start_binary(world, &desktop, "one", path);
	desktop_await(&desktop, &desktop.readies, 1);
	desktop_create(&desktop, 640, 360);
	assert_int_equal(-ECONNRESET, desktop.error);
	assert_non_null(strstr(desktop.text, "status 3"));
	assert_int_equal(0, desktop.gones);
	desktop_finish_all(&desktop);
}

int main(int argc, char **argv)
{
	if (argc != 4) {
		fprintf(stderr, "usage: test-gamescope LODGE-KEEPER X-CARD SHIM\n");
		return 2;
	}

	world_programs.keeper = argv[1];
	gamescope_programs = (struct gamescope_programs){ argv[2], argv[3] };
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
	const struct CMUnitTest tests[] = {
		TEST(picture_and_keys_and_pointer_are_the_programs),
		TEST(size_and_rate_are_what_gamescope_says_not_what_was_asked_for),
		TEST(wheel_turns_and_text_is_typed),
		TEST(two_desktops_stay_apart),
		TEST(screen_where_nothing_moves_is_seen_by_whoever_comes_later),
		TEST(killed_gamescope_is_told_and_started_again),
		TEST(program_that_ends_takes_its_display_along),
		TEST(another_size_is_another_gamescope),
		TEST(second_display_is_refused),
		TEST(destroyed_display_leaves_nothing),
		TEST(end_of_the_backend_ends_its_gamescope),
		TEST(mirrored_gamescope_is_seen_and_lives_on),
		TEST(display_takes_a_sessions_place_and_gives_it_back),
		TEST(backend_makes_its_tree_and_makes_it_again),
		TEST(gamescope_that_is_not_there_is_said),
		TEST(old_gamescope_is_refused_by_its_version),
		TEST(gamescope_that_fails_is_said_with_its_reason),
	};
	return cmocka_run_group_tests_name("gamescope", tests, NULL, NULL);
}
