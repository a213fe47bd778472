#include "display/journal_text.h"

#include <stdbool.h>
#include <stdio.h>

#define JOURNAL_VERSION 1

static bool are_notes(const json_t *desktops)
{
	const char *desktop;
	json_t *notes;
	json_object_foreach((json_t *)desktops, desktop, notes)
	{
		if (json_object_size(notes) == 0) /* also when it is no object */
			return false;
	}
	return json_is_object(desktops);
}

json_t *journal_text_read(const char *bytes, size_t size, char reason[JOURNAL_TEXT_REASON_MAX])
{
	json_error_t fault;
	json_t *text = json_loadb(bytes, size, JSON_REJECT_DUPLICATES, &fault);
	if (!text) {
		snprintf(
			reason, JOURNAL_TEXT_REASON_MAX, "line %d: %.120s", fault.line, fault.text);
		return NULL;
	}
	const json_t *version = json_object_get(text, "version");
	json_t *desktops = json_object_get(text, "desktops");
	if (json_integer_value(version) != JOURNAL_VERSION) {
		snprintf(reason, JOURNAL_TEXT_REASON_MAX, "its version is not %d", JOURNAL_VERSION);
		desktops = NULL;
	} else if (!are_notes(desktops)) {
		snprintf(reason, JOURNAL_TEXT_REASON_MAX, "\"desktops\" is no object of notes");
		desktops = NULL;
	}
	json_incref(desktops);
	json_decref(text);
	return desktops;
}

char *journal_text_make(const json_t *desktops)
{
	json_t *text = json_pack("{si sO}", "version", JOURNAL_VERSION, "desktops", desktops);
	char *bytes = text ? json_dumps(text, JSON_INDENT(1) | JSON_REAL_PRECISION(6)) : NULL;
	json_decref(text);
	return bytes;
}
