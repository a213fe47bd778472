/* The command line of lodged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "host/options.h"

#define WORDS_MAX 8

/* The options that follow "lodged", up to NULL. */
static enum options_result parse(
	struct options *options, char fault[256], const char *const words[WORDS_MAX])
{
	char *arguments[WORDS_MAX + 2] = { "lodged" };
	int count = 1;
	for (; words[count - 1]; count++)
		arguments[count] = (char *)words[count - 1];
	fault[0] = '\0';
	return options_parse(options, count, arguments, fault, 256);
}

#define PARSE(options, fault, ...)                                                                 \
	parse(options, fault, (const char *const[WORDS_MAX]){ __VA_ARGS__, NULL })

static void what_own_desktops_run_on_is_chosen_by_the_host_unless_named(void **state)
{
	struct options options;
	char fault[256];
	assert_int_equal(OPTIONS_RUN, PARSE(&options, fault, "--open"));
	assert_int_equal(OWN_DESKTOPS_AUTO, options.own_desktops);
	assert_int_equal(OPTIONS_RUN, PARSE(&options, fault, "--own-desktops", "auto"));
	assert_int_equal(OWN_DESKTOPS_AUTO, options.own_desktops);
	assert_int_equal(OPTIONS_RUN, PARSE(&options, fault, "--own-desktops", "sway"));
	assert_int_equal(OWN_DESKTOPS_SWAY, options.own_desktops);
	assert_int_equal(OPTIONS_RUN, PARSE(&options, fault, "--own-desktops=gamescope"));
	assert_int_equal(OWN_DESKTOPS_GAMESCOPE, options.own_desktops);
}

static void the_running_desktop_is_found_or_named(void **state)
{
	struct options options;
	char fault[256];
	assert_int_equal(OPTIONS_RUN, PARSE(&options, fault, "--open"));
	assert_int_equal(DESKTOP_AUTO, options.desktop);
	assert_int_equal(OPTIONS_RUN, PARSE(&options, fault, "--desktop", "sway"));
	assert_int_equal(DESKTOP_SWAY, options.desktop);
	assert_int_equal(OPTIONS_RUN, PARSE(&options, fault, "--desktop", "gamescope"));
	assert_int_equal(DESKTOP_GAMESCOPE, options.desktop);
	assert_int_equal(OPTIONS_RUN, PARSE(&options, fault, "--spawn", "sway"));
	assert_int_equal(DESKTOP_SPAWN_SWAY, options.desktop);
}

static void wrong_values_are_named_with_what_is_expected(void **state)
{
	struct options options;
	char fault[256];
	assert_int_equal(OPTIONS_WRONG, PARSE(&options, fault, "--own-desktops", "kwin"));
	assert_string_equal(
		"lodged: --own-desktops 'kwin': auto, sway or gamescope expected", fault);
	assert_int_equal(OPTIONS_WRONG, PARSE(&options, fault, "--desktop", ""));
	assert_non_null(strstr(fault, "--desktop"));
	assert_int_equal(OPTIONS_WRONG, PARSE(&options, fault, "--spawn", "kwin"));
	assert_non_null(strstr(fault, "sway or gamescope expected"));
	assert_int_equal(OPTIONS_WRONG, PARSE(&options, fault, "--own-desktops"));
	assert_non_null(strstr(fault, "needs a value"));
}

static void a_spawned_gamescope_may_take_a_session_s_place(void **state)
{
	struct options options;
	char fault[256];
	assert_int_equal(OPTIONS_RUN, PARSE(&options, fault, "--spawn", "gamescope"));
	assert_int_equal(DESKTOP_SPAWN_GAMESCOPE, options.desktop);
	assert_null(options.instead_of);
	assert_int_equal(OPTIONS_RUN,
		PARSE(&options, fault, "--spawn", "gamescope", "--instead-of",
			"gamescope-session.service"));
	assert_string_equal("gamescope-session.service", options.instead_of);
	assert_int_equal(OPTIONS_WRONG,
		PARSE(&options, fault, "--spawn", "sway", "--instead-of",
			"gamescope-session.service"));
	assert_non_null(strstr(fault, "needs --spawn gamescope"));
	assert_int_equal(OPTIONS_WRONG,
		PARSE(&options, fault, "--spawn", "gamescope", "--instead-of", "../x.target"));
	assert_non_null(strstr(fault, "a unit such as"));
}

/* A running session starts its programs itself. */
static void commands_are_for_desktops_of_the_hosts_own(void **state)
{
	struct options options;
	char fault[256];
	assert_int_equal(OPTIONS_RUN,
		PARSE(&options, fault, "--spawn", "sway", "--launch", "foot", "--launch", "top"));
	assert_int_equal(2, options.launch_count);
	assert_int_equal(OPTIONS_RUN,
		PARSE(&options, fault, "--own-desktops", "gamescope", "--launch", "xterm"));
	assert_string_equal("xterm", options.launch[0]);
	assert_int_equal(OPTIONS_WRONG, PARSE(&options, fault, "--launch", "foot"));
	assert_non_null(strstr(fault, "--own-desktops"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_own_desktops_run_on_is_chosen_by_the_host_unless_named),
		cmocka_unit_test(the_running_desktop_is_found_or_named),
		cmocka_unit_test(wrong_values_are_named_with_what_is_expected),
		cmocka_unit_test(a_spawned_gamescope_may_take_a_session_s_place),
		cmocka_unit_test(commands_are_for_desktops_of_the_hosts_own),
	};
	return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
