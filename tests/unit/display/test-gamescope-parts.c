/* What of the gamescope backend is pure: what gamescope says, how it is started, what it can do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants those four before it. */
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "display/gamescope/gamescope_capabilities.h"
#include "display/gamescope/gamescope_command.h"
#include "display/gamescope/gamescope_find.h"
#include "display/gamescope/gamescope_ready.h"
#include "display/gamescope/gamescope_units.h"

static bool reads(const char *line, struct gamescope_ready *ready)
{
	return gamescope_ready_read(line, strlen(line), ready);
}

static void ready_line_names_display_and_socket(void **state)
{
	struct gamescope_ready ready;
	char path[SOURCE_PATH_MAX];
	assert_true(reads(":0 gamescope-0\n", &ready));
	assert_string_equal(":0", ready.x_display);
	assert_string_equal("gamescope-0", ready.wayland_name);
	assert_true(reads(":12345 gamescope-17", &ready));
	assert_string_equal(":12345", ready.x_display);
	assert_true(gamescope_ready_eis_socket(&ready, "/run/user/1000", path));
	assert_string_equal("/run/user/1000/gamescope-17-ei", path);
}

static void ready_line_of_something_else_is_refused(void **state)
{
	static const char *const lines[] = { "", "\n", ":", ":0", ":0 ", ":0 \n", "0 gamescope-0",
		": gamescope-0", ":x gamescope-0", ":123456 gamescope-0", ":0  gamescope-0",
		":0 ../gamescope-0", ":0 /tmp/x", ":0 gamescope 0", ":0 .", ":0\tgamescope-0",
		":0 gamescope-0\n\n", ":0 gamescope-0123456789012345678901234567890" };
	struct gamescope_ready ready;
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
		assert_false(reads(lines[i], &ready));
	assert_false(gamescope_ready_read(":0 a\0b", 6, &ready));
}

static void socket_path_that_is_too_long_is_refused(void **state)
{
	struct gamescope_ready ready;
	char folder[SOURCE_PATH_MAX], path[SOURCE_PATH_MAX];
	assert_true(reads(":0 gamescope-0", &ready));
	memset(folder, 'a', sizeof folder);
	folder[SOURCE_PATH_MAX - strlen("/gamescope-0-ei") - 1] = '\0';
	assert_true(gamescope_ready_eis_socket(&ready, folder, path));
	folder[SOURCE_PATH_MAX - strlen("/gamescope-0-ei") - 1] = 'a';
	folder[SOURCE_PATH_MAX - 1] = '\0';
	assert_false(gamescope_ready_eis_socket(&ready, folder, path));
}

static bool version_reads(const char *text, struct gamescope_version *version)
{
	return gamescope_version_read(text, strlen(text), version);
}

static void version_is_found_among_colours(void **state)
{
	struct gamescope_version version;
	assert_true(version_reads("[gamescope] [\x1b[0;34mInfo\x1b[0m]  \x1b[0;37mconsole:\x1b[0m "
				  "gamescope version 3.16.24+ds-2 (gcc 15.3.0)\n",
		&version));
	assert_int_equal(3, version.major);
	assert_int_equal(16, version.minor);
	assert_int_equal(24, version.patch);
	assert_true(gamescope_version_is_usable(&version));
	assert_true(version_reads("gamescope version 4.0", &version));
	assert_true(gamescope_version_is_usable(&version));
	assert_int_equal(0, version.patch);
	assert_false(version_reads("usage: gamescope", &version));
	assert_false(version_reads("gamescope version ", &version));
	assert_false(version_reads("gamescope version 3", &version));
	assert_false(version_reads("gamescope version 1234567.1", &version));
}

static void version_of_debian_12_is_too_old(void **state)
{
	struct gamescope_version version;
	assert_true(version_reads("gamescope version 3.11.49-1", &version));
	assert_false(gamescope_version_is_usable(&version));
	assert_true(version_reads("gamescope version 3.15.9", &version));
	assert_false(gamescope_version_is_usable(&version));
	assert_true(version_reads("gamescope version 2.99.0", &version));
	assert_false(gamescope_version_is_usable(&version));
}

static void expect_words(char *const *words, const char *const *expected)
{
	for (; *expected; words++, expected++)
		assert_string_equal(*expected, *words);
	assert_null(*words);
}

static void command_starts_the_program_without_what_is_gamescopes(void **state)
{
	struct gamescope_command command;
	const struct gamescope_command_params params = {
		.mode = { 1280, 720, 59940, 100 },
		.ready_path = "/run/x/ready",
		.arguments = (const char *const[]){ "game", "--full screen" },
		.argument_count = 2,
		.environment = (const char *const[]){ "A=1 2" },
		.environment_count = 1,
		.node_name = "lodge-display",
		.own_environment = (const char *const[]){ "LD_PRELOAD=/a.so", "B=" },
		.own_environment_count = 2,
	};
	assert_int_equal(0, gamescope_command_make(&command, &params));
	expect_words(command.arguments,
		(const char *const[]){ "gamescope", "--backend", "headless", "-W", "1280", "-H",
			"720", "-r", "60", "-R", "/run/x/ready", "--", "env", "-u",
			"PIPEWIRE_PROPS", "-u", "LD_PRELOAD", "-u", "B", "A=1 2", "game",
			"--full screen", NULL });
	expect_words(command.environment,
		(const char *const[]){ "PIPEWIRE_PROPS={ node.name = \"lodge-display\" }",
			"LD_PRELOAD=/a.so", "B=", NULL });
	assert_int_equal(22, command.argument_count);
	assert_int_equal(3, command.environment_count);
	gamescope_command_finish(&command);
}

