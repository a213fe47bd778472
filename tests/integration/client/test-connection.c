/* liblodge's connection against the real web server; what stands behind the server is played here. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "lodge_client.h"
#include "session/clients.h"
#include "support/web_client.h"

#define NOW_NS 1000000000u /* the client has no clock of its own: its time stands still here */
#define TURNS_MAX 1000 /* each at most 10 ms of the server's loop */
#define BIG_FRAME (3 * 1024 * 1024)

struct fixture {
	struct web_fixture web; /* first: its session host leads back here */
	/* How the host behaves. */
	bool mute; /* no CHALLENGE */
	const void *greeting; /* instead of CHALLENGE */
	size_t greeting_size;
	const struct wire_message *verdict; /* the answer to an attach; NULL: WELCOME */
	/* What it saw. */
	struct wire_message attach; /* its pointers lead into received */
	char authority[256];
	uint8_t received[WIRE_CLIENT_MESSAGE_MAX];
	size_t received_size;
	unsigned received_count;

	char url[64], path[96], hosts[96];
	struct lodge_identity *identity;
	struct lodge_client *client;
	/* What the client said. */
	unsigned welcomes, frames, messages, ends;
	enum wire_type newest;
	size_t frame_bytes;
	enum lodge_client_end end;
	uint16_t code;
	char text[320];
};

static const uint8_t nonce[WIRE_NONCE_SIZE] = { 9, 8, 7 };

static void host_send(struct session *session, const struct wire_message *message)
{
	uint8_t bytes[1024];
	const size_t size = wire_encode(message, bytes, sizeof bytes);
	assert_true(size > 0);
	session->impl->send(session->transport, bytes, size);
}

static void host_challenge(struct session *session)
{
	host_send(session,
		&(struct wire_message){ .type = WIRE_CHALLENGE,
			.challenge = {
				.version = WIRE_VERSION, .nonce = nonce, .name = { "den", 3 } } });
}

static void host_welcome(struct session *session)
{
	host_send(session,
		&(struct wire_message){ .type = WIRE_WELCOME,
			.welcome = { .session = 7,
				.fingerprint = nonce,
				.label = { "me", 2 },
				.grants = 7 } });
}

/* The session room's door. */
struct session *session_attach(
	struct session_host *host, const struct session_attach_params *params)
{
	struct fixture *fixture =
		(struct fixture *)((char *)host - offsetof(struct fixture, web.sessions));
	struct session *session = calloc(1, sizeof *session);
	session->host = host;
	session->impl = params->impl;
	session->transport = params->transport;
	snprintf(fixture->authority, sizeof fixture->authority, "%s", params->authority);
	host->attached++;
	host->newest = session;
	if (fixture->greeting)
		session->impl->send(session->transport, fixture->greeting, fixture->greeting_size);
	else if (!fixture->mute)
		host_challenge(session);
	return session;
}

void session_receive(struct session *session, const uint8_t *message, size_t size)
{
	struct fixture *fixture =
		(struct fixture *)((char *)session->host - offsetof(struct fixture, web.sessions));
	assert_in_range(size, 1, sizeof fixture->received);
	const bool attach = message[0] == WIRE_AUTHENTICATE || message[0] == WIRE_PAIR;
	if (!attach && fixture->attach.type == 0)
		fail_msg("the client sent something before it attached");
	memcpy(fixture->received, message, size);
	fixture->received_size = size;
	fixture->received_count++;
	if (!attach)
		return;
	assert_null(wire_decode(fixture->received, size, &fixture->attach));
	if (fixture->verdict) {
		host_send(session, fixture->verdict);
		session->impl->close(session->transport);
	} else {
		host_welcome(session);
	}
}

void session_drained(struct session *session)
{
}

void session_detach(struct session *session)
{
	session->host->detached++;
	if (session->host->newest == session)
		session->host->newest = NULL;
	free(session);
}

static void on_message(void *data, const struct wire_message *message)
{
	struct fixture *fixture = data;
	fixture->messages++;
	fixture->newest = message->type;
	fixture->welcomes += message->type == WIRE_WELCOME;
}

static void on_frame(void *data, const struct wire_frame *frame, size_t bytes)
{
	struct fixture *fixture = data;
	fixture->frames++;
	fixture->frame_bytes = bytes;
	for (size_t i = 0; i < frame->header.video_size; i++)
		assert_int_equal(frame->video[i], (uint8_t)(i * 7));
}

static void on_ended(void *data, enum lodge_client_end end, uint16_t code, const char *text)
{
	struct fixture *fixture = data;
	fixture->ends++;
	fixture->end = end;
	fixture->code = code;
	snprintf(fixture->text, sizeof fixture->text, "%s", text);
}

