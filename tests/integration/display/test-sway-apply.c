/*
 * Topology and places on a real headless sway that is the user's own: the machine's, or the one that LODGE_TEST_SWAY
 * names. HEADLESS-1 is the user's screen.
 */
#include "sway_desktop.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The user's screen, in a state that nothing but its notes could bring back. */
#define SCREEN "HEADLESS-1"
#define ODD_SCREEN                                                                                 \
	"output " SCREEN " mode --custom 1600x900@59.951Hz scale 1.25 transform 90 position 100 "  \
	"50"

static const struct display_mode plain = { 1280, 720, 60000, 100 };

static int open_session(void **state)
{
	if (desktop_open_folder(state) < 0)
		return -1;
	struct desktop *desktop = *state;
	desktop_start_session(desktop);
	desktop->journal = display_journal_open(desktop->state);
	desktop_attach(desktop);
	return desktop->journal ? 0 : -1;
}

static void place(struct display_arrangement *arrangement, struct display_output *output, int32_t x,
	int32_t y)
{
	arrangement->placements[arrangement->count++] =
		(struct display_placement){ .output = output, .x = x, .y = y };
}

static struct display_arrangement one(
	enum display_topology topology, struct display_output *output, int32_t x, int32_t y)
{
	struct display_arrangement arrangement = { .topology = topology };
	place(&arrangement, output, x, y);
	return arrangement;
}

static const struct display_outside_output *find_outside(
	const struct desktop *desktop, const char *name)
{
	for (size_t i = 0; i < desktop->outside_count; i++) {
		if (strcmp(desktop->outside[i].name, name) == 0)
			return &desktop->outside[i];
	}
	return NULL;
}

static bool is_lit(const struct desktop *desktop, const char *name)
{
	json_t *output = desktop_find_output(desktop, name);
	const bool lit = json_is_true(json_object_get(output, "active"));
	json_decref(output);
	return lit;
}

static void assert_screen_is_odd(const struct desktop *desktop)
{
	json_t *output = desktop_find_output(desktop, SCREEN);
	assert_non_null(output);
	assert_true(json_is_true(json_object_get(output, "active")));
	assert_string_equal(json_string_value(json_object_get(output, "transform")), "90");
	assert_int_equal(json_number_value(json_object_get(output, "scale")) * 100, 125);
	json_decref(output);
	desktop_assert_output(desktop, SCREEN, 1600, 900, 59951);
	desktop_assert_place(desktop, SCREEN, 100, 50);
}

/* --- what is told --- */

static void capabilities_follow_the_version(void **state)
{
	struct desktop *desktop = *state;
	const struct display_capabilities *capabilities =
		desktop->backend->impl->capabilities(desktop->backend);
	const struct display_capability *exclusive =
		&capabilities->options[DISPLAY_OPTION_EXCLUSIVE];
	assert_int_equal(exclusive->supported, desktop_can_unplug(desktop));
	if (!exclusive->supported) {
		assert_string_equal(exclusive->fallback, "extend");
		assert_string_equal(exclusive->reason, "sway-cannot-disable");
	}
	assert_string_equal(
		capabilities->options[DISPLAY_OPTION_PRIMARY].reason, "no-primary-on-wayland");
	assert_string_equal(capabilities->options[DISPLAY_OPTION_IDENTITY].fallback, "host-kept");
	assert_true(capabilities->options[DISPLAY_OPTION_LAYOUT].supported);
	assert_int_equal(capabilities->slots_max, 63);
}

static void user_screen_is_told_before_ready(void **state)
{
	struct desktop *desktop = *state;
	assert_true(desktop->outside_before_ready);
	assert_int_equal(desktop->outside_count, 1);
	const struct display_outside_output *screen = &desktop->outside[0];
	assert_string_equal(screen->name, SCREEN);
	assert_true(screen->enabled);
	assert_int_equal(screen->mode.width_px, 1600);
	assert_int_equal(screen->width, 1600);
	assert_int_equal(screen->height, 900);
}

