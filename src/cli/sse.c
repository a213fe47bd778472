#include "cli/sse.h"

#include <stdlib.h>
#include <string.h>

#define RETRY_DIGITS_MAX 9

void sse_restart(struct sse *sse)
{
	sse->line_size = sse->data_size = 0;
	sse->had_carriage_return = sse->had_data = sse->begun = false;
	sse->type[0] = '\0';
	memcpy(sse->id, sse->last_event_id, sizeof sse->id);
}

void sse_finish(struct sse *sse)
{
	free(sse->line);
	free(sse->data);
	*sse = (struct sse){ 0 };
}

/* Room for `more` bytes and a NUL. */
static bool reserve(char **buffer, size_t *capacity, size_t size, size_t more)
{
	if (more > SSE_EVENT_MAX || size > SSE_EVENT_MAX - more)
		return false;
	if (size + more < *capacity)
		return true;
	const size_t wanted = 2 * (size + more) + 256;
	char *larger = realloc(*buffer, wanted);
	if (!larger)
		return false;
	*buffer = larger;
	*capacity = wanted;
	return true;
}

static bool append(char **buffer, size_t *capacity, size_t *size, const char *bytes, size_t more)
{
	if (!reserve(buffer, capacity, *size, more))
		return false;
	memcpy(*buffer + *size, bytes, more);
	*size += more;
	(*buffer)[*size] = '\0';
	return true;
}

static void take_retry(struct sse *sse, const char *value, size_t size)
{
	uint64_t milliseconds = 0;
	if (size == 0 || size > RETRY_DIGITS_MAX)
		return;
	for (size_t i = 0; i < size; i++) {
		if (value[i] < '0' || value[i] > '9')
			return;
		milliseconds = milliseconds * 10 + (uint64_t)(value[i] - '0');
	}
	sse->retry_ms = milliseconds;
}

static bool is_field(const char *line, size_t size, const char *name)
{
	return size == strlen(name) && memcmp(line, name, size) == 0;
}

static bool take_data(struct sse *sse, const char *value, size_t size)
{
	const bool first = !sse->had_data;
	sse->had_data = true;
	return (first || append(&sse->data, &sse->data_capacity, &sse->data_size, "\n", 1)) &&
		append(&sse->data, &sse->data_capacity, &sse->data_size, value, size);
}

static bool take_field(struct sse *sse, const char *line, size_t size)
{
	const char *colon = memchr(line, ':', size);
	const size_t name = colon ? (size_t)(colon - line) : size;
	const char *value = colon ? colon + 1 : line + size;
	size_t left = size - (size_t)(value - line);
	if (left > 0 && *value == ' ') {
		value++;
		left--;
	}
	if (is_field(line, name, "data"))
		return take_data(sse, value, left);
	if (is_field(line, name, "event")) {
		const size_t kept = left < sizeof sse->type - 1 ? left : sizeof sse->type - 1;
		memcpy(sse->type, value, kept);
		sse->type[kept] = '\0';
	} else if (is_field(line, name, "id")) {
		/* It becomes a header line; line ends cannot be in it. */
		if (left < sizeof sse->id && !memchr(value, '\0', left)) {
			memcpy(sse->id, value, left);
			sse->id[left] = '\0';
		}
	} else if (is_field(line, name, "retry")) {
		take_retry(sse, value, left);
	}
	return true;
}

/* A blank line: the event is whole. False when the caller has enough. */
static bool dispatch(
	struct sse *sse, bool (*event)(void *data, const struct sse_event *event), void *data)
{
	bool more = true;
	memcpy(sse->last_event_id, sse->id, sizeof sse->id);
	if (sse->had_data)
		more = event(data,
			&(const struct sse_event){
				.type = sse->type[0] ? sse->type : "message",
				.data = sse->data,
				.size = sse->data_size,
			});
	sse->had_data = false;
	sse->data_size = 0;
	sse->type[0] = '\0';
	return more;
}

static enum sse_result end_line(
	struct sse *sse, bool (*event)(void *data, const struct sse_event *event), void *data)
{
	static const char mark[] = "\xef\xbb\xbf"; /* the byte order mark, at the stream's begin */
	const char *line = sse->line ? sse->line : "";
	size_t size = sse->line_size;
	if (!sse->begun && size >= 3 && memcmp(line, mark, 3) == 0) {
		line += 3;
		size -= 3;
	}
	sse->begun = true;
	sse->line_size = 0;
	if (size == 0)
		return dispatch(sse, event, data) ? SSE_MORE : SSE_ENOUGH;
	return take_field(sse, line, size) ? SSE_MORE : SSE_TOO_LONG;
}

enum sse_result sse_feed(struct sse *sse, const char *bytes, size_t size,
	bool (*event)(void *data, const struct sse_event *event), void *data)
{
	for (size_t i = 0; i < size;) {
		if (sse->had_carriage_return && bytes[i] == '\n') {
			sse->had_carriage_return = false;
			i++;
			continue;
		}
		sse->had_carriage_return = false;
		size_t end = i;
		while (end < size && bytes[end] != '\n' && bytes[end] != '\r')
			end++;
		if (!append(&sse->line, &sse->line_capacity, &sse->line_size, bytes + i, end - i))
			return SSE_TOO_LONG;
		if (end == size)
			return SSE_MORE;
		sse->had_carriage_return = bytes[end] == '\r';
		i = end + 1;
		const enum sse_result result = end_line(sse, event, data);
		if (result != SSE_MORE)
			return result;
	}
	return SSE_MORE;
}