static const struct lodge_client_events events = { on_message, on_frame, on_ended };

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof *fixture);
	char fault[256];
	web_fixture_start(&fixture->web);
	snprintf(fixture->url, sizeof fixture->url, "https://127.0.0.1:%d", fixture->web.port);
	snprintf(fixture->path, sizeof fixture->path, "%s/identity.pem", fixture->web.folder);
	snprintf(fixture->hosts, sizeof fixture->hosts, "%s/hosts", fixture->web.folder);
	assert_int_equal(mkdir(fixture->hosts, 0700), 0);
	fixture->identity = lodge_identity_open(fixture->path, fault, sizeof fault);
	assert_non_null(fixture->identity);
	*state = fixture;
	return 0;
}

static bool host_has_none(void *data)
{
	const struct fixture *fixture = data;
	return fixture->web.sessions.attached == fixture->web.sessions.detached;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;
	lodge_client_destroy(fixture->client);
	web_fixture_wait(&fixture->web, "the session's end", host_has_none, fixture);
	web_fixture_stop(&fixture->web);
	lodge_identity_destroy(fixture->identity);
	free(fixture);
	return 0;
}

static void connect_with(struct fixture *fixture, struct lodge_client_params params)
{
	char fault[256];
	params.url = fixture->url;
	params.identity = fixture->identity;
	params.label = "probe";
	fixture->client =
		lodge_client_create(&params, &events, fixture, NOW_NS, fault, sizeof fault);
	if (!fixture->client)
		fail_msg("%s", fault);
}

static void connect_host(struct fixture *fixture)
{
	connect_with(fixture, (struct lodge_client_params){ .trust.kind = LODGE_TRUST_ANY });
}

/* Turns server and client until the count has reached `least`. */
static void turn_until(
	struct fixture *fixture, const unsigned *count, unsigned least, const char *what)
{
	for (unsigned i = 0; *count < least; i++) {
		if (i == TURNS_MAX || (fixture->ends && count != &fixture->ends))
			fail_msg("%s did not come (%s)", what, fixture->text);
		lodge_client_process(fixture->client, NOW_NS);
		web_fixture_turn(&fixture->web);
	}
}

static void attach(struct fixture *fixture)
{
	connect_host(fixture);
	turn_until(fixture, &fixture->welcomes, 1, "WELCOME");
	assert_true(lodge_client_is_welcome(fixture->client));
}

static void expect_end(struct fixture *fixture, enum lodge_client_end end)
{
	turn_until(fixture, &fixture->ends, 1, "the end");
	if (fixture->end != end)
		fail_msg("ended as %d, not %d: %s", fixture->end, end, fixture->text);
	assert_string_not_equal(fixture->text, "");
	assert_false(lodge_client_process(fixture->client, NOW_NS));
	assert_int_equal(lodge_client_fd(fixture->client), -1);
	assert_int_equal(fixture->ends, 1);
}

static void the_signature_holds_for_the_nonce_and_the_authority_connected_to(void **state)
{
	struct fixture *fixture = *state;
	attach(fixture);
	assert_int_equal(fixture->attach.type, WIRE_AUTHENTICATE);
	assert_memory_equal(
		fixture->attach.attach.key, lodge_identity_key(fixture->identity), WIRE_KEY_SIZE);
	assert_true(client_verify(fixture->attach.attach.key, fixture->attach.attach.signature,
		nonce, fixture->authority));
	assert_string_equal(fixture->authority, fixture->url + strlen("https://"));
}

static void pairing_carries_the_pin_and_the_label(void **state)
{
	struct fixture *fixture = *state;
	connect_with(fixture,
		(struct lodge_client_params){ .trust.kind = LODGE_TRUST_ANY, .pin = "123456" });
	turn_until(fixture, &fixture->welcomes, 1, "WELCOME");
	assert_int_equal(fixture->attach.type, WIRE_PAIR);
	assert_int_equal(fixture->attach.attach.pin.size, 6);
	assert_memory_equal(fixture->attach.attach.pin.bytes, "123456", 6);
	assert_int_equal(fixture->attach.attach.label.size, 5);
}

static void a_refusal_ends_the_connection_with_its_code(void **state)
{
	struct fixture *fixture = *state;
	const struct wire_message refusal = { .type = WIRE_REFUSED,
		.notice = { WIRE_REFUSED_WRONG_PIN, { "the PIN is wrong", 16 } } };
	fixture->verdict = &refusal;
	connect_host(fixture);
	expect_end(fixture, LODGE_CLIENT_REFUSED);
	assert_int_equal(fixture->code, WIRE_REFUSED_WRONG_PIN);
	assert_string_equal(fixture->text, "refused (wrong_pin): the PIN is wrong");
}

