#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/wire.h"

/* Bytes written by hand from docs/protocol.md, not by the encoder. */
#define EIGHT "01234567"
#define THIRTY_TWO EIGHT EIGHT EIGHT EIGHT
#define SIXTY_FOUR THIRTY_TWO THIRTY_TWO
#define KEY "\x04" SIXTY_FOUR
#define SIGNATURE SIXTY_FOUR
#define NOTHING

static const uint8_t key[] = KEY;
static const uint8_t signature[] = SIGNATURE;
static const uint8_t nonce[] = THIRTY_TWO;

#define WORDS(text)                                                                                \
	{                                                                                          \
		text, sizeof(text) - 1                                                             \
	}

#define BLOB(text)                                                                                 \
	{                                                                                          \
		(const uint8_t *)(text), sizeof(text) - 1                                          \
	}
#define TWO_APPS "\x04\x00game\x0a\x00Space Game\x03\x04\x00term\x02\x00\xc3\xa4\x04"

static const struct {
	struct wire_message message;
	const char *bytes;
	size_t size;
} rows[] = {
#define ROW(type_, bytes_, ...)                                                                    \
	{                                                                                          \
		{ .type = type_, __VA_ARGS__ }, bytes_, sizeof(bytes_) - 1                         \
	}
	ROW(WIRE_AUTHENTICATE, "\x01\x01\x00" KEY SIGNATURE "\x04\x00labe",
		.attach = { 1, key, signature, { 0 }, WORDS("labe") }),
	ROW(WIRE_PAIR,
		"\x02\x02\x01" KEY SIGNATURE "\x06\x00"
		"123456"
		"\x02\x00\xc3\xa4",
		.attach = { 0x102, key, signature, WORDS("123456"), WORDS("\xc3\xa4") }),
	ROW(WIRE_OPEN_DISPLAY, "\x03\x07\x80\x07\x38\x04\x60\xea\x00\x00\x64\x00", .display = 7,
		.mode = { 1920, 1080, 60000, 100 }),
	ROW(WIRE_SET_MODE, "\x04\x00\xff\xff\x00\x00\x04\x03\x02\x01\xff\xff",
		.mode = { 65535, 0, 0x01020304, 65535 }),
	ROW(WIRE_CLOSE_DISPLAY, "\x05\x02\x01", .display = 2, .close_flags = 1),
	ROW(WIRE_REQUEST_KEYFRAME, "\x06\xff", .display = 255),
	ROW(WIRE_ACKNOWLEDGE, "\x07\x01\x04\x03\x02\x01", .display = 1, .acknowledged = 0x01020304),
	ROW(WIRE_PING, "\x08\x08\x07\x06\x05\x04\x03\x02\x01", .client_time = 0x0102030405060708),
	ROW(WIRE_SET_STREAM, "\x09\x01\x40\x1f\x00\x00\x30\x75\x00\x00", .display = 1,
		.stream = { 8000, 30000 }),
	ROW(WIRE_KEY, "\x10\x1e\x01\x01", .key = { 0x11e, true }),
	ROW(WIRE_POINTER_ABSOLUTE, "\x11\x01\xff\x00\x00\xff", .display = 1,
		.absolute = { 0xff, 0xff00 }),
	ROW(WIRE_POINTER_RELATIVE, "\x12\x00\xff\xff\xff\xff\x00\x00\x00\x80",
		.relative = { -1, INT32_MIN }),
	ROW(WIRE_POINTER_BUTTON, "\x13\x03\x10\x01\x00", .display = 3, .button = { 0x110, false }),
	ROW(WIRE_POINTER_AXIS, "\x14\x00\x01\x00\x0f\x00\x00\x88\xff\xff\xff",
		.axis = { 1, 15 * 256, -120 }),
	ROW(WIRE_RELEASE_ALL, "\x15", NOTHING),
	ROW(WIRE_TEXT, "\x16\x03\x00\xe2\x82\xac", .text = WORDS("\xe2\x82\xac")),

	ROW(WIRE_CHALLENGE, "\x81\x01\x00" THIRTY_TWO "\x03\x04\x00host",
		.challenge = { 1, nonce, 3, WORDS("host") }),
	ROW(WIRE_WELCOME, "\x82\x09\x00\x00\x00" THIRTY_TWO "\x01\x00x\x07\x00\x00\x00",
		.welcome = { 9, nonce, WORDS("x"), 7 }),
	ROW(WIRE_REFUSED, "\x83\x04\x00\x05\x00wrong", .notice = { 4, WORDS("wrong") }),
	ROW(WIRE_DISPLAY_OPENED,
		"\x84\x01\x02\x04\x03\x02\x01\x00\x05\xd0\x02\x60\xea\x00\x00\x96\x00\x02\x03\x00"
		"ada",
		.display = 1,
		.opened = { 2, 0x01020304, { 1280, 720, 60000, 150 }, 2, WORDS("ada") }),
	ROW(WIRE_DISPLAY_DECLINED,
		"\x85\x01\x07\x00\x04\x00"
		"busy\x03\x00"
		"ada\x00\x05\xd0\x02\x60\xea\x00\x00\x64\x00",
		.display = 1,
		.declined = { 7, WORDS("busy"), WORDS("ada"), { 1280, 720, 60000, 100 } }),
	ROW(WIRE_STREAM_CONFIG,
		"\x86\x01\x00\x05\xd0\x02\x0b\x00"
		"avc1.42e01f",
		.display = 1, .config = { 1280, 720, WORDS("avc1.42e01f") }),
	ROW(WIRE_PONG, "\x88\x01\0\0\0\0\0\0\0\x02\0\0\0\0\0\0\0", .pong = { 1, 2 }),
	ROW(WIRE_ENDED, "\x89\x05\x00\x00\x00", .notice = { 5, WORDS("") }),
	ROW(WIRE_NOTICE, "\x8a\x03\x00\x01\x00?", .notice = { 3, WORDS("?") }),
	ROW(WIRE_CONTROL, "\x17\x03\x09\0\0\0", .control = { 3, 9 }),
	ROW(WIRE_PERSON,
		"\x8b\x01\x01\x02\x02\x03\x02\x00\x05\0\0\0\x09\0\0\0\x03\x00"
		"ada",
		.display = 1, .person = { 1, 2, 2, 3, 2, 5, 9, WORDS("ada") }),
	ROW(WIRE_CONTROL_STATE,
		"\x8c\x01\x09\0\0\0\x08\0\0\0\x01\x00\x02\x00\x10\x27\0\0\x03\x00"
		"ada\x02\x00"
		"bo\x08\x00\x05\0\0\0\x00\0\0\0",
		.control_state = { 1, 9, 8, 1, 2, 10000, WORDS("ada"), WORDS("bo"),
			BLOB("\x05\0\0\0\0\0\0\0") }),
	ROW(WIRE_GRANTS, "\x8d\x03\0\0\0\x3c\0\0\0", .grants = { 3, 60 }),
	ROW(WIRE_POINTER, "\x8e\x01\x01\x05\0\0\0\x80\x02\x68\x01", .display = 1,
		.pointer = { true, 5, 640, 360 }),
	ROW(WIRE_LISTEN, "\x18\x01\x06\x40\x01\0\0", .listen = { 1, 6, 320 }),
	ROW(WIRE_MICROPHONE, "\x19\x04\x03\x02\x01", .microphone = { 0x01020304, { 0 } }),
	ROW(WIRE_GAMEPAD,
		"\x1a\x03\x01\x00\x01\x00\x00\x80\xff\x7f\xff\xff\x01\x00\xff\xff\x00\x01",
		.gamepad = { 3, 0x10001, INT16_MIN, INT16_MAX, -1, 1, UINT16_MAX, 256 }),
	ROW(WIRE_GAMEPAD_PLUG, "\x1b\x02\x01\x03\x03\x00pad",
		.gamepad_plug = { 2, true, WIRE_GAMEPAD_SWITCH, WORDS("pad") }),
	ROW(WIRE_OPEN_APP, "\x1c\x01\x80\x07\x38\x04\x60\xea\x00\x00\x64\x00\x04\x00game",
		.display = 1, .open_app = { { 1920, 1080, 60000, 100 }, WORDS("game") }),
	ROW(WIRE_AUDIO_CONFIG,
		"\x8f\x02\x32\x00\x80\xbb\0\0\x04\x00opus\x13\x00OpusHead01234567"
		"abc",
		.audio_config = { 2, 50, 48000, WORDS("opus"), BLOB("OpusHead01234567abc") }),
	ROW(WIRE_AUDIO, "\x90\x04\x03\x02\x01\x08\x07\x06\x05\x04\x03\x02\x01\xfc",
		.audio = { 0x01020304, 0x0102030405060708, BLOB("\xfc") }),
	ROW(WIRE_RUMBLE, "\x91\x01\xff\xff\x00\x80\xf4\x01", .rumble = { 1, 0xffff, 0x8000, 500 }),
	ROW(WIRE_APPS, "\x92\x02\x00" TWO_APPS,
		.apps = { (const uint8_t *)TWO_APPS, sizeof TWO_APPS - 1, 2 }),
	ROW(WIRE_APPS, "\x92\x00\x00", .apps = { NULL, 0, 0 }),
	ROW(WIRE_SOUND, "\x93\x0d\x04\x00none", .sound = { 13, WORDS("none") }),
	ROW(WIRE_GET_ICON, "\x1d\x04\x00game", .get_icon = WORDS("game")),
	ROW(WIRE_APP, "\x94\x05\x04\x00game", .app = { 5, WORDS("game") }),
	ROW(WIRE_ICON, "\x95\x03\x04\x00game", .icon = { WIRE_ICON_WEBP, WORDS("game"), { 0 } }),
#undef ROW
};
#define ROWS (sizeof rows / sizeof *rows)

