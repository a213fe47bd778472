#include "core/wire_bytes.h"
#include "core/wire_table.h"

static void store_integer(uint8_t *member, size_t size, uint64_t value)
{
	switch (size) {
	case 1:
		memcpy(member, &(uint8_t){ (uint8_t)value }, 1);
		break;
	case 2:
		memcpy(member, &(uint16_t){ (uint16_t)value }, 2);
		break;
	case 4:
		memcpy(member, &(uint32_t){ (uint32_t)value }, 4);
		break;
	default:
		memcpy(member, &value, 8);
		break;
	}
}

/*
 * Each of these reads one field and stores it; false when its value is not one that the field may have. A body
 * that ends too early is the reader's to remember.
 */
static bool decode_integer(
	const struct wire_field *field, struct wire_reader *reader, uint8_t *member)
{
	const uint64_t value = wire_get(reader, field->wire_size);
	if (reader->failed)
		return true;
	if (value < field->least || value > field->most)
		return false;
	store_integer(member, field->stored_size, value);
	return true;
}

static bool decode_blob(const struct wire_field *field, struct wire_reader *reader, uint8_t *member)
{
	const uint8_t *bytes = wire_take(reader, field->wire_size);
	if (reader->failed)
		return true;
	memcpy(member, &bytes, sizeof bytes);
	return bytes[0] >= field->least && bytes[0] <= field->most;
}

static bool decode_choice(
	const struct wire_field *field, struct wire_reader *reader, uint8_t *member)
{
	const uint64_t value = wire_get(reader, field->wire_size);
	if (reader->failed)
		return true;
	store_integer(member, field->stored_size, value);
	return value < 64 && (field->most >> value & 1);
}

static bool decode_bytes(
	const struct wire_field *field, struct wire_reader *reader, uint8_t *member)
{
	const size_t size = field->wire_size ? (size_t)wire_get(reader, field->wire_size)
					     : (size_t)(reader->end - reader->at);
	const uint8_t *bytes = wire_take(reader, size);
	if (reader->failed)
		return true;
	if (size < field->least || size > field->most)
		return false;
	memcpy(member, &(struct wire_blob){ bytes, (uint32_t)size }, sizeof(struct wire_blob));
	return true;
}

static bool decode_apps(const struct wire_field *field, struct wire_reader *reader, uint8_t *member)
{
	const uint16_t count = (uint16_t)wire_get(reader, field->wire_size);
	const uint8_t *start = reader->at;
	if (count > field->most || !wire_apps_check(reader, count))
		return false;
	const struct wire_apps apps = { start, (size_t)(reader->at - start), count };
	memcpy(member, &apps, sizeof apps);
	return true;
}

static bool decode_string(
	const struct wire_field *field, struct wire_reader *reader, uint8_t *member)
{
	const uint16_t size = (uint16_t)wire_get(reader, field->wire_size);
	const struct wire_string string = { (const char *)wire_take(reader, size), size };
	if (reader->failed)
		return true;
	memcpy(member, &string, sizeof string);
	return size >= field->least && size <= field->most && wire_utf8_valid(string.bytes, size);
}

static bool decode_field(
	const struct wire_field *field, struct wire_reader *reader, uint8_t *member)
{
	switch (field->kind) {
	case WIRE_FIELD_INTEGER:
		return decode_integer(field, reader, member);
	case WIRE_FIELD_BLOB:
		return decode_blob(field, reader, member);
	case WIRE_FIELD_CHOICE:
		return decode_choice(field, reader, member);
	case WIRE_FIELD_STRING:
		return decode_string(field, reader, member);
	case WIRE_FIELD_BYTES:
		return decode_bytes(field, reader, member);
	case WIRE_FIELD_APPS:
		return decode_apps(field, reader, member);
	}
	return false;
}

const char *wire_decode(const uint8_t *bytes, size_t size, struct wire_message *message)
{
	*message = (struct wire_message){ 0 };
	if (size == 0)
		return "the message is empty";
	const struct wire_layout *layout = wire_layout_find((enum wire_type)bytes[0]);
	if (!layout)
		return "the message's type is unknown";
	message->type = (enum wire_type)bytes[0];

	struct wire_reader reader = { bytes + 1, bytes + size, false };
	for (size_t i = 0; i < layout->field_count; i++) {
		const struct wire_field *field = &layout->fields[i];
		if (!decode_field(field, &reader, (uint8_t *)message + field->offset))
			return field->fault;
	}
	return reader.failed || reader.at != reader.end ? layout->wrong_size : NULL;
}
