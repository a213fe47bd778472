#include "settings/confinement_words.h"

#include <string.h>

json_t *confinement_from_words(const char *words)
{
	const size_t size = strcspn(words, ",");
	json_t *devices = words[size] ? json_array() : NULL;
	for (const char *rest = words + size; *rest;) {
		const size_t length = strcspn(++rest, ",");
		if (json_array_append_new(devices, json_stringn(rest, length)) < 0) {
			json_decref(devices);
			return NULL;
		}
		rest += length;
	}
	return json_pack("{s:s%, s:o*}", "mode", words, size, "devices", devices);
}
