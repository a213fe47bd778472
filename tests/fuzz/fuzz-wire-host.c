#include "wire_round_trip.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	if (size == 0 || bytes[0] >= WIRE_CHALLENGE)
		fuzz_wire_round_trip(bytes, size);
	return 0;
}
