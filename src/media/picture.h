/*
 * Turns captured pictures into packets: what changed a little goes as exact tiles, what moves as video, and what
 * video made soft is made exact when it has come to rest (docs/protocol.md §4).
 *
 * Room: media, private. Thread: the media thread. Takes the time as an argument; no I/O but `emit`.
 */
#ifndef LODGE_MEDIA_PICTURE_H
#define LODGE_MEDIA_PICTURE_H

#include <stdbool.h>
#include <stdint.h>

#include "media/capture.h"
#include "media/packet.h"
#include "media/stream.h"

struct picture;

struct picture_params {
	uint8_t display;
	uint32_t bitrate_kbps;
	struct media_packet_pool *pool; /* not owned */
	/* Takes the reference. False: it could not be handed on; a keyframe must follow. */
	bool (*emit)(void *data, struct media_packet *packet);
	void *data;
};

struct picture *picture_create(const struct picture_params *params);
void picture_destroy(struct picture *picture);

/* A new picture. False: the encoder or memory failed for good. */
bool picture_update(struct picture *picture, const struct capture_frame *frame, bool keyframe);
/* The last picture again, as a keyframe. `frame` is the last one given. */
bool picture_keyframe(struct picture *picture, const struct capture_frame *frame);
/*
 * When the next refinement is due; UINT64_MAX: nothing is soft. picture_refine does one bounded step of it
 * (about a millisecond).
 */
uint64_t picture_refine_due_ns(const struct picture *picture);
void picture_refine(struct picture *picture, const struct capture_frame *frame, uint64_t now_ns);

void picture_set_bitrate(struct picture *picture, uint32_t bitrate_kbps);
void picture_get_stats(const struct picture *picture, struct media_stream_stats *stats);

#endif
