#include "media/video_encoder.h"

#include <libyuv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <x264.h>

#include "media/stream.h"

#define MACROBLOCK_PX 16
#define SLICE_THREADS_MAX 4
/*
 * x264 clips a picture's own quantizer to those that the I and B ratios span around the constant one; these span
 * 10 to 50.
 */
#define QUANTIZER_MIDDLE 30
#define QUANTIZER_RATIO 10

struct video_encoder {
	x264_t *x264;
	x264_param_t param;
	x264_picture_t input;
	uint8_t *planes;
	uint8_t *unchanged; /* X264_MBINFO_CONSTANT per macroblock; x264 reads it during encode */
	uint32_t width_px, height_px, columns, rows;
	uint32_t changed; /* macroblocks that are not marked unchanged */
	int64_t next_pts;
	char codec[16];
};

static uint32_t macroblocks(uint32_t px)
{
	return (px + MACROBLOCK_PX - 1) / MACROBLOCK_PX;
}

static bool set_params(x264_param_t *param, const struct video_encoder_params *wanted)
{
	const long processors = sysconf(_SC_NPROCESSORS_ONLN);
	if (x264_param_default_preset(param, "ultrafast", "zerolatency") < 0)
		return false;
	param->i_width = (int)((wanted->width_px + 1) & ~1u);
	param->i_height = (int)((wanted->height_px + 1) & ~1u);
	param->i_csp = X264_CSP_I420;
	param->i_fps_num = 60; /* nobody reads it: each frame carries its capture time */
	param->i_fps_den = 1;
	param->b_vfr_input = 0; /* 1 holds every frame back by one */
	param->i_keyint_max = X264_KEYINT_MAX_INFINITE;
	param->b_repeat_headers = 1;
	param->b_annexb = 1;
	param->i_log_level = X264_LOG_ERROR;
	param->i_threads = processors > 1
		? (processors < SLICE_THREADS_MAX ? (int)processors : SLICE_THREADS_MAX)
		: 1;
	param->b_sliced_threads = param->i_threads > 1;
	param->analyse.b_mb_info = 1;
	param->rc.i_rc_method = X264_RC_CQP;
	param->rc.i_qp_constant = QUANTIZER_MIDDLE;
	param->rc.f_ip_factor = QUANTIZER_RATIO;
	param->rc.f_pb_factor = QUANTIZER_RATIO;
	/* What libyuv's ARGBToI420 makes: BT.601, limited range. */
	param->vui.i_colmatrix = 6;
	param->vui.i_colorprim = 6;
	param->vui.i_transfer = 6;
	param->vui.b_fullrange = 0;
	return x264_param_apply_profile(param, "baseline") == 0;
}

static bool allocate_picture(struct video_encoder *encoder)
{
	const size_t width = (size_t)encoder->param.i_width,
		     height = (size_t)encoder->param.i_height;
	encoder->planes = calloc(1, width * height * 3 / 2);
	encoder->unchanged = malloc((size_t)encoder->columns * encoder->rows);
	if (!encoder->planes || !encoder->unchanged)
		return false;
	memset(encoder->unchanged, X264_MBINFO_CONSTANT, (size_t)encoder->columns * encoder->rows);
	x264_picture_init(&encoder->input);
	encoder->input.img.i_csp = X264_CSP_I420;
	encoder->input.img.i_plane = 3;
	encoder->input.img.plane[0] = encoder->planes;
	encoder->input.img.plane[1] = encoder->planes + width * height;
	encoder->input.img.plane[2] = encoder->planes + width * height * 5 / 4;
	encoder->input.img.i_stride[0] = (int)width;
	encoder->input.img.i_stride[1] = encoder->input.img.i_stride[2] = (int)width / 2;
	return true;
}

static void read_codec(struct video_encoder *encoder)
{
	x264_nal_t *units;
	int count;
	snprintf(encoder->codec, sizeof encoder->codec, "avc1.42C02A");
	if (x264_encoder_headers(encoder->x264, &units, &count) < 0)
		return;
	for (int i = 0; i < count; i++) {
		/* profile, constraints and level follow the start code and the NAL header */
		if (units[i].i_type == NAL_SPS && units[i].i_payload >= 8)
			snprintf(encoder->codec, sizeof encoder->codec, "avc1.%02X%02X%02X",
				units[i].p_payload[5], units[i].p_payload[6],
				units[i].p_payload[7]);
	}
}

