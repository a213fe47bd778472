#include "api/json.h"

#include <stdlib.h>
#include <string.h>

#include "core/hex.h"
#include "core/wire.h"

json_t *api_text(const char *text)
{
	const size_t size = strlen(text);
	if (wire_utf8_valid(text, size))
		return json_stringn(text, size);
	char *copy = strdup(text);
	for (char *at = copy; at && *at; at++) {
		if (*at & 0x80)
			*at = '?';
	}
	json_t *json = copy ? json_stringn(copy, size) : NULL;
	free(copy);
	return json;
}

json_t *api_mode(const struct display_mode *mode)
{
	return json_pack("{s:i,s:i,s:f,s:i}", "width", (int)mode->width_px, "height",
		(int)mode->height_px, "refresh_hz", mode->refresh_mhz / 1000.0, "scale_percent",
		(int)mode->scale_percent);
}

json_t *api_place(const struct layout_rect *place)
{
	return json_pack("{s:i,s:i,s:I,s:I}", "x", place->x, "y", place->y, "width",
		(json_int_t)place->width, "height", (json_int_t)place->height);
}

void api_fingerprint_text(const uint8_t fingerprint[IDENTITY_FINGERPRINT_SIZE],
	char text[API_FINGERPRINT_TEXT_SIZE + 1])
{
	hex_write(fingerprint, IDENTITY_FINGERPRINT_SIZE, text);
}

json_t *api_fingerprint(const uint8_t fingerprint[IDENTITY_FINGERPRINT_SIZE], bool anonymous)
{
	char text[API_FINGERPRINT_TEXT_SIZE + 1];
	if (anonymous)
		return json_null();
	api_fingerprint_text(fingerprint, text);
	return json_string(text);
}

bool api_fingerprint_parse(const char *text, uint8_t fingerprint[IDENTITY_FINGERPRINT_SIZE])
{
	return hex_read(text, fingerprint, IDENTITY_FINGERPRINT_SIZE);
}

bool api_number_parse(const char *text, uint32_t most, uint32_t *number)
{
	uint64_t value = 0;
	if (*text < '1' || *text > '9')
		return false;
	for (; *text >= '0' && *text <= '9'; text++) {
		value = value * 10 + (uint64_t)(*text - '0');
		if (value > most)
			return false;
	}
	*number = (uint32_t)value;
	return *text == '\0';
}

json_t *api_seconds(uint64_t from_ns, uint64_t until_ns)
{
	const uint64_t span_ns = until_ns > from_ns ? until_ns - from_ns : 0;
	const uint64_t span_ms = span_ns / 1000000;
	return json_real((double)span_ms / 1000.0);
}

json_t *api_slot(int64_t slot)
{
	return slot < 0 ? json_null() : json_integer(slot);
}
