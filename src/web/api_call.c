#include "web/api_call.h"

#include "api/api.h"
#include "web/connection.h"

static const char *find_header(void *data, const char *name)
{
	return http_request_header(data, name);
}

static struct http_response make_response(const struct api_answer *answer)
{
	return (struct http_response){
		.status = answer->status,
		.type = answer->type,
		.fields = answer->fields,
		.size = answer->body_size,
	};
}

static void on_answer(void *data, const struct api_answer *answer)
{
	struct web_connection *connection = data;
	connection->call = NULL;
	if (connection->phase != WEB_REQUESTS) /* it is on its way out: nobody waits any more */
		return;
	web_connection_reply(connection, http_reader_request(connection->reader),
		make_response(answer), answer->body, false);
	web_connection_answered(connection);
}

static void on_begin_stream(void *data, const struct api_answer *head)
{
	struct web_connection *connection = data;
	if (connection->phase != WEB_REQUESTS)
		return;
	web_connection_begin_stream(
		connection, http_reader_request(connection->reader), make_response(head));
}

static bool on_stream(void *data, const void *bytes, size_t size)
{
	return web_connection_stream(data, bytes, size);
}

static void on_end_stream(void *data)
{
	struct web_connection *connection = data;
	connection->call = NULL;
	web_connection_end_stream(connection);
}

void web_ask_api(struct web_connection *connection, const struct http_request *request)
{
	static const struct api_responder responder = {
		.answer = on_answer,
		.begin_stream = on_begin_stream,
		.stream = on_stream,
		.end_stream = on_end_stream,
	};
	connection->call = api_handle(connection->site->api,
		&(struct api_request){
			.method = request->method,
			.target = request->target,
			.peer = connection->peer,
			.header = find_header,
			.header_data = (void *)request,
			.body = request->body,
			.body_size = request->body_size,
			.now_ns = connection->now_ns,
		},
		&responder, connection);
}
