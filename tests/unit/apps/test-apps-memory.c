/* What happens when memory is short, at each point where some is asked for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <errno.h>

#include <cmocka.h>

#include "apps_world.h"
#include "support/scarce_memory.h"

#define DOCUMENT                                                                                   \
	"{'version':1,'apps':[{'id':'one','name':'One','command':'foot -e sh','environment':"      \
	"{'A':'1','B':'2'},'desktop':'isolated','mode':{'width':640,'height':480,'refresh_hz':"    \
	"60},'icon':'/a.png'},{'id':'two','name':'Two','command':['a','b']}]}"

static int set_up(void **state)
{
	scarce_memory_take_jansson();
	return apps_world_set_up(state);
}

static void a_change_is_made_whole_or_refused_without_a_fault(void **state)
{
	struct apps_world *apps = *state;
	json_t *json = parse(DOCUMENT);
	struct answer answer = { 0 };
	bool accepted = false;
	long allowed = 1;
	apps_world_open(apps, NULL);
	for (; !accepted; allowed++) {
		struct settings_faults faults;
		scarce_memory_begin(allowed);
		accepted = app_list_put(apps->list, json, on_answer, &answer, &faults);
		const int error = errno;
		scarce_memory_end();
		assert_int_equal(faults.total, 0);
		if (!accepted)
			assert_int_equal(error, ENOMEM);
		assert_true(allowed < 10000);
	}
	assert_true(allowed > 30);
	world_wait(apps->world, &answer, 1);
	assert_ids(apps, "one two");
	json_decref(json);
}

/* A start that fails for want of memory has no half of the list. */
static void the_list_is_read_whole_or_not_at_all(void **state)
{
	struct apps_world *apps = *state;
	const struct app_list_params params = { .config_folder = apps->world->folder };
	size_t count = 0;
	long allowed = 1;
	world_write_file(apps->world, APPS_FILE, DOCUMENT);
	for (; count == 0; allowed++) {
		struct log log = log_begin();
		scarce_memory_begin(allowed);
		struct app_list *list = app_list_open(&params);
		const int error = errno;
		scarce_memory_end();
		free(log_end(&log));
		if (list)
			count = app_list_count(list);
		else
			assert_int_equal(error, ENOMEM);
		assert_true(count == 0 || count == 2);
		app_list_close(list);
		assert_true(allowed < 10000);
	}
	assert_true(allowed > 30);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, apps_world_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_change_is_made_whole_or_refused_without_a_fault),
		TEST(the_list_is_read_whole_or_not_at_all),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
