#include "media/canvas.h"

#include <stdlib.h>
#include <string.h>

#include <libyuv.h>

#define BYTES_PER_PX 4

static bool resize(struct canvas *canvas, const struct canvas_picture *picture)
{
	const uint32_t stride = picture->width_px * BYTES_PER_PX;
	const size_t size = (size_t)stride * picture->height_px;
	uint8_t *one = malloc(size), *other = malloc(size);
	if (!one || !other) {
		free(one);
		free(other);
		return false;
	}
	canvas_finish(canvas);
	canvas->width_px = picture->width_px;
	canvas->height_px = picture->height_px;
	canvas->stride = stride;
	canvas->pages[0].pixels = one;
	canvas->pages[1].pixels = other;
	return true;
}

void canvas_finish(struct canvas *canvas)
{
	for (uint32_t i = 0; i < 2; i++) {
		struct canvas_page *page = &canvas->pages[i];
		free(page->pixels);
		page->pixels = NULL;
		page->filled = false;
		page->lacks = (struct damage){ 0 };
		page->covered = (struct capture_rect){ 0 };
	}
	canvas->width_px = canvas->height_px = canvas->stride = 0;
}

static void copy_rect(struct canvas *canvas, struct canvas_page *page,
	const struct canvas_picture *picture, const struct capture_rect *rect)
{
	const size_t column = (size_t)rect->x * BYTES_PER_PX;
	const uint8_t *from = picture->pixels + (size_t)rect->y * picture->stride + column;
	uint8_t *to = page->pixels + (size_t)rect->y * canvas->stride + column;
	if (picture->swapped) {
		ABGRToARGB(from, (int)picture->stride, to, (int)canvas->stride, (int)rect->width,
			(int)rect->height);
		return;
	}
	for (uint32_t line = 0; line < rect->height; line++)
		memcpy(to + (size_t)line * canvas->stride, from + (size_t)line * picture->stride,
			(size_t)rect->width * BYTES_PER_PX);
}

static void copy_damage(struct canvas *canvas, struct canvas_page *page,
	const struct canvas_picture *picture, const struct damage *damage)
{
	const struct capture_rect whole = { 0, 0, canvas->width_px, canvas->height_px };
	if (damage->everything) {
		copy_rect(canvas, page, picture, &whole);
		return;
	}
	for (uint32_t i = 0; i < damage->count; i++) {
		const struct capture_rect *rect = &damage->rects[i];
		struct capture_rect within;
		if (damage_clip(rect->x, rect->y, rect->width, rect->height, canvas->width_px,
			    canvas->height_px, &within))
			copy_rect(canvas, page, picture, &within);
	}
}

/* Puts onto `page` what the cursor covers on `covered`. */
static void uncover(
	const struct canvas *canvas, struct canvas_page *page, const struct canvas_page *covered)
{
	const struct capture_rect *rect = &covered->covered;
	for (uint32_t line = 0; line < rect->height; line++)
		memcpy(page->pixels + (size_t)(rect->y + line) * canvas->stride +
				(size_t)rect->x * BYTES_PER_PX,
			&covered->under[line * rect->width], rect->width * BYTES_PER_PX);
}

static void draw_cursor(
	const struct canvas *canvas, struct canvas_page *page, const struct cursor *cursor)
{
	struct capture_rect rect;
	page->covered = (struct capture_rect){ 0 };
	if (!cursor_covers(cursor, canvas->width_px, canvas->height_px, &rect))
		return;
	page->covered = rect;
	for (uint32_t line = 0; line < rect.height; line++)
		memcpy(&page->under[line * rect.width],
			page->pixels + (size_t)(rect.y + line) * canvas->stride +
				(size_t)rect.x * BYTES_PER_PX,
			rect.width * BYTES_PER_PX);
	cursor_draw(cursor, page->pixels, canvas->stride, &rect);
}

/* The picture without a cursor on it, from the source or else from the page before. */
static void fill(struct canvas *canvas, struct canvas_page *page, const struct canvas_page *before,
	const struct canvas_picture *picture, const struct damage *damage)
{
	struct damage stale = page->lacks;
	stale.everything |= !page->filled;
	uncover(canvas, page, page);
	if (picture) {
		damage_merge(&stale, damage);
		stale.everything |= !before->filled;
		copy_damage(canvas, page, picture, &stale);
		return;
	}
	const struct canvas_picture copy = {
		.pixels = before->pixels,
		.width_px = canvas->width_px,
		.height_px = canvas->height_px,
		.stride = canvas->stride,
	};
	copy_damage(canvas, page, &copy, &stale);
	uncover(canvas, page, before);
}

static void fill_frame(const struct canvas *canvas, const struct canvas_page *page,
	const struct canvas_page *before, const struct damage *changed, struct capture_frame *frame)
{
	struct damage damage = *changed;
	if (page->covered.width)
		damage_add(&damage, &page->covered);
	if (before->covered.width)
		damage_add(&damage, &before->covered);
	frame->pixels = page->pixels;
	frame->width_px = canvas->width_px;
	frame->height_px = canvas->height_px;
	frame->stride = canvas->stride;
	frame->previous = before->filled ? before->pixels : NULL;
	frame->damage_count = damage.everything ? 0 : damage.count;
	memcpy(frame->damage, damage.rects, sizeof frame->damage);
}

bool canvas_take(struct canvas *canvas, const struct canvas_picture *picture,
	const struct damage *damage, const struct cursor *cursor, struct capture_frame *frame)
{
	static const struct damage nothing;
	if (picture &&
		(picture->width_px != canvas->width_px ||
			picture->height_px != canvas->height_px) &&
		!resize(canvas, picture))
		return false;
	struct canvas_page *before = &canvas->pages[canvas->newest];
	struct canvas_page *page = &canvas->pages[!canvas->newest];
	if (!picture && !before->filled)
		return false;
	const struct damage *changed = picture ? damage : &nothing;
	fill(canvas, page, before, picture, changed);
	page->filled = true;
	page->lacks = nothing;
	damage_merge(&before->lacks, changed);
	draw_cursor(canvas, page, cursor);
	fill_frame(canvas, page, before, changed, frame);
	canvas->newest = !canvas->newest;
	canvas->cursor_serial = cursor->serial;
	return true;
}

bool canvas_needs_cursor(const struct canvas *canvas, const struct cursor *cursor)
{
	return canvas->pages[canvas->newest].filled && canvas->cursor_serial != cursor->serial;
}
