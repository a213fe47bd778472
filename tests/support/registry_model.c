#include <string.h>

#include "registry_driver_private.h"

static struct holder *check_callback(void *data, const struct display_lease *lease)
{
	struct holder *holder = data;
	CHECK(!holder->driver->in_call);
	CHECK(holder->lease == lease);
	return holder;
}

static void on_granted(void *data, struct display_lease *lease, const struct display_info *info)
{
	struct holder *holder = check_callback(data, lease);
	CHECK(info->generation > 0 && info->output.name[0]);
	CHECK(!display_mode_check(&info->output.mode));
	CHECK(holder->refusal == 0);
	CHECK(info->joined == holder->joined);
	CHECK(info->joined == (info->holder[0] != '\0'));
	/* A joined display may change its slot with its owner, never that of the owner himself. */
	CHECK(info->joined || info->slot == holder->slot);
	/* First the claim's answer; afterwards a set_mode's, or news of the real mode. */
	holder->granted = true;
	holder->generation = info->generation;
	holder->mode_asked = false;
}

static void on_declined(void *data, struct display_lease *lease, enum display_error error,
	const char *text, const struct display_holder *display_holder)
{
	struct holder *holder = check_callback(data, lease);
	CHECK(!holder->granted);
	CHECK(error >= DISPLAY_ERROR_BAD_MODE && error <= DISPLAY_ERROR_SHUTTING_DOWN);
	CHECK(text && *text);
	CHECK((error == DISPLAY_ERROR_BUSY) == (display_holder != NULL));
	CHECK(!display_holder || strncmp(display_holder->label, "client", 6) == 0);
	/* What admission said beforehand is what the claim gets; later failures are of other kinds. */
	if (holder->refusal)
		CHECK(error == holder->refusal);
	else if (error == DISPLAY_ERROR_FULL)
		/* Whom it stole from was back before the one output had gone. */
		CHECK(!holder->driver->can_hold_two);
	else
		CHECK(error == DISPLAY_ERROR_CREATE_FAILED || error == DISPLAY_ERROR_TIMEOUT ||
			error == DISPLAY_ERROR_NO_DESKTOP || error == DISPLAY_ERROR_SHUTTING_DOWN);
	holder->lease = NULL;
}

static void on_mode_declined(
	void *data, struct display_lease *lease, enum display_error error, const char *text)
{
	struct holder *holder = check_callback(data, lease);
	CHECK(++holder->modes_declined <= holder->modes_asked);
	CHECK((error == DISPLAY_ERROR_BUSY) == holder->joined || error == DISPLAY_ERROR_BAD_MODE);
	CHECK(text && *text);
	holder->mode_asked = false;
}

static void on_lost(
	void *data, struct display_lease *lease, enum display_loss reason, const char *text)
{
	struct holder *holder = check_callback(data, lease);
	CHECK(reason <= DISPLAY_LOSS_TAKEN_OVER);
	CHECK(reason != DISPLAY_LOSS_TAKEN_OVER || strncmp(text, "client", 6) == 0);
	CHECK(reason != DISPLAY_LOSS_SUPERSEDED || !holder->anonymous);
	CHECK(text && *text);
	holder->lease = NULL;
}

const struct display_lease_events registry_model_events = {
	.granted = on_granted,
	.declined = on_declined,
	.mode_declined = on_mode_declined,
	.lost = on_lost,
};

void registry_model_list(const struct driver *driver, struct listing *listing)
{
	struct display_desktop_state desktop;
	listing->count = display_registry_list(driver->registry, listing->states, DISPLAYS_MAX);
	display_registry_desktop(driver->registry, &desktop);
	CHECK(desktop.ready == (desktop.capabilities != NULL));
	listing->applied = desktop.applied;
	listing->outside = desktop.outside_count;
}

static bool same_state(const struct display_state *a, const struct display_state *b)
{
	return a->slot == b->slot && a->generation == b->generation && a->leases == b->leases &&
		a->state == b->state && a->until_ns == b->until_ns &&
		memcmp(a->sessions, b->sessions, sizeof a->sessions) == 0 &&
		strcmp(a->label, b->label) == 0 && a->place.x == b->place.x &&
		a->place.y == b->place.y && display_mode_equal(&a->output.mode, &b->output.mode);
}

/* Who listens to `changed` has seen everything. */
static void check_told(const struct driver *driver, const struct listing *now)
{
	CHECK(now->count == driver->told.count);
	for (size_t i = 0; i < now->count; i++)
		CHECK(same_state(&now->states[i], &driver->told.states[i]));
	CHECK(now->applied == driver->told.applied);
	CHECK(now->outside == driver->told.outside);
}

static bool exists(const struct display_state *state)
{
	return state->state == LIFECYCLE_ACTIVE || state->state == LIFECYCLE_LINGERING ||
		state->state == LIFECYCLE_PINNED;
}

static const struct display_state *find_by_generation(
	const struct listing *listing, uint32_t generation)
{
	for (size_t i = 0; i < listing->count; i++) {
		if (exists(&listing->states[i]) && listing->states[i].generation == generation)
			return &listing->states[i];
	}
	return NULL;
}

static size_t places(const struct listing *listing)
{
	size_t count = 0;
	for (size_t i = 0; i < listing->count; i++)
		count += listing->states[i].state != LIFECYCLE_CLOSING;
	return count;
}

