/*
 * Tones for tests of sound: how loud one is within a signal, and WAV files (16 bits, 48 kHz) to play and to look at.
 */
#ifndef LODGE_TESTS_SUPPORT_TONE_H
#define LODGE_TESTS_SUPPORT_TONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TONE_RATE 48000

/*
 * The level of one frequency in dB of full scale (a sine of amplitude 1 is 0 dB), over `count` samples that lie `stride` values
 * apart; with a window, so that a loud neighbour does not leak into it. Silence is -300.
 */
double tone_level_db(const float *samples, size_t count, size_t stride, double frequency_hz);
/* The loudest frequency among whole multiples of 10 Hz up to 10 kHz. */
double tone_loudest_hz(const float *samples, size_t count, size_t stride);
double tone_peak(const float *samples, size_t count, size_t stride);

/* One sine of this amplitude per channel; a frequency of 0 is silence. */
bool tone_write_wav(const char *path, uint32_t channels, const double *frequencies_hz,
	double amplitude, double seconds);
/* All of the file's samples as floats, interleaved, to be freed by the caller; NULL: it is no such file. */
float *tone_read_wav(const char *path, uint32_t *channels, size_t *frames);

#endif
