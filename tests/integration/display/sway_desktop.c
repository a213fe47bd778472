#include "sway_desktop.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "display/sway/sway_leftovers.h"

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

void desktop_on_created(void *data, int error, const char *text, struct display_output *output,
	const struct display_output_info *info)
{
	keep(data, error, text, output, info);
}

void desktop_on_mode(
	void *data, int error, const char *text, const struct display_output_info *info)
{
	keep(data, error, text, NULL, info);
}

void desktop_on_destroyed(void *data, int error, const char *text)
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
	desktop->outside_before_ready = desktop->outside_calls > 0;
}

static void on_changed(
	void *data, struct display_output *output, const struct display_output_info *info)
{
	struct desktop *desktop = data;
	desktop->changed++;
	desktop->changed_output = output;
	desktop->changed_info = *info;
}

static void on_outside(void *data, const struct display_outside_output *outputs, size_t count)
{
	struct desktop *desktop = data;
	desktop->outside_calls++;
	assert_in_range(count, 0, DISPLAY_OUTSIDE_MAX);
	desktop->outside_count = count;
	memcpy(desktop->outside, outputs, count * sizeof *outputs);
}

static const struct display_backend_events desktop_events = {
	.output_vanished = on_vanished,
	.desktop_gone = on_gone,
	.desktop_ready = on_ready,
	.output_changed = on_changed,
	.outside_changed = on_outside,
};

void desktop_on_applied(void *data, int error, const char *text, enum display_topology topology)
{
	keep(data, error, text, NULL, NULL);
	((struct answer *)data)->topology = topology;
}

bool desktop_has_answer(void *data)
{
	const struct answer *answer = data;
	return answer->calls > 0;
}

static bool is_ready(void *data)
{
	const struct desktop *desktop = data;
	return desktop->ready > 0;
}

void desktop_await_answer(struct desktop *desktop)
{
	assert_int_equal(desktop->answer.calls, 0); /* never from inside the request */
	assert_true(sway_session_wait(desktop->event, desktop_has_answer, &desktop->answer));
	assert_int_equal(desktop->answer.calls, 1);
}

struct display_mode desktop_mode(uint32_t width, uint32_t height, uint32_t refresh_mhz)
{
	return (struct display_mode){ width, height, refresh_mhz, 100 };
}

void desktop_request_create(struct desktop *desktop, const struct display_mode *wanted)
{
	desktop->answer = (struct answer){ 0 };
	desktop->backend->impl->create(
		desktop->backend, wanted, desktop_on_created, &desktop->answer);
}

struct display_output *desktop_create(struct desktop *desktop, struct display_mode wanted)
{
	desktop_request_create(desktop, &wanted);
	desktop_await_answer(desktop);
	assert_string_equal(desktop->answer.text, "");
	assert_int_equal(desktop->answer.error, 0);
	assert_non_null(desktop->answer.output);
	return desktop->answer.output;
}

void desktop_destroy(struct desktop *desktop, struct display_output *output)
{
	desktop->answer = (struct answer){ 0 };
	desktop->backend->impl->destroy_output(
		desktop->backend, output, desktop_on_destroyed, &desktop->answer);
	desktop_await_answer(desktop);
	assert_string_equal(desktop->answer.text, "");
	assert_int_equal(desktop->answer.error, 0);
}

void desktop_set_mode(
	struct desktop *desktop, struct display_output *output, struct display_mode wanted)
{
	desktop->answer = (struct answer){ 0 };
	desktop->backend->impl->set_mode(
		desktop->backend, output, &wanted, desktop_on_mode, &desktop->answer);
	desktop_await_answer(desktop);
	assert_int_equal(desktop->answer.error, 0);
}

void desktop_request_apply(struct desktop *desktop, const struct display_arrangement *arrangement)
{
	desktop->answer = (struct answer){ 0 };
	desktop->backend->impl->apply(
		desktop->backend, arrangement, desktop_on_applied, &desktop->answer);
}

enum display_topology desktop_apply(
	struct desktop *desktop, const struct display_arrangement *arrangement)
{
	desktop_request_apply(desktop, arrangement);
	desktop_await_answer(desktop);
	assert_string_equal(desktop->answer.text, "");
	assert_int_equal(desktop->answer.error, 0);
	return desktop->answer.topology;
}

json_t *desktop_find_output(const struct desktop *desktop, const char *name)
{
	size_t index;
	json_t *output, *found = NULL;
	json_t *outputs = sway_session_ask(desktop->ipc, SWAY_GET_OUTPUTS, NULL);
	assert_non_null(outputs);
	json_array_foreach(outputs, index, output)
	{
		if (strcmp(json_string_value(json_object_get(output, "name")), name) == 0)
			found = json_incref(output);
	}
	json_decref(outputs);
	return found;
}

void desktop_assert_output(const struct desktop *desktop, const char *name, uint32_t width,
	uint32_t height, uint32_t refresh_mhz)
{
	json_t *output = desktop_find_output(desktop, name);
	assert_non_null(output);
	const json_t *current = json_object_get(output, "current_mode");
	assert_int_equal(json_integer_value(json_object_get(current, "width")), width);
	assert_int_equal(json_integer_value(json_object_get(current, "height")), height);
	assert_in_range(json_integer_value(json_object_get(current, "refresh")), refresh_mhz - 10,
		refresh_mhz + 10);
	json_decref(output);
}

