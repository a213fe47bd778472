/*
 * A media packet: one complete host message (STREAM_CONFIG or FRAME, docs/protocol.md §3-4), encoded once
 * by the media thread and sent as it is to every subscriber.
 *
 * Room: media. Threads: made by a media thread, read by any; the count is atomic. The bytes do not
 * change once the packet has left the media thread. The last unref gives the packet back to its stream's
 * pool (or frees it when the stream is gone).
 */
#ifndef LODGE_MEDIA_PACKET_H
#define LODGE_MEDIA_PACKET_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum media_packet_kind {
	MEDIA_PACKET_CONFIG, /* STREAM_CONFIG: must reach a subscriber before the frames after it */
	MEDIA_PACKET_FRAME,
	MEDIA_PACKET_AUDIO_CONFIG, /* as CONFIG, for sound */
	MEDIA_PACKET_AUDIO, /* AUDIO: each may be left out */
};

struct media_packet_pool;

struct media_packet {
	enum media_packet_kind kind;
	bool keyframe; /* FRAME: a subscriber may start here */
	uint32_t sequence; /* FRAME */
	uint64_t capture_ns; /* FRAME: CLOCK_MONOTONIC of the captured picture */
	uint8_t *data;
	size_t size, capacity;
	atomic_uint references;
	struct media_packet_pool *pool;
	struct media_packet *next; /* pool and ring use; not for holders */
};

struct media_packet *media_packet_ref(struct media_packet *packet);
void media_packet_unref(struct media_packet *packet); /* NULL is fine */

#endif
