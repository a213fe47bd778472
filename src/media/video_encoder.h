/*
 * H.264 by libx264, for pictures whose undamaged parts are known.
 *
 * Room: media, private. Thread: the media thread (x264's slice threads are inside). libavcodec 5.1 has no way to
 * tell x264 which macroblocks stand still, which is what makes a frame cost what its damage costs; hence x264 itself.
 * A hardware encoder would come through libavcodec behind the same functions.
 */
#ifndef LODGE_MEDIA_VIDEO_ENCODER_H
#define LODGE_MEDIA_VIDEO_ENCODER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/wire.h"

struct video_encoder;

struct video_encoder_params {
	uint32_t width_px, height_px;
	uint32_t frame_rate_mhz;
	uint32_t bitrate_kbps; /* upper bound over any quarter of a second */
};

struct video_encoder *video_encoder_create(const struct video_encoder_params *params);
void video_encoder_destroy(struct video_encoder *encoder);

/* Converts a rectangle of the BGRX picture into the encoder's input (grown to even pixels) and marks it changed. */
void video_encoder_update(struct video_encoder *encoder, const uint8_t *pixels, uint32_t stride,
	const struct wire_rect *rect);

/*
 * Encodes the input. The access unit is valid until the next call. False when x264 fails.
 */
struct video_access_unit {
	const uint8_t *data;
	size_t size;
	bool keyframe;
};
bool video_encoder_encode(
	struct video_encoder *encoder, bool keyframe, struct video_access_unit *unit);

void video_encoder_set_bitrate(struct video_encoder *encoder, uint32_t bitrate_kbps);

/* WebCodecs string, such as "avc1.42C028". */
const char *video_encoder_codec(const struct video_encoder *encoder);

#endif
