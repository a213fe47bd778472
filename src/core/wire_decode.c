#include "core/wire_bytes.h"

static struct wire_string get_string(struct wire_reader *reader)
{
	const uint16_t size = wire_get_u16(reader);
	if ((size_t)(reader->end - reader->at) < size)
		reader->failed = true;
	if (reader->failed)
		return (struct wire_string){ "", 0 };
	const struct wire_string string = { (const char *)reader->at, size };
	reader->at += size;
	return string;
}

static const char *check_string(struct wire_string string, size_t most, const char *fault)
{
	return string.size > most || !wire_utf8_valid(string.bytes, string.size) ? fault : NULL;
}

static const char *decode_attach(struct wire_reader *reader, struct wire_message *message)
{
	message->attach.version = wire_get_u16(reader);
	message->attach.key = wire_take(reader, WIRE_KEY_SIZE);
	message->attach.signature = wire_take(reader, WIRE_SIGNATURE_SIZE);
	if (message->type == WIRE_PAIR)
		message->attach.pin = get_string(reader);
	message->attach.label = get_string(reader);
	if (reader->failed)
		return NULL;
	if (message->attach.key[0] != 4)
		return message->type == WIRE_PAIR ? "PAIR: the key is no uncompressed point"
						  : "AUTHENTICATE: the key is no uncompressed point";
	if (message->type == WIRE_PAIR && message->attach.pin.size > WIRE_PIN_MAX)
		return "PAIR: the PIN is longer than 16 bytes";
	if (message->attach.label.size == 0)
		return message->type == WIRE_PAIR ? "PAIR: the label is empty"
						  : "AUTHENTICATE: the label is empty";
	return check_string(message->attach.label, WIRE_LABEL_MAX,
		message->type == WIRE_PAIR ? "PAIR: the label is longer than 64 bytes or no UTF-8"
					   : "AUTHENTICATE: the label is longer than 64 bytes or no UTF-8");
}

static struct display_mode get_mode(struct wire_reader *reader)
{
	struct display_mode mode;
	mode.width_px = wire_get_u16(reader);
	mode.height_px = wire_get_u16(reader);
	mode.refresh_mhz = wire_get_u32(reader);
	mode.scale_percent = wire_get_u16(reader);
	return mode;
}

static const char *get_bool(struct wire_reader *reader, bool *value, const char *fault)
{
	const uint8_t byte = wire_get_u8(reader);
	*value = byte == 1;
	return byte > 1 ? fault : NULL;
}

static const char *decode_input(struct wire_reader *reader, struct wire_message *message)
{
	switch (message->type) {
	case WIRE_KEY:
		message->key.code = wire_get_u16(reader);
		return get_bool(reader, &message->key.pressed, "KEY: pressed is neither 0 nor 1");
	case WIRE_POINTER_ABSOLUTE:
		message->display = wire_get_u8(reader);
		message->absolute.x = wire_get_u16(reader);
		message->absolute.y = wire_get_u16(reader);
		return NULL;
	case WIRE_POINTER_RELATIVE:
		message->display = wire_get_u8(reader);
		message->relative.dx = (int32_t)wire_get_u32(reader);
		message->relative.dy = (int32_t)wire_get_u32(reader);
		return NULL;
	case WIRE_POINTER_BUTTON:
		message->display = wire_get_u8(reader);
		message->button.code = wire_get_u16(reader);
		return get_bool(reader, &message->button.pressed,
			"POINTER_BUTTON: pressed is neither 0 nor 1");
	case WIRE_POINTER_AXIS:
		message->display = wire_get_u8(reader);
		message->axis.axis = wire_get_u8(reader);
		message->axis.distance = (int32_t)wire_get_u32(reader);
		message->axis.v120 = (int32_t)wire_get_u32(reader);
		return message->axis.axis > 1 ? "POINTER_AXIS: axis is neither 0 nor 1" : NULL;
	case WIRE_TEXT:
		message->text = get_string(reader);
		return check_string(message->text, WIRE_TEXT_MAX,
			"TEXT: longer than 4096 bytes, or no UTF-8");
	default:
		return NULL; /* RELEASE_ALL has no body */
	}
}

static const char *decode_request(struct wire_reader *reader, struct wire_message *message)
{
	switch (message->type) {
	case WIRE_OPEN_DISPLAY:
	case WIRE_SET_MODE:
		message->display = wire_get_u8(reader);
		message->mode = get_mode(reader);
		break;
	case WIRE_CLOSE_DISPLAY:
		message->display = wire_get_u8(reader);
		message->close_flags = wire_get_u8(reader);
		if (message->close_flags > WIRE_CLOSE_QUIT)
			return "CLOSE_DISPLAY: unknown flags";
		break;
	case WIRE_REQUEST_KEYFRAME:
		message->display = wire_get_u8(reader);
		break;
	case WIRE_ACKNOWLEDGE:
		message->display = wire_get_u8(reader);
		message->acknowledged = wire_get_u32(reader);
		break;
	case WIRE_PING:
		message->client_time = wire_get(reader, 8);
		break;
	default: /* SET_STREAM */
		message->display = wire_get_u8(reader);
		message->stream.max_kbps = wire_get_u32(reader);
		message->stream.max_rate_mhz = wire_get_u32(reader);
	}
	return NULL;
}

