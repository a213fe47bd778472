#include "admission_scene.h"

#include <string.h>

#include "random.h"

const struct display_mode scene_small = { 1280, 720, 60000, 100 };
const struct display_mode scene_large = { 1920, 1080, 60000, 100 };

void scene_init(struct scene *scene)
{
	memset(scene, 0, sizeof *scene);
	for (uint8_t i = 0; i < SCENE_CLIENTS; i++)
		memset(scene->clients[i], 0x10 + i, IDENTITY_FINGERPRINT_SIZE);
	scene->request = (struct admission_request){
		.key = &scene->key, .client = scene->clients[SCENE_MINE], .ordinal = 1
	};
	scene->desktop.displays = scene->displays;
}

struct admission_display *scene_add(struct scene *scene, size_t client, uint32_t ordinal,
	const struct display_mode *mode, enum lifecycle_state state, uint32_t sessions)
{
	const size_t i = scene->desktop.count++;
	scene->ordinals[i] = ordinal;
	scene->keys[i] =
		identity_key_make(scene->policy.identity, scene->clients[client], ordinal, mode);
	scene->displays[i] = (struct admission_display){ .slot = (uint32_t)i + 1,
		.key = &scene->keys[i],
		.owner = scene->clients[client],
		.state = state,
		.sessions = sessions,
		.owner_sessions = sessions > 0,
		.mode = *mode,
		.until_ns = 100 - i,
		.acquired = i + 1 };
	return &scene->displays[i];
}

void scene_add_anonymous(struct scene *scene)
{
	struct admission_display *display =
		scene_add(scene, 0, 1, &scene_large, LIFECYCLE_ACTIVE, 1);
	display->anonymous = true;
	display->slot = 0;
	display->key = NULL;
	display->owner = NULL;
}

const struct admission_decision *scene_decide(struct scene *scene)
{
	scene->key = identity_key_make(scene->policy.identity, scene->request.client,
		scene->request.ordinal, &scene_small);
	admission_decide(&scene->policy, &scene->request, &scene->desktop, &scene->decision);
	return &scene->decision;
}

/* The requester's side of a scene. */
enum requester {
	HAS_LINGERING,
	HAS_PINNED,
	HAS_LIVE,
	HAS_LIVE_JOINED, /* somebody else has joined it */
	HAS_CLOSING,
	HAS_CLOSING_AWAITED,
	HAS_OTHER_SIZE,
	HAS_OTHER_SIZE_JOINED,
	HAS_SECOND_DISPLAY, /* the request is for that one; the first is live */
	STRANGER,
	ANONYMOUS,
	REQUESTERS,
};

enum others {
	NOBODY,
	ONE_LIVE,
	TWO_LIVE_FIRST_GAVE_INPUT,
	TWO_LIVE_SECOND_GAVE_INPUT,
	TWO_LIVE_WITHOUT_INPUT,
	ONE_LINGERING,
	ONE_PINNED,
	ONE_CLOSING,
	ONE_CLOSING_AWAITED,
	ONE_CREATING,
	ONE_CREATING_UNCLAIMED,
	ONE_GONE,
	FULL_OF_LINGERING,
	FULL_OF_PINNED,
	FULL_OF_ACTIVE,
	MORE_LINGERING_THAN_ALLOWED,
	LIVE_AND_LINGERING,
	LIVE_AND_PINNED,
	ANONYMOUS_LIVE,
	OTHERS,
};

