/*
 * The sway backend against a real headless sway: the machine's own, or the one that LODGE_TEST_SWAY names.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "display/sway/sway_backend.h"
#include "display/sway/sway_leftovers.h"
#include "support/sway_session.h"

#define DISPLAYS 5

/* What the last call of each kind brought. */
struct answer {
	unsigned calls;
	int error;
	char text[256];
	struct display_output *output;
	struct display_output_info info;
};

struct desktop {
	sd_event *event;
	char parent[64]; /* of the private folders */
	struct display_backend *backend;
	struct answer answer;
	unsigned vanished, gone, ready;
	struct display_output *vanished_output;
	char ipc[PATH_MAX];
};

static void keep(struct answer *answer, int error, const char *text, struct display_output *output,
	const struct display_output_info *info)
{
	answer->calls++;
	answer->error = error;
	answer->output = output;
	snprintf(answer->text, sizeof answer->text, "%s", text ? text : "");
	if (info)
		answer->info = *info;
}

static void on_created(void *data, int error, const char *text, struct display_output *output,
	const struct display_output_info *info)
{
	keep(data, error, text, output, info);
}

static void on_mode(void *data, int error, const char *text, const struct display_output_info *info)
{
	keep(data, error, text, NULL, info);
}

static void on_destroyed(void *data, int error, const char *text)
{
	keep(data, error, text, NULL, NULL);
}

static void on_vanished(void *data, struct display_output *output)
{
	struct desktop *desktop = data;
	assert_int_equal(desktop->gone, 0);
	desktop->vanished++;
	desktop->vanished_output = output;
}

static void on_gone(void *data, const char *text)
{
	struct desktop *desktop = data;
	assert_true(strlen(text) > 0);
	desktop->gone++;
}

static void on_ready(void *data)
{
	struct desktop *desktop = data;
	desktop->ready++;
}

static const struct display_backend_events events = { on_vanished, on_gone, on_ready };

static bool has_answer(void *data)
{
	const struct answer *answer = data;
	return answer->calls > 0;
}

static bool is_ready(void *data)
{
	const struct desktop *desktop = data;
	return desktop->ready > 0;
}

static void await_answer(struct desktop *desktop)
{
	assert_int_equal(desktop->answer.calls, 0); /* never from inside the request */
	assert_true(sway_session_wait(desktop->event, has_answer, &desktop->answer));
	assert_int_equal(desktop->answer.calls, 1);
}

static struct display_mode mode(uint32_t width, uint32_t height, uint32_t refresh_mhz)
{
	return (struct display_mode){ width, height, refresh_mhz, 100 };
}

static void request_create(struct desktop *desktop, const struct display_mode *wanted)
{
	desktop->answer = (struct answer){ 0 };
	desktop->backend->impl->create(desktop->backend, wanted, on_created, &desktop->answer);
}

static struct display_output *create(struct desktop *desktop, struct display_mode wanted)
{
	request_create(desktop, &wanted);
	await_answer(desktop);
	assert_string_equal(desktop->answer.text, "");
	assert_int_equal(desktop->answer.error, 0);
	assert_non_null(desktop->answer.output);
	return desktop->answer.output;
}

static void destroy(struct desktop *desktop, struct display_output *output)
{
	desktop->answer = (struct answer){ 0 };
	desktop->backend->impl->destroy_output(
		desktop->backend, output, on_destroyed, &desktop->answer);
	await_answer(desktop);
	assert_string_equal(desktop->answer.text, "");
	assert_int_equal(desktop->answer.error, 0);
}

static void set_mode(
	struct desktop *desktop, struct display_output *output, struct display_mode wanted)
{
	desktop->answer = (struct answer){ 0 };
	desktop->backend->impl->set_mode(
		desktop->backend, output, &wanted, on_mode, &desktop->answer);
	await_answer(desktop);
	assert_int_equal(desktop->answer.error, 0);
}

