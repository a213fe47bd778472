#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/policy.h"

#define SECOND_NS UINT64_C(1000000000)
#define BIT(field) (1u << POLICY_FIELD_##field)

/* What a merge says. */
struct outcome {
	struct display_policy policy;
	char preset[POLICY_PRESET_NAME_MAX + 1];
	enum policy_source from[POLICY_FIELDS];
};

static struct outcome merge(const struct policy_sources *sources)
{
	struct outcome outcome;
	memset(&outcome, 0xa5, sizeof outcome);
	policy_merge(sources, &outcome.policy, outcome.preset, outcome.from);
	struct display_policy alone;
	policy_merge(sources, &alone, NULL, NULL);
	assert_int_equal(alone.topology, outcome.policy.topology);
	assert_int_equal(alone.max_displays, outcome.policy.max_displays);
	return outcome;
}

static void expect_preset_fields(
	const struct display_policy *policy, const struct display_policy *expected)
{
	assert_int_equal(policy->keep_alive.kind, expected->keep_alive.kind);
	assert_int_equal(policy->keep_alive.duration_ns, expected->keep_alive.duration_ns);
	assert_int_equal(policy->topology, expected->topology);
	assert_int_equal(policy->mode_conflict, expected->mode_conflict);
	assert_int_equal(policy->identity, expected->identity);
	assert_int_equal(policy->layout, expected->layout);
}

static const struct display_policy *fields_of(const char *preset)
{
	const struct policy_preset *found = policy_preset_find(preset, NULL, 0);
	assert_non_null(found);
	return &found->fields;
}

/* Every field, each unlike that of every built-in preset but the layout of workstation. */
static const struct policy_layer odd = {
	.set = BIT(KEEP_ALIVE) | BIT(TOPOLOGY) | BIT(MODE_CONFLICT) | BIT(IDENTITY) | BIT(LAYOUT) |
		BIT(MAX_DISPLAYS) | BIT(DESKTOP) | BIT(CONFINEMENT) | BIT(PRESENCE) | BIT(CONTROL) | BIT(INPUT),
	.fields = {
		.keep_alive = { KEEP_ALIVE_DURATION, 77 * SECOND_NS },
		.topology = POLICY_TOPOLOGY_PRIMARY,
		.mode_conflict = POLICY_CONFLICT_JOIN,
		.identity = POLICY_IDENTITY_SHARED,
		.layout = POLICY_LAYOUT_MANUAL,
		.position_count = 2,
		.positions = { { 1, -5, 0 }, { 3, 1920, 7 } },
		.max_displays = 9,
		.desktop = POLICY_DESKTOP_ISOLATED,
		.confinement = POLICY_CONFINEMENT_HOME,
		.devices = 1u << POLICY_DEVICE_KVM,
		.presence = { true, 5, 60 },
		.control = POLICY_CONTROL_ONE_AT_A_TIME,
		.input = POLICY_INPUT_SEAT_PER_CLIENT,
	},
};

static const struct display_policy nothing_set = { .max_displays = POLICY_DISPLAYS_DEFAULT };

/* What neither a preset nor a client has a say in, but a client's `desktop`. */
static void expect_host_fields(
	const struct display_policy *policy, const struct display_policy *expected)
{
	assert_int_equal(policy->max_displays, expected->max_displays);
	assert_int_equal(policy->presence.enabled, expected->presence.enabled);
	assert_int_equal(policy->presence.controlling_s, expected->presence.controlling_s);
	assert_int_equal(policy->presence.watching_s, expected->presence.watching_s);
	assert_int_equal(policy->control, expected->control);
	assert_int_equal(policy->input, expected->input);
}

static void nothing_configured_means_the_default_preset(void **state)
{
	const struct outcome outcome = merge(&(struct policy_sources){ 0 });
	assert_string_equal(outcome.preset, "default");
	expect_preset_fields(&outcome.policy, fields_of("default"));
	expect_host_fields(&outcome.policy, &nothing_set);
	assert_int_equal(outcome.policy.desktop, POLICY_DESKTOP_SHARED);
	assert_int_equal(outcome.policy.position_count, 0);
	for (size_t field = 0; field < POLICY_FIELDS; field++)
		assert_int_equal(outcome.from[field], POLICY_SOURCE_DEFAULT);
}

