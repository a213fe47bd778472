/*
 * Sound of a desktop: what its programs play, once encoded for all who listen; and what a client's microphone
 * says, played into the desktop's own microphone source.
 *
 * Room: audio. The functions below are for the control thread and never block (destroy joins a thread that ends
 * within milliseconds). Callbacks come on the control thread, from the event loop, never from inside a call.
 * Nothing is found by default devices of the host's environment: every PipeWire is named by its socket.
 */
#ifndef LODGE_AUDIO_AUDIO_H
#define LODGE_AUDIO_AUDIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "core/source.h"
#include "media/packet.h"

struct audio_place {
	char pipewire_socket[SOURCE_PATH_MAX]; /* absolute path */
	char node[SOURCE_NAME_MAX]; /* node.name; "": that PipeWire's default, followed when it changes */
};

struct audio_stream;

struct audio_stream_params {
	struct audio_place sink; /* its monitor is captured */
	uint32_t frame_us; /* 5000 or 10000; 0 = 5000 */
	uint32_t channels; /* 2, or 6 (5.1: FL FR FC LFE RL RR); 0 = 2 */
	uint32_t bitrate_kbps; /* 0: 128 stereo, 320 with six */
};

struct audio_stream_events {
	/* MEDIA_PACKET_AUDIO_CONFIG once before the first, then MEDIA_PACKET_AUDIO (docs/protocol.md). The callee refs. */
	void (*packet)(void *data, struct media_packet *packet);
	/* It failed for good (PipeWire is gone). No packet comes after it. */
	void (*failed)(void *data, const char *text);
};

struct audio_stream_stats {
	uint64_t packets, bytes, silent, dropped; /* silent: digital silence, of which one packet in 20 is sent */
	uint64_t capture_to_encoded_ns_sum;
};

/* NULL with errno. A PipeWire that cannot be reached comes as `failed`. */
struct audio_stream *audio_stream_create(sd_event *event, const struct audio_stream_params *params,
	const struct audio_stream_events *events, void *data);
void audio_stream_destroy(struct audio_stream *stream);
void audio_stream_set_bitrate(struct audio_stream *stream, uint32_t bitrate_kbps);
void audio_stream_get_stats(const struct audio_stream *stream, struct audio_stream_stats *stats);

/*
 * A microphone: decodes a client's Opus packets (mono, 48 kHz) and feeds the source. An adaptive buffer of 10 to 100 ms
 * evens out the network; what is lost is concealed; too much is dropped, the oldest first. A malformed packet is
 * counted and dropped. Silence when nothing comes. Several clients may feed one source: they are mixed.
 */
struct audio_microphone;

struct audio_microphone_events {
	void (*failed)(void *data, const char *text);
};

struct audio_microphone *audio_microphone_create(sd_event *event, const struct audio_place *source,
	const struct audio_microphone_events *events, void *data);
void audio_microphone_destroy(struct audio_microphone *microphone);
/* False: no Opus packet; nothing was done with it. The bytes are copied. No allocation. */
bool audio_microphone_feed(struct audio_microphone *microphone, uint32_t sequence,
	const uint8_t *packet, size_t size);

struct audio_microphone_stats {
	uint64_t received, malformed, played; /* packets */
	uint64_t lost, late, dropped; /* never or too late there, or too many waiting */
	uint64_t concealed; /* frames made up by the decoder */
	uint32_t delay_us; /* that packets wait for the slower ones */
};

void audio_microphone_get_stats(
	const struct audio_microphone *microphone, struct audio_microphone_stats *stats);

/* "opus 1.3.1, pipewire 0.3.65" */
const char *audio_description(void);

#endif
