#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lodge_trust.h"

static const uint8_t one[32] = { 1, 0xab }, other[32] = { 2 };
static const char authority[] = "den:7443";

struct files {
	char folder[64], path[96];
	struct lodge_trust trust;
};

static int set_up(void **state)
{
	struct files *files = calloc(1, sizeof *files);
	snprintf(files->folder, sizeof files->folder, "/tmp/lodge-trust-XXXXXX");
	assert_non_null(mkdtemp(files->folder));
	snprintf(files->path, sizeof files->path, "%s/%s", files->folder, authority);
	files->trust = (struct lodge_trust){ .kind = LODGE_TRUST_FIRST_USE,
		.hosts_folder = files->folder };
	*state = files;
	return 0;
}

static int tear_down(void **state)
{
	struct files *files = *state;
	unlink(files->path);
	rmdir(files->folder);
	free(files);
	return 0;
}

static bool check(const struct lodge_trust *trust, const uint8_t fingerprint[32], char fault[512])
{
	fault[0] = '\0';
	return lodge_trust_check(trust, authority, fingerprint, fault, 512);
}

static void the_first_certificate_is_remembered(void **state)
{
	struct files *files = *state;
	char fault[512];
	assert_true(check(&files->trust, one, fault));
	assert_true(check(&files->trust, one, fault));
}

static void another_certificate_than_the_remembered_is_refused_with_the_way_out(void **state)
{
	struct files *files = *state;
	char fault[512];
	check(&files->trust, one, fault);
	assert_false(check(&files->trust, other, fault));
	assert_non_null(strstr(fault, files->path));
	assert_true(check(&files->trust, one, fault)); /* and is not remembered instead */
}

static void a_memory_that_cannot_be_read_is_no_reason_to_trust(void **state)
{
	struct files *files = *state;
	char fault[512];
	FILE *file = fopen(files->path, "w");
	fputs("garbage\n", file);
	fclose(file);
	assert_false(check(&files->trust, one, fault));
}

static void a_pinned_certificate_is_the_only_one(void **state)
{
	char fault[512];
	struct lodge_trust trust = { .kind = LODGE_TRUST_PINNED };
	memcpy(trust.fingerprint, one, sizeof one);
	assert_true(check(&trust, one, fault));
	assert_false(check(&trust, other, fault));
}

static void fingerprints_are_read_with_and_without_colons(void **state)
{
	uint8_t fingerprint[32];
	char plain[65] = "", colons[96] = "";
	for (int i = 0; i < 32; i++) {
		snprintf(plain + 2 * i, 3, "%02x", one[i]);
		snprintf(colons + 3 * i, 4, i < 31 ? "%02X:" : "%02X", one[i]);
	}
	assert_true(lodge_fingerprint_parse(plain, fingerprint));
	assert_memory_equal(fingerprint, one, 32);
	assert_true(lodge_fingerprint_parse(colons, fingerprint));
	assert_memory_equal(fingerprint, one, 32);
	plain[63] = '\0';
	assert_false(lodge_fingerprint_parse(plain, fingerprint));
	assert_false(lodge_fingerprint_parse("xyz", fingerprint));
	assert_false(lodge_fingerprint_parse("", fingerprint));
}

#define WITH_FILES(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FILES(the_first_certificate_is_remembered),
		WITH_FILES(another_certificate_than_the_remembered_is_refused_with_the_way_out),
		WITH_FILES(a_memory_that_cannot_be_read_is_no_reason_to_trust),
		cmocka_unit_test(a_pinned_certificate_is_the_only_one),
		cmocka_unit_test(fingerprints_are_read_with_and_without_colons),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