static void the_host_s_goodbye_ends_the_connection_with_its_code(void **state)
{
	struct fixture *fixture = *state;
	attach(fixture);
	host_send(fixture->web.sessions.newest,
		&(struct wire_message){ .type = WIRE_ENDED,
			.notice = { WIRE_ENDED_SUPERSEDED, { "elsewhere", 9 } } });
	expect_end(fixture, LODGE_CLIENT_ENDED);
	assert_int_equal(fixture->code, WIRE_ENDED_SUPERSEDED);
}

static void a_connection_that_closes_after_welcome_is_lost(void **state)
{
	struct fixture *fixture = *state;
	attach(fixture);
	struct session *session = fixture->web.sessions.newest;
	session->impl->close(session->transport);
	expect_end(fixture, LODGE_CLIENT_LOST);
}

static void a_silent_host_is_given_up_at_the_deadline_and_not_before(void **state)
{
	struct fixture *fixture = *state;
	fixture->mute = true;
	connect_host(fixture);
	turn_until(fixture, &fixture->web.sessions.attached, 1, "the upgrade");
	lodge_client_process(fixture->client, NOW_NS);
	const uint64_t deadline_ns = lodge_client_deadline_ns(fixture->client);
	assert_true(deadline_ns > NOW_NS && deadline_ns < UINT64_MAX);
	assert_true(lodge_client_process(fixture->client, deadline_ns - 1));
	assert_false(lodge_client_process(fixture->client, deadline_ns));
	assert_int_equal(fixture->end, LODGE_CLIENT_CONNECT_FAILED);
}

static void there_is_no_deadline_after_welcome(void **state)
{
	struct fixture *fixture = *state;
	attach(fixture);
	assert_int_equal(lodge_client_deadline_ns(fixture->client), UINT64_MAX);
	assert_true(lodge_client_process(fixture->client, UINT64_MAX - 1));
}

static void a_host_with_another_certificate_learns_nothing(void **state)
{
	struct fixture *fixture = *state;
	connect_with(fixture, (struct lodge_client_params){ .trust.kind = LODGE_TRUST_PINNED });
	expect_end(fixture, LODGE_CLIENT_CONNECT_FAILED);
	assert_int_equal(fixture->web.sessions.attached, 0);
}

static void a_host_is_recognised_the_second_time(void **state)
{
	struct fixture *fixture = *state;
	const struct lodge_trust trust = { .kind = LODGE_TRUST_FIRST_USE,
		.hosts_folder = fixture->hosts };
	for (unsigned i = 1; i <= 2; i++) {
		lodge_client_destroy(fixture->client);
		connect_with(fixture, (struct lodge_client_params){ .trust = trust });
		turn_until(fixture, &fixture->welcomes, i, "WELCOME");
	}
}

static void greet_with(struct fixture *fixture, const void *bytes, size_t size)
{
	fixture->greeting = bytes;
	fixture->greeting_size = size;
	connect_host(fixture);
	expect_end(fixture, LODGE_CLIENT_PROTOCOL);
}

static void a_malformed_message_breaks_the_protocol(void **state)
{
	greet_with(*state, "\x81\x01", 2);
}

static void a_message_of_the_client_s_kind_breaks_the_protocol(void **state)
{
	greet_with(*state, "\x15", 1); /* RELEASE_ALL */
}

static void a_frame_before_welcome_breaks_the_protocol(void **state)
{
	uint8_t bytes[WIRE_FRAME_HEADER_SIZE];
	wire_frame_write_header(bytes, &(struct wire_frame_header){ 0 });
	greet_with(*state, bytes, sizeof bytes);
}

static void an_empty_message_breaks_the_protocol(void **state)
{
	greet_with(*state, "", 0);
}

static void a_second_challenge_breaks_the_protocol(void **state)
{
	struct fixture *fixture = *state;
	attach(fixture);
	host_challenge(fixture->web.sessions.newest);
	expect_end(fixture, LODGE_CLIENT_PROTOCOL);
}

static void nothing_can_be_sent_before_welcome(void **state)
{
	struct fixture *fixture = *state;
	connect_host(fixture);
	assert_int_equal(lodge_client_send(fixture->client,
				 &(struct wire_message){ .type = WIRE_RELEASE_ALL }),
		-ENOTCONN);
}

static void what_does_not_fit_the_protocol_is_not_sent(void **state)
{
	struct fixture *fixture = *state;
	attach(fixture);
	assert_int_equal(
		lodge_client_send(fixture->client,
			&(struct wire_message){ .type = WIRE_TEXT, .text = { "\xff", 1 } }),
		-EINVAL);
}

