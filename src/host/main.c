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

#include "display/registry.h"
#include "display/sway/sway_backend.h"
#include "host/folders.h"
#include "host/options.h"
#include "host/pin.h"
#include "session/clients.h"
#include "session/host.h"
#include "web/server.h"

#define LINGER_SECONDS 10
#define MAX_DISPLAYS 4
#define SHUTDOWN_NS 3000000000u

struct lodged {
	const struct options *options;
	struct folders folders;
	sd_event *event;
	struct display_registry *registry;
	struct client_store *clients;
	struct session_host *sessions;
	struct web_server *web;
	struct pin_display pin;
	int port;
	bool stopping;
};

static void read_policy(void *data, const uint8_t *client, struct display_policy *policy)
{
	*policy = (struct display_policy){
		.keep_alive = { KEEP_ALIVE_DURATION, LINGER_SECONDS * 1000000000ull },
		.max_displays = MAX_DISPLAYS,
	};
}

static void desktop_changed(void *data, bool ready, const char *text)
{
	struct lodged *lodged = data;
	fprintf(stderr, "lodged: desktop: %s\n", text);
	if (lodged->sessions)
		session_host_desktop_changed(lodged->sessions, ready, text);
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

static struct display_backend *open_desktop(struct lodged *lodged)
{
	const struct options *options = lodged->options;
	if (options->desktop == DESKTOP_SPAWN_SWAY)
		return sway_backend_spawn(lodged->event,
			&(struct sway_spawn_params){
				.runtime_parent = lodged->folders.runtime,
				.launch = options->launch,
				.launch_count = options->launch_count,
			});
	const char *ipc = getenv("SWAYSOCK"), *wayland = getenv("WAYLAND_DISPLAY");
	if (!ipc || !wayland) {
		fprintf(stderr,
			"lodged: no running sway session (SWAYSOCK and WAYLAND_DISPLAY are not "
			"set); "
			"start lodged inside it, or use --spawn sway\n");
		errno = ENOENT;
		return NULL;
	}
	char socket[SOURCE_PATH_MAX];
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	const int size = wayland[0] == '/'
		? snprintf(socket, sizeof socket, "%s", wayland)
		: snprintf(socket, sizeof socket, "%s/%s", runtime ? runtime : "", wayland);
	if (size >= (int)sizeof socket) {
		fprintf(stderr, "lodged: the path of the Wayland socket %s is too long\n", wayland);
		errno = ENAMETOOLONG;
		return NULL;
	}
	return sway_backend_attach(lodged->event,
		&(struct sway_attach_params){ .ipc_socket = ipc, .wayland_socket = socket });
}

static bool open_display_room(struct lodged *lodged)
{
	struct display_backend *backend = open_desktop(lodged);
	if (!backend) {
		if (errno != ENOENT)
			fprintf(stderr, "lodged: the desktop cannot be opened: %s\n",
				strerror(errno));
		return false;
	}
	lodged->registry = display_registry_create(&(struct display_registry_params){
		.event = lodged->event,
		.backend = backend,
		.read_policy = read_policy,
		.policy_data = lodged,
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
		.clients = lodged->clients,
		.open = lodged->options->open,
		.name = name,
	});
	return lodged->sessions;
}

static bool open_web(struct lodged *lodged)
{
	const struct options *options = lodged->options;
	lodged->web = web_server_create(&(struct web_server_params){
		.event = lodged->event,
		.sessions = lodged->sessions,
		.state_folder = lodged->folders.state,
		.page_folder = lodged->folders.pages,
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
	session_host_destroy(lodged->sessions);
	client_store_close(lodged->clients);
	display_registry_destroy(lodged->registry);
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
		open_display_room(&lodged) && open_session_room(&lodged) && open_web(&lodged)) {
		announce(&lodged);
		status = sd_event_loop(lodged.event);
	}
	close_rooms(&lodged);
	return status < 0 ? EXIT_FAILURE : status;
}
