#include "api/grants.h"

#include <stdio.h>
#include <string.h>

#include "api/answer.h"
#include "api/body.h"
#include "core/grants.h"

#define SECONDS_MAX (30 * 24 * 3600)

json_t *api_grants(uint32_t planes)
{
	json_t *list = json_array();
	for (enum grant_plane plane = 0; plane < GRANT_PLANES; plane++) {
		if (planes >> plane & 1)
			json_array_append_new(list, json_string(grant_plane_name(plane)));
	}
	return json_pack("{s:s,s:o}", "preset", grants_preset_name(grants_preset_of(planes)),
		"planes", list);
}

static uint32_t read_words(const json_t *words, const char *pointer, struct settings_faults *faults)
{
	size_t index;
	json_t *word;
	uint32_t planes = 0;
	if (!json_is_array(words))
		api_fault(faults, pointer, "a list of planes is wanted");
	json_array_foreach(words, index, word)
	{
		enum grant_plane plane;
		if (json_is_string(word) && grant_plane_parse(json_string_value(word), &plane))
			planes |= 1u << plane;
		else
			api_fault(faults, pointer,
				"pointer, keyboard, gamepad, clipboard, microphone or launch is "
				"wanted");
	}
	return planes;
}

uint32_t api_read_planes(const json_t *object, const char *pointer, struct settings_faults *faults)
{
	char place[160];
	const json_t *words = json_object_get(object, "planes");
	const char *preset = json_string_value(json_object_get(object, "preset"));
	enum grants_preset found;
	if (words && !json_object_get(object, "preset")) {
		api_pointer(place, sizeof place, pointer, "planes");
		return read_words(words, place, faults);
	}
	api_pointer(place, sizeof place, pointer, "preset");
	if (preset && !words && grants_preset_parse(preset, &found) && found != GRANTS_CUSTOM)
		return grants_preset_planes(found);
	api_fault(faults, place, "full, controller or view is wanted, or planes instead of it");
	return 0;
}

static void read_term(const json_t *temporary, const char *pointer, int64_t now_s,
	struct grants_wish *wish, struct settings_faults *faults)
{
	static const char *const names[] = { "seconds", "until_leave", NULL };
	if (!json_is_object(temporary)) {
		api_fault(faults, pointer, "an object with seconds, until_leave or both is wanted");
		return;
	}
	api_body_known(temporary, pointer, names, faults);
	const int64_t seconds =
		api_body_integer(temporary, pointer, "seconds", 1, SECONDS_MAX, 0, faults);
	wish->temporary = true;
	wish->until_leave = json_is_true(json_object_get(temporary, "until_leave"));
	wish->until_s = seconds ? now_s + seconds : 0;
	if (!seconds && !wish->until_leave)
		api_fault(faults, pointer, "seconds, until_leave or both are wanted");
}

void api_read_grants(const json_t *object, const char *pointer, int64_t now_s,
	struct grants_wish *wish, struct settings_faults *faults)
{
	static const char *const names[] = { "preset", "planes", "temporary", NULL };
	char place[160];
	*wish = (struct grants_wish){ 0 };
	if (!json_is_object(object)) {
		api_fault(faults, pointer, "an object is wanted");
		return;
	}
	api_body_known(object, pointer, names, faults);
	wish->planes = api_read_planes(object, pointer, faults);
	const json_t *temporary = json_object_get(object, "temporary");
	api_pointer(place, sizeof place, pointer, "temporary");
	if (temporary)
		read_term(temporary, place, now_s, wish, faults);
}
