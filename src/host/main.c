#include <ctype.h>
#include <errno.h>
#include <gnutls/gnutls.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include "display/identity_store.h"
#include "display/journal.h"
#include "display/registry.h"
#include "host/lodged.h"
#include "host/shared_desktop.h"
#include "session/clients.h"
#include "settings/settings.h"
#include "store/worker.h"
#include "web/server.h"

#define SHUTDOWN_NS 3000000000u

void lodged_read_policy(void *data, const uint8_t *client, struct display_policy *policy)
{
	const struct lodged *lodged = data;
	settings_policy(lodged->settings, client, policy);
}

uint32_t lodged_encoders_free(void *data)
{
	const struct lodged *lodged = data;
	struct stream_state streams[OPTIONS_ENCODERS_MAX];
	const uint32_t most = lodged->options->max_encoders;
	if (most == 0 || !lodged->sessions)
		return OPTIONS_ENCODERS_MAX;
	const size_t open = session_host_streams(lodged->sessions, streams, OPTIONS_ENCODERS_MAX);
	return open < most ? most - (uint32_t)open : 0;
}

static void tell(struct lodged *lodged, enum api_topic topic)
{
	if (lodged->api)
		api_changed(lodged->api, topic);
}

/* How people are together is the host's: nobody's overrides count. */
static void apply_rules(struct lodged *lodged)
{
	struct display_policy policy;
	settings_policy(lodged->settings, NULL, &policy);
	session_host_set_rules(lodged->sessions,
		&(struct session_rules){
			.presence = policy.presence.enabled,
			.presence_params = {
				.controlling_ns = policy.presence.controlling_s * 1000000000ull,
				.watching_ns = policy.presence.watching_s * 1000000000ull,
			},
			.control = policy.control == POLICY_CONTROL_ONE_AT_A_TIME
				? CONTROL_ONE_AT_A_TIME
				: CONTROL_FREE,
			.seat_per_client = policy.input == POLICY_INPUT_SEAT_PER_CLIENT,
		});
}

static void settings_changed(void *data)
{
	struct lodged *lodged = data;
	if (lodged->sessions)
		apply_rules(lodged);
	if (lodged->registry)
		display_registry_policy_changed(lodged->registry);
	if (lodged->desktops)
		desktops_policy_changed(lodged->desktops);
	programs_changed(lodged);
	tell(lodged, API_TOPIC_SETTINGS);
	tell(lodged, API_TOPIC_CLIENTS);
	tell(lodged, API_TOPIC_PRESENCE);
	tell(lodged, API_TOPIC_CONTROL);
}

static void apps_changed(void *data)
{
	programs_tell(data);
	tell(data, API_TOPIC_APPS);
}

void lodged_displays_changed(void *data)
{
	programs_changed(data);
	tell(data, API_TOPIC_DISPLAYS);
}

static void sessions_changed(void *data)
{
	tell(data, API_TOPIC_SESSIONS);
	tell(data, API_TOPIC_PRESENCE);
	tell(data, API_TOPIC_CONTROL);
	tell(data, API_TOPIC_CLIENTS);
	tell(data, API_TOPIC_PAIRING);
}

static void clients_changed(void *data)
{
	tell(data, API_TOPIC_CLIENTS);
	tell(data, API_TOPIC_PAIRING);
}

static void desktop_changed(void *data, bool ready, const char *text)
{
	struct lodged *lodged = data;
	fprintf(stderr, "lodged: desktop: %s\n", text);
	if (lodged->sessions)
		session_host_desktop_changed(lodged->sessions, lodged->registry, ready, text);
	if (!ready && lodged->shared_apps)
		shared_apps_forget(lodged->shared_apps);
	tell(lodged, API_TOPIC_DISPLAYS);
	tell(lodged, API_TOPIC_SETTINGS); /* its capabilities */
}

static void after_registry_shutdown(void *data)
{
	struct lodged *lodged = data;
	sd_event_exit(lodged->event, EXIT_SUCCESS);
}

static int on_signal(sd_event_source *source, const struct signalfd_siginfo *info, void *data)
{
	struct lodged *lodged = data;
	if (lodged->stopping) {
		sd_event_exit(lodged->event, EXIT_FAILURE);
		return 0;
	}
	lodged->stopping = true;
	sd_notify(0, "STOPPING=1");
	fprintf(stderr, "lodged: stopping\n");
	web_server_stop(lodged->web);
	session_host_shutdown(lodged->sessions);
	display_registry_shutdown(lodged->registry, SHUTDOWN_NS, after_registry_shutdown, lodged);
	return 0;
}