/* What sway itself says, asked by another way than the backend's. */
static void assert_output_is(const struct desktop *desktop, const char *name, uint32_t width,
	uint32_t height, uint32_t refresh_mhz)
{
	bool found = false;
	size_t index;
	json_t *output;
	json_t *outputs = sway_session_ask(desktop->ipc, SWAY_GET_OUTPUTS, NULL);
	assert_non_null(outputs);
	json_array_foreach(outputs, index, output)
	{
		const json_t *current = json_object_get(output, "current_mode");
		if (strcmp(json_string_value(json_object_get(output, "name")), name) != 0)
			continue;
		found = true;
		assert_int_equal(json_integer_value(json_object_get(current, "width")), width);
		assert_int_equal(json_integer_value(json_object_get(current, "height")), height);
		assert_in_range(json_integer_value(json_object_get(current, "refresh")),
			refresh_mhz - 10, refresh_mhz + 10);
	}
	json_decref(outputs);
	assert_true(found);
}

/* Outputs that are larger than a parked one. */
static unsigned count_outputs(const char *ipc, unsigned *large)
{
	unsigned count = 0;
	size_t index;
	json_t *output;
	json_t *outputs = sway_session_ask(ipc, SWAY_GET_OUTPUTS, NULL);
	assert_non_null(outputs);
	*large = 0;
	json_array_foreach(outputs, index, output)
	{
		const json_t *current = json_object_get(output, "current_mode");
		count++;
		if (json_integer_value(json_object_get(current, "width")) > 16)
			++*large;
	}
	json_decref(outputs);
	return count;
}

static void block_children(void)
{
	sigset_t children;
	sigemptyset(&children);
	sigaddset(&children, SIGCHLD);
	sigprocmask(SIG_BLOCK, &children, NULL);
}

static int open_folder(void **state)
{
	struct desktop *desktop = calloc(1, sizeof *desktop);
	block_children();
	strcpy(desktop->parent, "/tmp/lodge-test.XXXXXX");
	if (!mkdtemp(desktop->parent) || sd_event_new(&desktop->event) < 0)
		return -1;
	*state = desktop;
	return 0;
}

static int close_folder(void **state)
{
	struct desktop *desktop = *state;
	display_backend_destroy(desktop->backend);
	sd_event_unref(desktop->event);
	const int error = rmdir(desktop->parent); /* the backend left nothing in it */
	if (error < 0)
		print_error("%s: %s\n", desktop->parent, strerror(errno));
	free(desktop);
	return error;
}

static void spawn(struct desktop *desktop, const char *const *launch, size_t launch_count)
{
	const struct sway_spawn_params params =
		sway_session_params(desktop->parent, launch, launch_count);
	desktop->backend = sway_backend_spawn(desktop->event, &params);
	assert_non_null(desktop->backend);
	desktop->backend->events = &events;
	desktop->backend->events_data = desktop;
}

static const char *wayland_socket(const struct desktop *desktop)
{
	return desktop->backend->impl->wayland_socket(desktop->backend);
}

static void await_ready(struct desktop *desktop)
{
	assert_true(sway_session_wait(desktop->event, is_ready, desktop));
	assert_non_null(wayland_socket(desktop));
	assert_true(sway_session_find_ipc(wayland_socket(desktop), desktop->ipc));
}

static int open_sway(void **state)
{
	if (open_folder(state) < 0)
		return -1;
	spawn(*state, NULL, 0);
	await_ready(*state);
	return 0;
}

static int open_sway_with_foot(void **state)
{
	static const char *const launch[] = { "foot" };
	if (open_folder(state) < 0)
		return -1;
	spawn(*state, launch, 1);
	await_ready(*state);
	return 0;
}

/* --- displays --- */

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
		struct display_output *output = create(desktop, modes[i]);
		const struct display_output_info *info = &desktop->answer.info;
		assert_int_equal(info->mode.width_px, modes[i].width_px);
		assert_int_equal(info->mode.height_px, modes[i].height_px);
		assert_in_range(info->mode.refresh_mhz, modes[i].refresh_mhz - 10,
			modes[i].refresh_mhz + 10);
		assert_output_is(desktop, info->name, modes[i].width_px, modes[i].height_px,
			modes[i].refresh_mhz);
		destroy(desktop, output);
	}
}

