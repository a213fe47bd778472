#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "session/client_list.h"
#include "session/clients.h"

#define KEY_TEXT                                                                                   \
	"04"                                                                                       \
	"0101010101010101010101010101010101010101010101010101010101010101"                         \
	"0101010101010101010101010101010101010101010101010101010101010101"
#define OTHER_KEY_TEXT                                                                             \
	"04"                                                                                       \
	"0202020202020202020202020202020202020202020202020202020202020202"                         \
	"0202020202020202020202020202020202020202020202020202020202020202"
#define ENTRY(label, key) "{\"label\":\"" label "\",\"key\":\"" key "\",\"paired_at\":1700000000}"
#define LIST(entries) "{\"version\":1,\"clients\":[" entries "]}"

struct fixture {
	char folder[64];
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
	strcpy(fixture->folder, "/tmp/lodge-clients-XXXXXX");
	assert_non_null(mkdtemp(fixture->folder));
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;
	static const char *const names[] = { "clients.json", "clients.json.new",
		"clients.json.bad" };
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		remove(path_of(fixture, names[i]));
	rmdir(fixture->folder);
	free(fixture);
	return 0;
}

static void write_clients(const struct fixture *fixture, const void *bytes, size_t size)
{
	FILE *file = fopen(path_of(fixture, "clients.json"), "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

static void write_text(const struct fixture *fixture, const char *text)
{
	write_clients(fixture, text, strlen(text));
}

static char *read_text(const struct fixture *fixture, const char *name)
{
	static char text[8192];
	FILE *file = fopen(path_of(fixture, name), "rb");
	if (!file)
		return NULL;
	text[fread(text, 1, sizeof text - 1, file)] = '\0';
	fclose(file);
	return text;
}

static bool exists(const struct fixture *fixture, const char *name)
{
	struct stat status;
	return lstat(path_of(fixture, name), &status) == 0;
}

static const uint8_t *key_of(uint8_t fill)
{
	static uint8_t key[CLIENT_KEY_SIZE];
	memset(key, fill, sizeof key);
	key[0] = 4;
	return key;
}

static const struct client *find(const struct client_store *store, uint8_t fill)
{
	uint8_t fingerprint[CLIENT_FINGERPRINT_SIZE];
	client_fingerprint(key_of(fill), fingerprint);
	return client_store_find(store, fingerprint);
}

static struct client_store *open_store(const struct fixture *fixture)
{
	struct client_store *store = client_store_open(fixture->folder);
	assert_non_null(store);
	return store;
}

static void an_empty_folder_gives_an_empty_store_and_no_file(void **state)
{
	struct fixture *fixture = *state;
	struct client_store *store = open_store(fixture);
	assert_null(find(store, 1));
	client_store_close(store);
	assert_false(exists(fixture, "clients.json"));
}

static void an_added_client_is_found_after_a_restart(void **state)
{
	struct fixture *fixture = *state;
	const int64_t before = time(NULL);
	struct client_store *store = open_store(fixture);
	assert_int_equal(client_store_add(store, key_of(1), "Büro \"laptop\"\\"), 0);
	client_store_close(store);

	store = open_store(fixture);
	const struct client *client = find(store, 1);
	assert_non_null(client);
	assert_string_equal(client->label, "Büro \"laptop\"\\");
	assert_memory_equal(client->key, key_of(1), CLIENT_KEY_SIZE);
	assert_true(client->paired_at_s >= before && client->paired_at_s <= time(NULL));
	assert_null(find(store, 2));
	client_store_close(store);
}

static void the_file_is_the_owners_alone_and_nothing_is_left_beside_it(void **state)
{
	struct fixture *fixture = *state;
	const mode_t mask = umask(0);
	struct client_store *store = open_store(fixture);
	assert_int_equal(client_store_add(store, key_of(1), "laptop"), 0);
	client_store_close(store);
	umask(mask);
	struct stat status;
	assert_int_equal(stat(path_of(fixture, "clients.json"), &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	assert_false(exists(fixture, "clients.json.new"));
}

static void a_temporary_file_that_a_crash_left_is_replaced(void **state)
{
	struct fixture *fixture = *state;
	FILE *left = fopen(path_of(fixture, "clients.json.new"), "w");
	assert_non_null(left);
	fclose(left);
	struct client_store *store = open_store(fixture);
	assert_int_equal(client_store_add(store, key_of(1), "laptop"), 0);
	client_store_close(store);
	assert_false(exists(fixture, "clients.json.new"));
	assert_non_null(strstr(read_text(fixture, "clients.json"), "laptop"));
}

static void adding_a_known_key_relabels_it(void **state)
{
	struct fixture *fixture = *state;
	write_text(fixture, LIST(ENTRY("a much longer label", KEY_TEXT)));
	struct client_store *store = open_store(fixture);
	assert_int_equal(client_store_add(store, key_of(1), "new"), 0);
	client_store_close(store);
	store = open_store(fixture);
	assert_string_equal(find(store, 1)->label, "new");
	assert_int_equal(find(store, 1)->paired_at_s, 1700000000);
	client_store_close(store);
}

static void a_found_client_stays_where_it_is_when_others_are_added(void **state)
{
	struct fixture *fixture = *state;
	struct client_store *store = open_store(fixture);
	assert_int_equal(client_store_add(store, key_of(1), "first"), 0);
	const struct client *first = find(store, 1);
	for (uint8_t fill = 2; fill < 20; fill++)
		assert_int_equal(client_store_add(store, key_of(fill), "other"), 0);
	assert_ptr_equal(find(store, 1), first);
	assert_string_equal(first->label, "first");
	client_store_close(store);
}

static void labels_and_keys_that_could_not_be_loaded_are_not_stored(void **state)
{
	struct fixture *fixture = *state;
	struct client_store *store = open_store(fixture);
	char label[CLIENT_LABEL_MAX + 2];
	memset(label, 'x', sizeof label);
	label[CLIENT_LABEL_MAX + 1] = '\0';
	assert_int_equal(client_store_add(store, key_of(1), label), -EINVAL);
	assert_int_equal(client_store_add(store, key_of(1), ""), -EINVAL);
	assert_int_equal(client_store_add(store, key_of(1), "\xff"), -EINVAL);
	const uint8_t compressed[CLIENT_KEY_SIZE] = { 2 };
	assert_int_equal(client_store_add(store, compressed, "x"), -EINVAL);
	assert_false(exists(fixture, "clients.json"));
	label[CLIENT_LABEL_MAX] = '\0';
	assert_int_equal(client_store_add(store, key_of(1), label), 0);
	client_store_close(store);
}

static void the_store_is_bounded(void **state)
{
	struct fixture *fixture = *state;
	struct client_list *list = calloc(1, sizeof *list);
	assert_non_null(list);
	for (list->count = 0; list->count < CLIENT_LIST_MAX; list->count++) {
		struct client *client = &list->clients[list->count];
		memcpy(client->key, key_of(9), CLIENT_KEY_SIZE);
		client->key[1] = (uint8_t)list->count;
		/* Written as \u0001 each: the longest text that there can be. */
		memset(client->label, 1, CLIENT_LABEL_MAX);
		client->paired_at_s = INT64_MAX;
	}
	char *text = client_list_format(list);
	assert_true(strlen(text) <= CLIENT_LIST_TEXT_MAX);
	write_text(fixture, text);
	struct client_store *store = open_store(fixture);
	assert_int_equal(client_store_add(store, key_of(1), "one too many"), -ENOSPC);
	assert_null(find(store, 1));
	assert_int_equal(client_store_add(store, list->clients[255].key, "relabelled"), 0);
	client_store_close(store);
	free(text);
	free(list);
}

static void what_cannot_be_written_changes_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct client_store *store = open_store(fixture);
	assert_int_equal(client_store_add(store, key_of(1), "old"), 0);
	/* Root writes anywhere: a folder in the place of the temporary file stops everyone. */
	assert_int_equal(mkdir(path_of(fixture, "clients.json.new"), 0700), 0);
	assert_true(client_store_add(store, key_of(1), "new") < 0);
	assert_true(client_store_add(store, key_of(2), "second") < 0);
	assert_string_equal(find(store, 1)->label, "old");
	assert_null(find(store, 2));
	client_store_close(store);

	store = open_store(fixture);
	assert_string_equal(find(store, 1)->label, "old");
	assert_null(find(store, 2));
	client_store_close(store);
}

/* A disk that is full in the middle of the write. */
static void a_file_cut_short_while_writing_changes_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct client_store *store = open_store(fixture);
	assert_int_equal(client_store_add(store, key_of(1), "old"), 0);
	struct rlimit limit, small;
	getrlimit(RLIMIT_FSIZE, &limit);
	small = limit;
	small.rlim_cur = 100;
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &small);
	const int error = client_store_add(store, key_of(2), "second");
	setrlimit(RLIMIT_FSIZE, &limit);
	assert_int_equal(error, -EFBIG);
	assert_null(find(store, 2));
	client_store_close(store);
	assert_false(exists(fixture, "clients.json.new"));
	store = open_store(fixture);
	assert_string_equal(find(store, 1)->label, "old");
	client_store_close(store);
}

static void a_folder_that_went_away_is_an_error(void **state)
{
	struct fixture *fixture = *state;
	struct client_store *store = open_store(fixture);
	assert_int_equal(rmdir(fixture->folder), 0);
	assert_int_equal(client_store_add(store, key_of(1), "x"), -ENOENT);
	assert_null(find(store, 1));
	client_store_close(store);
	assert_null(client_store_open(fixture->folder));
	assert_int_equal(errno, ENOENT);
}

/* Opens the store over these bytes and expects them, unchanged, in the file that was set aside. */
static void assert_set_aside(struct fixture *fixture, const void *bytes, size_t size)
{
	write_clients(fixture, bytes, size);
	struct client_store *store = open_store(fixture);
	assert_null(find(store, 1));
	assert_false(exists(fixture, "clients.json"));
	struct stat status;
	assert_int_equal(stat(path_of(fixture, "clients.json.bad"), &status), 0);
	assert_int_equal(status.st_size, size);
	assert_int_equal(client_store_add(store, key_of(1), "paired anew"), 0);
	client_store_close(store);
	assert_true(exists(fixture, "clients.json.bad"));
	assert_int_equal(unlink(path_of(fixture, "clients.json.bad")), 0);
}

static void every_truncation_of_the_file_is_set_aside(void **state)
{
	struct fixture *fixture = *state;
	static const char text[] = LIST(ENTRY("laptop", KEY_TEXT));
	for (size_t size = 0; size < sizeof text - 1; size++)
		assert_set_aside(fixture, text, size);
	write_text(fixture, text);
	struct client_store *store = open_store(fixture);
	assert_string_equal(find(store, 1)->label, "laptop");
	client_store_close(store);
}

static void a_file_that_is_no_client_list_is_set_aside(void **state)
{
	struct fixture *fixture = *state;
	static const char *const texts[] = {
		"no JSON",
		"null",
		"[]",
		"\"text\"",
		"{}",
		"{\"version\":1}",
		"{\"clients\":[]}",
		"{\"version\":2,\"clients\":[]}",
		"{\"version\":\"1\",\"clients\":[]}",
		"{\"version\":1,\"clients\":{}}",
		"{\"version\":1,\"clients\":null}",
		"{\"version\":1,\"clients\":[],\"more\":0}",
		"{\"version\":1,\"version\":1,\"clients\":[]}",
		"{\"version\":99999999999999999999,\"clients\":[]}",
		LIST("") " trailing",
		LIST("{\"label\":\"\xff\"}"),
		LIST("{\"label\":\"a\\u0000b\"}"),
		LIST("{\"label\":\"\\ud800\"}"),
	};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		assert_set_aside(fixture, texts[i], strlen(texts[i]));
	assert_set_aside(fixture, "{\"version\":1,\0\"clients\":[]}", 26);
}

static void a_huge_file_is_set_aside(void **state)
{
	const size_t size = 3145728;
	char *text = malloc(size);
	memset(text, ' ', size);
	memcpy(text + size - 27, LIST(ENTRY("x", "")), 27);
	assert_set_aside(*state, text, size);
	free(text);
}

static void a_deeply_nested_file_is_set_aside(void **state)
{
	char *text = malloc(200000);
	memset(text, '[', 200000);
	assert_set_aside(*state, text, 200000);
	free(text);
}

static void what_was_set_aside_before_is_never_overwritten(void **state)
{
	struct fixture *fixture = *state;
	static const char *const texts[] = { "no JSON", "nor this", "{}" };
	static const char *const names[] = { "clients.json.bad", "clients.json.bad.1",
		"clients.json.bad.2" };
	for (size_t i = 0; i < 3; i++) {
		write_text(fixture, texts[i]);
		client_store_close(open_store(fixture));
	}
	for (size_t i = 0; i < 3; i++) {
		assert_string_equal(read_text(fixture, names[i]), texts[i]);
		assert_int_equal(unlink(path_of(fixture, names[i])), 0);
	}
}

/* Every name for it is taken. */
static void a_file_that_cannot_be_set_aside_stops_the_host(void **state)
{
	struct fixture *fixture = *state;
	char name[32];
	write_text(fixture, "no JSON");
	assert_int_equal(mkdir(path_of(fixture, "clients.json.bad"), 0700), 0);
	for (int i = 1; i < 1000; i++) {
		snprintf(name, sizeof name, "clients.json.bad.%d", i);
		assert_int_equal(mkdir(path_of(fixture, name), 0700), 0);
	}
	assert_null(client_store_open(fixture->folder));
	assert_int_equal(errno, EEXIST);
	assert_string_equal(read_text(fixture, "clients.json"), "no JSON");
	for (int i = 1; i < 1000; i++) {
		snprintf(name, sizeof name, "clients.json.bad.%d", i);
		assert_int_equal(rmdir(path_of(fixture, name)), 0);
	}
}

static void what_is_no_file_stops_the_host(void **state)
{
	struct fixture *fixture = *state;
	assert_int_equal(mkdir(path_of(fixture, "clients.json"), 0700), 0);
	assert_null(client_store_open(fixture->folder));
	assert_int_equal(errno, EISDIR);
	assert_int_equal(rmdir(path_of(fixture, "clients.json")), 0);
	assert_int_equal(mkfifo(path_of(fixture, "clients.json"), 0600), 0);
	assert_null(client_store_open(fixture->folder));
	assert_int_equal(errno, EINVAL);
}

struct warnings {
	unsigned count;
	char last[512];
};

static void on_warning(void *data, const char *sentence)
{
	struct warnings *warnings = data;
	warnings->count++;
	snprintf(warnings->last, sizeof warnings->last, "%s", sentence);
}

static void an_entry_with_a_wrong_field_is_dropped_by_name_and_the_rest_kept(void **state)
{
	static const struct {
		const char *entry, *word;
	} rows[] = {
		{ "1", "object" },
		{ "null", "object" },
		{ "{}", "label" },
		{ "{\"label\":\"x\",\"paired_at\":1}", "key" },
		{ "{\"label\":\"x\",\"key\":\"" KEY_TEXT "\"}", "paired_at" },
		{ "{\"label\":1,\"key\":\"" KEY_TEXT "\",\"paired_at\":1}", "string" },
		{ "{\"label\":\"x\",\"key\":1,\"paired_at\":1}", "string" },
		{ "{\"label\":\"x\",\"key\":\"" KEY_TEXT "\",\"paired_at\":\"1\"}", "integer" },
		{ "{\"label\":\"x\",\"key\":\"" KEY_TEXT "\",\"paired_at\":1.5}", "integer" },
		{ "{\"label\":\"x\",\"key\":\"" KEY_TEXT "\",\"paired_at\":-1}", "paired_at" },
		{ "{\"label\":\"x\",\"key\":\"" KEY_TEXT "\",\"paired_at\":1,\"admin\":true}",
			"left" },
		{ ENTRY("", KEY_TEXT), "label" },
		{ ENTRY("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
			  KEY_TEXT),
			"label" },
		{ ENTRY("short", "04"), "key of 'short'" },
		{ ENTRY("long", KEY_TEXT "00"), "key of 'long'" },
		{ ENTRY("compressed", "02" KEY_TEXT), "key of 'compressed'" },
		{ ENTRY("first byte",
			  "05"
			  "0101010101010101010101010101010101010101010101010101010101010101"
			  "0101010101010101010101010101010101010101010101010101010101010101"),
			"key of 'first byte'" },
		{ ENTRY("no digit",
			  "04"
			  "010101010101010101010101010101010101010101010101010101010101010g"
			  "0101010101010101010101010101010101010101010101010101010101010101"),
			"key of 'no digit'" },
		{ ENTRY("twice", OTHER_KEY_TEXT), "'twice'" },
	};
	struct client_list *list = calloc(1, sizeof *list);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char text[2048];
		snprintf(text, sizeof text,
			LIST(ENTRY("kept", OTHER_KEY_TEXT) ",%s," ENTRY("kept too",
				"04"
				"0303030303030303030303030303030303030303030303030303030303030303"
				"030303030303030303030303030303030303030303030303030303030303030"
				"3")),
			rows[i].entry);
		struct warnings warnings = { 0 };
		struct client_list_reader reader = { .warn = on_warning, .data = &warnings };
		assert_true(client_list_parse(text, strlen(text), list, &reader));
		assert_int_equal(list->count, 2);
		assert_string_equal(list->clients[0].label, "kept");
		assert_string_equal(list->clients[1].label, "kept too");
		assert_int_equal(warnings.count, 1);
		if (!strstr(warnings.last, "entry 2") || !strstr(warnings.last, rows[i].word))
			fail_msg("row %zu: %s", i, warnings.last);
	}
	free(list);
}

