#include "lodge_picture.h"

#include <errno.h>
#include <libavcodec/avcodec.h>
#include <libyuv.h>
#include <stdlib.h>
#include <string.h>

#include "lodge_tile.h"

#define SLICE_THREADS 2

struct lodge_picture {
	AVCodecContext *decoder;
	AVPacket *packet;
	AVFrame *decoded;
	uint8_t *unit; /* the access unit with the padding that libavcodec reads */
	size_t unit_capacity;

	uint32_t width_px, height_px, stride;
	uint8_t *pixels;
	uint8_t *scratch; /* as large as the picture; a tile fits */
	bool waiting;
	uint32_t next_sequence;
	const char *fault;
};

static bool open_decoder(struct lodge_picture *picture)
{
	const AVCodec *codec = avcodec_find_decoder(AV_CODEC_ID_H264);
	avcodec_free_context(&picture->decoder);
	picture->decoder = codec ? avcodec_alloc_context3(codec) : NULL;
	if (!picture->decoder)
		return false;
	/* One access unit in, one picture out: threads across frames would hold pictures back. */
	picture->decoder->flags |= AV_CODEC_FLAG_LOW_DELAY;
	picture->decoder->thread_count = SLICE_THREADS;
	picture->decoder->thread_type = FF_THREAD_SLICE;
	/* Damaged data is to be an error, not a guess. */
	picture->decoder->err_recognition = AV_EF_EXPLODE;
	picture->decoder->error_concealment = 0;
	return avcodec_open2(picture->decoder, codec, NULL) == 0;
}

struct lodge_picture *lodge_picture_create(void)
{
	struct lodge_picture *picture = calloc(1, sizeof *picture);
	if (!picture)
		return NULL;
	picture->waiting = true;
	picture->packet = av_packet_alloc();
	picture->decoded = av_frame_alloc();
	if (picture->packet && picture->decoded && open_decoder(picture))
		return picture;
	lodge_picture_destroy(picture);
	return NULL;
}

void lodge_picture_destroy(struct lodge_picture *picture)
{
	if (!picture)
		return;
	avcodec_free_context(&picture->decoder);
	av_packet_free(&picture->packet);
	av_frame_free(&picture->decoded);
	free(picture->unit);
	free(picture->pixels);
	free(picture->scratch);
	free(picture);
}

int lodge_picture_configure(struct lodge_picture *picture, uint32_t width_px, uint32_t height_px)
{
	if (width_px == 0 || height_px == 0 || width_px > DISPLAY_SIZE_MAX_PX ||
		height_px > DISPLAY_SIZE_MAX_PX)
		return -ERANGE;
	if (picture->pixels && width_px == picture->width_px && height_px == picture->height_px)
		return 0;
	const size_t size = (size_t)width_px * height_px * 4;
	uint8_t *pixels = calloc(1, size), *scratch = malloc(size);
	if (!pixels || !scratch || !open_decoder(picture)) {
		free(pixels);
		free(scratch);
		return -ENOMEM;
	}
	free(picture->pixels);
	free(picture->scratch);
	picture->pixels = pixels;
	picture->scratch = scratch;
	picture->width_px = width_px;
	picture->height_px = height_px;
	picture->stride = width_px * 4;
	picture->waiting = true;
	return 0;
}

static enum lodge_picture_result broken(struct lodge_picture *picture, const char *fault)
{
	picture->waiting = true;
	picture->fault = fault;
	return LODGE_PICTURE_BROKEN;
}

static bool within(const struct lodge_picture *picture, const struct wire_rect *rect)
{
	return (uint32_t)rect->x + rect->width <= picture->width_px &&
		(uint32_t)rect->y + rect->height <= picture->height_px;
}

static bool take_unit(struct lodge_picture *picture, const struct wire_frame *frame)
{
	const size_t size = frame->header.video_size, needed = size + AV_INPUT_BUFFER_PADDING_SIZE;
	if (needed > picture->unit_capacity) {
		uint8_t *grown = realloc(picture->unit, needed + needed / 2);
		if (!grown)
			return false;
		picture->unit = grown;
		picture->unit_capacity = needed + needed / 2;
	}
	memcpy(picture->unit, frame->video, size);
	memset(picture->unit + size, 0, AV_INPUT_BUFFER_PADDING_SIZE);
	picture->packet->data = picture->unit;
	picture->packet->size = (int)size;
	return true;
}

static const char *decode(struct lodge_picture *picture, const struct wire_frame *frame)
{
	if (frame->header.video_size > INT32_MAX / 2 || !take_unit(picture, frame))
		return "FRAME: the access unit is too long";
	if (avcodec_send_packet(picture->decoder, picture->packet) < 0)
		return "FRAME: the access unit cannot be decoded";
	if (avcodec_receive_frame(picture->decoder, picture->decoded) < 0)
		return "FRAME: the access unit holds no picture";
	const AVFrame *decoded = picture->decoded;
	if (decoded->format != AV_PIX_FMT_YUV420P)
		return "FRAME: the video is not 8-bit 4:2:0 of limited range";
	/* Pictures of odd size are coded one pixel larger. */
	if ((uint32_t)decoded->width != ((picture->width_px + 1) & ~1u) ||
		(uint32_t)decoded->height != ((picture->height_px + 1) & ~1u))
		return "FRAME: the video has another size than STREAM_CONFIG said";
	return NULL;
}

