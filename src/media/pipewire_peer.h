/*
 * The video node that a capture is for: found by its name, then watched, so that the capture never takes pictures of
 * another one. Session managers re-link a consumer whose producer went, and node ids are used again at once.
 *
 * Room: media, private. Thread: the media thread.
 */
#ifndef LODGE_MEDIA_PIPEWIRE_PEER_H
#define LODGE_MEDIA_PIPEWIRE_PEER_H

#include <stdbool.h>
#include <stdint.h>

#include <pipewire/pipewire.h>

#include "core/source.h"

struct pipewire_peer {
	char name[SOURCE_NAME_MAX];
	struct pw_registry *registry;
	struct spa_hook listener;
	uint32_t node_id; /* SPA_ID_INVALID: not found */
	char serial[24]; /* never used again by the daemon, unlike the id */
	uint32_t found; /* nodes of that name */
	uint32_t consumer_id; /* the capture's own node; SPA_ID_INVALID: not known yet */
	uint32_t link_id; /* SPA_ID_INVALID: not linked */
	struct pw_proxy *link; /* NULL: not linked */
	struct spa_hook link_listener;
	bool refused; /* the two ends of the link have no format in common */
	bool unlinked; /* the link went before the node did */
	bool gone; /* refused, or the node or its link went, or the capture was linked to another node */
};

/* Starts listening; what the daemon has already comes with the next roundtrip. */
bool pipewire_peer_init(struct pipewire_peer *peer, struct pw_core *core, const char *name);
void pipewire_peer_finish(struct pipewire_peer *peer);

static inline bool pipewire_peer_is_linked(const struct pipewire_peer *peer)
{
	return !peer->gone && peer->link_id != SPA_ID_INVALID;
}

#endif
