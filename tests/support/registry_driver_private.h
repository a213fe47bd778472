/* What the driver (registry_driver.c: what happens) and its model (registry_model.c: what must hold) share. */
#ifndef LODGE_TESTS_REGISTRY_DRIVER_PRIVATE_H
#define LODGE_TESTS_REGISTRY_DRIVER_PRIVATE_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "display/registry.h"
#include "fake_backend.h"

#define HOLDERS 12
#define IDENTITIES 5
#define DISPLAYS_MAX 64

/* Straight to the descriptor: the log of the registry may have been silenced. */
#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			dprintf(2, "%s:%d: broken: %s\n", __FILE__, __LINE__, #condition);         \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

struct driver;

struct holder {
	struct driver *driver;
	struct display_lease *lease; /* NULL: free */
	uint8_t identity;
	bool anonymous;
	uint32_t ordinal, session;
	bool granted;
	uint32_t generation; /* as granted last */
	bool joined; /* as explained before the claim */
	uint32_t slot; /* as explained */
	enum display_error refusal; /* as explained */
	bool mode_asked; /* set_mode called, and no answer since */
	unsigned modes_asked; /* calls of set_mode */
	unsigned modes_declined;
};

/* What listings say. */
struct listing {
	struct display_state states[DISPLAYS_MAX];
	size_t count;
	enum display_topology applied;
	size_t outside;
};

struct driver {
	const uint8_t *bytes;
	size_t left;
	sd_event *event;
	struct display_backend *backend;
	struct display_registry *registry;
	struct fake_stats stats;
	struct display_policy policy;
	bool client_keeps_nothing; /* an override of client 1 */
	uint32_t encoders;
	bool can_reconfigure, can_hold_two;
	struct holder holders[HOLDERS];
	uint32_t last_session;
	bool in_call; /* the registry was called and has not returned */
	bool desktop_told, desktop_ready;
	uint64_t
		kept_until_ns; /* of what an earlier host kept: 0, UINT64_MAX, or so long from now on */
	bool shut_down;
	unsigned shutdowns_done;
	struct listing told; /* at the last `changed` */
};

extern const struct display_lease_events registry_model_events;
void registry_model_list(const struct driver *driver, struct listing *listing);
/* Around a claim: what it was to do, and what it did. */
void registry_model_check_claim(const struct driver *driver, const struct listing *before,
	const struct display_explanation *explained);
/* After the loop has turned until nothing was due. */
void registry_model_check(const struct driver *driver);

#endif
