#include "settings/reading.h"

#include <stdio.h>
#include <string.h>

/* ~ and / are escaped. */
void reading_join(char place[READING_PLACE_MAX], const char *pointer, const char *member)
{
	snprintf(place, READING_PLACE_MAX, "%s", pointer);
	size_t size = strlen(place);
	if (size + 2 < READING_PLACE_MAX)
		place[size++] = '/';
	const size_t begin = size;
	for (; *member && size + 3 < READING_PLACE_MAX; member++) {
		if (*member == '~' || *member == '/') {
			place[size++] = '~';
			place[size++] = *member == '~' ? '0' : '1';
		} else {
			place[size++] = *member;
		}
	}
	if (((unsigned char)*member & 0xc0) == 0x80) {
		while (size > begin && ((unsigned char)place[size - 1] & 0xc0) == 0x80)
			size--;
		if (size > begin)
			size--;
	}
	place[size] = '\0';
}

static struct settings_fault *add_fault(
	struct settings_faults *faults, const char *pointer, const char *member)
{
	faults->total++;
	if (faults->count == SETTINGS_FAULTS_MAX)
		return NULL;
	struct settings_fault *fault = &faults->faults[faults->count++];
	if (member)
		reading_join(fault->pointer, pointer, member);
	else
		snprintf(fault->pointer, sizeof fault->pointer, "%s", pointer);
	return fault;
}

void reading_repair(struct settings_reading *reading, const char *pointer, const char *member,
	const char *text, const char *taken)
{
	struct settings_fault *fault = add_fault(reading->faults, pointer, member);
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

/* JSON has one kind of number: 3.0 and 1e3 are whole. One that does not fit is far out of any bounds either way. */
static bool whole_number(const json_t *json, json_int_t *value)
{
	const double far = 9e18;
	if (json_is_integer(json)) {
		*value = json_integer_value(json);
		return true;
	}
	if (!json_is_real(json))
		return false;
	const double real = json_real_value(json);
	*value = (json_int_t)(real > far ? far : real < -far ? -far : real);
	return real > far || real < -far || (double)*value == real;
}

bool reading_integer(struct settings_reading *reading, const char *pointer, const char *member,
	const json_t *json, json_int_t least, json_int_t most, json_int_t *value)
{
	char text[96], taken[24];
	snprintf(text, sizeof text, "a whole number from %lld to %lld is expected",
		(long long)least, (long long)most);
	if (!whole_number(json, value)) {
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
