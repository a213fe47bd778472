/*
 * Until core/policy.c is here: it replaces this weak definition, and then this file goes.
 */
#include "core/policy.h"

#define UNTIL_IT_IS_HERE __attribute__((weak))

UNTIL_IT_IS_HERE enum policy_topology policy_topology_resolve(
	enum policy_topology topology, bool desktop_was_named)
{
	if (topology != POLICY_TOPOLOGY_AUTO)
		return topology;
	return desktop_was_named ? POLICY_TOPOLOGY_EXTEND : POLICY_TOPOLOGY_EXCLUSIVE;
}
