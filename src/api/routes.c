#include "api/routes.h"

#include <string.h>

#include "api/handlers.h"

#define PUBLIC API_LANE_PUBLIC
#define LOOPBACK API_LANE_LOOPBACK
#define ADMIN API_LANE_ADMIN

const struct api_route api_routes[] = {
	{ "GET", "/display/settings", ADMIN, "getDisplaySettings", api_get_settings, false },
	{ "PUT", "/display/settings", ADMIN, "putDisplaySettings", api_put_settings, true },
	{ "GET", "/display/state", ADMIN, "getDisplayState", api_get_state, false },
	{ "POST", "/display/release", ADMIN, "releaseDisplays", api_release, true },
	{ "PUT", "/display/layout", ADMIN, "putDisplayLayout", api_put_layout, true },
	{ "POST", "/display/explain", ADMIN, "explainAdmission", api_explain, false },
	{ "GET", "/display/presets", ADMIN, "listPresets", api_list_presets, false },
	{ "GET", "/display/presets/{name}", ADMIN, "getPreset", api_get_preset, false },
	{ "PUT", "/display/presets/{name}", ADMIN, "putPreset", api_put_preset, true },
	{ "DELETE", "/display/presets/{name}", ADMIN, "deletePreset", api_delete_preset, true },
	{ "GET", "/apps", ADMIN, "getApps", api_get_apps, false },
	{ "PUT", "/apps", ADMIN, "putApps", api_put_apps, true },
	{ "GET", "/apps/{id}/icon", ADMIN, "getAppIcon", api_get_icon, false },
	{ "GET", "/clients", ADMIN, "listClients", api_list_clients, false },
	{ "PATCH", "/clients/{fingerprint}", ADMIN, "patchClient", api_patch_client, true },
	{ "DELETE", "/clients/{fingerprint}", ADMIN, "unpairClient", api_unpair_client, true },
	{ "GET", "/pairing", ADMIN, "getPairing", api_get_pairing, false },
	{ "POST", "/pairing", ADMIN, "armPairing", api_arm_pairing, true },
	{ "DELETE", "/pairing", ADMIN, "cancelPairing", api_cancel_pairing, true },
	{ "POST", "/pairing/requests/{session}", ADMIN, "decidePairing", api_decide_pairing, true },
	{ "GET", "/sessions", ADMIN, "listSessions", api_list_sessions, false },
	{ "DELETE", "/sessions/{session}", ADMIN, "endSession", api_end_session, true },
	{ "GET", "/presence", ADMIN, "getPresence", api_get_presence, false },
	{ "GET", "/control", ADMIN, "getControl", api_get_control, false },
	{ "POST", "/control", ADMIN, "steerControl", api_steer, true },
	{ "GET", "/invitations", ADMIN, "listInvitations", api_list_invitations, false },
	{ "POST", "/invitations", ADMIN, "invite", api_invite, true },
	{ "DELETE", "/invitations/{id}", ADMIN, "revokeInvitation", api_revoke, true },
	{ "GET", "/summary", LOOPBACK, "getSummary", api_get_summary, false },
	{ "GET", "/events", ADMIN, "listenEvents", api_listen, false },
	{ "GET", "/metrics", ADMIN, "getMetrics", api_get_metrics, false },
	{ "GET", "/openapi.yaml", PUBLIC, "getContract", api_get_contract, false },
	{ "GET", "/console/login", PUBLIC, "getLogin", api_get_login, false },
	{ "POST", "/console/login", PUBLIC, "login", api_log_in, true },
	{ "DELETE", "/console/login", PUBLIC, "logout", api_log_out, true },
	{ "POST", "/console/code", ADMIN, "makeLoginCode", api_make_code, true },
};
const size_t api_route_count = sizeof api_routes / sizeof *api_routes;

const char *api_lane_name(enum api_lane lane)
{
	switch (lane) {
	case API_LANE_NONE:
		break;
	case API_LANE_PUBLIC:
		return "public";
	case API_LANE_LOOPBACK:
		return "loopback";
	case API_LANE_ADMIN:
		return "admin";
	}
	return "none";
}

/* Segment by segment. */
static bool path_matches(
	const char *pattern, const char *path, size_t size, char parameter[API_PARAMETER_MAX + 1])
{
	const char *end = path + size;
	while (*pattern && path < end) {
		const size_t wanted = 1 + strcspn(pattern + 1, "/");
		const char *next = memchr(path + 1, '/', (size_t)(end - path - 1));
		const size_t there = (size_t)((next ? next : end) - path);
		if (pattern[1] == '{') {
			if (there < 2 || there - 1 > API_PARAMETER_MAX)
				return false;
			memcpy(parameter, path + 1, there - 1);
			parameter[there - 1] = '\0';
		} else if (there != wanted || memcmp(pattern, path, there) != 0) {
			return false;
		}
		pattern += wanted;
		path += there;
	}
	return *pattern == '\0' && path == end;
}

const struct api_route *api_route_find(const char *method, const char *path, size_t path_size,
	char parameter[API_PARAMETER_MAX + 1], char allowed[64])
{
	allowed[0] = parameter[0] = '\0';
	if (path_size == 0 || path[0] != '/')
		return NULL;
	for (size_t i = 0; i < api_route_count; i++) {
		const struct api_route *route = &api_routes[i];
		if (!path_matches(route->path, path, path_size, parameter))
			continue;
		if (strcmp(route->method, method) == 0)
			return route;
		const size_t used = strlen(allowed);
		if (used + strlen(route->method) + 3 < 64) {
			strcpy(allowed + used, used ? ", " : "");
			strcat(allowed, route->method);
		}
	}
	return NULL;
}
