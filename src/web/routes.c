#include "web/routes.h"

#include <stdio.h>
#include <string.h>

#include "api/api.h"
#include "web/api_call.h"
#include "web/connection.h"
#include "web/pages.h"
#include "web/upgrade.h"

/* Every route names its lane: who may ask, checked before the handler runs. */
enum web_lane {
	LANE_PUBLIC, /* anybody; nothing here depends on who asks */
	LANE_SESSION, /* only pages of this host; the session then asks who the client is */
	/* The API's own table has a lane for each of its paths (src/api/routes.c). */
};

struct web_route {
	const char *method; /* GET answers HEAD too */
	const char *path; /* "*": any page */
	enum web_lane lane;
	void (*handle)(struct web_connection *connection, const struct http_request *request);
};

static void handle_health(struct web_connection *connection, const struct http_request *request)
{
	static const char body[] = "ok\n";
	const struct http_response response = {
		.status = 200,
		.type = "text/plain; charset=utf-8",
		.fields = "Cache-Control: no-store\r\n",
		.size = sizeof body - 1,
	};
	web_connection_reply(connection, request, response, body, true);
}

static bool has_path(const struct http_request *request, const char *path)
{
	const size_t size = strcspn(request->target, "?");
	return strlen(path) == size && memcmp(request->target, path, size) == 0;
}

static const struct page *find_page(
	const struct web_connection *connection, const struct http_request *request)
{
	char path[PAGE_PATH_MAX];
	const size_t size = strcspn(request->target, "?");
	if (size >= sizeof path)
		return NULL;
	memcpy(path, request->target, size);
	path[size] = '\0';
	return page_store_find(connection->site->pages, path);
}

/* If-None-Match, weakly compared. A quoted tag can stand in a list only as a whole. */
static bool client_has(const struct http_request *request, const struct page *page)
{
	const char *known = http_request_header(request, "If-None-Match");
	return known && (strcmp(known, "*") == 0 || strstr(known, page->etag));
}

static void handle_page(struct web_connection *connection, const struct http_request *request)
{
	const struct page *page = find_page(connection, request);
	char fields[160];
	snprintf(fields, sizeof fields, "ETag: %s\r\nCache-Control: no-cache\r\n", page->etag);
	const bool known = client_has(request, page);
	const struct http_response response = {
		.status = known ? 304 : 200,
		.type = known ? NULL : page->type,
		.fields = fields,
		.size = known ? 0 : page->size,
	};
	web_connection_reply(connection, request, response, page->bytes, true);
}

/* The console's page names its files relative to its folder. */
static void handle_console(struct web_connection *connection, const struct http_request *request)
{
	const bool there = page_store_find(connection->site->pages, "/console/");
	if (!there) {
		web_connection_problem(
			connection, request, 404, NULL, "there is nothing at this path");
		return;
	}
	const struct http_response response = {
		.status = 308,
		.type = "text/plain; charset=utf-8",
		.fields = "Location: /console/\r\nCache-Control: no-cache\r\n",
	};
	web_connection_reply(connection, request, response, "", true);
}

static const struct web_route routes[] = {
	{ "GET", "/healthz", LANE_PUBLIC, handle_health },
	{ "GET", "/session", LANE_SESSION, web_upgrade },
	{ "GET", "/console", LANE_PUBLIC, handle_console },
	{ "GET", "*", LANE_PUBLIC, handle_page },
};

/* True when the client may go on; else it has been told why not. */
static bool lane_admits(
	enum web_lane lane, struct web_connection *connection, const struct http_request *request)
{
	switch (lane) {
	case LANE_PUBLIC:
		return true;
	case LANE_SESSION:
		if (web_upgrade_is_same_origin(request))
			return true;
		connection->last_request = true;
		web_connection_problem(connection, request, 403, NULL,
			"the page that asks (Origin) is not one of this host (Host)");
		return false;
	}
	return false;
}

static bool method_matches(const struct web_route *route, const struct http_request *request)
{
	return strcmp(request->method, route->method) == 0 ||
		(strcmp(request->method, "HEAD") == 0 && strcmp(route->method, "GET") == 0 &&
			route->lane == LANE_PUBLIC);
}

void web_route(struct web_connection *connection, const struct http_request *request)
{
	const struct web_route *other_method = NULL;
	if (connection->site->api && api_owns(request->target)) {
		web_ask_api(connection, request);
		return;
	}
	for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
		const struct web_route *route = &routes[i];
		if (strcmp(route->path, "*") == 0 ? !find_page(connection, request)
						  : !has_path(request, route->path))
			continue;
		if (!method_matches(route, request)) {
			other_method = route;
			continue;
		}
		if (lane_admits(route->lane, connection, request))
			route->handle(connection, request);
		return;
	}
	if (other_method)
		web_connection_problem(connection, request, 405,
			other_method->lane == LANE_PUBLIC ? "Allow: GET, HEAD\r\n"
							  : "Allow: GET\r\n",
			"this path does not answer to that method");
	else
		web_connection_problem(
			connection, request, 404, NULL, "there is nothing at this path");
}
