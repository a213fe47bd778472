#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/state_file.h"
#include "store_folder.h"

#define NAME "thing.json"

static int set_up(void **state)
{
	struct store_folder *folder = calloc(1, sizeof *folder);
	store_folder_make(folder);
	*state = folder;
	return 0;
}

static int tear_down(void **state)
{
	store_folder_remove(*state);
	free(*state);
	return 0;
}

static int write_text(const struct store_folder *folder, const char *text)
{
	return state_file_write(folder->descriptor, NAME, text, strlen(text));
}

static int append_text(const struct store_folder *folder, const char *text, size_t most)
{
	return state_file_append(folder->descriptor, NAME, text, strlen(text), most);
}

static void expect_text(const struct store_folder *folder, const char *name, const char *expected)
{
	char text[256];
	assert_true(store_folder_has(folder, name));
	assert_string_equal(store_folder_text(folder, name, text, sizeof text), expected);
}

static void expect_unread(const struct store_folder *folder, size_t most, int error)
{
	char sentinel, *bytes = &sentinel;
	size_t size = 4711;
	assert_int_equal(state_file_read(folder->descriptor, NAME, most, &bytes, &size), error);
	assert_ptr_equal(bytes, &sentinel);
	assert_int_equal(size, 4711);
}

static void what_was_written_is_read_back_byte_for_byte(void **state)
{
	static const char written[] = "one\0two";
	const struct store_folder *folder = *state;
	char *bytes = NULL;
	size_t size = 0;
	assert_int_equal(
		state_file_write(folder->descriptor, NAME, written, sizeof written - 1), 0);
	assert_int_equal(state_file_read(folder->descriptor, NAME, 100, &bytes, &size), 0);
	assert_int_equal(size, sizeof written - 1);
	assert_memory_equal(bytes, written, sizeof written); /* the NUL behind them as well */
	free(bytes);
}