/* LODGE_KEEP_ALIVE=30 and so on. A value that is none is said, and ignored: a host must start. */
static void read_environment(struct policy_layer *layer)
{
	for (enum policy_field field = 0; field < POLICY_FIELDS; field++) {
		char name[64] = "LODGE_", assignment[256], fault[256];
		snprintf(name + 6, sizeof name - 6, "%s", policy_field_name(field));
		for (char *at = name; *at; at++)
			*at = (char)toupper((unsigned char)*at);
		const char *value = getenv(name);
		if (!value)
			continue;
		snprintf(assignment, sizeof assignment, "%s=%s", policy_field_name(field), value);
		if (!settings_parse_assignment(layer, assignment, fault, sizeof fault))
			fprintf(stderr, "lodged: environment: %s is ignored: %s\n", name, fault);
	}
}

static bool open_stores(struct lodged *lodged)
{
	struct policy_layer environment = { 0 };
	read_environment(&environment);
	lodged->worker = store_worker_create(lodged->event);
	if (!lodged->worker) {
		fprintf(stderr, "lodged: no thread for the disk: %s\n", strerror(errno));
		return false;
	}
	lodged->settings = settings_open(&(struct settings_params){
		.config_folder = lodged->folders.config,
		.worker = lodged->worker,
		.environment = &environment,
		.command_line = &lodged->options->policy,
		.changed = settings_changed,
		.changed_data = lodged,
	});
	if (!lodged->settings)
		return false;
	lodged->apps = app_list_open(&(const struct app_list_params){
		.event = lodged->event,
		.config_folder = lodged->folders.config,
		.worker = lodged->worker,
		.changed = apps_changed,
		.changed_data = lodged,
	});
	if (!lodged->apps)
		return false;
	lodged->identities = identity_store_open(lodged->folders.state, lodged->worker);
	if (!lodged->identities)
		return false;
	lodged->journal = display_journal_open(lodged->folders.state);
	return lodged->journal;
}

static bool open_display_room(struct lodged *lodged)
{
	struct display_backend *backend = shared_desktop_open(lodged);
	if (!backend) {
		if (errno != ENOENT)
			fprintf(stderr, "lodged: the desktop cannot be opened: %s\n",
				strerror(errno));
		return false;
	}
	lodged->registry = display_registry_create(&(struct display_registry_params){
		.event = lodged->event,
		.backend = backend,
		.read_policy = lodged_read_policy,
		.policy_data = lodged,
		.desktop_was_named = lodged->options->desktop != DESKTOP_AUTO,
		.identities = lodged->identities,
		.encoders_free = lodged_encoders_free,
		.encoders_data = lodged,
		.changed = lodged_displays_changed,
		.changed_data = lodged,
		.desktop_changed = desktop_changed,
		.desktop_data = lodged,
	});
	if (!lodged->registry)
		display_backend_destroy(backend);
	return lodged->registry;
}

static bool open_session_room(struct lodged *lodged)
{
	char name[65] = "lodge";
	gethostname(name, sizeof name - 1);
	lodged->clients = client_store_open(lodged->folders.state);
	if (!lodged->clients)
		return false;
	lodged->sessions = session_host_create(&(struct session_host_params){
		.event = lodged->event,
		.registry = lodged->registry,
		.sound = own_session_sound(lodged),
		.choose = own_choose,
		.choose_data = lodged,
		.show_device = own_show_device,
		.launch = programs_launch,
		.app_flags = programs_flags,
		.read_icon = programs_read_icon,
		.clients = lodged->clients,
		.open = lodged->options->open,
		.max_sessions = lodged->options->max_sessions,
		.name = name,
	});
	if (!lodged->sessions)
		return false;
	apply_rules(lodged);
	lodged->shared_apps = shared_apps_create(
		lodged->event, lodged->folders.runtime, programs_changed, lodged);
	programs_tell(lodged);
	lodged->api = api_create(&(struct api_params){
		.event = lodged->event,
		.state_folder = lodged->folders.state,
		.name = name,
		.worker = lodged->worker,
		.settings = lodged->settings,
		.apps = lodged->apps,
		.registry = lodged->registry,
		.own_desktops = own_list,
		.own_data = lodged,
		.own_about = own_about,
		.own_missing = lodged->desktops ? desktops_missing(lodged->desktops)
						: "this host cannot make isolated trees",
		.confinement_missing =
			lodged->desktops ? desktops_confinement_missing(lodged->desktops) : NULL,
		.identities = lodged->identities,
		.sessions = lodged->sessions,
		.clients = lodged->clients,
	});
	if (!lodged->api)
		return false;
	session_host_on_change(lodged->sessions, sessions_changed, lodged);
	client_store_on_change(lodged->clients, clients_changed, lodged);
	if (lodged->desktops)
		desktops_adopt(lodged->desktops);
	return true;
}