/* The words are in docs/presets.md as well; here they are facts. */
static void the_presets_are_these_five(void **state)
{
	static const struct {
		const char *name;
		struct keep_alive keep_alive;
		const char *words; /* topology conflict identity layout */
	} rows[] = {
		{ "default", { KEEP_ALIVE_DURATION, 10 * SECOND_NS },
			"auto separate per-client auto-row" },
		{ "gaming-rig", { KEEP_ALIVE_FOREVER, 0 }, "exclusive steal per-client auto-row" },
		{ "shared-desktop", { KEEP_ALIVE_OFF, 0 }, "extend separate per-client auto-row" },
		{ "hotdesk", { KEEP_ALIVE_DURATION, 300 * SECOND_NS },
			"exclusive reject per-client-mode auto-row" },
		{ "workstation", { KEEP_ALIVE_DURATION, 300 * SECOND_NS },
			"exclusive separate per-client manual" },
	};
	assert_int_equal(policy_preset_count, sizeof rows / sizeof *rows);
	for (size_t i = 0; i < policy_preset_count; i++) {
		const struct policy_preset *preset = &policy_presets[i];
		char words[128] = "";
		strcat(words, policy_topology_name(preset->fields.topology));
		strcat(strcat(words, " "), policy_conflict_name(preset->fields.mode_conflict));
		strcat(strcat(words, " "), policy_identity_name(preset->fields.identity));
		strcat(strcat(words, " "), policy_layout_name(preset->fields.layout));
		assert_string_equal(preset->name, rows[i].name);
		assert_string_equal(words, rows[i].words);
		assert_int_equal(preset->fields.keep_alive.kind, rows[i].keep_alive.kind);
		assert_int_equal(
			preset->fields.keep_alive.duration_ns, rows[i].keep_alive.duration_ns);
		assert_true(preset->builtin);
		assert_int_equal(preset->fields.max_displays, POLICY_DISPLAYS_DEFAULT);
		assert_int_equal(preset->fields.position_count, 0);
		assert_int_equal(preset->fields.desktop, POLICY_DESKTOP_SHARED);
		assert_ptr_equal(policy_preset_find(preset->name, NULL, 0), preset);
		assert_true(policy_preset_name_valid(preset->name));
	}
}

static void a_stronger_source_wins_field_by_field(void **state)
{
	const struct policy_layer environment = {
		.set = BIT(KEEP_ALIVE) | BIT(TOPOLOGY) | BIT(MODE_CONFLICT) | BIT(MAX_DISPLAYS),
		.fields = { .keep_alive = { KEEP_ALIVE_OFF, 0 },
			.topology = POLICY_TOPOLOGY_EXTEND,
			.mode_conflict = POLICY_CONFLICT_REJECT,
			.max_displays = 2 },
	};
	const struct policy_layer command_line = {
		.set = BIT(TOPOLOGY) | BIT(MODE_CONFLICT),
		.fields = { .topology = POLICY_TOPOLOGY_PRIMARY,
			.mode_conflict = POLICY_CONFLICT_JOIN },
	};
	const struct policy_layer file = {
		.set = BIT(PRESET) | BIT(MODE_CONFLICT),
		.preset = "custom",
		.fields = { .mode_conflict = POLICY_CONFLICT_STEAL },
	};
	const struct outcome outcome = merge(&(struct policy_sources){
		.environment = &environment, .command_line = &command_line, .file = &file });
	assert_string_equal(outcome.preset, "custom");
	assert_int_equal(outcome.policy.keep_alive.kind, KEEP_ALIVE_OFF);
	assert_int_equal(outcome.policy.topology, POLICY_TOPOLOGY_PRIMARY);
	assert_int_equal(outcome.policy.mode_conflict, POLICY_CONFLICT_STEAL);
	assert_int_equal(outcome.policy.identity, POLICY_IDENTITY_PER_CLIENT);
	assert_int_equal(outcome.policy.max_displays, 2);
	assert_int_equal(outcome.from[POLICY_FIELD_PRESET], POLICY_SOURCE_FILE);
	assert_int_equal(outcome.from[POLICY_FIELD_KEEP_ALIVE], POLICY_SOURCE_ENVIRONMENT);
	assert_int_equal(outcome.from[POLICY_FIELD_TOPOLOGY], POLICY_SOURCE_COMMAND_LINE);
	assert_int_equal(outcome.from[POLICY_FIELD_MODE_CONFLICT], POLICY_SOURCE_FILE);
	assert_int_equal(outcome.from[POLICY_FIELD_IDENTITY], POLICY_SOURCE_DEFAULT);
	assert_int_equal(outcome.from[POLICY_FIELD_MAX_DISPLAYS], POLICY_SOURCE_ENVIRONMENT);
}