struct video_encoder *video_encoder_create(const struct video_encoder_params *params)
{
	struct video_encoder *encoder = calloc(1, sizeof *encoder);
	if (!encoder)
		return NULL;
	encoder->width_px = params->width_px;
	encoder->height_px = params->height_px;
	if (!set_params(&encoder->param, params))
		goto error;
	encoder->columns = macroblocks((uint32_t)encoder->param.i_width);
	encoder->rows = macroblocks((uint32_t)encoder->param.i_height);
	if (!allocate_picture(encoder))
		goto error;
	encoder->x264 = x264_encoder_open(&encoder->param);
	if (!encoder->x264)
		goto error;
	read_codec(encoder);
	return encoder;

error:
	video_encoder_destroy(encoder);
	return NULL;
}

void video_encoder_destroy(struct video_encoder *encoder)
{
	if (!encoder)
		return;
	if (encoder->x264)
		x264_encoder_close(encoder->x264);
	free(encoder->planes);
	free(encoder->unchanged);
	free(encoder);
}

/* The picture's last odd column or row is repeated, so that every plane sample has pixels. */
static void repeat_edge(struct video_encoder *encoder)
{
	const int stride = encoder->input.img.i_stride[0];
	uint8_t *luma = encoder->input.img.plane[0];
	if (encoder->width_px & 1) {
		for (uint32_t y = 0; y < encoder->height_px; y++)
			luma[(size_t)y * stride + encoder->width_px] =
				luma[(size_t)y * stride + encoder->width_px - 1];
	}
	if (encoder->height_px & 1)
		memcpy(luma + (size_t)encoder->height_px * stride,
			luma + (size_t)(encoder->height_px - 1) * stride, (size_t)stride);
}

void video_encoder_update(struct video_encoder *encoder, const uint8_t *pixels, uint32_t stride,
	const struct wire_rect *rect)
{
	const uint32_t left = rect->x & ~1u, top = rect->y & ~1u;
	const uint32_t right = rect->x + rect->width, bottom = rect->y + rect->height;
	const x264_image_t *image = &encoder->input.img;
	const size_t luma = (size_t)top * image->i_stride[0] + left;
	const size_t chroma = (size_t)(top / 2) * image->i_stride[1] + left / 2;
	ARGBToI420(pixels + (size_t)top * stride + (size_t)left * 4, (int)stride,
		image->plane[0] + luma, image->i_stride[0], image->plane[1] + chroma,
		image->i_stride[1], image->plane[2] + chroma, image->i_stride[2],
		(int)(right - left), (int)(bottom - top));
	if (right == encoder->width_px || bottom == encoder->height_px)
		repeat_edge(encoder);
	for (uint32_t row = top / MACROBLOCK_PX; row * MACROBLOCK_PX < bottom; row++) {
		uint8_t *block =
			encoder->unchanged + (size_t)row * encoder->columns + left / MACROBLOCK_PX;
		uint8_t *const end = block + macroblocks(right) - left / MACROBLOCK_PX;
		for (; block < end; block++) {
			encoder->changed += *block != 0;
			*block = 0;
		}
	}
}

bool video_encoder_encode(
	struct video_encoder *encoder, bool keyframe, int quantizer, struct video_access_unit *unit)
{
	x264_nal_t *units;
	x264_picture_t output;
	int count;
	encoder->input.i_type = keyframe ? X264_TYPE_IDR : X264_TYPE_P;
	encoder->input.i_pts = encoder->next_pts++;
	encoder->input.i_qpplus1 = quantizer + 1;
	encoder->input.prop.mb_info = encoder->unchanged;
	const int size =
		x264_encoder_encode(encoder->x264, &units, &count, &encoder->input, &output);
	memset(encoder->unchanged, X264_MBINFO_CONSTANT, (size_t)encoder->columns * encoder->rows);
	encoder->changed = 0;
	if (size <= 0)
		return false;
	/* x264 lays the units of one access unit out one behind the other. */
	*unit = (struct video_access_unit){ units[0].p_payload, (size_t)size, output.b_keyframe };
	return true;
}

uint32_t video_encoder_changed_blocks(const struct video_encoder *encoder)
{
	return encoder->changed;
}

const char *video_encoder_codec(const struct video_encoder *encoder)
{
	return encoder->codec;
}

const char *media_encoder_description(void)
{
	return "H.264 by libx264 " X264_POINTVER;
}
