/*
 * A host without compositor and sessions: the real web room, API, settings, registry, identities and clients over a
 * fake backend; who is attached is made up. For tests of the API over HTTPS:
 *   lodge-api-server STATE PAGES CONSOLE
 * It prints one line of JSON when it is ready, and ends when its standard input does.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include "api/api.h"
#include "apps/apps.h"
#include "display/identity_store.h"
#include "display/registry.h"
#include "fake_backend.h"
#include "session/clients.h"
#include "settings/settings.h"
#include "store/worker.h"
#include "support/host_stub.h"
#include "web/server.h"

#define OWNER_SESSION 11
#define ASKING_SESSION 12
#define GONE_SESSION 13

struct server {
	sd_event *event;
	struct store_worker *worker;
	struct settings *settings;
	struct app_list *apps;
	struct identity_store *identities;
	struct client_store *clients;
	struct display_registry *registry;
	struct session_host sessions;
	struct api *api;
	struct web_server *web;
	struct fake_stats stats;
	uint8_t owner[32], absent[32];
	unsigned granted;
};

static void read_policy(void *data, const uint8_t *client, struct display_policy *policy)
{
	settings_policy(((struct server *)data)->settings, client, policy);
}

static void displays_changed(void *data)
{
	struct server *server = data;
	if (server->api)
		api_changed(server->api, API_TOPIC_DISPLAYS);
}

static void settings_changed(void *data)
{
	struct server *server = data;
	display_registry_policy_changed(server->registry);
	api_changed(server->api, API_TOPIC_SETTINGS);
}

static void apps_changed(void *data)
{
	struct server *server = data;
	if (server->api)
		api_changed(server->api, API_TOPIC_APPS);
}

static void clients_changed(void *data)
{
	struct server *server = data;
	if (!server->api)
		return;
	api_changed(server->api, API_TOPIC_CLIENTS);
	api_changed(server->api, API_TOPIC_PAIRING);
}

static void on_granted(void *data, struct display_lease *lease, const struct display_info *info)
{
	struct server *server = data;
	server->granted++;
	if (info->slot == 1) {
		server->sessions.states[0].has_display = true;
		server->sessions.states[0].display = *info;
	} else {
		display_lease_release(lease, false);
	}
}

static void on_declined(void *data, struct display_lease *lease, enum display_error error,
	const char *text, const struct display_holder *holder)
{
	fprintf(stderr, "lodge-api-server: declined: %s\n", text);
	abort();
}

static void on_mode_declined(
	void *data, struct display_lease *lease, enum display_error error, const char *text)
{
}

static void on_lost(
	void *data, struct display_lease *lease, enum display_loss reason, const char *text)
{
}

static bool acquire(
	struct server *server, const uint8_t *client, const char *label, uint32_t session)
{
	static const struct display_lease_events events = { on_granted, on_declined,
		on_mode_declined, on_lost };
	struct display_request request = {
		.session = session,
		.ordinal = 1,
		.mode = { 1920, 1080, 60000, 100 },
	};
	memcpy(request.identity, client, sizeof request.identity);
	snprintf(request.label, sizeof request.label, "%s", label);
	if (!display_registry_acquire(server->registry, &request, &events, server))
		return false;
	const unsigned wanted = server->granted + 1;
	for (int turns = 0; server->granted < wanted && turns < 1000; turns++) {
		if (sd_event_run(server->event, 10000) < 0)
			return false;
	}
	return server->granted == wanted;
}

static bool pair(struct server *server, const char *label, uint8_t fingerprint[32])
{
	uint8_t key[CLIENT_KEY_SIZE] = { 4 };
	snprintf((char *)key + 1, sizeof key - 1, "%s", label);
	client_fingerprint(key, fingerprint);
	return client_store_add(server->clients, key, label) == 0;
}

/* One active display, one that is kept; one session, one that asks to be paired. */
static bool furnish(struct server *server)
{
	if (!pair(server, "desk", server->owner) || !pair(server, "laptop", server->absent))
		return false;
	struct session_state *state = host_stub_add(&server->sessions, OWNER_SESSION, 1);
	memcpy(state->fingerprint, server->owner, sizeof state->fingerprint);
	snprintf(state->label, sizeof state->label, "desk");
	host_stub_add(&server->sessions, ASKING_SESSION, 2)->waiting = true;
	host_stub_add(&server->sessions, GONE_SESSION, 3);
	server->sessions.together = true;
	server->sessions.streaming = true;
	return acquire(server, server->owner, "desk", OWNER_SESSION) &&
		acquire(server, server->absent, "laptop", GONE_SESSION);
}