static void source_names_the_socket_and_the_output(void **state)
{
	struct desktop *desktop = *state;
	create(desktop, mode(640, 480, 60000));
	const struct display_output_info *info = &desktop->answer.info;
	assert_int_equal(info->source.kind, VIDEO_SOURCE_WAYLAND);
	assert_string_equal(info->source.wayland_socket, wayland_socket(desktop));
	assert_int_equal(info->source.wayland_socket[0], '/');
	assert_int_equal(access(info->source.wayland_socket, W_OK), 0);
	assert_string_equal(info->source.output_name, info->name);
}

static void scale_is_applied_and_read_back(void **state)
{
	struct desktop *desktop = *state;
	struct display_mode scaled = mode(1280, 720, 60000);
	scaled.scale_percent = 150;
	struct display_output *output = create(desktop, scaled);
	assert_int_equal(desktop->answer.info.mode.scale_percent, 150);
	set_mode(desktop, output, mode(1280, 720, 60000));
	assert_int_equal(desktop->answer.info.mode.scale_percent, 100);
}

static void mode_of_a_display_is_changed_in_place(void **state)
{
	struct desktop *desktop = *state;
	struct display_output *output = create(desktop, mode(1280, 720, 60000));
	char name[SOURCE_NAME_MAX];
	strcpy(name, desktop->answer.info.name);
	set_mode(desktop, output, mode(1001, 333, 144000));
	assert_string_equal(desktop->answer.info.name, name);
	assert_int_equal(desktop->answer.info.mode.width_px, 1001);
	assert_output_is(desktop, name, 1001, 333, 144000);
}

static void display_is_destroyed_while_its_mode_changes(void **state)
{
	struct desktop *desktop = *state;
	for (int turns = 0; turns < 4; turns++) { /* at several points of the change */
		struct display_output *output = create(desktop, mode(1280, 720, 60000));
		const struct display_mode wanted = mode(1001, 333, 144000);
		struct answer changed = { 0 };
		desktop->backend->impl->set_mode(
			desktop->backend, output, &wanted, on_mode, &changed);
		for (int turn = 0; turn < turns; turn++)
			sd_event_run(desktop->event, 100000);
		destroy(desktop, output);
		assert_true(sway_session_wait(desktop->event, has_answer, &changed));
		assert_int_equal(changed.calls, 1);
		assert_true(changed.error == 0 || changed.error == -ECANCELED);
	}
	unsigned large;
	count_outputs(desktop->ipc, &large);
	assert_int_equal(large, 0);
}

static void five_displays_live_at_once(void **state)
{
	struct desktop *desktop = *state;
	struct answer answers[DISPLAYS] = { 0 };
	for (uint32_t i = 0; i < DISPLAYS; i++) { /* all asked for before the first is there */
		const struct display_mode wanted = mode(640 + i, 480 + i, 30000 + i * 1000);
		desktop->backend->impl->create(desktop->backend, &wanted, on_created, &answers[i]);
	}
	for (uint32_t i = 0; i < DISPLAYS; i++) {
		assert_true(sway_session_wait(desktop->event, has_answer, &answers[i]));
		assert_int_equal(answers[i].error, 0);
	}
	for (uint32_t i = 0; i < DISPLAYS; i++) {
		assert_int_equal(answers[i].calls, 1);
		assert_output_is(desktop, answers[i].info.name, 640 + i, 480 + i, 30000 + i * 1000);
		for (uint32_t j = 0; j < i; j++) {
			assert_string_not_equal(answers[i].info.name, answers[j].info.name);
			assert_int_not_equal(answers[i].info.x, answers[j].info.x);
		}
	}
	for (uint32_t i = 0; i < DISPLAYS; i++)
		destroy(desktop, answers[i].output);
	unsigned large;
	count_outputs(desktop->ipc, &large);
	assert_int_equal(large, 0);
}

static void outputs_do_not_pile_up(void **state)
{
	struct desktop *desktop = *state;
	unsigned large;
	for (uint32_t i = 0; i < 6; i++) {
		struct display_output *output = create(desktop, mode(800 + i, 600, 60000));
		count_outputs(desktop->ipc, &large);
		assert_int_equal(large, 1);
		destroy(desktop, output);
		/* The anchor, and a parked one where sway cannot remove outputs. */
		assert_in_range(count_outputs(desktop->ipc, &large), 1, 2);
		assert_int_equal(large, 0);
	}
}

/* --- windows --- */

