#include <string.h>

#include "fuzz.h"
#include "isolation/keeper_message.h"
#include "isolation/tree_record.h"

/* Whatever may be shown is a name in /dev or /dev/input: nothing leads out of there. */
static void judge_device(const struct keeper_message *message)
{
	const char *path = keeper_message_find(message, KEEPER_STRING_DEVICE);
	if ((message->type != KEEPER_SHOW && message->type != KEEPER_HIDE) ||
		!keeper_device_is_valid(path))
		return;
	const char *name = strrchr(path, '/') + 1;
	const size_t folder = (size_t)(name - path);
	FUZZ_ASSERT(!strchr(path, '.'));
	FUZZ_ASSERT((folder == strlen("/dev/") && strncmp(path, "/dev/hidraw", 11) == 0) ||
		(folder == strlen("/dev/input/") && strncmp(path, "/dev/input/", folder) == 0));
	FUZZ_ASSERT(name[strcspn(name, "0123456789")] != '\0');
}

/* What was read and is written again is the same message, and every string of it lies within. */
static void read_message(const uint8_t *bytes, size_t size)
{
	static struct keeper_writer writer;
	struct keeper_message message;
	size_t position = 0, count = 0;
	enum keeper_string kind;
	if (!keeper_message_decode(bytes, size, &message))
		return;
	keeper_write(&writer, message.type, message.flags, message.id, message.value);
	for (const char *text; (text = keeper_message_next(&message, &position, &kind)); count++) {
		FUZZ_ASSERT((const uint8_t *)text + strlen(text) < bytes + size);
		FUZZ_ASSERT(keeper_message_find(&message, kind));
		FUZZ_ASSERT(keeper_message_count(&message, kind) > 0);
		keeper_write_string(&writer, kind, text);
	}
	FUZZ_ASSERT(!writer.overflow);
	FUZZ_ASSERT(writer.size == size && memcmp(writer.bytes, bytes, size) == 0);
	judge_device(&message);
	const char *list[4] = { "", "", "", "" };
	keeper_message_list(&message, KEEPER_STRING_ARGUMENT, list, 4);
	const size_t arguments = keeper_message_count(&message, KEEPER_STRING_ARGUMENT);
	FUZZ_ASSERT(!list[arguments < 3 ? arguments : 3]);
}

static void read_record(const char *bytes, size_t size)
{
	struct tree_record record;
	char text[TREE_RECORD_MAX];
	if (!tree_record_parse(bytes, size, &record))
		return;
	FUZZ_ASSERT(keeper_name_is_valid(record.name));
	FUZZ_ASSERT(record.keeper >= 0);
	FUZZ_ASSERT(tree_record_format(&record, text) == size);
	FUZZ_ASSERT(memcmp(text, bytes, size) == 0);
}

/* The first byte tells which of the two it is. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	if (size == 0)
		return 0;
	if (bytes[0] == 'r')
		read_record((const char *)bytes + 1, size - 1);
	else
		read_message(bytes + 1, size - 1);
	return 0;
}
