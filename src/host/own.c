#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/lodged.h"
#include "session/clients.h"
#include "settings/settings.h"

/* --- desktops of clients' own --- */

static void own_desktop_changed(
	void *data, struct display_registry *registry, bool ready, const char *text)
{
	struct lodged *lodged = data;
	if (lodged->sessions)
		session_host_desktop_changed(lodged->sessions, registry, ready, text);
}

static struct desktop_sound sound_of(const struct isolated_tree_info *info)
{
	struct desktop_sound sound = { .text = "this desktop has no sound" };
	if (!info || !info->pipewire_socket[0])
		return sound;
	sound.present = true;
	memcpy(sound.sink.pipewire_socket, info->pipewire_socket, SOURCE_PATH_MAX);
	snprintf(sound.sink.node, sizeof sound.sink.node, "%s", info->sink);
	sound.microphone = sound.sink;
	snprintf(sound.microphone.node, sizeof sound.microphone.node, "%s", info->microphone);
	return sound;
}

static void own_sound_changed(
	void *data, struct display_registry *registry, const struct isolated_tree_info *info)
{
	struct lodged *lodged = data;
	const struct desktop_sound sound = sound_of(info);
	if (lodged->sessions)
		session_host_sound_changed(lodged->sessions, registry, &sound);
}

static bool own_client_is_known(void *data, const uint8_t client[DISPLAY_IDENTITY_SIZE])
{
	const struct lodged *lodged = data;
	return client_store_find(lodged->clients, client);
}

static struct desktop_program program_of(const struct app *app)
{
	return (struct desktop_program){
		.id = app->id,
		.arguments = app->arguments,
		.argument_count = app->argument_count,
		.environment = app->environment,
		.environment_count = app->environment_count,
	};
}

static bool own_find_program(void *data, const char *id, struct desktop_program *program)
{
	const struct lodged *lodged = data;
	const struct app *app = app_list_find(lodged->apps, id);
	if (app)
		*program = program_of(app);
	return app;
}

static void own_app_ended(void *data, struct display_registry *registry, const char *text)
{
	struct lodged *lodged = data;
	if (lodged->sessions)
		session_host_app_ended(lodged->sessions, registry, text);
}

static void own_desktop_ends(void *data, struct display_registry *registry)
{
	struct lodged *lodged = data;
	if (lodged->sessions)
		session_host_desktop_ends(lodged->sessions, registry);
}

void own_choose(void *data, const uint8_t *client, bool anonymous, const char *app,
	struct chosen_desktop *choice, char *fault, size_t capacity)
{
	struct lodged *lodged = data;
	struct display_policy policy;
	const struct app *wanted = app ? app_list_find(lodged->apps, app) : NULL;
	settings_policy(lodged->settings, anonymous ? NULL : client, &policy);
	if (app && !wanted) {
		snprintf(fault, capacity, "this host has no such app");
		choice->registry = NULL;
		return;
	}
	if (policy.desktop != POLICY_DESKTOP_ISOLATED && !(wanted && wanted->isolated))
		return;
	choice->registry = NULL;
	if (!lodged->desktops) {
		snprintf(fault, capacity, "this host cannot give a desktop of one's own");
		return;
	}
	const struct desktop_program program =
		wanted ? program_of(wanted) : (struct desktop_program){ 0 };
	choice->registry = desktops_choose(
		lodged->desktops, client, wanted ? &program : NULL, fault, capacity);
	if (choice->registry)
		snprintf(choice->app, sizeof choice->app, "%s",
			desktops_app(lodged->desktops, client));
	choice->sound = sound_of(
		choice->registry ? desktops_info(lodged->desktops, choice->registry) : NULL);
}

void own_show_device(void *data, struct display_registry *registry, const char *path, bool shown)
{
	struct lodged *lodged = data;
	struct isolated_tree *tree = NULL;
	if (registry == lodged->registry) {
		tree = lodged->shared_tree;
	} else if (lodged->desktops) {
		const struct isolated_tree_info *info = desktops_info(lodged->desktops, registry);
		tree = info ? info->tree : NULL;
	}
	if (!tree)
		return;
	const int error = shown ? isolated_tree_show_device(tree, path)
				: isolated_tree_hide_device(tree, path);
	/* A tree that is not there any more hides everything. */
	if (shown && error < 0)
		fprintf(stderr, "lodged: the gamepad %s cannot be shown on its desktop: %s\n", path,
			strerror(-error));
}

