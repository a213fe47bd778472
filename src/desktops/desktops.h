/*
 * Desktops of clients' own (semantics.md §8): an isolated tree with a compositor in it for each client that the policy, or
 * the app that it asked for, gives one. Made when it is first asked for; ended, with everything in it, when its last
 * display is gone. As long as its display is kept it lives on, with what runs in it: also when the host ends, however that
 * comes about, until the next one takes it over or its time is over (docs/isolation.md).
 *
 * Room: desktops. Thread: control. Callbacks come from the event loop, never from inside a call, but `choose`, which
 * answers at once.
 */
#ifndef LODGE_DESKTOPS_DESKTOPS_H
#define LODGE_DESKTOPS_DESKTOPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "core/policy.h"
#include "desktops/compositor.h"
#include "display/registry.h"
#include "isolation/isolation.h"

struct desktops;

/* What shall run on it. Valid during the call. */
struct desktop_program {
	const char *id; /* of the app list */
	const char *const *arguments; /* for execve */
	size_t argument_count;
	const char *const *environment; /* NAME=VALUE */
	size_t environment_count;
};

struct desktops_params {
	sd_event *event;
	const char *runtime_parent;
	const char *state_folder; /* homes of confined desktops are made in here */
	/* Folders of the user's that a desktop with a home of its own does not see; they outlive the desktops. */
	const char *const *hidden;
	size_t hidden_count;
	/* As for the shared desktop's registry. */
	void (*read_policy)(void *data, const uint8_t *client, struct display_policy *policy);
	struct identity_store *identities; /* not owned */
	uint32_t (*encoders_free)(void *data);
	/* Displays of one of them are not as they were. */
	void (*changed)(void *data);
	/* It went away, or is back (not for the first time). */
	void (*desktop_changed)(
		void *data, struct display_registry *registry, bool ready, const char *text);
	/* Its sound can be had at these places; NULL: not any more. */
	void (*sound_changed)(void *data, struct display_registry *registry,
		const struct isolated_tree_info *info);
	/* Whether the client is still paired: else its kept desktop ends. NULL: nobody is. */
	bool (*knows)(void *data, const uint8_t client[DISPLAY_IDENTITY_SIZE]);
	/*
	 * The app of this id, as it would be started now: for a desktop that an earlier host started it on. False, or NULL: there is
	 * none; then that desktop ends when its compositor does.
	 */
	bool (*find_program)(void *data, const char *id, struct desktop_program *program);
	/*
	 * The app that it was made for is over, by itself: how, in words. `ends` follows. (When the compositor went, that is
	 * told by desktop_changed alone.)
	 */
	void (*app_ended)(void *data, struct display_registry *registry, const char *text);
	/* It is destroyed after this call. */
	void (*ends)(void *data, struct display_registry *registry);
	void *data;
	/* Shell commands that run on a desktop that no app was asked for. Copied. */
	const char *const *launch;
	size_t launch_count;
	enum own_desktops compositor; /* what they run on */
	uint32_t most; /* desktops at once; 0 = 16 */
};

/* NULL with errno. What a killed host left behind is ended, unless it was kept. */
struct desktops *desktops_create(const struct desktops_params *params);
/*
 * Ends them all, in milliseconds, without callbacks; those that are kept, or would be when whoever is attached went, live on
 * for the next host.
 */
void desktops_destroy(struct desktops *desktops);

/*
 * Takes over what an earlier host kept, and ends what cannot be: once, before anybody is served. What comes of it is told by
 * the callbacks. Returns how many have begun.
 */
size_t desktops_adopt(struct desktops *desktops);
/* Some policy may be another one: how long what is in use outlives the host depends on it. */
void desktops_policy_changed(struct desktops *desktops);

/* For further trees of the host's. */
struct isolation *desktops_isolation(struct desktops *desktops);
/* NULL: they can be had, be it with an app alone. Else why not, one sentence. */
const char *desktops_missing(const struct desktops *desktops);
/* NULL: they can be confined. Else why not, one sentence: who is to be confined is turned away then. */
const char *desktops_confinement_missing(const struct desktops *desktops);
/* What they run on, one sentence; waits up to a second for gamescope's version when the host has just started. */
const char *desktops_about(const struct desktops *desktops);

/*
 * The client's own desktop: the one it has, which keeps what runs in it, or a new one. NULL with a sentence in `fault`.
 * `program`: what it shall run; one that runs something else is declined, not restarted. NULL: whatever it runs.
 */
struct display_registry *desktops_choose(struct desktops *desktops,
	const uint8_t client[DISPLAY_IDENTITY_SIZE], const struct desktop_program *program,
	char *fault, size_t capacity);
/* One that exists, or NULL. */
struct display_registry *desktops_find(
	const struct desktops *desktops, const uint8_t client[DISPLAY_IDENTITY_SIZE]);

/* The id of the app that this client's desktop was made for, "" for none; NULL: it has no desktop. */
const char *desktops_app(
	const struct desktops *desktops, const uint8_t client[DISPLAY_IDENTITY_SIZE]);

/* Of its tree; NULL while that is not there. */
const struct isolated_tree_info *desktops_info(
	const struct desktops *desktops, const struct display_registry *registry);

/* For state listings; at most `capacity`. */
struct own_desktop_state {
	char name[ISOLATED_NAME_MAX];
	uint8_t client[DISPLAY_IDENTITY_SIZE];
	const char *app; /* an id, or "" */
	struct display_registry *registry;
};
size_t desktops_list(
	const struct desktops *desktops, struct own_desktop_state *states, size_t capacity);

#endif