static void private_desktop_has_no_outside_output(void **state)
{
	struct desktop *desktop = *state;
	assert_true(desktop->outside_before_ready);
	assert_int_equal(desktop->outside_count, 0);
	struct display_output *first = desktop_create(desktop, plain);
	desktop_create(desktop, plain);
	desktop_destroy(desktop, first);
	desktop_create(desktop, plain);
	assert_int_equal(desktop->outside_count, 0);
	assert_int_equal(desktop->outside_calls, 1);
}

static void our_displays_are_no_outside_outputs(void **state)
{
	struct desktop *desktop = *state;
	struct display_output *output = desktop_create(desktop, plain);
	desktop_destroy(desktop, output);
	desktop_create(desktop, plain);
	assert_int_equal(desktop->outside_count, 1);
	assert_string_equal(desktop->outside[0].name, SCREEN);
}

static bool has_two_outside(void *data)
{
	const struct desktop *desktop = data;
	return desktop->outside_count == 2;
}

/* Where there is an event for it; before 1.8 the next change of our own finds it. */
static void find_out(struct desktop *desktop)
{
	if (!desktop_can_unplug(desktop))
		desktop_create(desktop, plain);
}

static void new_outside_output_is_told(void **state)
{
	struct desktop *desktop = *state;
	desktop_command(desktop, "create_output");
	find_out(desktop);
	assert_true(sway_session_wait(desktop->event, has_two_outside, desktop));
}

static bool knows_double_scale(void *data)
{
	const struct desktop *desktop = data;
	return desktop->changed > 0 && desktop->changed_info.mode.scale_percent == 200;
}

static void scale_that_somebody_changed_is_told_and_stays(void **state)
{
	struct desktop *desktop = *state;
	struct display_output *output = desktop_create(desktop, plain);
	char name[SOURCE_NAME_MAX];
	strcpy(name, desktop->answer.info.name);
	desktop_command(desktop, "output %s scale 2", name);
	find_out(desktop);
	assert_true(sway_session_wait(desktop->event, knows_double_scale, desktop));
	assert_ptr_equal(desktop->changed_output, output);
	assert_string_equal(desktop->changed_info.name, name);
	/* Also through a change of the size by somebody, which is put back. */
	desktop_command(desktop, "output %s mode --custom 800x600@60Hz", name);
	desktop_command(desktop, "reload");
	desktop_create(desktop, plain);
	desktop_destroy(desktop, desktop->answer.output);
	desktop_assert_output(desktop, name, 1280, 720, 60000);
	json_t *now = desktop_find_output(desktop, name);
	assert_int_equal(json_number_value(json_object_get(now, "scale")), 2);
	json_decref(now);
}

/* --- places --- */

static void assert_places(struct desktop *desktop, size_t count, struct display_output **outputs,
	char (*names)[SOURCE_NAME_MAX], const int32_t (*places)[2])
{
	struct display_arrangement arrangement = { .topology = DISPLAY_EXTEND };
	for (size_t i = 0; i < count; i++)
		place(&arrangement, outputs[i], places[i][0], places[i][1]);
	assert_int_equal(desktop_apply(desktop, &arrangement), DISPLAY_EXTEND);
	for (size_t i = 0; i < count; i++)
		desktop_assert_place(desktop, names[i], places[i][0], places[i][1]);
}

