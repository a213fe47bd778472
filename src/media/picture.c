#include "media/picture.h"

#include <stdlib.h>
#include <string.h>

#include "media/clock.h"
#include "media/packet_pool.h"
#include "media/tile_encoder.h"
#include "media/tilemap.h"
#include "media/video_encoder.h"

#define BITRATE_DEFAULT_KBPS 20000
/* Up to this much change goes exact at once: PNG of it is cheaper than the fixed part of a video frame. */
#define EXACT_AREA_MAX_PX (96 * 1024)
/* Motion goes exact only when it is as small as a spinner or a cursor. */
#define EXACT_MOVING_MAX_TILES 4
#define REST_NS 200000000u          /* untouched for this long is at rest */
#define REFINE_STEP_PX (64 * 1024)  /* about a millisecond of compression */
#define TILE_RUN_MAX (TILE_ENCODER_WIDTH_MAX_PX / TILE_PX)

struct picture {
	struct picture_params params;
	struct tilemap map;
	struct video_encoder *video;
	struct tile_encoder *tiles;
	uint32_t sequence;
	bool keyframe_owed; /* something was lost on the way */
	uint64_t refine_due_ns;
	/* Bytes that may be spent on exactness now; refilled by the bitrate, drained by everything sent. */
	double tokens;
	uint64_t tokens_ns;
	struct media_stream_stats stats;

	struct media_packet *packet; /* under construction */
	struct wire_frame_header header;
	struct wire_tile *tile_list; /* capacity: tiles of the map */
	struct wire_rect *rect_list;
	uint8_t *tile_bytes; /* payloads of the packet under construction */
	size_t tile_bytes_size, tile_bytes_capacity;
};

struct picture *picture_create(const struct picture_params *params)
{
	struct picture *picture = calloc(1, sizeof *picture);
	if (!picture)
		return NULL;
	picture->params = *params;
	if (!picture->params.bitrate_kbps)
		picture->params.bitrate_kbps = BITRATE_DEFAULT_KBPS;
	picture->refine_due_ns = UINT64_MAX;
	picture->tiles = tile_encoder_create();
	if (!picture->tiles) {
		free(picture);
		return NULL;
	}
	return picture;
}

static void drop_size(struct picture *picture)
{
	video_encoder_destroy(picture->video);
	picture->video = NULL;
	tilemap_finish(&picture->map);
	free(picture->tile_list);
	free(picture->rect_list);
	picture->tile_list = NULL;
	picture->rect_list = NULL;
}

void picture_destroy(struct picture *picture)
{
	if (!picture)
		return;
	drop_size(picture);
	tile_encoder_destroy(picture->tiles);
	free(picture->tile_bytes);
	free(picture);
}

static double token_capacity(const struct picture *picture)
{
	return picture->params.bitrate_kbps * 125.0 / 4; /* a quarter of a second */
}

static void refill(struct picture *picture, uint64_t now_ns)
{
	const double seconds = (double)(now_ns - picture->tokens_ns) / 1e9;
	picture->tokens += seconds * picture->params.bitrate_kbps * 125.0;
	picture->tokens_ns = now_ns;
	if (picture->tokens > token_capacity(picture))
		picture->tokens = token_capacity(picture);
}

static bool hand_on(struct picture *picture, struct media_packet *packet)
{
	picture->tokens -= (double)packet->size;
	if (picture->params.emit(picture->params.data, packet))
		return true;
	picture->keyframe_owed = true;
	picture->stats.dropped++;
	return false;
}

static bool send_config(struct picture *picture)
{
	struct media_packet *packet = media_packet_pool_take(picture->params.pool);
	if (!packet || !media_packet_reserve(packet, 64)) {
		media_packet_unref(packet);
		return false;
	}
	const char *codec = video_encoder_codec(picture->video);
	packet->kind = MEDIA_PACKET_CONFIG;
	packet->size = wire_encode(
		&(struct wire_message){
			.type = WIRE_STREAM_CONFIG,
			.display = picture->params.display,
			.config = {
				.width_px = (uint16_t)picture->map.width_px,
				.height_px = (uint16_t)picture->map.height_px,
				.codec = { codec, (uint16_t)strlen(codec) },
			},
		},
		packet->data, packet->capacity);
	hand_on(picture, packet);
	return true;
}

