#include "desktops/desktops.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "desktops/confinement.h"
#include "desktops/desktops_private.h"
#include "desktops/machine.h"
#include "desktops/program_end.h"
#include "desktops/spawn.h"
#include "display/sway/sway_backend.h"

#define MOST_DEFAULT 16
#define BRING_UP_NS 20000000000u /* how long a claim waits for tree and compositor */
#define REQUEST_NS 10000000000u
#define RETRY_FIRST_NS 500000000u
#define RETRY_MAX_NS 2000000000u

void own_desktop_destroy(struct own_desktop *desktop)
{
	struct own_desktop **at = &desktop->desktops->first;
	while (*at && *at != desktop)
		at = &(*at)->next;
	isolation_confine(desktop->desktops->isolation, desktop->name, NULL);
	if (*at) {
		*at = desktop->next;
		desktop->desktops->count--;
	}
	desktop->ending = true;
	display_registry_destroy(desktop->registry);
	free(desktop->noted);
	free(desktop);
}

/* Outside of the registry's own callback. */
static int on_sweep(sd_event_source *source, void *data)
{
	struct desktops *desktops = data;
	struct own_desktop *desktop = desktops->first;
	while (desktop) {
		struct own_desktop *next = desktop->next;
		struct display_state state;
		const bool empty = display_registry_list(desktop->registry, &state, 1) == 0;
		if (empty || desktop->is_over) {
			fprintf(stderr, "lodged: %s: its last %s is gone, so is the desktop\n",
				desktop->name, empty ? "display" : "program");
			desktops->params.ends(desktops->params.data, desktop->registry);
			own_desktop_destroy(desktop);
			desktops->params.changed(desktops->params.data);
		} else {
			own_desktop_keep(desktop);
		}
		desktop = next;
	}
	return 0;
}

static void on_changed(void *data)
{
	struct own_desktop *desktop = data;
	struct desktops *desktops = desktop->desktops;
	sd_event_source_set_enabled(desktops->sweep, SD_EVENT_ONESHOT);
	desktops->params.changed(desktops->params.data);
}

static void on_desktop_changed(void *data, bool ready, const char *text)
{
	struct own_desktop *desktop = data;
	struct desktops *desktops = desktop->desktops;
	fprintf(stderr, "lodged: %s: %s\n", desktop->name, text);
	if (!ready || desktop->was_ready)
		desktops->params.desktop_changed(
			desktops->params.data, desktop->registry, ready, text);
	desktop->was_ready = true;
}

static void on_tree_changed(void *data, const struct isolated_tree_info *info)
{
	struct own_desktop *desktop = data;
	struct desktops *desktops = desktop->desktops;
	desktop->has_info = info;
	desktop->info = info ? *info : (struct isolated_tree_info){ 0 };
	/* A new tree is not kept, and knows nothing; what that of an earlier host was told last, nobody here knows. */
	desktop->keeping.kind = desktop->is_adopted ? KEEPING_UNKNOWN : KEEPING_NOT;
	desktop->keeping.value_ns = 0;
	free(desktop->noted);
	desktop->noted = NULL;
	if (!info && desktop->cannot_restart && !desktop->ending) {
		desktop->is_over = true;
		sd_event_source_set_enabled(desktops->sweep, SD_EVENT_ONESHOT);
	}
	if (!desktop->ending)
		desktops->params.sound_changed(desktops->params.data, desktop->registry, info);
}

/*
 * Told before the output that goes with it is: else its client would hear that the desktop is gone, and come back to a new
 * one. Whoever is told may let go of displays, which a backend does not expect from inside of its own callback.
 */
static int on_app_end(sd_event_source *source, void *data)
{
	struct desktops *desktops = data;
	struct own_desktop *desktop = desktops->first;
	while (desktop) {
		struct own_desktop *next = desktop->next;
		if (desktop->app_end[0]) {
			fprintf(stderr, "lodged: %s: %s: %s; the desktop goes with it\n",
				desktop->name, desktop->app, desktop->app_end);
			desktops->params.app_ended(
				desktops->params.data, desktop->registry, desktop->app_end);
			desktops->params.ends(desktops->params.data, desktop->registry);
			own_desktop_destroy(desktop);
			desktops->params.changed(desktops->params.data);
		}
		desktop = next;
	}
	return 0;
}

