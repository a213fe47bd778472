#include "media/picture.h"

#include <stdlib.h>
#include <string.h>

#include "media/clock.h"
#include "media/packet_pool.h"
#include "media/rate.h"
#include "media/tile_encoder.h"
#include "media/tilemap.h"
#include "media/video_encoder.h"

/* More than 256 colours go exact at once only up to this much: PNG of them is slow and large. */
#define EXACT_PNG_MAX_PX (96 * 64)
/* Motion goes exact only when it is as small as a spinner or a cursor. */
#define EXACT_MOVING_MAX_TILES 4
/* Exact tiles leave in messages of this much picture, so that the first are shown while the last are made. */
#define EXACT_MESSAGE_PX (256 * 1024)
#define EXACT_RUN_TILES 8
#define REST_NS 200000000u /* untouched for this long is at rest */
#define REFINE_STEP_PX (64 * 1024) /* about a millisecond of compression */
#define REFINE_WAIT_NS 20000000u

struct picture {
	struct picture_params params;
	struct tilemap map;
	struct video_encoder *video;
	struct tile_encoder *tiles;
	struct rate rate;
	uint32_t sequence;
	bool keyframe_owed; /* something was lost on the way */
	uint64_t refine_due_ns;
	struct media_stream_stats stats;

	struct wire_frame_header header; /* of the message under construction */
	struct wire_tile *tile_list; /* capacity: tiles of the map */
	struct wire_rect *rect_list;
	uint8_t *tile_bytes; /* payloads */
	size_t tile_bytes_size, tile_bytes_capacity;
};

