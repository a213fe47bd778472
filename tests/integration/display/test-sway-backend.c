/*
 * The sway backend against a real headless sway: the machine's own, or the one that LODGE_TEST_SWAY names.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "display/sway/sway_leftovers.h"
#include "sway_desktop.h"

#define DISPLAYS 5

static void display_has_exactly_the_size_and_rate_asked_for(void **state)
{
	struct desktop *desktop = *state;
	static const struct display_mode modes[] = {
		{ 1920, 1080, 60000, 100 },
		{ 1283, 721, 59940, 100 },
		{ 101, 67, 24000, 100 },
		{ 1280, 720, 120000, 100 },
		{ 2560, 1440, 240000, 100 },
		{ 16, 16, 23976, 100 },
	};
	for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
		struct display_output *output = desktop_create(desktop, modes[i]);
		const struct display_output_info *info = &desktop->answer.info;
		assert_int_equal(info->mode.width_px, modes[i].width_px);
		assert_int_equal(info->mode.height_px, modes[i].height_px);
		assert_in_range(info->mode.refresh_mhz, modes[i].refresh_mhz - 10,
			modes[i].refresh_mhz + 10);
		desktop_assert_output(desktop, info->name, modes[i].width_px, modes[i].height_px,
			modes[i].refresh_mhz);
		desktop_destroy(desktop, output);
	}
}

static void source_names_the_socket_and_the_output(void **state)
{
	struct desktop *desktop = *state;
	desktop_create(desktop, desktop_mode(640, 480, 60000));
	const struct display_output_info *info = &desktop->answer.info;
	assert_int_equal(info->source.kind, VIDEO_SOURCE_WAYLAND);
	assert_string_equal(info->source.wayland_socket, desktop_socket(desktop));
	assert_int_equal(info->source.wayland_socket[0], '/');
	assert_int_equal(access(info->source.wayland_socket, W_OK), 0);
	assert_string_equal(info->source.output_name, info->name);
}

static void scale_is_applied_and_read_back(void **state)
{
	struct desktop *desktop = *state;
	struct display_mode scaled = desktop_mode(1280, 720, 60000);
	scaled.scale_percent = 150;
	struct display_output *output = desktop_create(desktop, scaled);
	assert_int_equal(desktop->answer.info.mode.scale_percent, 150);
	desktop_set_mode(desktop, output, desktop_mode(1280, 720, 60000));
	assert_int_equal(desktop->answer.info.mode.scale_percent, 100);
}

static void mode_of_a_display_is_changed_in_place(void **state)
{
	struct desktop *desktop = *state;
	struct display_output *output = desktop_create(desktop, desktop_mode(1280, 720, 60000));
	char name[SOURCE_NAME_MAX];
	strcpy(name, desktop->answer.info.name);
	desktop_set_mode(desktop, output, desktop_mode(1001, 333, 144000));
	assert_string_equal(desktop->answer.info.name, name);
	assert_int_equal(desktop->answer.info.mode.width_px, 1001);
	desktop_assert_output(desktop, name, 1001, 333, 144000);
}

static void display_is_destroyed_while_its_mode_changes(void **state)
{
	struct desktop *desktop = *state;
	for (int turns = 0; turns < 4; turns++) { /* at several points of the change */
		struct display_output *output =
			desktop_create(desktop, desktop_mode(1280, 720, 60000));
		const struct display_mode wanted = desktop_mode(1001, 333, 144000);
		struct answer changed = { 0 };
		desktop->backend->impl->set_mode(
			desktop->backend, output, &wanted, desktop_on_mode, &changed);
		for (int turn = 0; turn < turns; turn++)
			sd_event_run(desktop->event, 100000);
		desktop_destroy(desktop, output);
		assert_true(sway_session_wait(desktop->event, desktop_has_answer, &changed));
		assert_int_equal(changed.calls, 1);
		assert_true(changed.error == 0 || changed.error == -ECANCELED);
	}
	unsigned large;
	desktop_count_outputs(desktop->ipc, &large);
	assert_int_equal(large, 0);
}

