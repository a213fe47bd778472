#include "core/wire.h"
#include "core/wire_bytes.h"

size_t wire_frame_write_header(uint8_t *bytes, const struct wire_frame_header *header)
{
	struct wire_writer writer = { bytes, bytes + WIRE_FRAME_HEADER_SIZE, false };
	wire_put(&writer, WIRE_FRAME, 1);
	wire_put(&writer, header->display, 1);
	wire_put(&writer, header->flags, 1);
	wire_put(&writer, 0, 1);
	wire_put(&writer, header->sequence, 4);
	wire_put(&writer, header->capture_ns, 8);
	wire_put(&writer, header->video_rects, 2);
	wire_put(&writer, header->tiles, 2);
	wire_put(&writer, header->video_size, 4);
	return WIRE_FRAME_HEADER_SIZE;
}

static void put_rect(struct wire_writer *writer, const struct wire_rect *rect)
{
	wire_put(writer, rect->x, 2);
	wire_put(writer, rect->y, 2);
	wire_put(writer, rect->width, 2);
	wire_put(writer, rect->height, 2);
}

size_t wire_frame_write_rect(uint8_t *bytes, const struct wire_rect *rect)
{
	struct wire_writer writer = { bytes, bytes + WIRE_FRAME_RECT_SIZE, false };
	put_rect(&writer, rect);
	return WIRE_FRAME_RECT_SIZE;
}

size_t wire_frame_write_tile(uint8_t *bytes, const struct wire_tile *tile)
{
	struct wire_writer writer = { bytes, bytes + WIRE_FRAME_TILE_SIZE, false };
	put_rect(&writer, &tile->rect);
	wire_put(&writer, tile->format, 1);
	wire_put(&writer, tile->size, 4);
	return WIRE_FRAME_TILE_SIZE;
}

static struct wire_rect get_rect(struct wire_reader *reader)
{
	struct wire_rect rect;
	rect.x = (uint16_t)wire_get(reader, 2);
	rect.y = (uint16_t)wire_get(reader, 2);
	rect.width = (uint16_t)wire_get(reader, 2);
	rect.height = (uint16_t)wire_get(reader, 2);
	return rect;
}

static struct wire_tile get_tile(struct wire_reader *reader)
{
	struct wire_tile tile;
	tile.rect = get_rect(reader);
	tile.format = (enum wire_tile_format)wire_get(reader, 1);
	tile.size = (uint32_t)wire_get(reader, 4);
	return tile;
}

static struct wire_reader part(const uint8_t *list, size_t index, size_t size)
{
	const uint8_t *at = list + index * size;
	return (struct wire_reader){ at, at + size, false };
}

struct wire_rect wire_frame_rect(const struct wire_frame *frame, uint16_t index)
{
	struct wire_reader reader = part(frame->rects, index, WIRE_FRAME_RECT_SIZE);
	return get_rect(&reader);
}

struct wire_tile wire_frame_next_tile(
	const struct wire_frame *frame, uint16_t index, size_t *offset, const uint8_t **payload)
{
	struct wire_reader reader = part(frame->tile_headers, index, WIRE_FRAME_TILE_SIZE);
	const struct wire_tile tile = get_tile(&reader);
	*payload = frame->tile_payloads + *offset;
	*offset += tile.size;
	return tile;
}

static bool rect_usable(struct wire_rect rect)
{
	return rect.width > 0 && rect.height > 0 &&
		(uint32_t)rect.x + rect.width <= DISPLAY_SIZE_MAX_PX &&
		(uint32_t)rect.y + rect.height <= DISPLAY_SIZE_MAX_PX;
}

static const char *check_rects(const struct wire_frame *frame)
{
	for (uint16_t i = 0; i < frame->header.video_rects; i++) {
		if (!rect_usable(wire_frame_rect(frame, i)))
			return "FRAME: a video rectangle is empty or reaches beyond 16384 pixels";
	}
	return NULL;
}

/* `payload_size` is what is left of the message for the tiles' payloads. */
static const char *check_tiles(const struct wire_frame *frame, size_t payload_size)
{
	uint64_t needed = 0; /* at most 4096 tiles of less than 4 GiB: no overflow */
	for (uint16_t i = 0; i < frame->header.tiles; i++) {
		struct wire_reader reader = part(frame->tile_headers, i, WIRE_FRAME_TILE_SIZE);
		const struct wire_tile tile = get_tile(&reader);
		if (!rect_usable(tile.rect))
			return "FRAME: a tile is empty or reaches beyond 16384 pixels";
		if (tile.format > WIRE_TILE_PALETTE)
			return "FRAME: a tile's format is unknown";
		if (tile.format == WIRE_TILE_SOLID && tile.size != 4)
			return "FRAME: a tile of one colour is not 4 bytes";
		needed += tile.size;
	}
	return needed == payload_size ? NULL : "FRAME: the payloads do not add up to the message";
}

static const char *decode_header(struct wire_reader *reader, struct wire_frame_header *header)
{
	const uint64_t type = wire_get(reader, 1);
	header->display = (uint8_t)wire_get(reader, 1);
	header->flags = (uint8_t)wire_get(reader, 1);
	const uint64_t reserved = wire_get(reader, 1);
	header->sequence = (uint32_t)wire_get(reader, 4);
	header->capture_ns = wire_get(reader, 8);
	header->video_rects = (uint16_t)wire_get(reader, 2);
	header->tiles = (uint16_t)wire_get(reader, 2);
	header->video_size = (uint32_t)wire_get(reader, 4);
	if (reader->failed)
		return "FRAME: the header is cut short";
	if (type != WIRE_FRAME)
		return "FRAME: the message is of another type";
	if (header->flags & ~(WIRE_FRAME_KEYFRAME | WIRE_FRAME_REFINEMENT) || reserved != 0)
		return "FRAME: flags has unknown bits";
	if (header->video_rects > WIRE_FRAME_RECTS_MAX || header->tiles > WIRE_FRAME_RECTS_MAX)
		return "FRAME: more than 4096 video rectangles or tiles";
	return NULL;
}

const char *wire_frame_decode(const uint8_t *bytes, size_t size, struct wire_frame *frame)
{
	struct wire_reader reader = { bytes, bytes + size, false };
	const char *fault = decode_header(&reader, &frame->header);
	if (fault)
		return fault;
	frame->rects = wire_take(&reader, (size_t)frame->header.video_rects * WIRE_FRAME_RECT_SIZE);
	frame->tile_headers =
		wire_take(&reader, (size_t)frame->header.tiles * WIRE_FRAME_TILE_SIZE);
	frame->tile_payloads = reader.at;
	if (reader.failed)
		return "FRAME: the lists are longer than the message";
	const size_t rest = (size_t)(reader.end - reader.at);
	if (frame->header.video_size > rest)
		return "FRAME: the video is longer than the message";
	frame->video = reader.end - frame->header.video_size;
	fault = check_rects(frame);
	return fault ? fault : check_tiles(frame, rest - frame->header.video_size);
}
