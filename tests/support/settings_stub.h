/*
 * The settings' door without files, for the API's tests: linked in place of src/settings. It stores one document and one
 * set of overrides a client as they come; a member "fault" anywhere at the top of either is a fault.
 */
#ifndef LODGE_TESTS_SETTINGS_STUB_H
#define LODGE_TESTS_SETTINGS_STUB_H

#include "settings/settings.h"

struct settings {
	sd_event *event; /* NULL: answers come when the test says so (settings_stub_finish) */
	json_t *document, *clients, *presets;
	uint64_t revision;
	struct display_policy policy;
	int error; /* of the answers */
	bool hold; /* no answer before settings_stub_finish, even with an event loop */
	struct settings_change *waiting;
	sd_event_source *answer;
	void (*changed)(void *data);
	void *changed_data;
};

void settings_stub_init(struct settings *settings, sd_event *event);
void settings_stub_clear(struct settings *settings);
/* Answers the changes that wait, in order. */
void settings_stub_finish(struct settings *settings);

#endif
