/*
 * A promise, checked where cmocka is not: a broken one aborts.
 */
#ifndef LODGE_TESTS_CHECK_H
#define LODGE_TESTS_CHECK_H

#include <stdio.h>
#include <stdlib.h>

/* Straight to the descriptor: stderr may have been silenced. */
#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			dprintf(2, "%s:%d: broken: %s\n", __FILE__, __LINE__, #condition);         \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

#endif