static void layouts_of_two_and_three_are_exact(void **state)
{
	struct desktop *desktop = *state;
	struct display_output *outputs[3];
	char names[3][SOURCE_NAME_MAX];
	static const int32_t two[][3][2] = {
		{ { 1600, 0 }, { 2880, 0 } },
		{ { 2880, 0 }, { 1600, 0 } }, /* the two exchanged */
		{ { 1600, 0 }, { 1600, 720 } }, /* one above the other */
		{ { -1280, 0 }, { -2560, -300 } },
	};
	static const int32_t three[][3][2] = {
		{ { 1600, 0 }, { 2880, 0 }, { 4160, 0 } },
		{ { 4160, 0 }, { 1600, 0 }, { 2880, 0 } },
		{ { 0, 900 }, { 1280, 900 }, { 2560, 1001 } },
		{ { 1600, -720 }, { 1600, 0 }, { 1600, 720 } },
	};
	for (int i = 0; i < 3; i++) {
		outputs[i] = desktop_create(desktop, plain);
		strcpy(names[i], desktop->answer.info.name);
		for (size_t k = 0; i == 1 && k < sizeof two / sizeof *two; k++)
			assert_places(desktop, 2, outputs, names, two[k]);
	}
	for (size_t k = 0; k < sizeof three / sizeof *three; k++)
		assert_places(desktop, 3, outputs, names, three[k]);
	/* Nothing of this moved the user's own screen. */
	desktop_assert_place(desktop, SCREEN, 0, 0);
	assert_int_equal(desktop->outside_calls, 1);
}

static bool overlap(const json_t *a, const json_t *b)
{
	const json_int_t ax = json_integer_value(json_object_get(a, "x"));
	const json_int_t ay = json_integer_value(json_object_get(a, "y"));
	const json_int_t bx = json_integer_value(json_object_get(b, "x"));
	const json_int_t by = json_integer_value(json_object_get(b, "y"));
	return ax < bx + json_integer_value(json_object_get(b, "width")) &&
		bx < ax + json_integer_value(json_object_get(a, "width")) &&
		ay < by + json_integer_value(json_object_get(b, "height")) &&
		by < ay + json_integer_value(json_object_get(a, "height"));
}

static void assert_no_overlap(const struct desktop *desktop)
{
	json_t *outputs = sway_session_ask(desktop->ipc, SWAY_GET_OUTPUTS, NULL);
	for (size_t i = 0; i < json_array_size(outputs); i++) {
		for (size_t k = 0; k < i; k++)
			assert_false(overlap(json_object_get(json_array_get(outputs, i), "rect"),
				json_object_get(json_array_get(outputs, k), "rect")));
	}
	json_decref(outputs);
}

/* A click on a display's corner would land on an output that lay above it: the anchor, or a parked one. */
static void hidden_outputs_lie_under_no_display(void **state)
{
	struct desktop *desktop = *state;
	struct display_output *first = desktop_create(desktop, plain);
	struct display_output *second = desktop_create(desktop, plain);
	struct display_arrangement arrangement = one(DISPLAY_EXTEND, first, 0, 0);
	place(&arrangement, second, 1280, 0);
	desktop_apply(desktop, &arrangement);
	assert_no_overlap(desktop);
	desktop_destroy(desktop, first); /* parked, before 1.8, where it was */
	arrangement = one(DISPLAY_EXTEND, second, 0, 0);
	desktop_apply(desktop, &arrangement);
	assert_no_overlap(desktop);
}

static void new_place_is_told_before_the_answer(void **state)
{
	struct desktop *desktop = *state;
	struct display_output *output = desktop_create(desktop, plain);
	const struct display_arrangement arrangement = one(DISPLAY_EXTEND, output, 5000, 40);
	desktop->changed = 0;
	desktop_apply(desktop, &arrangement);
	assert_int_equal(desktop->changed, 1);
	assert_ptr_equal(desktop->changed_output, output);
	assert_int_equal(desktop->changed_info.x, 5000);
	assert_int_equal(desktop->changed_info.y, 40);
	desktop_apply(desktop, &arrangement);
	assert_int_equal(desktop->changed, 1); /* nothing new */
}

static bool knows_place_700(void *data)
{
	const struct desktop *desktop = data;
	return desktop->changed > 0 && desktop->changed_info.x == 7000;
}