static void a_field_that_is_not_in_set_does_not_count(void **state)
{
	struct policy_layer file = odd;
	file.set = 0;
	const struct outcome outcome = merge(&(struct policy_sources){ .file = &file });
	assert_string_equal(outcome.preset, "default");
	expect_preset_fields(&outcome.policy, fields_of("default"));
	assert_int_equal(outcome.policy.position_count, 0);
	expect_host_fields(&outcome.policy, &nothing_set);
	assert_int_equal(outcome.policy.desktop, POLICY_DESKTOP_SHARED);
}

static void fields_without_a_preset_are_custom_and_sizes_alone_are_not(void **state)
{
	struct policy_layer layer = odd;
	assert_string_equal(
		merge(&(struct policy_sources){ .environment = &layer }).preset, "custom");
	layer.set = BIT(MAX_DISPLAYS) | BIT(DESKTOP);
	const struct outcome outcome = merge(&(struct policy_sources){ .environment = &layer });
	assert_string_equal(outcome.preset, "default");
	assert_int_equal(outcome.policy.max_displays, 9);
	assert_int_equal(outcome.policy.desktop, POLICY_DESKTOP_ISOLATED);
}

/* Each preset against fields that all differ: it rules, and sizes and places of this host stay. */
static void a_named_preset_rules_over_explicit_fields_but_not_over_sizes_and_places(void **state)
{
	for (size_t i = 0; i < policy_preset_count; i++) {
		struct policy_layer file = odd;
		file.set |= BIT(PRESET);
		strcpy(file.preset, policy_presets[i].name);
		const struct outcome outcome = merge(&(struct policy_sources){ .file = &file });
		assert_string_equal(outcome.preset, policy_presets[i].name);
		expect_preset_fields(&outcome.policy, &policy_presets[i].fields);
		expect_host_fields(&outcome.policy, &odd.fields);
		assert_int_equal(outcome.policy.desktop, POLICY_DESKTOP_ISOLATED);
		assert_int_equal(outcome.policy.confinement, POLICY_CONFINEMENT_HOME);
		assert_int_equal(outcome.policy.devices, 1u << POLICY_DEVICE_KVM);
		assert_int_equal(outcome.policy.position_count, 2);
		assert_int_equal(outcome.policy.positions[1].x, 1920);
		assert_int_equal(outcome.from[POLICY_FIELD_PRESET], POLICY_SOURCE_FILE);
		for (size_t field = POLICY_FIELD_KEEP_ALIVE; field <= POLICY_FIELD_LAYOUT; field++)
			assert_int_equal(outcome.from[field], POLICY_SOURCE_PRESET);
		for (size_t field = POLICY_FIELD_MAX_DISPLAYS; field < POLICY_FIELDS; field++)
			assert_int_equal(outcome.from[field], POLICY_SOURCE_FILE);
	}
}

static void custom_brings_every_explicit_field_into_force(void **state)
{
	struct policy_layer file = odd;
	file.set |= BIT(PRESET);
	strcpy(file.preset, "custom");
	const struct outcome outcome = merge(&(struct policy_sources){ .file = &file });
	expect_preset_fields(&outcome.policy, &odd.fields);
	expect_host_fields(&outcome.policy, &odd.fields);
	for (size_t field = 0; field < POLICY_FIELDS; field++)
		assert_int_equal(outcome.from[field], POLICY_SOURCE_FILE);
}

