/*
 * Picture assembly: any bytes as a row of messages, each led by its size in two bytes (little-endian). The picture is small,
 * so that PNG and H.264 are reached, not memory.
 */
#include <libavutil/log.h>

#include "core/wire.h"
#include "fuzz.h"
#include "lodge_picture.h"

#define WIDTH 64
#define HEIGHT 48

static void take_message(struct lodge_picture *picture, const uint8_t *bytes, size_t size)
{
	struct wire_frame frame;
	struct wire_message message;
	if (!wire_frame_decode(bytes, size, &frame)) {
		const enum lodge_picture_result result = lodge_picture_frame(picture, &frame);
		FUZZ_ASSERT((result == LODGE_PICTURE_DRAWN) == !lodge_picture_is_waiting(picture));
	} else if (!wire_decode(bytes, size, &message) && message.type == WIRE_STREAM_CONFIG &&
		message.config.width_px <= 2 * WIDTH && message.config.height_px <= 2 * HEIGHT) {
		lodge_picture_configure(picture, message.config.width_px, message.config.height_px);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	av_log_set_level(AV_LOG_QUIET);
	struct lodge_picture *picture = lodge_picture_create();
	FUZZ_ASSERT(picture);
	FUZZ_ASSERT(lodge_picture_configure(picture, WIDTH, HEIGHT) == 0);
	while (size >= 2) {
		const size_t wanted = (size_t)(bytes[0] | bytes[1] << 8);
		const size_t length = wanted < size - 2 ? wanted : size - 2;
		take_message(picture, bytes + 2, length);
		bytes += 2 + length;
		size -= 2 + length;
	}
	lodge_picture_luma(picture, WIDTH - 1, HEIGHT - 1);
	lodge_picture_destroy(picture);
	return 0;
}
