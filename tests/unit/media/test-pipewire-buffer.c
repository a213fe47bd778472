/* What a producer's buffers and answers are believed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include <spa/buffer/meta.h>
#include <spa/param/video/format-utils.h>

#include "media/pipewire_buffer.h"

#define WIDTH 8
#define HEIGHT 4
#define STRIDE 40
#define OFFSET 4096
#define SIZE (STRIDE * HEIGHT)
#define CURSOR_META_SIZE (sizeof(struct spa_meta_cursor) + sizeof(struct spa_meta_bitmap) + 64)

struct parts {
	struct spa_buffer buffer;
	struct spa_data data;
	struct spa_chunk chunk;
	struct spa_meta metas[3];
	struct spa_meta_header header;
	struct spa_meta_region regions[2];
	uint8_t *cursor; /* of exactly CURSOR_META_SIZE: a sanitizer sees what reads beyond */
	struct cursor seen;
};

static const struct pipewire_format format = { WIDTH, HEIGHT, false, false };

static int set_up(void **state)
{
	struct parts *parts = calloc(1, sizeof *parts);
	*state = parts;
	parts->cursor = calloc(1, CURSOR_META_SIZE);
	parts->metas[0] =
		(struct spa_meta){ SPA_META_Header, sizeof parts->header, &parts->header };
	parts->metas[1] = (struct spa_meta){ SPA_META_VideoDamage, sizeof parts->regions,
		parts->regions };
	parts->metas[2] = (struct spa_meta){ SPA_META_Cursor, CURSOR_META_SIZE, parts->cursor };
	parts->chunk = (struct spa_chunk){ .size = SIZE, .stride = STRIDE };
	parts->data = (struct spa_data){
		.type = SPA_DATA_MemFd,
		.fd = memfd_create("test", MFD_CLOEXEC),
		.mapoffset = OFFSET,
		.maxsize = SIZE,
		.chunk = &parts->chunk,
	};
	parts->buffer = (struct spa_buffer){
		.n_metas = 3, .n_datas = 1, .metas = parts->metas, .datas = &parts->data
	};
	return ftruncate((int)parts->data.fd, OFFSET + SIZE);
}

static int tear_down(void **state)
{
	struct parts *parts = *state;
	close((int)parts->data.fd);
	free(parts->cursor);
	free(parts);
	return 0;
}

static void memory_that_is_not_there_is_refused(void **state)
{
	struct parts *parts = *state;
	parts->data.maxsize = SIZE + 1;
	assert_null(pipewire_mapping_create(&parts->buffer));
	parts->data.maxsize = 0;
	assert_null(pipewire_mapping_create(&parts->buffer));
	parts->data.maxsize = SIZE;
	parts->data.type = SPA_DATA_MemPtr;
	assert_null(pipewire_mapping_create(&parts->buffer));
	parts->data.type = SPA_DATA_MemFd;
	parts->buffer.n_datas = 0;
	assert_null(pipewire_mapping_create(&parts->buffer));
}

static void picture_lies_where_the_chunk_says_or_nowhere(void **state)
{
	static const struct spa_chunk beyond[] = {
		{ .offset = 1, .size = SIZE, .stride = STRIDE + 4 },
		{ .offset = UINT32_MAX, .size = SIZE, .stride = STRIDE },
		{ .size = SIZE, .stride = INT32_MAX },
		{ .size = SIZE, .stride = WIDTH * 4 - 1 },
		{ .offset = SIZE - WIDTH * 4 + 1, .size = SIZE, .stride = WIDTH * 4 },
		{ .size = 0, .stride = STRIDE },
		{ .size = SIZE, .stride = STRIDE, .flags = SPA_CHUNK_FLAG_CORRUPTED },
	};
	struct parts *parts = *state;
	struct canvas_picture picture;
	struct pipewire_mapping *mapping = pipewire_mapping_create(&parts->buffer);
	assert_non_null(mapping);
	assert_true(pipewire_buffer_picture(&parts->buffer, mapping, &format, &picture));
	assert_int_equal(picture.stride, STRIDE);
	assert_ptr_equal(picture.pixels, mapping->bytes + mapping->start);
	/* Without a stride, its lines touch. */
	parts->chunk = (struct spa_chunk){ .offset = 4, .size = SIZE };
	assert_true(pipewire_buffer_picture(&parts->buffer, mapping, &format, &picture));
	assert_int_equal(picture.stride, WIDTH * 4);
	for (size_t i = 0; i < sizeof beyond / sizeof *beyond; i++) {
		parts->chunk = beyond[i];
		assert_false(pipewire_buffer_picture(&parts->buffer, mapping, &format, &picture));
	}
	pipewire_mapping_destroy(mapping);
}