/* A copy of exactly that size, so that a read beyond its end is an error to the address sanitizer. */
static uint8_t *exact_copy(const void *bytes, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);
	assert_non_null(copy);
	memcpy(copy, bytes, size);
	return copy;
}

static const char *decode_copy(const void *bytes, size_t size, struct wire_message *message)
{
	uint8_t *copy = exact_copy(bytes, size);
	const char *fault = wire_decode(copy, size, message);
	free(copy);
	return fault;
}

static void every_message_encodes_to_the_documented_bytes(void **state)
{
	for (size_t i = 0; i < ROWS; i++) {
		uint8_t bytes[WIRE_CLIENT_MESSAGE_MAX];
		assert_int_equal(wire_encode(&rows[i].message, bytes, sizeof bytes), rows[i].size);
		assert_memory_equal(bytes, rows[i].bytes, rows[i].size);
	}
}

static void every_message_survives_decoding_and_encoding(void **state)
{
	for (size_t i = 0; i < ROWS; i++) {
		struct wire_message message;
		uint8_t *copy = exact_copy(rows[i].bytes, rows[i].size);
		const char *fault = wire_decode(copy, rows[i].size, &message);
		if (fault)
			fail_msg("%s: %s", wire_type_name(rows[i].message.type), fault);
		assert_int_equal(message.type, rows[i].message.type);
		assert_int_equal(message.display, rows[i].message.display);
		uint8_t bytes[WIRE_CLIENT_MESSAGE_MAX];
		assert_int_equal(wire_encode(&message, bytes, sizeof bytes), rows[i].size);
		assert_memory_equal(bytes, rows[i].bytes, rows[i].size);
		free(copy);
	}
}

