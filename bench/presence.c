/*
 * presence: what it costs an input event that somebody's presence and control look at it, beside an empty loop and a
 * read of the clock in the same run; and what telling a full host of one change costs.
 *
 * Each quantity is timed in rounds, in turns with the others, so that a disturbance meets all of them.
 */
#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "core/control.h"
#include "core/grants.h"
#include "core/presence.h"
#include "samples.h"

#define EVENTS 1000000u /* of a round */
#define STEPS 200u
#define START_NS (1000 * MOMENT_SECOND)

struct bench {
	struct presence *presence;
	struct presence_session *session, *sessions[PRESENCE_SESSIONS_MAX];
	struct control control;
	struct grants grants;
	struct presence_event events[16];
};

/* The compiler takes nothing that it knows of memory over an event: each one loads what it compares. */
static inline void next_event(void)
{
	__asm__ volatile("" ::: "memory");
}

static inline void use(uint64_t value)
{
	__asm__ volatile("" ::"r"(value));
}

static void empty_loop(struct bench *bench)
{
	for (uint32_t i = 0; i < EVENTS; i++) {
		use(START_NS + i);
		next_event();
	}
}

static void read_clock(struct bench *bench)
{
	for (uint32_t i = 0; i < EVENTS; i++) {
		use(measure_now_ns());
		next_event();
	}
}

/* The common path: the gate is shut. */
static void record(struct bench *bench)
{
	presence_record_input(bench->session, START_NS);
	for (uint32_t i = 0; i < EVENTS; i++) {
		use(presence_record_input(bench->session, START_NS + i));
		next_event();
	}
}

/* The same, the events of all sessions in turns: none is in the nearest cache. */
static void record_all(struct bench *bench)
{
	for (uint32_t i = 0; i < PRESENCE_SESSIONS_MAX; i++)
		presence_record_input(bench->sessions[i], START_NS);
	for (uint32_t i = 0; i < EVENTS; i++) {
		/* 389: coprime to their number, so that it comes past all of them in no simple order */
		struct presence_session *session = bench->sessions[i * 389 % PRESENCE_SESSIONS_MAX];
		use(presence_record_input(session, START_NS + i));
		next_event();
	}
}

/* A mouse that reports a thousand times a second: one event in 250 is written down. */
static void record_mouse(struct bench *bench)
{
	bench->session->record_from_ns = 0;
	for (uint32_t i = 0; i < EVENTS; i++) {
		use(presence_record_input(bench->session, START_NS + i * MOMENT_MS));
		next_event();
	}
}

/* Whether the session is let through, whether its grants are, and that it was here: all that an event meets. */
static void whole_gate(struct bench *bench)
{
	presence_record_input(bench->session, START_NS);
	for (uint32_t i = 0; i < EVENTS; i++) {
		const uint64_t now_ns = START_NS + i;
		if (control_admit_input(&bench->control, 1, now_ns) &&
			grants_allow(&bench->grants, GRANT_POINTER, now_ns))
			use(presence_record_input(bench->session, now_ns));
		next_event();
	}
}

/* One of a full host's sessions gives its first input in a while, and that is told. */
static void tell_one(struct bench *bench)
{
	static uint64_t now_ns = 2 * START_NS;
	for (uint32_t i = 0; i < STEPS; i++) {
		now_ns += 20 * MOMENT_SECOND;
		presence_step(bench->presence, now_ns, bench->events, 16);
		presence_record_input(bench->session, now_ns);
		use(presence_step(bench->presence, now_ns, bench->events, 16));
	}
}

struct quantity {
	const char *name;
	void (*run)(struct bench *bench);
	uint32_t count; /* of what is timed, in a round */
	struct samples samples_ns;
};

static bool fill(struct bench *bench)
{
	bench->presence = calloc(1, sizeof *bench->presence);
	if (!bench->presence)
		return false;
	presence_init(bench->presence, NULL);
	for (uint32_t i = 0; i < PRESENCE_SESSIONS_MAX; i++) {
		uint8_t client[IDENTITY_FINGERPRINT_SIZE] = { 1, (uint8_t)i, (uint8_t)(i >> 8) };
		const struct presence_joiner joiner = {
			.session = i + 1,
			.client = client,
			.label = "Ada",
			.label_size = 3,
			.display = { i / 16, i / 16 },
		};
		bench->sessions[i] = presence_join(bench->presence, &joiner, START_NS / 2);
	}
	bench->session = bench->sessions[PRESENCE_SESSIONS_MAX / 2];
	while (presence_step(bench->presence, START_NS, bench->events, 16) > 0)
		;
	bench->grants.lasting = GRANTS_ALL;
	control_init(&bench->control, NULL);
	const struct control_event events[] = {
		{ .type = CONTROL_SET_MODE, .mode = CONTROL_ONE_AT_A_TIME },
		{ .type = CONTROL_REQUEST, .who = { .session = 1 }, .may_drive = true },
	};
	for (size_t i = 0; i < sizeof events / sizeof *events; i++) {
		struct control_step step;
		control_step(&bench->control, &events[i], START_NS, &step);
	}
	return control_admit_input(&bench->control, 1, START_NS);
}

static void report(struct quantity *quantities, size_t count, uint32_t rounds)
{
	json_t *json = json_pack(
		"{s:i, s:i}", "rounds", (int)rounds, "sessions", (int)PRESENCE_SESSIONS_MAX);
	for (size_t i = 0; i < count; i++) {
		struct samples *samples = &quantities[i].samples_ns;
		json_object_set_new(json, quantities[i].name,
			json_pack("{s:f, s:f}", "p50", samples_percentile(samples, 0.5), "p95",
				samples_percentile(samples, 0.95)));
		samples_finish(samples);
	}
	json_dumpf(json, stdout, JSON_COMPACT | JSON_REAL_PRECISION(5));
	putchar('\n');
	json_decref(json);
}

int main(int argc, char **argv)
{
	static struct bench bench;
	struct quantity quantities[] = {
		{ "empty_ns", empty_loop, EVENTS, { 0 } },
		{ "clock_ns", read_clock, EVENTS, { 0 } },
		{ "record_ns", record, EVENTS, { 0 } },
		{ "record_all_ns", record_all, EVENTS, { 0 } },
		{ "record_mouse_ns", record_mouse, EVENTS, { 0 } },
		{ "gate_ns", whole_gate, EVENTS, { 0 } },
		{ "step_ns", tell_one, 2 * STEPS, { 0 } },
	};
	const size_t count = sizeof quantities / sizeof *quantities;
	uint32_t rounds = 50;
	int option;
	while ((option = getopt(argc, argv, "n:")) != -1) {
		if (option != 'n') {
			fprintf(stderr, "usage: presence [-n ROUNDS]\n");
			return 2;
		}
		rounds = (uint32_t)strtoul(optarg, NULL, 10);
	}
	if (!fill(&bench)) {
		fprintf(stderr, "presence: no memory for the sessions\n");
		return 1;
	}
	for (uint32_t round = 0; round < rounds; round++) {
		for (size_t i = 0; i < count; i++) {
			struct quantity *quantity = &quantities[i];
			const uint64_t begin_ns = measure_now_ns();
			quantity->run(&bench);
			samples_add(&quantity->samples_ns,
				(double)(measure_now_ns() - begin_ns) / quantity->count);
		}
	}
	report(quantities, count, rounds);
	free(bench.presence);
	return 0;
}
