#include "registry_world.h"

#include <stdlib.h>

const struct display_mode small = { 1280, 720, 60000, 100 };
const struct display_mode medium = { 1920, 1080, 60000, 100 };
const struct display_mode large = { 2560, 1440, 144000, 150 };

const struct keep_alive off = { KEEP_ALIVE_OFF, 0 };
const struct keep_alive an_hour = { KEEP_ALIVE_DURATION, HOUR_NS };
const struct keep_alive a_moment = { KEEP_ALIVE_DURATION, MILLISECOND_NS };
const struct keep_alive forever = { KEEP_ALIVE_FOREVER, 0 };

const struct fake_answer success = { 0 };

static void called(struct holder *holder, struct display_lease *lease)
{
	struct world *world = holder->world;
	assert_false(world->in_call);
	assert_ptr_equal(holder->lease, lease);
	world->callbacks++;
	if (holder->release) {
		holder->lease = NULL;
		display_lease_release(lease, false);
	}
	if (holder->destroy_registry) {
		display_registry_destroy(world->registry);
		world->registry = NULL;
		holder->lease = NULL;
	}
}

static void on_granted(void *data, struct display_lease *lease, const struct display_info *info)
{
	struct holder *holder = data;
	holder->granted++;
	holder->info = *info;
	called(holder, lease);
	holder->granted_at = holder->world->callbacks;
}

static void on_declined(void *data, struct display_lease *lease, enum display_error error,
	const char *text, const struct display_holder *display_holder)
{
	struct holder *holder = data;
	if (display_holder)
		holder->busy = *display_holder;
	holder->declined++;
	holder->error = error;
	snprintf(holder->text, sizeof holder->text, "%s", text);
	called(holder, lease);
	holder->lease = NULL;
}

static void on_mode_declined(
	void *data, struct display_lease *lease, enum display_error error, const char *text)
{
	struct holder *holder = data;
	holder->mode_declined++;
	holder->error = error;
	snprintf(holder->text, sizeof holder->text, "%s", text);
	called(holder, lease);
}

static void on_lost(
	void *data, struct display_lease *lease, enum display_loss reason, const char *text)
{
	struct holder *holder = data;
	holder->lost++;
	holder->loss = reason;
	snprintf(holder->text, sizeof holder->text, "%s", text);
	called(holder, lease);
	holder->lost_at = holder->world->callbacks;
	holder->lease = NULL;
}

static const struct display_lease_events events = {
	.granted = on_granted,
	.declined = on_declined,
	.mode_declined = on_mode_declined,
	.lost = on_lost,
};

static void read_policy(void *data, const uint8_t *client, struct display_policy *policy)
{
	const struct world *world = data;
	*policy = client && world->overridden && client[0] == (uint8_t)world->overridden
		? world->override
		: world->policy;
}

static uint32_t encoders_free(void *data)
{
	return ((struct world *)data)->encoders;
}

static void on_changed(void *data)
{
	struct world *world = data;
	assert_false(world->in_call);
	world->changed++;
}

static void on_desktop_changed(void *data, bool ready, const char *text)
{
	struct world *world = data;
	assert_false(world->in_call);
	world->desktop_gone += !ready;
	world->desktop_ready += ready;
}

void on_shut_down(void *data)
{
	struct world *world = data;
	assert_false(world->in_call);
	world->shut_down++;
}

void open_registry_on(struct world *world, struct display_backend *backend)
{
	world->backend = backend;
	world->registry = display_registry_create(&(struct display_registry_params){
		.event = world->event,
		.backend = world->backend,
		.read_policy = read_policy,
		.policy_data = world,
		.identities = world->identities,
		.encoders_free = encoders_free,
		.encoders_data = world,
		.changed = on_changed,
		.changed_data = world,
		.desktop_changed = on_desktop_changed,
		.desktop_data = world,
		.timing = &world->timing,
	});
	assert_non_null(world->registry);
}

void open_registry(struct world *world)
{
	open_registry_on(world, fake_backend_create(world->event, &world->stats));
}

/* For a test that needs other deadlines than the usual ones: before its first claim. */
void reopen_with(struct world *world, struct display_registry_timing timing)
{
	display_registry_destroy(world->registry);
	world->timing = timing;
	open_registry(world);
}