static void every_truncation_of_every_message_is_refused(void **state)
{
	for (size_t i = 0; i < ROWS; i++) {
		for (size_t size = 0; size < rows[i].size; size++) {
			struct wire_message message;
			if (!decode_copy(rows[i].bytes, size, &message))
				fail_msg("%s of %zu bytes was accepted",
					wire_type_name(rows[i].message.type), size);
		}
	}
}

/* Whatever stands behind its fields is its packet. */
static bool ends_with_a_packet(enum wire_type type)
{
	return type == WIRE_MICROPHONE || type == WIRE_AUDIO || type == WIRE_ICON;
}

static void a_byte_behind_any_message_is_refused_by_name(void **state)
{
	for (size_t i = 0; i < ROWS; i++) {
		if (ends_with_a_packet(rows[i].message.type))
			continue;
		uint8_t bytes[256] = { 0 };
		memcpy(bytes, rows[i].bytes, rows[i].size);
		struct wire_message message;
		const char *fault = decode_copy(bytes, rows[i].size + 1, &message);
		assert_non_null(fault);
		const char *name = wire_type_name(rows[i].message.type);
		assert_memory_equal(fault, name, strlen(name));
		assert_non_null(strstr(fault, "wrong size"));
	}
}

static void an_encoder_never_writes_beyond_its_capacity(void **state)
{
	for (size_t i = 0; i < ROWS; i++) {
		for (size_t capacity = 0; capacity < rows[i].size; capacity++) {
			uint8_t *bytes = malloc(capacity ? capacity : 1);
			assert_int_equal(wire_encode(&rows[i].message, bytes, capacity), 0);
			free(bytes);
		}
	}
}