static void on_program_ended(void *data, int status, const char *text)
{
	struct own_desktop *desktop = data;
	program_end_words(status, text, desktop->app_end, sizeof desktop->app_end);
	sd_event_source_set_enabled(desktop->desktops->app_end, SD_EVENT_ONESHOT);
}

static void read_policy(void *data, const uint8_t *client, struct display_policy *policy)
{
	const struct own_desktop *desktop = data;
	const struct desktops_params *params = &desktop->desktops->params;
	params->read_policy(params->data, client, policy);
	/* Nothing of it is the user's own: there are no monitors to turn off. */
	policy->topology = POLICY_TOPOLOGY_EXTEND;
}

static uint32_t encoders_free(void *data)
{
	const struct own_desktop *desktop = data;
	const struct desktops_params *params = &desktop->desktops->params;
	return params->encoders_free(params->data);
}

static struct display_backend *spawn_sway(struct own_desktop *desktop,
	const struct desktop_program *program, const struct desktop_record *record)
{
	struct desktops *desktops = desktop->desktops;
	const char *outputs[DESKTOP_DISPLAYS_MAX];
	struct sway_spawn_params params = {
		.isolation = desktops->isolation,
		.tree_name = desktop->name,
		.tree_changed = on_tree_changed,
		.program_ended = on_program_ended,
		.tree_data = desktop,
		.launch = (const char *const *)desktops->launch,
		.launch_count = desktops->params.launch_count,
	};
	if (program) {
		params.launch_count = 0;
		params.program = program->arguments;
		params.program_count = program->argument_count;
		params.program_environment = program->environment;
		params.program_environment_count = program->environment_count;
	}
	if (record) {
		for (size_t i = 0; i < record->count; i++)
			outputs[i] = record->displays[i].output;
		params.adopt = outputs;
		params.adopt_count = record->count;
		params.adopt_program = record->app[0];
	}
	return sway_backend_spawn(desktops->params.event, &params);
}

static struct display_backend *spawn(struct own_desktop *desktop,
	const struct desktop_program *program, const struct desktop_record *record)
{
	struct desktops *desktops = desktop->desktops;
	fprintf(stderr, "lodged: %s: %s%son a %s\n", desktop->name, desktop->app,
		desktop->app[0] ? " " : "", compositor_name(desktop->compositor));
	if (desktop->compositor == COMPOSITOR_SWAY)
		return spawn_sway(desktop, program, record);
	return desktop_spawn_gamescope(&(struct desktop_spawn){
		.event = desktops->params.event,
		.isolation = desktops->isolation,
		.name = desktop->name,
		.tree_changed = on_tree_changed,
		.program_ended = on_program_ended,
		.tree_data = desktop,
		.program = program,
		.launch = (const char *const *)desktops->launch,
		.launch_count = desktops->params.launch_count,
		.adopt = record ? &record->gamescope : NULL,
		.cannot_restart = desktop->cannot_restart,
	});
}

void own_desktop_name(const uint8_t client[DISPLAY_IDENTITY_SIZE], char name[ISOLATED_NAME_MAX])
{
	snprintf(name, ISOLATED_NAME_MAX, "own-%02x%02x%02x%02x%02x%02x", client[0], client[1],
		client[2], client[3], client[4], client[5]);
}

