/*
 * The probe's ear and mouth: counts and decodes AUDIO, writes it to a WAV file, says a WAV file into the microphone.
 *
 * Room: probe. One thread.
 */
#ifndef LODGE_PROBE_SOUND_H
#define LODGE_PROBE_SOUND_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/wire.h"

struct probe;
struct probe_sound;

struct probe_sound_params {
	uint32_t channels; /* listen for so many at most; 0: do not listen */
	const char *wav; /* NULL: write nothing */
	const char *microphone; /* NULL: say nothing */
};

/* NULL with a sentence in `fault`. */
struct probe_sound *probe_sound_create(
	const struct probe_sound_params *params, char *fault, size_t fault_capacity);
void probe_sound_destroy(struct probe_sound *sound); /* NULL is fine */

/* The display has opened: LISTEN. */
void probe_sound_begin(struct probe *probe);
/* AUDIO_CONFIG, AUDIO, SOUND and APPS. */
void probe_sound_message(struct probe *probe, const struct wire_message *message);
/* Says what is due of the microphone's file. */
void probe_sound_tick(struct probe *probe, uint64_t now_ns);
uint64_t probe_sound_due_ns(const struct probe *probe);
/* False with errno: the WAV file could not be written. */
bool probe_sound_end(struct probe_sound *sound);
/* One object; null when nothing was listened to, said or heard of. */
json_t *probe_sound_report(struct probe_sound *sound);

#endif
