#include "testcard_scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "testcard_pattern.h"

#define BOX_PX 256
#define BOX_STEP_PX 6
#define SCROLL_STEP_PX 4
#define LETTER_WIDTH_PX 12
#define LINE_HEIGHT_PX 20
/* Luma 36 and 241: a capture tells them apart whatever the codec did to them. */
#define DARK TESTCARD_INK
#define LIGHT TESTCARD_PAPER

static struct rect whole(const struct canvas *canvas)
{
	return (struct rect){ 0, 0, canvas->width, canvas->height };
}

struct rect scene_marker(const struct scene *scene)
{
	return (struct rect){ scene->width * scene->marker_x_percent / 100 - SCENE_MARKER_WIDTH / 2,
		scene->height * scene->marker_y_percent / 100 - SCENE_MARKER_HEIGHT / 2,
		SCENE_MARKER_WIDTH, SCENE_MARKER_HEIGHT };
}

static void paint_marker(const struct scene *scene, const struct canvas *canvas)
{
	canvas_fill(canvas, scene_marker(scene), scene->now.marker ? LIGHT : DARK);
}

/* Words of capitals, the same ones for the same page and size. */
static void paint_page(const struct canvas *canvas, uint32_t seed)
{
	static const uint32_t inks[] = { TESTCARD_INK, TESTCARD_INK, 0x1f4e8c, 0x8c3b1f };
	canvas_fill(canvas, whole(canvas), TESTCARD_PAPER);
	uint32_t random = seed * 2654435761u + 1, ink = inks[0];
	for (int y = 3; y < canvas->height; y += LINE_HEIGHT_PX) {
		for (int x = LETTER_WIDTH_PX; x < canvas->width - LETTER_WIDTH_PX;
			x += LETTER_WIDTH_PX) {
			random = random * 1664525u + 1013904223u;
			if (random >> 24 < 48) {
				ink = inks[random >> 20 & 3];
				continue;
			}
			canvas_text(canvas, x, y, 2, ink,
				(char[]){ (char)('A' + (random >> 16) % 26), 0 });
		}
	}
}

static void paint_pattern(
	const struct scene *scene, const struct canvas *canvas, const struct scene_state *before)
{
	for (int y = 0; y < canvas->height; y++) {
		for (int x = 0; x < canvas->width; x++)
			canvas->pixels[(long)y * canvas->width + x] =
				testcard_pattern_pixel(x, y, canvas->width, canvas->height);
	}
}

static void paint_idle(
	const struct scene *scene, const struct canvas *canvas, const struct scene_state *before)
{
	canvas_fill(canvas, whole(canvas), DARK);
}

static void paint_type(
	const struct scene *scene, const struct canvas *canvas, const struct scene_state *before)
{
	if (!before->painted)
		canvas_fill(canvas, whole(canvas), DARK);
	paint_marker(scene, canvas);
}

static int damage_marker(
	const struct scene *scene, const struct scene_state *before, struct rect *rects)
{
	rects[0] = scene_marker(scene);
	return 1;
}

static void paint_pages(
	const struct scene *scene, const struct canvas *canvas, const struct scene_state *before)
{
	paint_page(canvas, 1 + (uint32_t)scene->now.page);
	paint_marker(scene, canvas);
}

static bool resize_scroll(struct scene *scene)
{
	const int lines = scene->height / LINE_HEIGHT_PX + 8;
	scene->sheet.width = scene->width;
	scene->sheet.height = lines * LINE_HEIGHT_PX;
	scene->sheet.pixels = calloc((size_t)scene->sheet.width * (size_t)scene->sheet.height, 4);
	if (!scene->sheet.pixels)
		return false;
	paint_page(&scene->sheet, 1);
	scene->now.offset = 0;
	return true;
}

static void step_scroll(struct scene *scene)
{
	scene->now.offset = (scene->now.offset + SCROLL_STEP_PX) % scene->sheet.height;
}

static void paint_scroll(
	const struct scene *scene, const struct canvas *canvas, const struct scene_state *before)
{
	const struct canvas *sheet = &scene->sheet;
	for (int y = 0; y < canvas->height; y++) {
		const int from = (y + scene->now.offset) % sheet->height;
		memcpy(canvas->pixels + (long)y * canvas->width,
			sheet->pixels + (long)from * sheet->width, (size_t)canvas->width * 4);
	}
}

static void move_within(int *position, int *step, int range)
{
	*position += *step;
	if (*position < 0 || *position > range) {
		*position = *position < 0 ? 0 : range > 0 ? range : 0;
		*step = -*step;
	}
}

static bool resize_box(struct scene *scene)
{
	scene->step_x = scene->step_y = BOX_STEP_PX;
	scene->now.box_x = scene->now.box_y = 0;
	return true;
}

