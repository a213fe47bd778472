/* For how long a desktop outlives its host. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "desktops/desktops_private.h"

#define SECOND_NS 1000000000ull

/* The first byte of a client says what rules it. */
static void read_policy(void *data, const uint8_t *client, struct display_policy *policy)
{
	*policy = (struct display_policy){ 0 };
	if (client[0] == 'd')
		policy->keep_alive = (struct keep_alive){ KEEP_ALIVE_DURATION, 30 * SECOND_NS };
	else if (client[0] == 'f')
		policy->keep_alive = (struct keep_alive){ KEEP_ALIVE_FOREVER, 0 };
	else
		policy->keep_alive = (struct keep_alive){ KEEP_ALIVE_OFF, 0 };
}

static struct display_state display(char client, enum lifecycle_state state, uint64_t until_ns)
{
	return (struct display_state){
		.identity = { (uint8_t)client },
		.state = state,
		.until_ns = until_ns,
	};
}

static void expect(
	const struct display_state *states, size_t count, enum keeping_kind kind, uint64_t value_ns)
{
	const struct keeping keeping = keeping_of(states, count, read_policy, NULL);
	assert_int_equal(keeping.kind, kind);
	assert_int_equal(keeping.value_ns, value_ns);
}

static void what_is_kept_keeps_its_moment_whatever_the_policy_says_now(void **state)
{
	const struct display_state lingering = display('o', LIFECYCLE_LINGERING, 77);
	const struct display_state pinned = display('o', LIFECYCLE_PINNED, 0);
	expect(&lingering, 1, KEEPING_UNTIL, 77);
	expect(&pinned, 1, KEEPING_UNTIL, UINT64_MAX);
}

static void what_is_in_use_is_kept_from_the_host_s_end_on_as_the_policy_says(void **state)
{
	const struct display_state off = display('o', LIFECYCLE_ACTIVE, 0);
	const struct display_state duration = display('d', LIFECYCLE_ACTIVE, 0);
	const struct display_state forever = display('f', LIFECYCLE_ACTIVE, 0);
	expect(&off, 1, KEEPING_NOT, 0);
	expect(&duration, 1, KEEPING_AFTER, 30 * SECOND_NS);
	expect(&forever, 1, KEEPING_UNTIL, UINT64_MAX);
}

static void what_comes_or_goes_or_is_nobody_s_is_not_kept(void **state)
{
	struct display_state states[] = {
		display('f', LIFECYCLE_CREATING, 0),
		display('f', LIFECYCLE_CLOSING, 0),
		display('f', LIFECYCLE_ACTIVE, 0),
	};
	states[2].anonymous = true;
	expect(states, 3, KEEPING_NOT, 0);
	expect(states, 0, KEEPING_NOT, 0);
}

static void the_longest_of_several_displays_counts(void **state)
{
	const struct display_state states[] = {
		display('o', LIFECYCLE_LINGERING, 77),
		display('o', LIFECYCLE_LINGERING, 99),
		display('o', LIFECYCLE_ACTIVE, 0),
		display('d', LIFECYCLE_ACTIVE, 0),
		display('o', LIFECYCLE_PINNED, 0),
	};
	expect(states, 2, KEEPING_UNTIL, 99);
	expect(states, 3, KEEPING_UNTIL, 99);
	expect(states, 4, KEEPING_AFTER, 30 * SECOND_NS);
	expect(states, 5, KEEPING_UNTIL, UINT64_MAX);
	expect(states + 3, 2, KEEPING_UNTIL, UINT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_kept_keeps_its_moment_whatever_the_policy_says_now),
		cmocka_unit_test(what_is_in_use_is_kept_from_the_host_s_end_on_as_the_policy_says),
		cmocka_unit_test(what_comes_or_goes_or_is_nobody_s_is_not_kept),
		cmocka_unit_test(the_longest_of_several_displays_counts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
