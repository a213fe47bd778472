#include "apps/plain_text.h"

#include <stdint.h>

#include "core/utf8.h"

bool plain_text(const char *bytes, size_t size)
{
	for (size_t at = 0; at < size;) {
		uint32_t point;
		const size_t length = utf8_next(bytes + at, size - at, &point);
		if (length == 0 || point < 0x20 || (point >= 0x7f && point < 0xa0) ||
			point == 0x2028 || point == 0x2029)
			return false;
		at += length;
	}
	return true;
}
