#include "registry_driver.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "display/registry.h"
#include "fake_backend.h"

#define HOUR_NS 3600000000000ull
#define HOLDERS 12
#define IDENTITIES 5
#define DISPLAYS_MAX 64
#define TURNS_MAX 10000

/* Straight to the descriptor: the log of the registry may have been silenced. */
#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			dprintf(2, "%s:%d: broken: %s\n", __FILE__, __LINE__, #condition);         \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

static const struct display_mode modes[] = {
	{ 1280, 720, 60000, 100 }, { 1920, 1080, 60000, 100 }, { 2560, 1440, 144000, 150 },
	{ 15, 720, 60000, 100 }, /* out of range */
};

struct driver;

struct holder {
	struct driver *driver;
	struct display_lease *lease; /* NULL: free */
	bool granted;
	bool mode_asked; /* set_mode called, and no answer since */
	unsigned modes_asked; /* calls of set_mode */
	unsigned modes_declined;
};

struct driver {
	const uint8_t *bytes;
	size_t left;
	sd_event *event;
	struct display_backend *backend;
	struct display_registry *registry;
	struct fake_stats stats;
	struct display_policy policy;
	struct holder holders[HOLDERS];
	bool in_call; /* the registry was called and has not returned */
	bool desktop_told, desktop_ready;
	bool shut_down;
	unsigned shutdowns_done;
};

static uint8_t next(struct driver *driver)
{
	if (driver->left == 0)
		return 0;
	driver->left--;
	return *driver->bytes++;
}

static void on_granted(void *data, struct display_lease *lease, const struct display_info *info)
{
	struct holder *holder = data;
	CHECK(!holder->driver->in_call);
	CHECK(holder->lease == lease);
	CHECK(info->generation > 0);
	/* First the claim's answer; afterwards a set_mode's, or news of the real mode. */
	holder->granted = true;
	holder->mode_asked = false;
}

static void on_declined(void *data, struct display_lease *lease, enum display_error error,
	const char *text, const struct display_holder *display_holder)
{
	struct holder *holder = data;
	CHECK(!holder->driver->in_call);
	CHECK(holder->lease == lease);
	CHECK(!holder->granted);
	CHECK(error >= DISPLAY_ERROR_BAD_MODE && error <= DISPLAY_ERROR_SHUTTING_DOWN);
	CHECK(text && *text);
	holder->lease = NULL;
}

static void on_mode_declined(
	void *data, struct display_lease *lease, enum display_error error, const char *text)
{
	struct holder *holder = data;
	CHECK(!holder->driver->in_call);
	CHECK(holder->lease == lease);
	CHECK(++holder->modes_declined <= holder->modes_asked);
	CHECK(text && *text);
	holder->mode_asked = false;
}

static void on_lost(
	void *data, struct display_lease *lease, enum display_loss reason, const char *text)
{
	struct holder *holder = data;
	CHECK(!holder->driver->in_call);
	CHECK(holder->lease == lease);
	CHECK(reason <= DISPLAY_LOSS_SHUTDOWN);
	CHECK(text && *text);
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
	*policy = ((struct driver *)data)->policy;
}

static void on_desktop_changed(void *data, bool ready, const char *text)
{
	struct driver *driver = data;
	CHECK(!driver->in_call);
	CHECK(ready != driver->desktop_told);
	driver->desktop_told = ready;
}

static void on_shut_down(void *data)
{
	struct driver *driver = data;
	CHECK(!driver->in_call);
	driver->shutdowns_done++;
}

/* The loop runs until nothing is due. */
static void settle(struct driver *driver)
{
	for (int turns = 0; sd_event_run(driver->event, 0) > 0; turns++)
		CHECK(turns < TURNS_MAX);
}

static struct holder *pick(struct driver *driver, bool with_lease)
{
	const uint8_t start = next(driver);
	for (unsigned i = 0; i < HOLDERS; i++) {
		struct holder *holder = &driver->holders[(start + i) % HOLDERS];
		if ((holder->lease != NULL) == with_lease)
			return holder;
	}
	return NULL;
}

