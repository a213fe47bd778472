/* What of the desktops outlives the host, and for how long (semantics.md §3, §8). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "desktops/desktops_private.h"
#include "process/clock.h"

/* The end of the host is, for who is attached, as a lost connection. */
static struct keeping keeping_of_active(const struct keep_alive *keep_alive)
{
	switch (keep_alive->kind) {
	case KEEP_ALIVE_FOREVER:
		return (struct keeping){ KEEPING_UNTIL, UINT64_MAX };
	case KEEP_ALIVE_DURATION:
		return (struct keeping){ KEEPING_AFTER, keep_alive->duration_ns };
	case KEEP_ALIVE_OFF:
		break;
	}
	return (struct keeping){ KEEPING_NOT, 0 };
}

/* A display in use outweighs one that lingers: that one began to before, by the same policy. */
static struct keeping longer(struct keeping a, struct keeping b)
{
	if (a.kind == b.kind)
		return a.value_ns >= b.value_ns ? a : b;
	if (a.kind == KEEPING_UNTIL && a.value_ns == UINT64_MAX)
		return a;
	if (b.kind == KEEPING_UNTIL && b.value_ns == UINT64_MAX)
		return b;
	return a.kind > b.kind ? a : b;
}

struct keeping keeping_of(const struct display_state *states, size_t count,
	void (*read_policy)(void *data, const uint8_t *client, struct display_policy *policy),
	void *data)
{
	struct keeping keeping = { KEEPING_NOT, 0 };
	for (size_t i = 0; i < count; i++) {
		const struct display_state *state = &states[i];
		struct display_policy policy;
		struct keeping one = { KEEPING_NOT, 0 };
		if (state->anonymous)
			continue;
		if (state->state == LIFECYCLE_PINNED) {
			one = (struct keeping){ KEEPING_UNTIL, UINT64_MAX };
		} else if (state->state == LIFECYCLE_LINGERING) {
			one = (struct keeping){ KEEPING_UNTIL, state->until_ns };
		} else if (state->state == LIFECYCLE_ACTIVE) {
			read_policy(data, state->identity, &policy);
			one = keeping_of_active(&policy.keep_alive);
		}
		keeping = longer(keeping, one);
	}
	return keeping;
}

static void tell_tree(struct own_desktop *desktop, const struct keeping *keeping)
{
	struct isolated_tree *tree = desktop->info.tree;
	const uint64_t value_ns = keeping->value_ns;
	const uint64_t monotonic_ns = clock_ns(CLOCK_MONOTONIC), boot_ns = clock_ns(CLOCK_BOOTTIME);
	switch (keeping->kind) {
	case KEEPING_NOT:
	case KEEPING_UNKNOWN: /* never wanted */
		isolated_tree_keep(tree, false, 0);
		break;
	case KEEPING_UNTIL:
		isolated_tree_keep(tree, true,
			value_ns == UINT64_MAX || value_ns < monotonic_ns
				? value_ns
				: value_ns - monotonic_ns + boot_ns);
		break;
	case KEEPING_AFTER:
		isolated_tree_keep_after(tree, value_ns);
		break;
	}
	desktop->keeping = *keeping;
}

static void describe(const struct own_desktop *desktop, struct desktop_record *record)
{
	struct display_adoption all[DESKTOP_DISPLAYS_MAX];
	const size_t count =
		display_registry_adoptable(desktop->registry, all, DESKTOP_DISPLAYS_MAX);
	memcpy(record->client, desktop->client, sizeof record->client);
	memcpy(record->app, desktop->app, sizeof record->app);
	record->compositor = desktop->compositor;
	if (desktop->compositor == COMPOSITOR_GAMESCOPE &&
		!gamescope_backend_handover(desktop->backend, &record->gamescope))
		return;
	for (size_t i = 0; i < count; i++) {
		if (memcmp(all[i].identity, desktop->client, sizeof all[i].identity) == 0)
			record->displays[record->count++] = all[i];
	}
}

/* False: the next host could not know what it is; so it is not kept. */
static bool note(struct own_desktop *desktop)
{
	struct desktop_record *record = calloc(1, sizeof *record);
	char *text = NULL;
	int error = -1;
	if (!record)
		return false;
	describe(desktop, record);
	if (record->count > 0 && desktop->noted && desktop_record_same(record, desktop->noted)) {
		free(record);
		return true;
	}
	if (record->count > 0)
		text = desktop_record_format(record);
	if (text)
		error = isolated_tree_note(desktop->info.tree, text, strlen(text));
	if (text && error < 0)
		fprintf(stderr,
			"lodged: %s: it ends with this host: its record cannot be written: %s\n",
			desktop->name, strerror(-error));
	free(text);
	free(desktop->noted);
	desktop->noted = error == 0 ? record : NULL;
	if (error < 0)
		free(record);
	return error == 0;
}

static bool is_creating(const struct display_state *states, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (states[i].state == LIFECYCLE_CREATING)
			return true;
	}
	return false;
}

void own_desktop_keep(struct own_desktop *desktop)
{
	const struct desktops_params *params = &desktop->desktops->params;
	struct display_state states[DESKTOP_DISPLAYS_MAX];
	const size_t count = display_registry_list(desktop->registry, states, DESKTOP_DISPLAYS_MAX);
	desktop->is_adopted = desktop->is_adopted && is_creating(states, count);
	if (!desktop->has_info || desktop->is_adopted)
		return;
	struct keeping keeping = keeping_of(states, count, params->read_policy, params->data);
	/* First the record, then its use. */
	if (keeping.kind != KEEPING_NOT && !note(desktop))
		keeping = (struct keeping){ KEEPING_NOT, 0 };
	if (keeping.kind != desktop->keeping.kind || keeping.value_ns != desktop->keeping.value_ns)
		tell_tree(desktop, &keeping);
}