static void step_box(struct scene *scene)
{
	move_within(&scene->now.box_x, &scene->step_x, scene->width - BOX_PX);
	move_within(&scene->now.box_y, &scene->step_y, scene->height - BOX_PX);
}

static struct rect box_of(const struct scene_state *state)
{
	return (struct rect){ state->box_x, state->box_y, BOX_PX, BOX_PX };
}

static void paint_box(
	const struct scene *scene, const struct canvas *canvas, const struct scene_state *before)
{
	canvas_fill(canvas, before->painted ? box_of(before) : whole(canvas), DARK);
	canvas_fill(canvas, box_of(&scene->now), 0x2f80c0);
	canvas_text(canvas, scene->now.box_x + 50, scene->now.box_y + 100, 5, LIGHT, "LODGE");
}

static int damage_box(
	const struct scene *scene, const struct scene_state *before, struct rect *rects)
{
	rects[0] = box_of(before);
	rects[1] = box_of(&scene->now);
	return 2;
}

/* One row that is longer than the window by one period; each row of the picture is a piece of it. */
#define STRIPES_PX 512

static bool resize_full(struct scene *scene)
{
	scene->sheet.width = scene->width + STRIPES_PX;
	scene->sheet.height = 1;
	scene->sheet.pixels = calloc((size_t)scene->sheet.width, 4);
	if (!scene->sheet.pixels)
		return false;
	for (int x = 0; x < scene->sheet.width; x++) {
		const uint32_t wave = (uint32_t)(x % STRIPES_PX);
		const uint32_t level = wave < 256 ? wave : 511 - wave;
		scene->sheet.pixels[x] = level << 16 | (255 - level) << 8 | (level / 2 + 64);
	}
	return true;
}

static void step_full(struct scene *scene)
{
	scene->now.offset = (scene->now.offset + 5) % STRIPES_PX;
}

static void paint_full(
	const struct scene *scene, const struct canvas *canvas, const struct scene_state *before)
{
	for (int y = 0; y < canvas->height; y++)
		memcpy(canvas->pixels + (long)y * canvas->width,
			scene->sheet.pixels + (y + scene->now.offset) % STRIPES_PX,
			(size_t)canvas->width * 4);
}

static const struct scene_impl scenes[] = {
	{ .name = "pattern", .width = 640, .height = 480, .paint = paint_pattern },
	{ .name = "idle", .width = 640, .height = 480, .paint = paint_idle },
	{
		.name = "type",
		.width = 640,
		.height = 480,
		.keys = true,
		.paint = paint_type,
		.damage = damage_marker,
	},
	{ .name = "page", .width = 640, .height = 480, .keys = true, .paint = paint_pages },
	{
		.name = "scroll",
		.width = 640,
		.height = 480,
		.animated = true,
		.resize = resize_scroll,
		.step = step_scroll,
		.paint = paint_scroll,
	},
	{
		.name = "box",
		.width = 640,
		.height = 480,
		.animated = true,
		.resize = resize_box,
		.step = step_box,
		.paint = paint_box,
		.damage = damage_box,
	},
	{
		.name = "full",
		.width = 640,
		.height = 480,
		.animated = true,
		.resize = resize_full,
		.step = step_full,
		.paint = paint_full,
	},
};
#define SCENE_COUNT (sizeof scenes / sizeof *scenes)

const struct scene_impl *scene_find(const char *name)
{
	if (strcmp(name, scene_demo.name) == 0)
		return &scene_demo;
	for (size_t i = 0; i < SCENE_COUNT; i++) {
		if (strcmp(name, scenes[i].name) == 0)
			return &scenes[i];
	}
	return NULL;
}

void scene_print_names(void)
{
	fprintf(stderr, " %s", scene_demo.name);
	for (size_t i = 0; i < SCENE_COUNT; i++)
		fprintf(stderr, " %s", scenes[i].name);
}

bool scene_resize(struct scene *scene, int width, int height)
{
	scene_finish(scene);
	scene->width = width;
	scene->height = height;
	scene->now.painted = true;
	return !scene->impl->resize || scene->impl->resize(scene);
}

void scene_finish(struct scene *scene)
{
	free(scene->sheet.pixels);
	scene->sheet.pixels = NULL;
}

void scene_key(struct scene *scene)
{
	if (!scene->impl->keys)
		return;
	scene->now.marker = !scene->now.marker;
	scene->now.page = !scene->now.page;
}

bool scene_same(const struct scene_state *a, const struct scene_state *b)
{
	return a->painted == b->painted && a->marker == b->marker && a->page == b->page &&
		a->offset == b->offset && a->box_x == b->box_x && a->box_y == b->box_y &&
		a->time_ms == b->time_ms;
}
