#include "cli/settings_change.h"

#include <stdio.h>
#include <string.h>

#include "cli/assignments.h"
#include "cli/texts.h"

/* What a preset rules of the policy. */
static const char *const ruled[] = { "keep_alive", "topology", "mode_conflict", "identity" };

static const char *text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));
	return text ? text : "";
}

/* Which of the words sets what; the last of each counts. */
static void look(size_t count, char *const assignments[], const char **preset, const char **field)
{
	for (size_t i = 0; i < count; i++) {
		if (assignment_is_of(assignments[i], "preset"))
			*preset = assignments[i];
		if (assignment_is_ruled(assignments[i]))
			*field = assignments[i];
	}
}

/* The document's layout keeps its places: they count whatever the preset is. */
static bool write_out(json_t *document, const json_t *effective)
{
	json_t *layout = json_object_get(document, "layout");
	json_t *mode = json_object_get(json_object_get(effective, "layout"), "mode");
	bool good = json_object_set_new(document, "preset", json_string("custom")) == 0;
	for (size_t i = 0; i < sizeof ruled / sizeof *ruled; i++) {
		json_t *value = json_object_get(effective, ruled[i]);
		good = good && value && json_object_set(document, ruled[i], value) == 0;
	}
	if (json_is_object(layout))
		return good && mode && json_object_set(layout, "mode", mode) == 0;
	return good && mode &&
		json_object_set_new(document, "layout", json_pack("{s:O}", "mode", mode)) == 0;
}

/* A document without a preset takes its fields for custom ones: the preset that is in force would be lost. */
static bool keep_preset(json_t *document, const json_t *effective)
{
	json_t *preset = json_object_get(effective, "preset");
	return json_object_get(document, "preset") || !json_object_get(document, "layout") ||
		(preset && json_object_set(document, "preset", preset) == 0);
}

json_t *settings_change(const json_t *settings, size_t count, char *const assignments[],
	const char **left, char *fault, size_t capacity)
{
	const json_t *effective = json_object_get(settings, "effective");
	const char *rules = text_of(effective, "preset");
	const char *source = text_of(json_object_get(settings, "sources"), "preset");
	const char *mode = text_of(json_object_get(effective, "layout"), "mode");
	const char *preset = NULL, *field = NULL;
	look(count, assignments, &preset, &field);
	*left = NULL;
	if (preset && field && strcmp(preset, "preset=custom") != 0 &&
		strcmp(preset, "preset=") != 0) {
		snprintf(fault, capacity, TEXT_PRESET_AND_FIELD, field);
		return NULL;
	}
	json_t *document = json_deep_copy(json_object_get(settings, "document"));
	snprintf(fault, capacity, "%s", TEXT_NO_MEMORY);
	/* What nobody chose is no preset to leave: its values are the defaults of each field. */
	const bool leaves = field && strcmp(rules, "custom") != 0 && strcmp(source, "default") != 0;
	bool good = document && (!leaves || write_out(document, effective));
	if (leaves)
		*left = rules;
	const bool was_bare = !json_object_get(document, "layout");
	for (size_t i = 0; good && i < count; i++)
		good = assignment_apply(
			document, ASSIGNMENT_SETTINGS, assignments[i], mode, fault, capacity);
	if (good && was_bare && !field)
		good = keep_preset(document, effective);
	if (good)
		return document;
	json_decref(document);
	return NULL;
}
