/*
 * A moment, as people type it, in the time zone of whoever runs lodge. Room: cli. No I/O.
 */
#ifndef LODGE_CLI_UNTIL_H
#define LODGE_CLI_UNTIL_H

#include <stdbool.h>
#include <time.h>

/*
 * "18:30" (the next one), "2027-01-15" (its beginning), "2027-01-15 18:30" or with a T between. False: none of them, or
 * no day of any calendar.
 */
bool until_parse(const char *word, time_t now, time_t *when);

#endif
