#include "apps/icon.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/file_bytes.h"

static uint32_t big_endian(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
		bytes[3];
}

static uint32_t little_endian(const uint8_t *bytes, size_t count)
{
	uint32_t value = 0;
	for (size_t i = 0; i < count; i++)
		value |= (uint32_t)bytes[i] << (8 * i);
	return value;
}

static bool is_small(uint32_t width, uint32_t height)
{
	return width >= 1 && width <= APP_ICON_SIDE_MAX && height >= 1 &&
		height <= APP_ICON_SIDE_MAX;
}

/* Its signature, and a head that begins with the size. */
static bool is_png(const uint8_t *bytes, size_t size)
{
	static const uint8_t head[] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n', 0, 0, 0, 13,
		'I', 'H', 'D', 'R' };
	return size >= sizeof head + 8 && memcmp(bytes, head, sizeof head) == 0 &&
		is_small(big_endian(bytes + sizeof head), big_endian(bytes + sizeof head + 4));
}

/* RFC 9649: three kinds of first chunk, each with the size somewhere else. */
static bool is_webp(const uint8_t *bytes, size_t size)
{
	if (size < 30 || memcmp(bytes, "RIFF", 4) != 0 || memcmp(bytes + 8, "WEBP", 4) != 0)
		return false;
	if (memcmp(bytes + 12, "VP8X", 4) == 0)
		return is_small(little_endian(bytes + 24, 3) + 1, little_endian(bytes + 27, 3) + 1);
	if (memcmp(bytes + 12, "VP8L", 4) == 0) {
		const uint32_t sides = little_endian(bytes + 21, 4);
		return bytes[20] == 0x2f &&
			is_small((sides & 0x3fff) + 1, (sides >> 14 & 0x3fff) + 1);
	}
	return memcmp(bytes + 12, "VP8 ", 4) == 0 && memcmp(bytes + 23, "\x9d\x01\x2a", 3) == 0 &&
		is_small(little_endian(bytes + 26, 2) & 0x3fff,
			little_endian(bytes + 28, 2) & 0x3fff);
}

struct text {
	const char *at, *end;
};

static bool begins(const struct text *text, const char *word)
{
	const size_t size = strlen(word);
	return (size_t)(text->end - text->at) >= size && memcmp(text->at, word, size) == 0;
}

/* Behind the next `word`; false when there is none. */
static bool skip_past(struct text *text, const char *word)
{
	const char *found = memmem(text->at, (size_t)(text->end - text->at), word, strlen(word));
	if (found)
		text->at = found + strlen(word);
	return found;
}

static bool is_blank(char letter)
{
	return letter == ' ' || letter == '\t' || letter == '\n' || letter == '\r';
}

/* A declaration of the kind of document; one with entities of its own is not for a picture. */
static bool skip_doctype(struct text *text)
{
	const char *close = memchr(text->at, '>', (size_t)(text->end - text->at));
	if (!close || memchr(text->at, '[', (size_t)(close - text->at)))
		return false;
	text->at = close + 1;
	return true;
}

/* XML whose first element is svg. What it may do is the business of whoever shows it: as a picture, nothing. */
static bool is_svg(const uint8_t *bytes, size_t size)
{
	struct text text = { (const char *)bytes, (const char *)bytes + size };
	if (memchr(bytes, '\0', size))
		return false;
	if (begins(&text, "\xef\xbb\xbf"))
		text.at += 3;
	for (;;) {
		while (text.at < text.end && is_blank(*text.at))
			text.at++;
		if (begins(&text, "<svg"))
			return text.end - text.at > 4 &&
				(is_blank(text.at[4]) || text.at[4] == '>' || text.at[4] == '/');
		const bool known = begins(&text, "<?") ? skip_past(&text, "?>")
			: begins(&text, "<!--")        ? skip_past(&text, "-->")
			: begins(&text, "<!DOCTYPE")   ? skip_doctype(&text)
						       : false;
		if (!known)
			return false;
	}
}

enum wire_icon_format app_icon_format(const uint8_t *bytes, size_t size)
{
	return is_png(bytes, size)     ? WIRE_ICON_PNG
		: is_webp(bytes, size) ? WIRE_ICON_WEBP
		: is_svg(bytes, size)  ? WIRE_ICON_SVG
				       : WIRE_ICON_NONE;
}

const char *app_icon_type(enum wire_icon_format format)
{
	switch (format) {
	case WIRE_ICON_PNG:
		return "image/png";
	case WIRE_ICON_SVG:
		return "image/svg+xml";
	case WIRE_ICON_WEBP:
		return "image/webp";
	case WIRE_ICON_NONE:
		break;
	}
	return "application/octet-stream";
}

static bool goes_up(const char *path)
{
	for (const char *at = path; (at = strstr(at, "/..")); at += 3) {
		if (at[3] == '/' || at[3] == '\0')
			return true;
	}
	return false;
}

/* The descriptor, or a negative errno. Nothing that could keep a reader waiting (a FIFO, a device) is read. */
static int open_file(const char *path, size_t *size)
{
	struct stat status;
	if (!path || path[0] != '/' || goes_up(path))
		return -EINVAL;
	const int file = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (file < 0)
		return -errno;
	int error = fstat(file, &status) < 0 ? -errno : 0;
	if (error == 0 && !S_ISREG(status.st_mode))
		error = -EINVAL;
	if (error == 0 && status.st_size > WIRE_ICON_MAX)
		error = -EFBIG;
	if (error == 0) {
		*size = (size_t)status.st_size;
		return file;
	}
	close(file);
	return error;
}

enum wire_icon_format app_icon_read(const char *path, uint8_t **bytes, size_t *size)
{
	enum wire_icon_format format = WIRE_ICON_NONE;
	*bytes = NULL;
	*size = 0;
	const int file = open_file(path, size);
	int error = file < 0 ? file : 0;
	if (error == 0) {
		*bytes = malloc(*size + 1);
		error = *bytes ? file_bytes_read_all(file, *bytes, *size) : -ENOMEM;
		close(file);
	}
	if (error == 0) {
		format = app_icon_format(*bytes, *size);
		error = format == WIRE_ICON_NONE ? -ENOTSUP : 0;
	}
	if (error == 0)
		return format;
	free(*bytes);
	*bytes = NULL;
	*size = 0;
	errno = -error;
	return WIRE_ICON_NONE;
}