struct place {
	const struct desktop *desktop;
	const char *output; /* NULL: anywhere */
};

static bool foot_is_there(void *data)
{
	const struct place *place = data;
	char output[64];
	sway_session_find_window(place->desktop->ipc, "foot", output);
	return output[0] && (!place->output || strcmp(output, place->output) == 0);
}

static void assert_foot_on(struct desktop *desktop, const char *output)
{
	struct place place = { desktop, output };
	assert_true(sway_session_wait(desktop->event, foot_is_there, &place));
}

static void window_follows_the_displays(void **state)
{
	struct desktop *desktop = *state;
	assert_foot_on(desktop, NULL); /* started while there was no display at all */
	for (int client = 0; client < 3; client++) {
		char output[64];
		struct display_output *display = create(desktop, mode(1280, 720, 60000));
		sway_session_find_window(desktop->ipc, "foot", output);
		assert_string_equal(output, desktop->answer.info.name);
		destroy(desktop, display);
		sway_session_find_window(desktop->ipc, "foot", output);
		assert_string_equal(output, "HEADLESS-1");
	}
}

static void window_that_comes_later_opens_on_the_display(void **state)
{
	struct desktop *desktop = *state;
	create(desktop, mode(1280, 720, 60000));
	assert_true(sway_session_command(desktop->ipc, "exec foot"));
	assert_foot_on(desktop, desktop->answer.info.name);
}

static void windows_of_a_leaving_display_go_to_one_that_stays(void **state)
{
	struct desktop *desktop = *state;
	char stays[SOURCE_NAME_MAX], command[128];
	struct display_output *leaving = create(desktop, mode(1280, 720, 60000));
	assert_foot_on(desktop, desktop->answer.info.name);
	create(desktop, mode(1000, 700, 60000));
	strcpy(stays, desktop->answer.info.name);
	destroy(desktop, leaving);
	char output[64];
	sway_session_find_window(desktop->ipc, "foot", output);
	assert_string_equal(output, stays);
	snprintf(command, sizeof command, "focus output %s", stays);
	assert_true(sway_session_command(desktop->ipc, command));
}

static json_t *visible_workspace(const struct desktop *desktop, const char *output)
{
	size_t index;
	json_t *workspace, *found = NULL;
	json_t *workspaces = sway_session_ask(desktop->ipc, SWAY_GET_WORKSPACES, NULL);
	json_array_foreach(workspaces, index, workspace)
	{
		const char *on = json_string_value(json_object_get(workspace, "output"));
		if (json_is_true(json_object_get(workspace, "visible")) && strcmp(on, output) == 0)
			found = json_incref(workspace);
	}
	json_decref(workspaces);
	return found;
}

static void display_that_stays_keeps_the_workspace_it_shows(void **state)
{
	struct desktop *desktop = *state;
	struct display_output *leaving = create(desktop, mode(1280, 720, 60000));
	assert_foot_on(desktop, desktop->answer.info.name);
	create(desktop, mode(1000, 700, 60000));
	char stays[SOURCE_NAME_MAX];
	strcpy(stays, desktop->answer.info.name);
	json_t *before = visible_workspace(desktop, stays);
	destroy(desktop, leaving);
	json_t *after = visible_workspace(desktop, stays);
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
	struct display_output *output = create(desktop, mode(1280, 720, 60000));
	create(desktop, mode(800, 600, 60000));
	desktop->ready = 1;
	assert_int_equal(kill(sway_session_pid(desktop->ipc), SIGKILL), 0);
	desktop->answer = (struct answer){ 0 };
	desktop->backend->impl->set_mode(desktop->backend, output,
		&(struct display_mode){ 640, 480, 60000, 100 }, on_mode, &desktop->answer);
	assert_true(sway_session_wait(desktop->event, is_back, desktop));
	assert_int_equal(desktop->answer.calls, 1);
	assert_true(desktop->answer.error < 0);
	assert_int_equal(desktop->vanished, 2);
	assert_int_equal(desktop->gone, 1);
	await_ready(desktop);
	desktop->gone = 0;
	create(desktop, mode(1024, 768, 60000));
	assert_output_is(desktop, desktop->answer.info.name, 1024, 768, 60000);
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
	count_outputs(desktop->ipc, &large);
	return large == 0;
}

