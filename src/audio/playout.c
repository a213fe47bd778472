#include "audio/playout.h"

#include <string.h>

/* Arrivals shake; that much off is where it should be. */
#define EXCESS_FREE 96
#define EXCESS_FULL 480 /* the greatest speed from there on */

void playout_init(struct playout *playout)
{
	memset(playout, 0, sizeof *playout);
	playout->count = 1; /* silence before the first sample */
}

void playout_push(struct playout *playout, const float *samples, uint32_t count)
{
	const uint32_t room = PLAYOUT_SIZE - playout->count;
	if (count > room)
		count = room;
	memcpy(playout->samples + playout->count, samples, count * sizeof *samples);
	playout->count += count;
}

uint32_t playout_waiting(const struct playout *playout)
{
	return playout->count - 1;
}

/* Catmull and Rom's curve through four samples, between the middle two. */
static float between(const float *s, double at)
{
	const double a = -0.5 * s[0] + 1.5 * s[1] - 1.5 * s[2] + 0.5 * s[3];
	const double b = s[0] - 2.5 * s[1] + 2.0 * s[2] - 0.5 * s[3];
	const double c = 0.5 * (s[2] - s[0]);
	return (float)(((a * at + b) * at + c) * at + s[1]);
}

uint32_t playout_pull(struct playout *playout, float *to, uint32_t count, double speed)
{
	uint32_t first = 0, done = 0;
	/* At rest on a sample, only that one is needed; between two, one more on either side. */
	while (done < count) {
		const uint32_t needed = playout->position == 0 ? 2 : 4;
		if (playout->count - first < needed)
			break;
		const float *at = playout->samples + first;
		to[done++] = playout->position == 0 ? at[1] : between(at, playout->position);
		playout->position += speed;
		while (playout->position >= 1 && playout->count - first > 1) {
			playout->position -= 1;
			first++;
		}
	}
	playout->count -= first;
	memmove(playout->samples, playout->samples + first,
		playout->count * sizeof *playout->samples);
	return done;
}

double playout_speed(int64_t excess)
{
	const int64_t beyond = excess > EXCESS_FREE ? excess - EXCESS_FREE
		: excess < -EXCESS_FREE             ? excess + EXCESS_FREE
						    : 0;
	const double speed = (double)beyond * PLAYOUT_SPEED_MOST / EXCESS_FULL;
	if (speed > PLAYOUT_SPEED_MOST)
		return 1 + PLAYOUT_SPEED_MOST;
	return speed < -PLAYOUT_SPEED_MOST ? 1 - PLAYOUT_SPEED_MOST : 1 + speed;
}
