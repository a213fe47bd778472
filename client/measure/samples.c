#include "samples.h"

#include <stdlib.h>

bool samples_add(struct samples *samples, double value)
{
	if (samples->count == samples->capacity) {
		const size_t capacity = samples->capacity ? samples->capacity * 2 : 1024;
		double *grown = realloc(samples->values, capacity * sizeof *grown);
		if (!grown)
			return false;
		samples->values = grown;
		samples->capacity = capacity;
	}
	samples->values[samples->count++] = value;
	samples->sorted = false;
	return true;
}

static int compare(const void *left, const void *right)
{
	const double a = *(const double *)left, b = *(const double *)right;
	return (a > b) - (a < b);
}

double samples_percentile(struct samples *samples, double fraction)
{
	if (samples->count == 0)
		return 0;
	if (!samples->sorted)
		qsort(samples->values, samples->count, sizeof *samples->values, compare);
	samples->sorted = true;
	const double exact = fraction * (double)samples->count;
	size_t rank = (size_t)exact;
	if ((double)rank < exact)
		rank++;
	if (rank == 0)
		rank = 1;
	return samples->values[(rank < samples->count ? rank : samples->count) - 1];
}

void samples_clear(struct samples *samples)
{
	samples->count = 0;
}

void samples_finish(struct samples *samples)
{
	free(samples->values);
	*samples = (struct samples){ 0 };
}