static void place_that_somebody_changed_is_told(void **state)
{
	struct desktop *desktop = *state;
	struct display_output *output = desktop_create(desktop, plain);
	const struct display_arrangement arrangement = one(DISPLAY_EXTEND, output, 1600, 0);
	char name[SOURCE_NAME_MAX];
	strcpy(name, desktop->answer.info.name);
	desktop_apply(desktop, &arrangement);
	desktop_command(desktop, "output %s position 7000 0", name);
	find_out(desktop);
	assert_true(sway_session_wait(desktop->event, knows_place_700, desktop));
	assert_ptr_equal(desktop->changed_output, output);
}

static bool is_at_its_place(void *data)
{
	const struct desktop *desktop = data;
	json_t *output = desktop_find_output(desktop, desktop->changed_info.name);
	const json_t *rect = json_object_get(output, "rect");
	const bool there = json_integer_value(json_object_get(rect, "x")) == 4321;
	json_decref(output);
	return there;
}

static bool is_elsewhere(void *data)
{
	return !is_at_its_place(data);
}

static void place_outlives_a_reload(void **state)
{
	struct desktop *desktop = *state;
	struct display_output *output = desktop_create(desktop, plain);
	const struct display_arrangement arrangement = one(DISPLAY_EXTEND, output, 4321, 0);
	desktop_apply(desktop, &arrangement);
	assert_true(is_at_its_place(desktop));
	desktop->changed = 0;
	desktop_command(desktop, "reload");
	assert_true(desktop_await_undisturbed(is_elsewhere, desktop));
	assert_true(sway_session_wait(desktop->event, is_at_its_place, desktop));
	assert_int_equal(desktop->changed, 0);
	desktop_assert_place(desktop, SCREEN, 0, 0);
}

static void output_that_is_being_removed_is_skipped(void **state)
{
	struct desktop *desktop = *state;
	struct display_output *stays = desktop_create(desktop, plain);
	char name[SOURCE_NAME_MAX];
	strcpy(name, desktop->answer.info.name);
	struct display_output *leaves = desktop_create(desktop, plain);
	struct display_arrangement arrangement = one(DISPLAY_EXTEND, leaves, 1600, 0);
	struct answer destroyed = { 0 };
	place(&arrangement, stays, 3000, 0);
	desktop_request_apply(desktop, &arrangement);
	desktop->backend->impl->destroy_output(
		desktop->backend, leaves, desktop_on_destroyed, &destroyed);
	desktop_await_answer(desktop);
	assert_int_equal(desktop->answer.error, 0);
	assert_true(sway_session_wait(desktop->event, desktop_has_answer, &destroyed));
	desktop_assert_place(desktop, name, 3000, 0);
}

/* A program's own account of its first surface's outputs: the log that WAYLAND_DEBUG makes. */
struct surface {
	const char *log;
	unsigned outputs; /* how many show it */
};

static void count_outputs_of_surface(struct surface *surface)
{
	char line[4096];
	unsigned id, first = 0, output;
	uint64_t shown = 0; /* a bit for each output's id */
	FILE *log = fopen(surface->log, "r");
	while (log && fgets(line, sizeof line, log)) {
		const char *text = strstr(line, "wl_surface");
		const bool enters = text &&
			sscanf(text, "wl_surface%*1[@#]%u.enter(wl_output%*1[@#]%u", &id,
				&output) == 2;
		const bool leaves = text &&
			sscanf(text, "wl_surface%*1[@#]%u.leave(wl_output%*1[@#]%u", &id,
				&output) == 2;
		if (!enters && !leaves)
			continue;
		first = first ? first : id;
		if (id != first || output >= 64)
			continue;
		shown = enters ? shown | UINT64_C(1) << output : shown & ~(UINT64_C(1) << output);
	}
	if (log)
		fclose(log);
	surface->outputs = (unsigned)__builtin_popcountll(shown);
}

