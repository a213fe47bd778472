/*
 * A display-journal.json as it is found after a crash, or after somebody edited it: it is refused, or what the sway
 * backend makes of it is no more than what it could have written itself.
 */
#include <string.h>

#include "display/journal_text.h"
#include "display/sway/sway_notes.h"
#include "fuzz.h"

static void check_dark(const struct sway_notes *notes)
{
	struct sway_dark dark, found;
	char command[SWAY_DARK_COMMAND_MAX];
	const size_t count = sway_notes_dark_count(notes);
	for (size_t i = 0; i < count; i++) {
		FUZZ_ASSERT(sway_notes_dark(notes, i, &dark));
		FUZZ_ASSERT(dark.name[0] && !strpbrk(dark.name, " ;,\"'\n[]"));
		sway_dark_command(&dark, command);
		FUZZ_ASSERT(strlen(command) < sizeof command - 1);
		FUZZ_ASSERT(!strpbrk(command, ";,\"'\n[]"));
		sway_notes_find_dark(notes, dark.name, &found);
	}
}

/* Every note can be got rid of again, whatever it is. */
static void check_forgetting(struct sway_notes *notes)
{
	struct sway_dark dark;
	const json_t *made;
	while (json_is_string(json_array_get(made = sway_notes_made(notes), 0))) {
		char name[SOURCE_NAME_MAX];
		const char *first = json_string_value(json_array_get(made, 0));
		const size_t before = json_array_size(made);
		if (strlen(first) >= sizeof name)
			break;
		strcpy(name, first);
		sway_notes_forget_made(notes, name);
		FUZZ_ASSERT(json_array_size(sway_notes_made(notes)) < before);
	}
	for (size_t count; (count = sway_notes_dark_count(notes)) > 0;) {
		FUZZ_ASSERT(sway_notes_dark(notes, 0, &dark));
		sway_notes_forget_dark(notes, dark.name);
		FUZZ_ASSERT(sway_notes_dark_count(notes) < count);
		FUZZ_ASSERT(!sway_notes_find_dark(notes, dark.name, &dark));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	char reason[JOURNAL_TEXT_REASON_MAX] = "";
	const char *desktop;
	json_t *found;
	json_t *desktops = journal_text_read((const char *)bytes, size, reason);
	FUZZ_ASSERT(desktops || reason[0]);
	if (!desktops)
		return 0;
	json_object_foreach(desktops, desktop, found)
	{
		struct sway_notes notes = { .all = json_deep_copy(found) };
		check_dark(&notes);
		sway_notes_settle_create(&notes, json_object_get(found, "outputs"));
		check_forgetting(&notes);
		sway_notes_finish(&notes);
	}
	/* What is written is read again, and is the same. */
	char *text = journal_text_make(desktops);
	FUZZ_ASSERT(text);
	json_t *again = journal_text_read(text, strlen(text), reason);
	FUZZ_ASSERT(again && json_object_size(again) == json_object_size(desktops));
	json_decref(again);
	json_decref(desktops);
	free(text);
	return 0;
}
