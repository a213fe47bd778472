/*
 * Little-endian cursors over a message. Private to src/core/wire_*.c. A cursor that ran out stays failed,
 * reads zeros and writes nothing, so that a codec runs straight down and asks once, at the end.
 */
#ifndef LODGE_CORE_WIRE_BYTES_H
#define LODGE_CORE_WIRE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct wire_reader {
	const uint8_t *at, *end;
	bool failed;
};

/* The next `size` bytes, or NULL when there are fewer. */
static inline const uint8_t *wire_take(struct wire_reader *reader, size_t size)
{
	if (reader->failed || (size_t)(reader->end - reader->at) < size) {
		reader->failed = true;
		return NULL;
	}
	const uint8_t *bytes = reader->at;
	reader->at += size;
	return bytes;
}

static inline uint64_t wire_get(struct wire_reader *reader, size_t size)
{
	const uint8_t *bytes = wire_take(reader, size);
	uint64_t value = 0;
	for (size_t i = 0; bytes && i < size; i++)
		value |= (uint64_t)bytes[i] << (8 * i);
	return value;
}

struct wire_writer {
	uint8_t *at;
	const uint8_t *end;
	bool failed;
};

static inline void wire_put_bytes(struct wire_writer *writer, const void *bytes, size_t size)
{
	if (writer->failed || (size_t)(writer->end - writer->at) < size) {
		writer->failed = true;
		return;
	}
	if (size > 0)
		memcpy(writer->at, bytes, size);
	writer->at += size;
}

static inline void wire_put(struct wire_writer *writer, uint64_t value, size_t size)
{
	uint8_t bytes[8];
	for (size_t i = 0; i < size; i++)
		bytes[i] = (uint8_t)(value >> (8 * i));
	wire_put_bytes(writer, bytes, size);
}

#endif