static void types_without_a_message_are_refused(void **state)
{
	uint8_t bytes[6000] = { 0 };
	struct wire_message message;
	for (unsigned type = 0; type < 256; type++) {
		const bool known = (type >= 0x01 && type <= 0x09) ||
			(type >= 0x10 && type <= 0x1d) || (type >= 0x81 && type <= 0x95);
		bytes[0] = (uint8_t)type;
		const char *fault = wire_decode(bytes, sizeof bytes, &message);
		assert_non_null(fault); /* no message is 5999 zeros long */
		assert_int_equal(strstr(fault, "unknown") == NULL, known && type != WIRE_FRAME);
		assert_int_equal(strcmp(wire_type_name(type), "unknown") != 0, known);
		assert_int_equal(wire_type_is_client(type), known && type < 0x80);
		message = (struct wire_message){ .type = type };
		if (!known || type == WIRE_FRAME)
			assert_int_equal(wire_encode(&message, bytes, sizeof bytes), 0);
	}
	assert_string_equal(wire_type_name(WIRE_KEY), "KEY");
	assert_string_equal(wire_type_name(WIRE_DISPLAY_OPENED), "DISPLAY_OPENED");
	assert_string_equal(wire_type_name((enum wire_type)4096), "unknown");
}

static void decoded_input_has_its_values(void **state)
{
	struct wire_message message;
	assert_null(wire_decode((const uint8_t *)"\x10\x1e\x01\x01", 4, &message));
	assert_int_equal(message.key.code, 0x11e);
	assert_true(message.key.pressed);
	assert_null(wire_decode(
		(const uint8_t *)"\x12\x05\xff\xff\xff\xff\x00\x00\x00\x80", 10, &message));
	assert_int_equal(message.display, 5);
	assert_int_equal(message.relative.dx, -1);
	assert_int_equal(message.relative.dy, INT32_MIN);
	assert_null(wire_decode(
		(const uint8_t *)"\x14\x00\x01\x00\x0f\x00\x00\x88\xff\xff\xff", 11, &message));
	assert_int_equal(message.axis.axis, 1);
	assert_int_equal(message.axis.distance, 15 * 256);
	assert_int_equal(message.axis.v120, -120);
}

static void a_decoded_mode_is_as_it_was_sent(void **state)
{
	struct wire_message message;
	assert_null(wire_decode(
		(const uint8_t *)"\x04\x00\xff\xff\x00\x00\x04\x03\x02\x01\xff\xff", 12, &message));
	const struct display_mode sent = { 65535, 0, 0x01020304, 65535 };
	assert_true(display_mode_equal(&message.mode, &sent));
}

