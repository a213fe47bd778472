/* Sessions over a real socket and TLS: messages, what is refused, and packets by reference. */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "core/wire.h"
#include "media/packet_pool.h"
#include "support/web_client.h"

#define BINARY (FRAME_FIN | 0x2)
#define MEBIBYTE (1024 * 1024)

static int start(void **state)
{
	static struct web_fixture fixture;
	web_fixture_start(&fixture);
	*state = &fixture;
	return 0;
}

static int stop(void **state)
{
	web_fixture_stop(*state);
	return 0;
}

static void session_knows_peer_and_authority(void **state)
{
	struct web_fixture *fixture = *state;
	struct web_client client;
	web_client_open(&client, fixture);
	web_client_upgrade(&client);
	assert_string_equal(fixture->sessions.newest->peer, "127.0.0.1");
	assert_string_equal(fixture->sessions.newest->authority, "localhost");
	assert_string_equal(fixture->sessions.newest->impl->name, "web");
	web_client_close(&client);
}

static void messages_come_whole_and_go_whole(void **state)
{
	static uint8_t message[WIRE_CLIENT_MESSAGE_MAX];
	static const size_t sizes[] = { 0, 1, 125, 126, 127, 4095, sizeof message };
	struct web_client client;
	web_client_open(&client, *state);
	web_client_upgrade(&client);
	for (size_t i = 0; i < sizeof message; i++)
		message[i] = (uint8_t)i;
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		web_client_send_frame(&client, BINARY, message, sizes[i]);
		web_client_expect_message(&client, message, sizes[i]);
	}
	web_client_close(&client);
}

static void fragments_are_joined_around_control_frames(void **state)
{
	struct web_client client;
	struct web_frame frame;
	web_client_open(&client, *state);
	web_client_upgrade(&client);
	web_client_send_frame(&client, 0x02, "ab", 2);
	web_client_send_frame(&client, FRAME_FIN | 0x9, "ping", 4);
	web_client_send_frame(&client, 0x00, "", 0);
	web_client_send_frame(&client, 0x00, "cd", 2);
	web_client_send_frame(&client, FRAME_FIN | 0x0, "ef", 2);
	assert_true(web_client_read_frame(&client, &frame));
	assert_int_equal(frame.first, FRAME_FIN | 0xa);
	assert_int_equal(frame.size, 4);
	assert_memory_equal(frame.payload, "ping", 4);
	free(frame.payload);
	web_client_expect_message(&client, "abcdef", 6);
	web_client_close(&client);
}

static void message_after_the_head_is_not_lost(void **state)
{
	static struct web_answer answer;
	static const uint8_t frame[] = { BINARY, FRAME_MASK | 2, 0, 0, 0, 0, 'h', 'i' };
	char bytes[1024];
	const size_t head = (size_t)snprintf(
		bytes, sizeof bytes, "%s", TEST_UPGRADE TEST_UPGRADE_PROTOCOL "\r\n");
	struct web_client client;
	memcpy(bytes + head, frame, sizeof frame);
	web_client_open(&client, *state);
	web_client_send(&client, bytes, head + sizeof frame);
	web_client_read_answer(&client, &answer, false);
	assert_int_equal(answer.status, 101);
	web_client_expect_message(&client, STUB_GREETING, sizeof STUB_GREETING - 1);
	web_client_expect_message(&client, "hi", 2);
	web_client_close(&client);
}

/* What a broken rule is answered with, on a connection of its own. */
static void expect_refusal(
	struct web_fixture *fixture, const void *bytes, size_t size, unsigned code)
{
	struct web_client client;
	web_client_open(&client, fixture);
	web_client_upgrade(&client);
	web_client_send(&client, bytes, size);
	web_client_expect_close(&client, code);
	web_client_close(&client);
	assert_int_equal(fixture->sessions.attached, fixture->sessions.detached);
}

