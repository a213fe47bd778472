#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lodge_upgrade.h"

/* The example of RFC 6455 §1.3. */
static const uint8_t nonce[] = "the sample nonce";
#define ACCEPT "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
#define ANSWER(accept, protocol)                                                                   \
	"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"        \
	"Sec-WebSocket-Accept: " accept "\r\nSec-WebSocket-Protocol: " protocol "\r\n\r\n"

static void begin(struct lodge_upgrade *upgrade, char request[LODGE_UPGRADE_REQUEST_MAX])
{
	assert_true(lodge_upgrade_begin(upgrade, "den:7443", nonce, request) > 0);
}

static enum lodge_upgrade_state receive(
	struct lodge_upgrade *upgrade, const char *text, size_t size, size_t *used)
{
	return lodge_upgrade_receive(upgrade, (const uint8_t *)text, size, used);
}

static void assert_refused(const char *answer, const char *reason)
{
	struct lodge_upgrade upgrade;
	char request[LODGE_UPGRADE_REQUEST_MAX];
	size_t used;
	begin(&upgrade, request);
	assert_int_equal(receive(&upgrade, answer, strlen(answer), &used), LODGE_UPGRADE_FAILED);
	assert_non_null(strstr(upgrade.fault, reason));
}

static void the_request_names_host_key_and_protocol(void **state)
{
	struct lodge_upgrade upgrade;
	char request[LODGE_UPGRADE_REQUEST_MAX];
	begin(&upgrade, request);
	assert_non_null(strstr(request, "GET /session HTTP/1.1\r\n"));
	assert_non_null(strstr(request, "\r\nHost: den:7443\r\n"));
	assert_non_null(strstr(request, "\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"));
	assert_non_null(strstr(request, "\r\nSec-WebSocket-Protocol: lodge.v1\r\n"));
	assert_string_equal(request + strlen(request) - 4, "\r\n\r\n");
}

static void the_answer_may_come_byte_by_byte_and_leaves_what_follows(void **state)
{
	static const char answer[] = ANSWER(ACCEPT, "lodge.v1");
	struct lodge_upgrade upgrade;
	char request[LODGE_UPGRADE_REQUEST_MAX];
	size_t used;
	begin(&upgrade, request);
	for (size_t i = 0; i + 2 < sizeof answer; i++)
		assert_int_equal(receive(&upgrade, answer + i, 1, &used), LODGE_UPGRADE_MORE);
	assert_int_equal(receive(&upgrade, "\n\x82\x01", 3, &used), LODGE_UPGRADE_DONE);
	assert_int_equal(used, 1);
}

static void wrong_answers_are_refused(void **state)
{
	assert_refused(ANSWER("AAAA", "lodge.v1"), "Sec-WebSocket-Accept");
	assert_refused(ANSWER(ACCEPT, "other.v1"), "lodge.v1");
	assert_refused("HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n\r\n", "404");
	assert_refused("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "200");
	assert_refused("SSH-2.0-OpenSSH_9.2\r\n", "no HTTP");
}

static void an_endless_answer_is_refused(void **state)
{
	struct lodge_upgrade upgrade;
	char request[LODGE_UPGRADE_REQUEST_MAX];
	size_t used;
	static const char line[] = "X-Filler: 0123456789012345678901234567890123456789\r\n";
	begin(&upgrade, request);
	receive(&upgrade, "HTTP/1.1 101 Go\r\n", 17, &used);
	enum lodge_upgrade_state result = LODGE_UPGRADE_MORE;
	for (int i = 0; i < 1000 && result == LODGE_UPGRADE_MORE; i++)
		result = receive(&upgrade, line, sizeof line - 1, &used);
	assert_int_equal(result, LODGE_UPGRADE_FAILED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_request_names_host_key_and_protocol),
		cmocka_unit_test(the_answer_may_come_byte_by_byte_and_leaves_what_follows),
		cmocka_unit_test(wrong_answers_are_refused),
		cmocka_unit_test(an_endless_answer_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