static void do_acquire(struct driver *driver)
{
	struct holder *holder = pick(driver, false);
	const uint8_t choice = next(driver);
	struct display_request request = {
		.anonymous = choice % 7 == 0,
		.label = "driver",
		.mode = modes[next(driver) % 16 % 5 % 4],
	};
	request.identity[0] = choice % IDENTITIES;
	if (!holder)
		return;
	*holder = (struct holder){ .driver = driver };
	holder->lease = display_registry_acquire(driver->registry, &request, &events, holder);
	CHECK(holder->lease);
}

static void do_release(struct driver *driver)
{
	struct holder *holder = pick(driver, true);
	if (!holder)
		return;
	display_lease_release(holder->lease, next(driver) % 4 == 0);
	holder->lease = NULL;
}

static void do_set_mode(struct driver *driver)
{
	struct holder *holder = pick(driver, true);
	if (!holder)
		return;
	holder->mode_asked = true;
	holder->modes_asked++;
	display_lease_set_mode(holder->lease, &modes[next(driver) % 4]);
}

static void do_answer(struct driver *driver)
{
	static const int errors[] = { -EIO, -EINVAL, -ETIMEDOUT, -ENODEV };
	const size_t hanging = fake_backend_hanging(driver->backend);
	const uint8_t which = next(driver), how = next(driver);
	if (hanging == 0)
		return;
	driver->in_call = false; /* this is the backend, not a caller */
	fake_backend_answer(driver->backend, which % hanging,
		(struct fake_answer){
			.error = how % 3 == 0 ? errors[how / 3 % 4] : 0,
			.other_mode = how % 5 == 0,
		});
}

static void do_vanish(struct driver *driver)
{
	const uint8_t which = next(driver);
	driver->in_call = false;
	if (driver->stats.outputs > 0)
		fake_backend_vanish(driver->backend, which % driver->stats.outputs);
}

static void do_desktop(struct driver *driver)
{
	driver->in_call = false;
	driver->desktop_ready = !driver->desktop_ready;
	if (driver->desktop_ready)
		fake_backend_desktop_ready(driver->backend);
	else
		fake_backend_desktop_gone(driver->backend);
}

static void do_policy(struct driver *driver)
{
	/* Nothing in between: a duration is over at the next turn, or not in this test's life. */
	const uint8_t choice = next(driver);
	driver->policy.keep_alive = (struct keep_alive){
		.kind = (enum keep_alive_kind)(choice % 3),
		.duration_ns = choice & 0x80 ? HOUR_NS : 0,
	};
	driver->policy.max_displays = 1 + next(driver) % 4;
}

static void do_shutdown(struct driver *driver)
{
	if (next(driver) % 16 != 0 || driver->shut_down)
		return;
	driver->shut_down = true;
	display_registry_shutdown(driver->registry, HOUR_NS, on_shut_down, driver);
}

static const struct display_state *find_by_output(
	const struct display_state *states, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(states[i].output.name, name) == 0)
			return &states[i];
	}
	return NULL;
}

static void check_outputs(
	const struct driver *driver, const struct display_state *states, size_t count)
{
	/* No output without an owner: it is on the list, or its destroy has been asked for. */
	const struct display_output_info *info;
	bool asked_away;
	for (size_t i = 0; (info = fake_backend_output(driver->backend, i, &asked_away)); i++)
		CHECK(asked_away || find_by_output(states, count, info->name));
}

static void check_displays(
	const struct driver *driver, const struct display_state *states, size_t count)
{
	uint32_t leases = 0, claimed = 0;
	for (size_t i = 0; i < count; i++) {
		const bool exists = states[i].state == LIFECYCLE_ACTIVE ||
			states[i].state == LIFECYCLE_LINGERING ||
			states[i].state == LIFECYCLE_PINNED;
		CHECK(i == 0 || states[i].slot == 0 || states[i].slot > states[i - 1].slot);
		CHECK(states[i].state != LIFECYCLE_GONE);
		CHECK(!exists || states[i].output.name[0]);
		leases += states[i].leases;
	}
	for (unsigned i = 0; i < HOLDERS; i++)
		claimed += driver->holders[i].lease != NULL && driver->holders[i].granted;
	/* A settled registry has told everyone: who was granted holds a lease, and nobody else does. */
	CHECK(leases == claimed);
}

