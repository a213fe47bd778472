/* The Tight encoding, as the RFB protocol's community description has it (§7.7.6). */
#include <string.h>

#include "rfb.h"

#define TIGHT_FILL 8
#define TIGHT_JPEG 9
#define TIGHT_EXPLICIT_FILTER 4
#define FILTER_COPY 0
#define FILTER_PALETTE 1
#define RAW_BELOW 12 /* bytes that are not worth compressing */
#define PIXEL_SIZE 3

struct filter {
	uint32_t palette[256];
	uint32_t colours; /* 0: plain pixels */
	size_t row_size;
};

static uint32_t pixel_of(const uint8_t bytes[PIXEL_SIZE])
{
	return (uint32_t)bytes[0] << 16 | (uint32_t)bytes[1] << 8 | bytes[2];
}

static size_t read_length(struct rfb *rfb)
{
	size_t length = 0;
	for (uint32_t i = 0; i < 3; i++) {
		const uint32_t byte = rfb_read_number(rfb, 1);
		length |= (size_t)(i < 2 ? byte & 0x7f : byte) << (7 * i);
		if (!(byte & 0x80))
			break;
	}
	return length;
}

static uint32_t *row_of(struct rfb *rfb, const struct rfb_rect *rect, uint32_t row)
{
	return rfb->pixels + (size_t)(rect->y + row) * rfb->width_px + rect->x;
}

static bool draw_fill(struct rfb *rfb, const struct rfb_rect *rect)
{
	uint8_t colour[PIXEL_SIZE];
	rfb_read(rfb, colour, sizeof colour);
	for (uint32_t row = 0; row < rect->height; row++) {
		uint32_t *out = row_of(rfb, rect, row);
		for (uint32_t column = 0; column < rect->width; column++)
			out[column] = pixel_of(colour);
	}
	return !rfb->failed;
}

static bool draw_jpeg(struct rfb *rfb, const struct rfb_rect *rect)
{
	const size_t size = read_length(rfb);
	if (!rfb_reserve(rfb, &rfb->packed, &rfb->packed_capacity, size) ||
		!rfb_read(rfb, rfb->packed, size))
		return false;
	if (tjDecompress2(rfb->jpeg, rfb->packed, size, (uint8_t *)row_of(rfb, rect, 0),
		    (int)rect->width, (int)rfb->width_px * 4, (int)rect->height, TJPF_BGRX,
		    TJFLAG_FASTDCT) != 0)
		return rfb_fail(rfb, "a JPEG rectangle cannot be decoded");
	return true;
}

static bool read_filter(
	struct rfb *rfb, const struct rfb_rect *rect, uint32_t control, struct filter *filter)
{
	const uint32_t kind =
		control & TIGHT_EXPLICIT_FILTER ? rfb_read_number(rfb, 1) : FILTER_COPY;
	filter->colours = 0;
	filter->row_size = (size_t)rect->width * PIXEL_SIZE;
	if (kind == FILTER_COPY)
		return true;
	if (kind != FILTER_PALETTE)
		return rfb_fail(rfb, "Tight: a filter that was not asked for");
	filter->colours = rfb_read_number(rfb, 1) + 1;
	for (uint32_t i = 0; i < filter->colours; i++) {
		uint8_t colour[PIXEL_SIZE];
		rfb_read(rfb, colour, sizeof colour);
		filter->palette[i] = pixel_of(colour);
	}
	filter->row_size = filter->colours <= 2 ? (rect->width + 7) / 8 : rect->width;
	return !rfb->failed;
}

static bool inflate_rows(struct rfb *rfb, uint32_t index, size_t packed_size, size_t size)
{
	z_stream *stream = &rfb->streams[index];
	if (!rfb->stream_open[index]) {
		memset(stream, 0, sizeof *stream);
		if (inflateInit(stream) != Z_OK)
			return rfb_fail(rfb, "zlib");
		rfb->stream_open[index] = true;
	}
	stream->next_in = rfb->packed;
	stream->avail_in = (uInt)packed_size;
	stream->next_out = rfb->unpacked;
	stream->avail_out = (uInt)size;
	while (stream->avail_out) {
		const int result = inflate(stream, Z_SYNC_FLUSH);
		if (result != Z_OK || (!stream->avail_in && stream->avail_out))
			return rfb_fail(rfb, "Tight: a rectangle's zlib data is damaged");
	}
	return true;
}

static bool read_rows(struct rfb *rfb, uint32_t stream, size_t size)
{
	if (!rfb_reserve(rfb, &rfb->unpacked, &rfb->unpacked_capacity, size))
		return false;
	if (size < RAW_BELOW)
		return rfb_read(rfb, rfb->unpacked, size);
	const size_t packed_size = read_length(rfb);
	return rfb_reserve(rfb, &rfb->packed, &rfb->packed_capacity, packed_size) &&
		rfb_read(rfb, rfb->packed, packed_size) &&
		inflate_rows(rfb, stream, packed_size, size);
}

static void draw_row(
	const struct filter *filter, const uint8_t *bytes, uint32_t *out, uint32_t width)
{
	for (uint32_t x = 0; x < width; x++) {
		if (filter->colours == 0)
			out[x] = pixel_of(bytes + (size_t)x * PIXEL_SIZE);
		else if (filter->colours <= 2)
			out[x] = filter->palette[bytes[x / 8] >> (7 - x % 8) & 1];
		else
			out[x] = filter->palette[bytes[x]];
	}
}

static bool draw_basic(struct rfb *rfb, const struct rfb_rect *rect, uint32_t control)
{
	struct filter filter = { 0 };
	if (!read_filter(rfb, rect, control, &filter) ||
		!read_rows(rfb, control & 3, filter.row_size * rect->height))
		return false;
	for (uint32_t row = 0; row < rect->height; row++)
		draw_row(&filter, rfb->unpacked + row * filter.row_size, row_of(rfb, rect, row),
			rect->width);
	return true;
}

bool rfb_tight(struct rfb *rfb, const struct rfb_rect *rect)
{
	const uint32_t byte = rfb_read_number(rfb, 1), control = byte >> 4;
	for (uint32_t i = 0; i < RFB_TIGHT_STREAMS; i++) {
		if (byte >> i & 1 && rfb->stream_open[i])
			inflateReset(&rfb->streams[i]);
	}
	if (control == TIGHT_FILL)
		return draw_fill(rfb, rect);
	if (control == TIGHT_JPEG)
		return draw_jpeg(rfb, rect);
	if (control > TIGHT_JPEG)
		return rfb_fail(rfb, "Tight: an unknown kind of rectangle");
	return draw_basic(rfb, rect, control);
}
