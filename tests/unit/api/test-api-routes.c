/* The one table of routes, against the contract: what is in one is in the other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api/contract_text.h"
#include "api/routes.h"

/* What api/openapi.yaml says of its operations, as far as its layout in lines tells. */
struct operation {
	char method[8], path[64], lane[16], id[32];
};

struct contract {
	struct operation operations[64];
	size_t count;
};

static void end_operation(struct contract *contract, const struct operation *now)
{
	if (!now->method[0])
		return;
	assert_true(contract->count < 64);
	contract->operations[contract->count++] = *now;
}

static void read_line(struct contract *contract, struct operation *now, const char *line)
{
	char word[64];
	if (sscanf(line, "  %63[^ :]:", word) == 1 && strncmp(line, "  /", 3) == 0) {
		end_operation(contract, now);
		*now = (struct operation){ 0 };
		snprintf(now->path, sizeof now->path, "%s", word);
	} else if (strncmp(line, "    ", 4) == 0 && line[4] != ' ' &&
		sscanf(line, " %63[a-z]:", word) == 1 && strcmp(word, "parameters") != 0) {
		end_operation(contract, now);
		now->lane[0] = now->id[0] = '\0';
		for (size_t i = 0; i < sizeof now->method; i++)
			now->method[i] =
				(char)(word[i] >= 'a' && word[i] <= 'z' ? word[i] - 'a' + 'A' : 0);
	} else if (sscanf(line, "      operationId: %63s", word) == 1) {
		snprintf(now->id, sizeof now->id, "%.31s", word);
	} else if (sscanf(line, "      x-lane: %63s", word) == 1) {
		snprintf(now->lane, sizeof now->lane, "%.15s", word);
	}
}

static int read_contract(void **state)
{
	static struct contract contract;
	struct operation now = { 0 };
	char *text = strdup(strstr(api_contract_text, "\npaths:\n") + 8), *rest = text;
	*strstr(text, "\ncomponents:\n") = '\0';
	for (const char *line; (line = strsep(&rest, "\n"));)
		read_line(&contract, &now, line);
	end_operation(&contract, &now);
	free(text);
	assert_int_equal(contract.count, api_route_count);
	*state = &contract;
	return 0;
}

static void every_route_is_in_exactly_one_lane(void **state)
{
	for (size_t i = 0; i < api_route_count; i++) {
		const enum api_lane lane = api_routes[i].lane;
		if (lane != API_LANE_PUBLIC && lane != API_LANE_LOOPBACK && lane != API_LANE_ADMIN)
			fail_msg("%s %s has no lane", api_routes[i].method, api_routes[i].path);
		assert_non_null(api_routes[i].handle);
	}
}

static void no_route_is_there_twice(void **state)
{
	for (size_t i = 0; i < api_route_count; i++) {
		for (size_t j = 0; j < i; j++)
			assert_false(strcmp(api_routes[i].method, api_routes[j].method) == 0 &&
				strcmp(api_routes[i].path, api_routes[j].path) == 0);
	}
}

static const struct operation *find_operation(
	const struct contract *contract, const struct api_route *route)
{
	for (size_t i = 0; i < contract->count; i++) {
		const struct operation *one = &contract->operations[i];
		if (strcmp(one->method, route->method) == 0 && strcmp(one->path, route->path) == 0)
			return one;
	}
	return NULL;
}

static void every_route_is_in_the_contract_with_its_lane(void **state)
{
	for (size_t i = 0; i < api_route_count; i++) {
		const struct api_route *route = &api_routes[i];
		const struct operation *one = find_operation(*state, route);
		if (!one)
			fail_msg("%s %s is not in the contract", route->method, route->path);
		assert_string_equal(one->lane, api_lane_name(route->lane));
		assert_string_equal(one->id, route->operation);
	}
}

static void every_operation_of_the_contract_has_a_route(void **state)
{
	const struct contract *contract = *state;
	char parameter[API_PARAMETER_MAX + 1], allowed[64];
	for (size_t i = 0; i < contract->count; i++) {
		const struct operation *one = &contract->operations[i];
		const struct api_route *route = api_route_find(
			one->method, one->path, strlen(one->path), parameter, allowed);
		if (!route)
			fail_msg("%s %s has no route", one->method, one->path);
		assert_string_equal(route->path, one->path);
	}
}

static const struct api_route *find(
	const char *method, const char *path, char *parameter, char *allowed)
{
	return api_route_find(method, path, strlen(path), parameter, allowed);
}

static void segment_of_the_path_becomes_the_parameter(void **state)
{
	char parameter[API_PARAMETER_MAX + 1], allowed[64];
	const struct api_route *route = find("GET", "/display/presets/own-1", parameter, allowed);
	assert_string_equal(route->operation, "getPreset");
	assert_string_equal(parameter, "own-1");
}

static void path_with_other_methods_names_them(void **state)
{
	char parameter[API_PARAMETER_MAX + 1], allowed[64];
	assert_null(find("POST", "/display/settings", parameter, allowed));
	assert_string_equal(allowed, "GET, PUT");
	assert_null(find("HEAD", "/summary", parameter, allowed));
	assert_string_equal(allowed, "GET");
}

static void paths_that_are_nearly_right_have_no_route(void **state)
{
	static const char *const paths[] = { "", "/", "//", "/summary/", "//summary", "/summar",
		"/summaryy", "/display/presets/", "/display/presets/a/b", "/clients//",
		"/display//presets", "summary", "/{name}", "/pairing/requests" };
	char parameter[API_PARAMETER_MAX + 1], allowed[64];
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		assert_null(find("GET", paths[i], parameter, allowed));
		assert_string_equal(allowed, "");
	}
}

static void parameter_that_is_too_long_matches_nothing(void **state)
{
	char path[128] = "/clients/", parameter[API_PARAMETER_MAX + 1], allowed[64];
	memset(path + 9, 'a', 64);
	assert_non_null(find("DELETE", path, parameter, allowed));
	path[9 + 64] = 'a';
	assert_null(find("DELETE", path, parameter, allowed));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_route_is_in_exactly_one_lane),
		cmocka_unit_test(no_route_is_there_twice),
		cmocka_unit_test(every_route_is_in_the_contract_with_its_lane),
		cmocka_unit_test(every_operation_of_the_contract_has_a_route),
		cmocka_unit_test(segment_of_the_path_becomes_the_parameter),
		cmocka_unit_test(path_with_other_methods_names_them),
		cmocka_unit_test(paths_that_are_nearly_right_have_no_route),
		cmocka_unit_test(parameter_that_is_too_long_matches_nothing),
	};
	return cmocka_run_group_tests(tests, read_contract, NULL);
}
