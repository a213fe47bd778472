#include "cli/connection.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/texts.h"
#include "cli/trust.h"

#define BODY_MAX (8 * 1024 * 1024)
#define NS_PER_S 1000000000ull
#define TURN_MS 500

struct connection {
	CURL *easy;
	CURLM *multi;
	struct trust trust;
	unsigned timeout_s;
	char error[CURL_ERROR_SIZE];
};

/* One request under way. */
struct exchange {
	struct connection *connection;
	struct answer *answer;
	const struct stream_params *stream; /* NULL: an ordinary request */
	uint64_t heard_ns; /* of a stream */
	bool enough, too_long, streaming;
};

uint64_t connection_now_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

void answer_finish(struct answer *answer)
{
	json_decref(answer->json);
	free(answer->body);
	*answer = (struct answer){ 0 };
}

struct connection *connection_create(struct trust *trust, unsigned timeout_s)
{
	struct connection *connection = calloc(1, sizeof *connection);
	if (!connection)
		return NULL;
	connection->easy = curl_easy_init();
	connection->multi = curl_multi_init();
	connection->trust = *trust;
	connection->timeout_s = timeout_s;
	explicit_bzero(trust->token, sizeof trust->token);
	if (connection->easy && connection->multi)
		return connection;
	connection_destroy(connection);
	return NULL;
}

void connection_destroy(struct connection *connection)
{
	if (!connection)
		return;
	curl_easy_cleanup(connection->easy);
	curl_multi_cleanup(connection->multi);
	explicit_bzero(connection->trust.token, sizeof connection->trust.token);
	free(connection);
}

const char *connection_token_fault(const struct connection *connection)
{
	return connection->trust.token_fault;
}

static bool keep_body(struct answer *answer, const char *bytes, size_t size)
{
	char *body = realloc(answer->body, answer->size + size + 1);
	if (!body)
		return false;
	memcpy(body + answer->size, bytes, size);
	answer->body = body;
	answer->size += size;
	body[answer->size] = '\0';
	return true;
}

static size_t on_body(char *bytes, size_t one, size_t size, void *data)
{
	struct exchange *exchange = data;
	long status = 0;
	curl_easy_getinfo(exchange->connection->easy, CURLINFO_RESPONSE_CODE, &status);
	exchange->heard_ns = connection_now_ns();
	if (exchange->stream && status == 200) {
		exchange->streaming = true;
		exchange->enough =
			!exchange->stream->bytes(exchange->stream->data, bytes, one * size);
		return exchange->enough ? 0 : size;
	}
	exchange->too_long = exchange->answer->size + size > BODY_MAX;
	return !exchange->too_long && keep_body(exchange->answer, bytes, size) ? size : 0;
}

static void set_trust(CURL *easy, const struct trust *trust)
{
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, trust->check_name ? 2L : 0L);
	curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (trust->ca_file[0]) {
		curl_easy_setopt(easy, CURLOPT_CAINFO, trust->ca_file);
		curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	}
	if (trust->key_pin[0])
		curl_easy_setopt(easy, CURLOPT_PINNEDPUBLICKEY, trust->key_pin);
	if (trust->token[0]) {
		curl_easy_setopt(easy, CURLOPT_HTTPAUTH, CURLAUTH_BEARER);
		curl_easy_setopt(easy, CURLOPT_XOAUTH2_BEARER, trust->token);
	}
}

static void prepare(struct exchange *exchange, const char *method, const char *path)
{
	struct connection *connection = exchange->connection;
	CURL *easy = connection->easy;
	char url[700];
	snprintf(url, sizeof url, "%s/api/v1%s", connection->trust.origin, path);
	curl_easy_reset(easy);
	connection->error[0] = '\0';
	set_trust(easy, &connection->trust);
	curl_easy_setopt(easy, CURLOPT_URL, url);
	curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "https");
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, "lodge/" LODGE_VERSION);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, connection->error);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, (long)connection->timeout_s);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, exchange);
	if (!exchange->stream)
		curl_easy_setopt(easy, CURLOPT_TIMEOUT, (long)connection->timeout_s);
}

/* Says what to do about the commonest ones. */
static void explain(const struct connection *connection, CURLcode code, const char *path,
	char fault[CONNECTION_FAULT_MAX])
{
	const char *origin = connection->trust.origin;
	const char *detail = connection->error[0] ? connection->error : curl_easy_strerror(code);
	switch (code) {
	case CURLE_COULDNT_CONNECT:
	case CURLE_COULDNT_RESOLVE_HOST:
		snprintf(fault, CONNECTION_FAULT_MAX, TEXT_NO_CONNECTION, origin, detail);
		break;
	case CURLE_OPERATION_TIMEDOUT:
		snprintf(fault, CONNECTION_FAULT_MAX, TEXT_NO_ANSWER, origin, path,
			connection->timeout_s);
		break;
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
		snprintf(fault, CONNECTION_FAULT_MAX, TEXT_WRONG_CERTIFICATE, origin,
			connection->trust.ca_file[0] ? connection->trust.ca_file
						     : TEXT_SYSTEM_AUTHORITIES,
			detail);
		break;
	case CURLE_SSL_CACERT_BADFILE:
		snprintf(fault, CONNECTION_FAULT_MAX, TEXT_CERTIFICATE_UNREADABLE,
			connection->trust.ca_file, detail);
		break;
	default:
		snprintf(fault, CONNECTION_FAULT_MAX, TEXT_BROKEN_OFF, origin, path, detail);
		break;
	}
}

