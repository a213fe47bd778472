/*
 * What the files of the settings share. Room: settings, private.
 *
 * A change is judged at once, against the outcome of those that are under way (`latest`); it waits in line for the disk,
 * one at a time; when it is written its state becomes `current`. One that cannot be written takes those behind it along:
 * they were judged by what did not come to be.
 */
#ifndef LODGE_SETTINGS_PRIVATE_H
#define LODGE_SETTINGS_PRIVATE_H

#include <sys/queue.h>

#include "settings/document.h"
#include "store/state_folder.h"

struct settings_change {
	STAILQ_ENTRY(settings_change) link;
	struct settings *settings;
	struct settings_state *state;
	bool presets; /* which of the files it writes */
	int error; /* of the disk, when it is among `answers` */
	settings_done done; /* NULL: nobody waits */
	void *data;
};

struct settings {
	struct settings_params params;
	struct policy_layer environment, command_line;
	struct state_folder folder;
	uint64_t revision;
	struct settings_state *current;
	const struct settings_state *latest; /* current, or the last change's */
	STAILQ_HEAD(change_list, settings_change) changes; /* the first is with the worker */
	struct change_list answers; /* decided; whoever waits is being told, one after the other */
	bool telling,
		closed; /* who is told may close the settings: they are freed when that call is over */
};

/* change.c: takes the state over. False with errno when nothing can be queued: then nothing has changed. */
bool settings_queue(struct settings *settings, struct settings_state *state, bool presets,
	settings_done done, void *data);
/* A copy to be altered. NULL when memory is short. */
struct settings_state *settings_copy(const struct settings_state *state);
/* No answer comes any more; what the worker has begun to write, it writes. */
void settings_drop_changes(struct settings *settings);

/* load.c: both files into `current`. Negative errno. */
int settings_load(struct settings *settings);

#endif
