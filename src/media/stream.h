/*
 * A stream: one display's picture, captured, converted and encoded on a thread of its own, handed out
 * as packets. Encode once, whoever watches (architecture.md §2).
 *
 * Room: media. The functions below are for the control thread; they never block (destroy joins a thread that
 * ends within milliseconds; see there). Callbacks come on the control thread, from the event loop.
 */
#ifndef LODGE_MEDIA_STREAM_H
#define LODGE_MEDIA_STREAM_H

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "core/source.h"
#include "media/packet.h"

struct media_stream;

/* What a local network carries without a thought; viewers can ask for less. */
#define MEDIA_BITRATE_DEFAULT_KBPS 60000

struct media_stream_params {
	struct video_source source;
	uint8_t display; /* the index put into every message */
	uint32_t frame_rate_mhz; /* upper bound; 0 = every frame the output makes */
	uint32_t bitrate_kbps; /* upper bound of video and refinement together; 0 = default */
};

struct media_stream_events {
	/* A packet for every subscriber. The callee refs what it keeps. */
	void (*packet)(void *data, struct media_packet *packet);
	/* The source failed for good (output gone, compositor dead). No packet comes after it. */
	void (*failed)(void *data, const char *text);
	/*
	 * A PipeWire source streams for 150 ms, anew or with a new size, and has given no picture: its screen is still,
	 * and some compositors (gamescope) send changes only, also to who has seen nothing. Whoever can make the screen
	 * change should. Again, ever later, up to ten seconds, while there is none. May be NULL.
	 */
	void (*no_picture)(void *data);
};

struct media_stream_stats {
	uint64_t captured, encoded, tiles, dropped; /* frames */
	uint64_t video_bytes, tile_bytes;
	uint64_t capture_to_encoded_ns_sum;
};

/* NULL with errno when the thread cannot start; a source that cannot be opened comes as `failed`. */
struct media_stream *media_stream_create(sd_event *event, const struct media_stream_params *params,
	const struct media_stream_events *events, void *data);

/*
 * Stops the thread and frees the stream. Packets still referenced stay valid. The thread checks for
 * the stop between steps and waits on nothing unbounded, so the join takes at most one frame's encode.
 */
void media_stream_destroy(struct media_stream *stream);

/* The next picture is encoded as a keyframe, even without damage (a joiner, a loss). STREAM_CONFIG goes before it. */
void media_stream_request_keyframe(struct media_stream *stream);
void media_stream_set_bitrate(struct media_stream *stream, uint32_t bitrate_kbps);
void media_stream_set_frame_rate(struct media_stream *stream, uint32_t frame_rate_mhz);
void media_stream_get_stats(const struct media_stream *stream, struct media_stream_stats *stats);

/* The text of a fixed library and encoder version line, for --version and logs. */
const char *media_encoder_description(void);

#endif
