#include "media/tilemap.h"

#include <stdlib.h>
#include <string.h>

/* Changes closer together than this are a moving picture, not typing or paging: 28 Hz and faster. */
#define MOTION_GAP_NS 36000000u
#define MOTION_STREAK 3
#define BYTES_PER_PX 4

static uint32_t least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

bool tilemap_init(struct tilemap *map, uint32_t width_px, uint32_t height_px)
{
	const uint32_t columns = (width_px + TILE_PX - 1) / TILE_PX;
	const uint32_t rows = (height_px + TILE_PX - 1) / TILE_PX;
	*map = (struct tilemap){ width_px, height_px, columns, rows,
		calloc((size_t)columns * rows, sizeof *map->tiles), 0, 0 };
	if (!map->tiles)
		return false;
	for (uint32_t i = 0; i < columns * rows; i++)
		map->tiles[i] = (struct tile_state){ .soft = true, .stale = true };
	return true;
}

void tilemap_finish(struct tilemap *map)
{
	free(map->tiles);
	*map = (struct tilemap){ 0 };
}

struct wire_rect tilemap_rect(
	const struct tilemap *map, uint32_t column, uint32_t row, uint32_t columns)
{
	const uint32_t x = column * TILE_PX, y = row * TILE_PX;
	return (struct wire_rect){ (uint16_t)x, (uint16_t)y,
		(uint16_t)least(columns * TILE_PX, map->width_px - x),
		(uint16_t)least(TILE_PX, map->height_px - y) };
}

static bool row_differs(
	const struct capture_frame *frame, uint32_t x, uint32_t y, uint32_t width_px)
{
	const size_t offset = (size_t)y * frame->stride + (size_t)x * BYTES_PER_PX;
	return memcmp(frame->pixels + offset, frame->previous + offset,
		       (size_t)width_px * BYTES_PER_PX) != 0;
}

static bool tile_differs(
	const struct tilemap *map, const struct capture_frame *frame, uint32_t column, uint32_t row)
{
	if (!frame->previous)
		return true;
	const struct wire_rect rect = tilemap_rect(map, column, row, 1);
	for (uint32_t line = 0; line < rect.height; line++) {
		if (row_differs(frame, rect.x, rect.y + line, rect.width))
			return true;
	}
	return false;
}

static void mark_changed(struct tilemap *map, struct tile_state *tile, uint64_t now_ns)
{
	const bool fast = now_ns - tile->changed_ns < MOTION_GAP_NS;
	if (!fast)
		tile->streak = 0;
	else if (tile->streak < MOTION_STREAK)
		tile->streak++;
	tile->changed = true;
	tile->moving = tile->streak == MOTION_STREAK;
	tile->stale = true;
	tile->changed_ns = now_ns;
	map->changed++;
	map->moving += tile->moving;
}

static void mark_rect(
	struct tilemap *map, const struct capture_frame *frame, const struct capture_rect *rect)
{
	if (rect->x >= map->width_px || rect->y >= map->height_px || !rect->width || !rect->height)
		return;
	const uint32_t right = rect->x + least(rect->width, map->width_px - rect->x);
	const uint32_t bottom = rect->y + least(rect->height, map->height_px - rect->y);
	for (uint32_t row = rect->y / TILE_PX; row * TILE_PX < bottom; row++) {
		for (uint32_t column = rect->x / TILE_PX; column * TILE_PX < right; column++) {
			struct tile_state *tile = &map->tiles[row * map->columns + column];
			if (!tile->changed && tile_differs(map, frame, column, row))
				mark_changed(map, tile, frame->capture_ns);
		}
	}
}

void tilemap_mark(struct tilemap *map, const struct capture_frame *frame)
{
	const struct capture_rect everything = { 0, 0, map->width_px, map->height_px };
	for (uint32_t i = 0; i < map->columns * map->rows; i++)
		map->tiles[i].changed = map->tiles[i].moving = map->tiles[i].for_video = false;
	map->changed = map->moving = 0;
	if (!frame->previous || frame->damage_count == 0)
		mark_rect(map, frame, &everything);
	else
		for (uint32_t i = 0; i < frame->damage_count; i++)
			mark_rect(map, frame, &frame->damage[i]);
}

static bool column_differs(
	const struct capture_frame *frame, const struct wire_rect *rect, uint32_t x)
{
	for (uint32_t line = 0; line < rect->height; line++) {
		if (row_differs(frame, x, rect->y + line, 1))
			return true;
	}
	return false;
}

void tilemap_trim(const struct capture_frame *frame, struct wire_rect *rect)
{
	if (!frame->previous)
		return;
	while (rect->height > 1 && !row_differs(frame, rect->x, rect->y, rect->width)) {
		rect->y++;
		rect->height--;
	}
	while (rect->height > 1 &&
		!row_differs(frame, rect->x, rect->y + rect->height - 1u, rect->width))
		rect->height--;
	while (rect->width > 1 && !column_differs(frame, rect, rect->x)) {
		rect->x++;
		rect->width--;
	}
	while (rect->width > 1 && !column_differs(frame, rect, rect->x + rect->width - 1u))
		rect->width--;
}