static void decoded_strings_point_into_the_message(void **state)
{
	static const char bytes[] = "\x02\x02\x01" KEY SIGNATURE "\x06\x00"
				    "123456"
				    "\x02\x00\xc3\xa4";
	struct wire_message message;
	assert_null(wire_decode((const uint8_t *)bytes, sizeof bytes - 1, &message));
	assert_int_equal(message.attach.version, 0x102);
	assert_ptr_equal(message.attach.key, bytes + 3);
	assert_ptr_equal(message.attach.signature, bytes + 3 + WIRE_KEY_SIZE);
	assert_int_equal(message.attach.pin.size, 6);
	assert_memory_equal(message.attach.pin.bytes, "123456", 6);
	assert_ptr_equal(message.attach.label.bytes, bytes + sizeof bytes - 3);
	assert_int_equal(message.attach.label.size, 2);
}

static void a_value_out_of_range_is_refused_by_message_and_field(void **state)
{
	static const struct {
		const char *bytes;
		size_t size;
		const char *message, *field;
	} faults[] = {
#define FAULT(bytes, message, field) { bytes, sizeof(bytes) - 1, message, field }
		FAULT("\x01\x01\x00"
		      "\x02" SIXTY_FOUR SIGNATURE "\x01\x00x",
			"AUTHENTICATE:", "key"),
		FAULT("\x01\x01\x00" KEY SIGNATURE "\x00\x00", "AUTHENTICATE:", "label"),
		FAULT("\x01\x01\x00" KEY SIGNATURE "\x41\x00" SIXTY_FOUR "x",
			"AUTHENTICATE:", "label"),
		FAULT("\x01\x01\x00" KEY SIGNATURE "\x01\x00\xff", "AUTHENTICATE:", "label"),
		FAULT("\x01\x01\x00" KEY SIGNATURE "\x02\x00x\x00", "AUTHENTICATE:", "label"),
		FAULT("\x02\x01\x00" KEY SIGNATURE "\x11\x00" EIGHT EIGHT "8"
		      "\x01\x00x",
			"PAIR:", "pin"),
		FAULT("\x02\x01\x00" KEY SIGNATURE "\x01\x00\x80"
		      "\x01\x00x",
			"PAIR:", "pin"),
		FAULT("\x02\x01\x00" KEY SIGNATURE "\x01\x00"
		      "1"
		      "\x00\x00",
			"PAIR:", "label"),
		FAULT("\x02\x01\x00"
		      "\x00" SIXTY_FOUR SIGNATURE "\x01\x00"
		      "1\x01\x00x",
			"PAIR:", "key"),
		FAULT("\x05\x00\x02", "CLOSE_DISPLAY:", "flags"),
		FAULT("\x10\x1e\x00\x02", "KEY:", "pressed"),
		FAULT("\x13\x00\x10\x01\x02", "POINTER_BUTTON:", "pressed"),
		FAULT("\x13\x00\x0f\x01\x01", "POINTER_BUTTON:", "button"),
		FAULT("\x14\x00\x02\0\0\0\0\0\0\0\0", "POINTER_AXIS:", "axis"),
		FAULT("\x16\x01\x00\xff", "TEXT:", "text"),
		FAULT("\x81\x01\x00" THIRTY_TWO "\x00\x01\x00\xff", "CHALLENGE:", "name"),
		FAULT("\x82\x09\x00\x00\x00" THIRTY_TWO "\x00\x00\x07\x00\x00\x00",
			"WELCOME:", "label"),
		FAULT("\x83\x04\x00\x01\x00\xff", "REFUSED:", "text"),
		FAULT("\x84\x01\x02\x04\x03\x02\x01\x00\x05\xd0\x02\x60\xea\x00\x00\x96\x00\x02\x01"
		      "\x00"
		      "\xff",
			"DISPLAY_OPENED:", "holder"),
		FAULT("\x85\x01\x06\x00\x01\x00\xff\x00\x00\0\0\0\0\0\0\0\0\0\0",
			"DISPLAY_DECLINED:", "text"),
		FAULT("\x85\x01\x06\x00\x00\x00\x01\x00\xff\0\0\0\0\0\0\0\0\0\0",
			"DISPLAY_DECLINED:", "holder"),
		FAULT("\x86\x01\x00\x05\xd0\x02\x01\x00\xff", "STREAM_CONFIG:", "codec"),
		FAULT("\x89\x05\x00\x01\x00\xff", "ENDED:", "text"),
		FAULT("\x8a\x05\x00\x01\x00\xff", "NOTICE:", "text"),
		FAULT("\x18\x02\x02\0\0\0\0", "LISTEN:", "flags"),
		FAULT("\x18\x01\x05\0\0\0\0", "LISTEN:", "channels"),
		FAULT("\x18\x01\xff\0\0\0\0", "LISTEN:", "channels"),
		FAULT("\x1a\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", "GAMEPAD:", "pad"),
		FAULT("\x1a\x00\0\0\x02\0\0\0\0\0\0\0\0\0\0\0\0\0", "GAMEPAD:", "buttons"),
		FAULT("\x1b\x04\x01\x00\x00\x00", "GAMEPAD_PLUG:", "pad"),
		FAULT("\x1b\x00\x02\x00\x00\x00", "GAMEPAD_PLUG:", "plugged"),
		FAULT("\x1b\x00\x01\x04\x00\x00", "GAMEPAD_PLUG:", "kind"),
		FAULT("\x1b\x00\x01\x00\x41\x00" SIXTY_FOUR "x", "GAMEPAD_PLUG:", "name"),
		FAULT("\x1c\x00" EIGHT "01\x00\x00", "OPEN_APP:", "app"),
		FAULT("\x1c\x00" EIGHT "01\x01\x00\xff", "OPEN_APP:", "app"),
		FAULT("\x8f\x03\x32\x00\x80\xbb\0\0\x04\x00opus\x13\x00" EIGHT EIGHT "abc",
			"AUDIO_CONFIG:", "channels"),
		FAULT("\x8f\x02\x18\x00\x80\xbb\0\0\x04\x00opus\x13\x00" EIGHT EIGHT "abc",
			"AUDIO_CONFIG:", "frame"),
		FAULT("\x8f\x02\x32\x00\x81\xbb\0\0\x04\x00opus\x13\x00" EIGHT EIGHT "abc",
			"AUDIO_CONFIG:", "sample rate"),
		FAULT("\x8f\x02\x32\x00\x80\xbb\0\0\x00\x00\x13\x00" EIGHT EIGHT "abc",
			"AUDIO_CONFIG:", "codec"),
		FAULT("\x8f\x02\x32\x00\x80\xbb\0\0\x04\x00opus\x12\x00" EIGHT EIGHT "ab",
			"AUDIO_CONFIG:", "OpusHead"),
		FAULT("\x90\0\0\0\0" EIGHT, "AUDIO:", "packet"),
		FAULT("\x91\x04\0\0\0\0\0\0", "RUMBLE:", "pad"),
		FAULT("\x92\x01\x01", "APPS:", "apps"),
		FAULT("\x92\x01\x00\x00\x00\x01\x00x\x00", "APPS:", "id"),
		FAULT("\x92\x01\x00\x01\x00x\x01\x00\xff\x00", "APPS:", "name"),
		FAULT("\x93\x00\x01\x00\xff", "SOUND:", "reason"),
		FAULT("\x1d\x00\x00", "GET_ICON:", "app"),
		FAULT("\x1d\x41\x00" SIXTY_FOUR "x", "GET_ICON:", "app"),
		FAULT("\x94\x00\x00\x00", "APP:", "id"),
		FAULT("\x95\x04\x01\x00x", "ICON:", "format"),
		FAULT("\x95\x01\x01\x00\xff", "ICON:", "id"),
#undef FAULT
	};
	for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
		struct wire_message message;
		const char *fault = decode_copy(faults[i].bytes, faults[i].size, &message);
		if (!fault || !strstr(fault, faults[i].message) || !strstr(fault, faults[i].field))
			fail_msg("fault %zu (%s %s): %s", i, faults[i].message, faults[i].field,
				fault ? fault : "accepted");
	}
}