static void add_requester(struct scene *scene, enum requester requester, bool needs_mode)
{
	static const struct {
		enum lifecycle_state state;
		uint32_t sessions;
		bool other_size;
	} rows[] = {
		[HAS_LINGERING] = { LIFECYCLE_LINGERING, 0, false },
		[HAS_PINNED] = { LIFECYCLE_PINNED, 0, false },
		[HAS_LIVE] = { LIFECYCLE_ACTIVE, 1, false },
		[HAS_LIVE_JOINED] = { LIFECYCLE_ACTIVE, 2, false },
		[HAS_CLOSING] = { LIFECYCLE_CLOSING, 0, false },
		[HAS_CLOSING_AWAITED] = { LIFECYCLE_CLOSING, 1, false },
		[HAS_OTHER_SIZE] = { LIFECYCLE_ACTIVE, 1, true },
		[HAS_OTHER_SIZE_JOINED] = { LIFECYCLE_ACTIVE, 2, true },
		[HAS_SECOND_DISPLAY] = { LIFECYCLE_ACTIVE, 1, false },
	};
	if (requester == ANONYMOUS)
		scene->request.anonymous = true;
	if (requester == HAS_SECOND_DISPLAY)
		scene->request.ordinal = 2;
	if (requester < STRANGER)
		scene_add(scene, SCENE_MINE, 1,
			rows[requester].other_size ? &scene_large : &scene_small,
			rows[requester].state, rows[requester].sessions)
			->needs_mode = needs_mode;
}

static void add_many(struct scene *scene, uint32_t count, enum lifecycle_state state)
{
	for (uint32_t i = 0; i < count; i++)
		scene_add(scene, SCENE_ADA, i + 1, &scene_large, state, state == LIFECYCLE_ACTIVE);
}

static void add_others(struct scene *scene, enum others others)
{
	const uint32_t most = scene->policy.max_displays;
	struct admission_display *first, *second;
	switch (others) {
	case TWO_LIVE_FIRST_GAVE_INPUT:
	case TWO_LIVE_SECOND_GAVE_INPUT:
	case TWO_LIVE_WITHOUT_INPUT:
		first = scene_add(scene, SCENE_ADA, 1, &scene_small, LIFECYCLE_ACTIVE, 1);
		second = scene_add(scene, SCENE_BEN, 1, &scene_large, LIFECYCLE_ACTIVE, 3);
		if (others == TWO_LIVE_FIRST_GAVE_INPUT)
			first->last_input_ns = 7;
		if (others == TWO_LIVE_SECOND_GAVE_INPUT)
			second->last_input_ns = 7;
		break;
	case ONE_LIVE:
	case LIVE_AND_LINGERING:
	case LIVE_AND_PINNED:
		scene_add(scene, SCENE_ADA, 1, &scene_small, LIFECYCLE_ACTIVE, 1);
		if (others != ONE_LIVE)
			scene_add(scene, SCENE_BEN, 1, &scene_small,
				others == LIVE_AND_PINNED ? LIFECYCLE_PINNED : LIFECYCLE_LINGERING,
				0);
		break;
	case ONE_LINGERING:
		add_many(scene, 1, LIFECYCLE_LINGERING);
		break;
	case ONE_PINNED:
		add_many(scene, 1, LIFECYCLE_PINNED);
		break;
	case ONE_CLOSING:
	case ONE_CLOSING_AWAITED:
		scene_add(scene, SCENE_ADA, 1, &scene_small, LIFECYCLE_CLOSING,
			others == ONE_CLOSING_AWAITED);
		break;
	case ONE_CREATING:
	case ONE_CREATING_UNCLAIMED:
		scene_add(scene, SCENE_ADA, 1, &scene_small, LIFECYCLE_CREATING,
			others == ONE_CREATING);
		break;
	case ONE_GONE:
		scene_add(scene, SCENE_ADA, 1, &scene_small, LIFECYCLE_GONE, 0);
		break;
	case FULL_OF_LINGERING:
		add_many(scene, most, LIFECYCLE_LINGERING);
		break;
	case MORE_LINGERING_THAN_ALLOWED:
		add_many(scene, most + 3, LIFECYCLE_LINGERING);
		break;
	case FULL_OF_PINNED:
		add_many(scene, most, LIFECYCLE_PINNED);
		break;
	case FULL_OF_ACTIVE:
		add_many(scene, most, LIFECYCLE_ACTIVE);
		break;
	case ANONYMOUS_LIVE:
		scene_add_anonymous(scene);
		break;
	case NOBODY:
	case OTHERS:
		break;
	}
}

