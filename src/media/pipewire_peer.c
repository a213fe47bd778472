#include "media/pipewire_peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_video_source(const char *media_class)
{
	static const char *const classes[] = { "Video/Source", "Video/Source/Virtual",
		"Stream/Output/Video" };
	for (size_t i = 0; media_class && i < sizeof classes / sizeof *classes; i++) {
		if (strcmp(media_class, classes[i]) == 0)
			return true;
	}
	return false;
}

static void consider_node(struct pipewire_peer *peer, uint32_t id, const struct spa_dict *props)
{
	const char *name = spa_dict_lookup(props, PW_KEY_NODE_NAME);
	const char *serial = spa_dict_lookup(props, PW_KEY_OBJECT_SERIAL);
	if (!name || strcmp(name, peer->name) != 0 || !serial ||
		!is_video_source(spa_dict_lookup(props, PW_KEY_MEDIA_CLASS)))
		return;
	peer->found++;
	if (peer->node_id != SPA_ID_INVALID)
		return;
	peer->node_id = id;
	snprintf(peer->serial, sizeof peer->serial, "%s", serial);
}

static uint32_t lookup_id(const struct spa_dict *props, const char *key)
{
	const char *text = spa_dict_lookup(props, key);
	return text ? (uint32_t)strtoul(text, NULL, 10) : SPA_ID_INVALID;
}

/* Nobody tells the stream of this. */
static void on_link_info(void *data, const struct pw_link_info *info)
{
	struct pipewire_peer *peer = data;
	if (info->state != PW_LINK_STATE_ERROR || peer->refused)
		return;
	fprintf(stderr, "lodged: the link to the PipeWire node '%s' failed: %s\n", peer->name,
		info->error ? info->error : "no reason given");
	peer->refused = peer->gone = true;
}

static const struct pw_link_events link_events = {
	PW_VERSION_LINK_EVENTS,
	.info = on_link_info,
};

static void consider_link(struct pipewire_peer *peer, uint32_t id, const struct spa_dict *props)
{
	if (peer->consumer_id == SPA_ID_INVALID ||
		lookup_id(props, PW_KEY_LINK_INPUT_NODE) != peer->consumer_id)
		return;
	if (lookup_id(props, PW_KEY_LINK_OUTPUT_NODE) != peer->node_id || peer->link) {
		peer->gone = true;
		return;
	}
	peer->link_id = id;
	peer->link =
		pw_registry_bind(peer->registry, id, PW_TYPE_INTERFACE_Link, PW_VERSION_LINK, 0);
	if (peer->link)
		pw_proxy_add_object_listener(peer->link, &peer->link_listener, &link_events, peer);
}

static void on_global(void *data, uint32_t id, uint32_t permissions, const char *type,
	uint32_t version, const struct spa_dict *props)
{
	struct pipewire_peer *peer = data;
	if (!props)
		return;
	if (strcmp(type, PW_TYPE_INTERFACE_Node) == 0)
		consider_node(peer, id, props);
	else if (strcmp(type, PW_TYPE_INTERFACE_Link) == 0)
		consider_link(peer, id, props);
}

static void on_global_remove(void *data, uint32_t id)
{
	struct pipewire_peer *peer = data;
	if (id != peer->node_id && id != peer->link_id)
		return;
	peer->unlinked |= id == peer->link_id && !peer->gone;
	peer->gone = true;
}

static const struct pw_registry_events registry_events = {
	PW_VERSION_REGISTRY_EVENTS,
	.global = on_global,
	.global_remove = on_global_remove,
};

bool pipewire_peer_init(struct pipewire_peer *peer, struct pw_core *core, const char *name)
{
	*peer = (struct pipewire_peer){
		.node_id = SPA_ID_INVALID,
		.consumer_id = SPA_ID_INVALID,
		.link_id = SPA_ID_INVALID,
	};
	snprintf(peer->name, sizeof peer->name, "%s", name);
	peer->registry = pw_core_get_registry(core, PW_VERSION_REGISTRY, 0);
	if (!peer->registry)
		return false;
	pw_registry_add_listener(peer->registry, &peer->listener, &registry_events, peer);
	return true;
}

void pipewire_peer_finish(struct pipewire_peer *peer)
{
	if (peer->link) {
		spa_hook_remove(&peer->link_listener);
		pw_proxy_destroy(peer->link);
		peer->link = NULL;
	}
	if (!peer->registry)
		return;
	spa_hook_remove(&peer->listener);
	pw_proxy_destroy((struct pw_proxy *)peer->registry);
	peer->registry = NULL;
}
