#include "media/cursor.h"

#include <string.h>

#include "media/damage.h"

void cursor_show(struct cursor *cursor, bool visible)
{
	cursor->serial += cursor->visible != visible;
	cursor->visible = visible;
}

void cursor_move(struct cursor *cursor, int32_t x, int32_t y)
{
	if (cursor->x == x && cursor->y == y)
		return;
	cursor->x = x;
	cursor->y = y;
	cursor->serial += cursor->visible;
}

static uint32_t at_most(uint32_t value, uint32_t limit)
{
	return value < limit ? value : limit;
}

static uint32_t swap_red_and_blue(uint32_t pixel)
{
	return (pixel & 0xff00ff00u) | (pixel & 0xff) << 16 | (pixel >> 16 & 0xff);
}

void cursor_set_image(struct cursor *cursor, const struct cursor_image *image)
{
	cursor->width_px = at_most(image->width_px, CURSOR_SIZE_MAX_PX);
	cursor->height_px = at_most(image->height_px, CURSOR_SIZE_MAX_PX);
	cursor->hotspot_x = image->hotspot_x;
	cursor->hotspot_y = image->hotspot_y;
	cursor->serial++;
	for (uint32_t y = 0; y < cursor->height_px; y++) {
		uint32_t *row = &cursor->pixels[y * cursor->width_px];
		memcpy(row, image->pixels + (size_t)y * image->stride,
			cursor->width_px * sizeof *row);
		for (uint32_t x = 0; image->swapped && x < cursor->width_px; x++)
			row[x] = swap_red_and_blue(row[x]);
	}
}

bool cursor_covers(const struct cursor *cursor, uint32_t width_px, uint32_t height_px,
	struct capture_rect *rect)
{
	return cursor->visible &&
		damage_clip((int64_t)cursor->x - cursor->hotspot_x,
			(int64_t)cursor->y - cursor->hotspot_y, cursor->width_px, cursor->height_px,
			width_px, height_px, rect);
}

static uint8_t blend(uint32_t over, uint32_t under, uint32_t alpha)
{
	const uint32_t rest = under * (255 - alpha);
	return (uint8_t)at_most(over + (rest + 127) / 255, 255);
}

void cursor_draw(const struct cursor *cursor, uint8_t *pixels, uint32_t stride,
	const struct capture_rect *rect)
{
	const uint32_t left = (uint32_t)((int64_t)rect->x - cursor->x + cursor->hotspot_x);
	const uint32_t top = (uint32_t)((int64_t)rect->y - cursor->y + cursor->hotspot_y);
	for (uint32_t y = 0; y < rect->height; y++) {
		const uint32_t *row = &cursor->pixels[(top + y) * cursor->width_px + left];
		uint8_t *under =
			pixels + (size_t)(rect->y + y) * stride + (size_t)rect->x * sizeof *row;
		for (uint32_t x = 0; x < rect->width; x++, under += sizeof *row) {
			for (uint32_t channel = 0; channel < 3; channel++)
				under[channel] = blend(
					row[x] >> 8 * channel & 0xff, under[channel], row[x] >> 24);
		}
	}
}
