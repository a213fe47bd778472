#include "display/sway/sway_message.h"

#include <errno.h>
#include <string.h>

static const char magic[6] = { 'i', '3', '-', 'i', 'p', 'c' };

ssize_t sway_message_decode(const uint8_t *bytes, size_t size, struct sway_message *message)
{
	/* A wrong start is found out before the rest of the header has come. */
	const size_t known = size < sizeof magic ? size : sizeof magic;
	if (known > 0 && memcmp(bytes, magic, known) != 0)
		return -EPROTO;
	if (size < SWAY_MESSAGE_HEADER_SIZE)
		return 0;
	memcpy(&message->size, bytes + sizeof magic, sizeof message->size);
	memcpy(&message->type, bytes + sizeof magic + 4, sizeof message->type);
	if (message->size > SWAY_MESSAGE_PAYLOAD_MAX)
		return -EMSGSIZE;
	if (size - SWAY_MESSAGE_HEADER_SIZE < message->size)
		return 0;
	message->payload = (const char *)bytes + SWAY_MESSAGE_HEADER_SIZE;
	return (ssize_t)(SWAY_MESSAGE_HEADER_SIZE + message->size);
}

void sway_message_encode_header(
	uint8_t header[SWAY_MESSAGE_HEADER_SIZE], uint32_t type, uint32_t payload_size)
{
	memcpy(header, magic, sizeof magic);
	memcpy(header + sizeof magic, &payload_size, sizeof payload_size);
	memcpy(header + sizeof magic + 4, &type, sizeof type);
}