static bool is_on_one(void *data)
{
	struct surface *surface = data;
	count_outputs_of_surface(surface);
	return surface->outputs == 1;
}

static bool is_on_two(void *data)
{
	struct surface *surface = data;
	count_outputs_of_surface(surface);
	return surface->outputs == 2;
}

static void window_across_two_displays_is_on_both(void **state)
{
	struct desktop *desktop = *state;
	char log[128];
	struct surface surface = { .log = log };
	struct display_output *left = desktop_create(desktop, plain);
	struct display_output *right = desktop_create(desktop, plain);
	struct display_arrangement arrangement = one(DISPLAY_EXTEND, left, 1600, 0);
	place(&arrangement, right, 2880, 0);
	desktop_apply(desktop, &arrangement);
	snprintf(log, sizeof log, "%s/surface.log", desktop->state);
	desktop_command(desktop, "for_window [app_id=foot] floating enable");
	desktop_command(desktop, "exec \"WAYLAND_DEBUG=1 exec foot -w 400x300 2>%s\"", log);
	desktop_assert_foot_on(desktop, NULL);
	desktop_command(desktop, "[app_id=foot] move absolute position 1900 200");
	assert_true(sway_session_wait(desktop->event, is_on_one, &surface));
	desktop_command(desktop, "[app_id=foot] move absolute position 2680 200");
	assert_true(sway_session_wait(desktop->event, is_on_two, &surface));
	desktop_command(desktop, "[app_id=foot] move absolute position 3200 200");
	assert_true(sway_session_wait(desktop->event, is_on_one, &surface));
}

/* --- topology --- */

static void exclusive_falls_back(struct desktop *desktop, struct display_output *output)
{
	const struct display_arrangement arrangement = one(DISPLAY_EXCLUSIVE, output, 2000, 0);
	assert_int_equal(desktop_apply(desktop, &arrangement), DISPLAY_EXTEND);
	assert_screen_is_odd(desktop);
}

static void exclusive_is_dark_and_extend_brings_all_back(void **state)
{
	struct desktop *desktop = *state;
	desktop_command(desktop, ODD_SCREEN);
	struct display_output *output = desktop_create(desktop, plain);
	if (!desktop_can_unplug(desktop)) {
		exclusive_falls_back(desktop, output);
		return;
	}
	const struct display_arrangement exclusive = one(DISPLAY_EXCLUSIVE, output, 0, 0);
	const struct display_arrangement extend = one(DISPLAY_EXTEND, output, 3000, 0);
	for (int round = 0; round < 2; round++) {
		assert_int_equal(desktop_apply(desktop, &exclusive), DISPLAY_EXCLUSIVE);
		assert_false(is_lit(desktop, SCREEN));
		assert_int_equal(desktop->outside_count, 1);
		assert_false(desktop->outside[0].enabled);
		assert_int_equal(desktop->outside[0].mode.width_px, 1600);
		assert_int_equal(desktop->outside[0].x, 0);
		assert_int_equal(desktop_count_entries(desktop->state), 1); /* noted */
		/* Wished again, also with nothing left to do. */
		assert_int_equal(desktop_apply(desktop, &exclusive), DISPLAY_EXCLUSIVE);
		assert_int_equal(desktop_apply(desktop, &extend), DISPLAY_EXTEND);
		assert_screen_is_odd(desktop);
		assert_true(desktop->outside[0].enabled);
		assert_int_equal(desktop->outside[0].x, 100);
	}
	desktop_destroy(desktop, output);
	assert_int_equal(desktop_count_entries(desktop->state), 0);
}