static void take_head(struct connection *connection, struct answer *answer)
{
	long status = 0;
	const char *type = NULL;
	curl_easy_getinfo(connection->easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(connection->easy, CURLINFO_CONTENT_TYPE, &type);
	answer->status = (int)status;
	snprintf(answer->type, sizeof answer->type, "%.*s", type ? (int)strcspn(type, "; ") : 0,
		type ? type : "");
}

static bool take_json(struct answer *answer, const char *path, char fault[CONNECTION_FAULT_MAX])
{
	json_error_t error;
	const size_t length = strlen(answer->type);
	if (length < 4 || strcmp(answer->type + length - 4, "json") != 0)
		return true;
	answer->json = json_loadb(answer->body ? answer->body : "", answer->size, 0, &error);
	if (!answer->json)
		snprintf(fault, CONNECTION_FAULT_MAX, TEXT_NO_JSON, path, error.text, error.line);
	return answer->json;
}

bool connection_ask(struct connection *connection, const char *method, const char *path,
	const json_t *body, struct answer *answer, bool *failed, char fault[CONNECTION_FAULT_MAX])
{
	struct exchange exchange = { .connection = connection, .answer = answer };
	struct curl_slist *headers = NULL;
	char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
	*answer = (struct answer){ 0 };
	*failed = false;
	prepare(&exchange, method, path);
	if (text) {
		headers = curl_slist_append(NULL, "Content-Type: application/json");
		curl_easy_setopt(connection->easy, CURLOPT_POSTFIELDS, text);
		curl_easy_setopt(connection->easy, CURLOPT_HTTPHEADER, headers);
	}
	const CURLcode code = body && (!text || !headers) ? CURLE_OUT_OF_MEMORY
							  : curl_easy_perform(connection->easy);
	take_head(connection, answer);
	if (exchange.too_long)
		snprintf(fault, CONNECTION_FAULT_MAX, TEXT_TOO_LONG, path, BODY_MAX);
	else if (code != CURLE_OK)
		explain(connection, code, path, fault);
	const bool good = code == CURLE_OK && take_json(answer, path, fault);
	*failed = !good && (code == CURLE_OK || exchange.too_long);
	curl_slist_free_all(headers);
	free(text);
	if (!good)
		answer_finish(answer);
	return good;
}

static bool finished(struct connection *connection, CURLcode *code)
{
	int left;
	CURLMsg *message = curl_multi_info_read(connection->multi, &left);
	if (!message || message->msg != CURLMSG_DONE)
		return false;
	*code = message->data.result;
	return true;
}

/* STREAM_BROKEN when the transfer is over, with its code; what ended the wait before that else. */
static enum stream_end run_stream(struct exchange *exchange, CURLcode *code)
{
	const struct stream_params *params = exchange->stream;
	struct curl_waitfd stop = { .fd = params->stop_fd, .events = CURL_WAIT_POLLIN };
	int running = 1;
	*code = CURLE_OK;
	for (;;) {
		if (curl_multi_perform(exchange->connection->multi, &running) != CURLM_OK) {
			*code = CURLE_FAILED_INIT;
			return STREAM_BROKEN;
		}
		if (exchange->enough)
			return STREAM_ENOUGH;
		if (finished(exchange->connection, code))
			return STREAM_BROKEN;
		const uint64_t now_ns = connection_now_ns();
		if (now_ns >= *params->deadline_ns)
			return STREAM_LATE;
		const unsigned silence_s =
			exchange->streaming ? params->silence_s : exchange->connection->timeout_s;
		if (now_ns - exchange->heard_ns > silence_s * NS_PER_S) {
			*code = CURLE_OPERATION_TIMEDOUT;
			return STREAM_BROKEN;
		}
		stop.revents = 0;
		curl_multi_poll(exchange->connection->multi, &stop, 1, TURN_MS, NULL);
		if (stop.revents)
			return STREAM_STOPPED;
	}
}

enum stream_end connection_listen(struct connection *connection, const struct stream_params *params,
	struct answer *answer, char fault[CONNECTION_FAULT_MAX])
{
	struct exchange exchange = { .connection = connection,
		.answer = answer,
		.stream = params,
		.heard_ns = connection_now_ns() };
	char line[400];
	CURLcode code;
	*answer = (struct answer){ 0 };
	prepare(&exchange, "GET", params->path);
	struct curl_slist *headers = curl_slist_append(NULL, "Accept: text/event-stream");
	if (params->last_event_id[0] &&
		snprintf(line, sizeof line, "Last-Event-ID: %s", params->last_event_id) <
			(int)sizeof line)
		headers = curl_slist_append(headers, line);
	curl_easy_setopt(connection->easy, CURLOPT_HTTPHEADER, headers);
	curl_multi_add_handle(connection->multi, connection->easy);
	enum stream_end end = run_stream(&exchange, &code);
	take_head(connection, answer);
	curl_multi_remove_handle(connection->multi, connection->easy);
	curl_slist_free_all(headers);
	if (end != STREAM_BROKEN || exchange.streaming) {
		answer_finish(answer);
		return end;
	}
	if (code == CURLE_OK && answer->status != 200)
		return take_json(answer, params->path, fault) ? STREAM_REFUSED : STREAM_ABSENT;
	answer_finish(answer);
	if (code == CURLE_OK)
		return STREAM_BROKEN;
	explain(connection, code, params->path, fault);
	return STREAM_ABSENT;
}