int set_up(void **state)
{
	struct world *world = calloc(1, sizeof *world);
	assert_non_null(world);
	*state = world;
	world->policy = (struct display_policy){
		.keep_alive = an_hour,
		.topology = POLICY_TOPOLOGY_EXTEND,
		.identity = POLICY_IDENTITY_PER_CLIENT,
		.max_displays = 4,
	};
	world->timing = (struct display_registry_timing){
		.request_deadline_ns = HOUR_NS,
		.desktop_wait_ns = HOUR_NS,
	};
	world->encoders = UINT32_MAX;
	assert_true(sd_event_new(&world->event) >= 0);
	open_registry(world);
	world->stats.patient_caller = true;
	return 0;
}

int tear_down(void **state)
{
	struct world *world = *state;
	display_registry_destroy(world->registry);
	assert_true(world->stats.backend_destroyed);
	sd_event_unref(world->event);
	free(world);
	return 0;
}

void settle(struct world *world)
{
	while (sd_event_run(world->event, 0) > 0)
		;
}

bool run_until_deadline(struct world *world, time_t deadline)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	assert_true(now.tv_sec < deadline);
	return sd_event_run(world->event, 100000) >= 0;
}

void claim_request(
	struct world *world, struct holder *holder, const struct display_request *request)
{
	*holder = (struct holder){ .world = world };
	world->in_call = true;
	holder->lease = display_registry_acquire(world->registry, request, &events, holder);
	world->in_call = false;
	assert_non_null(holder->lease);
}

void claim(struct world *world, struct holder *holder, char client, const struct display_mode *mode)
{
	struct display_request request = { .mode = *mode, .session = (uint8_t)client };
	request.identity[0] = (uint8_t)client;
	snprintf(request.label, sizeof request.label, "client %c", client);
	claim_request(world, holder, &request);
}

void claim_anonymous(struct world *world, struct holder *holder)
{
	claim_request(world, holder,
		&(struct display_request){ .anonymous = true, .label = "guest", .mode = small });
}

void claim_granted(
	struct world *world, struct holder *holder, char client, const struct display_mode *mode)
{
	claim(world, holder, client, mode);
	settle(world);
	assert_int_equal(holder->granted, 1);
}

void give_back(struct holder *holder, bool quit)
{
	struct display_lease *lease = holder->lease;
	assert_non_null(lease);
	holder->lease = NULL;
	holder->world->in_call = true;
	display_lease_release(lease, quit);
	holder->world->in_call = false;
}

void set_mode(struct holder *holder, const struct display_mode *mode)
{
	holder->world->in_call = true;
	display_lease_set_mode(holder->lease, mode);
	holder->world->in_call = false;
}

/* A display that has been used and is kept now. */
void leave_kept(struct world *world, char client, struct keep_alive keep_alive)
{
	struct holder holder;
	const struct keep_alive before = world->policy.keep_alive;
	claim_granted(world, &holder, client, &small);
	world->policy.keep_alive = keep_alive;
	give_back(&holder, false);
	settle(world);
	world->policy.keep_alive = before;
}

size_t displays(const struct world *world)
{
	struct display_state states[16];
	return display_registry_list(world->registry, states, 16);
}

enum lifecycle_state state_of(const struct world *world, uint32_t slot)
{
	struct display_state states[16];
	const size_t count = display_registry_list(world->registry, states, 16);
	for (size_t i = 0; i < count; i++) {
		if (states[i].slot == slot)
			return states[i].state;
	}
	return LIFECYCLE_GONE;
}

void hang_next(struct world *world, enum fake_request kind)
{
	fake_backend_script(world->backend, kind, (struct fake_answer){ .hang = true });
}

void fail_next(struct world *world, enum fake_request kind, int error)
{
	fake_backend_script(world->backend, kind, (struct fake_answer){ .error = error });
}

void answer_hanging(struct world *world, struct fake_answer answer)
{
	fake_backend_answer(world->backend, 0, answer);
	settle(world);
}

void forbid(struct world *world, enum display_option option, const char *fallback)
{
	fake_backend_forbid(world->backend, option, fallback);
	fake_backend_desktop_gone(world->backend);
	fake_backend_desktop_ready(world->backend);
}