static void damage_ends_at_the_first_invalid_region(void **state)
{
	struct parts *parts = *state;
	struct damage damage = { 0 };
	assert_false(pipewire_buffer_add_damage(&parts->buffer, &format, &damage));
	parts->regions[0].region = SPA_REGION(1, 1, 2, 2);
	assert_true(pipewire_buffer_add_damage(&parts->buffer, &format, &damage));
	assert_int_equal(damage.count, 1);
	parts->regions[1].region = SPA_REGION(INT32_MIN, INT32_MIN, 5, 5);
	assert_true(pipewire_buffer_add_damage(&parts->buffer, &format, &damage));
	assert_int_equal(damage.count, 2);
	parts->buffer.n_metas = 1;
	assert_false(pipewire_buffer_add_damage(&parts->buffer, &format, &damage));
}

static void say_cursor(struct parts *parts, const struct spa_meta_cursor *cursor,
	const struct spa_meta_bitmap *bitmap)
{
	memcpy(parts->cursor, cursor, sizeof *cursor);
	if (bitmap)
		memcpy(parts->cursor + sizeof *cursor, bitmap, sizeof *bitmap);
	pipewire_buffer_update_cursor(&parts->buffer, &parts->seen);
}

static void cursor_image_beyond_its_memory_is_left_alone(void **state)
{
	const uint32_t at = sizeof(struct spa_meta_cursor);
	const struct spa_meta_cursor cursor = { .id = 1, .position = { 7, 8 }, .bitmap_offset = at };
	const uint32_t pixels = sizeof(struct spa_meta_bitmap);
	const struct spa_meta_bitmap beyond[] = {
		{ SPA_VIDEO_FORMAT_RGBA, { 4, 5 }, 16, pixels },
		{ SPA_VIDEO_FORMAT_RGBA, { 4, 4 }, 20, pixels },
		{ SPA_VIDEO_FORMAT_RGBA, { 5, 4 }, 16, pixels },
		{ SPA_VIDEO_FORMAT_RGBA, { 4, 4 }, 16, pixels + 1 },
		{ SPA_VIDEO_FORMAT_RGBA, { 4, 4 }, -16, pixels },
		{ SPA_VIDEO_FORMAT_RGBA, { 4, 4 }, 16, UINT32_MAX },
		{ SPA_VIDEO_FORMAT_RGBA, { UINT32_MAX, UINT32_MAX }, INT32_MAX, pixels },
		{ SPA_VIDEO_FORMAT_NV12, { 4, 4 }, 16, pixels },
	};
	struct parts *parts = *state;
	for (size_t i = 0; i < sizeof beyond / sizeof *beyond; i++) {
		say_cursor(parts, &cursor, &beyond[i]);
		assert_true(parts->seen.visible);
		assert_int_equal(parts->seen.x, 7);
		assert_int_equal(parts->seen.width_px, 0);
	}
	say_cursor(parts, &(struct spa_meta_cursor){ .id = 1, .bitmap_offset = UINT32_MAX }, NULL);
	say_cursor(parts, &(struct spa_meta_cursor){ .id = 1, .bitmap_offset = at + 70 }, NULL);
	say_cursor(parts, &(struct spa_meta_cursor){ .id = 1, .bitmap_offset = 1 }, NULL);
	assert_int_equal(parts->seen.width_px, 0);
	/* And one that just fits is taken. */
	say_cursor(parts, &cursor,
		&(struct spa_meta_bitmap){ SPA_VIDEO_FORMAT_RGBA, { 4, 4 }, 16, pixels });
	assert_int_equal(parts->seen.width_px, 4);
	say_cursor(parts, &(struct spa_meta_cursor){ .id = 0 }, NULL);
	assert_false(parts->seen.visible);
}

