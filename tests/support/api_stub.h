/*
 * The API room's door, for tests of the web room: linked in place of src/api. Every path below /api/ is its own:
 *   /api/echo    answers at once: method, target, peer and body
 *   /api/later   waits until the test answers (api_stub_answer)
 *   /api/stream  begins a stream; the test goes on (api_stub_stream)
 */
#ifndef LODGE_TESTS_API_STUB_H
#define LODGE_TESTS_API_STUB_H

#include <stdbool.h>
#include <stddef.h>

#include "api/api.h"

struct api {
	unsigned handled, cancelled, ended;
	struct api_call *newest; /* NULL once it is answered, ended or cancelled */
};

void api_stub_answer(struct api *api, int status, const char *text);
bool api_stub_stream(struct api *api, const void *bytes, size_t size);
void api_stub_end_stream(struct api *api);

#endif
