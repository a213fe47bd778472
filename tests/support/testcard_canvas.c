#include "testcard_canvas.h"

#include <math.h>

static int least(int a, int b)
{
	return a < b ? a : b;
}

static int most(int a, int b)
{
	return a > b ? a : b;
}

struct rect rect_union(struct rect a, struct rect b)
{
	const int x = least(a.x, b.x), y = least(a.y, b.y);
	return (struct rect){ x, y, most(a.x + a.width, b.x + b.width) - x,
		most(a.y + a.height, b.y + b.height) - y };
}

static struct rect clip(const struct canvas *canvas, struct rect rect)
{
	const int x = most(rect.x, 0), y = most(rect.y, 0);
	return (struct rect){ x, y, least(rect.x + rect.width, canvas->width) - x,
		least(rect.y + rect.height, canvas->height) - y };
}

void canvas_fill(const struct canvas *canvas, struct rect rect, uint32_t colour)
{
	const struct rect inside = clip(canvas, rect);
	for (int y = inside.y; y < inside.y + inside.height; y++) {
		uint32_t *row = canvas->pixels + (long)y * canvas->width;
		for (int x = inside.x; x < inside.x + inside.width; x++)
			row[x] = colour;
	}
}

static uint32_t blend(uint32_t below, uint32_t above, float share)
{
	const uint32_t part = (uint32_t)(share * 256.0f);
	uint32_t mixed = 0;
	for (int shift = 0; shift < 24; shift += 8) {
		const uint32_t from = below >> shift & 0xff, to = above >> shift & 0xff;
		mixed |= ((from * (256 - part) + to * part) >> 8) << shift;
	}
	return mixed;
}

/* How far the point is from the line, both relative to the line's start. */
static float distance(float px, float py, float dx, float dy)
{
	const float square = dx * dx + dy * dy;
	float along = square > 0 ? (px * dx + py * dy) / square : 0;
	along = along < 0 ? 0 : along > 1 ? 1 : along;
	const float ex = px - along * dx, ey = py - along * dy;
	return sqrtf(ex * ex + ey * ey);
}

void canvas_line(const struct canvas *canvas, float x0, float y0, float x1, float y1,
	float thickness, uint32_t colour)
{
	const float radius = thickness / 2, margin = radius + 1;
	const int left = (int)floorf(fminf(x0, x1) - margin),
		  top = (int)floorf(fminf(y0, y1) - margin);
	const int right = (int)ceilf(fmaxf(x0, x1) + margin),
		  bottom = (int)ceilf(fmaxf(y0, y1) + margin);
	const struct rect inside =
		clip(canvas, (struct rect){ left, top, right - left, bottom - top });
	for (int y = inside.y; y < inside.y + inside.height; y++) {
		uint32_t *row = canvas->pixels + (long)y * canvas->width;
		for (int x = inside.x; x < inside.x + inside.width; x++) {
			const float px = (float)x + 0.5f - x0, py = (float)y + 0.5f - y0;
			const float share = radius + 0.5f - distance(px, py, x1 - x0, y1 - y0);
			if (share > 0)
				row[x] = blend(row[x], colour, share < 1 ? share : 1);
		}
	}
}

void canvas_disc(const struct canvas *canvas, float x, float y, float radius, uint32_t colour)
{
	canvas_line(canvas, x, y, x, y, radius * 2, colour);
}

