/*
 * rfbclient: the probe's counterpart for a VNC server. Same rules, same JSON: see lodge-probe(1).
 */
#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "clock.h"
#include "process.h"
#include "rfb.h"
#include "samples.h"

#define MS 1000000u
#define REST_LEAST_NS (40 * (uint64_t)MS)
#define REST_SPREAD_NS (20 * (uint64_t)MS)
#define GIVE_UP_NS (1000 * (uint64_t)MS)
#define FIRST_PICTURE_NS (10000 * (uint64_t)MS)
#define LUMA_STEP 64
#define KEYSYM_A 0x61

struct run {
	struct rfb rfb;
	struct process_watch watch;
	const char *host, *port;
	uint32_t keystrokes, at_x_permille, at_y_permille;
	uint64_t seconds_ns, settle_ns;
	bool watching;
	uint8_t luma; /* before the key */
	uint64_t seen_ns;
	struct samples latency_ms;
	uint32_t lost;
};

static uint8_t luma_at_point(const struct run *run)
{
	const struct rfb *rfb = &run->rfb;
	const size_t x = rfb->width_px * run->at_x_permille / 1000;
	const size_t y = rfb->height_px * run->at_y_permille / 1000;
	const uint32_t pixel = rfb->pixels[y * rfb->width_px + x];
	return (uint8_t)((29u * (pixel & 255) + 150u * (pixel >> 8 & 255) +
				 77u * (pixel >> 16 & 255)) >>
		8);
}

static void on_drawn(void *data)
{
	struct run *run = data;
	if (run->watching && !run->seen_ns && abs(luma_at_point(run) - run->luma) > LUMA_STEP)
		run->seen_ns = measure_now_ns();
}

/* Handles one message, or waits until the time has come. False when the time has come or the server failed. */
static bool step(struct run *run, uint64_t until_ns)
{
	while (!rfb_has_input(&run->rfb)) {
		const uint64_t now_ns = measure_now_ns();
		if (now_ns >= until_ns)
			return false;
		const uint64_t wait_ns = until_ns - now_ns;
		const struct timespec timeout = { (time_t)(wait_ns / 1000000000u),
			(long)(wait_ns % 1000000000u) };
		struct pollfd fd = { run->rfb.fd, POLLIN, 0 };
		if (ppoll(&fd, 1, &timeout, NULL) > 0)
			break;
	}
	return rfb_handle(&run->rfb);
}

static void spend(struct run *run, uint64_t length_ns)
{
	const uint64_t until_ns = measure_now_ns() + length_ns;
	while (!run->rfb.failed && measure_now_ns() < until_ns)
		step(run, until_ns);
}

static void keystroke(struct run *run)
{
	uint32_t random = 0;
	if (getrandom(&random, sizeof random, 0) < 0)
		random = 0;
	spend(run, REST_LEAST_NS + random % REST_SPREAD_NS);
	run->luma = luma_at_point(run);
	run->seen_ns = 0;
	run->watching = true;
	const uint64_t pressed_ns = measure_now_ns();
	rfb_key(&run->rfb, KEYSYM_A, true);
	rfb_key(&run->rfb, KEYSYM_A, false);
	while (!run->rfb.failed && !run->seen_ns && step(run, pressed_ns + GIVE_UP_NS))
		;
	run->watching = false;
	if (run->seen_ns)
		samples_add(&run->latency_ms, (double)(run->seen_ns - pressed_ns) / 1e6);
	else
		run->lost++;
}