static void entries_beyond_the_bound_are_dropped(void **state)
{
	const size_t entries = CLIENT_LIST_MAX + 3;
	char *text = malloc(entries * 256), *at = text;
	at += sprintf(at, "{\"version\":1,\"clients\":[");
	for (size_t i = 0; i < entries; i++)
		at += sprintf(at, "%s{\"label\":\"x\",\"paired_at\":1,\"key\":\"04%0128zx\"}",
			i ? "," : "", i);
	at += sprintf(at, "]}");
	struct client_list *list = calloc(1, sizeof *list);
	struct warnings warnings = { 0 };
	struct client_list_reader reader = { .warn = on_warning, .data = &warnings };
	assert_true(client_list_parse(text, (size_t)(at - text), list, &reader));
	assert_int_equal(list->count, CLIENT_LIST_MAX);
	assert_int_equal(warnings.count, 3);
	free(list);
	free(text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_empty_folder_gives_an_empty_store_and_no_file),
		TEST(an_added_client_is_found_after_a_restart),
		TEST(the_file_is_the_owners_alone_and_nothing_is_left_beside_it),
		TEST(a_temporary_file_that_a_crash_left_is_replaced),
		TEST(adding_a_known_key_relabels_it),
		TEST(a_found_client_stays_where_it_is_when_others_are_added),
		TEST(labels_and_keys_that_could_not_be_loaded_are_not_stored),
		TEST(the_store_is_bounded),
		TEST(what_cannot_be_written_changes_nothing),
		TEST(a_file_cut_short_while_writing_changes_nothing),
		TEST(a_folder_that_went_away_is_an_error),
		TEST(every_truncation_of_the_file_is_set_aside),
		TEST(a_file_that_is_no_client_list_is_set_aside),
		TEST(a_huge_file_is_set_aside),
		TEST(a_deeply_nested_file_is_set_aside),
		TEST(what_was_set_aside_before_is_never_overwritten),
		TEST(a_file_that_cannot_be_set_aside_stops_the_host),
		TEST(what_is_no_file_stops_the_host),
		cmocka_unit_test(an_entry_with_a_wrong_field_is_dropped_by_name_and_the_rest_kept),
		cmocka_unit_test(entries_beyond_the_bound_are_dropped),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
