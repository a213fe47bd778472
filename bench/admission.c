/*
 * admission: what a decision costs on a desktop of 16 displays, beside a loop that does nothing.
 *
 * Each case is one way through the rules. They are measured in turns, run by run, so that a disturbance meets all of
 * them; the do-nothing loop makes the same calls through the same pointer.
 */
#include <getopt.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "core/admission.h"
#include "samples.h"

#define DISPLAYS 16
#define DECISIONS_PER_RUN 2000
#define RUNS 200
#define REQUESTER 99

static const struct display_mode full_hd = { 1920, 1080, 60000, 100 };

typedef void (*decider)(const struct display_policy *policy,
	const struct admission_request *request, const struct admission_desktop *desktop,
	struct admission_decision *decision);

struct scene {
	const char *name;
	enum admission_kind expected;
	struct display_policy policy;
	uint8_t clients[DISPLAYS][IDENTITY_FINGERPRINT_SIZE], client[IDENTITY_FINGERPRINT_SIZE];
	struct identity_key keys[DISPLAYS], key;
	struct admission_display displays[DISPLAYS];
	struct admission_request request;
	struct admission_desktop desktop;
	struct samples ns;
};

/* The keys differ in their last digits: the comparison goes all the way. */
static void name_client(uint8_t number, uint8_t fingerprint[IDENTITY_FINGERPRINT_SIZE])
{
	memset(fingerprint, 0, IDENTITY_FINGERPRINT_SIZE);
	fingerprint[IDENTITY_FINGERPRINT_SIZE - 1] = number;
}

static void init_scene(struct scene *scene, const char *name, enum admission_kind expected,
	enum policy_conflict conflict)
{
	*scene = (struct scene){ .name = name, .expected = expected };
	scene->policy.mode_conflict = conflict;
	scene->policy.identity = POLICY_IDENTITY_PER_CLIENT_MODE;
	scene->policy.max_displays = POLICY_DISPLAYS_MAX;
	name_client(REQUESTER, scene->client);
	scene->key = identity_key_make(scene->policy.identity, scene->client, 1, &full_hd);
	scene->request = (struct admission_request){ &scene->key, scene->client, 1, false };
	for (uint8_t i = 0; i < DISPLAYS; i++) {
		name_client(i, scene->clients[i]);
		scene->keys[i] =
			identity_key_make(scene->policy.identity, scene->clients[i], 1, &full_hd);
		scene->displays[i] = (struct admission_display){ .slot = i + 1u,
			.key = &scene->keys[i],
			.owner = scene->clients[i],
			.state = LIFECYCLE_ACTIVE,
			.sessions = 1,
			.owner_sessions = 1,
			.mode = full_hd,
			.last_input_ns = (i * 7u) % DISPLAYS,
			.acquired = i };
	}
	scene->desktop =
		(struct admission_desktop){ scene->displays, DISPLAYS, false, true, true, 1 };
}

/* Only these are kept: the rest of the desktop lingers. */
static void let_linger(struct scene *scene, size_t from)
{
	for (size_t i = from; i < DISPLAYS; i++) {
		scene->displays[i].state = LIFECYCLE_LINGERING;
		scene->displays[i].sessions = scene->displays[i].owner_sessions = 0;
		scene->displays[i].until_ns = DISPLAYS - i;
	}
}

