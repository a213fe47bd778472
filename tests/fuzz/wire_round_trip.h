/*
 * The promise of the message codecs: what is decoded encodes to the same bytes, and to nothing in less room.
 */
#ifndef LODGE_TESTS_FUZZ_WIRE_ROUND_TRIP_H
#define LODGE_TESTS_FUZZ_WIRE_ROUND_TRIP_H

#include <string.h>

#include "core/wire.h"
#include "fuzz.h"

static inline void fuzz_wire_round_trip(const uint8_t *bytes, size_t size)
{
	struct wire_message message;
	const char *fault = wire_decode(bytes, size, &message);
	if (fault) {
		FUZZ_ASSERT(fault[0] != '\0');
		return;
	}
	FUZZ_ASSERT(size > 0);
	FUZZ_ASSERT(strcmp(wire_type_name(message.type), "unknown") != 0);
	uint8_t *again = malloc(size);
	FUZZ_ASSERT(again);
	FUZZ_ASSERT(wire_encode(&message, again, size) == size);
	FUZZ_ASSERT(memcmp(again, bytes, size) == 0);
	FUZZ_ASSERT(wire_encode(&message, again, size - 1) == 0);
	free(again);
}

#endif
