/*
 * One connection as the protocols see it, without its socket, its TLS and its clock: HTTP requests in, responses out;
 * then a WebSocket that carries a session. Whoever owns it feeds bytes, sends what the queue holds and wakes it at
 * its deadline. The fuzzer owns one too.
 *
 * Room: web, private. Thread: control.
 */
#ifndef LODGE_WEB_CONNECTION_H
#define LODGE_WEB_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "web/http_request.h"
#include "web/http_response.h"
#include "web/send_queue.h"
#include "web/websocket.h"

struct api;
struct api_call;
struct session;
struct session_host;
struct page_store;

/* What a server offers. */
struct web_site {
	const struct page_store *pages;
	struct session_host *sessions;
	struct api *api; /* NULL: none */
};

enum web_phase {
	WEB_REQUESTS, /* HTTP: waits for a request, reads it, or its answer is on its way */
	WEB_STREAMING, /* HTTP: an answer without an end is on its way; nothing is heard any more */
	WEB_SOCKET, /* WebSocket: open */
	WEB_CLOSING, /* WebSocket: our close frame is queued, the client's is awaited */
	WEB_FINISHING, /* nothing is heard any more: send what is queued, then say goodbye */
	WEB_ABORTED, /* close at once */
};

struct web_connection_params {
	const struct web_site *site;
	const char *peer; /* address, without port; lives as long as the connection */
	uint64_t now_ns;
	/*
	 * The session or the API has queued something or ended the connection. May be called from inside feed too. It may send,
	 * and must not destroy.
	 */
	void (*changed)(void *data);
	void *data;
};

struct web_connection {
	const struct web_site *site;
	const char *peer;
	void (*changed)(void *data);
	void *data;

	enum web_phase phase;
	struct http_reader *reader; /* WEB_REQUESTS */
	struct websocket *websocket; /* from the upgrade on */
	struct session *session;
	struct api_call *call; /* WEB_REQUESTS: its answer is awaited; WEB_STREAMING: it streams */
	struct send_queue queue;
	size_t unsent; /* bytes that left the queue and that the kernel has not taken; the owner's to keep */
	bool answering; /* inside a route: what follows an answer is done behind it */
	bool last_request; /* finish when its answer is sent */

	uint64_t now_ns; /* of the present feed, tick or sent */
	uint64_t began_ns; /* the phase; in WEB_REQUESTS: waiting, then the request at hand */
	uint64_t progress_ns; /* bytes were last taken by the kernel, or the phase began */
	uint64_t heard_ns, ping_ns, flood_ns;
	bool reading_request, kept_alive;
};

struct web_connection *web_connection_create(const struct web_connection_params *params);
/* Detaches the session, cancels the call. Not from inside of a call of the session or of this connection. */
void web_connection_destroy(struct web_connection *connection);

/* Returns how many bytes it took: the rest is fed again when the queue has been sent. */
size_t web_connection_feed(
	struct web_connection *connection, const uint8_t *bytes, size_t size, uint64_t now_ns);
/* The client has said that it sends nothing more. */
void web_connection_end(struct web_connection *connection, uint64_t now_ns);
/* The kernel took something from the queue or from `unsent`. */
void web_connection_sent(struct web_connection *connection, uint64_t now_ns);
/* From the event loop, when what had been blocked is all sent. */
void web_connection_drained(struct web_connection *connection);
/*
 * From the event loop: detaches the session of a WebSocket that is over, and cancels the call of a stream that is, so
 * that what they held is free while the goodbyes still travel.
 */
void web_connection_settle(struct web_connection *connection);
uint64_t web_connection_deadline_ns(const struct web_connection *connection);
void web_connection_tick(struct web_connection *connection, uint64_t now_ns);
/* The server takes no more requests. */
void web_connection_stop(struct web_connection *connection, uint64_t now_ns);
bool web_connection_has_output(const struct web_connection *connection);
/* A request was read whose answer comes later: until then nothing more is read. */
bool web_connection_awaits_answer(const struct web_connection *connection);

/* For routes.c, upgrade.c, api_call.c and session_socket.c. */
void web_connection_reply(struct web_connection *connection, const struct http_request *request,
	struct http_response response, const void *body, bool body_lasts);
/* An RFC 9457 problem. `fields` as in http_response. */
void web_connection_problem(struct web_connection *connection, const struct http_request *request,
	int status, const char *fields, const char *detail);
/* An answer that came later than its request's route returned. */
void web_connection_answered(struct web_connection *connection);
/* A head without a length, then bytes until the end. */
void web_connection_begin_stream(struct web_connection *connection,
	const struct http_request *request, struct http_response response);
/* False: its client is too slow; the connection is aborted. */
bool web_connection_stream(struct web_connection *connection, const void *bytes, size_t size);
void web_connection_end_stream(struct web_connection *connection);
void web_connection_enter(struct web_connection *connection, enum web_phase phase);

#endif