static void broken_frames_are_protocol_errors(void **state)
{
	static const struct {
		uint8_t bytes[16];
		size_t size;
	} broken[] = {
		{ { BINARY, 1, 'x' }, 3 }, /* not masked */
		{ { BINARY, 0 }, 2 }, /* not masked, empty */
		{ { 0x83, FRAME_MASK | 1, 0, 0, 0, 0, 'x' }, 7 }, /* reserved opcode */
		{ { 0x8b, FRAME_MASK, 0, 0, 0, 0 }, 6 }, /* reserved control opcode */
		{ { 0xc2, FRAME_MASK | 1, 0, 0, 0, 0, 'x' }, 7 }, /* reserved bit */
		{ { 0x80, FRAME_MASK | 1, 0, 0, 0, 0, 'x' }, 7 }, /* continues nothing */
		{ { 0x09, FRAME_MASK | 1, 0, 0, 0, 0, 'x' }, 7 }, /* a ping in fragments */
		{ { 0x89, FRAME_MASK | 126, 0, 126, 0, 0, 0, 0 }, 8 }, /* a long ping */
		{ { BINARY, FRAME_MASK | 126, 0, 1, 0, 0, 0, 0, 'x' },
			9 }, /* a length that is too wide */
		{ { 0x88, FRAME_MASK | 1, 0, 0, 0, 0, 3 }, 7 }, /* half a close code */
		{ { 0x88, FRAME_MASK | 2, 0, 0, 0, 0, 3, 237 }, 8 }, /* 1005: never sent */
		{ { 0x88, FRAME_MASK | 2, 0, 0, 0, 0, 0, 1 }, 8 }, /* 1: no close code */
	};
	for (size_t i = 0; i < sizeof broken / sizeof *broken; i++)
		expect_refusal(*state, broken[i].bytes, broken[i].size, 1002);
}

static void message_inside_a_message_is_a_protocol_error(void **state)
{
	static const uint8_t bytes[] = { 0x02, FRAME_MASK | 1, 0, 0, 0, 0, 'a', 0x02,
		FRAME_MASK | 1, 0, 0, 0, 0, 'b' };
	expect_refusal(*state, bytes, sizeof bytes, 1002);
}

static void text_messages_are_refused(void **state)
{
	static const uint8_t bytes[] = { 0x81, FRAME_MASK | 1, 0, 0, 0, 0, 'a' };
	expect_refusal(*state, bytes, sizeof bytes, 1003);
}

static void close_reason_that_is_no_utf8_is_refused(void **state)
{
	static const uint8_t bytes[] = { 0x88, FRAME_MASK | 4, 0, 0, 0, 0, 0x03, 0xe8, 0xc3, 0x28 };
	expect_refusal(*state, bytes, sizeof bytes, 1007);
}

static void oversize_messages_are_refused(void **state)
{
	static uint8_t message[WIRE_CLIENT_MESSAGE_MAX + 1];
	struct web_fixture *fixture = *state;
	struct web_client client;
	web_client_open(&client, fixture);
	web_client_upgrade(&client);
	web_client_send_frame(&client, BINARY, message, sizeof message);
	web_client_expect_close(&client, 1009);
	web_client_close(&client);

	web_client_open(&client, fixture); /* the sum of fragments counts */
	web_client_upgrade(&client);
	web_client_send_frame(&client, 0x02, message, 4000);
	web_client_send_frame(&client, FRAME_FIN | 0x0, message, sizeof message - 4000);
	web_client_expect_close(&client, 1009);
	web_client_close(&client);

	static const uint8_t huge[] = { BINARY, FRAME_MASK | 127, 0x7f, 0xff, 0xff, 0xff, 0xff,
		0xff, 0xff, 0xff, 0, 0, 0, 0, 'x' };
	expect_refusal(fixture, huge, sizeof huge, 1009);
}

static void floods_are_refused(void **state)
{
	struct web_fixture *fixture = *state;
	struct web_client client;
	fixture->sessions.quiet = true;
	web_client_open(&client, fixture);
	web_client_upgrade(&client);
	for (int i = 0; i < 200;
		i++) { /* 200 × 250 messages: far beyond the burst whatever the machine's pace */
		static uint8_t bytes[250 * 7];
		for (size_t at = 0; at < sizeof bytes; at += 7)
			memcpy(bytes + at, (uint8_t[]){ BINARY, FRAME_MASK | 1, 0, 0, 0, 0, 'x' },
				7);
		web_client_send(&client, bytes, sizeof bytes);
	}
	web_client_expect_close(&client, 1008);
	web_client_close(&client);
}

