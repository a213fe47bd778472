#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lodge_address.h"

static void assert_address(
	const char *url, const char *host, const char *port, const char *authority)
{
	struct lodge_address address;
	assert_true(lodge_address_parse(url, &address));
	assert_string_equal(address.host, host);
	assert_string_equal(address.port, port);
	assert_string_equal(address.authority, authority);
}

static void addresses_are_taken_apart(void **state)
{
	assert_address("https://127.0.0.1:7443", "127.0.0.1", "7443", "127.0.0.1:7443");
	assert_address("https://127.0.0.1:7443/", "127.0.0.1", "7443", "127.0.0.1:7443");
	assert_address("https://[::1]:7443/", "::1", "7443", "[::1]:7443");
	assert_address("den.example", "den.example", "443", "den.example");
}

static void the_standard_port_is_left_out_of_the_authority(void **state)
{
	assert_address("https://den.example:443", "den.example", "443", "den.example");
	assert_address("https://[::1]", "::1", "443", "[::1]");
}

static void other_texts_are_refused(void **state)
{
	static const char *const wrong[] = { "", "https://", "http://a:1", "https://a:0",
		"https://a:65536", "https://a:1x", "https://a:", "https://[::1", "https://[::1]x",
		"https://a/b", "https://a b", "https://me@a", "https://a?b", "https://:1" };
	struct lodge_address address;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		if (lodge_address_parse(wrong[i], &address))
			fail_msg("'%s' was taken", wrong[i]);
	}
}

static void a_host_name_too_long_is_refused(void **state)
{
	char url[600] = "https://";
	struct lodge_address address;
	memset(url + 8, 'a', 500);
	assert_false(lodge_address_parse(url, &address));
}

static void numeric_addresses_need_no_resolver(void **state)
{
	struct lodge_address address;
	struct addrinfo *list;
	assert_true(lodge_address_parse("https://127.0.0.1:7443", &address));
	assert_int_equal(lodge_address_resolve(&address, 0, &list), 0);
	assert_non_null(list);
	freeaddrinfo(list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_taken_apart),
		cmocka_unit_test(the_standard_port_is_left_out_of_the_authority),
		cmocka_unit_test(other_texts_are_refused),
		cmocka_unit_test(a_host_name_too_long_is_refused),
		cmocka_unit_test(numeric_addresses_need_no_resolver),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