void desktop_assert_place(const struct desktop *desktop, const char *name, int x, int y)
{
	json_t *output = desktop_find_output(desktop, name);
	assert_non_null(output);
	const json_t *rect = json_object_get(output, "rect");
	assert_int_equal(json_integer_value(json_object_get(rect, "x")), x);
	assert_int_equal(json_integer_value(json_object_get(rect, "y")), y);
	json_decref(output);
}

unsigned desktop_count_outputs(const char *ipc, unsigned *large)
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

int desktop_open_folder(void **state)
{
	struct desktop *desktop = calloc(1, sizeof *desktop);
	block_children();
	strcpy(desktop->parent, "/tmp/lodge-test.XXXXXX");
	strcpy(desktop->state, "/tmp/lodge-test.XXXXXX");
	if (!mkdtemp(desktop->parent) || !mkdtemp(desktop->state) ||
		sd_event_new(&desktop->event) < 0)
		return -1;
	*state = desktop;
	return 0;
}

int desktop_close_folder(void **state)
{
	struct desktop *desktop = *state;
	display_backend_destroy(desktop->backend);
	sway_session_stop(&desktop->session);
	display_journal_close(desktop->journal);
	sd_event_unref(desktop->event);
	sway_leftovers_remove(desktop->state);
	const int error = rmdir(desktop->parent); /* the backend left nothing in it */
	if (error < 0)
		print_error("%s: %s\n", desktop->parent, strerror(errno));
	free(desktop);
	return error;
}

void desktop_spawn(struct desktop *desktop, const char *const *launch, size_t launch_count)
{
	struct sway_spawn_params params =
		sway_session_params(desktop->parent, launch, launch_count);
	params.journal = desktop->journal;
	desktop->backend = sway_backend_spawn(desktop->event, &params);
	assert_non_null(desktop->backend);
	desktop->backend->events = &desktop_events;
	desktop->backend->events_data = desktop;
}

void desktop_start_session(struct desktop *desktop)
{
	const struct sway_spawn_params params = sway_session_params(desktop->parent, NULL, 0);
	assert_true(sway_session_start(&desktop->session, desktop->event, &params));
	strcpy(desktop->ipc, desktop->session.ipc_socket);
	desktop_command(
		desktop, "output HEADLESS-1 mode --custom 1600x900@60Hz scale 1");
}

void desktop_attach(struct desktop *desktop)
{
	desktop->ready = desktop->outside_calls = 0;
	desktop->backend = sway_backend_attach(desktop->event,
		&(struct sway_attach_params){
			.ipc_socket = desktop->session.ipc_socket,
			.wayland_socket = desktop->session.wayland_socket,
			.journal = desktop->journal,
		});
	assert_non_null(desktop->backend);
	desktop->backend->events = &desktop_events;
	desktop->backend->events_data = desktop;
	desktop_await_ready(desktop);
}

void desktop_detach(struct desktop *desktop)
{
	display_backend_destroy(desktop->backend);
	desktop->backend = NULL;
}

const char *desktop_socket(const struct desktop *desktop)
{
	return desktop->backend->impl->wayland_socket(desktop->backend);
}

void desktop_await_ready(struct desktop *desktop)
{
	assert_true(sway_session_wait(desktop->event, is_ready, desktop));
	assert_non_null(desktop_socket(desktop));
	assert_true(sway_session_find_ipc(desktop_socket(desktop), desktop->ipc));
}

int desktop_open(void **state)
{
	if (desktop_open_folder(state) < 0)
		return -1;
	desktop_spawn(*state, NULL, 0);
	desktop_await_ready(*state);
	return 0;
}

int desktop_open_with_foot(void **state)
{
	static const char *const launch[] = { "foot" };
	if (desktop_open_folder(state) < 0)
		return -1;
	desktop_spawn(*state, launch, 1);
	desktop_await_ready(*state);
	return 0;
}

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

void desktop_assert_foot_on(struct desktop *desktop, const char *output)
{
	struct place place = { desktop, output };
	assert_true(sway_session_wait(desktop->event, foot_is_there, &place));
}
json_t *desktop_visible_workspace(const struct desktop *desktop, const char *output)
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

void desktop_command(const struct desktop *desktop, const char *format, ...)
{
	char command[256];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(command, sizeof command, format, arguments);
	va_end(arguments);
	assert_true(sway_session_command(desktop->ipc, command));
}

bool desktop_await_undisturbed(bool (*condition)(void *data), void *data)
{
	sd_event *other;
	assert_true(sd_event_new(&other) >= 0);
	const bool came = sway_session_wait(other, condition, data);
	sd_event_unref(other);
	return came;
}

bool desktop_can_unplug(const struct desktop *desktop)
{
	json_t *version = sway_session_ask(desktop->ipc, SWAY_GET_VERSION, NULL);
	const bool can = json_integer_value(json_object_get(version, "major")) > 1 ||
		json_integer_value(json_object_get(version, "minor")) >= 8;
	json_decref(version);
	return can;
}

unsigned desktop_count_entries(const char *path)
{
	unsigned count = 0;
	DIR *folder = opendir(path);
	for (const struct dirent *entry; (entry = readdir(folder));)
		count += entry->d_name[0] != '.';
	closedir(folder);
	return count;
}
