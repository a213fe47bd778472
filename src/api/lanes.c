#include "api/lanes.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <strings.h>

#include "api/answer.h"
#include "api/internal.h"
#include "api/routes.h"
#include "core/origin.h"

#define CHALLENGE "WWW-Authenticate: Bearer realm=\"lodge\"\r\n"

static const char *header(const struct api_call *call, const char *name)
{
	return call->request->header(call->request->header_data, name);
}

/* Behind a proxy on this machine the peer says nothing about who asks. */
static bool is_forwarded(const struct api_call *call)
{
	static const char *const names[] = { "Forwarded", "X-Forwarded-For", "X-Forwarded-Host",
		"X-Real-IP", "Via" };
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (header(call, names[i]))
			return true;
	}
	return false;
}

static bool is_loopback(const char *peer)
{
	struct in_addr four;
	struct in6_addr six;
	if (inet_pton(AF_INET, peer, &four) == 1)
		return ntohl(four.s_addr) >> 24 == 127;
	return inet_pton(AF_INET6, peer, &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

static enum api_authority find_authority(struct api_call *call)
{
	static const char scheme[] = "Bearer ";
	const char *authorization = header(call, "Authorization");
	const char *cookies = header(call, "Cookie");
	/* What is said expressly counts alone: a wrong token is not mended by a cookie. */
	if (authorization)
		return strncasecmp(authorization, scheme, sizeof scheme - 1) == 0 &&
				secret_matches(call->api->token, authorization + sizeof scheme - 1)
			? API_TOKEN
			: API_NOBODY;
	if (cookies &&
		console_find(&call->api->console, cookies, call->now_ns, call->console_session))
		return API_COOKIE;
	return is_loopback(call->peer) && !is_forwarded(call) ? API_LOCAL : API_NOBODY;
}

static bool is_own_origin(const struct api_call *call, const char *origin)
{
	const char *host = header(call, "Host");
	return host && origin_is_host(origin, host);
}

/* NULL when the request does not come from another site's page; else a sentence. */
static const char *find_stranger(const struct api_call *call, bool changes)
{
	const char *origin = header(call, "Origin"), *site = header(call, "Sec-Fetch-Site");
	const bool by_cookie = call->authority == API_COOKIE;
	if (call->authority == API_TOKEN) /* no browser adds that by itself */
		return NULL;
	if (!changes && call->route->lane == API_LANE_PUBLIC)
		return NULL;
	if (site && strcmp(site, "same-origin") != 0 && (changes || strcmp(site, "none") != 0))
		return "the page that asks (Sec-Fetch-Site) is not one of this host";
	if (origin ? !is_own_origin(call, origin) : changes && by_cookie)
		return "the page that asks (Origin) is not one of this host (Host)";
	return NULL;
}

static bool lane_holds(enum api_lane lane, enum api_authority authority)
{
	switch (lane) {
	case API_LANE_PUBLIC:
		return true;
	case API_LANE_LOOPBACK:
		return authority != API_NOBODY;
	case API_LANE_ADMIN:
		return authority == API_TOKEN || authority == API_COOKIE;
	case API_LANE_NONE:
		break;
	}
	return false;
}

bool api_lane_admits(struct api_call *call)
{
	const char *method = call->request->method;
	call->authority = find_authority(call);
	if (!lane_holds(call->route->lane, call->authority)) {
		api_problem_with(call, 401, CHALLENGE, NULL,
			call->route->lane == API_LANE_LOOPBACK
				? "only programs on this machine may ask for this without the "
				  "admin token"
				: "this needs the admin token (Authorization: Bearer) or a console "
				  "login");
		return false;
	}
	const char *fault = find_stranger(call, strcmp(method, "GET") != 0);
	if (fault)
		api_problem(call, 403, "%s", fault);
	return !fault;
}