/* What happened to a display that the claim was not about. */
static void check_bystander(
	const struct display_state *before, const struct listing *after, bool evicted, bool victim)
{
	const struct display_state *now = find_by_generation(after, before->generation);
	if (evicted) {
		/* Never an active or pinned one (semantics.md §4.6). */
		CHECK(before->state == LIFECYCLE_LINGERING);
		CHECK(!now);
	} else if (victim) {
		CHECK(!now);
	} else if (before->state == LIFECYCLE_PINNED || before->state == LIFECYCLE_LINGERING) {
		CHECK(now && now->state == before->state && now->until_ns == before->until_ns);
	}
}

void registry_model_check_claim(const struct driver *driver, const struct listing *before,
	const struct display_explanation *explained)
{
	const struct admission_decision *decision = &explained->decision;
	struct listing after;
	registry_model_list(driver, &after);
	const bool refused = explained->error && explained->error != DISPLAY_ERROR_NO_DESKTOP;
	for (size_t i = 0; i < before->count; i++) {
		if (!exists(&before->states[i]) || (!refused && i == decision->display))
			continue;
		check_bystander(&before->states[i], &after, !refused && (decision->evict >> i & 1),
			!refused && (decision->victims >> i & 1));
	}
	if (refused)
		CHECK(places(&after) == places(before));
	else if (decision->kind == ADMISSION_CREATE && !decision->preempt)
		CHECK(places(&after) <= driver->policy.max_displays);
	if (decision->kind == ADMISSION_JOIN)
		CHECK(after.count <= before->count);
}

static bool is_listed(const struct listing *listing, const char *name)
{
	for (size_t i = 0; i < listing->count; i++) {
		if (strcmp(listing->states[i].output.name, name) == 0)
			return true;
	}
	return false;
}

static void check_outputs(const struct driver *driver, const struct listing *listing)
{
	/* No output without an owner: it is on the list, or its destroy has been asked for. */
	const struct display_output_info *info;
	bool asked_away;
	for (size_t i = 0; (info = fake_backend_output(driver->backend, i, &asked_away)); i++)
		CHECK(asked_away || is_listed(listing, info->name));
}

static const struct holder *find_holder(const struct driver *driver, uint32_t session)
{
	for (unsigned i = 0; i < HOLDERS; i++) {
		if (driver->holders[i].lease && driver->holders[i].session == session)
			return &driver->holders[i];
	}
	return NULL;
}

static uint32_t check_display(const struct driver *driver, const struct display_state *state)
{
	uint32_t owners = 0;
	CHECK(state->state != LIFECYCLE_GONE);
	CHECK(!exists(state) || state->output.name[0]);
	CHECK(state->leases == 0 || state->state == LIFECYCLE_ACTIVE);
	CHECK(state->anonymous == (state->slot == 0));
	/* A kept display is somebody's who can come back. */
	CHECK(!state->anonymous || state->state == LIFECYCLE_CREATING ||
		state->state == LIFECYCLE_ACTIVE || state->state == LIFECYCLE_CLOSING);
	for (uint32_t i = 0; i < state->leases; i++) {
		const struct holder *holder = find_holder(driver, state->sessions[i]);
		/* A settled registry has told everyone. */
		CHECK(holder && holder->granted && holder->generation == state->generation);
		CHECK(holder->joined || i == 0);
		owners += !holder->joined;
	}
	CHECK(owners <= 1);
	return state->leases;
}

static void check_displays(const struct driver *driver, const struct listing *listing)
{
	uint32_t leases = 0, granted = 0;
	for (size_t i = 0; i < listing->count; i++) {
		const struct display_state *state = &listing->states[i];
		leases += check_display(driver, state);
		if (i > 0)
			CHECK(state->slot == 0 || state->slot > listing->states[i - 1].slot);
		for (size_t j = 0; j < i; j++)
			CHECK(!exists(state) || !exists(&listing->states[j]) ||
				state->generation != listing->states[j].generation);
	}
	for (unsigned i = 0; i < HOLDERS; i++)
		granted += driver->holders[i].lease != NULL && driver->holders[i].granted;
	/* Nobody else holds a lease; who waits for a fresh output holds none for a while. */
	CHECK(driver->can_reconfigure ? leases == granted : leases <= granted);
}

/* One device, one seat. */
static void check_seats(const struct driver *driver)
{
	for (unsigned i = 0; i < HOLDERS; i++) {
		const struct holder *a = &driver->holders[i];
		for (unsigned j = 0; a->lease && !a->anonymous && j < i; j++) {
			const struct holder *b = &driver->holders[j];
			CHECK(!b->lease || b->anonymous || a->identity != b->identity ||
				a->ordinal != b->ordinal);
		}
	}
}

void registry_model_check(const struct driver *driver)
{
	struct listing listing;
	registry_model_list(driver, &listing);
	CHECK(listing.count < DISPLAYS_MAX);
	check_outputs(driver, &listing);
	check_displays(driver, &listing);
	check_seats(driver);
	check_told(driver, &listing);
	CHECK(driver->desktop_told == driver->desktop_ready);
	CHECK(driver->shutdowns_done <= driver->shut_down);
}
