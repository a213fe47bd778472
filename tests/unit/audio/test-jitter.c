/*
 * The jitter buffer between a simulated network and a simulated player of quanta.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "audio/jitter.h"
#include "audio/playout.h"
#include "support/random.h"

#define MS 1000000ull
#define SECOND 1000000000ull
#define QUANTUM 256
#define FLIGHT_MAX 512
#define BEGIN_NS (1000 * SECOND)
/* The greatest wait, and a packet that has just come. */
#define WAITING_MAX (4800 + JITTER_SAMPLES_MAX)

struct flight {
	uint64_t due_ns; /* 0: free */
	uint32_t sequence;
};

struct simulation {
	struct jitter jitter;
	uint64_t now_ns, next_sent_ns, random;
	uint32_t frame_samples, sequence;
	uint32_t jitter_ms, loss_percent, repeat_percent;
	double clock; /* how fast the sender's runs */
	bool sends;
	struct flight flights[FLIGHT_MAX];
	/* the player */
	double decoded;
	bool has_played, begins_anew;
	uint32_t last_played;
	uint32_t played, concealed, silent_quanta;
};

static void begin(struct simulation *simulation, uint32_t frame_samples)
{
	*simulation = (struct simulation){
		.now_ns = BEGIN_NS,
		.next_sent_ns = BEGIN_NS,
		.random = random_seed(),
		.frame_samples = frame_samples,
		.clock = 1,
		.sends = true,
	};
	print_message("# LODGE_TEST_SEED=%llu\n", (unsigned long long)simulation->random);
	jitter_init(&simulation->jitter);
	jitter_set_margin(&simulation->jitter, 6 * MS);
}

static void fly(struct simulation *simulation, uint32_t sequence)
{
	for (size_t i = 0; i < FLIGHT_MAX; i++) {
		struct flight *flight = &simulation->flights[i];
		if (flight->due_ns)
			continue;
		flight->sequence = sequence;
		flight->due_ns = simulation->next_sent_ns + 5 * MS +
			random_below(&simulation->random, 1000 * simulation->jitter_ms + 1) * 1000;
		return;
	}
	fail_msg("too many packets under way");
}

static void send_due(struct simulation *simulation)
{
	while (simulation->next_sent_ns <= simulation->now_ns) {
		const uint32_t sequence = simulation->sequence;
		if (simulation->sends) {
			simulation->sequence++;
			if (random_below(&simulation->random, 100) >= simulation->loss_percent)
				fly(simulation, sequence);
			if (random_below(&simulation->random, 100) < simulation->repeat_percent)
				fly(simulation, sequence);
		}
		simulation->next_sent_ns += (uint64_t)((double)simulation->frame_samples * 1e9 /
			48000 / simulation->clock);
	}
}

static uint32_t count_waiting(const struct jitter *jitter, uint32_t *samples)
{
	uint32_t count = 0;
	*samples = 0;
	for (size_t i = 0; i < JITTER_SLOTS; i++) {
		count += jitter->slots[i].used;
		*samples += jitter->slots[i].used ? jitter->slots[i].samples : 0;
	}
	return count;
}

static void check(const struct jitter *jitter)
{
	uint32_t samples;
	const uint32_t waiting = count_waiting(jitter, &samples);
	const struct jitter_counts *counts = &jitter->counts;
	assert_int_equal(samples, jitter->waiting_samples);
	assert_true(samples <= WAITING_MAX);
	assert_int_equal(counts->received,
		counts->played + counts->late + counts->repeated + counts->dropped + waiting);
	assert_true(jitter_delay_ns(jitter) >= JITTER_DELAY_MIN_NS);
	assert_true(jitter_delay_ns(jitter) <= JITTER_DELAY_MAX_NS);
}

static void receive_due(struct simulation *simulation)
{
	for (size_t i = 0; i < FLIGHT_MAX; i++) {
		struct flight *flight = &simulation->flights[i];
		uint8_t bytes[8];
		if (!flight->due_ns || flight->due_ns > simulation->now_ns)
			continue;
		memcpy(bytes, &flight->sequence, 4);
		memcpy(bytes + 4, &flight->sequence, 4);
		jitter_push(&simulation->jitter, flight->sequence, bytes, sizeof bytes,
			simulation->frame_samples, flight->due_ns);
		flight->due_ns = 0;
		check(&simulation->jitter);
	}
}

static void take(struct simulation *simulation, const struct jitter_output *output)
{
	uint32_t said[2];
	assert_true(output->samples > 0 && output->samples <= JITTER_SAMPLES_MAX);
	simulation->decoded += output->samples;
	if (output->turn == JITTER_CONCEAL) {
		simulation->concealed++;
		return;
	}
	assert_int_equal(output->size, sizeof said);
	memcpy(said, output->bytes, sizeof said);
	assert_int_equal(said[0], said[1]);
	/* In order, and none twice. */
	if (simulation->begins_anew && said[0] < 1000)
		simulation->begins_anew = false;
	else if (simulation->has_played)
		assert_true((int32_t)(said[0] - simulation->last_played) > 0);
	simulation->has_played = true;
	simulation->last_played = said[0];
	simulation->played++;
}

