#include <string.h>

#include "cli/sse.h"
#include "fuzz.h"

#define HEARD_MAX 65536

struct heard {
	uint8_t bytes[HEARD_MAX];
	size_t size;
};

static void keep(struct heard *heard, const void *bytes, size_t size)
{
	if (size > HEARD_MAX - heard->size)
		size = HEARD_MAX - heard->size;
	if (size)
		memcpy(heard->bytes + heard->size, bytes, size);
	heard->size += size;
}

static bool on_event(void *data, const struct sse_event *event)
{
	struct heard *heard = data;
	FUZZ_ASSERT(event->type[0] != '\0' && strlen(event->type) < SSE_TYPE_MAX);
	FUZZ_ASSERT(event->data[event->size] == '\0');
	FUZZ_ASSERT(!memchr(event->data, '\r', event->size));
	keep(heard, event->type, strlen(event->type) + 1);
	keep(heard, event->data, event->size);
	keep(heard, &event->size, sizeof event->size);
	return true;
}

/* The first byte says in pieces of how many bytes the rest comes; 0: in one. */
static void run(
	const uint8_t *bytes, size_t size, size_t piece, struct sse *sse, struct heard *heard)
{
	sse_restart(sse);
	for (size_t at = 0; at < size;) {
		const size_t part = piece == 0 || size - at < piece ? size - at : piece;
		FUZZ_ASSERT(
			sse_feed(sse, (const char *)bytes + at, part, on_event, heard) == SSE_MORE);
		at += part;
	}
	/* It becomes a header line. */
	FUZZ_ASSERT(strlen(sse->last_event_id) < SSE_ID_MAX);
	FUZZ_ASSERT(!strpbrk(sse->last_event_id, "\r\n"));
}

/* How the bytes were cut makes no difference. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	if (size == 0)
		return 0;
	struct heard *whole = calloc(1, sizeof *whole), *cut = calloc(1, sizeof *cut);
	struct sse one = { 0 }, other = { 0 };
	FUZZ_ASSERT(whole && cut);
	run(bytes + 1, size - 1, 0, &one, whole);
	run(bytes + 1, size - 1, bytes[0], &other, cut);
	FUZZ_ASSERT(whole->size == cut->size);
	FUZZ_ASSERT(memcmp(whole->bytes, cut->bytes, whole->size) == 0);
	FUZZ_ASSERT(strcmp(one.last_event_id, other.last_event_id) == 0);
	FUZZ_ASSERT(one.retry_ms == other.retry_ms);
	sse_finish(&one);
	sse_finish(&other);
	free(whole);
	free(cut);
	return 0;
}
