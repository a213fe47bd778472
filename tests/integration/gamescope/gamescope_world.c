#include "gamescope_world.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "media/capture.h"

struct gamescope_programs gamescope_programs;

static void on_vanished(void *data, struct display_output *output)
{
	struct desktop *desktop = data;
	assert_ptr_equal(output, desktop->output);
	desktop->output = NULL;
	desktop->vanishes++;
}

static void on_gone(void *data, const char *text)
{
	struct desktop *desktop = data;
	assert_null(desktop->output); /* every output has vanished before */
	snprintf(desktop->text, sizeof desktop->text, "%s", text);
	desktop->gones++;
}

static void on_ready(void *data)
{
	((struct desktop *)data)->readies++;
}

static void on_program_ended(void *data, int status, const char *text)
{
	struct desktop *desktop = data;
	desktop->program_ends++;
}

static const struct display_backend_events backend_events = {
	.output_vanished = on_vanished,
	.desktop_gone = on_gone,
	.desktop_ready = on_ready,
};

void desktop_listen(struct desktop *desktop, struct world *world, struct display_backend *backend)
{
	assert_non_null(backend);
	desktop->world = world;
	desktop->backend = backend;
	backend->events = &backend_events;
	backend->events_data = desktop;
}

static void spawn_tree(struct world *world, struct desktop *desktop, const char *name)
{
	*desktop = (struct desktop){ .world = world };
	world_spawn(world, &desktop->tree, name, true);
	world_await_ready(world, &desktop->tree);
	snprintf(desktop->log, sizeof desktop->log, "%s/x-card", desktop->tree.info.runtime_folder);
}

void desktop_start(struct world *world, struct desktop *desktop, const char *name, uint32_t first,
	uint32_t second)
{
	desktop_start_managed(world, desktop, name, NULL, first, second);
}

static void on_tree_changed(void *data, const struct isolated_tree_info *info)
{
	struct desktop *desktop = data;
	if (!info) {
		desktop->trees_lost++;
		return;
	}
	desktop->trees++;
	desktop->tree.info = *info;
}

/* x-card with these colours, in the tree that the params say. */
static void spawn_x_card(struct desktop *desktop, struct gamescope_spawn_params params,
	uint32_t first, uint32_t second)
{
	char colours[2][8], preload[512];
	snprintf(colours[0], sizeof colours[0], "%06x", first);
	snprintf(colours[1], sizeof colours[1], "%06x", second);
	snprintf(preload, sizeof preload, "LD_PRELOAD=%s", gamescope_programs.shim);
	/* The shim stands in for a device that this kernel may well have. */
	const bool needs_shim = access("/dev/udmabuf", F_OK) != 0;
	params.program_ended = on_program_ended;
	params.tree_data = desktop;
	params.arguments = (const char *const[]){ gamescope_programs.x_card, desktop->log,
		colours[0], colours[1] };
	params.argument_count = 4;
	params.own_environment = (const char *const[]){ preload };
	params.own_environment_count = needs_shim ? 1 : 0;
	desktop_listen(
		desktop, desktop->world, gamescope_backend_spawn(desktop->world->event, &params));
}

void desktop_start_own_tree(struct world *world, struct desktop *desktop, const char *name,
	const char *log, uint32_t first, uint32_t second)
{
	*desktop = (struct desktop){ .world = world };
	snprintf(desktop->log, sizeof desktop->log, "%s", log);
	spawn_x_card(desktop,
		(struct gamescope_spawn_params){
			.isolation = world->isolation,
			.tree_name = name,
			.tree_changed = on_tree_changed,
		},
		first, second);
}

void desktop_start_managed(struct world *world, struct desktop *desktop, const char *name,
	struct gamescope_takeover *takeover, uint32_t first, uint32_t second)
{
	spawn_tree(world, desktop, name);
	spawn_x_card(desktop,
		(struct gamescope_spawn_params){
			.tree = desktop->tree.tree,
			.info = &desktop->tree.info,
			.takeover = takeover,
		},
		first, second);
	desktop_await(desktop, &desktop->readies, 1);
}

void desktop_start_binary(
	struct world *world, struct desktop *desktop, const char *name, const char *binary)
{
	spawn_tree(world, desktop, name);
	desktop_listen(desktop, world,
		gamescope_backend_spawn(world->event,
			&(struct gamescope_spawn_params){
				.tree = desktop->tree.tree,
				.info = &desktop->tree.info,
				.binary = binary,
			}));
}

void desktop_finish_all(struct desktop *desktop)
{
	desktop_close_input(desktop);
	display_backend_destroy(desktop->backend);
	if (desktop->tree.tree)
		isolated_tree_end(desktop->tree.tree);
	*desktop = (struct desktop){ 0 };
}

struct count {
	const unsigned *count;
	unsigned least;
};

static bool has_come(void *data)
{
	const struct count *count = data;
	return *count->count >= count->least;
}

void desktop_await(struct desktop *desktop, const unsigned *count, unsigned least)
{
	assert_true(world_wait(desktop->world, has_come, &(struct count){ count, least }));
}

static void answer(struct desktop *desktop, int error, const char *text)
{
	desktop->answers++;
	desktop->error = error;
	snprintf(desktop->text, sizeof desktop->text, "%s", text);
}

static void on_created(void *data, int error, const char *text, struct display_output *output,
	const struct display_output_info *info)
{
	struct desktop *desktop = data;
	answer(desktop, error, text);
	if (error)
		return;
	desktop->output = output;
	desktop->info = *info;
}

