#include "isolation/keeper_message.h"

#include <string.h>

#include "isolation/isolation.h"

#define KEEPER_DEVICE_DIGITS_MAX 6

struct shape {
	uint8_t flags; /* those that may be set */
	const char *strings; /* kinds that may come */
	const char *required; /* kinds that must come */
};

static const struct shape shapes[KEEPER_TYPES_END] = {
	[KEEPER_SETUP] = { KEEPER_FLAG_SOUND | KEEPER_FLAG_PROFILE, "nfehxd", "nf" },
	[KEEPER_START] = { KEEPER_FLAG_ORDINARY, "raef", "ra" },
	[KEEPER_SIGNAL] = { 0, "", "" },
	[KEEPER_END] = { 0, "", "" },
	[KEEPER_KEEP] = { KEEPER_FLAG_ON | KEEPER_FLAG_AFTER, "", "" },
	[KEEPER_READY] = { KEEPER_FLAG_ON, "", "" },
	[KEEPER_FAILED] = { 0, "t", "t" },
	[KEEPER_STARTED] = { KEEPER_FLAG_ON, "r", "r" },
	[KEEPER_EXITED] = { 0, "t", "t" },
	[KEEPER_OUTPUT] = { 0, "rt", "rt" },
	[KEEPER_SAID] = { 0, "t", "t" },
	[KEEPER_SOUND] = { KEEPER_FLAG_ON, "t", "t" },
	[KEEPER_SHOW] = { 0, "d", "d" },
	[KEEPER_HIDE] = { 0, "d", "d" },
};

static bool strings_are_valid(const struct keeper_message *message, const struct shape *shape)
{
	size_t position = 0;
	enum keeper_string kind;
	if (message->strings_size > 0 && message->strings[message->strings_size - 1] != '\0')
		return false;
	while (position < message->strings_size) {
		const char letter = message->strings[position];
		if (letter == '\0' || !strchr(shape->strings, letter))
			return false;
		keeper_message_next(message, &position, &kind);
	}
	for (const char *wanted = shape->required; *wanted; wanted++) {
		if (!keeper_message_find(message, (enum keeper_string) * wanted))
			return false;
	}
	return true;
}

bool keeper_message_decode(const uint8_t *bytes, size_t size, struct keeper_message *message)
{
	if (size < KEEPER_HEADER_SIZE || size > KEEPER_MESSAGE_MAX || bytes[0] != KEEPER_VERSION ||
		bytes[1] == 0 || bytes[1] >= KEEPER_TYPES_END || bytes[3] != 0)
		return false;
	message->type = (enum keeper_message_type)bytes[1];
	message->flags = bytes[2];
	memcpy(&message->id, bytes + 4, sizeof message->id);
	memcpy(&message->value, bytes + 8, sizeof message->value);
	message->strings = (const char *)bytes + KEEPER_HEADER_SIZE;
	message->strings_size = size - KEEPER_HEADER_SIZE;
	const struct shape *shape = &shapes[message->type];
	return (message->flags & ~shape->flags) == 0 && strings_are_valid(message, shape);
}

const char *keeper_message_next(
	const struct keeper_message *message, size_t *position, enum keeper_string *kind)
{
	if (*position >= message->strings_size)
		return NULL;
	const char *text = message->strings + *position + 1;
	*kind = (enum keeper_string)message->strings[*position];
	*position += strlen(text) + 2;
	return text;
}

const char *keeper_message_find(const struct keeper_message *message, enum keeper_string kind)
{
	size_t position = 0;
	enum keeper_string found;
	for (const char *text; (text = keeper_message_next(message, &position, &found));) {
		if (found == kind)
			return text;
	}
	return NULL;
}

size_t keeper_message_count(const struct keeper_message *message, enum keeper_string kind)
{
	size_t position = 0, count = 0;
	enum keeper_string found;
	while (keeper_message_next(message, &position, &found))
		count += found == kind;
	return count;
}

void keeper_message_list(const struct keeper_message *message, enum keeper_string kind,
	const char **list, size_t capacity)
{
	size_t position = 0, count = 0;
	enum keeper_string found;
	for (const char *text; (text = keeper_message_next(message, &position, &found));) {
		if (found == kind && count + 1 < capacity)
			list[count++] = text;
	}
	if (capacity > 0)
		list[count] = NULL;
}

void keeper_write(struct keeper_writer *writer, enum keeper_message_type type, uint8_t flags,
	uint32_t id, uint64_t value)
{
	writer->bytes[0] = KEEPER_VERSION;
	writer->bytes[1] = (uint8_t)type;
	writer->bytes[2] = flags;
	writer->bytes[3] = 0;
	memcpy(writer->bytes + 4, &id, sizeof id);
	memcpy(writer->bytes + 8, &value, sizeof value);
	writer->size = KEEPER_HEADER_SIZE;
	writer->overflow = false;
}

void keeper_write_string(struct keeper_writer *writer, enum keeper_string kind, const char *text)
{
	if (!text)
		return;
	const size_t size = strlen(text) + 1;
	if (size + 1 > sizeof writer->bytes - writer->size) {
		writer->overflow = true;
		return;
	}
	writer->bytes[writer->size++] = (uint8_t)kind;
	memcpy(writer->bytes + writer->size, text, size);
	writer->size += size;
}

bool keeper_name_is_valid(const char *name)
{
	const size_t size = strlen(name);
	return size > 0 && size < ISOLATED_NAME_MAX &&
		strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == size;
}

bool keeper_device_is_valid(const char *path)
{
	static const char *const beginnings[] = { "/dev/input/event", "/dev/input/js",
		"/dev/hidraw" };
	for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++) {
		const size_t length = strlen(beginnings[i]);
		if (strncmp(path, beginnings[i], length) != 0)
			continue;
		const char *number = path + length;
		const size_t digits = strspn(number, "0123456789");
		return digits > 0 && digits <= KEEPER_DEVICE_DIGITS_MAX && number[digits] == '\0' &&
			(number[0] != '0' || digits == 1);
	}
	return false;
}