struct own_desktop *own_desktop_make(struct desktops *desktops,
	const uint8_t client[DISPLAY_IDENTITY_SIZE], const struct desktop_program *program,
	const struct desktop_record *record, enum compositor compositor)
{
	static const struct display_registry_timing timing = {
		.request_deadline_ns = REQUEST_NS,
		.desktop_wait_ns = BRING_UP_NS,
		.retry_first_ns = RETRY_FIRST_NS,
		.retry_max_ns = RETRY_MAX_NS,
	};
	struct own_desktop *desktop = calloc(1, sizeof *desktop);
	if (!desktop)
		return NULL;
	desktop->desktops = desktops;
	desktop->is_adopted = record;
	memcpy(desktop->client, client, sizeof desktop->client);
	own_desktop_name(client, desktop->name);
	snprintf(desktop->app, sizeof desktop->app, "%s",
		program          ? program->id
			: record ? record->app
				 : "");
	desktop->cannot_restart = record && record->app[0] && !program;
	desktop->compositor = record ? record->compositor : compositor;
	/* Before there can be a tree of it; also an adopted desktop may need another one. */
	if (!own_desktop_confine(desktop))
		goto error;
	struct display_backend *backend = spawn(desktop, program, record);
	if (!backend)
		goto error;
	desktop->backend = backend;
	desktop->registry = display_registry_create(&(struct display_registry_params){
		.event = desktops->params.event,
		.backend = backend,
		.read_policy = read_policy,
		.policy_data = desktop,
		.desktop_was_named = true,
		.identities = desktops->params.identities,
		.encoders_free = desktops->params.encoders_free ? encoders_free : NULL,
		.encoders_data = desktop,
		.changed = on_changed,
		.changed_data = desktop,
		.desktop_changed = on_desktop_changed,
		.desktop_data = desktop,
		.timing = &timing,
	});
	if (!desktop->registry) {
		desktop->ending = true;
		display_backend_destroy(backend);
		goto error;
	}
	desktop->next = desktops->first;
	desktops->first = desktop;
	desktops->count++;
	return desktop;
error:;
	const int error = errno;
	isolation_confine(desktops->isolation, desktop->name, NULL);
	free(desktop->noted);
	free(desktop);
	errno = error;
	return NULL;
}

static struct own_desktop *find(
	const struct desktops *desktops, const uint8_t client[DISPLAY_IDENTITY_SIZE])
{
	struct own_desktop *desktop = desktops->first;
	while (desktop && memcmp(desktop->client, client, sizeof desktop->client) != 0)
		desktop = desktop->next;
	return desktop;
}

struct display_registry *desktops_choose(struct desktops *desktops,
	const uint8_t client[DISPLAY_IDENTITY_SIZE], const struct desktop_program *program,
	char *fault, size_t capacity)
{
	struct own_desktop *desktop = find(desktops, client);
	enum compositor compositor = COMPOSITOR_SWAY;
	char missing[192];
	if (!desktop &&
		!machine_choose(desktops->machine, program, &compositor, missing, sizeof missing)) {
		snprintf(fault, capacity, "a desktop of one's own cannot be had: %s", missing);
		return NULL;
	}
	const char *obstacle = desktop ? NULL : confinement_obstacle(desktops, client);
	if (obstacle) {
		snprintf(fault, capacity, "a desktop of one's own cannot be had: %s", obstacle);
		return NULL;
	}
	if (desktop && program && strcmp(desktop->app, program->id) != 0) {
		snprintf(fault, capacity, "%s runs on this client's desktop; quit it first",
			desktop->app[0] ? desktop->app : "something else");
		return NULL;
	}
	if (!desktop && desktops->count >= desktops->params.most) {
		snprintf(fault, capacity,
			"there are %u desktops of clients' own already, the most "
			"there may be",
			desktops->count);
		return NULL;
	}
	if (!desktop)
		desktop = own_desktop_make(desktops, client, program, NULL, compositor);
	if (!desktop)
		snprintf(fault, capacity, "a desktop of one's own cannot be started: %s",
			strerror(errno));
	return desktop ? desktop->registry : NULL;
}

struct display_registry *desktops_find(
	const struct desktops *desktops, const uint8_t client[DISPLAY_IDENTITY_SIZE])
{
	const struct own_desktop *desktop = find(desktops, client);
	return desktop ? desktop->registry : NULL;
}

const char *desktops_app(
	const struct desktops *desktops, const uint8_t client[DISPLAY_IDENTITY_SIZE])
{
	const struct own_desktop *desktop = find(desktops, client);
	return desktop ? desktop->app : NULL;
}