static void assert_workspace(
	const struct desktop *desktop, const char *name, const char *output, bool visible)
{
	bool found = false;
	size_t index;
	json_t *workspace;
	json_t *workspaces = sway_session_ask(desktop->ipc, SWAY_GET_WORKSPACES, NULL);
	json_array_foreach(workspaces, index, workspace)
	{
		if (strcmp(json_string_value(json_object_get(workspace, "name")), name) != 0)
			continue;
		found = true;
		assert_string_equal(
			json_string_value(json_object_get(workspace, "output")), output);
		assert_int_equal(json_is_true(json_object_get(workspace, "visible")), visible);
	}
	json_decref(workspaces);
	assert_true(found);
}

static bool second_is_on_screen(void *data)
{
	const struct desktop *desktop = data;
	char output[64];
	sway_session_find_window(desktop->ipc, "second", output);
	return strcmp(output, SCREEN) == 0;
}

static void windows_go_to_the_display_and_come_back(void **state)
{
	struct desktop *desktop = *state;
	desktop_command(desktop, "focus output " SCREEN);
	desktop_command(desktop, "workspace 'my; \"mail\", urgent'");
	desktop_command(desktop, "exec foot");
	desktop_assert_foot_on(desktop, SCREEN);
	desktop_command(desktop, "workspace notes");
	desktop_command(desktop, "exec foot -a second");
	struct display_output *output = desktop_create(desktop, plain);
	char name[SOURCE_NAME_MAX];
	strcpy(name, desktop->answer.info.name);
	assert_true(sway_session_wait(desktop->event, second_is_on_screen, desktop));
	const struct display_arrangement exclusive = one(DISPLAY_EXCLUSIVE, output, 3000, 0);
	const struct display_arrangement extend = one(DISPLAY_EXTEND, output, 3000, 0);
	const enum display_topology topology = desktop_apply(desktop, &exclusive);
	const char *there = topology == DISPLAY_EXCLUSIVE ? name : SCREEN;
	assert_int_equal(topology == DISPLAY_EXCLUSIVE, desktop_can_unplug(desktop));
	/* What was looked at is what the display shows: it had nothing of its own. */
	assert_workspace(desktop, "notes", there, true);
	assert_workspace(desktop, "my; \"mail\", urgent", there, false);
	assert_int_equal(desktop_apply(desktop, &extend), DISPLAY_EXTEND);
	assert_workspace(desktop, "notes", SCREEN, true);
	assert_workspace(desktop, "my; \"mail\", urgent", SCREEN, false);
}

static void plugged_in_screen_goes_dark_with_the_next_wish(void **state)
{
	struct desktop *desktop = *state;
	struct display_output *output = desktop_create(desktop, plain);
	const struct display_arrangement exclusive = one(DISPLAY_EXCLUSIVE, output, 0, 0);
	const struct display_arrangement extend = one(DISPLAY_EXTEND, output, 3600, 0);
	desktop_apply(desktop, &exclusive);
	desktop_command(desktop, "create_output");
	find_out(desktop);
	assert_true(sway_session_wait(desktop->event, has_two_outside, desktop));
	const struct display_outside_output *plugged =
		find_outside(desktop, SCREEN) == &desktop->outside[0] ? &desktop->outside[1]
								      : &desktop->outside[0];
	char name[SOURCE_NAME_MAX];
	strcpy(name, plugged->name);
	assert_true(plugged->enabled);
	desktop_apply(desktop, &exclusive);
	assert_int_equal(is_lit(desktop, name), !desktop_can_unplug(desktop));
	desktop_apply(desktop, &extend);
	assert_true(is_lit(desktop, name));
	assert_true(is_lit(desktop, SCREEN));
}

static bool screen_is_lit(void *data)
{
	return is_lit(data, SCREEN);
}

static bool has_vanished(void *data)
{
	const struct desktop *desktop = data;
	return desktop->vanished == 1;
}

static void last_display_leaves_the_screen_lit(void **state)
{
	struct desktop *desktop = *state;
	desktop_command(desktop, ODD_SCREEN);
	struct display_output *output = desktop_create(desktop, plain);
	const struct display_arrangement exclusive = one(DISPLAY_EXCLUSIVE, output, 0, 0);
	desktop_apply(desktop, &exclusive);
	desktop_destroy(desktop, output);
	assert_screen_is_odd(desktop);
}

