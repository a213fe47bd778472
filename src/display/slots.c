/* Which slot a display gets, and the scale that is kept for it (semantics.md §5). */
#include <string.h>

#include "display/identity_store.h"
#include "display/registry_internal.h"

static const struct identity_map *identities(const struct display_registry *registry)
{
	return registry->params.identities ? identity_store_map(registry->params.identities)
					   : registry->own_identities;
}

static uint32_t cap(const struct display_registry *registry)
{
	const uint32_t most = registry->capabilities.slots_max;
	return most > 0 && most < IDENTITY_SLOTS_MAX ? most : IDENTITY_SLOTS_MAX;
}

uint64_t slots_held(const struct display_registry *registry, const struct managed_display *except)
{
	const struct managed_display *display;
	uint64_t held = 0;
	TAILQ_FOREACH (display, &registry->displays, link) {
		if (display != except && display->slot > 0)
			held |= UINT64_C(1) << display->slot;
	}
	return held;
}

uint32_t slots_assign(struct display_registry *registry, const struct identity_key *key,
	const struct managed_display *except)
{
	const uint64_t held = slots_held(registry, except);
	if (registry->params.identities)
		return identity_store_assign(registry->params.identities, key, cap(registry), held);
	return identity_assign(registry->own_identities, key, cap(registry), held, NULL);
}

uint32_t slots_predict(
	const struct display_registry *registry, const struct identity_key *key, uint64_t held)
{
	return identity_predict(identities(registry), key, cap(registry), held);
}

void slots_release(struct display_registry *registry, uint32_t slot)
{
	struct identity_map *map = registry->own_identities;
	if (registry->params.identities)
		return; /* remembered */
	for (uint32_t i = 0; i < map->count; i++) {
		if (map->entries[i].slot != slot)
			continue;
		map->count--;
		memmove(&map->entries[i], &map->entries[i + 1],
			(map->count - i) * sizeof map->entries[i]);
		return;
	}
}

static uint32_t kept_scale(const struct display_registry *registry, uint32_t slot)
{
	const struct identity_entry *entry =
		slot > 0 ? identity_find_slot(identities(registry), slot) : NULL;
	return entry ? entry->scale_percent : 0;
}

struct display_mode slots_mode(
	const struct display_registry *registry, uint32_t slot, const struct display_mode *mode)
{
	struct display_mode scaled = *mode;
	const uint32_t scale_percent = kept_scale(registry, slot);
	if (scale_percent > 0)
		scaled.scale_percent = scale_percent;
	return scaled;
}

void slots_keep_scale(struct display_registry *registry, uint32_t slot, uint32_t scale_percent)
{
	if (slot == 0 || kept_scale(registry, slot) == scale_percent)
		return;
	if (registry->params.identities)
		identity_store_set_scale(registry->params.identities, slot, scale_percent);
	else
		identity_set_scale(registry->own_identities, slot, scale_percent);
}
