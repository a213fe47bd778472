#include "cli/until.h"

#include <string.h>

static bool parse(const char *word, const char *format, const struct tm *base, struct tm *moment)
{
	*moment = *base;
	const char *end = strptime(word, format, moment);
	return end && *end == '\0';
}

/* False for the 31st of February. */
static bool as_time(struct tm moment, time_t *when)
{
	const int day = moment.tm_mday;
	moment.tm_isdst = -1;
	*when = mktime(&moment);
	return *when != (time_t)-1 && moment.tm_mday == day;
}

bool until_parse(const char *word, time_t now, time_t *when)
{
	static const char *const formats[] = { "%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M" };
	struct tm today, moment;
	if (!localtime_r(&now, &today) || strspn(word, "0123456789") == 0)
		return false;
	const struct tm midnight = { .tm_mday = 1 };
	for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
		if (parse(word, formats[i], &midnight, &moment))
			return as_time(moment, when);
	}
	today.tm_sec = 0;
	if (!parse(word, "%H:%M", &today, &moment) || !as_time(moment, when))
		return false;
	if (*when > now)
		return true;
	/* The next day's, however long this day is. mktime takes the 32nd for the first. */
	moment.tm_mday++;
	moment.tm_isdst = -1;
	*when = mktime(&moment);
	return *when != (time_t)-1;
}
