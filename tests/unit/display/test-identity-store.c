#include <errno.h>
#include <fcntl.h>
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

#include "display/identity_list.h"
#include "display/identity_store.h"

#define NAME "display-identity.json"
#define A "a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebf"

struct fixture {
	char folder[64];
	sd_event *event;
	struct store_worker *worker;
	struct identity_store *store;
};

static char *path_of(const struct fixture *fixture, const char *name)
{
	static char path[256];
	snprintf(path, sizeof path, "%s/%s", fixture->folder, name);
	return path;
}

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof *fixture);
	strcpy(fixture->folder, "/tmp/lodge-identities-XXXXXX");
	assert_non_null(mkdtemp(fixture->folder));
	assert_true(sd_event_new(&fixture->event) >= 0);
	*state = fixture;
	return 0;
}

/* Closes the store before what it has queued is written: that reaches the disk all the same. */
static void shut(struct fixture *fixture)
{
	identity_store_close(fixture->store);
	store_worker_destroy(fixture->worker);
	fixture->store = NULL;
	fixture->worker = NULL;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;
	static const char *const names[] = { NAME, NAME ".new", NAME ".bad", NAME ".bad.1" };
	shut(fixture);
	sd_event_unref(fixture->event);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		remove(path_of(fixture, names[i]));
	rmdir(fixture->folder);
	free(fixture);
	return 0;
}

/* As after a restart of the host. */
static const struct identity_map *restart(struct fixture *fixture)
{
	shut(fixture);
	fixture->worker = store_worker_create(fixture->event);
	assert_non_null(fixture->worker);
	fixture->store = identity_store_open(fixture->folder, fixture->worker);
	assert_non_null(fixture->store);
	return identity_store_map(fixture->store);
}

