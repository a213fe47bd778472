#include "settings/reading.h"

#include <stdio.h>
#include <string.h>

void reading_repair(struct settings_reading *reading, const char *pointer, const char *member,
	const char *text, const char *taken)
{
	struct settings_fault *fault = fault_add(reading->faults, pointer, member);
	if (!fault)
		return;
	if (!reading->lenient)
		snprintf(fault->text, sizeof fault->text, "%s", text);
	else if (taken)
		snprintf(fault->text, sizeof fault->text, "%s; %s is taken", text, taken);
	else
		snprintf(fault->text, sizeof fault->text, "%s; it is left out", text);
}

void document_fault(
	struct settings_reading *reading, const char *pointer, const char *member, const char *text)
{
	reading_repair(reading, pointer, member, text, NULL);
}

bool reading_is_object(struct settings_reading *reading, const char *pointer, const json_t *json)
{
	if (json_is_object(json))
		return true;
	document_fault(reading, pointer, NULL, "an object is expected");
	return false;
}

bool reading_integer(struct settings_reading *reading, const char *pointer, const char *member,
	const json_t *json, json_int_t least, json_int_t most, json_int_t *value)
{
	char text[96], taken[24];
	snprintf(text, sizeof text, "a whole number from %lld to %lld is expected",
		(long long)least, (long long)most);
	if (!fault_whole_number(json, value)) {
		document_fault(reading, pointer, member, text);
		return false;
	}
	if (*value >= least && *value <= most)
		return true;
	*value = *value < least ? least : most;
	snprintf(taken, sizeof taken, "%lld", (long long)*value);
	reading_repair(reading, pointer, member, text, taken);
	return reading->lenient;
}

void reading_unknown_members(struct settings_reading *reading, const char *pointer,
	const json_t *json, const char *const *known, size_t count)
{
	const char *name;
	json_t *value;
	json_object_foreach((json_t *)json, name, value)
	{
		size_t i = 0;
		while (i < count && strcmp(known[i], name) != 0)
			i++;
		if (i == count)
			document_fault(reading, pointer, name, "there is no such field");
	}
}
