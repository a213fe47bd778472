/*
 * Desktops and requesters for the tests of admission.
 */
#ifndef LODGE_TESTS_ADMISSION_SCENE_H
#define LODGE_TESTS_ADMISSION_SCENE_H

#include "core/admission.h"

/* Clients by number; the requester is SCENE_MINE, at the mode scene_small. */
#define SCENE_MINE 1
#define SCENE_ADA 2
#define SCENE_BEN 3
#define SCENE_CLIENTS 6

extern const struct display_mode scene_small, scene_large;

struct scene {
	struct display_policy policy;
	uint8_t clients[SCENE_CLIENTS][IDENTITY_FINGERPRINT_SIZE];
	struct identity_key keys[ADMISSION_DISPLAYS_MAX], key;
	uint32_t ordinals[ADMISSION_DISPLAYS_MAX];
	struct admission_display displays[ADMISSION_DISPLAYS_MAX];
	struct admission_request request;
	struct admission_desktop desktop;
	struct admission_decision decision;
};

/* An empty desktop, no policy, room for nobody: the test says what counts. */
void scene_init(struct scene *scene);
/* The owner's session is among the sessions. */
struct admission_display *scene_add(struct scene *scene, size_t client, uint32_t ordinal,
	const struct display_mode *mode, enum lifecycle_state state, uint32_t sessions);
void scene_add_anonymous(struct scene *scene);
/* Forms the requester's key, then decides; the answer is in the scene. */
const struct admission_decision *scene_decide(struct scene *scene);

/* Every combination has a number from 0 on; false when the number stands for none. */
bool scene_from_number(struct scene *scene, uint32_t number);
void scene_from_random(struct scene *scene, uint64_t *random, uint32_t most);

#endif
