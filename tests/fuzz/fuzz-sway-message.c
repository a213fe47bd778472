#include <string.h>

#include "display/sway/sway_message.h"
#include "fuzz.h"

/* Reads a stream of messages: each is whole, within the bound, and written again gives the same header. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct sway_message message;
	size_t used = 0;
	for (;;) {
		const ssize_t whole = sway_message_decode(bytes + used, size - used, &message);
		if (whole <= 0)
			return 0;
		FUZZ_ASSERT((size_t)whole == SWAY_MESSAGE_HEADER_SIZE + message.size);
		FUZZ_ASSERT((size_t)whole <= size - used);
		FUZZ_ASSERT(
			message.payload == (const char *)bytes + used + SWAY_MESSAGE_HEADER_SIZE);
		uint8_t header[SWAY_MESSAGE_HEADER_SIZE];
		sway_message_encode_header(header, message.type, message.size);
		FUZZ_ASSERT(memcmp(header, bytes + used, sizeof header) == 0);
		/* A message that is cut short is never taken for a whole one. */
		FUZZ_ASSERT(sway_message_decode(bytes + used, (size_t)whole - 1, &message) == 0);
		used += (size_t)whole;
	}
}
