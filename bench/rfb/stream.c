#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rfb.h"

#define WAIT_MS 5000

bool rfb_fail(struct rfb *rfb, const char *fault)
{
	if (!rfb->failed)
		snprintf(rfb->fault, sizeof rfb->fault, "%s", fault);
	rfb->failed = true;
	return false;
}

static bool fill(struct rfb *rfb)
{
	struct pollfd poll_fd = { rfb->fd, POLLIN, 0 };
	for (;;) {
		const int ready = poll(&poll_fd, 1, WAIT_MS);
		if (ready < 0 && errno == EINTR)
			continue;
		if (ready <= 0)
			return rfb_fail(rfb, "the server fell silent in the middle of a message");
		const ssize_t got = read(rfb->fd, rfb->input, sizeof rfb->input);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return rfb_fail(rfb, "the server closed the connection");
		rfb->input_at = 0;
		rfb->input_size = (size_t)got;
		rfb->received_bytes += (size_t)got;
		return true;
	}
}

bool rfb_has_input(const struct rfb *rfb)
{
	return rfb->input_at < rfb->input_size;
}

bool rfb_read(struct rfb *rfb, void *bytes, size_t size)
{
	uint8_t *out = bytes;
	while (size && !rfb->failed) {
		if (!rfb_has_input(rfb) && !fill(rfb))
			break;
		const size_t there = rfb->input_size - rfb->input_at;
		const size_t count = there < size ? there : size;
		if (out) {
			memcpy(out, rfb->input + rfb->input_at, count);
			out += count;
		}
		rfb->input_at += count;
		size -= count;
	}
	if (size && out)
		memset(out, 0, size);
	return !rfb->failed;
}

uint32_t rfb_read_number(struct rfb *rfb, size_t size)
{
	uint8_t bytes[4];
	uint32_t number = 0;
	rfb_read(rfb, bytes, size);
	for (size_t i = 0; i < size; i++)
		number = number << 8 | bytes[i];
	return number;
}

bool rfb_write(struct rfb *rfb, const void *bytes, size_t size)
{
	const uint8_t *at = bytes;
	while (size) {
		const ssize_t written = write(rfb->fd, at, size);
		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return rfb_fail(rfb, "the server takes nothing");
		at += written;
		size -= (size_t)written;
	}
	return true;
}

bool rfb_reserve(struct rfb *rfb, uint8_t **bytes, size_t *capacity, size_t size)
{
	if (size <= *capacity)
		return true;
	uint8_t *grown = realloc(*bytes, size);
	if (!grown)
		return rfb_fail(rfb, "out of memory");
	*bytes = grown;
	*capacity = size;
	return true;
}
