/*
 * 16-bit PCM in a WAV file. Room: probe.
 */
#ifndef LODGE_PROBE_WAV_FILE_H
#define LODGE_PROBE_WAV_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct wav_writer {
	FILE *file; /* NULL: closed */
	uint32_t rate_hz, channels;
	uint64_t frames;
};

/* False with errno. */
bool wav_open(struct wav_writer *writer, const char *path, uint32_t rate_hz, uint32_t channels);
void wav_write(struct wav_writer *writer, const int16_t *samples, size_t frames);
void wav_write_silence(struct wav_writer *writer, uint64_t frames);
/* False with errno when anything since wav_open went wrong. Fine on one that is closed. */
bool wav_close(struct wav_writer *writer);

/*
 * The whole file as mono, or NULL with a sentence in `fault`. The rate must be `rate_hz`. The caller frees it.
 */
int16_t *wav_read_mono(
	const char *path, uint32_t rate_hz, size_t *frames, char *fault, size_t fault_capacity);

#endif