static void a_file_belongs_to_its_user_alone(void **state)
{
	const struct store_folder *folder = *state;
	struct stat status;
	const mode_t before = umask(0);
	store_folder_put(folder, NAME, "anybody's");
	const int error = write_text(folder, "mine");
	umask(before);
	assert_int_equal(error, 0);
	assert_int_equal(fstatat(folder->descriptor, NAME, &status, 0), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
}

static void a_file_may_be_as_long_as_it_is_allowed_and_no_longer(void **state)
{
	const struct store_folder *folder = *state;
	char *bytes = NULL;
	size_t size = 0;
	store_folder_put(folder, NAME, "12345");
	expect_unread(folder, 4, -EFBIG);
	assert_int_equal(state_file_read(folder->descriptor, NAME, 5, &bytes, &size), 0);
	assert_int_equal(size, 5);
	free(bytes);
}

static void what_is_no_file_is_not_read_and_not_waited_for(void **state)
{
	const struct store_folder *folder = *state;
	expect_unread(folder, 10, -ENOENT);
	assert_int_equal(mkdirat(folder->descriptor, NAME, 0700), 0);
	expect_unread(folder, 10, -EISDIR);
	assert_int_equal(unlinkat(folder->descriptor, NAME, AT_REMOVEDIR), 0);
	assert_int_equal(mkfifoat(folder->descriptor, NAME, 0600), 0);
	expect_unread(folder, 10, -EINVAL);
}

static void a_new_text_replaces_the_old_one_and_leaves_nothing_else(void **state)
{
	const struct store_folder *folder = *state;
	assert_int_equal(write_text(folder, "the longer, older text"), 0);
	assert_int_equal(write_text(folder, "new"), 0);
	expect_text(folder, NAME, "new");
	assert_int_equal(store_folder_count(folder), 1);
}

static void what_a_crash_left_behind_is_no_obstacle(void **state)
{
	const struct store_folder *folder = *state;
	store_folder_put(folder, NAME ".new", "half a te");
	assert_int_equal(write_text(folder, "whole"), 0);
	expect_text(folder, NAME, "whole");
	assert_false(store_folder_has(folder, NAME ".new"));
}

static void links_lead_a_write_nowhere(void **state)
{
	const struct store_folder *folder = *state;
	store_folder_put(folder, "victim", "untouched");
	assert_int_equal(symlinkat("victim", folder->descriptor, NAME), 0);
	assert_int_equal(symlinkat("victim", folder->descriptor, NAME ".new"), 0);
	assert_int_equal(write_text(folder, "text"), 0);
	expect_text(folder, "victim", "untouched");
	expect_text(folder, NAME, "text");
	assert_int_equal(unlinkat(folder->descriptor, NAME, 0), 0);
	assert_int_equal(symlinkat("victim", folder->descriptor, NAME), 0);
	assert_int_equal(append_text(folder, "text", 100), -ELOOP);
	expect_text(folder, "victim", "untouched");
}

/* The disk is full behind so many bytes, for this program. */
static void limit_files(rlim_t bytes)
{
	struct rlimit limit;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void a_disk_that_fills_up_leaves_the_old_file_and_no_half_one(void **state)
{
	const struct store_folder *folder = *state;
	char *large = calloc(1, 9000);
	memset(large, 'x', 8999);
	assert_int_equal(write_text(folder, "old"), 0);
	limit_files(4096);
	const int error = write_text(folder, large);
	limit_files(RLIM_INFINITY);
	free(large);
	assert_int_equal(error, -EFBIG);
	expect_text(folder, NAME, "old");
	assert_int_equal(store_folder_count(folder), 1);
}

static void a_folder_that_is_gone_is_an_error(void **state)
{
	const struct store_folder *folder = *state;
	char kept[32];
	assert_int_equal(rmdir(folder->path), 0);
	assert_int_equal(write_text(folder, "text"), -ENOENT);
	assert_int_equal(append_text(folder, "text", 100), -ENOENT);
	assert_int_equal(
		state_file_set_aside(folder->descriptor, NAME, kept, sizeof kept), -ENOENT);
	assert_int_equal(state_file_write(-1, NAME, "", 0), -EBADF);
}

static void a_name_that_leaves_no_room_for_its_ending_is_refused(void **state)
{
	const struct store_folder *folder = *state;
	char name[NAME_MAX + 1] = "", kept[NAME_MAX + 1];
	memset(name, 'n', sizeof name - 1);
	assert_int_equal(state_file_write(folder->descriptor, name, "", 0), -ENAMETOOLONG);
	store_folder_put(folder, name, "text");
	assert_int_equal(
		state_file_set_aside(folder->descriptor, name, kept, sizeof kept), -ENAMETOOLONG);
	assert_int_equal(state_file_append(folder->descriptor, name, "more", 4, 5), -ENAMETOOLONG);
	expect_text(folder, name, "text");
}

static void what_is_set_aside_never_replaces_what_was_before(void **state)
{
	static const char *const names[] = { NAME ".bad", NAME ".bad.1", NAME ".bad.2" };
	const struct store_folder *folder = *state;
	char kept[64];
	for (size_t i = 0; i < 3; i++) {
		store_folder_put(folder, NAME, names[i]);
		assert_int_equal(
			state_file_set_aside(folder->descriptor, NAME, kept, sizeof kept), 0);
		assert_string_equal(kept, names[i]);
	}
	for (size_t i = 0; i < 3; i++)
		expect_text(folder, names[i], names[i]);
	assert_int_equal(store_folder_count(folder), 3);
}

static void setting_aside_without_room_for_the_name_leaves_the_file(void **state)
{
	const struct store_folder *folder = *state;
	char kept[sizeof NAME ".bad" - 1];
	store_folder_put(folder, NAME, "text");
	assert_int_equal(
		state_file_set_aside(folder->descriptor, NAME, kept, sizeof kept), -ENAMETOOLONG);
	expect_text(folder, NAME, "text");
	assert_int_equal(store_folder_count(folder), 1);
}

static void a_log_grows_until_it_is_full_and_then_begins_anew(void **state)
{
	const struct store_folder *folder = *state;
	struct stat status;
	assert_int_equal(append_text(folder, "one\n", 8), 0);
	assert_int_equal(append_text(folder, "two\n", 8), 0);
	expect_text(folder, NAME, "one\ntwo\n");
	assert_int_equal(store_folder_count(folder), 1);
	assert_int_equal(append_text(folder, "three\n", 8), 0);
	expect_text(folder, NAME ".1", "one\ntwo\n");
	expect_text(folder, NAME, "three\n");
	assert_int_equal(append_text(folder, "four\n", 8), 0);
	expect_text(folder, NAME ".1", "three\n");
	expect_text(folder, NAME, "four\n");
	assert_int_equal(store_folder_count(folder), 2);
	assert_int_equal(fstatat(folder->descriptor, NAME, &status, 0), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
}

static void a_line_longer_than_a_log_has_a_log_of_its_own(void **state)
{
	const struct store_folder *folder = *state;
	assert_int_equal(append_text(folder, "a long line\n", 4), 0);
	expect_text(folder, NAME, "a long line\n");
	assert_int_equal(store_folder_count(folder), 1);
	assert_int_equal(append_text(folder, "b\n", 4), 0);
	expect_text(folder, NAME ".1", "a long line\n");
	expect_text(folder, NAME, "b\n");
}

static void a_log_that_is_no_file_is_not_written(void **state)
{
	const struct store_folder *folder = *state;
	assert_int_equal(mkfifoat(folder->descriptor, NAME, 0600), 0);
	assert_int_equal(append_text(folder, "text", 100), -ENXIO); /* nobody reads */
	const int reader = openat(folder->descriptor, NAME, O_RDONLY | O_NONBLOCK);
	const int error = append_text(folder, "text", 100);
	close(reader);
	assert_int_equal(error, -EINVAL);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(what_was_written_is_read_back_byte_for_byte),
		TEST(a_file_belongs_to_its_user_alone),
		TEST(a_file_may_be_as_long_as_it_is_allowed_and_no_longer),
		TEST(what_is_no_file_is_not_read_and_not_waited_for),
		TEST(a_new_text_replaces_the_old_one_and_leaves_nothing_else),
		TEST(what_a_crash_left_behind_is_no_obstacle),
		TEST(links_lead_a_write_nowhere),
		TEST(a_disk_that_fills_up_leaves_the_old_file_and_no_half_one),
		TEST(a_folder_that_is_gone_is_an_error),
		TEST(a_name_that_leaves_no_room_for_its_ending_is_refused),
		TEST(what_is_set_aside_never_replaces_what_was_before),
		TEST(setting_aside_without_room_for_the_name_leaves_the_file),
		TEST(a_log_grows_until_it_is_full_and_then_begins_anew),
		TEST(a_line_longer_than_a_log_has_a_log_of_its_own),
		TEST(a_log_that_is_no_file_is_not_written),
	};
	return cmocka_run_group_tests_name("state file", tests, NULL, NULL);
}