static bool take_size(struct picture *picture, const struct capture_frame *frame)
{
	if (picture->video && picture->map.width_px == frame->width_px &&
		picture->map.height_px == frame->height_px)
		return true;
	drop_size(picture);
	if (!tilemap_init(&picture->map, frame->width_px, frame->height_px))
		return false;
	const size_t count = (size_t)picture->map.columns * picture->map.rows;
	picture->tile_list = calloc(count, sizeof *picture->tile_list);
	picture->rect_list = calloc(count, sizeof *picture->rect_list);
	picture->video = video_encoder_create(&(struct video_encoder_params){
		.width_px = frame->width_px,
		.height_px = frame->height_px,
		.frame_rate_mhz = picture->params.frame_rate_mhz,
		.bitrate_kbps = picture->params.bitrate_kbps,
	});
	picture->keyframe_owed = true;
	return picture->tile_list && picture->rect_list && picture->video;
}

static void begin(struct picture *picture, uint64_t capture_ns, uint8_t flags)
{
	picture->header = (struct wire_frame_header){
		.display = picture->params.display,
		.flags = flags,
		.sequence = picture->sequence,
		.capture_ns = capture_ns,
	};
	picture->tile_bytes_size = 0;
}

static bool add_tile(struct picture *picture, const struct capture_frame *frame, const struct wire_rect *rect)
{
	const size_t needed = picture->tile_bytes_size + tile_encoder_bound(rect->width, rect->height);
	if (needed > picture->tile_bytes_capacity) {
		uint8_t *bytes = realloc(picture->tile_bytes, needed * 2);
		if (!bytes)
			return false;
		picture->tile_bytes = bytes;
		picture->tile_bytes_capacity = needed * 2;
	}
	struct wire_tile *tile = &picture->tile_list[picture->header.tiles++];
	const uint8_t *pixels = frame->pixels + (size_t)rect->y * frame->stride + (size_t)rect->x * 4;
	tile->rect = *rect;
	tile->size = (uint32_t)tile_encode(picture->tiles, pixels, frame->stride, rect->width, rect->height,
		picture->tile_bytes + picture->tile_bytes_size, &tile->format);
	picture->tile_bytes_size += tile->size;
	return true;
}

static bool finish(struct picture *picture, const struct video_access_unit *unit)
{
	struct wire_frame_header *header = &picture->header;
	header->video_size = unit ? (uint32_t)unit->size : 0;
	const size_t size = WIRE_FRAME_HEADER_SIZE + (size_t)header->video_rects * WIRE_FRAME_RECT_SIZE +
		(size_t)header->tiles * WIRE_FRAME_TILE_SIZE + picture->tile_bytes_size + header->video_size;
	struct media_packet *packet = media_packet_pool_take(picture->params.pool);
	if (!packet || !media_packet_reserve(packet, size)) {
		media_packet_unref(packet);
		return false;
	}
	uint8_t *out = packet->data;
	out += wire_frame_write_header(out, header);
	for (uint32_t i = 0; i < header->video_rects; i++)
		out += wire_frame_write_rect(out, &picture->rect_list[i]);
	for (uint32_t i = 0; i < header->tiles; i++)
		out += wire_frame_write_tile(out, &picture->tile_list[i]);
	if (picture->tile_bytes_size)
		memcpy(out, picture->tile_bytes, picture->tile_bytes_size);
	out += picture->tile_bytes_size;
	if (unit)
		memcpy(out, unit->data, unit->size); /* x264 owns its buffer; a packet outlives it */
	packet->kind = MEDIA_PACKET_FRAME;
	packet->keyframe = header->flags & WIRE_FRAME_KEYFRAME;
	packet->sequence = picture->sequence++;
	packet->capture_ns = header->capture_ns;
	packet->size = size;
	picture->stats.tiles += header->tiles;
	picture->stats.tile_bytes += picture->tile_bytes_size;
	picture->stats.video_bytes += header->video_size;
	return hand_on(picture, packet);
}