static const char *decode_notice(struct wire_reader *reader, struct wire_message *message)
{
	if (message->type == WIRE_DISPLAY_DECLINED)
		message->display = wire_get_u8(reader);
	message->notice.code = wire_get_u16(reader);
	message->notice.text = get_string(reader);
	return check_string(message->notice.text, UINT16_MAX, "a notice's text is no UTF-8");
}

static const char *decode_host(struct wire_reader *reader, struct wire_message *message)
{
	switch (message->type) {
	case WIRE_CHALLENGE:
		message->challenge.version = wire_get_u16(reader);
		message->challenge.nonce = wire_take(reader, WIRE_NONCE_SIZE);
		message->challenge.flags = wire_get_u8(reader);
		message->challenge.name = get_string(reader);
		return check_string(message->challenge.name, WIRE_LABEL_MAX,
			"CHALLENGE: the name is longer than 64 bytes or no UTF-8");
	case WIRE_WELCOME:
		message->welcome.session = wire_get_u32(reader);
		message->welcome.fingerprint = wire_take(reader, WIRE_FINGERPRINT_SIZE);
		message->welcome.label = get_string(reader);
		message->welcome.grants = wire_get_u32(reader);
		return check_string(message->welcome.label, WIRE_LABEL_MAX,
			"WELCOME: the label is longer than 64 bytes or no UTF-8");
	case WIRE_DISPLAY_OPENED:
		message->display = wire_get_u8(reader);
		message->opened.slot = wire_get_u8(reader);
		message->opened.generation = wire_get_u32(reader);
		message->opened.mode = get_mode(reader);
		message->opened.flags = wire_get_u8(reader);
		return NULL;
	case WIRE_STREAM_CONFIG:
		message->display = wire_get_u8(reader);
		message->config.width_px = wire_get_u16(reader);
		message->config.height_px = wire_get_u16(reader);
		message->config.codec = get_string(reader);
		return check_string(message->config.codec, WIRE_LABEL_MAX,
			"STREAM_CONFIG: the codec is longer than 64 bytes or no UTF-8");
	case WIRE_PONG:
		message->pong.client_time = wire_get(reader, 8);
		message->pong.host_time = wire_get(reader, 8);
		return NULL;
	default:
		return decode_notice(reader, message);
	}
}

struct wire_kind {
	enum wire_type type;
	const char *name, *wrong_size;
	const char *(*decode)(struct wire_reader *reader, struct wire_message *message);
};

#define KIND(type, decode) { WIRE_##type, #type, #type ": the body has the wrong size", decode }
static const struct wire_kind kinds[] = {
	KIND(AUTHENTICATE, decode_attach),
	KIND(PAIR, decode_attach),
	KIND(OPEN_DISPLAY, decode_request),
	KIND(SET_MODE, decode_request),
	KIND(CLOSE_DISPLAY, decode_request),
	KIND(REQUEST_KEYFRAME, decode_request),
	KIND(ACKNOWLEDGE, decode_request),
	KIND(PING, decode_request),
	KIND(SET_STREAM, decode_request),
	KIND(KEY, decode_input),
	KIND(POINTER_ABSOLUTE, decode_input),
	KIND(POINTER_RELATIVE, decode_input),
	KIND(POINTER_BUTTON, decode_input),
	KIND(POINTER_AXIS, decode_input),
	KIND(RELEASE_ALL, decode_input),
	KIND(TEXT, decode_input),
	KIND(CHALLENGE, decode_host),
	KIND(WELCOME, decode_host),
	KIND(REFUSED, decode_host),
	KIND(DISPLAY_OPENED, decode_host),
	KIND(DISPLAY_DECLINED, decode_host),
	KIND(STREAM_CONFIG, decode_host),
	KIND(PONG, decode_host),
	KIND(ENDED, decode_host),
	KIND(NOTICE, decode_host),
};
#undef KIND

static const struct wire_kind *kind_of(uint8_t type)
{
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		if (kinds[i].type == type)
			return &kinds[i];
	}
	return NULL;
}

const char *wire_decode(const uint8_t *bytes, size_t size, struct wire_message *message)
{
	*message = (struct wire_message){ 0 };
	if (size == 0)
		return "the message is empty";
	const struct wire_kind *kind = kind_of(bytes[0]);
	if (!kind)
		return "the message's type is unknown";
	struct wire_reader reader = { bytes + 1, bytes + size, false };
	message->type = kind->type;
	const char *fault = kind->decode(&reader, message);
	if (reader.failed || reader.at != reader.end)
		return kind->wrong_size;
	return fault;
}

bool wire_type_is_client(enum wire_type type)
{
	return type < WIRE_CHALLENGE;
}

const char *wire_type_name(enum wire_type type)
{
	if (type == WIRE_FRAME)
		return "FRAME";
	const struct wire_kind *kind = kind_of((uint8_t)type);
	return kind ? kind->name : "unknown";
}
