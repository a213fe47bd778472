#include <string.h>

#include "core/wire.h"
#include "fuzz.h"

/* Writing what was read gives the same bytes; the payloads follow each other up to the video. */
static void check_frame(const struct wire_frame *frame, const uint8_t *bytes, size_t size)
{
	uint8_t again[WIRE_FRAME_HEADER_SIZE];
	FUZZ_ASSERT(wire_frame_write_header(again, &frame->header) == WIRE_FRAME_HEADER_SIZE);
	FUZZ_ASSERT(memcmp(again, bytes, sizeof again) == 0);

	for (uint16_t i = 0; i < frame->header.video_rects; i++) {
		const struct wire_rect rect = wire_frame_rect(frame, i);
		FUZZ_ASSERT(rect.width > 0 && rect.x + rect.width <= DISPLAY_SIZE_MAX_PX);
		FUZZ_ASSERT(rect.height > 0 && rect.y + rect.height <= DISPLAY_SIZE_MAX_PX);
		FUZZ_ASSERT(wire_frame_write_rect(again, &rect) == WIRE_FRAME_RECT_SIZE);
		FUZZ_ASSERT(memcmp(again, frame->rects + (size_t)i * WIRE_FRAME_RECT_SIZE,
				    WIRE_FRAME_RECT_SIZE) == 0);
	}

	size_t offset = 0;
	const uint8_t *expected = frame->tile_payloads;
	for (uint16_t i = 0; i < frame->header.tiles; i++) {
		const uint8_t *payload = NULL;
		const struct wire_tile tile = wire_frame_next_tile(frame, i, &offset, &payload);
		FUZZ_ASSERT(payload == expected);
		FUZZ_ASSERT((size_t)(bytes + size - payload) >= tile.size);
		expected += tile.size;
		FUZZ_ASSERT(wire_frame_write_tile(again, &tile) == WIRE_FRAME_TILE_SIZE);
		FUZZ_ASSERT(memcmp(again, frame->tile_headers + (size_t)i * WIRE_FRAME_TILE_SIZE,
				    WIRE_FRAME_TILE_SIZE) == 0);
	}
	FUZZ_ASSERT(expected == frame->video);
	FUZZ_ASSERT(frame->video + frame->header.video_size == bytes + size);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct wire_frame frame;
	if (!wire_frame_decode(bytes, size, &frame))
		check_frame(&frame, bytes, size);
	return 0;
}
