#include "display/journal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "display/journal_text.h"
#include "store/state_file.h"
#include "store/state_folder.h"

#define JOURNAL_FILE "display-journal.json"

static const struct state_document document = { JOURNAL_FILE, 1u << 20,
	"monitors that a crash has left dark are NOT turned on again, and outputs that it has left "
	"are "
	"NOT removed" };

struct display_journal {
	struct state_folder folder;
	json_t *desktops; /* name -> notes */
};

/* --- on the disk --- */

static int remove_file(int folder)
{
	if (unlinkat(folder, JOURNAL_FILE, 0) < 0)
		return errno == ENOENT ? 0 : -errno;
	return fsync(folder) < 0 ? -errno : 0;
}

static int write_file(int folder, const json_t *desktops)
{
	if (json_object_size(desktops) == 0)
		return remove_file(folder);
	char *text = journal_text_make(desktops);
	if (!text)
		return -ENOMEM;
	const int error = state_file_write(folder, JOURNAL_FILE, text, strlen(text));
	free(text);
	return error;
}

/* 0 with *desktops; an empty one when there is no file, or none that can be used. */
static int read_file(const struct state_folder *folder, json_t **desktops)
{
	char *bytes = NULL, reason[JOURNAL_TEXT_REASON_MAX];
	size_t size = 0;
	int error = state_folder_read(folder, &document, &bytes, &size);
	*desktops = NULL;
	if (error == 0 && bytes) {
		*desktops = journal_text_read(bytes, size, reason);
		if (!*desktops)
			error = state_folder_set_aside(folder, &document, reason);
		free(bytes);
	}
	if (error == 0 && !*desktops)
		*desktops = json_object();
	return error < 0 ? error : *desktops ? 0 : -ENOMEM;
}

/* --- the journal --- */

struct display_journal *display_journal_open(const char *state_folder)
{
	struct display_journal *journal = calloc(1, sizeof *journal);
	if (!journal)
		return NULL;
	journal->folder = STATE_FOLDER_NONE;
	int error = state_folder_open(&journal->folder, state_folder);
	if (error == 0)
		error = read_file(&journal->folder, &journal->desktops);
	if (error < 0) {
		fprintf(stderr, "lodged: %s/%s cannot be used: %s\n", state_folder, JOURNAL_FILE,
			strerror(-error));
		display_journal_close(journal);
		errno = -error;
		return NULL;
	}
	return journal;
}

void display_journal_close(struct display_journal *journal)
{
	if (!journal)
		return;
	json_decref(journal->desktops);
	state_folder_close(&journal->folder);
	free(journal);
}

const json_t *display_journal_notes(const struct display_journal *journal, const char *desktop)
{
	return json_object_get(journal->desktops, desktop);
}

/* What is in memory is what is on the disk: takes `desktops` over, and drops it on failure. */
static int replace(struct display_journal *journal, json_t *desktops)
{
	const int error = desktops ? write_file(journal->folder.descriptor, desktops) : -ENOMEM;
	if (error < 0) {
		json_decref(desktops);
		return error;
	}
	json_decref(journal->desktops);
	journal->desktops = desktops;
	return 0;
}

int display_journal_write(struct display_journal *journal, const char *desktop, const json_t *notes)
{
	const json_t *old = display_journal_notes(journal, desktop);
	if (json_object_size(notes) == 0 ? !old : json_equal(old, notes))
		return 0;
	json_t *desktops = json_copy(journal->desktops);
	json_t *copy = json_object_size(notes) > 0 ? json_deep_copy(notes) : NULL;
	int error = 0;
	if (copy)
		error = json_object_set_new(desktops, desktop, copy);
	else
		json_object_del(desktops, desktop);
	if (error < 0 || (!copy && json_object_size(notes) > 0)) {
		json_decref(desktops);
		return error < 0 ? -EINVAL : -ENOMEM; /* a name that is no UTF-8, or no memory */
	}
	return replace(journal, desktops);
}

int display_journal_sweep(struct display_journal *journal,
	bool (*each)(void *data, const char *desktop, const json_t *notes), void *data)
{
	const char *desktop;
	json_t *notes;
	json_t *kept = json_object();
	if (!kept)
		return -ENOMEM;
	json_object_foreach(journal->desktops, desktop, notes)
	{
		if (each(data, desktop, notes) && json_object_set(kept, desktop, notes) < 0) {
			json_decref(kept);
			return -ENOMEM;
		}
	}
	if (json_object_size(kept) == json_object_size(journal->desktops)) {
		json_decref(kept);
		return 0;
	}
	return replace(journal, kept);
}