static void the_longest_pin_label_and_text_are_accepted(void **state)
{
	static const char pair[] =
		"\x02\x01\x00" KEY SIGNATURE "\x10\x00" EIGHT EIGHT "\x40\x00" SIXTY_FOUR;
	struct wire_message message;
	assert_null(decode_copy(pair, sizeof pair - 1, &message));

	uint8_t text[3 + WIRE_TEXT_MAX + 1] = { WIRE_TEXT, 0x00, 0x10 };
	memset(text + 3, 'a', WIRE_TEXT_MAX + 1);
	assert_null(decode_copy(text, 3 + WIRE_TEXT_MAX, &message));
	assert_int_equal(message.text.size, WIRE_TEXT_MAX);
	text[1] = 1;
	assert_non_null(decode_copy(text, 3 + WIRE_TEXT_MAX + 1, &message));
}

static void a_packet_may_be_as_long_as_said_and_no_longer(void **state)
{
	static const struct {
		enum wire_type type;
		size_t header, most;
	} packets[] = {
		{ WIRE_MICROPHONE, 5, WIRE_MICROPHONE_PACKET_MAX },
		{ WIRE_AUDIO, 13, WIRE_AUDIO_PACKET_MAX },
		{ WIRE_ICON, 5, WIRE_ICON_MAX },
	};
	static uint8_t bytes[5 + WIRE_ICON_MAX + 1];
	for (size_t i = 0; i < sizeof packets / sizeof *packets; i++) {
		const size_t longest = packets[i].header + packets[i].most;
		struct wire_message message;
		memset(bytes, 0, sizeof bytes);
		bytes[0] = (uint8_t)packets[i].type;
		if (packets[i].type == WIRE_ICON)
			memcpy(bytes + 2, "\x01\x00x", 3);
		assert_null(wire_decode(bytes, longest, &message));
		const struct wire_blob packet = packets[i].type == WIRE_AUDIO ? message.audio.packet
			: packets[i].type == WIRE_ICON                        ? message.icon.bytes
						       : message.microphone.packet;
		assert_ptr_equal(packet.bytes, bytes + packets[i].header);
		assert_int_equal(packet.size, packets[i].most);
		const char *fault = wire_decode(bytes, longest + 1, &message);
		assert_non_null(fault);
		assert_non_null(strstr(fault, packets[i].type == WIRE_ICON ? "262144" : "packet"));
	}
}

