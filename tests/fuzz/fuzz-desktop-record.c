/*
 * The note in a kept tree's folder, which everything on that desktop could have written anew: it is refused, or it is one that a
 * host could have written.
 */
#include <string.h>

#include "desktops/desktop_record.h"
#include "fuzz.h"

static void check_display(const struct desktop_record *record, size_t index)
{
	const struct display_adoption *display = &record->displays[index];
	FUZZ_ASSERT(memcmp(display->identity, record->client, sizeof record->client) == 0);
	FUZZ_ASSERT(identity_key_valid(display->key.text));
	FUZZ_ASSERT(!display_mode_check(&display->mode));
	FUZZ_ASSERT(display->output[0] && !strpbrk(display->output, " ;,\"'\n[]"));
	for (const char *at = display->label; *at; at++)
		FUZZ_ASSERT((unsigned char)*at >= ' ' && *at != 0x7f);
	for (size_t i = 0; i < index; i++)
		FUZZ_ASSERT(strcmp(record->displays[i].output, display->output) != 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static struct desktop_record record, again;
	if (!desktop_record_parse((const char *)bytes, size, &record))
		return 0;
	FUZZ_ASSERT(record.count > 0 && record.count <= DESKTOP_DISPLAYS_MAX);
	for (size_t i = 0; i < record.count; i++)
		check_display(&record, i);
	const struct gamescope_handover *gamescope = &record.gamescope;
	FUZZ_ASSERT((record.compositor == COMPOSITOR_GAMESCOPE) == (gamescope->node_name[0] != 0));
	FUZZ_ASSERT(!strpbrk(gamescope->node_name, " ;,\"'\n[]{}"));
	FUZZ_ASSERT(!strchr(gamescope->said.wayland_name, '/'));
	char *text = desktop_record_format(&record);
	FUZZ_ASSERT(text && strlen(text) <= DESKTOP_RECORD_MAX);
	FUZZ_ASSERT(desktop_record_parse(text, strlen(text), &again));
	FUZZ_ASSERT(memcmp(&again, &record, sizeof record) == 0);
	free(text);
	return 0;
}