static void the_strongest_source_that_names_a_preset_names_it(void **state)
{
	const struct policy_layer environment = { .set = BIT(PRESET), .preset = "gaming-rig" };
	const struct policy_layer command_line = { .set = BIT(PRESET), .preset = "hotdesk" };
	const struct policy_layer silent = { .set = BIT(MAX_DISPLAYS),
		.fields = { .max_displays = 3 } };
	struct policy_sources sources = { .environment = &environment, .file = &silent };
	struct outcome outcome = merge(&sources);
	assert_string_equal(outcome.preset, "gaming-rig");
	assert_int_equal(outcome.policy.max_displays, 3);
	sources.command_line = &command_line;
	outcome = merge(&sources);
	assert_string_equal(outcome.preset, "hotdesk");
	expect_preset_fields(&outcome.policy, fields_of("hotdesk"));
	assert_int_equal(outcome.from[POLICY_FIELD_PRESET], POLICY_SOURCE_COMMAND_LINE);
}

static void the_files_custom_ends_a_weaker_sources_preset(void **state)
{
	const struct policy_layer command_line = { .set = BIT(PRESET), .preset = "gaming-rig" };
	const struct policy_layer file = { .set = BIT(PRESET) | BIT(TOPOLOGY),
		.preset = "custom",
		.fields = { .topology = POLICY_TOPOLOGY_EXTEND } };
	const struct outcome outcome =
		merge(&(struct policy_sources){ .command_line = &command_line, .file = &file });
	assert_string_equal(outcome.preset, "custom");
	assert_int_equal(outcome.policy.topology, POLICY_TOPOLOGY_EXTEND);
	assert_int_equal(outcome.policy.mode_conflict, POLICY_CONFLICT_SEPARATE);
	assert_int_equal(outcome.policy.keep_alive.duration_ns, 10 * SECOND_NS);
}

static void a_preset_that_nobody_knows_is_taken_for_default(void **state)
{
	struct policy_layer file = odd;
	file.set |= BIT(PRESET);
	strcpy(file.preset, "gone");
	const struct outcome outcome = merge(&(struct policy_sources){ .file = &file });
	assert_string_equal(outcome.preset, "default");
	expect_preset_fields(&outcome.policy, fields_of("default"));
}

static void an_own_preset_rules_like_a_built_in_one(void **state)
{
	struct policy_preset own = { .name = "studio", .fields = odd.fields };
	own.fields.max_displays = 1;
	const struct policy_layer file = { .set = BIT(PRESET), .preset = "studio" };
	const struct outcome outcome = merge(&(struct policy_sources){
		.file = &file, .user_presets = &own, .user_preset_count = 1 });
	assert_string_equal(outcome.preset, "studio");
	expect_preset_fields(&outcome.policy, &odd.fields);
	/* Whatever it carries of them: they are no matter of a preset. */
	expect_host_fields(&outcome.policy, &nothing_set);
	assert_int_equal(outcome.policy.desktop, POLICY_DESKTOP_SHARED);
	assert_int_equal(outcome.policy.position_count, 0);
}

static void an_own_preset_cannot_take_a_built_in_ones_name(void **state)
{
	const struct policy_preset own[] = { { .name = "hotdesk" }, { .name = "studio" } };
	assert_ptr_equal(
		policy_preset_find("hotdesk", own, 2), policy_preset_find("hotdesk", NULL, 0));
	assert_ptr_equal(policy_preset_find("studio", own, 2), &own[1]);
	assert_null(policy_preset_find("studio", own, 1));
	assert_null(policy_preset_find("custom", own, 2));
	assert_null(policy_preset_find("", own, 2));
}

static void a_client_overrides_single_fields_of_the_preset_in_force(void **state)
{
	const struct policy_layer file = { .set = BIT(PRESET), .preset = "gaming-rig" };
	const struct policy_layer client = { .set = BIT(MODE_CONFLICT),
		.fields = { .mode_conflict = POLICY_CONFLICT_JOIN } };
	const struct outcome outcome =
		merge(&(struct policy_sources){ .file = &file, .client = &client });
	struct display_policy expected = *fields_of("gaming-rig");
	expected.mode_conflict = POLICY_CONFLICT_JOIN;
	assert_string_equal(outcome.preset, "gaming-rig");
	expect_preset_fields(&outcome.policy, &expected);
	assert_int_equal(outcome.from[POLICY_FIELD_MODE_CONFLICT], POLICY_SOURCE_CLIENT);
	assert_int_equal(outcome.from[POLICY_FIELD_TOPOLOGY], POLICY_SOURCE_PRESET);
}

