/*
 * What a client may send over TLS: requests, the upgrade, WebSocket frames, in pieces of any size.
 *   byte 0: size of the pieces, 0 = all at once; byte 1: 1 = begin as an upgraded connection; then the bytes.
 */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/wire.h"
#include "fuzz.h"
#include "support/api_stub.h"
#include "support/session_stub.h"
#include "web/connection.h"
#include "web/pages.h"

#define UPGRADE                                                                                    \
	"GET /session HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: "           \
	"Upgrade\r\n"                                                                              \
	"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"             \
	"Sec-WebSocket-Protocol: lodge.v1\r\n\r\n"
#define NS_PER_PIECE 100000
#define OUTPUT_MAX (64 * 1024 * 1024)

static const struct page_store *pages(void)
{
	static struct page_store *store;
	if (store)
		return store;
	char folder[] = "/tmp/lodge-fuzz-web-XXXXXX", path[64];
	FUZZ_ASSERT(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/index.html", folder);
	FILE *file = fopen(path, "w");
	FUZZ_ASSERT(file && fputs("page", file) >= 0 && fclose(file) == 0);
	store = page_store_load(folder);
	FUZZ_ASSERT(store);
	FUZZ_ASSERT(unlink(path) == 0 && rmdir(folder) == 0);
	return store;
}

/* Whatever is sent in answer to HTTP is HTTP: the first bytes behind an empty queue begin a head. */
static void check_answer(const struct web_connection *connection, const uint8_t *bytes, size_t size)
{
	if (connection->phase == WEB_REQUESTS)
		FUZZ_ASSERT(size > 13 && memcmp(bytes, "HTTP/1.1 ", 9) == 0);
}

static void send_all(struct web_connection *connection, uint64_t now_ns)
{
	static uint8_t record[16384];
	size_t size, total = 0;
	for (const uint8_t *bytes;
		(bytes = send_queue_peek(&connection->queue, record, sizeof record, &size));) {
		if (total == 0)
			check_answer(connection, bytes, size);
		FUZZ_ASSERT(size > 0 && size <= sizeof record && size <= connection->queue.bytes);
		total += size;
		FUZZ_ASSERT(total <= OUTPUT_MAX);
		send_queue_advance(&connection->queue, size);
	}
	FUZZ_ASSERT(connection->queue.bytes == 0);
	web_connection_sent(connection, now_ns);
}

static void check_session(const struct session_host *sessions)
{
	FUZZ_ASSERT(sessions->attached <= 1);
	if (sessions->newest)
		FUZZ_ASSERT(sessions->newest->last_size <= WIRE_CLIENT_MESSAGE_MAX);
}

static void feed(
	struct web_connection *connection, const uint8_t *bytes, size_t size, uint64_t now_ns)
{
	for (size_t at = 0; at < size && connection->phase != WEB_ABORTED;) {
		if (web_connection_awaits_answer(connection)) {
			FUZZ_ASSERT(web_connection_feed(
					    connection, bytes + at, size - at, now_ns) == 0);
			api_stub_answer(connection->site->api, 200, "late");
			send_all(connection, now_ns);
			continue;
		}
		const size_t taken = web_connection_feed(connection, bytes + at, size - at, now_ns);
		FUZZ_ASSERT(taken <= size - at);
		FUZZ_ASSERT(taken > 0 || web_connection_has_output(connection) ||
			web_connection_awaits_answer(connection));
		at += taken;
		send_all(connection, now_ns);
	}
}

static void on_changed(void *data)
{
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct session_host sessions = { 0 };
	struct api api = { 0 };
	const struct web_site site = { .pages = pages(), .sessions = &sessions, .api = &api };
	uint64_t now_ns = 1000000000;
	if (size < 2)
		return 0;
	struct web_connection *connection = web_connection_create(&(struct web_connection_params){
		.site = &site, .peer = "fuzz", .now_ns = now_ns, .changed = on_changed });
	FUZZ_ASSERT(connection);
	if (bytes[1] & 1)
		feed(connection, (const uint8_t *)UPGRADE, sizeof UPGRADE - 1, now_ns);

	const size_t piece = bytes[0] ? bytes[0] : size;
	for (size_t at = 2; at < size; at += piece) {
		feed(connection, bytes + at, size - at < piece ? size - at : piece, now_ns);
		check_session(&sessions);
		web_connection_settle(connection);
		now_ns += NS_PER_PIECE;
	}
	/* Left alone, every connection comes to its end. */
	for (int ticks = 0; connection->phase != WEB_ABORTED; ticks++) {
		FUZZ_ASSERT(ticks < 10);
		now_ns = web_connection_deadline_ns(connection);
		web_connection_tick(connection, now_ns);
		send_all(connection, now_ns);
	}
	web_connection_destroy(connection);
	FUZZ_ASSERT(sessions.attached == sessions.detached);
	FUZZ_ASSERT(!api.newest);
	return 0;
}
