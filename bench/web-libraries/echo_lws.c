/*
 * The same echo by libwebsockets, its own poll loop.   echo_lws PORT CERTIFICATE KEY
 * Room: bench.
 */
#include <libwebsockets.h>
#include <stdlib.h>
#include <string.h>

#define BIG (1 << 20)

struct message {
	struct message *next;
	size_t size;
	uint8_t bytes[]; /* LWS_PRE of room, then the payload */
};

struct connection {
	struct message *first, **last;
	uint8_t *partial;
	size_t partial_size;
};

static void received(struct lws *wsi, struct connection *connection, const void *bytes, size_t size)
{
	if (size > BIG - connection->partial_size)
		exit(1);
	memcpy(connection->partial + connection->partial_size, bytes, size);
	connection->partial_size += size;
	if (!lws_is_final_fragment(wsi) || lws_remaining_packet_payload(wsi))
		return;
	struct message *message = malloc(sizeof *message + LWS_PRE + connection->partial_size);
	message->next = NULL;
	message->size = connection->partial_size;
	memcpy(message->bytes + LWS_PRE, connection->partial, message->size);
	connection->partial_size = 0;
	*connection->last = message;
	connection->last = &message->next;
	lws_callback_on_writable(wsi);
}

static void writable(struct lws *wsi, struct connection *connection)
{
	struct message *message = connection->first;
	if (!message)
		return;
	lws_write(wsi, message->bytes + LWS_PRE, message->size, LWS_WRITE_BINARY);
	connection->first = message->next;
	if (!connection->first)
		connection->last = &connection->first;
	else
		lws_callback_on_writable(wsi);
	free(message);
}

static int callback(
	struct lws *wsi, enum lws_callback_reasons reason, void *user, void *bytes, size_t size)
{
	struct connection *connection = user;
	switch (reason) {
	case LWS_CALLBACK_ESTABLISHED:
		connection->last = &connection->first;
		connection->partial = malloc(BIG);
		break;
	case LWS_CALLBACK_RECEIVE:
		received(wsi, connection, bytes, size);
		break;
	case LWS_CALLBACK_SERVER_WRITEABLE:
		writable(wsi, connection);
		break;
	case LWS_CALLBACK_CLOSED:
		exit(0);
	default:
		break;
	}
	return 0;
}

int main(int argc, char **argv)
{
	static const struct lws_protocols protocols[] = {
		{ "lodge.v1", callback, sizeof(struct connection), 65536, 0, NULL, 0 },
		{ NULL, NULL, 0, 0, 0, NULL, 0 }
	};
	if (argc < 4)
		return 2;
	lws_set_log_level(LLL_ERR, NULL);
	const struct lws_context_creation_info info = { .port = atoi(argv[1]),
		.iface = "lo",
		.protocols = protocols,
		.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT | LWS_SERVER_OPTION_DISABLE_IPV6,
		.ssl_cert_filepath = argv[2],
		.ssl_private_key_filepath = argv[3] };
	struct lws_context *context = lws_create_context(&info);
	if (!context)
		return 1;
	while (lws_service(context, 0) >= 0)
		;
	return 0;
}
