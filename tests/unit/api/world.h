/* The world of one test: cmocka's setup and teardown. */
#ifndef LODGE_TESTS_UNIT_API_WORLD_H
#define LODGE_TESTS_UNIT_API_WORLD_H

#include "support/api_world.h"

static int start(void **state)
{
	static struct api_world world;
	assert_true(api_world_prepare(&world));
	assert_true(api_world_start(&world));
	*state = &world;
	return 0;
}

static int stop(void **state)
{
	api_world_stop(*state);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

#endif
