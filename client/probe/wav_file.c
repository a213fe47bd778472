#include "wav_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define HEADER_SIZE 44
#define FILE_MAX (64u * 1024 * 1024)

static void put(uint8_t *at, uint32_t value, size_t size)
{
	for (size_t i = 0; i < size; i++)
		at[i] = (uint8_t)(value >> (8 * i));
}

static uint32_t get(const uint8_t *at, size_t size)
{
	uint32_t value = 0;
	for (size_t i = 0; i < size; i++)
		value |= (uint32_t)at[i] << (8 * i);
	return value;
}

static void write_header(struct wav_writer *writer)
{
	const uint32_t frame_size = writer->channels * 2;
	const uint32_t size = (uint32_t)(writer->frames * frame_size);
	uint8_t header[HEADER_SIZE] = "RIFF....WAVEfmt ";
	put(header + 4, size + HEADER_SIZE - 8, 4);
	put(header + 16, 16, 4);
	put(header + 20, 1, 2); /* PCM */
	put(header + 22, writer->channels, 2);
	put(header + 24, writer->rate_hz, 4);
	put(header + 28, writer->rate_hz * frame_size, 4);
	put(header + 32, frame_size, 2);
	put(header + 34, 16, 2);
	memcpy(header + 36, "data", 4);
	put(header + 40, size, 4);
	fwrite(header, 1, sizeof header, writer->file);
}

bool wav_open(struct wav_writer *writer, const char *path, uint32_t rate_hz, uint32_t channels)
{
	*writer = (struct wav_writer){ fopen(path, "wbe"), rate_hz, channels, 0 };
	if (!writer->file)
		return false;
	write_header(writer); /* again when it is closed, with the size */
	return true;
}

void wav_write(struct wav_writer *writer, const int16_t *samples, size_t frames)
{
	for (size_t i = 0; i < frames * writer->channels; i++) {
		uint8_t bytes[2];
		put(bytes, (uint16_t)samples[i], 2);
		fwrite(bytes, 1, 2, writer->file);
	}
	writer->frames += frames;
}

void wav_write_silence(struct wav_writer *writer, uint64_t frames)
{
	for (uint64_t i = 0; i < frames * writer->channels * 2; i++)
		fputc(0, writer->file);
	writer->frames += frames;
}

bool wav_close(struct wav_writer *writer)
{
	FILE *file = writer->file;
	if (!file)
		return true;
	if (fseek(file, 0, SEEK_SET) == 0)
		write_header(writer);
	const bool good = !ferror(file);
	writer->file = NULL;
	return fclose(file) == 0 && good;
}

/* The chunk's bytes, or NULL. */
static const uint8_t *find_chunk(
	const uint8_t *bytes, size_t size, const char *name, size_t *chunk_size)
{
	for (size_t at = 12; size >= 8 && at <= size - 8;) {
		const size_t length = get(bytes + at + 4, 4);
		const size_t room = size - at - 8;
		if (memcmp(bytes + at, name, 4) == 0) {
			*chunk_size = length < room ? length : room;
			return bytes + at + 8;
		}
		if (length >= room)
			break;
		at += 8 + length + (length & 1);
	}
	return NULL;
}

static int16_t *mix(const uint8_t *data, size_t frames, uint32_t channels)
{
	int16_t *mono = malloc(frames * sizeof *mono + 1);
	for (size_t i = 0; mono && i < frames; i++) {
		int32_t sum = 0;
		for (uint32_t c = 0; c < channels; c++)
			sum += (int16_t)get(data + (i * channels + c) * 2, 2);
		mono[i] = (int16_t)(sum / (int32_t)channels);
	}
	return mono;
}

static int16_t *parse(
	const uint8_t *bytes, size_t size, uint32_t rate_hz, size_t *frames, const char **fault)
{
	size_t format_size = 0, data_size = 0;
	*fault = "no WAV file";
	if (size < 12 || memcmp(bytes, "RIFF", 4) != 0 || memcmp(bytes + 8, "WAVE", 4) != 0)
		return NULL;
	const uint8_t *format = find_chunk(bytes, size, "fmt ", &format_size);
	const uint8_t *data = find_chunk(bytes, size, "data", &data_size);
	if (!format || format_size < 16 || !data)
		return NULL;
	const uint32_t channels = get(format + 2, 2);
	*fault = "not 48 kHz, 16 bits, one or two channels";
	if (get(format + 4, 4) != rate_hz || get(format + 14, 2) != 16 || channels < 1 ||
		channels > 2)
		return NULL;
	*fault = "out of memory";
	*frames = data_size / (2 * channels);
	return mix(data, *frames, channels);
}

int16_t *wav_read_mono(
	const char *path, uint32_t rate_hz, size_t *frames, char *fault, size_t fault_capacity)
{
	const char *text = NULL;
	int16_t *mono = NULL;
	FILE *file = fopen(path, "rbe");
	uint8_t *bytes = file ? malloc(FILE_MAX) : NULL;
	if (!bytes)
		text = strerror(errno);
	else
		mono = parse(bytes, fread(bytes, 1, FILE_MAX, file), rate_hz, frames, &text);
	if (!mono)
		snprintf(fault, fault_capacity, "%s: %s", path, text);
	free(bytes);
	if (file)
		fclose(file);
	return mono;
}
