/*
 * The disk's worker without its thread, for the API's tests: linked in place of src/store/worker.c. It writes at once.
 */
#ifndef LODGE_TESTS_WORKER_STUB_H
#define LODGE_TESTS_WORKER_STUB_H

#include "store/worker.h"

struct store_worker {
	int error; /* of the next writes; 0: they are made */
	unsigned appended;
};

#endif
