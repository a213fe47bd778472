#include <errno.h>
#include <spng.h>
#include <stdio.h>
#include <stdlib.h>

#include "probe.h"

#define COMPRESSION_LEVEL 3

static int write_rows(spng_ctx *context, const struct lodge_picture *picture)
{
	const uint32_t width = lodge_picture_width_px(picture),
		       height = lodge_picture_height_px(picture);
	const uint8_t *pixel = lodge_picture_pixels(picture);
	uint8_t *row = malloc((size_t)width * 3);
	int result = row ? spng_encode_image(context, NULL, 0, SPNG_FMT_PNG,
				   SPNG_ENCODE_PROGRESSIVE | SPNG_ENCODE_FINALIZE)
			 : SPNG_EMEM;
	for (uint32_t y = 0; y < height && result == 0; y++) {
		for (uint32_t x = 0; x < width; x++, pixel += 4) {
			row[x * 3] = pixel[2];
			row[x * 3 + 1] = pixel[1];
			row[x * 3 + 2] = pixel[0];
		}
		result = spng_encode_row(context, row, (size_t)width * 3);
	}
	free(row);
	return result == SPNG_EOI ? 0 : result;
}

bool probe_write_png(const struct lodge_picture *picture, const char *path)
{
	if (!lodge_picture_pixels(picture)) {
		errno = ENODATA;
		return false;
	}
	FILE *file = fopen(path, "wbe");
	if (!file)
		return false;
	struct spng_ihdr header = {
		.width = lodge_picture_width_px(picture),
		.height = lodge_picture_height_px(picture),
		.bit_depth = 8,
		.color_type = SPNG_COLOR_TYPE_TRUECOLOR,
	};
	spng_ctx *context = spng_ctx_new(SPNG_CTX_ENCODER);
	int result = context ? spng_set_png_file(context, file) : SPNG_EMEM;
	if (result == 0)
		result = spng_set_ihdr(context, &header);
	if (result == 0)
		result = spng_set_option(context, SPNG_IMG_COMPRESSION_LEVEL, COMPRESSION_LEVEL);
	if (result == 0)
		result = write_rows(context, picture);
	spng_ctx_free(context);
	const bool closed = fclose(file) == 0;
	if (result != 0)
		errno = EIO;
	return result == 0 && closed;
}