static void a_clients_own_preset_comes_first_and_its_fields_on_top(void **state)
{
	struct policy_layer file = odd;
	file.set |= BIT(PRESET);
	strcpy(file.preset, "custom");
	const struct policy_layer client = { .set = BIT(PRESET) | BIT(TOPOLOGY),
		.preset = "hotdesk",
		.fields = { .topology = POLICY_TOPOLOGY_EXTEND } };
	const struct outcome outcome =
		merge(&(struct policy_sources){ .file = &file, .client = &client });
	struct display_policy expected = *fields_of("hotdesk");
	expected.topology = POLICY_TOPOLOGY_EXTEND;
	assert_string_equal(outcome.preset, "hotdesk");
	expect_preset_fields(&outcome.policy, &expected);
	assert_int_equal(outcome.policy.max_displays, 9);
	assert_int_equal(outcome.policy.desktop, POLICY_DESKTOP_ISOLATED);
	assert_int_equal(outcome.policy.position_count, 2);
	assert_int_equal(outcome.from[POLICY_FIELD_KEEP_ALIVE], POLICY_SOURCE_CLIENT);
}

static void a_client_has_no_say_in_what_is_the_hosts(void **state)
{
	const struct outcome outcome = merge(&(struct policy_sources){ .client = &odd });
	expect_host_fields(&outcome.policy, &nothing_set);
	expect_preset_fields(&outcome.policy, &odd.fields);
	assert_int_equal(outcome.policy.desktop, POLICY_DESKTOP_ISOLATED);
	for (size_t field = POLICY_FIELD_KEEP_ALIVE; field < POLICY_FIELDS; field++) {
		const bool is_the_hosts = POLICY_HOST_FIELDS & 1u << field;
		assert_int_equal(outcome.from[field],
			is_the_hosts ? POLICY_SOURCE_DEFAULT : POLICY_SOURCE_CLIENT);
	}
}

static void auto_means_exclusive_on_a_found_desktop_and_extend_on_a_named_one(void **state)
{
	assert_int_equal(
		policy_topology_resolve(POLICY_TOPOLOGY_AUTO, false), POLICY_TOPOLOGY_EXCLUSIVE);
	assert_int_equal(
		policy_topology_resolve(POLICY_TOPOLOGY_AUTO, true), POLICY_TOPOLOGY_EXTEND);
	for (enum policy_topology one = POLICY_TOPOLOGY_EXTEND; one <= POLICY_TOPOLOGY_EXCLUSIVE;
		one++) {
		assert_int_equal(policy_topology_resolve(one, false), one);
		assert_int_equal(policy_topology_resolve(one, true), one);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_configured_means_the_default_preset),
		cmocka_unit_test(the_presets_are_these_five),
		cmocka_unit_test(a_stronger_source_wins_field_by_field),
		cmocka_unit_test(a_field_that_is_not_in_set_does_not_count),
		cmocka_unit_test(fields_without_a_preset_are_custom_and_sizes_alone_are_not),
		cmocka_unit_test(
			a_named_preset_rules_over_explicit_fields_but_not_over_sizes_and_places),
		cmocka_unit_test(custom_brings_every_explicit_field_into_force),
		cmocka_unit_test(the_strongest_source_that_names_a_preset_names_it),
		cmocka_unit_test(the_files_custom_ends_a_weaker_sources_preset),
		cmocka_unit_test(a_preset_that_nobody_knows_is_taken_for_default),
		cmocka_unit_test(an_own_preset_rules_like_a_built_in_one),
		cmocka_unit_test(an_own_preset_cannot_take_a_built_in_ones_name),
		cmocka_unit_test(a_client_overrides_single_fields_of_the_preset_in_force),
		cmocka_unit_test(a_clients_own_preset_comes_first_and_its_fields_on_top),
		cmocka_unit_test(a_client_has_no_say_in_what_is_the_hosts),
		cmocka_unit_test(auto_means_exclusive_on_a_found_desktop_and_extend_on_a_named_one),
	};
	return cmocka_run_group_tests_name("policy", tests, NULL, NULL);
}
