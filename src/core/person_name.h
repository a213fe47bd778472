/*
 * What a person is called on other people's screens. Names come from clients, so they are text that nobody may
 * trust: here they are made fit to be shown beside others. They stay text: whoever shows one never reads it as markup.
 *
 * Room: core (pure: no I/O, no allocation). Any thread.
 */
#ifndef LODGE_CORE_PERSON_NAME_H
#define LODGE_CORE_PERSON_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PERSON_NAME_MAX 64 /* bytes, without the NUL */
#define PERSON_NAME_READ_MAX 4096 /* bytes of the given text that are looked at */

/* UTF-8. What follows the NUL is zero, so that names can be compared as memory. */
struct person_name {
	char text[PERSON_NAME_MAX + 1];
};

/*
 * Any bytes become a name, "" when nothing visible is left:
 * - what is no UTF-8 becomes U+FFFD, one for a run of it;
 * - control characters, line separators and every kind of space become one space, none at the ends;
 * - what turns the direction of writing (U+202E and the like), tags and other characters without a shape go;
 *   joiners stay only where a script or an emoji needs them;
 * - of the marks on one letter the first four stay: more would run over other lines;
 * - what is longer is cut between two code points.
 * A name that was made here comes out unchanged. Letters that look alike are not told apart.
 */
struct person_name person_name_clean(const char *bytes, size_t size);
bool person_name_equal(const struct person_name *a, const struct person_name *b);

/* "Ada", 2 → "Ada (2)", the base cut shorter when that is needed. 1 (or 0): the base itself. */
struct person_name person_name_numbered(const struct person_name *base, uint32_t number);
/* Which number of that base the name is: 1 for the base itself, 0 when it is none of it. */
uint32_t person_name_number(const struct person_name *name, const struct person_name *base);

#endif