typedef bool (*tile_test)(const struct tile_state *tile);

static bool is_exact_now(const struct tile_state *tile)
{
	return tile->changed && !tile->moving;
}

static bool is_changed(const struct tile_state *tile)
{
	return tile->changed;
}

static bool is_moving(const struct tile_state *tile)
{
	return tile->changed && tile->moving;
}

static bool is_stale(const struct tile_state *tile)
{
	return tile->stale;
}

/* The next run of tiles in one row, from *at on, that pass the test. */
static bool next_run(const struct tilemap *map, tile_test test, uint32_t run_max, uint32_t *at,
	struct wire_rect *rect, uint32_t *first, uint32_t *count)
{
	const uint32_t end = map->columns * map->rows;
	uint32_t i = *at;
	while (i < end && !test(&map->tiles[i]))
		i++;
	if (i == end)
		return false;
	const uint32_t row_end = (i / map->columns + 1) * map->columns;
	*first = i;
	while (i < row_end && i - *first < run_max && test(&map->tiles[i]))
		i++;
	*count = i - *first;
	*at = i;
	*rect = tilemap_rect(map, *first % map->columns, *first / map->columns, *count);
	return true;
}

/* Exact rectangles for the tiles that pass. They leave the video layer behind. */
static bool send_exact(struct picture *picture, const struct capture_frame *frame, tile_test test)
{
	uint32_t at = 0, first, count;
	struct wire_rect rect;
	begin(picture, frame->capture_ns, 0);
	while (next_run(&picture->map, test, TILE_RUN_MAX, &at, &rect, &first, &count)) {
		/* A soft tile must become exact as a whole before a part of it may count as exact. */
		bool soft = false;
		for (uint32_t i = first; i < first + count; i++)
			soft |= picture->map.tiles[i].soft;
		tilemap_trim(frame, &rect);
		if (!add_tile(picture, frame, &rect))
			return false;
		if (soft)
			picture->refine_due_ns = frame->capture_ns + REST_NS;
	}
	finish(picture, NULL);
	return true;
}

static bool send_video(struct picture *picture, const struct capture_frame *frame, tile_test test, bool keyframe)
{
	uint32_t at = 0, first, count;
	struct wire_rect rect;
	struct video_access_unit unit;
	begin(picture, frame->capture_ns, keyframe ? WIRE_FRAME_KEYFRAME : 0);
	while (next_run(&picture->map, test, UINT32_MAX, &at, &rect, &first, &count)) {
		for (uint32_t i = first; i < first + count; i++)
			picture->map.tiles[i].soft = true;
		picture->rect_list[picture->header.video_rects++] = rect;
	}
	at = 0;
	while (next_run(&picture->map, keyframe ? is_stale : test, UINT32_MAX, &at, &rect, &first, &count)) {
		for (uint32_t i = first; i < first + count; i++)
			picture->map.tiles[i].stale = false;
		video_encoder_update(picture->video, frame->pixels, frame->stride, &rect);
	}
	if (keyframe && !send_config(picture))
		return false;
	if (!video_encoder_encode(picture->video, keyframe, &unit))
		return false;
	picture->stats.encoded++;
	picture->stats.capture_to_encoded_ns_sum += clock_now_ns() - frame->capture_ns;
	if (picture->refine_due_ns > frame->capture_ns + REST_NS)
		picture->refine_due_ns = frame->capture_ns + REST_NS;
	finish(picture, &unit);
	return true;
}

