#include "core/rumble.h"

/* All effects together, at one moment. */
struct mix {
	uint16_t strong, weak;
	uint64_t changes_ns; /* the first of them comes or goes */
	uint64_t ends_ns; /* the last of them is over */
};

/* One effect at one moment. */
struct phase {
	bool shakes;
	uint64_t changes_ns, ends_ns;
};

void rumble_init(struct rumble *rumble)
{
	*rumble = (struct rumble){ .gain = UINT16_MAX, .told_ns = MOMENT_NEVER };
}

bool rumble_upload(
	struct rumble *rumble, uint32_t effect, const struct rumble_shape *shape, uint64_t now_ns)
{
	if (effect >= RUMBLE_EFFECTS)
		return false;
	rumble->effects[effect].known = true;
	rumble->effects[effect].shape = *shape;
	rumble->effects[effect].started_ns = now_ns;
	return true;
}

bool rumble_erase(struct rumble *rumble, uint32_t effect)
{
	if (effect >= RUMBLE_EFFECTS)
		return false;
	rumble->effects[effect] = (struct rumble_effect){ 0 };
	return true;
}

void rumble_play(struct rumble *rumble, uint32_t effect, uint32_t times, uint64_t now_ns)
{
	if (effect >= RUMBLE_EFFECTS || !rumble->effects[effect].known)
		return;
	rumble->effects[effect].playing = times > 0;
	rumble->effects[effect].times = times;
	rumble->effects[effect].started_ns = now_ns;
}

void rumble_set_gain(struct rumble *rumble, uint16_t gain)
{
	rumble->gain = gain;
}

static struct phase phase_of(const struct rumble_effect *effect, uint64_t now_ns)
{
	const uint64_t delay_ns = effect->shape.delay_ms * MOMENT_MS;
	const uint64_t length_ns = effect->shape.length_ms * MOMENT_MS;
	const uint64_t passed_ns = moment_elapsed(effect->started_ns, now_ns);
	if (length_ns == 0) {
		const bool shakes = passed_ns >= delay_ns;
		return (struct phase){
			.shakes = shakes,
			.changes_ns = shakes ? MOMENT_NEVER : effect->started_ns + delay_ns,
			.ends_ns = MOMENT_NEVER,
		};
	}
	const uint64_t round_ns = delay_ns + length_ns;
	const uint64_t rounds = passed_ns / round_ns;
	const uint64_t round_start_ns = effect->started_ns + rounds * round_ns;
	if (rounds >= effect->times)
		return (struct phase){ .changes_ns = MOMENT_NEVER };
	const bool shakes = now_ns - round_start_ns >= delay_ns;
	return (struct phase){
		.shakes = shakes,
		.changes_ns = round_start_ns + (shakes ? round_ns : delay_ns),
		.ends_ns = effect->started_ns + effect->times * round_ns,
	};
}

static uint16_t with_gain(uint32_t sum, uint16_t gain)
{
	const uint32_t capped = sum > UINT16_MAX ? UINT16_MAX : sum;
	return (uint16_t)(capped * gain / UINT16_MAX);
}

static struct mix mix_at(const struct rumble *rumble, uint64_t now_ns)
{
	struct mix mix = { .changes_ns = MOMENT_NEVER };
	uint32_t strong = 0, weak = 0;
	for (unsigned i = 0; i < RUMBLE_EFFECTS; i++) {
		const struct rumble_effect *effect = &rumble->effects[i];
		if (!effect->playing)
			continue;
		const struct phase phase = phase_of(effect, now_ns);
		strong += phase.shakes ? effect->shape.strong : 0u;
		weak += phase.shakes ? effect->shape.weak : 0u;
		mix.changes_ns = moment_earlier(mix.changes_ns, phase.changes_ns);
		mix.ends_ns = moment_later(mix.ends_ns, phase.ends_ns);
	}
	mix.strong = with_gain(strong, rumble->gain);
	mix.weak = with_gain(weak, rumble->gain);
	return mix;
}

static bool is_news(const struct rumble *rumble, const struct mix *mix)
{
	return mix->strong != rumble->told_strong || mix->weak != rumble->told_weak;
}

/* When what is so now is to be told; MOMENT_NEVER: it was, and that is enough. */
static uint64_t telling_ns(const struct rumble *rumble, const struct mix *mix)
{
	if (is_news(rumble, mix))
		return rumble->told_ns == MOMENT_NEVER
			? 0
			: rumble->told_ns + RUMBLE_PAUSE_MS * MOMENT_MS;
	if (mix->strong > 0 || mix->weak > 0)
		return rumble->told_ns + RUMBLE_REPEAT_MS * MOMENT_MS;
	return MOMENT_NEVER;
}

/* Not beyond the end that is known; at least a millisecond, because 0 is the end. */
static uint16_t lasts_ms(const struct mix *mix, uint64_t now_ns)
{
	if (mix->strong == 0 && mix->weak == 0)
		return 0;
	const uint64_t left_ns = mix->ends_ns - now_ns;
	return left_ns < RUMBLE_LASTS_MS * MOMENT_MS
		? (uint16_t)((left_ns + MOMENT_MS - 1) / MOMENT_MS)
		: RUMBLE_LASTS_MS;
}

bool rumble_step(struct rumble *rumble, uint64_t now_ns, struct rumble_order *order)
{
	const struct mix mix = mix_at(rumble, now_ns);
	if (now_ns < telling_ns(rumble, &mix))
		return false;
	*order = (struct rumble_order){ mix.strong, mix.weak, lasts_ms(&mix, now_ns) };
	rumble->told_strong = mix.strong;
	rumble->told_weak = mix.weak;
	rumble->told_ns = now_ns;
	return true;
}

uint64_t rumble_deadline(const struct rumble *rumble, uint64_t now_ns)
{
	const struct mix mix = mix_at(rumble, now_ns);
	return moment_earlier(telling_ns(rumble, &mix), mix.changes_ns);
}
