/* The clock of `lodge-testcard demo`: something that moves all the time and costs little. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "testcard_scene.h"

#define DAY_MS (24 * 60 * 60 * 1000)
#define NIGHT 0x10202cu
#define DUSK 0x1d3f52u
#define FACE 0xf4f1eau
#define INK 0x22303au
#define ACCENT 0xe2603cu
#define PALE 0x9fc2cfu

struct dial {
	float x, y, radius;
};

static struct dial dial_of(const struct scene *scene)
{
	const float half = (float)scene->height / 2;
	return (struct dial){ half, half, half * 0.82f };
}

static struct rect dial_rect(const struct scene *scene)
{
	const struct dial dial = dial_of(scene);
	const int left = (int)(dial.x - dial.radius) - 2, size = (int)(dial.radius * 2) + 4;
	return (struct rect){ left, left, size, size };
}

static int digit_scale(const struct scene *scene)
{
	const int scale = (scene->width - scene->height) / (8 * 6);
	return scale > 0 ? scale : 1;
}

static struct rect digits_rect(const struct scene *scene)
{
	const int scale = digit_scale(scene);
	return (struct rect){ scene->height + scale * 2, scene->height / 2 + scale, 8 * 6 * scale,
		7 * scale };
}

/* A point on the dial, `turn` clockwise from twelve in turns. */
static void place(struct dial dial, float turn, float radius, float *x, float *y)
{
	const float angle = turn * 2 * (float)M_PI;
	*x = dial.x + sinf(angle) * radius * dial.radius;
	*y = dial.y - cosf(angle) * radius * dial.radius;
}

static uint32_t mix(uint32_t from, uint32_t to, int part, int of)
{
	uint32_t mixed = 0;
	for (int shift = 0; shift < 24; shift += 8) {
		const int a = (int)(from >> shift & 0xff), b = (int)(to >> shift & 0xff);
		mixed |= (uint32_t)(a + (b - a) * part / of) << shift;
	}
	return mixed;
}

static void hand(const struct canvas *canvas, struct dial dial, float turn, float from, float to,
	float thickness, uint32_t colour)
{
	float x0, y0, x1, y1;
	place(dial, turn, from, &x0, &y0);
	place(dial, turn, to, &x1, &y1);
	canvas_line(canvas, x0, y0, x1, y1, thickness * dial.radius, colour);
}

/* All that stands still. */
static bool resize_demo(struct scene *scene)
{
	scene->sheet = (struct canvas){ calloc((size_t)scene->width * (size_t)scene->height, 4),
		scene->width, scene->height };
	if (!scene->sheet.pixels)
		return false;
	for (int y = 0; y < scene->height; y++)
		canvas_fill(&scene->sheet, (struct rect){ 0, y, scene->width, 1 },
			mix(NIGHT, DUSK, y, scene->height));
	const struct dial dial = dial_of(scene);
	canvas_disc(&scene->sheet, dial.x, dial.y, dial.radius, PALE);
	canvas_disc(&scene->sheet, dial.x, dial.y, dial.radius * 0.965f, FACE);
	for (int minute = 0; minute < 60; minute++) {
		const bool hour = minute % 5 == 0;
		hand(&scene->sheet, dial, (float)minute / 60, hour ? 0.82f : 0.88f, 0.91f,
			hour ? 0.035f : 0.012f, INK);
	}
	const int scale = digit_scale(scene);
	const struct rect digits = digits_rect(scene);
	canvas_text(&scene->sheet, digits.x, digits.y - 13 * scale, scale + 1, FACE, "LODGE");
	return true;
}

static void step_demo(struct scene *scene)
{
	struct timespec now;
	struct tm local;
	clock_gettime(CLOCK_REALTIME, &now);
	localtime_r(&now.tv_sec, &local);
	scene->now.time_ms = ((local.tm_hour * 60 + local.tm_min) * 60 + local.tm_sec) * 1000L +
		now.tv_nsec / 1000000;
}

static float second_turn(int64_t time_ms)
{
	return (float)(time_ms % 60000) / 60000;
}

static void copy_sheet(const struct scene *scene, const struct canvas *canvas, struct rect rect)
{
	for (int y = rect.y; y < rect.y + rect.height && y < canvas->height; y++) {
		if (rect.x + rect.width > canvas->width)
			rect.width = canvas->width - rect.x;
		if (rect.width > 0)
			memcpy(canvas->pixels + (long)y * canvas->width + rect.x,
				scene->sheet.pixels + (long)y * canvas->width + rect.x,
				(size_t)rect.width * 4);
	}
}

static void paint_demo(
	const struct scene *scene, const struct canvas *canvas, const struct scene_state *before)
{
	if (before->painted) {
		copy_sheet(scene, canvas, dial_rect(scene));
		copy_sheet(scene, canvas, digits_rect(scene));
	} else {
		copy_sheet(scene, canvas, (struct rect){ 0, 0, canvas->width, canvas->height });
	}
	const int64_t seconds = scene->now.time_ms / 1000;
	char text[16];
	snprintf(text, sizeof text, "%02d:%02d:%02d", (int)(seconds / 3600 % 24),
		(int)(seconds / 60 % 60), (int)(seconds % 60));
	const struct rect digits = digits_rect(scene);
	canvas_text(canvas, digits.x, digits.y, digit_scale(scene), PALE, text);

	const struct dial dial = dial_of(scene);
	const float day = (float)(seconds * 1000) / DAY_MS;
	hand(canvas, dial, day * 2, -0.08f, 0.50f, 0.060f, INK);
	hand(canvas, dial, day * 24, -0.08f, 0.76f, 0.040f, INK);
	hand(canvas, dial, second_turn(scene->now.time_ms), -0.16f, 0.84f, 0.018f, ACCENT);
	canvas_disc(canvas, dial.x, dial.y, dial.radius * 0.05f, ACCENT);
}

static struct rect second_hand_rect(const struct scene *scene, int64_t time_ms)
{
	const struct dial dial = dial_of(scene);
	float x0, y0, x1, y1;
	place(dial, second_turn(time_ms), -0.16f, &x0, &y0);
	place(dial, second_turn(time_ms), 0.84f, &x1, &y1);
	const float margin = 2 + dial.radius * 0.018f;
	const int left = (int)(fminf(x0, x1) - margin), top = (int)(fminf(y0, y1) - margin);
	return (struct rect){ left, top, (int)(fmaxf(x0, x1) + margin) + 1 - left,
		(int)(fmaxf(y0, y1) + margin) + 1 - top };
}

/* The other hands and the digits move with the full second. */
static int damage_demo(
	const struct scene *scene, const struct scene_state *before, struct rect *rects)
{
	if (before->time_ms / 1000 == scene->now.time_ms / 1000) {
		rects[0] = second_hand_rect(scene, before->time_ms);
		rects[1] = second_hand_rect(scene, scene->now.time_ms);
	} else {
		rects[0] = dial_rect(scene);
		rects[1] = digits_rect(scene);
	}
	return 2;
}

const struct scene_impl scene_demo = {
	.name = "demo",
	.width = 420,
	.height = 260,
	.animated = true,
	.least_interval_ms = 33,
	.resize = resize_demo,
	.step = step_demo,
	.paint = paint_demo,
	.damage = damage_demo,
};
