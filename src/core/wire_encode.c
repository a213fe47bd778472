#include "core/wire_bytes.h"

static void put_u8(struct wire_writer *writer, uint32_t value)
{
	wire_put(writer, value, 1);
}

static void put_u16(struct wire_writer *writer, uint32_t value)
{
	wire_put(writer, value, 2);
}

static void put_u32(struct wire_writer *writer, uint32_t value)
{
	wire_put(writer, value, 4);
}

static void put_string(struct wire_writer *writer, struct wire_string string, size_t most)
{
	if (string.size > most || !wire_utf8_valid(string.bytes, string.size))
		writer->failed = true;
	put_u16(writer, string.size);
	wire_put_bytes(writer, string.bytes, string.size);
}

static void put_mode(struct wire_writer *writer, const struct display_mode *mode)
{
	if (mode->width_px > UINT16_MAX || mode->height_px > UINT16_MAX || mode->scale_percent > UINT16_MAX)
		writer->failed = true;
	put_u16(writer, mode->width_px);
	put_u16(writer, mode->height_px);
	put_u32(writer, mode->refresh_mhz);
	put_u16(writer, mode->scale_percent);
}

static void encode_attach(struct wire_writer *writer, const struct wire_message *message)
{
	put_u16(writer, message->attach.version);
	wire_put_bytes(writer, message->attach.key, WIRE_KEY_SIZE);
	wire_put_bytes(writer, message->attach.signature, WIRE_SIGNATURE_SIZE);
	if (message->type == WIRE_PAIR)
		put_string(writer, message->attach.pin, WIRE_PIN_MAX);
	put_string(writer, message->attach.label, WIRE_LABEL_MAX);
}

static void encode_input(struct wire_writer *writer, const struct wire_message *message)
{
	switch (message->type) {
	case WIRE_KEY:
		put_u16(writer, message->key.code);
		put_u8(writer, message->key.pressed);
		break;
	case WIRE_POINTER_ABSOLUTE:
		put_u8(writer, message->display);
		put_u16(writer, message->absolute.x);
		put_u16(writer, message->absolute.y);
		break;
	case WIRE_POINTER_RELATIVE:
		put_u8(writer, message->display);
		put_u32(writer, (uint32_t)message->relative.dx);
		put_u32(writer, (uint32_t)message->relative.dy);
		break;
	case WIRE_POINTER_BUTTON:
		put_u8(writer, message->display);
		put_u16(writer, message->button.code);
		put_u8(writer, message->button.pressed);
		break;
	case WIRE_POINTER_AXIS:
		put_u8(writer, message->display);
		put_u8(writer, message->axis.axis);
		put_u32(writer, (uint32_t)message->axis.distance);
		put_u32(writer, (uint32_t)message->axis.v120);
		break;
	case WIRE_TEXT:
		put_string(writer, message->text, WIRE_TEXT_MAX);
		break;
	default: /* RELEASE_ALL */
		break;
	}
}

static void encode_request(struct wire_writer *writer, const struct wire_message *message)
{
	switch (message->type) {
	case WIRE_OPEN_DISPLAY:
	case WIRE_SET_MODE:
		put_u8(writer, message->display);
		put_mode(writer, &message->mode);
		break;
	case WIRE_CLOSE_DISPLAY:
		put_u8(writer, message->display);
		put_u8(writer, message->close_flags);
		break;
	case WIRE_REQUEST_KEYFRAME:
		put_u8(writer, message->display);
		break;
	case WIRE_ACKNOWLEDGE:
		put_u8(writer, message->display);
		put_u32(writer, message->acknowledged);
		break;
	case WIRE_PING:
		wire_put(writer, message->client_time, 8);
		break;
	default: /* SET_STREAM */
		put_u8(writer, message->display);
		put_u32(writer, message->stream.max_kbps);
		put_u32(writer, message->stream.max_rate_mhz);
	}
}

static void encode_host(struct wire_writer *writer, const struct wire_message *message)
{
	switch (message->type) {
	case WIRE_CHALLENGE:
		put_u16(writer, message->challenge.version);
		wire_put_bytes(writer, message->challenge.nonce, WIRE_NONCE_SIZE);
		put_u8(writer, message->challenge.flags);
		put_string(writer, message->challenge.name, WIRE_LABEL_MAX);
		break;
	case WIRE_WELCOME:
		put_u32(writer, message->welcome.session);
		wire_put_bytes(writer, message->welcome.fingerprint, WIRE_FINGERPRINT_SIZE);
		put_string(writer, message->welcome.label, WIRE_LABEL_MAX);
		put_u32(writer, message->welcome.grants);
		break;
	case WIRE_DISPLAY_OPENED:
		put_u8(writer, message->display);
		put_u8(writer, message->opened.slot);
		put_u32(writer, message->opened.generation);
		put_mode(writer, &message->opened.mode);
		put_u8(writer, message->opened.flags);
		break;
	case WIRE_STREAM_CONFIG:
		put_u8(writer, message->display);
		put_u16(writer, message->config.width_px);
		put_u16(writer, message->config.height_px);
		put_string(writer, message->config.codec, WIRE_LABEL_MAX);
		break;
	case WIRE_PONG:
		wire_put(writer, message->pong.client_time, 8);
		wire_put(writer, message->pong.host_time, 8);
		break;
	case WIRE_REFUSED:
	case WIRE_DISPLAY_DECLINED:
	case WIRE_ENDED:
	case WIRE_NOTICE:
		if (message->type == WIRE_DISPLAY_DECLINED)
			put_u8(writer, message->display);
		put_u16(writer, message->notice.code);
		put_string(writer, message->notice.text, UINT16_MAX);
		break;
	default:
		writer->failed = true;
	}
}

size_t wire_encode(const struct wire_message *message, uint8_t *bytes, size_t capacity)
{
	struct wire_writer writer = { bytes, bytes + capacity, false };
	put_u8(&writer, message->type);
	if (message->type == WIRE_AUTHENTICATE || message->type == WIRE_PAIR)
		encode_attach(&writer, message);
	else if (message->type >= WIRE_OPEN_DISPLAY && message->type <= WIRE_SET_STREAM)
		encode_request(&writer, message);
	else if (message->type >= WIRE_KEY && message->type <= WIRE_TEXT)
		encode_input(&writer, message);
	else
		encode_host(&writer, message);
	return writer.failed ? 0 : (size_t)(writer.at - bytes);
}
