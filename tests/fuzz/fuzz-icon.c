/* Any bytes as an app's picture: they are one kind, the same each time, and no kind is none of the table. */
#include "apps/icon.h"
#include "fuzz.h"
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	const enum wire_icon_format format = app_icon_format(bytes, size);
	FUZZ_ASSERT(format <= WIRE_ICON_WEBP);
	FUZZ_ASSERT(app_icon_format(bytes, size) == format);
	FUZZ_ASSERT(
		(strncmp(app_icon_type(format), "image/", 6) == 0) == (format != WIRE_ICON_NONE));
	return 0;
}