static void command_without_a_program_keeps_gamescope_alive(void **state)
{
	struct gamescope_command command;
	assert_int_equal(0,
		gamescope_command_make(&command,
			&(struct gamescope_command_params){
				.binary = "/opt/gamescope",
				.mode = { 16, 16, 1, 100 },
				.ready_path = "/r",
				.node_name = "n",
			}));
	expect_words(command.arguments,
		(const char *const[]){ "/opt/gamescope", "--backend", "headless", "-W", "16", "-H",
			"16", "-r", "1", "-R", "/r", "--keep-alive", NULL });
	gamescope_command_finish(&command);
}

static void node_name_that_would_end_the_properties_is_refused(void **state)
{
	static const char *const names[] = { "", "a\"b", "a b", "}", "a\\", "é" };
	struct gamescope_command command;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		assert_int_equal(-EINVAL,
			gamescope_command_make(&command,
				&(struct gamescope_command_params){
					.ready_path = "/r", .node_name = names[i] }));
}

static void what_gamescope_cannot_do_is_said_with_what_happens_instead(void **state)
{
	struct display_capabilities capabilities;
	for (int mirrored = 0; mirrored < 2; mirrored++) {
		gamescope_capabilities_fill(&capabilities, mirrored);
		for (int option = 0; option < DISPLAY_OPTIONS; option++) {
			const struct display_capability *one = &capabilities.options[option];
			assert_int_equal(option == DISPLAY_OPTION_KEEP, one->supported);
			if (one->supported)
				continue;
			assert_non_null(one->fallback);
			assert_non_null(one->reason);
			assert_non_null(one->text);
		}
		assert_string_equal(
			"join", capabilities.options[DISPLAY_OPTION_SECOND_OUTPUT].fallback);
		assert_string_equal(mirrored ? "none" : "recreate",
			capabilities.options[DISPLAY_OPTION_RECONFIGURE].fallback);
		assert_in_range(capabilities.slots_max, 1, 63);
	}
}

static void display_is_found_in_the_environment_of_its_programs_alone(void **state)
{
	static const char program[] = "A=1\0XDG_RUNTIME_DIR=/run/a\0OLD_DISPLAY=:9\0"
				      "GAMESCOPE_WAYLAND_DISPLAY=gamescope-0\0DISPLAY=:3";
	static const char remote[] = "XDG_RUNTIME_DIR=/run/a\0GAMESCOPE_WAYLAND_DISPLAY=gamescope-0"
				     "\0DISPLAY=host:3";
	char display[16] = "";
	assert_true(gamescope_find_in_environment(
		program, sizeof program, "/run/a", "gamescope-0", display));
	assert_string_equal(":3", display);
	assert_false(gamescope_find_in_environment(
		program, sizeof program, "/run/b", "gamescope-0", display));
	assert_false(gamescope_find_in_environment(
		program, sizeof program, "/run/a", "gamescope-1", display));
	assert_false(gamescope_find_in_environment(
		program, sizeof program - 1, "/run/a", "gamescope-0", display)); /* has no end */
	assert_false(gamescope_find_in_environment(
		remote, sizeof remote, "/run/a", "gamescope-0", display));
}

static void units_are_services_with_plain_names(void **state)
{
	assert_true(gamescope_unit_name_is_good("gamescope-session.service"));
	assert_true(gamescope_unit_name_is_good("gamescope-session-plus@steam.service"));
	assert_false(gamescope_unit_name_is_good(".service"));
	assert_false(gamescope_unit_name_is_good("gamescope-session.target"));
	assert_false(gamescope_unit_name_is_good("a b.service"));
	assert_false(gamescope_unit_name_is_good("../a.service"));
	assert_false(gamescope_unit_name_is_good(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ready_line_names_display_and_socket),
		cmocka_unit_test(ready_line_of_something_else_is_refused),
		cmocka_unit_test(socket_path_that_is_too_long_is_refused),
		cmocka_unit_test(version_is_found_among_colours),
		cmocka_unit_test(version_of_debian_12_is_too_old),
		cmocka_unit_test(command_starts_the_program_without_what_is_gamescopes),
		cmocka_unit_test(command_without_a_program_keeps_gamescope_alive),
		cmocka_unit_test(node_name_that_would_end_the_properties_is_refused),
		cmocka_unit_test(what_gamescope_cannot_do_is_said_with_what_happens_instead),
		cmocka_unit_test(display_is_found_in_the_environment_of_its_programs_alone),
		cmocka_unit_test(units_are_services_with_plain_names),
	};
	return cmocka_run_group_tests_name("gamescope parts", tests, NULL, NULL);
}