static void screen_comes_back_when_the_only_display_is_unplugged(void **state)
{
	struct desktop *desktop = *state;
	struct display_output *output = desktop_create(desktop, plain);
	const struct display_arrangement exclusive = one(DISPLAY_EXCLUSIVE, output, 0, 0);
	char name[SOURCE_NAME_MAX];
	strcpy(name, desktop->answer.info.name);
	desktop_apply(desktop, &exclusive);
	assert_int_equal(is_lit(desktop, SCREEN), !desktop_can_unplug(desktop));
	if (desktop_can_unplug(desktop)) { /* nobody can, before */
		desktop_command(desktop, "output %s unplug", name);
		assert_true(sway_session_wait(desktop->event, screen_is_lit, desktop));
		assert_true(sway_session_wait(desktop->event, has_vanished, desktop));
	}
	desktop_assert_output(desktop, SCREEN, 1600, 900, 60000);
}

static bool screen_is_told_lit(void *data)
{
	const struct display_outside_output *screen = find_outside(data, SCREEN);
	return screen && screen->enabled && screen->x == 2000;
}

static void screen_that_the_user_lit_again_is_the_users(void **state)
{
	struct desktop *desktop = *state;
	struct display_output *output = desktop_create(desktop, plain);
	const struct display_arrangement exclusive = one(DISPLAY_EXCLUSIVE, output, 0, 0);
	const struct display_arrangement extend = one(DISPLAY_EXTEND, output, 5000, 0);
	desktop_apply(desktop, &exclusive);
	desktop_command(desktop, "output " SCREEN " enable position 2000 0");
	find_out(desktop);
	assert_true(sway_session_wait(desktop->event, screen_is_told_lit, desktop));
	desktop_apply(desktop, &extend);
	desktop_assert_place(desktop, SCREEN, 2000, 0); /* not where it was noted */
}

static void destroyed_backend_leaves_the_screen_lit(void **state)
{
	struct desktop *desktop = *state;
	desktop_command(desktop, ODD_SCREEN);
	struct display_output *output = desktop_create(desktop, plain);
	const struct display_arrangement exclusive = one(DISPLAY_EXCLUSIVE, output, 0, 0);
	desktop_apply(desktop, &exclusive);
	desktop_detach(desktop);
	assert_screen_is_odd(desktop);
	if (desktop_can_unplug(desktop)) /* before, the parked output stays noted */
		assert_int_equal(desktop_count_entries(desktop->state), 0);
}

static void destroyed_backend_ends_an_apply_that_is_under_way(void **state)
{
	struct desktop *desktop = *state;
	desktop_command(desktop, ODD_SCREEN);
	for (int turns = 1; turns < 12; turns++) { /* at several points of it */
		struct display_output *output = desktop_create(desktop, plain);
		const struct display_arrangement exclusive = one(DISPLAY_EXCLUSIVE, output, 0, 0);
		desktop_request_apply(desktop, &exclusive);
		for (int turn = 0; turn < turns && desktop->answer.calls == 0; turn++)
			assert_true(sd_event_run(desktop->event, 100000) >= 0);
		desktop_detach(desktop);
		assert_screen_is_odd(desktop);
		desktop_attach(desktop);
		assert_true(desktop->outside[0].enabled);
	}
}

/* --- faults --- */

