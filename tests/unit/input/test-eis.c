/* What a desktop whose input goes through libei says when it cannot be opened. (tools/check-gamescope tests the rest.) */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants those four before it. */
#include <cmocka.h>

#include <dlfcn.h>
#include <errno.h>

#include "input/eis_library.h"
#include "input/injector.h"

static const struct input_desktop_events no_events;

static void desktop_without_a_server_is_refused_with_its_reason(void **state)
{
	sd_event *event = NULL;
	void *library = dlopen(EIS_LIBRARY, RTLD_NOW | RTLD_LOCAL);
	assert_int_equal(0, sd_event_new(&event) < 0);
	errno = 0;
	assert_null(
		input_desktop_create_eis(event, "/nonexistent/gamescope-0-ei", &no_events, NULL));
	assert_int_equal(library ? ENOENT : ENOTSUP, errno);
	if (library)
		dlclose(library);
	sd_event_unref(event);
}

static void library_is_loaded_whole_or_not_at_all(void **state)
{
	struct eis_library library = { 0 };
	const int error = eis_library_load(&library);
	if (error) {
		assert_int_equal(-ENOTSUP, error);
		assert_null(library.handle);
	} else {
#define CHECK(result, name, arguments) assert_true(library.name != NULL);
		EIS_FUNCTIONS(CHECK)
#undef CHECK
	}
	eis_library_unload(&library);
	eis_library_unload(&library);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(desktop_without_a_server_is_refused_with_its_reason),
		cmocka_unit_test(library_is_loaded_whole_or_not_at_all),
	};
	return cmocka_run_group_tests_name("eis", tests, NULL, NULL);
}