void desktop_create(struct desktop *desktop, uint32_t width_px, uint32_t height_px)
{
	const unsigned answers = desktop->answers;
	desktop->backend->impl->create(desktop->backend,
		&(struct display_mode){ width_px, height_px, 30000, 100 }, on_created, desktop);
	assert_int_equal(answers, desktop->answers); /* never from inside */
	desktop_await(desktop, &desktop->answers, answers + 1);
}

void desktop_create_output(struct desktop *desktop, uint32_t width_px, uint32_t height_px)
{
	desktop_create(desktop, width_px, height_px);
	assert_string_equal("", desktop->text);
	assert_int_equal(0, desktop->error);
	assert_non_null(desktop->output);
}

static void on_destroyed(void *data, int error, const char *text)
{
	answer(data, error, text);
}

void desktop_destroy_output(struct desktop *desktop)
{
	const unsigned answers = desktop->answers;
	desktop->backend->impl->destroy_output(
		desktop->backend, desktop->output, on_destroyed, desktop);
	desktop->output = NULL;
	assert_int_equal(answers, desktop->answers);
	desktop_await(desktop, &desktop->answers, answers + 1);
	assert_int_equal(0, desktop->error);
}

static void on_input_failed(void *data, const char *text)
{
	fprintf(stderr, "input: %s\n", text);
}

static bool has_position(void *data)
{
	struct desktop *desktop = data;
	uint32_t x, y;
	injector_pointer_absolute(desktop->injector, 1, 1);
	return injector_position(desktop->injector, &x, &y);
}

void desktop_open_input(struct desktop *desktop)
{
	static const struct input_desktop_events events = { .failed = on_input_failed };
	const char *socket = desktop->backend->impl->eis_socket(desktop->backend);
	assert_non_null(socket);
	desktop->input = input_desktop_create_eis(desktop->world->event, socket, &events, desktop);
	assert_non_null(desktop->input);
	desktop->injector = injector_create(desktop->input,
		&(struct injector_params){
			.output_name = desktop->info.name,
			.width_px = desktop->info.mode.width_px,
			.height_px = desktop->info.mode.height_px,
		});
	assert_non_null(desktop->injector);
	assert_true(world_wait(desktop->world, has_position, desktop));
}

void desktop_close_input(struct desktop *desktop)
{
	if (desktop->injector)
		injector_destroy(desktop->injector);
	desktop->injector = NULL;
	input_desktop_destroy(desktop->input);
	desktop->input = NULL;
}

/* The whole line's place in the log; NULL when it is not there. */
static const char *find_line(const char *text, const char *line)
{
	const size_t size = strlen(line);
	for (const char *place = text; (place = strstr(place, line)); place++) {
		if ((place == text || place[-1] == '\n') && place[size] == '\n')
			return place;
	}
	return NULL;
}

struct search {
	struct desktop *desktop;
	const char *line;
};

static bool has_line_since(void *data)
{
	const struct search *search = data;
	struct desktop *desktop = search->desktop;
	char *text = world_read_file(desktop->log);
	if (!text)
		return false;
	const char *found = strlen(text) >= desktop->log_read
		? find_line(text + desktop->log_read, search->line)
		: NULL;
	if (found)
		desktop->log_read = (size_t)(found - text) + strlen(search->line) + 1;
	free(text);
	return found;
}

void desktop_await_line(struct desktop *desktop, const char *line)
{
	if (world_wait(desktop->world, has_line_since, &(struct search){ desktop, line }))
		return;
	char *text = world_read_file(desktop->log);
	fprintf(stderr, "waited for \"%s\" in:\n%s", line, text ? text : "(no log)\n");
	free(text);
	fail();
}

bool desktop_has_line(const struct desktop *desktop, const char *line)
{
	char *text = world_read_file(desktop->log);
	const bool found = text && find_line(text, line);
	free(text);
	return found;
}

static uint32_t middle_of(const struct capture_frame *frame)
{
	uint32_t pixel;
	memcpy(&pixel,
		frame->pixels + (size_t)frame->height_px / 2 * frame->stride +
			(size_t)frame->width_px / 2 * 4,
		sizeof pixel);
	return pixel & 0xffffff;
}

struct look {
	struct desktop *desktop;
	struct capture *capture;
	uint32_t colour, seen;
	unsigned frames, nudges;
};

static bool shows_colour(void *data)
{
	struct look *look = data;
	struct desktop *desktop = look->desktop;
	struct capture_frame frame;
	if (!capture_is_armed(look->capture))
		capture_arm(look->capture);
	assert_true(capture_flush(look->capture));
	struct pollfd ready = { .fd = capture_fd(look->capture), .events = POLLIN };
	poll(&ready, 1, 20);
	switch (capture_dispatch(look->capture, &frame)) {
	case CAPTURE_FRAME:
		look->frames++;
		look->seen = middle_of(&frame);
		assert_int_equal(desktop->info.mode.width_px, frame.width_px);
		assert_int_equal(desktop->info.mode.height_px, frame.height_px);
		return look->seen == look->colour;
	case CAPTURE_STILL:
		look->nudges++;
		desktop->backend->impl->nudge(desktop->backend, desktop->output);
		return false;
	case CAPTURE_GONE:
		fail_msg("the capture's node is gone");
		return false;
	default:
		return false;
	}
}

void desktop_await_colour(struct desktop *desktop, uint32_t colour)
{
	const char *fault = NULL;
	struct look look = { .desktop = desktop, .colour = colour };
	look.capture = capture_open(&desktop->info.source, 5000000000, &fault);
	if (!look.capture)
		fail_msg("no capture: %s", fault);
	const bool shown = world_wait(desktop->world, shows_colour, &look);
	capture_close(look.capture);
	if (!shown)
		fail_msg("%u pictures after %u nudges, the last %06x instead of %06x", look.frames,
			look.nudges, look.seen, colour);
}