static void five_displays_live_at_once(void **state)
{
	struct desktop *desktop = *state;
	struct answer answers[DISPLAYS] = { 0 };
	for (uint32_t i = 0; i < DISPLAYS; i++) { /* all asked for before the first is there */
		const struct display_mode wanted = desktop_mode(640 + i, 480 + i, 30000 + i * 1000);
		desktop->backend->impl->create(
			desktop->backend, &wanted, desktop_on_created, &answers[i]);
	}
	for (uint32_t i = 0; i < DISPLAYS; i++) {
		assert_true(sway_session_wait(desktop->event, desktop_has_answer, &answers[i]));
		assert_int_equal(answers[i].error, 0);
	}
	for (uint32_t i = 0; i < DISPLAYS; i++) {
		assert_int_equal(answers[i].calls, 1);
		desktop_assert_output(
			desktop, answers[i].info.name, 640 + i, 480 + i, 30000 + i * 1000);
		for (uint32_t j = 0; j < i; j++) {
			assert_string_not_equal(answers[i].info.name, answers[j].info.name);
			assert_int_not_equal(answers[i].info.x, answers[j].info.x);
		}
	}
	for (uint32_t i = 0; i < DISPLAYS; i++)
		desktop_destroy(desktop, answers[i].output);
	unsigned large;
	desktop_count_outputs(desktop->ipc, &large);
	assert_int_equal(large, 0);
}

static void outputs_do_not_pile_up(void **state)
{
	struct desktop *desktop = *state;
	unsigned large;
	for (uint32_t i = 0; i < 6; i++) {
		struct display_output *output =
			desktop_create(desktop, desktop_mode(800 + i, 600, 60000));
		desktop_count_outputs(desktop->ipc, &large);
		assert_int_equal(large, 1);
		desktop_destroy(desktop, output);
		/* The anchor, and a parked one where sway cannot remove outputs. */
		assert_in_range(desktop_count_outputs(desktop->ipc, &large), 1, 2);
		assert_int_equal(large, 0);
	}
}

/* --- windows --- */

static void window_follows_the_displays(void **state)
{
	struct desktop *desktop = *state;
	desktop_assert_foot_on(desktop, NULL); /* started while there was no display at all */
	for (int client = 0; client < 3; client++) {
		char output[64];
		struct display_output *display =
			desktop_create(desktop, desktop_mode(1280, 720, 60000));
		sway_session_find_window(desktop->ipc, "foot", output);
		assert_string_equal(output, desktop->answer.info.name);
		desktop_destroy(desktop, display);
		sway_session_find_window(desktop->ipc, "foot", output);
		assert_string_equal(output, "HEADLESS-1");
	}
}

static void window_that_comes_later_opens_on_the_display(void **state)
{
	struct desktop *desktop = *state;
	desktop_create(desktop, desktop_mode(1280, 720, 60000));
	assert_true(sway_session_command(desktop->ipc, "exec foot"));
	desktop_assert_foot_on(desktop, desktop->answer.info.name);
}

static void windows_of_a_leaving_display_go_to_one_that_stays(void **state)
{
	struct desktop *desktop = *state;
	char stays[SOURCE_NAME_MAX], command[128];
	struct display_output *leaving = desktop_create(desktop, desktop_mode(1280, 720, 60000));
	desktop_assert_foot_on(desktop, desktop->answer.info.name);
	desktop_create(desktop, desktop_mode(1000, 700, 60000));
	strcpy(stays, desktop->answer.info.name);
	desktop_destroy(desktop, leaving);
	char output[64];
	sway_session_find_window(desktop->ipc, "foot", output);
	assert_string_equal(output, stays);
	snprintf(command, sizeof command, "focus output %s", stays);
	assert_true(sway_session_command(desktop->ipc, command));
}

static void display_that_stays_keeps_the_workspace_it_shows(void **state)
{
	struct desktop *desktop = *state;
	struct display_output *leaving = desktop_create(desktop, desktop_mode(1280, 720, 60000));
	desktop_assert_foot_on(desktop, desktop->answer.info.name);
	desktop_create(desktop, desktop_mode(1000, 700, 60000));
	char stays[SOURCE_NAME_MAX];
	strcpy(stays, desktop->answer.info.name);
	json_t *before = desktop_visible_workspace(desktop, stays);
	desktop_destroy(desktop, leaving);
	json_t *after = desktop_visible_workspace(desktop, stays);
	assert_string_equal(json_string_value(json_object_get(after, "name")),
		json_string_value(json_object_get(before, "name")));
	assert_true(json_is_true(json_object_get(after, "focused")));
	json_decref(before);
	json_decref(after);
}

/* --- the desktop's own doings --- */

static bool is_back(void *data)
{
	const struct desktop *desktop = data;
	return desktop->ready > 1;
}

