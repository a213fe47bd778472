/*
 * One buffer of a PipeWire video stream: its memory, and what its metadata say. What lies in memory that the
 * producer shares is read once and believed only within its bounds.
 *
 * Room: media, private. Thread: the media thread.
 */
#ifndef LODGE_MEDIA_PIPEWIRE_BUFFER_H
#define LODGE_MEDIA_PIPEWIRE_BUFFER_H

#include <stdbool.h>
#include <stdint.h>

#include <spa/buffer/buffer.h>

#include "media/canvas.h"
#include "media/cursor.h"
#include "media/damage.h"
#include "media/pipewire_format.h"

struct pipewire_mapping {
	uint8_t *bytes;
	size_t size;
	size_t start; /* of the buffer's data within it */
	int fd; /* not owned */
	bool dma_buf;
};

/* NULL with errno: EPROTO for memory of a kind, or smaller than said, that cannot be read. */
struct pipewire_mapping *pipewire_mapping_create(const struct spa_buffer *buffer);
void pipewire_mapping_destroy(struct pipewire_mapping *mapping);
/* Around reading the pixels. Waits for the graphics card, if one draws there. */
void pipewire_mapping_begin(const struct pipewire_mapping *mapping);
void pipewire_mapping_end(const struct pipewire_mapping *mapping);

/* False: the buffer carries no pixels (empty, or marked as corrupted), or none that fit the format. */
bool pipewire_buffer_picture(const struct spa_buffer *buffer, const struct pipewire_mapping *mapping,
	const struct pipewire_format *format, struct canvas_picture *picture);

/* Adds what the buffer says has changed. False: it says nothing. */
bool pipewire_buffer_add_damage(const struct spa_buffer *buffer,
	const struct pipewire_format *format, struct damage *damage);

/* Takes over what the buffer says of the pointer, if anything. */
void pipewire_buffer_update_cursor(const struct spa_buffer *buffer, struct cursor *cursor);

/* 0: not said. */
uint64_t pipewire_buffer_sequence(const struct spa_buffer *buffer);
uint64_t pipewire_buffer_time_ns(const struct spa_buffer *buffer);

#endif