static bool parses(uint32_t video_format, bool with_modifier, int64_t modifier, uint32_t width_px,
	struct pipewire_format *parsed)
{
	uint8_t bytes[1024];
	struct spa_pod_builder builder = SPA_POD_BUILDER_INIT(bytes, sizeof bytes);
	const struct spa_rectangle size = SPA_RECTANGLE(width_px, 4);
	struct spa_pod_frame frame;
	spa_pod_builder_push_object(&builder, &frame, SPA_TYPE_OBJECT_Format, SPA_PARAM_Format);
	spa_pod_builder_add(&builder, SPA_FORMAT_mediaType, SPA_POD_Id(SPA_MEDIA_TYPE_video),
		SPA_FORMAT_mediaSubtype, SPA_POD_Id(SPA_MEDIA_SUBTYPE_raw), SPA_FORMAT_VIDEO_format,
		SPA_POD_Id(video_format), SPA_FORMAT_VIDEO_size, SPA_POD_Rectangle(&size), 0);
	if (with_modifier)
		spa_pod_builder_add(
			&builder, SPA_FORMAT_VIDEO_modifier, SPA_POD_Long(modifier), 0);
	return pipewire_format_parse(spa_pod_builder_pop(&builder, &frame), parsed);
}

static void format_that_was_not_offered_is_not_taken(void **state)
{
	struct pipewire_format parsed;
	assert_true(parses(SPA_VIDEO_FORMAT_BGRx, false, 0, 5, &parsed));
	assert_false(parsed.swapped || parsed.dma_buf);
	assert_int_equal(parsed.width_px, 5);
	assert_true(parses(SPA_VIDEO_FORMAT_RGBA, true, 0, 5, &parsed));
	assert_true(parsed.swapped && parsed.dma_buf);
	assert_false(parses(SPA_VIDEO_FORMAT_BGRx, true, 1, 5, &parsed));
	assert_false(parses(SPA_VIDEO_FORMAT_NV12, false, 0, 5, &parsed));
	assert_false(parses(SPA_VIDEO_FORMAT_BGRx, false, 0, 0, &parsed));
	assert_false(parses(
		SPA_VIDEO_FORMAT_BGRx, false, 0, PIPEWIRE_FORMAT_SIZE_MAX_PX + 1, &parsed));
}

static void offers_fit_into_their_memory_and_begin_without_a_rate(void **state)
{
	for (int dma_buf_first = 0; dma_buf_first < 2; dma_buf_first++) {
		uint8_t bytes[4096];
		struct spa_pod_builder builder = SPA_POD_BUILDER_INIT(bytes, sizeof bytes);
		const struct spa_pod *pods[PIPEWIRE_FORMAT_OFFERS_MAX];
		assert_int_equal(pipewire_format_offer(&builder, dma_buf_first, pods), 4);
		for (int i = 0; i < 4; i++) {
			assert_non_null(pods[i]);
			const struct spa_pod_prop *rate =
				spa_pod_find_prop(pods[i], NULL, SPA_FORMAT_VIDEO_maxFramerate);
			assert_non_null(rate);
			assert_int_equal(spa_pod_is_choice(&rate->value), i >= 2);
			assert_int_equal(spa_pod_find_prop(pods[i], NULL,
						 SPA_FORMAT_VIDEO_modifier) != NULL,
				(i % 2 == 0) == dma_buf_first);
		}
	}
}

int main(void)
{
#define WITH_PARTS(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		WITH_PARTS(memory_that_is_not_there_is_refused),
		WITH_PARTS(picture_lies_where_the_chunk_says_or_nowhere),
		WITH_PARTS(damage_ends_at_the_first_invalid_region),
		WITH_PARTS(cursor_image_beyond_its_memory_is_left_alone),
		cmocka_unit_test(format_that_was_not_offered_is_not_taken),
		cmocka_unit_test(offers_fit_into_their_memory_and_begin_without_a_rate),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