static void play_quantum(struct simulation *simulation)
{
	const double speed = playout_speed(jitter_excess(
		&simulation->jitter, simulation->now_ns, (uint32_t)simulation->decoded));
	while (simulation->decoded < QUANTUM * speed) {
		const struct jitter_output output =
			jitter_pull(&simulation->jitter, simulation->now_ns);
		if (output.turn == JITTER_SILENCE) {
			simulation->silent_quanta++;
			simulation->decoded = 0;
			return;
		}
		take(simulation, &output);
	}
	simulation->decoded -= QUANTUM * speed;
}

static void run(struct simulation *simulation, uint64_t duration_ns)
{
	const uint64_t end_ns = simulation->now_ns + duration_ns;
	while (simulation->now_ns < end_ns) {
		simulation->now_ns += QUANTUM * 62500 / 3;
		send_due(simulation);
		receive_due(simulation);
		play_quantum(simulation);
		check(&simulation->jitter);
	}
}

/* What happens from now on is counted from zero. */
static void forget(struct simulation *simulation)
{
	simulation->concealed = simulation->silent_quanta = 0;
	simulation->jitter.counts = (struct jitter_counts){ 0 };
	/* What waits was received. */
	uint32_t samples;
	simulation->jitter.counts.received = count_waiting(&simulation->jitter, &samples);
}

static void even_packets_are_all_played_and_wait_little(void **state)
{
	static const uint32_t sizes[] = { 240, 480, 960 };
	for (size_t i = 0; i < 3; i++) {
		struct simulation simulation;
		begin(&simulation, sizes[i]);
		run(&simulation, 10 * SECOND);
		assert_int_equal(simulation.concealed, 0);
		assert_int_equal(simulation.jitter.counts.dropped, 0);
		assert_int_equal(simulation.jitter.counts.late, 0);
		assert_true(jitter_delay_ns(&simulation.jitter) <= 12 * MS);
	}
}

static void wait_grows_with_the_jitter_until_nothing_is_late(void **state)
{
	struct simulation simulation;
	begin(&simulation, 960);
	simulation.jitter_ms = 50;
	run(&simulation, 10 * SECOND);
	forget(&simulation);
	run(&simulation, 20 * SECOND);
	assert_true(jitter_delay_ns(&simulation.jitter) > 40 * MS);
	/* Of a thousand. */
	assert_true(simulation.jitter.counts.late + simulation.jitter.counts.dropped < 10);
	assert_true(simulation.concealed < 20);
}

static void wait_shrinks_when_the_jitter_ends(void **state)
{
	struct simulation simulation;
	begin(&simulation, 480);
	simulation.jitter_ms = 60;
	run(&simulation, 10 * SECOND);
	simulation.jitter_ms = 0;
	run(&simulation, 30 * SECOND);
	assert_true(jitter_delay_ns(&simulation.jitter) <= 12 * MS);
	/* And what waits really is no more than that and a packet. */
	assert_true(
		simulation.jitter.waiting_samples + simulation.decoded < 48 * 12 + 480 + QUANTUM);
	forget(&simulation);
	run(&simulation, 5 * SECOND);
	assert_int_equal(simulation.concealed, 0);
	assert_int_equal(simulation.jitter.counts.dropped, 0);
}

static void lost_packets_are_concealed_one_by_one(void **state)
{
	struct simulation simulation;
	begin(&simulation, 480);
	simulation.loss_percent = 5;
	run(&simulation, 20 * SECOND);
	assert_true(simulation.jitter.counts.lost > 20);
	assert_true(simulation.concealed >= simulation.jitter.counts.lost / 2);
	assert_true(simulation.concealed <= 2 * simulation.jitter.counts.lost);
	assert_true(simulation.played > 1700);
}

static void repeated_and_swapped_packets_are_played_once_in_order(void **state)
{
	struct simulation simulation;
	begin(&simulation, 240);
	simulation.jitter_ms = 40; /* several packets overtake one another */
	simulation.repeat_percent = 20;
	run(&simulation, 20 * SECOND);
	assert_true(simulation.jitter.counts.repeated + simulation.jitter.counts.late > 400);
	assert_true(simulation.played > 3800);
}

