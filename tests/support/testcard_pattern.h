/*
 * The still picture of `lodge-testcard pattern`, pixel by pixel: what a capture of the window must show.
 * Pure; any thread.
 */
#ifndef LODGE_TESTS_TESTCARD_PATTERN_H
#define LODGE_TESTS_TESTCARD_PATTERN_H

#include <stdbool.h>
#include <stdint.h>

#define TESTCARD_GRID_PX 32
#define TESTCARD_CELL_WIDTH_PX 8
#define TESTCARD_CELL_HEIGHT_PX 12

#define TESTCARD_TOP_LEFT 0xc02020u
#define TESTCARD_TOP_RIGHT 0x20a040u
#define TESTCARD_BOTTOM_LEFT 0x2040c0u
#define TESTCARD_BOTTOM_RIGHT 0xe0c020u
#define TESTCARD_GRID 0x808080u
#define TESTCARD_BORDER 0xffffffu
#define TESTCARD_PAPER 0xf4f1eau
#define TESTCARD_INK 0x202428u

/* One bit of well mixed noise for a place. */
static inline bool testcard_speckle(uint32_t x, uint32_t y)
{
	uint32_t hash = x * 0x9e3779b1u ^ y * 0x85ebca77u;
	hash ^= hash >> 15;
	hash *= 0x2c1b3c6du;
	hash ^= hash >> 12;
	return hash & 1;
}

/* The middle of the window: 5 by 7 specks in each cell, as small as text. */
static inline bool testcard_in_text(int x, int y, int width, int height)
{
	return x >= width / 4 && x < width - width / 4 && y >= height * 3 / 8 &&
		y < height - height * 3 / 8;
}

/* 0xRRGGBB */
static inline uint32_t testcard_pattern_pixel(int x, int y, int width, int height)
{
	if (x == 0 || y == 0 || x == width - 1 || y == height - 1)
		return TESTCARD_BORDER;
	if (testcard_in_text(x, y, width, height)) {
		const bool glyph =
			x % TESTCARD_CELL_WIDTH_PX < 5 && y % TESTCARD_CELL_HEIGHT_PX < 7;
		return glyph && testcard_speckle((uint32_t)x, (uint32_t)y) ? TESTCARD_INK
									   : TESTCARD_PAPER;
	}
	if (x % TESTCARD_GRID_PX == 0 || y % TESTCARD_GRID_PX == 0)
		return TESTCARD_GRID;
	if (y < height / 2)
		return x < width / 2 ? TESTCARD_TOP_LEFT : TESTCARD_TOP_RIGHT;
	return x < width / 2 ? TESTCARD_BOTTOM_LEFT : TESTCARD_BOTTOM_RIGHT;
}

#endif
