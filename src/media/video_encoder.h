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
};

struct video_encoder *video_encoder_create(const struct video_encoder_params *params);
void video_encoder_destroy(struct video_encoder *encoder);

/* Converts a rectangle of the BGRX picture into the encoder's input (grown to even pixels) and marks it changed. */
void video_encoder_update(struct video_encoder *encoder, const uint8_t *pixels, uint32_t stride,
	const struct wire_rect *rect);

#define VIDEO_QUANTIZER_BEST 24 /* text in motion is clean */
#define VIDEO_QUANTIZER_WORST 44 /* just recognisable, for an instant */

/*
 * Encodes the input at a quantizer (VIDEO_QUANTIZER_BEST .. WORST): six more halve the bits, roughly. Rate control is the
 * caller's, who knows the clock; x264's own counts frames, and its lookahead costs as much as a still frame. The
 * access unit is valid until the next call. False when x264 fails.
 */
struct video_access_unit {
	const uint8_t *data;
	size_t size;
	bool keyframe;
};
bool video_encoder_encode(struct video_encoder *encoder, bool keyframe, int quantizer,
	struct video_access_unit *unit);
/* Macroblocks that were updated since the last encode; all of them for a keyframe. */
uint32_t video_encoder_changed_blocks(const struct video_encoder *encoder);

/* WebCodecs string, such as "avc1.42C028". */
const char *video_encoder_codec(const struct video_encoder *encoder);

#endif