static void anything_goes_and_the_books_are_right(void **state)
{
	struct simulation simulation;
	begin(&simulation, 960);
	for (int i = 0; i < 60; i++) {
		simulation.jitter_ms = random_below(&simulation.random, 200);
		simulation.loss_percent = random_below(&simulation.random, 60);
		simulation.repeat_percent = random_below(&simulation.random, 30);
		simulation.clock = 0.99 + random_below(&simulation.random, 20) / 1000.0;
		simulation.sends = random_below(&simulation.random, 5) > 0;
		if (random_below(&simulation.random, 10) == 0)
			simulation.sequence += 10 * random_below(&simulation.random, 20);
		run(&simulation, SECOND);
	}
	assert_true(simulation.played > 0);
}

static void clocks_apart_neither_starve_nor_pile_up(void **state)
{
	static const double clocks[] = { 0.998, 1.002 };
	for (size_t i = 0; i < 2; i++) {
		struct simulation simulation;
		begin(&simulation, 480);
		simulation.jitter_ms = 10;
		simulation.clock = clocks[i];
		run(&simulation, 10 * SECOND);
		forget(&simulation);
		/* Two minutes: 240 ms apart. */
		run(&simulation, 120 * SECOND);
		assert_true(simulation.jitter.counts.dropped + simulation.jitter.counts.late < 24);
		assert_true(simulation.concealed < 36);
	}
}

static void silence_ends_what_is_extrapolated_and_speech_begins_again(void **state)
{
	struct simulation simulation;
	begin(&simulation, 480);
	run(&simulation, 2 * SECOND);
	simulation.sends = false;
	forget(&simulation);
	run(&simulation, 2 * SECOND);
	assert_true(simulation.concealed <= 6 + 1); /* 60 ms */
	assert_true(simulation.silent_quanta > 300);
	simulation.sends = true;
	forget(&simulation);
	run(&simulation, 2 * SECOND);
	assert_int_equal(simulation.concealed, 0);
	assert_true(simulation.jitter.counts.played > 190);
}

static void sequences_may_run_over(void **state)
{
	struct simulation simulation;
	begin(&simulation, 480);
	simulation.sequence = UINT32_MAX - 50;
	simulation.jitter_ms = 20;
	run(&simulation, 3 * SECOND);
	assert_true(simulation.sequence < 1000);
	assert_true(simulation.played > 280);
}

static void sender_that_begins_anew_is_heard(void **state)
{
	struct simulation simulation;
	begin(&simulation, 480);
	simulation.sequence = 5000000;
	run(&simulation, 2 * SECOND);
	simulation.sequence = 0;
	simulation.begins_anew = true;
	/* What is under way of the old ones must not be told from the new. */
	memset(simulation.flights, 0, sizeof simulation.flights);
	simulation.played = 0;
	run(&simulation, 2 * SECOND);
	assert_true(simulation.played > 190);
	assert_false(simulation.begins_anew);
	assert_true(simulation.last_played < 1000);
}

static void too_much_at_once_loses_the_oldest(void **state)
{
	struct jitter jitter;
	const uint8_t byte = 0;
	jitter_init(&jitter);
	for (uint32_t i = 0; i < 40; i++) {
		jitter_push(&jitter, i, &byte, 1, 960, BEGIN_NS + i);
		check(&jitter);
	}
	assert_int_equal(jitter.counts.dropped, 34);
	assert_int_equal(jitter.next, 34);
}

static void what_is_no_packet_changes_nothing(void **state)
{
	struct jitter jitter, before;
	const uint8_t bytes[JITTER_PACKET_MAX + 1] = { 0 };
	jitter_init(&jitter);
	before = jitter;
	jitter_push(&jitter, 1, bytes, 0, 960, BEGIN_NS);
	jitter_push(&jitter, 1, bytes, JITTER_PACKET_MAX + 1, 960, BEGIN_NS);
	jitter_push(&jitter, 1, bytes, 10, 0, BEGIN_NS);
	jitter_push(&jitter, 1, bytes, 10, JITTER_SAMPLES_MAX + 1, BEGIN_NS);
	assert_memory_equal(&jitter, &before, sizeof jitter);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(even_packets_are_all_played_and_wait_little),
		cmocka_unit_test(wait_grows_with_the_jitter_until_nothing_is_late),
		cmocka_unit_test(wait_shrinks_when_the_jitter_ends),
		cmocka_unit_test(lost_packets_are_concealed_one_by_one),
		cmocka_unit_test(repeated_and_swapped_packets_are_played_once_in_order),
		cmocka_unit_test(anything_goes_and_the_books_are_right),
		cmocka_unit_test(clocks_apart_neither_starve_nor_pile_up),
		cmocka_unit_test(silence_ends_what_is_extrapolated_and_speech_begins_again),
		cmocka_unit_test(sequences_may_run_over),
		cmocka_unit_test(sender_that_begins_anew_is_heard),
		cmocka_unit_test(too_much_at_once_loses_the_oldest),
		cmocka_unit_test(what_is_no_packet_changes_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