static bool open_rooms(struct server *server, const char *state)
{
	struct policy_layer forever = {
		.set = 1u << POLICY_FIELD_KEEP_ALIVE,
		.fields.keep_alive.kind = KEEP_ALIVE_FOREVER,
	};
	char config[256];
	snprintf(config, sizeof config, "%s/config", state);
	server->worker = store_worker_create(server->event);
	if (!server->worker)
		return false;
	server->settings = settings_open(&(const struct settings_params){
		.config_folder = config,
		.worker = server->worker,
		.command_line = &forever,
		.changed = settings_changed,
		.changed_data = server,
	});
	server->apps = app_list_open(&(const struct app_list_params){
		.event = server->event,
		.config_folder = config,
		.worker = server->worker,
		.changed = apps_changed,
		.changed_data = server,
	});
	server->identities = identity_store_open(state, server->worker);
	server->clients = client_store_open(state);
	if (!server->settings || !server->apps || !server->identities || !server->clients)
		return false;
	client_store_on_change(server->clients, clients_changed, server);
	struct display_backend *backend = fake_backend_create(server->event, &server->stats);
	server->registry = display_registry_create(&(const struct display_registry_params){
		.event = server->event,
		.backend = backend,
		.read_policy = read_policy,
		.policy_data = server,
		.desktop_was_named = true,
		.identities = server->identities,
		.changed = displays_changed,
		.changed_data = server,
	});
	if (!server->registry)
		return false;
	/* A monitor, and one that is off. */
	fake_backend_set_outside(backend,
		(const struct display_outside_output[]){
			{ .name = "DP-1",
				.mode = { 2560, 1440, 59951, 100 },
				.width = 2560,
				.height = 1440,
				.enabled = true },
			{ .name = "HDMI-A-1" },
		},
		2);
	return true;
}

static bool open_doors(struct server *server, char **arguments)
{
	server->api = api_create(&(const struct api_params){
		.event = server->event,
		.state_folder = arguments[1],
		.name = "test host",
		.worker = server->worker,
		.settings = server->settings,
		.apps = server->apps,
		.registry = server->registry,
		.identities = server->identities,
		.sessions = &server->sessions,
		.clients = server->clients,
	});
	if (!server->api)
		return false;
	server->web = web_server_create(&(const struct web_server_params){
		.event = server->event,
		.sessions = &server->sessions,
		.state_folder = arguments[1],
		.page_folder = arguments[2],
		.console_folder = arguments[3],
		.api = server->api,
	});
	return server->web;
}

static void print_fingerprint(const char *name, const uint8_t fingerprint[32])
{
	printf(",\"%s\":\"", name);
	for (size_t i = 0; i < 32; i++)
		printf("%02x", fingerprint[i]);
	printf("\"");
}

static int on_input(sd_event_source *source, int fd, uint32_t events, void *data)
{
	char bytes[64];
	if (read(fd, bytes, sizeof bytes) <= 0)
		sd_event_exit(sd_event_source_get_event(source), EXIT_SUCCESS);
	return 0;
}

static int serve(struct server *server)
{
	const int port = web_server_listen(server->web, "127.0.0.1:0");
	if (port < 0 ||
		sd_event_add_io(server->event, NULL, STDIN_FILENO, EPOLLIN, on_input, server) < 0)
		return EXIT_FAILURE;
	printf("{\"port\":%d", port);
	print_fingerprint("desk", server->owner);
	print_fingerprint("laptop", server->absent);
	printf(",\"session\":%d,\"asking\":%d}\n", OWNER_SESSION, ASKING_SESSION);
	fflush(stdout);
	return sd_event_loop(server->event);
}

int main(int argc, char **argv)
{
	static struct server server;
	if (argc != 4) {
		fprintf(stderr, "usage: lodge-api-server STATE PAGES CONSOLE\n");
		return 2;
	}
	int status = EXIT_FAILURE;
	if (sd_event_new(&server.event) >= 0 && open_rooms(&server, argv[1]) && furnish(&server) &&
		open_doors(&server, argv))
		status = serve(&server);
	web_server_destroy(server.web);
	api_destroy(server.api);
	server.api = NULL;
	display_registry_destroy(server.registry);
	client_store_close(server.clients);
	identity_store_close(server.identities);
	app_list_close(server.apps);
	settings_close(server.settings);
	store_worker_destroy(server.worker);
	host_stub_finish(&server.sessions);
	sd_event_unref(server.event);
	return status;
}
