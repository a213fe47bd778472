#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/policy.h"

#define WORDS_MAX 8

static void a_name_for_a_preset_is_short_and_plain(void **state)
{
	static const char *const good[] = { "a", "studio", "studio-2", "a--", "z9",
		"abcdefghijklmnopqrstuvwxyz-01234" };
	static const char *const bad[] = { "", "2studio", "-studio", "Studio", "my studio", "a/b",
		"../x", "caf\xc3\xa9", "a\n", "abcdefghijklmnopqrstuvwxyz-012345" };
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		assert_true(policy_preset_name_valid(good[i]));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(policy_preset_name_valid(bad[i]));
}

#define EXPECT_WORDS(kind, type, ...)                                                              \
	do {                                                                                       \
		static const char *const words[] = { __VA_ARGS__ };                                \
		const size_t count = sizeof words / sizeof *words;                                 \
		static const char *const wrong[] = { "", "?", " ", "AUTO", "Off", "join ",         \
			"per_client", "custom" };                                                  \
		for (size_t i = 0; i < count; i++) {                                               \
			type value = (type)WORDS_MAX;                                              \
			assert_string_equal(policy_##kind##_name((type)i), words[i]);              \
			assert_true(policy_##kind##_parse(words[i], &value));                      \
			assert_int_equal(value, i);                                                \
		}                                                                                  \
		for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {                        \
			type value = (type)0;                                                      \
			assert_false(policy_##kind##_parse(wrong[i], &value));                     \
			assert_int_equal(value, 0);                                                \
		}                                                                                  \
		assert_string_equal(policy_##kind##_name((type)count), "?");                       \
	} while (0)

static void every_value_has_its_word_and_every_word_its_value(void **state)
{
	EXPECT_WORDS(topology, enum policy_topology, "auto", "extend", "primary", "exclusive");
	EXPECT_WORDS(conflict, enum policy_conflict, "separate", "steal", "join", "reject");
	EXPECT_WORDS(identity, enum policy_identity, "shared", "per-client", "per-client-mode");
	EXPECT_WORDS(layout, enum policy_layout, "auto-row", "manual");
	EXPECT_WORDS(desktop, enum policy_desktop, "shared", "isolated");
	EXPECT_WORDS(confinement, enum policy_confinement, "off", "devices", "home");
	EXPECT_WORDS(device, enum policy_device, "dri", "nvidia", "video", "kvm", "fuse");
	EXPECT_WORDS(control, enum policy_control, "free", "one-at-a-time");
	EXPECT_WORDS(input, enum policy_input, "shared", "seat-per-client");
	EXPECT_WORDS(keep_alive, enum keep_alive_kind, "off", "duration", "forever");
}

static void fields_and_sources_have_the_words_of_the_api(void **state)
{
	static const char *const fields[POLICY_FIELDS] = { "preset", "keep_alive", "topology",
		"mode_conflict", "identity", "layout", "max_displays", "desktop", "confinement",
		"presence", "control", "input" };
	static const char *const sources[] = { "default", "environment", "command-line", "file",
		"preset", "client" };
	for (size_t i = 0; i < POLICY_FIELDS; i++)
		assert_string_equal(policy_field_name((enum policy_field)i), fields[i]);
	for (size_t i = 0; i <= POLICY_SOURCE_CLIENT; i++)
		assert_string_equal(policy_source_name((enum policy_source)i), sources[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_for_a_preset_is_short_and_plain),
		cmocka_unit_test(every_value_has_its_word_and_every_word_its_value),
		cmocka_unit_test(fields_and_sources_have_the_words_of_the_api),
	};
	return cmocka_run_group_tests_name("words of the policy", tests, NULL, NULL);
}
