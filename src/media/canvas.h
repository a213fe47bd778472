/*
 * Two pictures of one's own: the newest, and the one before it to compare with.
 *
 * A source that fills buffers of its own, and takes them back, is copied from. Holding two of its buffers instead
 * would save the copy, but a compositor that finds every buffer of its pool (two to four) busy leaves a picture
 * out, perhaps the last one before the screen rests; a pointer cannot be drawn into memory that others read; and
 * a dma-buf may be slow to read, so once is better than thrice. Only what changed is copied: what is new, and what was new
 * in the picture before, which the older of the two has not seen.
 *
 * A pointer drawn over a picture keeps what it covers, so that it can move without the source's help.
 *
 * Room: media, private. Thread: the media thread; tests. No I/O; memory is taken when the size changes only.
 */
#ifndef LODGE_MEDIA_CANVAS_H
#define LODGE_MEDIA_CANVAS_H

#include <stdbool.h>
#include <stdint.h>

#include "media/cursor.h"
#include "media/damage.h"

struct canvas_picture {
	const uint8_t *pixels; /* four bytes each: B, G, R, X, or R, G, B, X if swapped */
	uint32_t width_px, height_px, stride;
	bool swapped;
};

struct canvas_page {
	uint8_t *pixels;
	bool filled;
	struct damage lacks; /* what has changed since it was the newest */
	struct capture_rect covered; /* by the cursor; no width: nothing is */
	uint32_t under[CURSOR_SIZE_MAX_PX * CURSOR_SIZE_MAX_PX]; /* the pixels that it covers */
};

/* All zero: empty. */
struct canvas {
	uint32_t width_px, height_px, stride;
	struct canvas_page pages[2];
	uint32_t newest; /* index of the page */
	uint64_t cursor_serial; /* of the cursor as drawn */
};

void canvas_finish(struct canvas *canvas);

/*
 * Makes the next picture and fills all of *frame but its time. `picture` differs from the one before it within `damage`;
 * NULL: only the cursor changed. False: memory is short, or there is no picture yet; nothing is changed.
 */
bool canvas_take(struct canvas *canvas, const struct canvas_picture *picture,
	const struct damage *damage, const struct cursor *cursor, struct capture_frame *frame);

/* True: the cursor looks different from what the newest picture shows. */
bool canvas_needs_cursor(const struct canvas *canvas, const struct cursor *cursor);

#endif