static void killed_sway_is_told_and_comes_back(void **state)
{
	struct desktop *desktop = *state;
	struct display_output *output = desktop_create(desktop, desktop_mode(1280, 720, 60000));
	desktop_create(desktop, desktop_mode(800, 600, 60000));
	desktop->ready = 1;
	assert_int_equal(kill(sway_session_pid(desktop->ipc), SIGKILL), 0);
	desktop->answer = (struct answer){ 0 };
	desktop->backend->impl->set_mode(desktop->backend, output,
		&(struct display_mode){ 640, 480, 60000, 100 }, desktop_on_mode, &desktop->answer);
	assert_true(sway_session_wait(desktop->event, is_back, desktop));
	assert_int_equal(desktop->answer.calls, 1);
	assert_true(desktop->answer.error < 0);
	assert_int_equal(desktop->vanished, 2);
	assert_int_equal(desktop->gone, 1);
	desktop_await_ready(desktop);
	desktop->gone = 0;
	desktop_create(desktop, desktop_mode(1024, 768, 60000));
	desktop_assert_output(desktop, desktop->answer.info.name, 1024, 768, 60000);
}

/* Cuts the backend's own connection to sway, which lives on. */
static void cut_connection(const struct desktop *desktop)
{
	for (int fd = 3; fd < 256; fd++) {
		struct sockaddr_un peer = { 0 };
		socklen_t size = sizeof peer;
		if (getpeername(fd, (struct sockaddr *)&peer, &size) == 0 &&
			strcmp(peer.sun_path, desktop->ipc) == 0)
			shutdown(fd, SHUT_RDWR);
	}
}

static bool has_no_large_output(void *data)
{
	const struct desktop *desktop = data;
	unsigned large;
	desktop_count_outputs(desktop->ipc, &large);
	return large == 0;
}

static void outputs_of_a_broken_connection_are_removed_once_it_is_back(void **state)
{
	struct desktop *desktop = *state;
	const pid_t sway = sway_session_pid(desktop->ipc);
	desktop_create(desktop, desktop_mode(1280, 720, 60000));
	desktop_create(desktop, desktop_mode(800, 600, 60000));
	cut_connection(desktop);
	assert_true(sway_session_wait(desktop->event, is_back, desktop));
	assert_int_equal(desktop->vanished, 2);
	assert_int_equal(desktop->gone, 1);
	assert_true(sway_session_wait(desktop->event, has_no_large_output, desktop));
	assert_int_equal(sway_session_pid(desktop->ipc), sway);
}

static bool has_scale(void *data)
{
	const struct desktop *desktop = data;
	bool found = false;
	size_t index;
	json_t *output;
	json_t *outputs = sway_session_ask(desktop->ipc, SWAY_GET_OUTPUTS, NULL);
	json_array_foreach(outputs, index, output)
	{
		const char *name = json_string_value(json_object_get(output, "name"));
		const double scale = json_number_value(json_object_get(output, "scale"));
		if (strcmp(name, desktop->answer.info.name) == 0)
			found = scale > 1.49 && scale < 1.51;
	}
	json_decref(outputs);
	return found;
}

static bool has_no_scale(void *data)
{
	return !has_scale(data);
}

static void scale_outlives_a_reload(void **state)
{
	struct desktop *desktop = *state;
	struct display_mode scaled = desktop_mode(1280, 720, 60000);
	scaled.scale_percent = 150;
	desktop_create(desktop, scaled);
	assert_true(has_scale(desktop));
	desktop_command(desktop, "reload");
	assert_true(desktop_await_undisturbed(has_no_scale, desktop));
	assert_true(sway_session_wait(desktop->event, has_scale, desktop));
	assert_int_equal(desktop->vanished, 0);
}

static bool has_vanished(void *data)
{
	const struct desktop *desktop = data;
	return desktop->vanished > 0;
}

static void output_that_the_user_unplugs_is_told(void **state)
{
	struct desktop *desktop = *state;
	char command[128];
	struct display_output *output = desktop_create(desktop, desktop_mode(1280, 720, 60000));
	snprintf(command, sizeof command, "output %s unplug", desktop->answer.info.name);
	if (!desktop_can_unplug(desktop)) { /* nobody can, there */
		assert_false(sway_session_command(desktop->ipc, command));
		return;
	}
	assert_true(sway_session_command(desktop->ipc, command));
	assert_true(sway_session_wait(desktop->event, has_vanished, desktop));
	assert_ptr_equal(desktop->vanished_output, output);
	desktop_create(desktop, desktop_mode(1280, 720, 60000));
}

