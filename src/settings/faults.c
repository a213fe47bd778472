#include "settings/faults.h"

#include <stdio.h>
#include <string.h>

/* ~ and / are escaped. */
void fault_place(char place[FAULT_POINTER_SIZE], const char *pointer, const char *member)
{
	snprintf(place, FAULT_POINTER_SIZE, "%s", pointer);
	size_t size = strlen(place);
	if (size + 2 < FAULT_POINTER_SIZE)
		place[size++] = '/';
	const size_t begin = size;
	for (; *member && size + 3 < FAULT_POINTER_SIZE; member++) {
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

struct settings_fault *fault_add(
	struct settings_faults *faults, const char *pointer, const char *member)
{
	faults->total++;
	if (faults->count == SETTINGS_FAULTS_MAX)
		return NULL;
	struct settings_fault *fault = &faults->faults[faults->count++];
	if (member)
		fault_place(fault->pointer, pointer, member);
	else
		snprintf(fault->pointer, sizeof fault->pointer, "%s", pointer);
	return fault;
}

bool fault_whole_number(const json_t *json, json_int_t *value)
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

char *fault_plain(char *text)
{
	for (char *at = text; *at; at++) {
		if ((unsigned char)*at < 0x20 || (unsigned char)*at >= 0x7f)
			*at = '?';
	}
	return text;
}

bool fault_memory_short(const char *text, size_t size)
{
	json_t *again = json_stringn_nocheck(text, size);
	json_decref(again);
	return !again;
}
