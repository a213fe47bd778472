#include "media/pipewire_format.h"

#include <spa/buffer/buffer.h>
#include <spa/buffer/meta.h>
#include <spa/param/buffers.h>
#include <spa/param/param.h>
#include <spa/param/video/format-utils.h>

#include "media/capture.h"
#include "media/cursor.h"

#define MODIFIER_LINEAR 0 /* DRM_FORMAT_MOD_LINEAR */

/*
 * Compositors paint when something changes: their rate is 0/1. The upper bound is another matter: KWin and older
 * mutters drop pictures to keep it, KWin with a timer of whole milliseconds. 0/1 turns that off; those that refuse it
 * take the range.
 */
static void add_rates(struct spa_pod_builder *builder, bool unlimited)
{
	const struct spa_fraction none = SPA_FRACTION(0, 1), usual = SPA_FRACTION(60, 1),
				  most = SPA_FRACTION(1000, 1);
	spa_pod_builder_add(builder, SPA_FORMAT_VIDEO_framerate,
		SPA_POD_CHOICE_RANGE_Fraction(&none, &none, &most), 0);
	if (unlimited)
		spa_pod_builder_add(
			builder, SPA_FORMAT_VIDEO_maxFramerate, SPA_POD_Fraction(&none), 0);
	else
		spa_pod_builder_add(builder, SPA_FORMAT_VIDEO_maxFramerate,
			SPA_POD_CHOICE_RANGE_Fraction(&usual, &none, &most), 0);
}

static const struct spa_pod *offer(struct spa_pod_builder *builder, bool dma_buf, bool unlimited)
{
	const struct spa_rectangle usual = SPA_RECTANGLE(1920, 1080), least = SPA_RECTANGLE(1, 1),
				   most = SPA_RECTANGLE(PIPEWIRE_FORMAT_SIZE_MAX_PX,
					   PIPEWIRE_FORMAT_SIZE_MAX_PX);
	struct spa_pod_frame frame;
	spa_pod_builder_push_object(builder, &frame, SPA_TYPE_OBJECT_Format, SPA_PARAM_EnumFormat);
	spa_pod_builder_add(builder, SPA_FORMAT_mediaType, SPA_POD_Id(SPA_MEDIA_TYPE_video),
		SPA_FORMAT_mediaSubtype, SPA_POD_Id(SPA_MEDIA_SUBTYPE_raw), SPA_FORMAT_VIDEO_format,
		SPA_POD_CHOICE_ENUM_Id(5, SPA_VIDEO_FORMAT_BGRx, SPA_VIDEO_FORMAT_BGRx,
			SPA_VIDEO_FORMAT_BGRA, SPA_VIDEO_FORMAT_RGBx, SPA_VIDEO_FORMAT_RGBA),
		0);
	if (dma_buf) {
		spa_pod_builder_prop(
			builder, SPA_FORMAT_VIDEO_modifier, SPA_POD_PROP_FLAG_MANDATORY);
		spa_pod_builder_long(builder, MODIFIER_LINEAR);
	}
	spa_pod_builder_add(builder, SPA_FORMAT_VIDEO_size,
		SPA_POD_CHOICE_RANGE_Rectangle(&usual, &least, &most), 0);
	add_rates(builder, unlimited);
	return spa_pod_builder_pop(builder, &frame);
}

uint32_t pipewire_format_offer(struct spa_pod_builder *builder, bool dma_buf_first,
	const struct spa_pod *pods[PIPEWIRE_FORMAT_OFFERS_MAX])
{
	uint32_t count = 0;
	for (int unlimited = 1; unlimited >= 0; unlimited--) {
		pods[count++] = offer(builder, dma_buf_first, unlimited);
		pods[count++] = offer(builder, !dma_buf_first, unlimited);
	}
	return count;
}

bool pipewire_format_parse(const struct spa_pod *pod, struct pipewire_format *format)
{
	struct spa_video_info_raw info = { 0 };
	if (spa_format_video_raw_parse(pod, &info) < 0)
		return false;
	const bool dma_buf = spa_pod_find_prop(pod, NULL, SPA_FORMAT_VIDEO_modifier);
	const bool swapped =
		info.format == SPA_VIDEO_FORMAT_RGBx || info.format == SPA_VIDEO_FORMAT_RGBA;
	const bool known = swapped || info.format == SPA_VIDEO_FORMAT_BGRx ||
		info.format == SPA_VIDEO_FORMAT_BGRA;
	if (!known || (dma_buf && info.modifier != MODIFIER_LINEAR) || info.size.width == 0 ||
		info.size.height == 0 || info.size.width > PIPEWIRE_FORMAT_SIZE_MAX_PX ||
		info.size.height > PIPEWIRE_FORMAT_SIZE_MAX_PX)
		return false;
	*format = (struct pipewire_format){
		.width_px = info.size.width,
		.height_px = info.size.height,
		.swapped = swapped,
		.dma_buf = dma_buf,
	};
	return true;
}

static const struct spa_pod *wish_for_meta(struct spa_pod_builder *builder, uint32_t type,
	uint32_t size, uint32_t least, uint32_t most)
{
	return spa_pod_builder_add_object(builder, SPA_TYPE_OBJECT_ParamMeta, SPA_PARAM_Meta,
		SPA_PARAM_META_type, SPA_POD_Id(type), SPA_PARAM_META_size,
		SPA_POD_CHOICE_RANGE_Int((int32_t)size, (int32_t)least, (int32_t)most));
}

static uint32_t cursor_meta_size(uint32_t side_px)
{
	return (uint32_t)(sizeof(struct spa_meta_cursor) + sizeof(struct spa_meta_bitmap)) +
		side_px * side_px * 4;
}

uint32_t pipewire_format_wishes(struct spa_pod_builder *builder,
	const struct pipewire_format *format,
	const struct spa_pod *pods[PIPEWIRE_FORMAT_WISHES_MAX])
{
	const int types = format->dma_buf ? 1 << SPA_DATA_DmaBuf : 1 << SPA_DATA_MemFd;
	const uint32_t region = sizeof(struct spa_meta_region);
	uint32_t count = 0;
	pods[count++] = spa_pod_builder_add_object(builder, SPA_TYPE_OBJECT_ParamBuffers,
		SPA_PARAM_Buffers, SPA_PARAM_BUFFERS_buffers, SPA_POD_CHOICE_RANGE_Int(6, 2, 16),
		SPA_PARAM_BUFFERS_dataType, SPA_POD_CHOICE_FLAGS_Int(types));
	pods[count++] = spa_pod_builder_add_object(builder, SPA_TYPE_OBJECT_ParamMeta,
		SPA_PARAM_Meta, SPA_PARAM_META_type, SPA_POD_Id(SPA_META_Header),
		SPA_PARAM_META_size, SPA_POD_Int(sizeof(struct spa_meta_header)));
	pods[count++] = wish_for_meta(
		builder, SPA_META_VideoDamage, 16 * region, region, CAPTURE_DAMAGE_MAX * region);
	pods[count++] = wish_for_meta(builder, SPA_META_Cursor, cursor_meta_size(64),
		cursor_meta_size(1), cursor_meta_size(CURSOR_SIZE_MAX_PX));
	return count;
}
