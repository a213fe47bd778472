#include "registry_driver.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "registry_driver_private.h"

#define HOUR_NS 3600000000000ull
#define TURNS_MAX 10000

static const struct display_mode modes[] = {
	{ 1280, 720, 60000, 100 }, { 1920, 1080, 60000, 100 }, { 2560, 1440, 144000, 150 },
	{ 15, 720, 60000, 100 }, /* out of range */
};

static const struct display_outside_output monitors[] = {
	{ "DP-1", { 1920, 1080, 60000, 100 }, 0, 0, 1920, 1080, true },
	{ "HDMI-A-1", { 2560, 1440, 60000, 100 }, 1920, -200, 2560, 1440, true },
};

static uint8_t next(struct driver *driver)
{
	if (driver->left == 0)
		return 0;
	driver->left--;
	return *driver->bytes++;
}

static void read_policy(void *data, const uint8_t *client, struct display_policy *policy)
{
	const struct driver *driver = data;
	*policy = driver->policy;
	if (client && client[0] == 1 && driver->client_keeps_nothing)
		policy->keep_alive = (struct keep_alive){ KEEP_ALIVE_OFF, 0 };
}

static uint32_t encoders_free(void *data)
{
	return ((struct driver *)data)->encoders;
}

static void on_changed(void *data)
{
	struct driver *driver = data;
	CHECK(!driver->in_call);
	registry_model_list(driver, &driver->told);
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

static uint64_t kept_until(void *data)
{
	struct driver *driver = data;
	CHECK(driver->stats.adopted > 0); /* not before the output was found */
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	const uint64_t now_ns = (uint64_t)now.tv_sec * 1000000000u;
	return driver->kept_until_ns == UINT64_MAX || driver->kept_until_ns == 0
		? driver->kept_until_ns
		: now_ns + driver->kept_until_ns;
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

static struct display_request any_request(struct driver *driver)
{
	const uint8_t who = next(driver), how = next(driver);
	struct display_request request = {
		.anonymous = who % 9 == 8,
		.session = ++driver->last_session,
		.ordinal = who & 0x40 ? 2 : who >> 7,
		.mode = modes[how % 16 % 5 % 4],
		.has_hint = (how & 0x10) != 0,
		.hint_x = how & 0x20 ? -1280 : 1280,
	};
	request.identity[0] = who % IDENTITIES;
	snprintf(request.label, sizeof request.label, "client %u", who % IDENTITIES);
	return request;
}

/* Looking changes nothing, and says what will happen. */
static void explain(const struct driver *driver, const struct display_request *request,
	struct display_explanation *explanation)
{
	static const struct display_mode none;
	display_registry_explain(driver->registry, request, NULL, explanation);
	CHECK(!explanation->error || explanation->text[0]);
	if (explanation->error && explanation->error != DISPLAY_ERROR_NO_DESKTOP)
		return;
	CHECK(request->anonymous || explanation->slot > 0 ||
		explanation->decision.kind == ADMISSION_JOIN);
	CHECK(!display_mode_equal(&explanation->mode, &none));
}

static void do_acquire(struct driver *driver)
{
	struct holder *holder = pick(driver, false);
	const struct display_request request = any_request(driver);
	struct display_explanation explanation;
	struct listing before;
	if (!holder)
		return;
	registry_model_list(driver, &before);
	explain(driver, &request, &explanation);
	*holder = (struct holder){
		.driver = driver,
		.identity = request.identity[0],
		.anonymous = request.anonymous,
		.ordinal = request.ordinal ? request.ordinal : 1,
		.session = request.session,
		.joined = explanation.decision.kind == ADMISSION_JOIN,
		.slot = explanation.slot,
		.refusal = explanation.error == DISPLAY_ERROR_NO_DESKTOP ? 0 : explanation.error,
	};
	holder->lease = display_registry_acquire(
		driver->registry, &request, &registry_model_events, holder);
	CHECK(holder->lease);
	registry_model_check_claim(driver, &before, &explanation);
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

static void do_input(struct driver *driver)
{
	struct holder *holder = pick(driver, true);
	if (holder)
		display_lease_note_input(holder->lease, next(driver));
}

static void do_operator_release(struct driver *driver)
{
	const uint8_t choice = next(driver);
	const uint32_t slot = choice % 4 == 0 ? UINT32_MAX : choice % 8;
	uint32_t sessions = 0;
	int error = 0;
	const size_t count = display_registry_release(driver->registry, slot, &error, &sessions);
	CHECK((count > 0) == (error == 0));
	CHECK(error == 0 || error == -EBUSY || error == -ENOENT);
	CHECK((error == -EBUSY) <= (sessions > 0));
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
			.other_topology = how % 7 == 0,
		});
}

/* Something happens on the desktop by itself. */
static void do_desktop_s_own(struct driver *driver)
{
	const uint8_t what = next(driver), which = next(driver);
	driver->in_call = false;
	if (what % 4 == 0) {
		if (driver->desktop_ready)
			fake_backend_set_outside(driver->backend, monitors, which % 3);
	} else if (driver->stats.outputs == 0) {
		return;
	} else if (what % 4 == 1) {
		fake_backend_vanish(driver->backend, which % driver->stats.outputs);
	} else if (what % 4 == 2) {
		fake_backend_move(driver->backend, which % driver->stats.outputs, which * 10, 0);
	} else {
		fake_backend_scale(
			driver->backend, which % driver->stats.outputs, which & 0x80 ? 200 : 125);
	}
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
	const uint8_t a = next(driver), b = next(driver), c = next(driver);
	driver->policy = (struct display_policy){
		.keep_alive = { (enum keep_alive_kind)(a % 3), a & 0x80 ? HOUR_NS : 0 },
		.topology = (enum policy_topology)(a / 3 % 4),
		.mode_conflict = (enum policy_conflict)(b % 4),
		.identity = (enum policy_identity)(b / 4 % 3),
		.layout = (enum policy_layout)(b / 12 % 2),
		.desktop = (enum policy_desktop)(b / 24 % 2),
		.position_count = 2,
		.positions = { { 1, 100, 200 }, { 3, 4000, -700 } },
		.max_displays = 1 + c % 4,
	};
	driver->client_keeps_nothing = (c & 0x10) != 0;
	driver->encoders = c & 0x20 ? c / 64 : UINT32_MAX;
	if (c & 0x08)
		display_registry_policy_changed(driver->registry);
}

static void do_shutdown(struct driver *driver)
{
	if (next(driver) % 16 != 0 || driver->shut_down)
		return;
	driver->shut_down = true;
	display_registry_shutdown(driver->registry, HOUR_NS, on_shut_down, driver);
}

static void operate(struct driver *driver)
{
	static void (*const operations[])(struct driver * driver) = {
		do_acquire,
		do_acquire,
		do_acquire,
		do_acquire,
		do_release,
		do_release,
		do_set_mode,
		do_input,
		do_operator_release,
		do_answer,
		do_answer,
		do_answer,
		do_answer,
		do_answer,
		do_answer,
		do_desktop_s_own,
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
	registry_model_check(driver);
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
	registry_model_check(driver);
	for (unsigned i = 0; i < HOLDERS; i++) {
		const struct holder *holder = &driver->holders[i];
		CHECK(!holder->lease || holder->granted);
		CHECK(!holder->lease || !holder->mode_asked);
	}
	struct listing listing;
	registry_model_list(driver, &listing);
	for (size_t i = 0; i < listing.count; i++)
		CHECK(listing.states[i].state != LIFECYCLE_CREATING);
	const bool everything_answered = !driver->shut_down;
	if (!driver->shut_down) {
		driver->shut_down = true;
		display_registry_shutdown(driver->registry, HOUR_NS, on_shut_down, driver);
	}
	answer_all(driver);
	for (unsigned i = 0; i < HOLDERS; i++)
		CHECK(!driver->holders[i].lease);
	CHECK(driver->shutdowns_done == 1);
	CHECK(driver->stats.outputs == 0);
	/* Nobody is left in the dark, unless the desktop refused the restore until the end. */
	CHECK(!driver->stats.outside_dark || !everything_answered);
	CHECK(fake_backend_hanging(driver->backend) == 0);
}

/* Some desktops cannot do everything. */
static void limit_backend(struct driver *driver, uint8_t choice)
{
	static const enum display_option options[] = {
		DISPLAY_OPTION_SECOND_OUTPUT,
		DISPLAY_OPTION_RECONFIGURE,
		DISPLAY_OPTION_KEEP,
		DISPLAY_OPTION_PRIMARY,
		DISPLAY_OPTION_EXCLUSIVE,
		DISPLAY_OPTION_LAYOUT,
	};
	const unsigned option = choice % 16;
	if (option < sizeof options / sizeof *options)
		fake_backend_forbid(
			driver->backend, options[option], choice & 0x10 ? "primary" : "extend");
	driver->can_hold_two = option != 0;
	driver->can_reconfigure = option != 1;
	if (choice & 0x20)
		fake_backend_set_slots(driver->backend, 2);
	fake_backend_hang_all(driver->backend);
}

/* What an earlier host kept: of one client, or of two with two displays of the one. */
static void adopt(struct driver *driver, uint8_t choice)
{
	static const uint8_t whose[] = { 0, 0, 2 };
	const size_t count = !(choice & 0x40) ? 0 : !driver->can_hold_two || !(choice & 1) ? 1 : 3;
	driver->kept_until_ns = choice & 2 ? HOUR_NS + HOUR_NS : choice & 4 ? UINT64_MAX : 0;
	for (size_t i = 0; i < count; i++) {
		struct display_adoption adoption = { .mode = modes[i] };
		const uint32_t ordinal = i == 1 ? 2 : 1;
		adoption.identity[0] = whose[i];
		snprintf(adoption.label, sizeof adoption.label, "client %u", whose[i]);
		snprintf(adoption.output, sizeof adoption.output, "LEFT-%zu", i);
		adoption.key = identity_key_make(
			driver->policy.identity, adoption.identity, ordinal, &adoption.mode);
		fake_backend_leave(driver->backend, adoption.output, &adoption.mode);
		const int error =
			display_registry_adopt(driver->registry, &adoption, kept_until, driver);
		/* There may be two slots only. */
		CHECK(error == 0 || (error == -EEXIST && i == 2));
	}
}

void registry_driver_run(const uint8_t *bytes, size_t size)
{
	struct driver driver = {
		.bytes = bytes,
		.left = size,
		.desktop_told = true,
		.desktop_ready = true,
		.encoders = UINT32_MAX,
		.policy = {
			.keep_alive = { KEEP_ALIVE_DURATION, HOUR_NS },
			.topology = POLICY_TOPOLOGY_EXCLUSIVE,
			.identity = POLICY_IDENTITY_PER_CLIENT,
			.max_displays = 4,
		},
	};
	const uint8_t setup = next(&driver), limits = next(&driver);
	/* Deadlines are over at once or never: what happens depends on the bytes alone. */
	const struct display_registry_timing timing = {
		.request_deadline_ns = setup & 1 ? 0 : HOUR_NS,
		.desktop_wait_ns = setup & 2 ? 0 : HOUR_NS,
	};
	CHECK(sd_event_new(&driver.event) >= 0);
	driver.backend = fake_backend_create(driver.event, &driver.stats);
	driver.stats.patient_caller = timing.request_deadline_ns > 0;
	limit_backend(&driver, limits);
	if (limits & 0x80) {
		fake_backend_start_late(driver.backend);
		driver.desktop_told = driver.desktop_ready = false;
	}
	driver.registry = display_registry_create(&(struct display_registry_params){
		.event = driver.event,
		.backend = driver.backend,
		.read_policy = read_policy,
		.policy_data = &driver,
		.desktop_was_named = (setup & 8) != 0,
		.encoders_free = encoders_free,
		.encoders_data = &driver,
		.changed = on_changed,
		.changed_data = &driver,
		.desktop_changed = on_desktop_changed,
		.desktop_data = &driver,
		.timing = &timing,
	});
	CHECK(driver.registry);
	fake_backend_set_outside(driver.backend, monitors, setup / 16 % 3);
	adopt(&driver, limits);
	while (driver.left > 0)
		operate(&driver);
	if (!(setup & 4))
		finish(&driver);
	/* Else it is destroyed in whatever state it is in. */
	display_registry_destroy(driver.registry);
	CHECK(driver.stats.backend_destroyed);
	sd_event_unref(driver.event);
}
