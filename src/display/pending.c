/*
 * Until core/policy.c and display/identity_store.c are here: they replace these weak definitions, and then this file
 * goes. Nobody opens an identity store before, so its functions are never called.
 */
#include <stdlib.h>

#include "core/policy.h"
#include "display/identity_store.h"

#define UNTIL_IT_IS_HERE __attribute__((weak))

UNTIL_IT_IS_HERE enum policy_topology policy_topology_resolve(
	enum policy_topology topology, bool desktop_was_named)
{
	if (topology != POLICY_TOPOLOGY_AUTO)
		return topology;
	return desktop_was_named ? POLICY_TOPOLOGY_EXTEND : POLICY_TOPOLOGY_EXCLUSIVE;
}

UNTIL_IT_IS_HERE const struct identity_map *identity_store_map(const struct identity_store *store)
{
	abort();
}

UNTIL_IT_IS_HERE uint32_t identity_store_assign(struct identity_store *store,
	const struct identity_key *key, uint32_t cap, uint64_t held)
{
	abort();
}

UNTIL_IT_IS_HERE bool identity_store_set_scale(
	struct identity_store *store, uint32_t slot, uint32_t scale_percent)
{
	abort();
}
