#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/mode.h"

static const struct display_mode usual = { 1920, 1080, 60000, 100 };

static void modes_at_the_limits_are_usable(void **state)
{
	assert_null(display_mode_check(&usual));
	assert_null(display_mode_check(&(struct display_mode){ 16, 16, 1000, 50 }));
	assert_null(display_mode_check(&(struct display_mode){ 16384, 16384, 1000000, 400 }));
}

static void a_mode_beyond_a_limit_is_refused_by_name(void **state)
{
	static const struct {
		struct display_mode mode;
		const char *field;
	} rows[] = {
		{ { 15, 1080, 60000, 100 }, "width" },
		{ { 16385, 1080, 60000, 100 }, "width" },
		{ { 0, 0, 0, 0 }, "width" },
		{ { UINT32_MAX, 1080, 60000, 100 }, "width" },
		{ { 1920, 15, 60000, 100 }, "height" },
		{ { 1920, 16385, 60000, 100 }, "height" },
		{ { 1920, 1080, 999, 100 }, "refresh" },
		{ { 1920, 1080, 1000001, 100 }, "refresh" },
		{ { 1920, 1080, 60000, 49 }, "scale" },
		{ { 1920, 1080, 60000, 401 }, "scale" },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const char *fault = display_mode_check(&rows[i].mode);
		assert_non_null(fault);
		assert_non_null(strstr(fault, rows[i].field));
	}
}

static void modes_differ_by_each_field(void **state)
{
	assert_true(display_mode_equal(&usual, &(struct display_mode){ 1920, 1080, 60000, 100 }));
	assert_false(display_mode_equal(&usual, &(struct display_mode){ 1921, 1080, 60000, 100 }));
	assert_false(display_mode_equal(&usual, &(struct display_mode){ 1920, 1081, 60000, 100 }));
	assert_false(display_mode_equal(&usual, &(struct display_mode){ 1920, 1080, 60001, 100 }));
	assert_false(display_mode_equal(&usual, &(struct display_mode){ 1920, 1080, 60000, 101 }));
}

static void a_mode_reads_as_people_write_it(void **state)
{
	static const struct {
		struct display_mode mode;
		const char *text;
	} rows[] = {
		{ { 1280, 720, 60000, 100 }, "1280x720@60.000" },
		{ { 2560, 1440, 59951, 150 }, "2560x1440@59.951 ×1.5" },
		{ { 3840, 2160, 143999, 200 }, "3840x2160@143.999 ×2" },
		{ { 800, 600, 1005, 125 }, "800x600@1.005 ×1.25" },
		{ { 800, 600, 60000, 105 }, "800x600@60.000 ×1.05" },
		{ { 800, 600, 60000, 50 }, "800x600@60.000 ×0.5" },
	};
	char buffer[DISPLAY_MODE_TEXT_MAX];
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_string_equal(display_mode_format(&rows[i].mode, buffer), rows[i].text);
}

static void a_mode_is_read_from_its_text(void **state)
{
	static const struct {
		const char *text;
		struct display_mode mode;
	} rows[] = {
		{ "1920x1080", { 1920, 1080, 0, 100 } },
		{ "1x2@3", { 1, 2, 3000, 100 } },
		{ "2560x1440@59.951", { 2560, 1440, 59951, 100 } },
		{ "99999x00016@.5", { 99999, 16, 500, 100 } },
		{ "16x16@1000000", { 16, 16, 1000000000, 100 } },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct display_mode mode;
		assert_true(display_mode_parse(rows[i].text, &mode));
		assert_true(display_mode_equal(&mode, &rows[i].mode));
	}
}

static void a_text_that_is_no_mode_changes_nothing(void **state)
{
	static const char *const texts[] = { "", "x", "1920", "1920x", "x1080", "1920x1080@",
		"1920x1080@0", "1920x1080@-1", "1920x1080@nan", "1920x1080@inf", "1920x1080@0x10",
		"1920x1080@1e3", "1920x1080@1000000.1", "1920x1080@60Hz", "1920x1080@6.0.0",
		"1920x1080x3", "1920X1080", " 1920x1080", "1920x 1080", "+1920x1080", "-1920x1080",
		"100000x1080", "1920x1080 " };
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct display_mode mode = usual;
		assert_false(display_mode_parse(texts[i], &mode));
		assert_true(display_mode_equal(&mode, &usual));
	}
}

static void the_longest_mode_fits_its_buffer_whole(void **state)
{
	const struct display_mode mode = { UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX };
	char buffer[DISPLAY_MODE_TEXT_MAX];
	assert_string_equal(display_mode_format(&mode, buffer),
		"4294967295x4294967295@4294967.295 ×42949672.95");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(modes_at_the_limits_are_usable),
		cmocka_unit_test(a_mode_beyond_a_limit_is_refused_by_name),
		cmocka_unit_test(modes_differ_by_each_field),
		cmocka_unit_test(a_mode_reads_as_people_write_it),
		cmocka_unit_test(a_mode_is_read_from_its_text),
		cmocka_unit_test(a_text_that_is_no_mode_changes_nothing),
		cmocka_unit_test(the_longest_mode_fits_its_buffer_whole),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
