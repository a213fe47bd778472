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

bool wire_utf8_valid(const char *bytes, size_t size)
{
	for (size_t i = 0; i < size;) {
		const uint8_t lead = (uint8_t)bytes[i];
		uint8_t least, most;
		if (lead < 0x80) {
			if (lead == 0)
				return false;
			i++;
			continue;
		}
		const size_t length = (size_t)sequence_size(lead, &least, &most);
		if (length == 0 || size - i < length)
			return false;
		for (size_t k = 1; k < length; k++) {
			const uint8_t next = (uint8_t)bytes[i + k];
			if (next < least || next > most)
				return false;
			least = 0x80;
			most = 0xbf;
		}
		i += length;
	}
	return true;
}