static bool open_web(struct lodged *lodged)
{
	const struct options *options = lodged->options;
	lodged->web = web_server_create(&(struct web_server_params){
		.event = lodged->event,
		.sessions = lodged->sessions,
		.api = lodged->api,
		.state_folder = lodged->folders.state,
		.page_folder = lodged->folders.pages,
		.console_folder = lodged->folders.console[0] ? lodged->folders.console : NULL,
	});
	if (!lodged->web)
		return false;
	for (size_t i = 0; i < options->listen_count; i++) {
		const int port = web_server_listen(lodged->web, options->listen[i]);
		if (port < 0) {
			fprintf(stderr, "lodged: --listen '%s': %s\n", options->listen[i],
				strerror(-port));
			return false;
		}
		if (i == 0)
			lodged->port = port;
	}
	return true;
}

static bool watch_signals(struct lodged *lodged)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP };
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
		if (sd_event_add_signal(lodged->event, NULL, signals[i], on_signal, lodged) < 0)
			return false;
	}
	sd_event_set_watchdog(lodged->event, true);
	return true;
}

static void announce(struct lodged *lodged)
{
	if (lodged->options->pair)
		pin_display_start(&lodged->pin, lodged->clients, lodged->folders.state,
			!lodged->options->print_ready);
	/* The address as given, but with the port that was bound. */
	const char *address = lodged->options->listen[0];
	const int host_size = (int)(strrchr(address, ':') - address);
	if (lodged->options->print_ready) {
		printf("{\"ready\":true,\"url\":\"https://%.*s:%d/\",\"port\":%d,\"pid\":%d}\n",
			host_size, address, lodged->port, lodged->port, (int)getpid());
		fflush(stdout);
	} else {
		fprintf(stderr, "lodged: ready at https://%.*s:%d/\n", host_size, address,
			lodged->port);
	}
	sd_notifyf(
		0, "READY=1\nSTATUS=Serving on port %d\nMAINPID=%d", lodged->port, (int)getpid());
}

static void close_rooms(struct lodged *lodged)
{
	pin_display_stop(&lodged->pin);
	web_server_destroy(lodged->web);
	api_destroy(lodged->api);
	session_host_destroy(lodged->sessions);
	lodged->sessions = NULL;
	shared_apps_destroy(lodged->shared_apps);
	client_store_close(lodged->clients);
	display_registry_destroy(lodged->registry);
	desktops_destroy(lodged->desktops);
	display_journal_close(lodged->journal);
	identity_store_close(lodged->identities);
	app_list_close(lodged->apps);
	settings_close(lodged->settings);
	store_worker_destroy(lodged->worker);
	sd_event_unref(lodged->event);
}

static bool block_signals(void)
{
	/* Before anything else asks for them: sd-event takes them from a signalfd, and no thread may. */
	sigset_t signals;
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGCHLD);
	return sigprocmask(SIG_BLOCK, &signals, NULL) == 0 && signal(SIGPIPE, SIG_IGN) != SIG_ERR;
}

int main(int argc, char **argv)
{
	struct options options;
	char fault[320];
	switch (options_parse(&options, argc, argv, fault, sizeof fault)) {
	case OPTIONS_DONE:
		return EXIT_SUCCESS;
	case OPTIONS_WRONG:
		fprintf(stderr, "%s\n", fault);
		return 2;
	case OPTIONS_RUN:
		break;
	}

	struct lodged lodged = { .options = &options };
	int status = EXIT_FAILURE;
	umask(0077);
	if (block_signals() && folders_prepare(&lodged.folders, &options) == 0 &&
		sd_event_new(&lodged.event) >= 0 && watch_signals(&lodged) &&
		open_stores(&lodged) && own_open(&lodged) && open_display_room(&lodged) &&
		open_session_room(&lodged) && open_web(&lodged)) {
		announce(&lodged);
		status = sd_event_loop(lodged.event);
	}
	close_rooms(&lodged);
	return status < 0 ? EXIT_FAILURE : status;
}