static void outputs_of_a_broken_connection_are_removed_once_it_is_back(void **state)
{
	struct desktop *desktop = *state;
	const pid_t sway = sway_session_pid(desktop->ipc);
	create(desktop, mode(1280, 720, 60000));
	create(desktop, mode(800, 600, 60000));
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

static void scale_outlives_a_reload(void **state)
{
	struct desktop *desktop = *state;
	struct display_mode scaled = mode(1280, 720, 60000);
	scaled.scale_percent = 150;
	create(desktop, scaled);
	assert_true(has_scale(desktop));
	char command[128];
	snprintf(command, sizeof command, "output %s scale 2", desktop->answer.info.name);
	assert_true(sway_session_command(desktop->ipc, command));
	assert_true(sway_session_command(desktop->ipc, "reload"));
	assert_true(sway_session_wait(desktop->event, has_scale, desktop));
	assert_int_equal(desktop->vanished, 0);
}

static bool has_vanished(void *data)
{
	const struct desktop *desktop = data;
	return desktop->vanished > 0;
}

static bool can_unplug(const struct desktop *desktop)
{
	json_t *version = sway_session_ask(desktop->ipc, SWAY_GET_VERSION, NULL);
	const bool can = json_integer_value(json_object_get(version, "major")) > 1 ||
		json_integer_value(json_object_get(version, "minor")) >= 8;
	json_decref(version);
	return can;
}

static void output_that_the_user_unplugs_is_told(void **state)
{
	struct desktop *desktop = *state;
	char command[128];
	struct display_output *output = create(desktop, mode(1280, 720, 60000));
	snprintf(command, sizeof command, "output %s unplug", desktop->answer.info.name);
	if (!can_unplug(desktop)) { /* nobody can, there */
		assert_false(sway_session_command(desktop->ipc, command));
		return;
	}
	assert_true(sway_session_command(desktop->ipc, command));
	assert_true(sway_session_wait(desktop->event, has_vanished, desktop));
	assert_ptr_equal(desktop->vanished_output, output);
	create(desktop, mode(1280, 720, 60000));
}

/* --- deadlines --- */

static bool has_one_large_output(void *data)
{
	const struct desktop *desktop = data;
	unsigned large;
	count_outputs(desktop->ipc, &large);
	return large == 1;
}

static void silent_sway_ends_in_a_timeout_and_leaves_nothing_behind(void **state)
{
	struct desktop *desktop = *state;
	const pid_t sway = sway_session_pid(desktop->ipc);
	const struct display_mode wanted = mode(1280, 720, 60000);
	assert_int_equal(kill(sway, SIGSTOP), 0);
	request_create(desktop, &wanted);
	await_answer(desktop);
	assert_int_equal(desktop->answer.error, -ETIMEDOUT);
	assert_null(desktop->answer.output);
	assert_int_equal(kill(sway, SIGCONT), 0);
	create(desktop, mode(800, 600, 60000)); /* after the late one was taken back */
	assert_true(has_one_large_output(desktop));
}

static void request_before_sway_is_up_waits_for_it(void **state)
{
	struct desktop *desktop = *state;
	spawn(desktop, NULL, 0);
	assert_null(wayland_socket(desktop));
	create(desktop, mode(1280, 720, 60000));
	assert_non_null(wayland_socket(desktop));
}

static void sway_that_cannot_start_ends_in_not_connected(void **state)
{
	struct desktop *desktop = *state;
	const struct display_mode wanted = mode(1280, 720, 60000);
	desktop->backend = sway_backend_spawn(desktop->event,
		&(struct sway_spawn_params){
			.binary = "/bin/false", .runtime_parent = desktop->parent });
	assert_non_null(desktop->backend);
	request_create(desktop, &wanted);
	await_answer(desktop);
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
		&(struct sway_attach_params){ "/nowhere/ipc", "/nowhere/wayland-1" }));
	assert_int_equal(errno, ENOENT);
}

/* --- ends --- */

static unsigned count_entries(const char *path)
{
	unsigned count = 0;
	DIR *folder = opendir(path);
	for (const struct dirent *entry; (entry = readdir(folder));)
		count += entry->d_name[0] != '.';
	closedir(folder);
	return count;
}

