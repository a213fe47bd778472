#include "rfb.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SECURITY_NONE 1
#define ENCODING_RAW 0
#define ENCODING_TIGHT 7
#define ENCODING_DESKTOP_SIZE (-223)
#define ENCODING_QUALITY_8 (-24)
#define ENCODING_COMPRESSION_2 (-254)

enum client_message { SET_PIXEL_FORMAT = 0, SET_ENCODINGS = 2, UPDATE_REQUEST = 3, KEY_EVENT = 4 };
enum server_message { UPDATE = 0, COLOUR_MAP = 1, BELL = 2, CUT_TEXT = 3 };

static uint8_t *put(uint8_t *out, uint32_t number, size_t size)
{
	for (size_t i = 0; i < size; i++)
		out[i] = (uint8_t)(number >> (8 * (size - 1 - i)));
	return out + size;
}

static bool open_socket(struct rfb *rfb, const char *host, const char *port)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST };
	struct addrinfo *list;
	const int one = 1;
	if (getaddrinfo(host, port, &hints, &list) != 0)
		return rfb_fail(rfb, "a numeric address and port expected");
	rfb->fd = socket(list->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	const bool connected =
		rfb->fd >= 0 && connect(rfb->fd, list->ai_addr, list->ai_addrlen) == 0;
	freeaddrinfo(list);
	if (!connected)
		return rfb_fail(rfb, "no server there");
	setsockopt(rfb->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	return true;
}

static bool shake_hands(struct rfb *rfb)
{
	static const char version[] = "RFB 003.008\n";
	const uint8_t none = SECURITY_NONE, shared = 1;
	char theirs[sizeof version - 1];
	rfb_read(rfb, theirs, sizeof theirs);
	rfb_write(rfb, version, sizeof version - 1);
	bool offered = false;
	for (uint32_t count = rfb_read_number(rfb, 1); count && !rfb->failed; count--)
		offered |= rfb_read_number(rfb, 1) == SECURITY_NONE;
	if (!offered)
		return rfb_fail(rfb, "the server wants a password");
	rfb_write(rfb, &none, 1);
	if (rfb_read_number(rfb, 4) != 0)
		return rfb_fail(rfb, "the server refused");
	rfb_write(rfb, &shared, 1);
	return !rfb->failed;
}

static bool take_size(struct rfb *rfb, uint32_t width_px, uint32_t height_px)
{
	uint32_t *pixels = calloc((size_t)width_px * height_px, sizeof *pixels);
	if (!pixels)
		return rfb_fail(rfb, "out of memory");
	free(rfb->pixels);
	rfb->pixels = pixels;
	rfb->width_px = width_px;
	rfb->height_px = height_px;
	return true;
}

static bool choose_format(struct rfb *rfb)
{
	/* 32 bits, depth 24, little-endian, true colour, 8 bits each: red at 16, green at 8, blue at 0 */
	static const uint8_t format[] = { SET_PIXEL_FORMAT, 0, 0, 0, 32, 24, 0, 1, 0, 255, 0, 255,
		0, 255, 16, 8, 0, 0, 0, 0 };
	static const int32_t encodings[] = { ENCODING_TIGHT, ENCODING_RAW, ENCODING_DESKTOP_SIZE,
		ENCODING_QUALITY_8, ENCODING_COMPRESSION_2 };
	const uint32_t count = sizeof encodings / sizeof *encodings;
	uint8_t message[4 + sizeof encodings] = { SET_ENCODINGS, 0 };
	uint8_t *out = put(message + 2, count, 2);
	for (uint32_t i = 0; i < count; i++)
		out = put(out, (uint32_t)encodings[i], 4);
	return rfb_write(rfb, format, sizeof format) && rfb_write(rfb, message, sizeof message);
}

bool rfb_connect(struct rfb *rfb, const char *host, const char *port)
{
	rfb->fd = -1;
	rfb->jpeg = tjInitDecompress();
	if (!rfb->jpeg || !open_socket(rfb, host, port) || !shake_hands(rfb))
		return false;
	const uint32_t width_px = rfb_read_number(rfb, 2), height_px = rfb_read_number(rfb, 2);
	rfb_read(rfb, NULL, 16); /* its pixel format: ours is told instead */
	rfb_read(rfb, NULL, rfb_read_number(rfb, 4));
	return !rfb->failed && take_size(rfb, width_px, height_px) && choose_format(rfb);
}

void rfb_finish(struct rfb *rfb)
{
	for (uint32_t i = 0; i < RFB_TIGHT_STREAMS; i++) {
		if (rfb->stream_open[i])
			inflateEnd(&rfb->streams[i]);
	}
	if (rfb->jpeg)
		tjDestroy(rfb->jpeg);
	if (rfb->fd >= 0)
		close(rfb->fd);
	free(rfb->pixels);
	free(rfb->packed);
	free(rfb->unpacked);
}

bool rfb_request(struct rfb *rfb, bool incremental)
{
	uint8_t message[10] = { UPDATE_REQUEST, incremental };
	put(put(message + 6, rfb->width_px, 2), rfb->height_px, 2);
	return rfb_write(rfb, message, sizeof message);
}

bool rfb_key(struct rfb *rfb, uint32_t keysym, bool pressed)
{
	uint8_t message[8] = { KEY_EVENT, pressed };
	put(message + 4, keysym, 4);
	return rfb_write(rfb, message, sizeof message);
}

static bool draw_raw(struct rfb *rfb, const struct rfb_rect *rect)
{
	for (uint32_t row = 0; row < rect->height; row++)
		rfb_read(rfb, rfb->pixels + (size_t)(rect->y + row) * rfb->width_px + rect->x,
			(size_t)rect->width * 4);
	return !rfb->failed;
}

static bool handle_rect(struct rfb *rfb, bool *pixels)
{
	struct rfb_rect rect;
	rect.x = rfb_read_number(rfb, 2);
	rect.y = rfb_read_number(rfb, 2);
	rect.width = rfb_read_number(rfb, 2);
	rect.height = rfb_read_number(rfb, 2);
	const int32_t encoding = (int32_t)rfb_read_number(rfb, 4);
	if (rfb->failed)
		return false;
	if (encoding == ENCODING_DESKTOP_SIZE)
		return take_size(rfb, rect.width, rect.height) && rfb_request(rfb, false);
	if (rect.x + rect.width > rfb->width_px || rect.y + rect.height > rfb->height_px)
		return rfb_fail(rfb, "a rectangle lies outside of the framebuffer");
	*pixels |= rect.width && rect.height;
	if (encoding == ENCODING_TIGHT)
		return rfb_tight(rfb, &rect);
	if (encoding == ENCODING_RAW)
		return draw_raw(rfb, &rect);
	return rfb_fail(rfb, "an encoding that was not asked for");
}

static bool handle_update(struct rfb *rfb)
{
	bool pixels = false;
	rfb_read(rfb, NULL, 1);
	/* The next one is asked for before this one is decoded, as TigerVNC does. */
	const uint32_t count = rfb_read_number(rfb, 2);
	rfb_request(rfb, true);
	for (uint32_t i = 0; i < count; i++) {
		if (!handle_rect(rfb, &pixels))
			return false;
		rfb->drawn(rfb->data);
	}
	rfb->updates += pixels;
	return true;
}

bool rfb_handle(struct rfb *rfb)
{
	switch (rfb_read_number(rfb, 1)) {
	case UPDATE:
		return !rfb->failed && handle_update(rfb);
	case COLOUR_MAP:
		rfb_read(rfb, NULL, 3);
		return rfb_read(rfb, NULL, (size_t)rfb_read_number(rfb, 2) * 6);
	case BELL:
		return true;
	case CUT_TEXT:
		rfb_read(rfb, NULL, 3);
		return rfb_read(rfb, NULL, rfb_read_number(rfb, 4));
	default:
		return rfb_fail(rfb, "an unknown message");
	}
}