/* The bits of a number as the parameters of a scene; false when it stands for none. */
bool scene_from_number(struct scene *scene, uint32_t number)
{
	static const uint32_t limits[] = { 1, 2, 4 }, encoders[] = { 0, 1, 5 };
	scene_init(scene);
	scene->policy.mode_conflict = (enum policy_conflict)(number % 4), number /= 4;
	scene->policy.identity = (enum policy_identity)(number % 3), number /= 3;
	scene->policy.max_displays = limits[number % 3], number /= 3;
	scene->policy.keep_alive.kind = (enum keep_alive_kind)(number % 3), number /= 3;
	scene->desktop.second_output = number % 2, number /= 2;
	scene->desktop.reconfigure = number % 2, number /= 2;
	scene->desktop.isolated = number % 2, number /= 2;
	scene->desktop.encoders_free = encoders[number % 3], number /= 3;
	const bool needs_mode = number % 2;
	number /= 2;
	const enum requester requester = (enum requester)(number % REQUESTERS);
	number /= REQUESTERS;
	if (number >= 2 * OTHERS)
		return false;
	if (number < OTHERS) {
		add_requester(scene, requester, needs_mode);
		add_others(scene, (enum others)number);
	} else { /* the order of the snapshot and of the acquires is another one */
		add_others(scene, (enum others)(number - OTHERS));
		add_requester(scene, requester, needs_mode);
	}
	return true;
}

static void add_random(struct scene *scene, uint64_t *random)
{
	const enum lifecycle_state state = (enum lifecycle_state)random_below(random, 6);
	const bool awaited = state == LIFECYCLE_ACTIVE ||
		(state != LIFECYCLE_LINGERING && state != LIFECYCLE_PINNED &&
			state != LIFECYCLE_GONE && random_below(random, 2));
	struct admission_display *display = scene_add(scene,
		1 + random_below(random, SCENE_CLIENTS - 1), 1 + random_below(random, 3),
		random_below(random, 2) ? &scene_small : &scene_large, state,
		awaited ? 1 + random_below(random, 3) : 0);
	display->owner_sessions = display->sessions > 0 && random_below(random, 3) > 0;
	display->needs_mode = random_below(random, 2);
	display->until_ns = random_below(random, 8);
	display->last_input_ns = random_below(random, 4);
	/* Somebody else claimed it since, or the policy was another one then. */
	if (random_below(random, 4) == 0)
		display->owner = scene->clients[1 + random_below(random, SCENE_CLIENTS - 1)];
	if (random_below(random, 8) == 0)
		scene->keys[scene->desktop.count - 1] = identity_key_make(
			(enum policy_identity)random_below(random, 3), display->owner,
			scene->ordinals[scene->desktop.count - 1], &scene_small);
	if (random_below(random, 8) == 0) {
		display->anonymous = true;
		display->owner = NULL;
		display->key = NULL;
		display->owner_sessions = 0;
	}
}

void scene_from_random(struct scene *scene, uint64_t *random, uint32_t most)
{
	scene_init(scene);
	scene->policy.mode_conflict = (enum policy_conflict)random_below(random, 4);
	scene->policy.identity = (enum policy_identity)random_below(random, 3);
	scene->policy.keep_alive.kind = (enum keep_alive_kind)random_below(random, 3);
	scene->policy.max_displays = 1 + random_below(random, most);
	scene->desktop.second_output = random_below(random, 4) > 0;
	scene->desktop.reconfigure = random_below(random, 2);
	scene->desktop.isolated = random_below(random, 2);
	scene->desktop.encoders_free = random_below(random, 3);
	scene->request.anonymous = random_below(random, 8) == 0;
	scene->request.ordinal = random_below(random, 4);
	const uint32_t count = random_below(random, most + 1);
	for (uint32_t i = 0; i < count; i++)
		add_random(scene, random);
}