static void convert(const AVFrame *decoded, uint32_t x, uint32_t y, uint8_t *out,
	uint32_t out_stride, uint32_t width, uint32_t height)
{
	const size_t luma = (size_t)y * (size_t)decoded->linesize[0] + x;
	const size_t blue = (size_t)(y / 2) * (size_t)decoded->linesize[1] + x / 2;
	const size_t red = (size_t)(y / 2) * (size_t)decoded->linesize[2] + x / 2;
	I420ToARGB(decoded->data[0] + luma, decoded->linesize[0], decoded->data[1] + blue,
		decoded->linesize[1], decoded->data[2] + red, decoded->linesize[2], out,
		(int)out_stride, (int)width, (int)height);
}

/* Chroma samples are shared by two pixels each way: an odd corner is converted from the even one before it. */
static void draw_odd_video(struct lodge_picture *picture, const struct wire_rect *rect)
{
	const uint32_t left = rect->x & ~1u, top = rect->y & ~1u;
	const uint32_t width = rect->x + rect->width - left, height = rect->y + rect->height - top;
	convert(picture->decoded, left, top, picture->scratch, width * 4, width, height);
	ARGBCopy(picture->scratch + ((size_t)(rect->y - top) * width + (rect->x - left)) * 4,
		(int)width * 4,
		picture->pixels + (size_t)rect->y * picture->stride + (size_t)rect->x * 4,
		(int)picture->stride, rect->width, rect->height);
}

static void draw_video_rect(struct lodge_picture *picture, const struct wire_rect *rect)
{
	if (rect->x & 1 || rect->y & 1)
		draw_odd_video(picture, rect);
	else
		convert(picture->decoded, rect->x, rect->y,
			picture->pixels + (size_t)rect->y * picture->stride + (size_t)rect->x * 4,
			picture->stride, rect->width, rect->height);
}

static const char *check_rects(const struct lodge_picture *picture, const struct wire_frame *frame)
{
	const uint8_t *payload;
	size_t offset = 0;
	for (uint16_t i = 0; i < frame->header.video_rects; i++) {
		const struct wire_rect rect = wire_frame_rect(frame, i);
		if (!within(picture, &rect))
			return "FRAME: a video rectangle lies outside of the picture";
	}
	for (uint16_t i = 0; i < frame->header.tiles; i++) {
		const struct wire_tile tile = wire_frame_next_tile(frame, i, &offset, &payload);
		if (!within(picture, &tile.rect))
			return "FRAME: a tile lies outside of the picture";
	}
	if (frame->header.video_rects && frame->header.video_size == 0)
		return "FRAME: video rectangles without video";
	return NULL;
}

/*
 * Drawing the changed part of the video over the framebuffer is what removes the older tiles there; the frame's own tiles
 * come after it and stay.
 */
static const char *draw_video(
	struct lodge_picture *picture, const struct wire_frame *frame, bool whole)
{
	const char *fault = decode(picture, frame);
	if (!fault && whole) {
		convert(picture->decoded, 0, 0, picture->pixels, picture->stride, picture->width_px,
			picture->height_px);
	} else if (!fault) {
		for (uint16_t i = 0; i < frame->header.video_rects; i++) {
			const struct wire_rect rect = wire_frame_rect(frame, i);
			draw_video_rect(picture, &rect);
		}
	}
	av_frame_unref(picture->decoded);
	return fault;
}

static const char *draw_tiles(struct lodge_picture *picture, const struct wire_frame *frame)
{
	const char *fault = NULL;
	const uint8_t *payload;
	size_t offset = 0;
	for (uint16_t i = 0; i < frame->header.tiles && !fault; i++) {
		const struct wire_tile tile = wire_frame_next_tile(frame, i, &offset, &payload);
		fault = lodge_tile_draw(
			&tile, payload, picture->scratch, picture->pixels, picture->stride);
	}
	return fault;
}

enum lodge_picture_result lodge_picture_frame(
	struct lodge_picture *picture, const struct wire_frame *frame)
{
	const struct wire_frame_header *header = &frame->header;
	const bool keyframe = header->flags & WIRE_FRAME_KEYFRAME;
	if (!picture->pixels)
		return broken(picture, "FRAME: before any STREAM_CONFIG");
	if (!picture->waiting && header->sequence != picture->next_sequence)
		picture->waiting = true;
	picture->next_sequence = header->sequence + 1;
	if (picture->waiting && !keyframe) {
		picture->fault = "a keyframe is awaited";
		return LODGE_PICTURE_WAITING;
	}
	const char *fault = check_rects(picture, frame);
	if (!fault && keyframe && header->video_size == 0)
		fault = "FRAME: a keyframe without video";
	/* To a picture in step, a keyframe is an update like any other: its tiles elsewhere stay. */
	if (!fault && header->video_size)
		fault = draw_video(picture, frame, picture->waiting);
	if (!fault)
		fault = draw_tiles(picture, frame);
	if (fault)
		return broken(picture, fault);
	picture->waiting = false;
	return LODGE_PICTURE_DRAWN;
}

bool lodge_picture_is_waiting(const struct lodge_picture *picture)
{
	return picture->waiting;
}

const char *lodge_picture_fault(const struct lodge_picture *picture)
{
	return picture->fault ? picture->fault : "";
}

const uint8_t *lodge_picture_pixels(const struct lodge_picture *picture)
{
	return picture->pixels;
}

uint32_t lodge_picture_width_px(const struct lodge_picture *picture)
{
	return picture->width_px;
}

uint32_t lodge_picture_height_px(const struct lodge_picture *picture)
{
	return picture->height_px;
}

uint8_t lodge_picture_luma(const struct lodge_picture *picture, uint32_t x_px, uint32_t y_px)
{
	if (x_px >= picture->width_px || y_px >= picture->height_px)
		return 0;
	const uint8_t *pixel = picture->pixels + (size_t)y_px * picture->stride + (size_t)x_px * 4;
	return (uint8_t)((29u * pixel[0] + 150u * pixel[1] + 77u * pixel[2]) >> 8);
}
