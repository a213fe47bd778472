#include <pipewire/pipewire.h>

#include <pipewire/extensions/metadata.h> /* needs what comes with the other */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "isolation/keeper/services.h"

#define DEADLINE_SECONDS 8

struct wait {
	struct pw_main_loop *loop;
	struct pw_registry *registry;
	struct pw_metadata *metadata;
	struct spa_hook metadata_hook;
	bool sink, microphone;
};

/* value: {"name":"session-sink"} */
static bool names(const char *value, const char *node)
{
	char wanted[64];
	snprintf(wanted, sizeof wanted, "\"%s\"", node);
	return value && strstr(value, wanted);
}

static int on_property(
	void *data, uint32_t subject, const char *key, const char *type, const char *value)
{
	struct wait *wait = data;
	if (key && strcmp(key, "default.audio.sink") == 0)
		wait->sink = names(value, SOUND_SINK);
	if (key && strcmp(key, "default.audio.source") == 0)
		wait->microphone = names(value, SOUND_MICROPHONE);
	if (wait->sink && wait->microphone)
		pw_main_loop_quit(wait->loop);
	return 0;
}

static void on_global(void *data, uint32_t id, uint32_t permissions, const char *type,
	uint32_t version, const struct spa_dict *properties)
{
	static const struct pw_metadata_events events = {
		PW_VERSION_METADATA_EVENTS,
		.property = on_property,
	};
	struct wait *wait = data;
	const char *name = properties ? spa_dict_lookup(properties, PW_KEY_METADATA_NAME) : NULL;
	if (wait->metadata || strcmp(type, PW_TYPE_INTERFACE_Metadata) != 0 || !name ||
		strcmp(name, "default") != 0)
		return;
	wait->metadata = pw_registry_bind(wait->registry, id, type, PW_VERSION_METADATA, 0);
	if (wait->metadata)
		pw_metadata_add_listener(wait->metadata, &wait->metadata_hook, &events, wait);
}

static void on_error(void *data, uint32_t id, int sequence, int error, const char *text)
{
	struct wait *wait = data;
	if (id == PW_ID_CORE)
		pw_main_loop_quit(wait->loop);
}

static void wait_connected(struct wait *wait, struct pw_core *core)
{
	static const struct pw_core_events core_events = {
		PW_VERSION_CORE_EVENTS,
		.error = on_error,
	};
	static const struct pw_registry_events registry_events = {
		PW_VERSION_REGISTRY_EVENTS,
		.global = on_global,
	};
	struct spa_hook core_hook = { 0 }, registry_hook = { 0 };
	pw_core_add_listener(core, &core_hook, &core_events, wait);
	wait->registry = pw_core_get_registry(core, PW_VERSION_REGISTRY, 0);
	if (!wait->registry)
		return;
	pw_registry_add_listener(wait->registry, &registry_hook, &registry_events, wait);
	pw_main_loop_run(wait->loop);
}

/* The process ends afterwards, and what was made here with it. */
int sound_settled_wait(const char *socket)
{
	struct wait wait = { 0 };
	alarm(DEADLINE_SECONDS); /* its own deadline: the signal ends it */
	pw_init(NULL, NULL);
	wait.loop = pw_main_loop_new(NULL);
	struct pw_context *context =
		wait.loop ? pw_context_new(pw_main_loop_get_loop(wait.loop), NULL, 0) : NULL;
	struct pw_core *core = context
		? pw_context_connect(
			  context, pw_properties_new(PW_KEY_REMOTE_NAME, socket, NULL), 0)
		: NULL;
	if (core)
		wait_connected(&wait, core);
	return wait.sink && wait.microphone ? 0 : 1;
}
