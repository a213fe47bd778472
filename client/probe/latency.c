#include <stdlib.h>
#include <sys/random.h>

#include "clock.h"
#include "probe.h"

#define MS 1000000u
#define REST_LEAST_NS (40 * (uint64_t)MS)
#define REST_SPREAD_NS (20 * (uint64_t)MS)
#define GIVE_UP_NS (1000 * (uint64_t)MS)
#define LUMA_STEP 64
#define KEY_A 30

static uint8_t luma_at_point(const struct probe *probe)
{
	const struct lodge_picture *picture = probe->picture;
	return lodge_picture_luma(picture,
		lodge_picture_width_px(picture) * probe->options.at_x_permille / 1000,
		lodge_picture_height_px(picture) * probe->options.at_y_permille / 1000);
}

/* A rest of random length, so that keystrokes do not fall into step with frames. */
static void rest(struct probe *probe, uint64_t now_ns)
{
	uint32_t random = 0;
	if (getrandom(&random, sizeof random, 0) < 0)
		random = 0;
	probe->latency.watching = false;
	probe->latency.due_ns = now_ns + REST_LEAST_NS + random % REST_SPREAD_NS;
}

static void press(struct probe *probe)
{
	struct probe_latency *latency = &probe->latency;
	latency->luma = luma_at_point(probe);
	latency->watching = true;
	latency->pressed_ns = measure_now_ns();
	latency->due_ns = latency->pressed_ns + GIVE_UP_NS;
	probe_send(probe, &(struct wire_message){ .type = WIRE_KEY, .key = { KEY_A, true } });
	probe_send(probe, &(struct wire_message){ .type = WIRE_KEY, .key = { KEY_A, false } });
}

static void check_picture(struct probe *probe, uint64_t now_ns)
{
	struct probe_latency *latency = &probe->latency;
	if (abs(luma_at_point(probe) - latency->luma) > LUMA_STEP)
		samples_add(&latency->samples_ms, (double)(now_ns - latency->pressed_ns) / 1e6);
	else if (now_ns >= latency->due_ns)
		latency->lost++;
	else
		return;
	rest(probe, now_ns);
	if (latency->samples_ms.count + latency->lost < probe->options.latency_samples)
		return;
	if (latency->samples_ms.count)
		probe_finish(probe, PROBE_OK, "%s", "");
	else
		probe_finish(probe, PROBE_TIMEOUT,
			"no keystroke changed the picture at %u,%u permille",
			probe->options.at_x_permille, probe->options.at_y_permille);
}

void probe_latency_tick(struct probe *probe, uint64_t now_ns)
{
	struct probe_latency *latency = &probe->latency;
	if (probe->phase != PROBE_RUNNING || !probe->measuring)
		return;
	if (latency->due_ns == 0)
		rest(probe, now_ns);
	else if (latency->watching)
		check_picture(probe, now_ns);
	else if (now_ns >= latency->due_ns)
		press(probe);
}

uint64_t probe_latency_due_ns(const struct probe *probe)
{
	if (probe->phase != PROBE_RUNNING || !probe->measuring || !probe->options.latency_samples)
		return PROBE_NEVER;
	return probe->latency.due_ns;
}