/* What of the user's is nobody's business who has a home of their own, wherever it is. */
static void find_hidden(struct lodged *lodged)
{
	const char *const candidates[] = { lodged->folders.state, lodged->folders.config,
		getenv("HOME"), getenv("XDG_RUNTIME_DIR") };
	lodged->hidden_count = 0;
	for (size_t i = 0; i < sizeof candidates / sizeof *candidates; i++) {
		const char *path = candidates[i];
		if (path && path[0] == '/' && path[1] && !strstr(path, "/..") &&
			access(path, F_OK) == 0)
			lodged->hidden[lodged->hidden_count++] = path;
	}
}

/* Without them the host serves the shared desktop all the same; who asks for one of its own is told why not. */
bool own_open(struct lodged *lodged)
{
	find_hidden(lodged);
	lodged->desktops = desktops_create(&(struct desktops_params){
		.event = lodged->event,
		.runtime_parent = lodged->folders.runtime,
		.state_folder = lodged->folders.state,
		.hidden = lodged->hidden,
		.hidden_count = lodged->hidden_count,
		.read_policy = lodged_read_policy,
		.identities = lodged->identities,
		.encoders_free = lodged_encoders_free,
		.changed = lodged_displays_changed,
		.desktop_changed = own_desktop_changed,
		.sound_changed = own_sound_changed,
		.knows = own_client_is_known,
		.find_program = own_find_program,
		.app_ended = own_app_ended,
		.ends = own_desktop_ends,
		.data = lodged,
		.launch = lodged->options->launch,
		.launch_count = lodged->options->launch_count,
		.compositor = lodged->options->own_desktops,
		.most = lodged->options->max_desktops,
	});
	if (!lodged->desktops)
		fprintf(stderr, "lodged: no desktops of clients' own: %s\n", strerror(errno));
	return true;
}

const char *own_about(void *data)
{
	const struct lodged *lodged = data;
	return desktops_about(lodged->desktops);
}

size_t own_list(void *data, struct api_own_desktop *list, size_t capacity)
{
	struct lodged *lodged = data;
	struct own_desktop_state *states = lodged->own_states;
	const size_t count = lodged->desktops
		? desktops_list(lodged->desktops, states,
			  capacity < API_OWN_DESKTOPS_MAX ? capacity : API_OWN_DESKTOPS_MAX)
		: 0;
	for (size_t i = 0; i < count; i++)
		list[i] = (struct api_own_desktop){ states[i].name, states[i].app, states[i].client,
			states[i].registry };
	return count;
}

/* --- the sound of the shared desktop --- */

void own_shared_tree_changed(void *data, const struct isolated_tree_info *info)
{
	struct lodged *lodged = data;
	lodged->shared_tree = info ? info->tree : NULL;
	if (lodged->sessions)
		own_sound_changed(lodged, lodged->registry, info);
}

/* NULL: the spawned desktop has none, and needs no tree. */
struct isolation *own_sound_isolation(const struct lodged *lodged)
{
	if (!lodged->options->sound)
		return NULL;
	const struct isolation_capabilities *can = lodged->desktops
		? isolation_capabilities(desktops_isolation(lodged->desktops))
		: NULL;
	if (can && can->trees && can->sound)
		return desktops_isolation(lodged->desktops);
	fprintf(stderr, "lodged: --sound: the spawned desktop has none: %s\n",
		!can                 ? "no isolated tree can be made"
			: can->trees ? can->sound_text
				     : can->trees_text);
	return NULL;
}

/* What a running session's programs play goes to its PipeWire's default sink; a microphone of ours is not in it. */
struct desktop_sound own_session_sound(const struct lodged *lodged)
{
	struct desktop_sound sound = { .text = "the shared desktop has no sound" };
	const char *folder = getenv("PIPEWIRE_RUNTIME_DIR");
	if (!folder)
		folder = getenv("XDG_RUNTIME_DIR");
	const enum desktop_choice choice = lodged->options->desktop;
	if (choice == DESKTOP_SPAWN_SWAY || choice == DESKTOP_SPAWN_GAMESCOPE || !folder)
		return sound;
	const int size = snprintf(sound.sink.pipewire_socket, sizeof sound.sink.pipewire_socket,
		"%s/pipewire-0", folder);
	sound.present = size < (int)sizeof sound.sink.pipewire_socket &&
		access(sound.sink.pipewire_socket, R_OK | W_OK) == 0;
	if (!sound.present)
		sound.text = "this session has no PipeWire";
	return sound;
}