static void destroyed_backend_leaves_no_process_and_no_folder(void **state)
{
	static const char *const launch[] = { "foot", "setsid sleep 1000" };
	struct desktop *desktop = *state;
	char folder[PATH_MAX];
	spawn(desktop, launch, 2);
	await_ready(desktop);
	create(desktop, mode(1280, 720, 60000));
	assert_foot_on(desktop, NULL);
	snprintf(folder, sizeof folder, "%s", wayland_socket(desktop));
	*strrchr(folder, '/') = '\0';
	assert_true(sway_leftovers_signal(folder, 0) >= 3); /* sway, foot, sleep */
	/* With a request under way: its callback must not come any more. */
	const struct display_mode wanted = mode(800, 600, 60000);
	request_create(desktop, &wanted);
	display_backend_destroy(desktop->backend);
	desktop->backend = NULL;
	assert_int_equal(desktop->answer.calls, 0);
	assert_int_equal(sway_leftovers_signal(folder, 0), 0);
	assert_int_equal(count_entries(desktop->parent), 0);
}

/* The host of the next test, in a process of its own: tells the folder, then runs until it is killed. */
static _Noreturn void run_host(struct desktop *desktop, int report)
{
	static const char *const launch[] = { "foot" };
	spawn(desktop, launch, 1);
	await_ready(desktop);
	assert_foot_on(desktop, NULL);
	const char *socket = wayland_socket(desktop);
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
	struct sway_session session;
	unsigned large, before;
	const struct sway_spawn_params params = sway_session_params(desktop->parent, NULL, 0);
	assert_true(sway_session_start(&session, desktop->event, &params));
	strcpy(desktop->ipc, session.ipc_socket);
	/* The user's own screen. */
	assert_true(sway_session_command(
		session.ipc_socket, "output HEADLESS-1 mode --custom 1600x900@60Hz"));
	before = count_outputs(session.ipc_socket, &large);
	assert_int_equal(large, 1);
	for (int round = 0; round < 2; round++) {
		desktop->backend = sway_backend_attach(desktop->event,
			&(struct sway_attach_params){ session.ipc_socket, session.wayland_socket });
		assert_non_null(desktop->backend);
		assert_true(sway_session_command(session.ipc_socket, "exec foot"));
		struct display_output *first = create(desktop, mode(1280, 720, 60000));
		create(desktop, mode(800, 600, 60000));
		create(desktop, mode(801, 600, 60000));
		destroy(desktop, first);
		assert_output_is(desktop, "HEADLESS-1", 1600, 900, 60000);
		display_backend_destroy(desktop->backend);
		desktop->backend = NULL;
		const unsigned after = count_outputs(session.ipc_socket, &large);
		assert_int_equal(large, 1);
		if (can_unplug(desktop))
			assert_int_equal(after, before);
	}
	assert_foot_on(desktop, "HEADLESS-1");
	assert_false(session.exited);
	sway_session_stop(&session);
}

static bool is_gone(void *data)
{
	const struct desktop *desktop = data;
	return desktop->gone > 0;
}

static void attached_session_that_ends_is_told(void **state)
{
	struct desktop *desktop = *state;
	struct sway_session session;
	const struct sway_spawn_params params = sway_session_params(desktop->parent, NULL, 0);
	assert_true(sway_session_start(&session, desktop->event, &params));
	desktop->backend = sway_backend_attach(desktop->event,
		&(struct sway_attach_params){ session.ipc_socket, session.wayland_socket });
	assert_non_null(desktop->backend);
	desktop->backend->events = &events;
	desktop->backend->events_data = desktop;
	create(desktop, mode(1280, 720, 60000));
	sway_session_stop(&session);
	assert_true(sway_session_wait(desktop->event, is_gone, desktop));
	assert_int_equal(desktop->vanished, 1);
	assert_null(wayland_socket(desktop));
}

#define IN_SWAY(test) cmocka_unit_test_setup_teardown(test, open_sway, close_folder)
#define WITH_FOOT(test) cmocka_unit_test_setup_teardown(test, open_sway_with_foot, close_folder)
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, open_folder, close_folder)

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
