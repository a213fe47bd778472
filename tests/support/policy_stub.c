/* The words of the policy, until src/core/policy.c is there. */
#include <string.h>

#include "core/policy.h"

const char *policy_topology_name(enum policy_topology topology)
{
	static const char *const names[] = { "auto", "extend", "primary", "exclusive" };
	return names[topology];
}

const char *policy_conflict_name(enum policy_conflict conflict)
{
	static const char *const names[] = { "separate", "steal", "join", "reject" };
	return names[conflict];
}

const char *policy_identity_name(enum policy_identity identity)
{
	static const char *const names[] = { "shared", "per-client", "per-client-mode" };
	return names[identity];
}

const char *policy_layout_name(enum policy_layout layout)
{
	return layout == POLICY_LAYOUT_MANUAL ? "manual" : "auto-row";
}

const char *policy_desktop_name(enum policy_desktop desktop)
{
	return desktop == POLICY_DESKTOP_ISOLATED ? "isolated" : "shared";
}

const char *policy_keep_alive_name(enum keep_alive_kind kind)
{
	static const char *const names[] = { "off", "duration", "forever" };
	return names[kind];
}

const struct policy_preset *policy_preset_find(
	const char *name, const struct policy_preset *user, size_t user_count)
{
	static const struct policy_preset workstation = { .name = "workstation", .builtin = true };
	return strcmp(name, "workstation") == 0 ? &workstation : NULL;
}

bool policy_preset_name_valid(const char *name)
{
	return *name >= 'a' && *name <= 'z' && strlen(name) <= POLICY_PRESET_NAME_MAX &&
		strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(name);
}
