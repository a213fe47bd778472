/*
 * A list of measured times and its percentiles.
 *
 * Room: client/measure. Any thread, one at a time.
 */
#ifndef LODGE_MEASURE_SAMPLES_H
#define LODGE_MEASURE_SAMPLES_H

#include <stdbool.h>
#include <stddef.h>

struct samples {
	double *values;
	size_t count, capacity;
	bool sorted;
};

/* False when memory is short: the sample is not counted. */
bool samples_add(struct samples *samples, double value);
/* Nearest rank: the smallest value that at least `fraction` of the samples do not exceed. 0 without samples. */
double samples_percentile(struct samples *samples, double fraction);
void samples_clear(struct samples *samples);
void samples_finish(struct samples *samples);

#endif