const struct isolated_tree_info *desktops_info(
	const struct desktops *desktops, const struct display_registry *registry)
{
	const struct own_desktop *desktop = desktops->first;
	while (desktop && desktop->registry != registry)
		desktop = desktop->next;
	return desktop && desktop->has_info ? &desktop->info : NULL;
}

size_t desktops_list(
	const struct desktops *desktops, struct own_desktop_state *states, size_t capacity)
{
	size_t count = 0;
	for (const struct own_desktop *one = desktops->first; one && count < capacity;
		one = one->next) {
		struct own_desktop_state *state = &states[count++];
		*state = (struct own_desktop_state){ .app = one->app, .registry = one->registry };
		memcpy(state->name, one->name, sizeof state->name);
		memcpy(state->client, one->client, sizeof state->client);
	}
	return count;
}

void desktops_policy_changed(struct desktops *desktops)
{
	for (struct own_desktop *one = desktops->first; one; one = one->next) {
		display_registry_policy_changed(one->registry);
		own_desktop_keep(one); /* at once: whoever changed it may rely on it */
	}
}

struct isolation *desktops_isolation(struct desktops *desktops)
{
	return desktops->isolation;
}

const char *desktops_missing(const struct desktops *desktops)
{
	return machine_missing(desktops->machine);
}

const char *desktops_about(const struct desktops *desktops)
{
	return machine_about(desktops->machine);
}

static bool copy_launch(struct desktops *desktops, const struct desktops_params *params)
{
	desktops->launch = calloc(params->launch_count + 1, sizeof *desktops->launch);
	for (size_t i = 0; desktops->launch && i < params->launch_count; i++) {
		desktops->launch[i] = strdup(params->launch[i]);
		if (!desktops->launch[i])
			return false;
	}
	return desktops->launch;
}

struct desktops *desktops_create(const struct desktops_params *params)
{
	struct desktops *desktops = calloc(1, sizeof *desktops);
	if (!desktops)
		return NULL;
	desktops->params = *params;
	if (params->most == 0)
		desktops->params.most = MOST_DEFAULT;
	int error = copy_launch(desktops, params) ? 0 : -ENOMEM;
	if (error == 0)
		error = sd_event_add_defer(params->event, &desktops->sweep, on_sweep, desktops);
	if (error >= 0)
		error = sd_event_source_set_enabled(desktops->sweep, SD_EVENT_OFF);
	if (error >= 0)
		error = sd_event_add_defer(params->event, &desktops->app_end, on_app_end, desktops);
	if (error >= 0)
		error = sd_event_source_set_enabled(desktops->app_end, SD_EVENT_OFF);
	if (error >= 0)
		error = sd_event_source_set_priority(
			desktops->app_end, SD_EVENT_PRIORITY_IMPORTANT);
	if (error >= 0) {
		desktops->isolation = isolation_create(&(struct isolation_params){
			.event = params->event,
			.runtime_parent = params->runtime_parent,
		});
		error = desktops->isolation ? 0 : -errno;
	}
	if (error >= 0) {
		desktops->machine =
			machine_create(params->event, desktops->isolation, params->compositor);
		error = desktops->machine ? 0 : -errno;
	}
	if (error >= 0)
		return desktops;
	desktops_destroy(desktops);
	errno = -error;
	return NULL;
}

void desktops_destroy(struct desktops *desktops)
{
	if (!desktops)
		return;
	for (struct own_desktop *desktop = desktops->first; desktop; desktop = desktop->next)
		own_desktop_keep(desktop);
	if (desktops->isolation)
		isolation_leave(desktops->isolation);
	while (desktops->first)
		own_desktop_destroy(desktops->first);
	sd_event_source_disable_unref(desktops->sweep);
	sd_event_source_disable_unref(desktops->app_end);
	machine_destroy(desktops->machine);
	isolation_destroy(desktops->isolation);
	for (char **command = desktops->launch; command && *command; command++)
		free(*command);
	free(desktops->launch);
	free(desktops);
}
