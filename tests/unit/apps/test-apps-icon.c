/* What a file is, is told by its bytes; and only files of a picture are read. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "apps/icon.h"

#define PNG "\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR"
#define SVG "<svg xmlns='http://www.w3.org/2000/svg'/>"

static void assert_format(enum wire_icon_format expected, const char *bytes, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1); /* exactly so long */
	memcpy(copy, bytes, size);
	assert_int_equal(app_icon_format(copy, size), expected);
	free(copy);
}

#define ASSERT_FORMAT(expected, text) assert_format(expected, text, sizeof text - 1)

static void pictures_are_known_by_their_bytes(void **state)
{
	ASSERT_FORMAT(WIRE_ICON_PNG, PNG "\0\0\0\x40\0\0\0\x40");
	ASSERT_FORMAT(
		WIRE_ICON_WEBP, "RIFF\x20\0\0\0WEBPVP8L\x10\0\0\0\x2f\x3f\xc0\x0f\0\0\0\0\0\0");
	ASSERT_FORMAT(WIRE_ICON_WEBP, "RIFF\x20\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\x3f\0\0\x3f\0\0");
	ASSERT_FORMAT(
		WIRE_ICON_WEBP, "RIFF\x20\0\0\0WEBPVP8 \x10\0\0\0\0\0\0\x9d\x01\x2a\x40\0\x40\0");
	ASSERT_FORMAT(WIRE_ICON_SVG, SVG);
	ASSERT_FORMAT(WIRE_ICON_SVG,
		"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- > -->\n<!DOCTYPE svg PUBLIC 'x'>\n" SVG);
}

static void anything_else_is_none(void **state)
{
	ASSERT_FORMAT(WIRE_ICON_NONE, "");
	ASSERT_FORMAT(WIRE_ICON_NONE, "root:x:0:0:root:/root:/bin/bash\n");
	ASSERT_FORMAT(WIRE_ICON_NONE, "<html><svg/></html>");
	ASSERT_FORMAT(WIRE_ICON_NONE, "<svgx/>");
	ASSERT_FORMAT(WIRE_ICON_NONE, "<svg");
	ASSERT_FORMAT(WIRE_ICON_NONE, "<!-- " SVG);
	ASSERT_FORMAT(WIRE_ICON_NONE, "<!DOCTYPE svg [<!ENTITY a 'b'>]>" SVG);
	ASSERT_FORMAT(WIRE_ICON_NONE, SVG "\0");
	ASSERT_FORMAT(WIRE_ICON_NONE, "GIF89a\x01\0\x01\0");
}

static void a_picture_that_unpacks_to_a_huge_one_is_none(void **state)
{
	ASSERT_FORMAT(WIRE_ICON_NONE, PNG "\0\x01\0\0\0\0\0\x40");
	ASSERT_FORMAT(WIRE_ICON_NONE, PNG "\0\0\0\0\0\0\0\x40");
	ASSERT_FORMAT(WIRE_ICON_NONE, "RIFF\x20\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\xff\xff\0\x3f\0\0");
	ASSERT_FORMAT(WIRE_ICON_PNG, PNG "\0\0\x10\0\0\0\x10\0");
}

struct folder {
	char path[64];
	char file[80];
};

static int set_up(void **state)
{
	struct folder *folder = calloc(1, sizeof *folder);
	strcpy(folder->path, "/tmp/lodge-icon-XXXXXX");
	if (!folder || !mkdtemp(folder->path))
		return -1;
	snprintf(folder->file, sizeof folder->file, "%s/icon", folder->path);
	*state = folder;
	return 0;
}

static int tear_down(void **state)
{
	struct folder *folder = *state;
	unlink(folder->file);
	const int error = rmdir(folder->path);
	free(folder);
	return error;
}

static void write_file(const struct folder *folder, const char *head, size_t size)
{
	FILE *file = fopen(folder->file, "we");
	assert_non_null(file);
	fputs(head, file);
	for (size_t i = strlen(head); i < size; i++)
		fputc(' ', file);
	assert_int_equal(fclose(file), 0);
}

static void assert_refused(const char *path, int error)
{
	uint8_t *bytes = (uint8_t *)path;
	size_t size = 1;
	errno = 0;
	assert_int_equal(app_icon_read(path, &bytes, &size), WIRE_ICON_NONE);
	assert_int_equal(errno, error);
	assert_null(bytes);
	assert_int_equal(size, 0);
}

static void a_picture_is_read_whole(void **state)
{
	const struct folder *folder = *state;
	uint8_t *bytes;
	size_t size;
	write_file(folder, SVG, WIRE_ICON_MAX);
	assert_int_equal(app_icon_read(folder->file, &bytes, &size), WIRE_ICON_SVG);
	assert_int_equal(size, WIRE_ICON_MAX);
	assert_memory_equal(bytes, SVG, strlen(SVG));
	free(bytes);
}

static void what_is_no_picture_of_a_good_size_is_refused(void **state)
{
	const struct folder *folder = *state;
	assert_refused(folder->file, ENOENT);
	write_file(folder, SVG, WIRE_ICON_MAX + 1);
	assert_refused(folder->file, EFBIG);
	write_file(folder, "", 0);
	assert_refused(folder->file, ENOTSUP);
}

static void a_path_that_goes_up_or_is_none_is_refused(void **state)
{
	const struct folder *folder = *state;
	char path[128];
	write_file(folder, SVG, 0);
	snprintf(path, sizeof path, "%s/../%s", folder->path, folder->file + strlen("/tmp/"));
	assert_refused(path, EINVAL);
	assert_refused("icon", EINVAL);
	assert_refused("", EINVAL);
	assert_refused(NULL, EINVAL);
	assert_refused("/etc/..", EINVAL);
}

static void what_would_keep_a_reader_waiting_is_refused(void **state)
{
	const struct folder *folder = *state;
	assert_int_equal(mkfifo(folder->file, 0600), 0);
	assert_refused(folder->file, EINVAL);
	assert_refused(folder->path, EINVAL);
	assert_refused("/dev/zero", EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pictures_are_known_by_their_bytes),
		cmocka_unit_test(anything_else_is_none),
		cmocka_unit_test(a_picture_that_unpacks_to_a_huge_one_is_none),
		cmocka_unit_test_setup_teardown(a_picture_is_read_whole, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			what_is_no_picture_of_a_good_size_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_path_that_goes_up_or_is_none_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			what_would_keep_a_reader_waiting_is_refused, set_up, tear_down),
	};
	return cmocka_run_group_tests_name("icon", tests, NULL, NULL);
}