static void report(struct run *run, double seconds, uint64_t updates, uint64_t bytes, json_t *cpu)
{
	struct samples *latency = &run->latency_ms;
	json_t *json = json_pack("{s:f, s:I, s:f, s:f, s:I, s:o}", "seconds", seconds, "pictures",
		(json_int_t)updates, "fps", (double)updates / seconds, "mbit_per_s",
		(double)bytes * 8 / 1e6 / seconds, "bytes", (json_int_t)bytes, "cpu", cpu);
	if (run->keystrokes)
		json_object_set_new(json, "latency_ms",
			json_pack("{s:i, s:i, s:f, s:f, s:f, s:f, s:f}", "n", (int)latency->count,
				"lost", (int)run->lost, "p50", samples_percentile(latency, 0.5),
				"p90", samples_percentile(latency, 0.9), "p95",
				samples_percentile(latency, 0.95), "p99",
				samples_percentile(latency, 0.99), "max",
				samples_percentile(latency, 1)));
	json_dumpf(json, stdout, JSON_COMPACT | JSON_REAL_PRECISION(6));
	putchar('\n');
	json_decref(json);
}

static bool measure(struct run *run)
{
	struct rfb *rfb = &run->rfb;
	const uint64_t deadline_ns = measure_now_ns() + FIRST_PICTURE_NS;
	rfb->drawn = on_drawn;
	rfb->data = run;
	if (!rfb_connect(rfb, run->host, run->port) || !rfb_request(rfb, false))
		return false;
	while (rfb->updates == 0) {
		if (!step(run, deadline_ns))
			return rfb_fail(rfb, "no picture came");
	}
	spend(run, run->settle_ns);
	const uint64_t begin_ns = measure_now_ns(), updates = rfb->updates,
		       bytes = rfb->received_bytes;
	process_watch_begin(&run->watch, begin_ns);
	for (uint32_t i = 0; i < run->keystrokes && !rfb->failed; i++)
		keystroke(run);
	if (!run->keystrokes)
		spend(run, run->seconds_ns);
	if (rfb->failed)
		return false;
	const uint64_t end_ns = measure_now_ns();
	report(run, (double)(end_ns - begin_ns) / 1e9, rfb->updates - updates,
		rfb->received_bytes - bytes, process_watch_report(&run->watch, end_ns));
	return true;
}

static bool parse(struct run *run, int argc, char **argv)
{
	static const struct option options[] = {
		{ "host", required_argument, NULL, 'h' },
		{ "port", required_argument, NULL, 'p' },
		{ "latency", required_argument, NULL, 'l' },
		{ "at", required_argument, NULL, 'a' },
		{ "seconds", required_argument, NULL, 's' },
		{ "settle", required_argument, NULL, 'e' },
		{ "cpu", required_argument, NULL, 'c' },
		{ 0 },
	};
	int option;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'h':
			run->host = optarg;
			break;
		case 'p':
			run->port = optarg;
			break;
		case 'l':
			run->keystrokes = (uint32_t)strtoul(optarg, NULL, 10);
			break;
		case 'a':
			if (sscanf(optarg, "%u,%u", &run->at_x_permille, &run->at_y_permille) !=
					2 ||
				run->at_x_permille > 999 || run->at_y_permille > 999)
				return false;
			break;
		case 's':
			run->seconds_ns = (uint64_t)(strtod(optarg, NULL) * 1e9);
			break;
		case 'e':
			run->settle_ns = (uint64_t)(strtod(optarg, NULL) * 1e6);
			break;
		case 'c':
			if (!process_watch_add(&run->watch, optarg))
				return false;
			break;
		default:
			return false;
		}
	}
	return optind == argc && run->port;
}

int main(int argc, char **argv)
{
	struct run run = {
		.host = "127.0.0.1",
		.at_x_permille = 250,
		.at_y_permille = 500,
		.seconds_ns = 5000000000u,
		.settle_ns = 500000000u,
	};
	if (!parse(&run, argc, argv)) {
		fprintf(stderr,
			"usage: rfbclient --port PORT [--host ADDRESS] [--latency N] [--at X,Y "
			"permille] "
			"[--seconds N] [--settle MS] [--cpu NAME=PID]...\n");
		return 2;
	}
	const bool good = measure(&run);
	if (!good)
		fprintf(stderr, "rfbclient: %s\n", run.rfb.fault);
	samples_finish(&run.latency_ms);
	rfb_finish(&run.rfb);
	return good ? 0 : 3;
}
