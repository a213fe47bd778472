#include "core/utf8.h"

#include "core/wire.h"

/* RFC 3629 §4: the range of the byte that follows each lead byte rules out overlong forms and surrogates. */
static int sequence_size(uint8_t lead, uint8_t *least, uint8_t *most)
{
	*least = 0x80;
	*most = 0xbf;
	if (lead >= 0xc2 && lead <= 0xdf)
		return 2;
	if (lead >= 0xe0 && lead <= 0xef) {
		if (lead == 0xe0)
			*least = 0xa0;
		if (lead == 0xed)
			*most = 0x9f;
		return 3;
	}
	if (lead >= 0xf0 && lead <= 0xf4) {
		if (lead == 0xf0)
			*least = 0x90;
		if (lead == 0xf4)
			*most = 0x8f;
		return 4;
	}
	return 0;
}

size_t utf8_next(const char *bytes, size_t size, uint32_t *point)
{
	static const uint8_t lead_bits[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	uint8_t least, most;
	if (size == 0)
		return 0;
	const uint8_t lead = (uint8_t)bytes[0];
	const size_t length = lead < 0x80 ? 1 : (size_t)sequence_size(lead, &least, &most);
	if (length == 0 || size < length)
		return 0;
	*point = lead & lead_bits[length];
	for (size_t i = 1; i < length; i++) {
		const uint8_t next = (uint8_t)bytes[i];
		if (next < least || next > most)
			return 0;
		*point = *point << 6 | (next & 0x3f);
		least = 0x80;
		most = 0xbf;
	}
	return length;
}

bool wire_utf8_valid(const char *bytes, size_t size)
{
	for (size_t i = 0; i < size;) {
		uint32_t point;
		const size_t length = utf8_next(bytes + i, size - i, &point);
		if (length == 0 || point == 0)
			return false;
		i += length;
	}
	return true;
}
