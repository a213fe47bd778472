/*
 * Little-endian cursors over a message. Private to src/core/wire*.c. A cursor that runs out stays failed and
 * yields zeros, so that a codec reads straight down and asks once at the end.
 */
#ifndef LODGE_CORE_WIRE_BYTES_H
#define LODGE_CORE_WIRE_BYTES_H

#include <string.h>

#include "core/wire.h"

struct wire_reader {
	const uint8_t *at, *end;
	bool failed;
};

static inline const uint8_t *wire_take(struct wire_reader *reader, size_t size)
{
	static const uint8_t zeros[WIRE_KEY_SIZE];
	if (reader->failed || (size_t)(reader->end - reader->at) < size) {
		reader->failed = true;
		return zeros;
	}
	const uint8_t *bytes = reader->at;
	reader->at += size;
	return bytes;
}

static inline uint64_t wire_get(struct wire_reader *reader, size_t size)
{
	const uint8_t *bytes = wire_take(reader, size);
	uint64_t value = 0;
	for (size_t i = 0; i < size; i++)
		value |= (uint64_t)bytes[i] << (8 * i);
	return value;
}

static inline uint8_t wire_get_u8(struct wire_reader *reader)
{
	return (uint8_t)wire_get(reader, 1);
}

static inline uint16_t wire_get_u16(struct wire_reader *reader)
{
	return (uint16_t)wire_get(reader, 2);
}

static inline uint32_t wire_get_u32(struct wire_reader *reader)
{
	return (uint32_t)wire_get(reader, 4);
}

struct wire_writer {
	uint8_t *at, *end;
	bool failed;
};

static inline void wire_put_bytes(struct wire_writer *writer, const void *bytes, size_t size)
{
	if (writer->failed || (size_t)(writer->end - writer->at) < size) {
		writer->failed = true;
		return;
	}
	if (size)
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
