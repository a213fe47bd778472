#include "core/mode.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool within(uint32_t value, uint32_t least, uint32_t most)
{
	return value >= least && value <= most;
}

const char *display_mode_check(const struct display_mode *mode)
{
	if (!within(mode->width_px, DISPLAY_SIZE_MIN_PX, DISPLAY_SIZE_MAX_PX))
		return "the mode's width is not within 16 and 16384 pixels";
	if (!within(mode->height_px, DISPLAY_SIZE_MIN_PX, DISPLAY_SIZE_MAX_PX))
		return "the mode's height is not within 16 and 16384 pixels";
	if (!within(mode->refresh_mhz, DISPLAY_REFRESH_MIN_MHZ, DISPLAY_REFRESH_MAX_MHZ))
		return "the mode's refresh rate is not within 1 and 1000 Hz";
	if (!within(mode->scale_percent, DISPLAY_SCALE_MIN_PERCENT, DISPLAY_SCALE_MAX_PERCENT))
		return "the mode's scale is not within 50 and 400 percent";
	return NULL;
}

bool display_mode_equal(const struct display_mode *a, const struct display_mode *b)
{
	return a->width_px == b->width_px && a->height_px == b->height_px &&
		a->refresh_mhz == b->refresh_mhz && a->scale_percent == b->scale_percent;
}

/* "1.5" for 150, "2" for 200, "1.25" for 125. */
static void format_scale(uint32_t percent, char *buffer, size_t capacity)
{
	const uint32_t whole = percent / 100, part = percent % 100;
	if (part == 0)
		snprintf(buffer, capacity, " ×%" PRIu32, whole);
	else if (part % 10 == 0)
		snprintf(buffer, capacity, " ×%" PRIu32 ".%" PRIu32, whole, part / 10);
	else
		snprintf(buffer, capacity, " ×%" PRIu32 ".%02" PRIu32, whole, part);
}

char *display_mode_format(const struct display_mode *mode, char buffer[DISPLAY_MODE_TEXT_MAX])
{
	const int size = snprintf(buffer, DISPLAY_MODE_TEXT_MAX,
		"%" PRIu32 "x%" PRIu32 "@%" PRIu32 ".%03" PRIu32, mode->width_px, mode->height_px,
		mode->refresh_mhz / 1000, mode->refresh_mhz % 1000);
	if (mode->scale_percent != 100 && size > 0 && size < DISPLAY_MODE_TEXT_MAX)
		format_scale(
			mode->scale_percent, buffer + size, DISPLAY_MODE_TEXT_MAX - (size_t)size);
	return buffer;
}

/* Digits only: no sign, no blank. At most five of them, which is more than any size has. */
static const char *parse_size(const char *text, uint32_t *size)
{
	const char *end = text;
	for (*size = 0; *end >= '0' && *end <= '9' && end - text < 5; end++)
		*size = *size * 10 + (uint32_t)(*end - '0');
	return end == text || (*end >= '0' && *end <= '9') ? NULL : end;
}

/* "59.94" to thousandths; what is smaller is rounded. */
static const char *parse_refresh(const char *text, uint32_t *refresh_mhz)
{
	char *end;
	if (text[strspn(text, "0123456789.")] !=
		'\0') /* strtod takes "nan", "inf" and "0x1p4" too */
		return NULL;
	const double hz = strtod(text, &end);
	if (end == text || !(hz > 0 && hz <= 1e6))
		return NULL;
	*refresh_mhz = (uint32_t)(hz * 1000 + 0.5);
	return end;
}

bool display_mode_parse(const char *text, struct display_mode *mode)
{
	uint32_t width, height, refresh_mhz = 0;
	text = parse_size(text, &width);
	if (!text || *text != 'x')
		return false;
	text = parse_size(text + 1, &height);
	if (text && *text == '@')
		text = parse_refresh(text + 1, &refresh_mhz);
	if (!text || *text != '\0')
		return false;
	*mode = (struct display_mode){ width, height, refresh_mhz, 100 };
	return true;
}