static void input_arrives_as_it_was_sent(void **state)
{
	struct fixture *fixture = *state;
	struct wire_message message;
	attach(fixture);
	const struct wire_message key = { .type = WIRE_KEY, .key = { 30, true } };
	assert_int_equal(lodge_client_send(fixture->client, &key), 0);
	turn_until(fixture, &fixture->received_count, 2, "KEY");
	assert_null(wire_decode(fixture->received, fixture->received_size, &message));
	assert_int_equal(message.type, WIRE_KEY);
	assert_int_equal(message.key.code, 30);
	assert_true(message.key.pressed);
}

static void a_frame_of_megabytes_arrives_whole(void **state)
{
	struct fixture *fixture = *state;
	uint8_t *bytes = malloc(BIG_FRAME);
	const struct wire_frame_header header = { .video_size =
							  BIG_FRAME - WIRE_FRAME_HEADER_SIZE };
	const size_t size = wire_frame_write_header(bytes, &header);
	for (size_t i = 0; i < header.video_size; i++)
		bytes[size + i] = (uint8_t)(i * 7);
	attach(fixture);
	struct session *session = fixture->web.sessions.newest;
	session->impl->send(session->transport, bytes, BIG_FRAME);
	turn_until(fixture, &fixture->frames, 1, "FRAME");
	assert_int_equal(fixture->frame_bytes, BIG_FRAME);
	free(bytes);
}

static void breaking_off_is_seen_by_the_host_as_the_end(void **state)
{
	struct fixture *fixture = *state;
	attach(fixture);
	lodge_client_abort(fixture->client);
	web_fixture_wait(&fixture->web, "the session's end", host_has_none, fixture);
	assert_int_equal(fixture->ends, 0);
}

static void parameters_that_make_no_sense_are_refused_with_a_sentence(void **state)
{
	struct fixture *fixture = *state;
	char fault[256], label[70];
	memset(label, 'x', 65);
	label[65] = '\0';
	struct lodge_client_params params = { .url = "ftp://den",
		.identity = fixture->identity,
		.label = "x",
		.trust.kind = LODGE_TRUST_ANY };
	assert_null(lodge_client_create(&params, &events, fixture, NOW_NS, fault, sizeof fault));
	assert_non_null(strstr(fault, "ftp://den"));
	params.url = fixture->url;
	params.label = label;
	assert_null(lodge_client_create(&params, &events, fixture, NOW_NS, fault, sizeof fault));
	assert_non_null(strstr(fault, "label"));
	params.label = "x";
	params.pin = "12345678901234567";
	assert_null(lodge_client_create(&params, &events, fixture, NOW_NS, fault, sizeof fault));
	assert_non_null(strstr(fault, "PIN"));
}

static void nobody_listening_is_a_failed_connection(void **state)
{
	struct fixture *fixture = *state;
	web_server_destroy(fixture->web.server);
	fixture->web.server = NULL;
	connect_host(fixture);
	for (unsigned i = 0; i < TURNS_MAX && !fixture->ends; i++) {
		lodge_client_process(fixture->client, NOW_NS);
		web_fixture_turn(&fixture->web);
	}
	assert_int_equal(fixture->end, LODGE_CLIENT_CONNECT_FAILED);
	assert_int_equal(fixture->ends, 1);
}

#define WITH_HOST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_HOST(the_signature_holds_for_the_nonce_and_the_authority_connected_to),
		WITH_HOST(pairing_carries_the_pin_and_the_label),
		WITH_HOST(a_refusal_ends_the_connection_with_its_code),
		WITH_HOST(the_host_s_goodbye_ends_the_connection_with_its_code),
		WITH_HOST(a_connection_that_closes_after_welcome_is_lost),
		WITH_HOST(a_silent_host_is_given_up_at_the_deadline_and_not_before),
		WITH_HOST(there_is_no_deadline_after_welcome),
		WITH_HOST(a_host_with_another_certificate_learns_nothing),
		WITH_HOST(a_host_is_recognised_the_second_time),
		WITH_HOST(a_malformed_message_breaks_the_protocol),
		WITH_HOST(a_message_of_the_client_s_kind_breaks_the_protocol),
		WITH_HOST(a_frame_before_welcome_breaks_the_protocol),
		WITH_HOST(an_empty_message_breaks_the_protocol),
		WITH_HOST(a_second_challenge_breaks_the_protocol),
		WITH_HOST(nothing_can_be_sent_before_welcome),
		WITH_HOST(what_does_not_fit_the_protocol_is_not_sent),
		WITH_HOST(input_arrives_as_it_was_sent),
		WITH_HOST(a_frame_of_megabytes_arrives_whole),
		WITH_HOST(breaking_off_is_seen_by_the_host_as_the_end),
		WITH_HOST(parameters_that_make_no_sense_are_refused_with_a_sentence),
		WITH_HOST(nobody_listening_is_a_failed_connection),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