static void session_that_closes_has_its_last_word(void **state)
{
	struct web_fixture *fixture = *state;
	struct web_client client;
	web_client_open(&client, fixture);
	web_client_upgrade(&client);
	web_client_send_frame(&client, BINARY, "last", 4);
	web_client_send_frame(&client, BINARY, "C", 1);
	web_client_send_frame(&client, BINARY, "unheard", 7);
	web_client_expect_message(&client, "last", 4);
	web_client_expect_close(&client, 1000);
	web_client_close(&client);
	assert_int_equal(fixture->sessions.detached, 1);
}

static void client_that_closes_is_answered(void **state)
{
	static const uint8_t with_code[] = { 0x88, FRAME_MASK | 4, 0, 0, 0, 0, 0x03, 0xe9, 'o',
		'k' };
	static const uint8_t without[] = { 0x88, FRAME_MASK, 0, 0, 0, 0 };
	expect_refusal(*state, with_code, sizeof with_code, 1001);
	expect_refusal(*state, without, sizeof without, 1005);
}

static void full_host_says_try_again_later(void **state)
{
	static struct web_answer answer;
	struct web_fixture *fixture = *state;
	struct web_client client;
	fixture->sessions.full = true;
	web_client_open(&client, fixture);
	web_client_ask(&client, TEST_UPGRADE TEST_UPGRADE_PROTOCOL "\r\n", &answer);
	assert_int_equal(answer.status, 101);
	web_client_expect_close(&client, 1013);
	web_client_close(&client);
}

static bool all_detached(void *data)
{
	const struct session_host *sessions = data;
	return sessions->detached == sessions->attached;
}

static void vanished_clients_are_detached(void **state)
{
	struct web_fixture *fixture = *state;
	const struct linger reset = { 1, 0 };
	struct web_client client;
	web_client_open(&client, fixture); /* RST */
	web_client_upgrade(&client);
	setsockopt(client.fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
	web_client_close(&client);
	web_fixture_wait(fixture, "the detach after a reset", all_detached, &fixture->sessions);

	web_client_open(&client, fixture); /* FIN, in the middle of a frame */
	web_client_upgrade(&client);
	web_client_send(&client, (uint8_t[]){ BINARY, FRAME_MASK | 9, 0, 0 }, 4);
	shutdown(client.fd, SHUT_WR);
	web_fixture_wait(
		fixture, "the detach after a half-close", all_detached, &fixture->sessions);
	web_client_close(&client);
	assert_int_equal(fixture->sessions.attached, 2);
}

/* Packets */

static struct media_packet *make_packet(struct media_packet_pool *pool, size_t size)
{
	struct media_packet *packet = media_packet_pool_take(pool);
	assert_non_null(packet);
	assert_true(media_packet_reserve(packet, size));
	packet->size = size;
	for (size_t i = 0; i < size; i++)
		packet->data[i] = (uint8_t)(i * 31 + size);
	return packet;
}

static void packets_go_to_everyone_and_come_back(void **state)
{
	static const size_t sizes[] = { 1, 16374, 16384, 65536, 300000 };
	struct web_fixture *fixture = *state;
	struct media_packet_pool *pool = media_packet_pool_create();
	struct web_client clients[2];
	struct session *sessions[2];
	for (int i = 0; i < 2; i++) {
		web_client_open(&clients[i], fixture);
		web_client_upgrade(&clients[i]);
		sessions[i] = fixture->sessions.newest;
	}
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		struct media_packet *packet = make_packet(pool, sizes[i]);
		for (int j = 0; j < 2; j++) {
			sessions[j]->impl->send_packet(sessions[j]->transport, packet);
			sessions[j]->impl->send(sessions[j]->transport, (const uint8_t *)"then", 4);
		}
		for (int j = 0; j < 2; j++) {
			web_client_expect_message(&clients[j], packet->data, packet->size);
			web_client_expect_message(&clients[j], "then", 4);
			assert_int_equal(
				sessions[j]->impl->queued_bytes(sessions[j]->transport), 0);
		}
		assert_int_equal(atomic_load(&packet->references), 1);
		media_packet_unref(packet);
	}
	for (int i = 0; i < 2; i++)
		web_client_close(&clients[i]);
	media_packet_pool_unref(pool);
}