static void put(const struct fixture *fixture, const char *text)
{
	FILE *file = fopen(path_of(fixture, NAME), "w");
	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static bool exists(const struct fixture *fixture, const char *name)
{
	return access(path_of(fixture, name), F_OK) == 0;
}

static void expect_text(const struct fixture *fixture, const char *name, const char *expected)
{
	char text[512] = "";
	FILE *file = fopen(path_of(fixture, name), "r");
	assert_non_null(file);
	const size_t size = fread(text, 1, sizeof text - 1, file);
	fclose(file);
	text[size] = '\0';
	assert_string_equal(text, expected);
}

static struct identity_key key_of(uint8_t client)
{
	const uint8_t fingerprint[IDENTITY_FINGERPRINT_SIZE] = { client };
	return identity_key_make(POLICY_IDENTITY_PER_CLIENT, fingerprint, 1, NULL);
}

static uint32_t assign(struct fixture *fixture, uint8_t client, uint32_t cap)
{
	const struct identity_key key = key_of(client);
	return identity_store_assign(fixture->store, &key, cap, 0);
}

static void a_slot_and_its_scale_outlive_the_host(void **state)
{
	struct fixture *fixture = *state;
	assert_int_equal(restart(fixture)->count, 0);
	assert_int_equal(assign(fixture, 1, 15), 1);
	assert_int_equal(assign(fixture, 2, 15), 2);
	assert_true(identity_store_set_scale(fixture->store, 2, 150));
	assert_false(identity_store_set_scale(fixture->store, 3, 150));
	const struct identity_map *map = restart(fixture);
	assert_int_equal(map->count, 2);
	assert_int_equal(identity_find_slot(map, 2)->scale_percent, 150);
	assert_int_equal(assign(fixture, 2, 15), 2);
	struct stat status;
	assert_int_equal(stat(path_of(fixture, NAME), &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
}

static void who_came_last_outlives_the_host(void **state)
{
	struct fixture *fixture = *state;
	restart(fixture);
	assign(fixture, 1, 2);
	assign(fixture, 2, 2);
	assign(fixture, 1, 2);
	restart(fixture);
	assert_int_equal(assign(fixture, 3, 2), 2);
}

static void a_client_that_comes_again_and_again_does_not_wear_the_disk(void **state)
{
	struct fixture *fixture = *state;
	restart(fixture);
	assign(fixture, 1, 15);
	restart(fixture);
	assert_int_equal(unlink(path_of(fixture, NAME)), 0);
	assign(fixture, 1, 15);
	shut(fixture);
	assert_false(exists(fixture, NAME));
}

static void nothing_is_written_when_nobody_gets_a_slot(void **state)
{
	struct fixture *fixture = *state;
	restart(fixture);
	assert_int_equal(assign(fixture, 1, 0), 0);
	shut(fixture);
	assert_false(exists(fixture, NAME));
}

static void a_client_that_is_unpaired_is_forgotten_on_the_disk(void **state)
{
	struct fixture *fixture = *state;
	const uint8_t fingerprint[IDENTITY_FINGERPRINT_SIZE] = { 1 };
	restart(fixture);
	assign(fixture, 1, 15);
	assign(fixture, 2, 15);
	identity_store_forget(fixture->store, fingerprint);
	const struct identity_map *map = restart(fixture);
	assert_int_equal(map->count, 1);
	assert_non_null(identity_find_slot(map, 2));
}

static void a_file_of_the_first_version_is_written_anew(void **state)
{
	struct fixture *fixture = *state;
	put(fixture, "{\"version\":1,\"slots\":{\"" A "\":3}}");
	assert_string_equal(identity_find_slot(restart(fixture), 3)->key.text, A);
	shut(fixture);
	expect_text(fixture, NAME,
		"{\n  \"version\": 2,\n  \"slots\": [\n    {\n      \"slot\": 3,\n"
		"      \"key\": \"" A "\",\n      \"used\": 1,\n      \"scale_percent\": 0\n"
		"    }\n  ]\n}");
	assert_false(exists(fixture, NAME ".bad"));
}

static void what_cannot_be_read_is_set_aside_and_never_overwritten(void **state)
{
	struct fixture *fixture = *state;
	static const char broken[] = "{ this is no JSON";
	static const char future[] = "{\"version\":3,\"slots\":[]}";
	put(fixture, broken);
	assert_int_equal(restart(fixture)->count, 0);
	assert_false(exists(fixture, NAME));
	put(fixture, future);
	assert_int_equal(restart(fixture)->count, 0);
	assign(fixture, 1, 15);
	shut(fixture);
	expect_text(fixture, NAME ".bad", broken);
	expect_text(fixture, NAME ".bad.1", future);
	assert_true(exists(fixture, NAME));
}

static void a_file_without_end_is_set_aside(void **state)
{
	struct fixture *fixture = *state;
	put(fixture, "");
	assert_int_equal(truncate(path_of(fixture, NAME), (off_t)1 << 40), 0);
	assert_int_equal(restart(fixture)->count, 0);
	assert_true(exists(fixture, NAME ".bad"));
}

static void entries_that_were_dropped_are_gone_from_the_file(void **state)
{
	struct fixture *fixture = *state;
	put(fixture,
		"{\"version\":2,\"slots\":[{\"slot\":1,\"key\":\"" A
		"\",\"used\":1},{\"slot\":1,\"key\":\"shared\",\"used\":2}]}");
	assert_int_equal(restart(fixture)->count, 1);
	shut(fixture);
	expect_text(fixture, NAME,
		"{\n  \"version\": 2,\n  \"slots\": [\n    {\n      \"slot\": 1,\n"
		"      \"key\": \"" A "\",\n      \"used\": 1,\n      \"scale_percent\": 0\n"
		"    }\n  ]\n}");
}

static void a_folder_that_is_not_there_is_an_error(void **state)
{
	struct fixture *fixture = *state;
	fixture->worker = store_worker_create(fixture->event);
	assert_null(identity_store_open("/nonexistent/lodge", fixture->worker));
	assert_int_equal(errno, ENOENT);
	assert_int_equal(mkdir(path_of(fixture, NAME), 0700), 0);
	assert_null(identity_store_open(fixture->folder, fixture->worker));
	assert_int_equal(errno, EISDIR);
	identity_store_close(NULL);
}

/* What counts in memory does not wait for the disk. */
static void a_disk_that_refuses_does_not_stop_the_host(void **state)
{
	struct fixture *fixture = *state;
	restart(fixture);
	assert_int_equal(mkdir(path_of(fixture, NAME ".new"), 0700), 0); /* in the way */
	assert_int_equal(assign(fixture, 1, 15), 1);
	/* The answer of the worker: the first event of this loop. */
	assert_true(sd_event_run(fixture->event, 10 * 1000 * 1000) > 0);
	assert_false(exists(fixture, NAME));
	assert_int_equal(assign(fixture, 2, 15), 2);
	assert_int_equal(identity_store_map(fixture->store)->count, 2);
	assert_int_equal(rmdir(path_of(fixture, NAME ".new")), 0);
	assert_int_equal(assign(fixture, 1, 15), 1);
	assert_int_equal(restart(fixture)->count, 2);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_slot_and_its_scale_outlive_the_host),
		TEST(who_came_last_outlives_the_host),
		TEST(a_client_that_comes_again_and_again_does_not_wear_the_disk),
		TEST(nothing_is_written_when_nobody_gets_a_slot),
		TEST(a_client_that_is_unpaired_is_forgotten_on_the_disk),
		TEST(a_file_of_the_first_version_is_written_anew),
		TEST(what_cannot_be_read_is_set_aside_and_never_overwritten),
		TEST(a_file_without_end_is_set_aside),
		TEST(entries_that_were_dropped_are_gone_from_the_file),
		TEST(a_folder_that_is_not_there_is_an_error),
		TEST(a_disk_that_refuses_does_not_stop_the_host),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
