#include "tone.h"

#include <complex.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEADER_SIZE 44
#define TAU 6.283185307179586

double tone_level_db(const float *samples, size_t count, size_t stride, double frequency_hz)
{
	const double complex step = cexp(I * TAU * frequency_hz / TONE_RATE);
	const double complex turn_step = cexp(I * TAU / (double)count);
	double complex angle = 1, turn = 1, sum = 0;
	double weight = 0;
	for (size_t i = 0; i < count; i++) {
		/* Blackman and Harris: side lobes at -92 dB. */
		const double c = creal(turn);
		const double window = 0.35875 - 0.48829 * c + 0.14128 * (2 * c * c - 1) -
			0.01168 * c * (4 * c * c - 3);
		sum += window * samples[i * stride] * angle;
		weight += window;
		angle *= step;
		turn *= turn_step;
	}
	const double amplitude = weight > 0 ? 2 * cabs(sum) / weight : 0;
	return amplitude > 1e-15 ? 20 * log10(amplitude) : -300;
}

double tone_loudest_hz(const float *samples, size_t count, size_t stride)
{
	double loudest_hz = 0, level_db = -300;
	for (int frequency_hz = 10; frequency_hz <= 10000; frequency_hz += 10) {
		const double one = tone_level_db(samples, count, stride, frequency_hz);
		if (one > level_db) {
			level_db = one;
			loudest_hz = frequency_hz;
		}
	}
	return loudest_hz;
}

double tone_peak(const float *samples, size_t count, size_t stride)
{
	double peak = 0;
	for (size_t i = 0; i < count; i++)
		peak = fmax(peak, fabs(samples[i * stride]));
	return peak;
}

static void put(uint8_t *bytes, uint32_t value, size_t size)
{
	for (size_t i = 0; i < size; i++)
		bytes[i] = (uint8_t)(value >> (8 * i));
}

static uint32_t get(const uint8_t *bytes, size_t size)
{
	uint32_t value = 0;
	for (size_t i = 0; i < size; i++)
		value |= (uint32_t)bytes[i] << (8 * i);
	return value;
}

bool tone_write_wav(const char *path, uint32_t channels, const double *frequencies_hz,
	double amplitude, double seconds)
{
	uint8_t header[HEADER_SIZE] = "RIFF    WAVEfmt ";
	const uint32_t frames = (uint32_t)(seconds * TONE_RATE);
	const uint32_t bytes = frames * channels * 2;
	FILE *file = fopen(path, "wbe");
	if (!file)
		return false;
	put(header + 4, bytes + HEADER_SIZE - 8, 4);
	put(header + 16, 16, 4);
	put(header + 20, 1, 2);
	put(header + 22, channels, 2);
	put(header + 24, TONE_RATE, 4);
	put(header + 28, TONE_RATE * channels * 2, 4);
	put(header + 32, channels * 2, 2);
	put(header + 34, 16, 2);
	memcpy(header + 36, "data", 4);
	put(header + 40, bytes, 4);
	fwrite(header, 1, sizeof header, file);
	for (uint32_t i = 0; i < frames; i++) {
		for (uint32_t channel = 0; channel < channels; channel++) {
			uint8_t sample[2];
			const double value =
				amplitude * sin(TAU * frequencies_hz[channel] * i / TONE_RATE);
			put(sample, (uint32_t)(int32_t)lrint(32767 * value), 2);
			fwrite(sample, 1, sizeof sample, file);
		}
	}
	return fclose(file) == 0;
}

/* The chunk's bytes follow where the file stands then. */
static bool find_chunk(FILE *file, const char *name, uint32_t *size)
{
	uint8_t head[8];
	fseek(file, 12, SEEK_SET);
	while (fread(head, 1, sizeof head, file) == sizeof head) {
		*size = get(head + 4, 4);
		if (memcmp(head, name, 4) == 0)
			return true;
		fseek(file, (long)*size + (*size & 1), SEEK_CUR);
	}
	return false;
}

static float *read_samples(FILE *file, uint32_t *channels, size_t *frames)
{
	uint8_t format[16];
	uint32_t size;
	if (!find_chunk(file, "fmt ", &size) || fread(format, 1, 16, file) != 16 ||
		get(format + 14, 2) != 16 || get(format + 4, 4) != TONE_RATE)
		return NULL;
	*channels = get(format + 2, 2);
	if (*channels == 0 || !find_chunk(file, "data", &size))
		return NULL;
	/* A recorder that was ended may not have come back to write the size. */
	const long begin = ftell(file);
	fseek(file, 0, SEEK_END);
	const size_t values = (size_t)(ftell(file) - begin) / 2;
	fseek(file, begin, SEEK_SET);
	float *samples = calloc(values ? values : 1, sizeof *samples);
	for (size_t i = 0; samples && i < values; i++) {
		uint8_t sample[2];
		if (fread(sample, 1, 2, file) == 2)
			samples[i] = (float)(int16_t)get(sample, 2) / 32768.0f;
	}
	*frames = values / *channels;
	return samples;
}

float *tone_read_wav(const char *path, uint32_t *channels, size_t *frames)
{
	FILE *file = fopen(path, "rbe");
	float *samples = file ? read_samples(file, channels, frames) : NULL;
	if (file)
		fclose(file);
	return samples;
}
