#include "core/wire_bytes.h"
#include "core/wire_table.h"

static uint64_t load_integer(const uint8_t *member, size_t size)
{
	uint64_t value = 0;
	uint32_t value_32 = 0;
	uint16_t value_16 = 0;
	switch (size) {
	case 1:
		return *member;
	case 2:
		memcpy(&value_16, member, 2);
		return value_16;
	case 4:
		memcpy(&value_32, member, 4);
		return value_32;
	default:
		memcpy(&value, member, 8);
		return value;
	}
}

static bool within(const struct wire_field *field, uint64_t value)
{
	return value >= field->least && value <= field->most;
}

/* Each of these writes one field; false when the decoder would refuse it. */
static bool encode_integer(
	const struct wire_field *field, struct wire_writer *writer, const uint8_t *member)
{
	const uint64_t value = load_integer(member, field->stored_size);
	wire_put(writer, value, field->wire_size);
	return within(field, value);
}

static bool encode_blob(
	const struct wire_field *field, struct wire_writer *writer, const uint8_t *member)
{
	const uint8_t *bytes = NULL;
	memcpy(&bytes, member, sizeof bytes);
	if (!bytes || !within(field, bytes[0]))
		return false;
	wire_put_bytes(writer, bytes, field->wire_size);
	return true;
}

static bool encode_choice(
	const struct wire_field *field, struct wire_writer *writer, const uint8_t *member)
{
	const uint64_t value = load_integer(member, field->stored_size);
	wire_put(writer, value, field->wire_size);
	return value < 64 && (field->most >> value & 1);
}

static bool encode_bytes(
	const struct wire_field *field, struct wire_writer *writer, const uint8_t *member)
{
	struct wire_blob blob;
	memcpy(&blob, member, sizeof blob);
	if (!within(field, blob.size))
		return false;
	wire_put(writer, blob.size, field->wire_size);
	wire_put_bytes(writer, blob.bytes, blob.size);
	return true;
}

static bool encode_apps(
	const struct wire_field *field, struct wire_writer *writer, const uint8_t *member)
{
	struct wire_apps apps;
	memcpy(&apps, member, sizeof apps);
	static const uint8_t none = 0;
	const uint8_t *bytes = apps.bytes ? apps.bytes : &none;
	struct wire_reader reader = { bytes, bytes + apps.size, false };
	if (!within(field, apps.count) || !wire_apps_check(&reader, apps.count) || reader.failed ||
		reader.at != reader.end)
		return false;
	wire_put(writer, apps.count, field->wire_size);
	wire_put_bytes(writer, bytes, apps.size);
	return true;
}

static bool encode_string(
	const struct wire_field *field, struct wire_writer *writer, const uint8_t *member)
{
	struct wire_string string;
	memcpy(&string, member, sizeof string);
	if (!within(field, string.size) || !wire_utf8_valid(string.bytes, string.size))
		return false;
	wire_put(writer, string.size, field->wire_size);
	wire_put_bytes(writer, string.bytes, string.size);
	return true;
}

static bool encode_field(
	const struct wire_field *field, struct wire_writer *writer, const uint8_t *member)
{
	switch (field->kind) {
	case WIRE_FIELD_INTEGER:
		return encode_integer(field, writer, member);
	case WIRE_FIELD_BLOB:
		return encode_blob(field, writer, member);
	case WIRE_FIELD_CHOICE:
		return encode_choice(field, writer, member);
	case WIRE_FIELD_STRING:
		return encode_string(field, writer, member);
	case WIRE_FIELD_BYTES:
		return encode_bytes(field, writer, member);
	case WIRE_FIELD_APPS:
		return encode_apps(field, writer, member);
	}
	return false;
}

size_t wire_encode(const struct wire_message *message, uint8_t *bytes, size_t capacity)
{
	const struct wire_layout *layout = wire_layout_find(message->type);
	if (!layout)
		return 0;
	struct wire_writer writer = { bytes, bytes + capacity, false };
	wire_put(&writer, message->type, 1);
	for (size_t i = 0; i < layout->field_count; i++) {
		const struct wire_field *field = &layout->fields[i];
		if (!encode_field(field, &writer, (const uint8_t *)message + field->offset))
			return 0;
	}
	return writer.failed ? 0 : (size_t)(writer.at - bytes);
}
