/*
 * The identity store's door without its file, for the API's tests: linked in place of src/display/identity_store.c.
 */
#ifndef LODGE_TESTS_IDENTITY_STUB_H
#define LODGE_TESTS_IDENTITY_STUB_H

#include "display/identity_store.h"

struct identity_store {
	struct identity_map map;
};

#endif