struct picture *picture_create(const struct picture_params *params)
{
	struct picture *picture = calloc(1, sizeof *picture);
	if (!picture)
		return NULL;
	picture->params = *params;
	if (!picture->params.bitrate_kbps)
		picture->params.bitrate_kbps = MEDIA_BITRATE_DEFAULT_KBPS;
	picture->refine_due_ns = UINT64_MAX;
	rate_init(&picture->rate, picture->params.bitrate_kbps);
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

static bool hand_on(struct picture *picture, struct media_packet *packet)
{
	rate_spend(&picture->rate, packet->size);
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

static bool reserve_tile(struct picture *picture, const struct wire_rect *rect)
{
	const size_t needed =
		picture->tile_bytes_size + tile_encoder_bound(rect->width, rect->height);
	if (needed <= picture->tile_bytes_capacity)
		return true;
	uint8_t *bytes = realloc(picture->tile_bytes, needed * 2);
	if (!bytes)
		return false;
	picture->tile_bytes = bytes;
	picture->tile_bytes_capacity = needed * 2;
	return true;
}

/* False: it has too many colours (only with `palette_only`), or memory is short. */
static bool add_tile(struct picture *picture, const struct capture_frame *frame,
	const struct wire_rect *rect, bool palette_only)
{
	if (!reserve_tile(picture, rect))
		return false;
	struct wire_tile *tile = &picture->tile_list[picture->header.tiles];
	const uint8_t *pixels =
		frame->pixels + (size_t)rect->y * frame->stride + (size_t)rect->x * 4;
	tile->rect = *rect;
	tile->size = (uint32_t)(palette_only ? tile_encode_palette : tile_encode)(picture->tiles,
		pixels, frame->stride, rect->width, rect->height,
		picture->tile_bytes + picture->tile_bytes_size, &tile->format);
	picture->tile_bytes_size += tile->size;
	picture->header.tiles = (uint16_t)(picture->header.tiles + (tile->size != 0));
	return tile->size != 0;
}

static bool finish(struct picture *picture, const struct video_access_unit *unit)
{
	struct wire_frame_header *header = &picture->header;
	header->video_size = unit ? (uint32_t)unit->size : 0;
	const size_t size = WIRE_FRAME_HEADER_SIZE +
		(size_t)header->video_rects * WIRE_FRAME_RECT_SIZE +
		(size_t)header->tiles * WIRE_FRAME_TILE_SIZE + picture->tile_bytes_size +
		header->video_size;
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
		memcpy(out, unit->data,
			unit->size); /* x264 owns its buffer; a packet outlives it */
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

static bool is_changed(const struct tile_state *tile)
{
	return tile->changed;
}

static bool is_for_video(const struct tile_state *tile)
{
	return tile->for_video;
}

static bool is_stale(const struct tile_state *tile)
{
	return tile->stale;
}

struct tile_run {
	uint32_t first, count;
	struct wire_rect rect;
};

/* The next run of tiles in one row, from *at on, that pass the test. */
static bool next_run(const struct tilemap *map, tile_test test, uint32_t run_max, uint32_t *at,
	struct tile_run *run)
{
	const uint32_t end = map->columns * map->rows;
	uint32_t i = *at;
	while (i < end && !test(&map->tiles[i]))
		i++;
	if (i == end)
		return false;
	const uint32_t row_end = (i / map->columns + 1) * map->columns;
	run->first = i;
	while (i < row_end && i - run->first < run_max && test(&map->tiles[i]))
		i++;
	run->count = i - run->first;
	run->rect =
		tilemap_rect(map, run->first % map->columns, run->first / map->columns, run->count);
	*at = i;
	return true;
}

static uint32_t area_of(const struct wire_rect *rect)
{
	return (uint32_t)rect->width * rect->height;
}

static void refine_by(struct picture *picture, uint64_t when_ns)
{
	if (picture->refine_due_ns > when_ns)
		picture->refine_due_ns = when_ns;
}

static bool any_soft(const struct tilemap *map, const struct tile_run *run)
{
	for (uint32_t i = run->first; i < run->first + run->count; i++) {
		if (map->tiles[i].soft)
			return true;
	}
	return false;
}

/* An exact tile for the run now; false: it is one for video. */
static bool add_exact(
	struct picture *picture, const struct capture_frame *frame, const struct tile_run *run)
{
	struct wire_rect rect = run->rect;
	if (!rate_affords(&picture->rate, picture->tile_bytes_size + 1))
		return false;
	tilemap_trim(frame, &rect);
	if (!add_tile(picture, frame, &rect, area_of(&rect) > EXACT_PNG_MAX_PX))
		return false;
	/* What is around a trimmed rectangle may still be soft. */
	if (any_soft(&picture->map, run))
		refine_by(picture, frame->capture_ns + REST_NS);
	return true;
}

/* Sends exact tiles for what is still and simple; marks the rest for video. Returns how many tiles that is. */
static uint32_t send_exact(struct picture *picture, const struct capture_frame *frame)
{
	struct tilemap *map = &picture->map;
	const bool motion_is_small = map->moving <= EXACT_MOVING_MAX_TILES;
	uint32_t at = 0, made_px = 0, for_video = 0;
	struct tile_run run;
	begin(picture, frame->capture_ns, 0);
	while (next_run(map, is_changed, EXACT_RUN_TILES, &at, &run)) {
		bool still = true;
		for (uint32_t i = run.first; i < run.first + run.count; i++)
			still &= !map->tiles[i].moving || motion_is_small;
		const bool exact = still && add_exact(picture, frame, &run);
		for (uint32_t i = run.first; i < run.first + run.count; i++)
			map->tiles[i].for_video = !exact;
		for_video += exact ? 0 : run.count;
		made_px += exact ? area_of(&run.rect) : 0;
		if (made_px >= EXACT_MESSAGE_PX) {
			finish(picture, NULL);
			begin(picture, frame->capture_ns, 0);
			made_px = 0;
		}
	}
	if (picture->header.tiles)
		finish(picture, NULL);
	return for_video;
}

/* The tiles whose content the encoder's picture lacks and this access unit is to carry. */
static void update_encoder(
	struct picture *picture, const struct capture_frame *frame, tile_test test)
{
	uint32_t at = 0;
	struct tile_run run;
	while (next_run(&picture->map, test, UINT32_MAX, &at, &run)) {
		for (uint32_t i = run.first; i < run.first + run.count; i++)
			picture->map.tiles[i].stale = false;
		video_encoder_update(picture->video, frame->pixels, frame->stride, &run.rect);
	}
}

static void list_video(struct picture *picture)
{
	uint32_t at = 0;
	struct tile_run run;
	while (next_run(&picture->map, is_for_video, UINT32_MAX, &at, &run)) {
		for (uint32_t i = run.first; i < run.first + run.count; i++)
			picture->map.tiles[i].soft = true;
		picture->rect_list[picture->header.video_rects++] = run.rect;
		if (picture->header.video_rects < WIRE_FRAME_RECTS_MAX)
			continue;
		/* More than a message may list: all of the picture then. */
		picture->rect_list[0] = (struct wire_rect){ 0, 0, (uint16_t)picture->map.width_px,
			(uint16_t)picture->map.height_px };
		picture->header.video_rects = 1;
		for (uint32_t i = 0; i < picture->map.columns * picture->map.rows; i++)
			picture->map.tiles[i].soft = true;
		return;
	}
}

static bool send_video(struct picture *picture, const struct capture_frame *frame, bool keyframe)
{
	struct video_access_unit unit;
	const bool motion = !keyframe && picture->map.moving > 0;
	begin(picture, frame->capture_ns, keyframe ? WIRE_FRAME_KEYFRAME : 0);
	list_video(picture);
	update_encoder(picture, frame, keyframe ? is_stale : is_for_video);
	if (keyframe && !send_config(picture))
		return false;
	const uint32_t blocks = keyframe
		? (picture->map.width_px / 16 + 1) * (picture->map.height_px / 16 + 1)
		: video_encoder_changed_blocks(picture->video);
	const int quantizer = rate_quantizer(&picture->rate, blocks, motion);
	if (!video_encoder_encode(picture->video, keyframe, quantizer, &unit))
		return false;
	rate_learn(&picture->rate, blocks, motion, quantizer, unit.size);
	picture->stats.encoded++;
	picture->stats.capture_to_encoded_ns_sum += clock_now_ns() - frame->capture_ns;
	refine_by(picture, frame->capture_ns + REST_NS);
	finish(picture, &unit);
	return true;
}

static void expect_all_soft(struct picture *picture)
{
	/* Whoever joins has the video layer only. */
	for (uint32_t i = 0; i < picture->map.columns * picture->map.rows; i++)
		picture->map.tiles[i].soft = true;
	picture->keyframe_owed = false;
}

bool picture_keyframe(struct picture *picture, const struct capture_frame *frame)
{
	for (uint32_t i = 0; i < picture->map.columns * picture->map.rows; i++)
		picture->map.tiles[i].for_video = false;
	expect_all_soft(picture);
	return send_video(picture, frame, true);
}

bool picture_update(struct picture *picture, const struct capture_frame *frame, bool keyframe)
{
	if (!take_size(picture, frame))
		return false;
	struct tilemap *map = &picture->map;
	rate_refill(&picture->rate, frame->capture_ns);
	tilemap_mark(map, frame);
	picture->stats.captured++;
	if (keyframe || picture->keyframe_owed) {
		for (uint32_t i = 0; i < map->columns * map->rows; i++)
			map->tiles[i].for_video = map->tiles[i].changed;
		expect_all_soft(picture);
		return send_video(picture, frame, true);
	}
	if (map->changed == 0)
		return true;
	/* A small change beside a moving one does not wait for the encoder. */
	return send_exact(picture, frame) == 0 || send_video(picture, frame, false);
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
	rate_refill(&picture->rate, now_ns);
	if (!rate_affords(&picture->rate, REFINE_STEP_PX)) {
		picture->refine_due_ns = now_ns + REFINE_WAIT_NS;
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
		while (i + count < row_end && count < EXACT_RUN_TILES &&
			map->tiles[i + count].soft &&
			map->tiles[i + count].changed_ns + REST_NS <= now_ns)
			map->tiles[i + count++].soft = false;
		const struct wire_rect rect =
			tilemap_rect(map, i % map->columns, i / map->columns, count);
		if (!add_tile(picture, frame, &rect, false))
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
	picture->params.bitrate_kbps = bitrate_kbps ? bitrate_kbps : MEDIA_BITRATE_DEFAULT_KBPS;
	rate_set_bitrate(&picture->rate, picture->params.bitrate_kbps);
}

void picture_get_stats(const struct picture *picture, struct media_stream_stats *stats)
{
	*stats = picture->stats;
}