static void check(const struct driver *driver)
{
	struct display_state states[DISPLAYS_MAX];
	const size_t count = display_registry_list(driver->registry, states, DISPLAYS_MAX);
	CHECK(count < DISPLAYS_MAX);
	check_outputs(driver, states, count);
	check_displays(driver, states, count);
	CHECK(driver->desktop_told == driver->desktop_ready);
	CHECK(driver->shutdowns_done <= driver->shut_down);
}

static void operate(struct driver *driver)
{
	static void (*const operations[])(struct driver * driver) = {
		do_acquire,
		do_acquire,
		do_acquire,
		do_release,
		do_release,
		do_set_mode,
		do_answer,
		do_answer,
		do_answer,
		do_answer,
		do_answer,
		do_vanish,
		do_desktop,
		do_policy,
		do_shutdown,
	};
	const uint8_t byte = next(driver);
	driver->in_call = true;
	operations[(byte & 0x7f) % (sizeof operations / sizeof *operations)](driver);
	driver->in_call = false;
	/* Most operations meet a registry that has caught up; some meet it with callbacks due. */
	if (byte & 0x80)
		return;
	settle(driver);
	check(driver);
}

/* The backend answers everything, with success. */
static void answer_all(struct driver *driver)
{
	settle(driver);
	for (int answers = 0; fake_backend_hanging(driver->backend) > 0; answers++) {
		CHECK(answers < TURNS_MAX);
		fake_backend_answer(driver->backend, 0, (struct fake_answer){ 0 });
		settle(driver);
	}
}

/* With a desktop that answers, nobody is left waiting; after a shutdown nothing is left at all. */
static void finish(struct driver *driver)
{
	if (!driver->desktop_ready)
		do_desktop(driver);
	answer_all(driver);
	check(driver);
	for (unsigned i = 0; i < HOLDERS; i++) {
		const struct holder *holder = &driver->holders[i];
		CHECK(!holder->lease || holder->granted);
		CHECK(!holder->lease || !holder->mode_asked);
	}
	if (!driver->shut_down) {
		driver->shut_down = true;
		display_registry_shutdown(driver->registry, HOUR_NS, on_shut_down, driver);
	}
	answer_all(driver);
	for (unsigned i = 0; i < HOLDERS; i++)
		CHECK(!driver->holders[i].lease);
	CHECK(driver->shutdowns_done == 1);
	CHECK(driver->stats.outputs == 0);
	CHECK(fake_backend_hanging(driver->backend) == 0);
}

void registry_driver_run(const uint8_t *bytes, size_t size)
{
	struct driver driver = {
		.bytes = bytes,
		.left = size,
		.desktop_told = true,
		.desktop_ready = true,
		.policy = {
			.keep_alive = { KEEP_ALIVE_DURATION, HOUR_NS },
			.topology = POLICY_TOPOLOGY_EXTEND,
			.identity = POLICY_IDENTITY_PER_CLIENT,
			.max_displays = 4,
		},
	};
	const uint8_t setup = next(&driver);
	/* Deadlines are over at once or never: what happens depends on the bytes alone. */
	const struct display_registry_timing timing = {
		.request_deadline_ns = setup & 1 ? 0 : HOUR_NS,
		.desktop_wait_ns = setup & 2 ? 0 : HOUR_NS,
	};
	CHECK(sd_event_new(&driver.event) >= 0);
	driver.backend = fake_backend_create(driver.event, &driver.stats);
	driver.stats.patient_caller = timing.request_deadline_ns > 0;
	fake_backend_hang_all(driver.backend);
	driver.registry = display_registry_create(&(struct display_registry_params){
		.event = driver.event,
		.backend = driver.backend,
		.read_policy = read_policy,
		.policy_data = &driver,
		.desktop_changed = on_desktop_changed,
		.desktop_data = &driver,
		.timing = &timing,
	});
	CHECK(driver.registry);
	while (driver.left > 0)
		operate(&driver);
	if (!(setup & 4))
		finish(&driver);
	/* Else it is destroyed in whatever state it is in. */
	display_registry_destroy(driver.registry);
	CHECK(driver.stats.backend_destroyed);
	sd_event_unref(driver.event);
}
