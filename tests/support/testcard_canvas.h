/* Drawing into a picture in memory: XRGB8888, rows without gaps. Everything is clipped. */
#ifndef LODGE_TESTS_TESTCARD_CANVAS_H
#define LODGE_TESTS_TESTCARD_CANVAS_H

#include <stdint.h>

struct canvas {
	uint32_t *pixels;
	int width, height;
};

struct rect {
	int x, y, width, height;
};

struct rect rect_union(struct rect a, struct rect b);

void canvas_fill(const struct canvas *canvas, struct rect rect, uint32_t colour);
/* A line with round ends, smooth; all lengths in pixels. */
void canvas_line(const struct canvas *canvas, float x0, float y0, float x1, float y1,
	float thickness, uint32_t colour);
void canvas_disc(const struct canvas *canvas, float x, float y, float radius, uint32_t colour);
/* Capitals, digits, space and colon, 5 by 7 dots of scale pixels, 6 dots from one to the next. */
void canvas_text(
	const struct canvas *canvas, int x, int y, int scale, uint32_t colour, const char *text);

#endif
