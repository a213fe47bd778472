#include "lodge_client.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lodge_socket.h"

#define ATTACH_TIMEOUT_NS 10000000000u

struct lodge_client {
	struct lodge_socket socket;
	const struct lodge_identity *identity;
	char label[WIRE_LABEL_MAX + 1], pin[WIRE_PIN_MAX + 1];
	char *hosts_folder;
	const struct lodge_client_events *events;
	void *data;
	uint64_t attach_deadline_ns;
	bool attaching, welcome, pairing, ended;
	enum lodge_client_end end;
	uint16_t code;
	char text[320];
	uint64_t messages;
};

static bool stop(
	struct lodge_client *client, enum lodge_client_end end, uint16_t code, const char *text)
{
	client->end = end;
	client->code = code;
	snprintf(client->text, sizeof client->text, "%s", text);
	return false;
}

static void tell_end(struct lodge_client *client)
{
	if (client->ended)
		return;
	client->ended = true;
	if (client->text[0] == '\0')
		stop(client, client->welcome ? LODGE_CLIENT_LOST : LODGE_CLIENT_CONNECT_FAILED, 0,
			client->socket.fault);
	client->events->ended(client->data, client->end, client->code, client->text);
}

static int send_message(struct lodge_client *client, const struct wire_message *message)
{
	uint8_t bytes[WIRE_CLIENT_MESSAGE_MAX];
	const size_t size = wire_encode(message, bytes, sizeof bytes);
	if (size == 0)
		return -EINVAL;
	return lodge_socket_send(&client->socket, bytes, size) ? 0 : -ENOTCONN;
}

static bool answer_challenge(struct lodge_client *client, const struct wire_message *challenge)
{
	uint8_t signature[WIRE_SIGNATURE_SIZE];
	if (client->attaching)
		return stop(client, LODGE_CLIENT_PROTOCOL, 0, "the host sent CHALLENGE twice");
	if (challenge->challenge.version != WIRE_VERSION)
		return stop(client, LODGE_CLIENT_PROTOCOL, 0,
			"the host speaks another protocol version");
	if (lodge_identity_sign(client->identity, challenge->challenge.nonce,
		    client->socket.address.authority, signature) < 0)
		return stop(client, LODGE_CLIENT_PROTOCOL, 0, "the challenge cannot be signed");
	client->attaching = true;
	const struct wire_message answer = {
		.type = client->pairing ? WIRE_PAIR : WIRE_AUTHENTICATE,
		.attach = {
			.version = WIRE_VERSION,
			.key = lodge_identity_key(client->identity),
			.signature = signature,
			.pin = { client->pin, (uint16_t)strlen(client->pin) },
			.label = { client->label, (uint16_t)strlen(client->label) },
		},
	};
	return send_message(client, &answer) == 0;
}

static bool take_last_word(struct lodge_client *client, const struct wire_message *message)
{
	char text[256];
	const bool refused = message->type == WIRE_REFUSED;
	const uint16_t code = message->notice.code;
	snprintf(text, sizeof text, "%s (%s): %.*s", refused ? "refused" : "ended",
		refused ? lodge_refusal_name(code) : lodge_end_name(code),
		(int)message->notice.text.size, message->notice.text.bytes);
	return stop(client, refused ? LODGE_CLIENT_REFUSED : LODGE_CLIENT_ENDED, code, text);
}

static bool receive_frame(struct lodge_client *client, const uint8_t *bytes, size_t size)
{
	struct wire_frame frame;
	const char *fault = wire_frame_decode(bytes, size, &frame);
	if (fault)
		return stop(client, LODGE_CLIENT_PROTOCOL, 0, fault);
	client->events->frame(client->data, &frame, size);
	return true;
}

static bool on_receive(void *data, const uint8_t *bytes, size_t size)
{
	struct lodge_client *client = data;
	struct wire_message message;
	client->messages++;
	if (size && bytes[0] == WIRE_FRAME && client->welcome)
		return receive_frame(client, bytes, size);
	const char *fault = wire_decode(bytes, size, &message);
	if (fault)
		return stop(client, LODGE_CLIENT_PROTOCOL, 0, fault);
	if (wire_type_is_client(message.type) || message.type == WIRE_FRAME)
		return stop(client, LODGE_CLIENT_PROTOCOL, 0,
			"the host sent a message that is not the host's");
	if (message.type == WIRE_WELCOME) {
		client->welcome = true;
		client->attach_deadline_ns = UINT64_MAX;
	}
	client->events->message(client->data, &message);
	if (message.type == WIRE_CHALLENGE)
		return answer_challenge(client, &message);
	if (message.type == WIRE_REFUSED || message.type == WIRE_ENDED)
		return take_last_word(client, &message);
	return true;
}