/* Rows from the top, the leftmost dot is bit 4. */
static const uint8_t digits[10][7] = {
	{ 0x0e, 0x11, 0x13, 0x15, 0x19, 0x11, 0x0e },
	{ 0x04, 0x0c, 0x04, 0x04, 0x04, 0x04, 0x0e },
	{ 0x0e, 0x11, 0x01, 0x02, 0x04, 0x08, 0x1f },
	{ 0x1f, 0x02, 0x04, 0x02, 0x01, 0x11, 0x0e },
	{ 0x02, 0x06, 0x0a, 0x12, 0x1f, 0x02, 0x02 },
	{ 0x1f, 0x10, 0x1e, 0x01, 0x01, 0x11, 0x0e },
	{ 0x06, 0x08, 0x10, 0x1e, 0x11, 0x11, 0x0e },
	{ 0x1f, 0x01, 0x02, 0x04, 0x08, 0x08, 0x08 },
	{ 0x0e, 0x11, 0x11, 0x0e, 0x11, 0x11, 0x0e },
	{ 0x0e, 0x11, 0x11, 0x0f, 0x01, 0x02, 0x0c },
};
static const uint8_t letters[26][7] = {
	{ 0x0e, 0x11, 0x11, 0x1f, 0x11, 0x11, 0x11 },
	{ 0x1e, 0x11, 0x11, 0x1e, 0x11, 0x11, 0x1e },
	{ 0x0e, 0x11, 0x10, 0x10, 0x10, 0x11, 0x0e },
	{ 0x1e, 0x11, 0x11, 0x11, 0x11, 0x11, 0x1e },
	{ 0x1f, 0x10, 0x10, 0x1e, 0x10, 0x10, 0x1f },
	{ 0x1f, 0x10, 0x10, 0x1e, 0x10, 0x10, 0x10 },
	{ 0x0e, 0x11, 0x10, 0x17, 0x11, 0x11, 0x0f },
	{ 0x11, 0x11, 0x11, 0x1f, 0x11, 0x11, 0x11 },
	{ 0x0e, 0x04, 0x04, 0x04, 0x04, 0x04, 0x0e },
	{ 0x07, 0x02, 0x02, 0x02, 0x02, 0x12, 0x0c },
	{ 0x11, 0x12, 0x14, 0x18, 0x14, 0x12, 0x11 },
	{ 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x1f },
	{ 0x11, 0x1b, 0x15, 0x15, 0x11, 0x11, 0x11 },
	{ 0x11, 0x11, 0x19, 0x15, 0x13, 0x11, 0x11 },
	{ 0x0e, 0x11, 0x11, 0x11, 0x11, 0x11, 0x0e },
	{ 0x1e, 0x11, 0x11, 0x1e, 0x10, 0x10, 0x10 },
	{ 0x0e, 0x11, 0x11, 0x11, 0x15, 0x12, 0x0d },
	{ 0x1e, 0x11, 0x11, 0x1e, 0x14, 0x12, 0x11 },
	{ 0x0f, 0x10, 0x10, 0x0e, 0x01, 0x01, 0x1e },
	{ 0x1f, 0x04, 0x04, 0x04, 0x04, 0x04, 0x04 },
	{ 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x0e },
	{ 0x11, 0x11, 0x11, 0x11, 0x11, 0x0a, 0x04 },
	{ 0x11, 0x11, 0x11, 0x15, 0x15, 0x1b, 0x11 },
	{ 0x11, 0x11, 0x0a, 0x04, 0x0a, 0x11, 0x11 },
	{ 0x11, 0x11, 0x0a, 0x04, 0x04, 0x04, 0x04 },
	{ 0x1f, 0x01, 0x02, 0x04, 0x08, 0x10, 0x1f },
};
static const uint8_t colon[7] = { 0x00, 0x04, 0x04, 0x00, 0x04, 0x04, 0x00 };
static const uint8_t blank[7];

static const uint8_t *glyph_of(char character)
{
	if (character >= '0' && character <= '9')
		return digits[character - '0'];
	if (character >= 'A' && character <= 'Z')
		return letters[character - 'A'];
	return character == ':' ? colon : blank;
}

void canvas_text(
	const struct canvas *canvas, int x, int y, int scale, uint32_t colour, const char *text)
{
	for (; *text; text++, x += 6 * scale) {
		const uint8_t *glyph = glyph_of(*text);
		for (int dot = 0; dot < 35; dot++) {
			const int column = dot % 5, row = dot / 5;
			if (glyph[row] >> (4 - column) & 1)
				canvas_fill(canvas,
					(struct rect){
						x + column * scale, y + row * scale, scale, scale },
					colour);
		}
	}
}