static void a_list_of_apps_is_written_and_read_app_by_app(void **state)
{
	const struct wire_app written[] = {
		{ WORDS("game"), WORDS("Space Game"), WIRE_APP_ISOLATED | WIRE_APP_ICON },
		{ WORDS("term"), WORDS("\xc3\xa4"), WIRE_APP_RUNS },
	};
	uint8_t bytes[sizeof TWO_APPS - 1];
	size_t size = wire_app_write(bytes, sizeof bytes, &written[0]);
	assert_int_equal(wire_app_write(bytes + size, sizeof bytes - size - 1, &written[1]), 0);
	size += wire_app_write(bytes + size, sizeof bytes - size, &written[1]);
	assert_int_equal(size, sizeof bytes);
	assert_memory_equal(bytes, TWO_APPS, sizeof bytes);

	const struct wire_apps apps = { bytes, size, 2 };
	struct wire_app app;
	size_t offset = 0;
	for (size_t i = 0; i < 2; i++) {
		assert_true(wire_app_next(&apps, &offset, &app));
		assert_int_equal(app.id.size, written[i].id.size);
		assert_memory_equal(app.id.bytes, written[i].id.bytes, app.id.size);
		assert_int_equal(app.name.size, written[i].name.size);
		assert_memory_equal(app.name.bytes, written[i].name.bytes, app.name.size);
		assert_int_equal(app.flags, written[i].flags);
	}
	assert_false(wire_app_next(&apps, &offset, &app));
	assert_int_equal(wire_app_write(bytes, sizeof bytes,
				 &(struct wire_app){ WORDS(""), WORDS("nameless"), 0 }),
		0);
}

