#include "media/damage.h"

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t most(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

bool damage_clip(int64_t x, int64_t y, uint32_t width, uint32_t height, uint32_t picture_width_px,
	uint32_t picture_height_px, struct capture_rect *rect)
{
	const int64_t left = most(x, 0), top = most(y, 0);
	const int64_t right = least(x + width, picture_width_px);
	const int64_t bottom = least(y + height, picture_height_px);
	if (left >= right || top >= bottom)
		return false;
	*rect = (struct capture_rect){ (uint32_t)left, (uint32_t)top, (uint32_t)(right - left),
		(uint32_t)(bottom - top) };
	return true;
}

static void grow(struct capture_rect *rect, const struct capture_rect *other)
{
	const int64_t right =
		most((int64_t)rect->x + rect->width, (int64_t)other->x + other->width);
	const int64_t bottom =
		most((int64_t)rect->y + rect->height, (int64_t)other->y + other->height);
	rect->x = (uint32_t)least(rect->x, other->x);
	rect->y = (uint32_t)least(rect->y, other->y);
	rect->width = (uint32_t)(right - rect->x);
	rect->height = (uint32_t)(bottom - rect->y);
}

void damage_add(struct damage *damage, const struct capture_rect *rect)
{
	if (damage->count < CAPTURE_DAMAGE_MAX)
		damage->rects[damage->count++] = *rect;
	else
		grow(&damage->rects[CAPTURE_DAMAGE_MAX - 1], rect);
}

void damage_merge(struct damage *damage, const struct damage *other)
{
	damage->everything |= other->everything;
	for (uint32_t i = 0; i < other->count; i++)
		damage_add(damage, &other->rects[i]);
}