static void silent_sway_ends_in_one_timeout(void **state)
{
	struct desktop *desktop = *state;
	struct display_output *output = desktop_create(desktop, plain);
	const struct display_arrangement there = one(DISPLAY_EXCLUSIVE, output, 2500, 0);
	const struct display_arrangement back = one(DISPLAY_EXTEND, output, 1600, 0);
	struct answer late = { 0 };
	char name[SOURCE_NAME_MAX];
	strcpy(name, desktop->answer.info.name);
	const pid_t sway = sway_session_pid(desktop->ipc);
	assert_int_equal(kill(sway, SIGSTOP), 0);
	desktop->backend->impl->apply(desktop->backend, &there, desktop_on_applied, &late);
	assert_true(sway_session_wait(desktop->event, desktop_has_answer, &late));
	assert_int_equal(late.error, -ETIMEDOUT);
	assert_int_equal(kill(sway, SIGCONT), 0);
	desktop_apply(desktop, &back);
	assert_int_equal(late.calls, 1);
	desktop_assert_place(desktop, name, 1600, 0);
	assert_true(is_lit(desktop, SCREEN));
}

static void journal_that_cannot_be_written_leaves_the_screen_lit(void **state)
{
	struct desktop *desktop = *state;
	struct display_output *output = desktop_create(desktop, plain);
	const struct display_arrangement exclusive = one(DISPLAY_EXCLUSIVE, output, 2000, 0);
	char path[128], command[160];
	snprintf(path, sizeof path, "%s/display-journal.json.new", desktop->state);
	snprintf(command, sizeof command, "mkdir -p %s/busy", path); /* cannot be unlinked */
	assert_int_equal(system(command), 0);
	desktop_request_apply(desktop, &exclusive);
	desktop_await_answer(desktop);
	assert_int_equal(desktop->answer.topology, DISPLAY_EXTEND);
	assert_int_equal(desktop->answer.error < 0, desktop_can_unplug(desktop));
	assert_true(is_lit(desktop, SCREEN));
	/* And no output is made that nobody would find again. */
	desktop_request_create(desktop, &plain);
	desktop_await_answer(desktop);
	assert_true(desktop->answer.error < 0);
	snprintf(command, sizeof command, "rm -r %s", path);
	assert_int_equal(system(command), 0);
	assert_int_equal(desktop_apply(desktop, &exclusive) == DISPLAY_EXCLUSIVE,
		desktop_can_unplug(desktop));
}

#define IN_SESSION(test) cmocka_unit_test_setup_teardown(test, open_session, desktop_close_folder)
#define IN_SWAY(test) cmocka_unit_test_setup_teardown(test, desktop_open, desktop_close_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SESSION(capabilities_follow_the_version),
		IN_SESSION(user_screen_is_told_before_ready),
		IN_SWAY(private_desktop_has_no_outside_output),
		IN_SESSION(our_displays_are_no_outside_outputs),
		IN_SESSION(new_outside_output_is_told),
		IN_SESSION(scale_that_somebody_changed_is_told_and_stays),
		IN_SESSION(layouts_of_two_and_three_are_exact),
		IN_SWAY(hidden_outputs_lie_under_no_display),
		IN_SESSION(new_place_is_told_before_the_answer),
		IN_SESSION(place_that_somebody_changed_is_told),
		IN_SESSION(place_outlives_a_reload),
		IN_SESSION(output_that_is_being_removed_is_skipped),
		IN_SESSION(window_across_two_displays_is_on_both),
		IN_SESSION(exclusive_is_dark_and_extend_brings_all_back),
		IN_SESSION(windows_go_to_the_display_and_come_back),
		IN_SESSION(plugged_in_screen_goes_dark_with_the_next_wish),
		IN_SESSION(last_display_leaves_the_screen_lit),
		IN_SESSION(screen_comes_back_when_the_only_display_is_unplugged),
		IN_SESSION(screen_that_the_user_lit_again_is_the_users),
		IN_SESSION(destroyed_backend_leaves_the_screen_lit),
		IN_SESSION(destroyed_backend_ends_an_apply_that_is_under_way),
		IN_SESSION(silent_sway_ends_in_one_timeout),
		IN_SESSION(journal_that_cannot_be_written_leaves_the_screen_lit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