static bool take_texts(struct lodge_client *client, const struct lodge_client_params *params,
	char *fault, size_t capacity)
{
	const size_t label = params->label ? strlen(params->label) : 0;
	if (!lodge_address_parse(params->url, &client->socket.address)) {
		snprintf(fault, capacity, "%.200s: not of the form https://HOST:PORT", params->url);
		return false;
	}
	if (label == 0 || label > WIRE_LABEL_MAX || !wire_utf8_valid(params->label, label)) {
		snprintf(
			fault, capacity, "the label is not 1 to %d bytes of UTF-8", WIRE_LABEL_MAX);
		return false;
	}
	if (params->pin && strlen(params->pin) > WIRE_PIN_MAX) {
		snprintf(fault, capacity, "the PIN is longer than %d characters", WIRE_PIN_MAX);
		return false;
	}
	memcpy(client->label, params->label, label);
	client->pairing = params->pin;
	if (params->pin)
		memcpy(client->pin, params->pin, strlen(params->pin));
	if (params->trust.kind == LODGE_TRUST_FIRST_USE) {
		client->hosts_folder = strdup(params->trust.hosts_folder);
		client->socket.trust.hosts_folder = client->hosts_folder;
	}
	return true;
}

struct lodge_client *lodge_client_create(const struct lodge_client_params *params,
	const struct lodge_client_events *events, void *data, uint64_t now_ns, char *fault,
	size_t fault_capacity)
{
	struct lodge_client *client = calloc(1, sizeof *client);
	snprintf(fault, fault_capacity, "out of memory");
	if (!client)
		return NULL;
	const uint64_t timeout_ns =
		params->attach_timeout_ns ? params->attach_timeout_ns : ATTACH_TIMEOUT_NS;
	client->identity = params->identity;
	client->events = events;
	client->data = data;
	client->attach_deadline_ns = now_ns + timeout_ns;
	client->socket.fd = -1;
	client->socket.trust = params->trust;
	client->socket.receive = on_receive;
	client->socket.data = client;
	if (!take_texts(client, params, fault, fault_capacity))
		goto error;
	if (!lodge_socket_begin(&client->socket, (int)(timeout_ns / 1000000))) {
		snprintf(fault, fault_capacity, "%s", client->socket.fault);
		goto error;
	}
	return client;

error:
	lodge_client_destroy(client);
	return NULL;
}

void lodge_client_destroy(struct lodge_client *client)
{
	if (!client)
		return;
	lodge_socket_say_goodbye(&client->socket);
	lodge_socket_finish(&client->socket);
	free(client->hosts_folder);
	free(client);
}

void lodge_client_abort(struct lodge_client *client)
{
	client->ended = true;
	lodge_socket_reset(&client->socket);
}

int lodge_client_fd(const struct lodge_client *client)
{
	return client->ended ? -1 : client->socket.fd;
}

bool lodge_client_wants_write(const struct lodge_client *client)
{
	return lodge_socket_wants_write(&client->socket);
}

uint64_t lodge_client_deadline_ns(const struct lodge_client *client)
{
	if (client->ended)
		return UINT64_MAX;
	return client->socket.more ? 0 : client->attach_deadline_ns;
}

bool lodge_client_process(struct lodge_client *client, uint64_t now_ns)
{
	if (client->ended)
		return false;
	lodge_socket_process(&client->socket);
	if (client->socket.state != LODGE_SOCKET_CLOSED && now_ns >= client->attach_deadline_ns) {
		stop(client, LODGE_CLIENT_CONNECT_FAILED, 0, "the host did not answer in time");
		lodge_socket_reset(&client->socket);
	}
	if (client->socket.state == LODGE_SOCKET_CLOSED)
		tell_end(client);
	return !client->ended;
}

bool lodge_client_is_welcome(const struct lodge_client *client)
{
	return client->welcome && !client->ended;
}

int lodge_client_send(struct lodge_client *client, const struct wire_message *message)
{
	if (!client->welcome || client->ended)
		return -ENOTCONN;
	return send_message(client, message);
}

void lodge_client_get_stats(const struct lodge_client *client, struct lodge_client_stats *stats)
{
	stats->received_bytes = client->socket.received_bytes;
	stats->messages = client->messages;
}
