/*
 * The registry's door as the API sees it, for the API's tests: linked in place of src/display/registry.c. What it lists
 * and answers is the test's to choose.
 */
#ifndef LODGE_TESTS_REGISTRY_STUB_H
#define LODGE_TESTS_REGISTRY_STUB_H

#include "display/registry.h"

#define STUB_DISPLAYS_MAX 8

struct display_registry {
	struct display_desktop_state desktop;
	struct display_capabilities capabilities;
	struct display_outside_output outside[2];
	struct display_state displays[STUB_DISPLAYS_MAX];
	size_t display_count;
	struct display_explanation
		explanation; /* the answer; its policy is that of the question, if it has one */
	/* What was asked. */
	struct display_request question;
	bool question_had_policy;
	unsigned policy_changes;
};

/* A desktop with one monitor, and no display yet. */
void registry_stub_init(struct display_registry *registry);
/* A display of 1920x1080 in a row, for the client that is named by one byte; 0: one that is not paired. */
struct display_state *registry_stub_add(struct display_registry *registry, uint32_t slot,
	enum lifecycle_state state, uint8_t client, uint32_t session);

#endif
