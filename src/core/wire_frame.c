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
	rect.x = wire_get_u16(reader);
	rect.y = wire_get_u16(reader);
	rect.width = wire_get_u16(reader);
	rect.height = wire_get_u16(reader);
	return rect;
}

static bool rect_usable(const struct wire_rect *rect)
{
	return rect->width && rect->height && (uint32_t)rect->x + rect->width <= DISPLAY_SIZE_MAX_PX &&
		(uint32_t)rect->y + rect->height <= DISPLAY_SIZE_MAX_PX;
}

static struct wire_tile get_tile(struct wire_reader *reader)
{
	struct wire_tile tile;
	tile.rect = get_rect(reader);
	tile.format = wire_get_u8(reader);
	tile.size = wire_get_u32(reader);
	return tile;
}

static const char *check_parts(const struct wire_frame *frame, size_t payload_room)
{
	const struct wire_frame_header *header = &frame->header;
	struct wire_reader rects = { frame->rects, frame->tile_headers, false };
	for (uint32_t i = 0; i < header->video_rects; i++) {
		const struct wire_rect rect = get_rect(&rects);
		if (!rect_usable(&rect))
			return "FRAME: a video rectangle is empty or outside of 16384 pixels";
	}
	struct wire_reader tiles = { frame->tile_headers, frame->tile_payloads, false };
	size_t payload = 0;
	for (uint32_t i = 0; i < header->tiles; i++) {
		const struct wire_tile tile = get_tile(&tiles);
		if (!rect_usable(&tile.rect))
			return "FRAME: a tile is empty or outside of 16384 pixels";
		if (tile.format > WIRE_TILE_SOLID || (tile.format == WIRE_TILE_SOLID && tile.size != 4))
			return "FRAME: a tile's format is unknown or does not fit its size";
		payload += tile.size;
		if (payload > payload_room)
			return "FRAME: the tiles are longer than the message";
	}
	return payload + header->video_size == payload_room
		? NULL
		: "FRAME: tiles and video do not add up to the message";
}

const char *wire_frame_decode(const uint8_t *bytes, size_t size, struct wire_frame *frame)
{
	struct wire_reader reader = { bytes, bytes + size, false };
	const uint8_t type = wire_get_u8(&reader);
	frame->header.display = wire_get_u8(&reader);
	frame->header.flags = wire_get_u8(&reader);
	const uint8_t reserved = wire_get_u8(&reader);
	frame->header.sequence = wire_get_u32(&reader);
	frame->header.capture_ns = wire_get(&reader, 8);
	frame->header.video_rects = wire_get_u16(&reader);
	frame->header.tiles = wire_get_u16(&reader);
	frame->header.video_size = wire_get_u32(&reader);
	if (reader.failed || type != WIRE_FRAME)
		return "FRAME: the header is cut short";
	if (reserved || frame->header.flags > (WIRE_FRAME_KEYFRAME | WIRE_FRAME_REFINEMENT))
		return "FRAME: unknown flags";
	if (frame->header.video_rects > WIRE_FRAME_RECTS_MAX || frame->header.tiles > WIRE_FRAME_RECTS_MAX)
		return "FRAME: more than 4096 rectangles or tiles";
	const size_t rects = (size_t)frame->header.video_rects * WIRE_FRAME_RECT_SIZE;
	const size_t tiles = (size_t)frame->header.tiles * WIRE_FRAME_TILE_SIZE;
	if ((size_t)(reader.end - reader.at) < rects + tiles)
		return "FRAME: the lists are longer than the message";
	frame->rects = reader.at;
	frame->tile_headers = frame->rects + rects;
	frame->tile_payloads = frame->tile_headers + tiles;
	const size_t room = (size_t)(reader.end - frame->tile_payloads);
	if (frame->header.video_size > room)
		return "FRAME: the video is longer than the message";
	frame->video = reader.end - frame->header.video_size;
	return check_parts(frame, room);
}

struct wire_rect wire_frame_rect(const struct wire_frame *frame, uint16_t index)
{
	const uint8_t *at = frame->rects + (size_t)index * WIRE_FRAME_RECT_SIZE;
	struct wire_reader reader = { at, at + WIRE_FRAME_RECT_SIZE, false };
	return get_rect(&reader);
}

struct wire_tile wire_frame_next_tile(
	const struct wire_frame *frame, uint16_t index, size_t *offset, const uint8_t **payload)
{
	const uint8_t *at = frame->tile_headers + (size_t)index * WIRE_FRAME_TILE_SIZE;
	struct wire_reader reader = { at, at + WIRE_FRAME_TILE_SIZE, false };
	const struct wire_tile tile = get_tile(&reader);
	*payload = frame->tile_payloads + *offset;
	*offset += tile.size;
	return tile;
}
