/*
 * A minimal RFB 3.8 client (RFC 6143) that decodes what wayvnc sends to a viewer with TigerVNC's defaults: Tight at quality 8,
 * compression 2.
 *
 * Room: bench. One thread. Reads block, each for at most 5 s. It trusts its server no further than not to write outside of the
 * framebuffer.
 */
#ifndef LODGE_BENCH_RFB_H
#define LODGE_BENCH_RFB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <turbojpeg.h>
#include <zlib.h>

#define RFB_TIGHT_STREAMS 4
#define RFB_INPUT_SIZE (256 * 1024)

struct rfb {
	int fd;
	bool failed;
	char fault[128];
	uint8_t input[RFB_INPUT_SIZE];
	size_t input_at, input_size;
	uint64_t received_bytes;

	uint32_t width_px, height_px;
	uint32_t *pixels; /* 0xXXRRGGBB */
	z_stream streams[RFB_TIGHT_STREAMS];
	bool stream_open[RFB_TIGHT_STREAMS];
	tjhandle jpeg;
	uint8_t *packed, *unpacked; /* grow to the largest rectangle */
	size_t packed_capacity, unpacked_capacity;

	/* After every rectangle is decoded. */
	void (*drawn)(void *data);
	void *data;
	uint64_t updates; /* with at least one rectangle of pixels */
};

struct rfb_rect {
	uint32_t x, y, width, height;
};

bool rfb_connect(struct rfb *rfb, const char *host, const char *port);
void rfb_finish(struct rfb *rfb);
bool rfb_request(struct rfb *rfb, bool incremental);
bool rfb_key(struct rfb *rfb, uint32_t keysym, bool pressed);
/* Reads and handles one message. Call when rfb_has_input, or the fd is readable. */
bool rfb_handle(struct rfb *rfb);
bool rfb_has_input(const struct rfb *rfb);

/* stream.c: a failed read yields zeros and leaves `failed` set. */
bool rfb_fail(struct rfb *rfb, const char *fault);
bool rfb_read(struct rfb *rfb, void *bytes, size_t size); /* NULL: skip */
uint32_t rfb_read_number(struct rfb *rfb, size_t size);
bool rfb_write(struct rfb *rfb, const void *bytes, size_t size);
bool rfb_reserve(struct rfb *rfb, uint8_t **bytes, size_t *capacity, size_t size);

/* tight.c */
bool rfb_tight(struct rfb *rfb, const struct rfb_rect *rect);

#endif