static void small_message_to_an_idle_client_goes_at_once(void **state)
{
	struct web_fixture *fixture = *state;
	struct web_client client;
	web_client_open(&client, fixture);
	web_client_upgrade(&client);
	struct session *session = fixture->sessions.newest;
	session->impl->send(session->transport, (const uint8_t *)"now", 3);
	/* No turn of the loop in between: the kernel has it already. */
	assert_int_equal(session->impl->queued_bytes(session->transport), 0);
	client.fixture = &(struct web_fixture){ 0 };
	web_client_expect_message(&client, "now", 3);
	client.fixture = fixture;
	web_client_close(&client);
}

static void slow_reader_is_bounded_while_others_go_on(void **state)
{
	struct web_fixture *fixture = *state;
	struct media_packet_pool *pool = media_packet_pool_create();
	struct media_packet *packet = make_packet(pool, MEBIBYTE);
	struct web_client slow, other;
	web_client_open(&slow, fixture);
	web_client_upgrade(&slow);
	struct session *session = fixture->sessions.newest;
	web_client_open(&other, fixture);
	web_client_upgrade(&other);

	size_t most = 0;
	for (int i = 0; i < 64 && fixture->sessions.detached == 0; i++) {
		session->impl->send_packet(session->transport, packet);
		const size_t queued = session->impl->queued_bytes(session->transport);
		most = queued > most ? queued : most;
		web_client_send_frame(&other, BINARY, "echo", 4);
		web_client_expect_message(&other, "echo", 4);
		web_fixture_turn(fixture);
	}
	assert_int_equal(fixture->sessions.detached, 1);
	assert_true(most > 7 * MEBIBYTE); /* it was let grow */
	assert_true(most <= 9 * MEBIBYTE + 4096);
	assert_int_equal(atomic_load(&packet->references), 1);
	web_client_close(&slow);
	web_client_close(&other);
	media_packet_unref(packet);
	media_packet_pool_unref(pool);
}

static bool was_told(void *data)
{
	return ((const struct session *)data)->drained > 0;
}

static void session_hears_when_its_queue_ran_empty(void **state)
{
	struct web_fixture *fixture = *state;
	struct media_packet_pool *pool = media_packet_pool_create();
	struct media_packet *packet = make_packet(pool, MEBIBYTE);
	struct web_client client;
	web_client_open(&client, fixture);
	web_client_upgrade(&client);
	struct session *session = fixture->sessions.newest;
	unsigned sent = 0;
	while (session->impl->queued_bytes(session->transport) < 2 * MEBIBYTE) {
		session->impl->send_packet(session->transport, packet);
		sent++;
	}
	assert_int_equal(session->drained, 0);
	for (; sent > 0; sent--)
		web_client_expect_message(&client, packet->data, packet->size);
	web_fixture_wait(fixture, "session_drained", was_told, session);
	assert_int_equal(session->impl->queued_bytes(session->transport), 0);
	assert_int_equal(atomic_load(&packet->references), 1);
	web_client_close(&client);
	media_packet_unref(packet);
	media_packet_pool_unref(pool);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(session_knows_peer_and_authority),
		TEST(messages_come_whole_and_go_whole),
		TEST(fragments_are_joined_around_control_frames),
		TEST(message_after_the_head_is_not_lost),
		TEST(broken_frames_are_protocol_errors),
		TEST(message_inside_a_message_is_a_protocol_error),
		TEST(text_messages_are_refused),
		TEST(close_reason_that_is_no_utf8_is_refused),
		TEST(oversize_messages_are_refused),
		TEST(floods_are_refused),
		TEST(session_that_closes_has_its_last_word),
		TEST(client_that_closes_is_answered),
		TEST(full_host_says_try_again_later),
		TEST(vanished_clients_are_detached),
		TEST(packets_go_to_everyone_and_come_back),
		TEST(small_message_to_an_idle_client_goes_at_once),
		TEST(slow_reader_is_bounded_while_others_go_on),
		TEST(session_hears_when_its_queue_ran_empty),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