/* --- deadlines --- */

static bool has_one_large_output(void *data)
{
	const struct desktop *desktop = data;
	unsigned large;
	desktop_count_outputs(desktop->ipc, &large);
	return large == 1;
}

static void silent_sway_ends_in_a_timeout_and_leaves_nothing_behind(void **state)
{
	struct desktop *desktop = *state;
	const pid_t sway = sway_session_pid(desktop->ipc);
	const struct display_mode wanted = desktop_mode(1280, 720, 60000);
	assert_int_equal(kill(sway, SIGSTOP), 0);
	desktop_request_create(desktop, &wanted);
	desktop_await_answer(desktop);
	assert_int_equal(desktop->answer.error, -ETIMEDOUT);
	assert_null(desktop->answer.output);
	assert_int_equal(kill(sway, SIGCONT), 0);
	desktop_create(
		desktop, desktop_mode(800, 600, 60000)); /* after the late one was taken back */
	assert_true(has_one_large_output(desktop));
}

static void request_before_sway_is_up_waits_for_it(void **state)
{
	struct desktop *desktop = *state;
	desktop_spawn(desktop, NULL, 0);
	assert_null(desktop_socket(desktop));
	desktop_create(desktop, desktop_mode(1280, 720, 60000));
	assert_non_null(desktop_socket(desktop));
}

static void sway_that_cannot_start_ends_in_not_connected(void **state)
{
	struct desktop *desktop = *state;
	const struct display_mode wanted = desktop_mode(1280, 720, 60000);
	desktop->backend = sway_backend_spawn(desktop->event,
		&(struct sway_spawn_params){
			.binary = "/bin/false", .runtime_parent = desktop->parent });
	assert_non_null(desktop->backend);
	desktop_request_create(desktop, &wanted);
	desktop_await_answer(desktop);
	assert_int_equal(desktop->answer.error, -ENOTCONN);
}

static void missing_sway_is_refused_at_once(void **state)
{
	struct desktop *desktop = *state;
	assert_null(sway_backend_spawn(desktop->event,
		&(struct sway_spawn_params){
			.binary = "no-such-sway", .runtime_parent = desktop->parent }));
	assert_int_equal(errno, ENOENT);
	assert_null(sway_backend_attach(desktop->event,
		&(struct sway_attach_params){
			.ipc_socket = "/nowhere/ipc", .wayland_socket = "/nowhere/wayland-1" }));
	assert_int_equal(errno, ENOENT);
}

/* --- ends --- */

static void destroyed_backend_leaves_no_process_and_no_folder(void **state)
{
	static const char *const launch[] = { "foot", "setsid sleep 1000" };
	struct desktop *desktop = *state;
	char folder[PATH_MAX];
	desktop_spawn(desktop, launch, 2);
	desktop_await_ready(desktop);
	desktop_create(desktop, desktop_mode(1280, 720, 60000));
	desktop_assert_foot_on(desktop, NULL);
	snprintf(folder, sizeof folder, "%s", desktop_socket(desktop));
	*strrchr(folder, '/') = '\0';
	assert_true(sway_leftovers_signal(folder, 0) >= 3); /* sway, foot, sleep */
	/* With a request under way: its callback must not come any more. */
	const struct display_mode wanted = desktop_mode(800, 600, 60000);
	desktop_request_create(desktop, &wanted);
	display_backend_destroy(desktop->backend);
	desktop->backend = NULL;
	assert_int_equal(desktop->answer.calls, 0);
	assert_int_equal(sway_leftovers_signal(folder, 0), 0);
	assert_int_equal(desktop_count_entries(desktop->parent), 0);
}

/* The host of the next test, in a process of its own: tells the folder, then runs until it is killed. */
static _Noreturn void run_host(struct desktop *desktop, int report)
{
	static const char *const launch[] = { "foot" };
	desktop_spawn(desktop, launch, 1);
	desktop_await_ready(desktop);
	desktop_assert_foot_on(desktop, NULL);
	const char *socket = desktop_socket(desktop);
	if (write(report, socket, strlen(socket) + 1) < 0)
		_exit(1);
	sd_event_loop(desktop->event);
	_exit(1);
}

static bool nothing_runs(void *data)
{
	return sway_leftovers_signal(data, 0) == 0;
}

