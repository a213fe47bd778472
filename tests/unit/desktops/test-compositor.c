/* What a client's own desktop runs on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "desktops/compositor.h"

#define NO_SWAY "there is no sway"
#define NO_GAMESCOPE "gamescope is too old"

static const struct compositor_facts everything = { .has_gpu = true };

/* The name, or the sentence that says why there is none. */
static const char *choose(enum own_desktops wish, bool has_app, struct compositor_facts facts)
{
	static char fault[64];
	enum compositor compositor;
	memset(fault, 0, sizeof fault);
	return compositor_choose(wish, has_app, &facts, &compositor, fault, sizeof fault)
		? compositor_name(compositor)
		: fault;
}

static void an_app_gets_a_gamescope_and_who_needs_a_shell_a_sway(void **state)
{
	assert_string_equal("gamescope", choose(OWN_DESKTOPS_AUTO, true, everything));
	assert_string_equal("sway", choose(OWN_DESKTOPS_AUTO, false, everything));
}

static void an_app_gets_a_sway_where_no_gamescope_can_be_used(void **state)
{
	const struct compositor_facts facts = { .gamescope_missing = NO_GAMESCOPE,
		.has_gpu = true };
	assert_string_equal("sway", choose(OWN_DESKTOPS_AUTO, true, facts));
}

static void an_app_gets_a_sway_where_gamescopes_pictures_would_stand_still(void **state)
{
	const struct compositor_facts no_gpu = { .has_gpu = false };
	const struct compositor_facts nothing_else = { .sway_missing = NO_SWAY };
	assert_string_equal("sway", choose(OWN_DESKTOPS_AUTO, true, no_gpu));
	assert_string_equal("gamescope", choose(OWN_DESKTOPS_AUTO, true, nothing_else));
}

static void the_operators_word_counts(void **state)
{
	const struct compositor_facts no_gpu = { .has_gpu = false };
	assert_string_equal("sway", choose(OWN_DESKTOPS_SWAY, true, everything));
	assert_string_equal("sway", choose(OWN_DESKTOPS_SWAY, false, everything));
	assert_string_equal("gamescope", choose(OWN_DESKTOPS_GAMESCOPE, true, no_gpu));
	assert_string_equal("gamescope", choose(OWN_DESKTOPS_GAMESCOPE, false, no_gpu));
}

static void what_is_missing_is_said_and_nothing_takes_its_place(void **state)
{
	const struct compositor_facts no_sway = { .sway_missing = NO_SWAY, .has_gpu = true };
	const struct compositor_facts no_gamescope = { .gamescope_missing = NO_GAMESCOPE };
	const struct compositor_facts neither = { .sway_missing = NO_SWAY,
		.gamescope_missing = NO_GAMESCOPE };
	assert_string_equal(NO_SWAY, choose(OWN_DESKTOPS_AUTO, false, no_sway));
	assert_string_equal(NO_SWAY, choose(OWN_DESKTOPS_SWAY, true, no_sway));
	assert_string_equal(NO_GAMESCOPE, choose(OWN_DESKTOPS_GAMESCOPE, true, no_gamescope));
	assert_string_equal(NO_SWAY, choose(OWN_DESKTOPS_AUTO, true, neither));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_app_gets_a_gamescope_and_who_needs_a_shell_a_sway),
		cmocka_unit_test(an_app_gets_a_sway_where_no_gamescope_can_be_used),
		cmocka_unit_test(an_app_gets_a_sway_where_gamescopes_pictures_would_stand_still),
		cmocka_unit_test(the_operators_word_counts),
		cmocka_unit_test(what_is_missing_is_said_and_nothing_takes_its_place),
	};
	return cmocka_run_group_tests_name("compositor", tests, NULL, NULL);
}
