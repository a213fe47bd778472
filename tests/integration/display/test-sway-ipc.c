/*
 * The IPC connection against a peer that misbehaves: a socket that the test answers itself.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "display/sway/sway_ipc.h"
#include "support/sway_session.h"

#define LONG_NS 10000000000u

struct peer {
	char folder[64], path[80];
	int listener, fd;
	sd_event *event;
	struct sway_ipc *ipc;
	unsigned replies, events, closed;
	int reply_error, close_error;
	json_t *reply;
};

static void on_event(void *data, uint32_t type, const json_t *payload)
{
	struct peer *peer = data;
	assert_int_equal(type, SWAY_EVENT_OUTPUT);
	peer->events++;
}

static void on_closed(void *data, int error, const char *text)
{
	struct peer *peer = data;
	peer->closed++;
	peer->close_error = error;
	sway_ipc_destroy(peer->ipc);
	peer->ipc = NULL;
}

static void on_reply(void *data, int error, const char *text, const json_t *reply)
{
	struct peer *peer = data;
	assert_int_equal(peer->closed, 0);
	peer->replies++;
	peer->reply_error = error;
	json_decref(peer->reply);
	peer->reply = json_deep_copy(reply);
}

static const struct sway_ipc_events events = { on_event, on_closed };

static int open_peer(void **state)
{
	struct peer *peer = calloc(1, sizeof *peer);
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	strcpy(peer->folder, "/tmp/lodge-test.XXXXXX");
	if (!mkdtemp(peer->folder) || sd_event_new(&peer->event) < 0)
		return -1;
	snprintf(peer->path, sizeof peer->path, "%s/ipc", peer->folder);
	strcpy(address.sun_path, peer->path);
	peer->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(peer->listener, (const struct sockaddr *)&address, sizeof address) < 0 ||
		listen(peer->listener, 1) < 0)
		return -1;
	peer->ipc = sway_ipc_connect(peer->event, peer->path, &events, peer);
	peer->fd = accept(peer->listener, NULL, NULL);
	*state = peer;
	return peer->ipc && peer->fd >= 0 ? 0 : -1;
}

static int close_peer(void **state)
{
	struct peer *peer = *state;
	sway_ipc_destroy(peer->ipc);
	json_decref(peer->reply);
	sd_event_unref(peer->event);
	close(peer->fd);
	close(peer->listener);
	unlink(peer->path);
	rmdir(peer->folder);
	free(peer);
	return 0;
}

static void send_bytes(struct peer *peer, const void *bytes, size_t size)
{
	assert_int_equal(send(peer->fd, bytes, size, MSG_NOSIGNAL), (ssize_t)size);
}

static void send_message(struct peer *peer, uint32_t type, const char *payload)
{
	uint8_t header[SWAY_MESSAGE_HEADER_SIZE];
	sway_message_encode_header(header, type, (uint32_t)strlen(payload));
	send_bytes(peer, header, sizeof header);
	send_bytes(peer, payload, strlen(payload));
}

static void ask(struct peer *peer, enum sway_message_type type, uint64_t deadline_ns)
{
	assert_int_equal(sway_ipc_request(peer->ipc, type, NULL, deadline_ns, on_reply, peer), 0);
	assert_int_equal(peer->replies, 0);
}

static bool has_reply(void *data)
{
	return ((const struct peer *)data)->replies > 0;
}

static bool has_two_replies(void *data)
{
	return ((const struct peer *)data)->replies > 1;
}

static bool has_event(void *data)
{
	return ((const struct peer *)data)->events > 0;
}

static bool is_closed(void *data)
{
	return ((const struct peer *)data)->closed > 0;
}

static void request_is_sent_with_its_payload(void **state)
{
	struct peer *peer = *state;
	uint8_t bytes[64];
	struct sway_message message;
	assert_int_equal(sway_ipc_request(peer->ipc, SWAY_RUN_COMMAND, "create_output", LONG_NS,
				 on_reply, peer),
		0);
	const ssize_t size = recv(peer->fd, bytes, sizeof bytes, 0);
	assert_true(size > 0);
	assert_int_equal(sway_message_decode(bytes, (size_t)size, &message), size);
	assert_int_equal(message.type, SWAY_RUN_COMMAND);
	assert_int_equal(message.size, strlen("create_output"));
	assert_memory_equal(message.payload, "create_output", message.size);
}

static void answer_that_comes_in_pieces_is_put_together(void **state)
{
	struct peer *peer = *state;
	uint8_t header[SWAY_MESSAGE_HEADER_SIZE];
	ask(peer, SWAY_GET_VERSION, LONG_NS);
	sway_message_encode_header(header, SWAY_GET_VERSION, 11);
	send_bytes(peer, header, 5);
	sd_event_run(peer->event, 1000000);
	send_bytes(peer, header + 5, sizeof header - 5);
	send_bytes(peer, "{\"major", 7);
	sd_event_run(peer->event, 1000000);
	assert_int_equal(peer->replies, 0);
	send_bytes(peer, "\":1}", 4);
	assert_true(sway_session_wait(peer->event, has_reply, peer));
	assert_int_equal(peer->reply_error, 0);
	assert_int_equal(json_integer_value(json_object_get(peer->reply, "major")), 1);
}

static void large_answer_is_read_whole(void **state)
{
	struct peer *peer = *state;
	const size_t size = 3u << 20;
	char *payload = malloc(size + 1);
	memset(payload, ' ', size);
	payload[0] = '[';
	payload[size - 1] = ']';
	payload[size] = '\0';
	ask(peer, SWAY_GET_TREE, LONG_NS);
	uint8_t header[SWAY_MESSAGE_HEADER_SIZE];
	sway_message_encode_header(header, SWAY_GET_TREE, (uint32_t)size);
	send_bytes(peer, header, sizeof header);
	for (size_t sent = 0; sent < size;) {
		const ssize_t piece =
			send(peer->fd, payload + sent, size - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (piece > 0)
			sent += (size_t)piece;
		sd_event_run(peer->event, 0);
	}
	free(payload);
	assert_true(sway_session_wait(peer->event, has_reply, peer));
	assert_int_equal(peer->reply_error, 0);
	assert_true(json_is_array(peer->reply));
}

static void event_between_answers_is_told_apart(void **state)
{
	struct peer *peer = *state;
	ask(peer, SWAY_GET_OUTPUTS, LONG_NS);
	ask(peer, SWAY_GET_TREE, LONG_NS);
	send_message(peer, SWAY_GET_OUTPUTS, "[]");
	send_message(peer, SWAY_EVENT_OUTPUT, "{\"change\":\"unspecified\"}");
	send_message(peer, SWAY_GET_TREE, "{}");
	assert_true(sway_session_wait(peer->event, has_two_replies, peer));
	assert_true(sway_session_wait(peer->event, has_event, peer));
	assert_int_equal(peer->closed, 0);
	assert_true(json_is_object(peer->reply));
}

static void answer_that_is_no_json_fails_the_request_only(void **state)
{
	struct peer *peer = *state;
	ask(peer, SWAY_GET_OUTPUTS, LONG_NS);
	send_message(peer, SWAY_GET_OUTPUTS, "[{");
	assert_true(sway_session_wait(peer->event, has_reply, peer));
	assert_int_equal(peer->reply_error, -EPROTO);
	assert_int_equal(peer->closed, 0);
}

static void bytes_that_are_no_message_close_the_connection(void **state)
{
	struct peer *peer = *state;
	ask(peer, SWAY_GET_OUTPUTS, LONG_NS);
	send_bytes(peer, "HTTP/1.1", 8);
	assert_true(sway_session_wait(peer->event, is_closed, peer));
	assert_int_equal(peer->replies, 1);
	assert_int_equal(peer->reply_error, -EPROTO);
	assert_int_equal(peer->close_error, -EPROTO);
}

static void message_above_the_bound_closes_the_connection(void **state)
{
	struct peer *peer = *state;
	uint8_t header[SWAY_MESSAGE_HEADER_SIZE];
	ask(peer, SWAY_GET_OUTPUTS, LONG_NS);
	sway_message_encode_header(header, SWAY_GET_OUTPUTS, SWAY_MESSAGE_PAYLOAD_MAX + 1);
	send_bytes(peer, header, sizeof header);
	assert_true(sway_session_wait(peer->event, is_closed, peer));
	assert_int_equal(peer->close_error, -EMSGSIZE);
}

static void answer_to_another_question_closes_the_connection(void **state)
{
	struct peer *peer = *state;
	ask(peer, SWAY_GET_OUTPUTS, LONG_NS);
	send_message(peer, SWAY_GET_TREE, "{}");
	assert_true(sway_session_wait(peer->event, is_closed, peer));
	assert_int_equal(peer->reply_error, -EPROTO);
}

static void answer_nobody_asked_for_closes_the_connection(void **state)
{
	struct peer *peer = *state;
	send_message(peer, SWAY_GET_TREE, "{}");
	assert_true(sway_session_wait(peer->event, is_closed, peer));
	assert_int_equal(peer->replies, 0);
}

static void silence_ends_every_request_at_the_deadline(void **state)
{
	struct peer *peer = *state;
	ask(peer, SWAY_GET_OUTPUTS, LONG_NS);
	ask(peer, SWAY_GET_TREE, 1000000);
	assert_true(sway_session_wait(peer->event, is_closed, peer));
	assert_int_equal(peer->replies, 2);
	assert_int_equal(peer->reply_error, -ETIMEDOUT);
}

static void peer_that_hangs_up_ends_every_request(void **state)
{
	struct peer *peer = *state;
	ask(peer, SWAY_GET_OUTPUTS, LONG_NS);
	shutdown(peer->fd, SHUT_WR);
	assert_true(sway_session_wait(peer->event, is_closed, peer));
	assert_int_equal(peer->replies, 1);
	assert_int_equal(peer->reply_error, -ECONNRESET);
}

#define WITH_PEER(test) cmocka_unit_test_setup_teardown(test, open_peer, close_peer)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_PEER(request_is_sent_with_its_payload),
		WITH_PEER(answer_that_comes_in_pieces_is_put_together),
		WITH_PEER(large_answer_is_read_whole),
		WITH_PEER(event_between_answers_is_told_apart),
		WITH_PEER(answer_that_is_no_json_fails_the_request_only),
		WITH_PEER(bytes_that_are_no_message_close_the_connection),
		WITH_PEER(message_above_the_bound_closes_the_connection),
		WITH_PEER(answer_to_another_question_closes_the_connection),
		WITH_PEER(answer_nobody_asked_for_closes_the_connection),
		WITH_PEER(silence_ends_every_request_at_the_deadline),
		WITH_PEER(peer_that_hangs_up_ends_every_request),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