static void killed_host_leaves_no_process(void **state)
{
	struct desktop *desktop = *state;
	char folder[PATH_MAX] = "";
	int report[2];
	assert_int_equal(pipe(report), 0);
	const pid_t host = fork();
	if (host == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		desktop->event = sd_event_unref(desktop->event); /* not to be used after a fork */
		if (sd_event_new(&desktop->event) < 0)
			_exit(1);
		run_host(desktop, report[1]);
	}
	assert_true(host > 0);
	close(report[1]);
	const ssize_t size = read(report[0], folder, sizeof folder);
	close(report[0]);
	kill(host, SIGKILL);
	waitpid(host, NULL, 0);
	assert_true(size > 0);
	*strrchr(folder, '/') = '\0';
	assert_true(sway_session_wait(desktop->event, nothing_runs, folder));
	assert_int_equal(sway_leftovers_remove(folder), 0); /* no one was left to do it */
}

static void attached_session_stays_with_what_it_had(void **state)
{
	struct desktop *desktop = *state;
	unsigned large, before;
	desktop_start_session(desktop);
	before = desktop_count_outputs(desktop->ipc, &large);
	assert_int_equal(large, 1);
	for (int round = 0; round < 2; round++) {
		desktop_attach(desktop);
		desktop_command(desktop, "exec foot");
		struct display_output *first =
			desktop_create(desktop, desktop_mode(1280, 720, 60000));
		desktop_create(desktop, desktop_mode(800, 600, 60000));
		desktop_create(desktop, desktop_mode(801, 600, 60000));
		desktop_destroy(desktop, first);
		desktop_assert_output(desktop, "HEADLESS-1", 1600, 900, 60000);
		desktop_detach(desktop);
		const unsigned after = desktop_count_outputs(desktop->ipc, &large);
		assert_int_equal(large, 1);
		if (desktop_can_unplug(desktop))
			assert_int_equal(after, before);
	}
	desktop_assert_foot_on(desktop, "HEADLESS-1");
	assert_false(desktop->session.exited);
}

static bool is_gone(void *data)
{
	const struct desktop *desktop = data;
	return desktop->gone > 0;
}

static void attached_session_that_ends_is_told(void **state)
{
	struct desktop *desktop = *state;
	desktop_start_session(desktop);
	desktop_attach(desktop);
	desktop_create(desktop, desktop_mode(1280, 720, 60000));
	sway_session_stop(&desktop->session);
	assert_true(sway_session_wait(desktop->event, is_gone, desktop));
	assert_int_equal(desktop->vanished, 1);
	assert_null(desktop_socket(desktop));
}

#define IN_SWAY(test) cmocka_unit_test_setup_teardown(test, desktop_open, desktop_close_folder)
#define WITH_FOOT(test)                                                                            \
	cmocka_unit_test_setup_teardown(test, desktop_open_with_foot, desktop_close_folder)
#define IN_FOLDER(test)                                                                            \
	cmocka_unit_test_setup_teardown(test, desktop_open_folder, desktop_close_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SWAY(display_has_exactly_the_size_and_rate_asked_for),
		IN_SWAY(source_names_the_socket_and_the_output),
		IN_SWAY(scale_is_applied_and_read_back),
		IN_SWAY(mode_of_a_display_is_changed_in_place),
		IN_SWAY(display_is_destroyed_while_its_mode_changes),
		IN_SWAY(five_displays_live_at_once),
		IN_SWAY(outputs_do_not_pile_up),
		WITH_FOOT(window_follows_the_displays),
		IN_SWAY(window_that_comes_later_opens_on_the_display),
		WITH_FOOT(windows_of_a_leaving_display_go_to_one_that_stays),
		WITH_FOOT(display_that_stays_keeps_the_workspace_it_shows),
		IN_SWAY(killed_sway_is_told_and_comes_back),
		IN_SWAY(outputs_of_a_broken_connection_are_removed_once_it_is_back),
		IN_SWAY(scale_outlives_a_reload),
		IN_SWAY(output_that_the_user_unplugs_is_told),
		IN_SWAY(silent_sway_ends_in_a_timeout_and_leaves_nothing_behind),
		IN_FOLDER(request_before_sway_is_up_waits_for_it),
		IN_FOLDER(sway_that_cannot_start_ends_in_not_connected),
		IN_FOLDER(missing_sway_is_refused_at_once),
		IN_FOLDER(destroyed_backend_leaves_no_process_and_no_folder),
		IN_FOLDER(killed_host_leaves_no_process),
		IN_FOLDER(attached_session_stays_with_what_it_had),
		IN_FOLDER(attached_session_that_ends_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
