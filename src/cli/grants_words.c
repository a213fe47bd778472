#include "cli/grants_words.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli/texts.h"
#include "core/grants.h"

static bool add_planes(json_t *planes, const char *word)
{
	while (*word) {
		const size_t size = strcspn(word, ",");
		if (size > 0 && json_array_append_new(planes, json_stringn(word, size)) < 0)
			return false;
		word += size + (word[size] == ',');
	}
	return true;
}

json_t *grants_of_words(size_t count, char *const words[])
{
	enum grants_preset preset;
	if (count == 1 && grants_preset_parse(words[0], &preset) && preset != GRANTS_CUSTOM)
		return json_pack("{s:s}", "preset", words[0]);
	json_t *planes = json_array();
	bool good = planes;
	for (size_t i = 0; good && i < count; i++)
		good = add_planes(planes, words[i]);
	if (good)
		return json_pack("{s:o}", "planes", planes);
	json_decref(planes);
	return NULL;
}

char *view_grants(const json_t *grants, char buffer[VIEW_MAX])
{
	size_t i, size = 0;
	json_t *plane;
	const char *preset = view_text(grants, "preset");
	snprintf(buffer, VIEW_MAX, "%s", preset[0] ? preset : TEXT_NONE);
	if (strcmp(preset, grants_preset_name(GRANTS_CUSTOM)) != 0)
		return buffer;
	json_array_foreach(json_object_get(grants, "planes"), i, plane)
	{
		const char *word = json_string_value(plane);
		if (!word || size + strlen(word) + 3 > VIEW_MAX)
			break;
		size += (size_t)snprintf(
			buffer + size, VIEW_MAX - size, "%s%s", size ? ", " : "", word);
	}
	return buffer;
}

char *view_moment(const json_t *seconds, char buffer[VIEW_MAX])
{
	struct tm local;
	const time_t when = (time_t)json_integer_value(seconds);
	if (!json_is_integer(seconds) || !localtime_r(&when, &local) ||
		strftime(buffer, VIEW_MAX, "%Y-%m-%d %H:%M", &local) == 0)
		snprintf(buffer, VIEW_MAX, "%s", TEXT_NONE);
	return buffer;
}