static void an_empty_pin_and_an_empty_text_are_accepted(void **state)
{
	static const char pair[] = "\x02\x01\x00" KEY SIGNATURE "\x00\x00"
				   "\x01\x00x";
	struct wire_message message;
	assert_null(decode_copy(pair, sizeof pair - 1, &message));
	assert_null(decode_copy("\x16\x00\x00", 3, &message));
}

static void what_the_decoder_refuses_is_not_encoded(void **state)
{
	static const uint8_t compressed[WIRE_KEY_SIZE] = { 2 };
	const struct wire_message faults[] = {
		{ .type = WIRE_OPEN_DISPLAY, .mode = { 65536, 1080, 60000, 100 } },
		{ .type = WIRE_OPEN_DISPLAY, .mode = { 1920, 65536, 60000, 100 } },
		{ .type = WIRE_SET_MODE, .mode = { 1920, 1080, 60000, 65536 } },
		{ .type = WIRE_DISPLAY_OPENED, .opened.mode = { 65536, 1080, 60000, 100 } },
		{ .type = WIRE_CLOSE_DISPLAY, .close_flags = 2 },
		{ .type = WIRE_POINTER_AXIS, .axis.axis = 2 },
		{ .type = WIRE_POINTER_BUTTON, .button.code = 1 },
		{ .type = WIRE_TEXT, .text = WORDS("\xff") },
		{ .type = WIRE_AUTHENTICATE, .attach = { 1, key, signature, { 0 }, WORDS("") } },
		{ .type = WIRE_AUTHENTICATE,
			.attach = { 1, compressed, signature, { 0 }, WORDS("x") } },
		{ .type = WIRE_AUTHENTICATE, .attach = { 1, NULL, signature, { 0 }, WORDS("x") } },
		{ .type = WIRE_CHALLENGE, .challenge = { 1, NULL, 0, WORDS("x") } },
		{ .type = WIRE_REFUSED, .notice = { 1, WORDS("\xc0\x80") } },
		{ .type = WIRE_LISTEN, .listen = { 1, 4, 0 } },
		{ .type = WIRE_GAMEPAD, .gamepad.buttons = 1u << 17 },
		{ .type = WIRE_AUDIO, .audio = { 1, 1, { 0 } } },
		{ .type = WIRE_APPS,
			.apps = { (const uint8_t *)TWO_APPS, sizeof TWO_APPS - 1, 1 } },
		{ .type = WIRE_APPS,
			.apps = { (const uint8_t *)TWO_APPS, sizeof TWO_APPS - 1, 3 } },
		{ .type = WIRE_APPS, .apps = { NULL, 0, 1 } },
	};
	uint8_t bytes[256];
	for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
		assert_int_equal(wire_encode(&faults[i], bytes, sizeof bytes), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_message_encodes_to_the_documented_bytes),
		cmocka_unit_test(every_message_survives_decoding_and_encoding),
		cmocka_unit_test(every_truncation_of_every_message_is_refused),
		cmocka_unit_test(a_byte_behind_any_message_is_refused_by_name),
		cmocka_unit_test(an_encoder_never_writes_beyond_its_capacity),
		cmocka_unit_test(types_without_a_message_are_refused),
		cmocka_unit_test(decoded_input_has_its_values),
		cmocka_unit_test(a_decoded_mode_is_as_it_was_sent),
		cmocka_unit_test(decoded_strings_point_into_the_message),
		cmocka_unit_test(a_value_out_of_range_is_refused_by_message_and_field),
		cmocka_unit_test(the_longest_pin_label_and_text_are_accepted),
		cmocka_unit_test(a_packet_may_be_as_long_as_said_and_no_longer),
		cmocka_unit_test(a_list_of_apps_is_written_and_read_app_by_app),
		cmocka_unit_test(an_empty_pin_and_an_empty_text_are_accepted),
		cmocka_unit_test(what_the_decoder_refuses_is_not_encoded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
