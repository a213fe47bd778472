/*
 * A registry on a fake desktop, and holders that remember what they were told: for the unit tests.
 *
 * Lingers are an hour (they do not end in a test) or a millisecond (they do); everything else happens as fast as the
 * loop turns.
 */
#ifndef LODGE_TESTS_REGISTRY_WORLD_H
#define LODGE_TESTS_REGISTRY_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "display/registry.h"
#include "fake_backend.h"

#define HOUR_NS 3600000000000ull
#define MILLISECOND_NS 1000000ull
#define PATIENCE_S 20 /* a test that waits for something that does not come fails */

extern const struct display_mode small;
extern const struct display_mode medium;
extern const struct display_mode large;
extern const struct keep_alive off;
extern const struct keep_alive an_hour;
extern const struct keep_alive a_moment;
extern const struct keep_alive forever;
extern const struct fake_answer success;

struct world {
	sd_event *event;
	struct display_backend *backend;
	struct display_registry *registry;
	struct fake_stats stats;
	struct display_policy policy;
	struct display_registry_timing timing;
	bool in_call; /* of the registry: no callback may come */
	unsigned desktop_gone, desktop_ready, shut_down, changed;
	uint32_t encoders; /* that are free */
	struct identity_store *identities; /* the test's; NULL: none */
	/* Overrides of one client. */
	char overridden;
	struct display_policy override;
	unsigned callbacks; /* so far, for the order of them */
};

struct holder {
	struct world *world;
	struct display_lease *lease; /* NULL once it is dead */
	unsigned granted, declined, mode_declined, lost;
	unsigned granted_at, lost_at; /* world.callbacks */
	enum display_error error;
	enum display_loss loss;
	char text[256];
	struct display_info info;
	struct display_holder busy;
	bool destroy_registry, release; /* from inside the callback */
};

void open_registry(struct world *world);
void open_registry_on(struct world *world, struct display_backend *backend);
void reopen_with(struct world *world, struct display_registry_timing timing);
int set_up(void **state);
int tear_down(void **state);
void settle(struct world *world);
bool run_until_deadline(struct world *world, time_t deadline);
void claim_request(
	struct world *world, struct holder *holder, const struct display_request *request);
void claim(
	struct world *world, struct holder *holder, char client, const struct display_mode *mode);
void claim_anonymous(struct world *world, struct holder *holder);
void claim_granted(
	struct world *world, struct holder *holder, char client, const struct display_mode *mode);
void give_back(struct holder *holder, bool quit);
void set_mode(struct holder *holder, const struct display_mode *mode);
void leave_kept(struct world *world, char client, struct keep_alive keep_alive);
size_t displays(const struct world *world);
enum lifecycle_state state_of(const struct world *world, uint32_t slot);
void hang_next(struct world *world, enum fake_request kind);
void fail_next(struct world *world, enum fake_request kind, int error);
void answer_hanging(struct world *world, struct fake_answer answer);
void on_shut_down(void *data);
/* The desktop comes back without the option. */
void forbid(struct world *world, enum display_option option, const char *fallback);

/* Turns the loop until the condition holds, and fails when it does not come to hold. */
#define RUN_UNTIL(world, condition)                                                                \
	do {                                                                                       \
		struct timespec start;                                                             \
		clock_gettime(CLOCK_MONOTONIC, &start);                                            \
		while (!(condition))                                                               \
			assert_true(run_until_deadline(world, start.tv_sec + PATIENCE_S));         \
	} while (0)

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