bool picture_keyframe(struct picture *picture, const struct capture_frame *frame)
{
	for (uint32_t i = 0; i < picture->map.columns * picture->map.rows; i++) {
		picture->map.tiles[i].changed = false;
		picture->map.tiles[i].soft = true; /* whoever joins has the video layer only */
	}
	picture->keyframe_owed = false;
	return send_video(picture, frame, is_changed, true);
}

bool picture_update(struct picture *picture, const struct capture_frame *frame, bool keyframe)
{
	if (!take_size(picture, frame))
		return false;
	refill(picture, frame->capture_ns);
	tilemap_mark(&picture->map, frame);
	picture->stats.captured++;
	const struct tilemap *map = &picture->map;
	if (keyframe || picture->keyframe_owed) {
		for (uint32_t i = 0; i < map->columns * map->rows; i++)
			map->tiles[i].soft = true;
		picture->keyframe_owed = false;
		return send_video(picture, frame, is_changed, true);
	}
	if (map->changed == 0)
		return true;

	const uint32_t exact_max = EXACT_AREA_MAX_PX / (TILE_PX * TILE_PX);
	const uint32_t still = map->changed - map->moving;
	if (picture->tokens <= 0)
		return send_video(picture, frame, is_changed, false);
	if (map->changed <= exact_max && map->moving <= EXACT_MOVING_MAX_TILES)
		return send_exact(picture, frame, is_changed);
	if (still == 0 || still > exact_max)
		return send_video(picture, frame, is_changed, false);
	/* A small change beside a moving one does not wait for the encoder. */
	return send_exact(picture, frame, is_exact_now) && send_video(picture, frame, is_moving, false);
}

uint64_t picture_refine_due_ns(const struct picture *picture)
{
	return picture->refine_due_ns;
}

void picture_refine(struct picture *picture, const struct capture_frame *frame, uint64_t now_ns)
{
	const struct tilemap *map = &picture->map;
	uint32_t spent_px = 0;
	uint64_t next_due = UINT64_MAX;
	refill(picture, now_ns);
	if (picture->tokens <= 0) {
		picture->refine_due_ns = now_ns + 20000000u;
		return;
	}
	begin(picture, frame->capture_ns, WIRE_FRAME_REFINEMENT);
	for (uint32_t i = 0; i < map->columns * map->rows;) {
		struct tile_state *tile = &map->tiles[i];
		if (!tile->soft) {
			i++;
			continue;
		}
		const uint64_t due = tile->changed_ns + REST_NS;
		if (due > now_ns || spent_px >= REFINE_STEP_PX) {
			const uint64_t when = due > now_ns ? due : now_ns;
			if (when < next_due)
				next_due = when;
			i++;
			continue;
		}
		const uint32_t row_end = (i / map->columns + 1) * map->columns;
		uint32_t count = 0;
		while (i + count < row_end && count < TILE_RUN_MAX / 2 && map->tiles[i + count].soft &&
			map->tiles[i + count].changed_ns + REST_NS <= now_ns)
			map->tiles[i + count++].soft = false;
		const struct wire_rect rect = tilemap_rect(map, i % map->columns, i / map->columns, count);
		if (!add_tile(picture, frame, &rect))
			break;
		spent_px += (uint32_t)rect.width * rect.height;
		i += count;
	}
	if (picture->header.tiles)
		finish(picture, NULL);
	picture->refine_due_ns = next_due;
}

void picture_set_bitrate(struct picture *picture, uint32_t bitrate_kbps)
{
	picture->params.bitrate_kbps = bitrate_kbps ? bitrate_kbps : BITRATE_DEFAULT_KBPS;
	if (picture->video)
		video_encoder_set_bitrate(picture->video, picture->params.bitrate_kbps);
}

void picture_set_frame_rate(struct picture *picture, uint32_t frame_rate_mhz)
{
	picture->params.frame_rate_mhz = frame_rate_mhz;
}

void picture_get_stats(const struct picture *picture, struct media_stream_stats *stats)
{
	*stats = picture->stats;
}
