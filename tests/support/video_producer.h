/*
 * A PipeWire video node that does what a test says: paints when told, with the metadata it is told, as compositors do.
 *
 * Thread: the test's; a thread of PipeWire's loop is inside. Only create waits, SOUND_SESSION_DEADLINE_MS at most.
 */
#ifndef LODGE_TESTS_SUPPORT_VIDEO_PRODUCER_H
#define LODGE_TESTS_SUPPORT_VIDEO_PRODUCER_H

#include <stdbool.h>
#include <stdint.h>

#include <spa/param/video/raw.h>

struct video_producer;

struct video_producer_params {
	const char *socket; /* of the daemon */
	const char *node_name;
	uint32_t width_px, height_px;
	enum spa_video_format format;
	bool modifier_offered;
	uint64_t modifier; /* offered alone; the buffers are dma-bufs, see video_producer_has_dma_bufs */
	bool without_metadata;
};

/* The kernel makes dma-bufs of memory. Else plain memory files call themselves so, as software drivers have it. */
bool video_producer_has_dma_bufs(void);

/* NULL, with the reason on standard error. The node is known to the daemon then. */
struct video_producer *video_producer_create(const struct video_producer_params *params);
void video_producer_destroy(struct video_producer *producer);

/* Asks for another size; it holds when the node streams with it, which takes the consumers' part. */
void video_producer_resize(struct video_producer *producer, uint32_t width_px, uint32_t height_px);
/* A consumer is there, and the size is the last that was wished for. */
bool video_producer_is_streaming(struct video_producer *producer);

struct video_producer_rect {
	int32_t x, y;
	uint32_t width_px, height_px;
};

struct video_producer_cursor {
	bool said; /* there is a pointer, or (hidden) there is none */
	bool hidden;
	int32_t x, y, hotspot_x, hotspot_y;
	/* An image comes with it, one colour, 0xAARRGGBB premultiplied; no size: as before. */
	uint32_t width_px, height_px, colour;
};

struct video_producer_paint {
	const uint32_t *pixels; /* of the whole picture, 0xXXRRGGBB; whatever the node's format */
	struct video_producer_rect damage[8];
	uint32_t damage_count;
	bool corrupted; /* says so, by the flag of the chunk */
	bool corrupted_header; /* says so, by the flag of the header */
	bool empty; /* size 0 */
	bool misplaced; /* the chunk reaches beyond the memory */
	bool sequence_jumps; /* as if a picture had been left out before it */
	int64_t pts_ns;
	struct video_producer_cursor cursor;
};

/* False: nobody consumes just now, or the consumers have every buffer. */
bool video_producer_paint(
	struct video_producer *producer, const struct video_producer_paint *paint);

/* The negotiated upper bound of the frame rate. */
struct spa_fraction video_producer_max_rate(struct video_producer *producer);

#endif