#define SCENES 7
static void init_scenes(struct scene scenes[SCENES])
{
	init_scene(&scenes[0], "own display", ADMISSION_REUSE, POLICY_CONFLICT_REJECT);
	scenes[0].keys[DISPLAYS - 1] = scenes[0].key;
	memcpy(scenes[0].clients[DISPLAYS - 1], scenes[0].client, IDENTITY_FINGERPRINT_SIZE);
	init_scene(&scenes[1], "join", ADMISSION_JOIN, POLICY_CONFLICT_JOIN);
	init_scene(&scenes[2], "steal from all", ADMISSION_STEAL, POLICY_CONFLICT_STEAL);
	init_scene(&scenes[3], "busy", ADMISSION_REJECT, POLICY_CONFLICT_REJECT);
	init_scene(&scenes[4], "full", ADMISSION_REJECT, POLICY_CONFLICT_SEPARATE);
	init_scene(&scenes[5], "evict one", ADMISSION_CREATE, POLICY_CONFLICT_SEPARATE);
	let_linger(&scenes[5], 8);
	init_scene(&scenes[6], "evict all", ADMISSION_CREATE, POLICY_CONFLICT_SEPARATE);
	let_linger(&scenes[6], 0);
	scenes[6].policy.max_displays = 1;
}

__attribute__((noinline)) static void do_nothing(const struct display_policy *policy,
	const struct admission_request *request, const struct admission_desktop *desktop,
	struct admission_decision *decision)
{
	__asm__ volatile("" : : "r"(decision) : "memory");
}

/* Nanoseconds a call. */
static double run(const struct scene *scene, decider volatile *decide)
{
	struct admission_decision decision;
	const uint64_t begin_ns = measure_now_ns();
	for (uint32_t i = 0; i < DECISIONS_PER_RUN; i++)
		(*decide)(&scene->policy, &scene->request, &scene->desktop, &decision);
	return (double)(measure_now_ns() - begin_ns) / DECISIONS_PER_RUN;
}

static bool check(const struct scene *scene)
{
	struct admission_decision decision;
	admission_decide(&scene->policy, &scene->request, &scene->desktop, &decision);
	if (decision.kind == scene->expected)
		return true;
	fprintf(stderr, "admission: '%s' is decided as %s\n", scene->name,
		admission_kind_name(decision.kind));
	return false;
}

static json_t *percentiles(struct samples *samples)
{
	return json_pack("{s:f, s:f}", "p50", samples_percentile(samples, 0.5), "p95",
		samples_percentile(samples, 0.95));
}

static void report(struct scene scenes[SCENES], struct samples *nothing, uint32_t runs)
{
	json_t *cases = json_array();
	for (size_t i = 0; i < SCENES; i++)
		json_array_append_new(cases,
			json_pack("{s:s, s:o}", "case", scenes[i].name, "decision_ns",
				percentiles(&scenes[i].ns)));
	json_t *json = json_pack("{s:i, s:i, s:i, s:o, s:o}", "displays", DISPLAYS, "runs",
		(int)runs, "decisions_per_run", DECISIONS_PER_RUN, "nothing_ns",
		percentiles(nothing), "cases", cases);
	json_dumpf(json, stdout, JSON_COMPACT | JSON_REAL_PRECISION(6));
	putchar('\n');
	json_decref(json);
}

int main(int argc, char **argv)
{
	static struct scene scenes[SCENES];
	struct samples nothing = { 0 };
	decider volatile decide = admission_decide, idle = do_nothing;
	uint32_t runs = RUNS;
	int option;
	while ((option = getopt(argc, argv, "n:")) != -1) {
		if (option != 'n')
			goto usage;
		runs = (uint32_t)strtoul(optarg, NULL, 10);
	}
	if (optind != argc || runs == 0 || runs > 1000000)
		goto usage;
	init_scenes(scenes);
	for (size_t i = 0; i < SCENES; i++) {
		if (!check(&scenes[i]))
			return 1;
	}
	for (uint32_t i = 0; i < runs; i++) {
		samples_add(&nothing, run(&scenes[0], &idle));
		for (size_t j = 0; j < SCENES; j++)
			samples_add(&scenes[j].ns, run(&scenes[j], &decide));
	}
	report(scenes, &nothing, runs);
	samples_finish(&nothing);
	for (size_t i = 0; i < SCENES; i++)
		samples_finish(&scenes[i].ns);
	return 0;
usage:
	fprintf(stderr, "usage: admission [-n RUNS]\n");
	return 2;
}
