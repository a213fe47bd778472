#include "support/web_client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ftw.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "process/clock.h"

#define DEADLINE_NS 20000000000ull
#define TURN_US 10000

void web_fixture_turn(struct web_fixture *fixture)
{
	if (fixture->event)
		assert_true(sd_event_run(fixture->event, TURN_US) >= 0);
}

static void turn_before(struct web_fixture *fixture, uint64_t start_ns, const char *what)
{
	if (clock_ns(CLOCK_MONOTONIC) - start_ns > DEADLINE_NS)
		fail_msg("%s did not come within 20 s", what);
	web_fixture_turn(fixture);
}

void web_fixture_wait(
	struct web_fixture *fixture, const char *what, bool (*check)(void *data), void *data)
{
	const uint64_t start = clock_ns(CLOCK_MONOTONIC);
	while (!check(data))
		turn_before(fixture, start, what);
}

void test_write_file(const char *folder, const char *name, const void *bytes, size_t size)
{
	char path[256];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	FILE *file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

void web_fixture_make_folders(struct web_fixture *fixture)
{
	snprintf(fixture->folder, sizeof fixture->folder, "/tmp/lodge-web-XXXXXX");
	assert_non_null(mkdtemp(fixture->folder));
	snprintf(fixture->state, sizeof fixture->state, "%s/state", fixture->folder);
	snprintf(fixture->pages, sizeof fixture->pages, "%s/pages", fixture->folder);
	snprintf(fixture->console, sizeof fixture->console, "%s/console", fixture->folder);
	assert_int_equal(mkdir(fixture->state, 0700), 0);
	assert_int_equal(mkdir(fixture->console, 0700), 0);
	test_write_file(fixture->console, "index.html", TEST_CONSOLE, sizeof TEST_CONSOLE - 1);
	assert_int_equal(mkdir(fixture->pages, 0700), 0);
	test_write_file(fixture->pages, "index.html", TEST_PAGE, sizeof TEST_PAGE - 1);
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *where)
{
	return remove(path);
}

void web_fixture_remove_folders(struct web_fixture *fixture)
{
	nftw(fixture->folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

void web_fixture_start(struct web_fixture *fixture)
{
	memset(fixture, 0, sizeof *fixture);
	web_fixture_make_folders(fixture);
	assert_true(sd_event_new(&fixture->event) >= 0);
	fixture->server = web_server_create(&(struct web_server_params){
		.event = fixture->event,
		.sessions = &fixture->sessions,
		.state_folder = fixture->state,
		.page_folder = fixture->pages,
		.console_folder = fixture->console,
		.api = &fixture->api,
	});
	assert_non_null(fixture->server);
	fixture->port = web_server_listen(fixture->server, "127.0.0.1:0");
	assert_true(fixture->port > 0);
}

void web_fixture_stop(struct web_fixture *fixture)
{
	web_server_destroy(fixture->server);
	assert_int_equal(fixture->sessions.attached, fixture->sessions.detached);
	assert_null(fixture->api.newest);
	sd_event_unref(fixture->event);
	web_fixture_remove_folders(fixture);
}

void web_client_connect_plain(struct web_client *client, struct web_fixture *fixture)
{
	const struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)fixture->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const int one = 1;
	*client = (struct web_client){ .fixture = fixture };
	client->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	assert_true(client->fd >= 0);
	setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	const int result = connect(client->fd, (const struct sockaddr *)&address, sizeof address);
	assert_true(result == 0 || errno == EINPROGRESS);
}

void web_client_open_plain(struct web_client *client, struct web_fixture *fixture)
{
	web_client_connect_plain(client, fixture);
	web_fixture_turn(fixture);
}

int web_client_shake_hands(struct web_client *client, struct web_fixture *fixture,
	const char *priorities, const char *protocol)
{
	if (!protocol)
		protocol = "http/1.1";
	const gnutls_datum_t alpn = { (unsigned char *)protocol, (unsigned)strlen(protocol) };
	web_client_open_plain(client, fixture);
	gnutls_certificate_allocate_credentials(&client->credentials);
	gnutls_init(&client->tls, GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL);
	if (priorities)
		gnutls_priority_set_direct(client->tls, priorities, NULL);
	else
		gnutls_set_default_priority(client->tls);
	gnutls_credentials_set(client->tls, GNUTLS_CRD_CERTIFICATE, client->credentials);
	gnutls_alpn_set_protocols(client->tls, &alpn, 1, 0);
	gnutls_transport_set_int(client->tls, client->fd);
	const uint64_t start = clock_ns(CLOCK_MONOTONIC);
	int result;
	while ((result = gnutls_handshake(client->tls)) < 0 && !gnutls_error_is_fatal(result))
		turn_before(fixture, start, "the handshake");
	return result;
}

void web_client_open(struct web_client *client, struct web_fixture *fixture)
{
	assert_int_equal(web_client_shake_hands(client, fixture, NULL, NULL), 0);
}

void web_client_close(struct web_client *client)
{
	if (client->tls)
		gnutls_deinit(client->tls);
	if (client->credentials)
		gnutls_certificate_free_credentials(client->credentials);
	close(client->fd);
}

static ssize_t send_some(struct web_client *client, const uint8_t *bytes, size_t size)
{
	if (client->tls) {
		const ssize_t sent = gnutls_record_send(client->tls, bytes, size);
		return sent == GNUTLS_E_AGAIN || sent == GNUTLS_E_INTERRUPTED ? 0 : sent;
	}
	const ssize_t sent = send(client->fd, bytes, size, MSG_NOSIGNAL);
	return sent < 0 && errno == EAGAIN ? 0 : sent;
}

void web_client_send(struct web_client *client, const void *bytes, size_t size)
{
	const uint64_t start = clock_ns(CLOCK_MONOTONIC);
	for (size_t at = 0; at < size;) {
		const ssize_t sent = send_some(client, (const uint8_t *)bytes + at, size - at);
		if (sent < 0)
			return; /* refused already: what the server says about it is what the test reads */
		at += (size_t)sent;
		if (sent == 0)
			turn_before(client->fixture, start, "room to send");
	}
}

void web_client_send_text(struct web_client *client, const char *text)
{
	web_client_send(client, text, strlen(text));
}

/* 0: nothing yet; negative: ended. */
static ssize_t read_some(struct web_client *client, uint8_t *bytes, size_t size)
{
	if (client->tls) {
		const ssize_t got = gnutls_record_recv(client->tls, bytes, size);
		if (got > 0)
			return got;
		return got < 0 && !gnutls_error_is_fatal((int)got) ? 0 : -1;
	}
	const ssize_t got = recv(client->fd, bytes, size, 0);
	if (got > 0)
		return got;
	return got < 0 && errno == EAGAIN ? 0 : -1;
}

bool web_client_read(struct web_client *client, void *bytes, size_t size)
{
	const uint64_t start = clock_ns(CLOCK_MONOTONIC);
	for (size_t at = 0; at < size;) {
		const ssize_t got = read_some(client, (uint8_t *)bytes + at, size - at);
		if (got < 0) {
			client->ended = true;
			return false;
		}
		at += (size_t)got;
		if (got == 0)
			turn_before(client->fixture, start, "what the client reads");
	}
	return true;
}

void web_client_expect_end(struct web_client *client)
{
	uint8_t byte;
	for (size_t left = 1 << 26; left && !client->ended; left--)
		web_client_read(client, &byte, 1);
	assert_true(client->ended);
}

const char *web_answer_header(const struct web_answer *answer, const char *name, char value[512])
{
	const size_t size = strlen(name);
	value[0] = '\0';
	for (const char *line = strstr(answer->head, "\r\n"); line && line[2];
		line = strstr(line + 2, "\r\n")) {
		if (strncasecmp(line + 2, name, size) == 0 && line[2 + size] == ':') {
			const char *start = line + 3 + size + strspn(line + 3 + size, " ");
			snprintf(value, 512, "%.*s", (int)strcspn(start, "\r"), start);
			break;
		}
	}
	return value;
}

void web_client_read_answer(struct web_client *client, struct web_answer *answer, bool head)
{
	size_t size = 0;
	char value[512];
	memset(answer, 0, sizeof *answer);
	while (size < 4 || memcmp(answer->head + size - 4, "\r\n\r\n", 4) != 0) {
		assert_true(size < sizeof answer->head - 1);
		if (!web_client_read(client, answer->head + size, 1))
			fail_msg("the connection ended inside of an answer: '%s'", answer->head);
		size++;
	}
	assert_int_equal(sscanf(answer->head, "HTTP/1.1 %d ", &answer->status), 1);
	answer->body_size = strtoul(web_answer_header(answer, "Content-Length", value), NULL, 10);
	assert_true(answer->body_size < sizeof answer->body);
	if (!head)
		assert_true(web_client_read(client, answer->body, answer->body_size));
}

void web_client_ask(struct web_client *client, const char *request, struct web_answer *answer)
{
	web_client_send_text(client, request);
	web_client_read_answer(client, answer, strncmp(request, "HEAD ", 5) == 0);
}

void web_client_upgrade(struct web_client *client)
{
	static struct web_answer answer;
	web_client_ask(client, TEST_UPGRADE TEST_UPGRADE_PROTOCOL "\r\n", &answer);
	assert_int_equal(answer.status, 101);
	web_client_expect_message(client, STUB_GREETING, sizeof STUB_GREETING - 1);
}

static size_t frame_head(uint8_t head[14], uint8_t first, size_t size)
{
	static const uint8_t mask[4] = { 0x11, 0x22, 0x33, 0x44 };
	size_t at = 2;
	head[0] = first;
	head[1] = FRAME_MASK;
	if (size < 126) {
		head[1] |= (uint8_t)size;
	} else {
		const size_t width = size < 65536 ? 2 : 8;
		head[1] |= width == 2 ? 126 : 127;
		for (size_t i = 0; i < width; i++)
			head[at++] = (uint8_t)((uint64_t)size >> (8 * (width - 1 - i)));
	}
	memcpy(head + at, mask, 4);
	return at + 4;
}

void web_client_send_frame(
	struct web_client *client, uint8_t first, const void *payload, size_t size)
{
	uint8_t *bytes = malloc(size + 14);
	assert_non_null(bytes);
	const size_t head = frame_head(bytes, first, size);
	for (size_t i = 0; i < size; i++)
		bytes[head + i] = ((const uint8_t *)payload)[i] ^ bytes[head - 4 + i % 4];
	web_client_send(client, bytes, head + size);
	free(bytes);
}

bool web_client_read_frame(struct web_client *client, struct web_frame *frame)
{
	uint8_t head[8];
	if (!web_client_read(client, head, 2))
		return false;
	frame->first = head[0];
	frame->size = head[1];
	assert_true(head[1] <= 127); /* a host never masks */
	if (frame->size >= 126) {
		const size_t width = frame->size == 126 ? 2 : 8;
		if (!web_client_read(client, head, width))
			return false;
		frame->size = 0;
		for (size_t i = 0; i < width; i++)
			frame->size = frame->size << 8 | head[i];
	}
	frame->payload = malloc(frame->size + 1);
	assert_non_null(frame->payload);
	if (web_client_read(client, frame->payload, frame->size))
		return true;
	free(frame->payload);
	return false;
}

void web_client_expect_message(struct web_client *client, const void *payload, size_t size)
{
	struct web_frame frame;
	assert_true(web_client_read_frame(client, &frame));
	assert_int_equal(frame.first, FRAME_FIN | 0x2);
	assert_int_equal(frame.size, size);
	assert_memory_equal(frame.payload, payload, size);
	free(frame.payload);
}

void web_client_expect_close(struct web_client *client, unsigned code)
{
	for (struct web_frame frame;;) {
		if (!web_client_read_frame(client, &frame))
			fail_msg("the connection ended without a close frame");
		const bool is_close = frame.first == (FRAME_FIN | 0x8);
		unsigned got = 1005;
		if (is_close && frame.size >= 2)
			got = (unsigned)(frame.payload[0] << 8 | frame.payload[1]);
		free(frame.payload);
		if (!is_close)
			continue;
		assert_int_equal(got, code);
		break;
	}
	/* We answer as a client should; the host is the one that hangs up. */
	const uint8_t body[2] = { (uint8_t)(code >> 8), (uint8_t)code };
	web_client_send_frame(client, FRAME_FIN | 0x8, body, code == 1005 ? 0 : 2);
	web_client_expect_end(client);
}
