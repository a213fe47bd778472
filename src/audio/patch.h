/*
 * A patch: a stream of ours, linked port by port to one node of a PipeWire. It listens to what a sink plays, or feeds a
 * source.
 *
 * The links are our own and no session manager's, for that one would move the stream to another node when its node goes, and
 * with it would go another one's sound. So a node that was named and goes is a failure; only the default one is followed.
 *
 * Room: audio, private. Control thread: create and destroy.
 */
#ifndef LODGE_AUDIO_PATCH_H
#define LODGE_AUDIO_PATCH_H

#include <pipewire/pipewire.h>
#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "audio/audio.h"

#define AUDIO_RATE 48000u
#define AUDIO_CHANNELS_MAX 6

enum patch_kind {
	PATCH_LISTEN, /* to a sink: two channels, or six where the sink has more than FL and FR: FL FR FC LFE RL RR */
	PATCH_FEED, /* a source: one channel */
};

struct audio_patch;

struct audio_patch_params {
	enum patch_kind kind;
	struct audio_place place;
	const char *name; /* of our node; lives as long as the patch */
	uint32_t quantum; /* samples that the graph is asked to work in; a power of two */
};

struct audio_patch_impl {
	/* The loop thread: a stream begins (again), with this many channels. */
	void (*begin)(void *data, uint32_t channels);
	/* Samples are there, or wanted: interleaved floats. The loop thread (PATCH_LISTEN) or PipeWire's data thread (PATCH_FEED). */
	void (*process)(void *data, struct pw_stream *stream);
	/* Control thread, from the event loop, once. */
	void (*failed)(void *data, const char *text);
};

/* NULL with errno. */
struct audio_patch *audio_patch_create(sd_event *event, const struct audio_patch_params *params,
	const struct audio_patch_impl *impl, void *data);
/* Joins the thread: nothing is called after it. NULL is fine. */
void audio_patch_destroy(struct audio_patch *patch);

#endif
