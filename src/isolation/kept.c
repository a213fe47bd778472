#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "isolation/control_group.h"
#include "isolation/isolation_private.h"
#include "store/state_file.h"

#define ADOPTION_DEADLINE_US 60000000u
#define FOLDER_PREFIX "tree."

static void take_folder(struct isolation *isolation, const char *name)
{
	char folder[PATH_MAX];
	struct tree_remains remains;
	snprintf(folder, sizeof folder, "%s/%s", isolation->parent, name);
	const int error = tree_remains_take(&remains, folder);
	if (error == -EWOULDBLOCK || error == -ENOENT)
		return; /* another host's, or just gone */
	if (error < 0) {
		fprintf(stderr, "lodged: isolation: %s is not what a host leaves; it stays: %s\n",
			folder, strerror(-error));
		return;
	}
	struct kept_tree *kept = NULL;
	if (remains.pidfd >= 0 && remains.record.kept &&
		!isolation_find_kept(isolation, remains.record.name))
		kept = calloc(1, sizeof *kept);
	if (kept) {
		kept->remains = remains;
		LIST_INSERT_HEAD(&isolation->kept, kept, entry);
		return;
	}
	fprintf(stderr, "lodged: isolation: removing %s, which a host that ended had left\n",
		folder);
	tree_ending_begin(&isolation->endings, isolation->event, &remains);
}

static void end_kept(struct isolation *isolation, struct kept_tree *kept)
{
	LIST_REMOVE(kept, entry);
	tree_ending_begin(&isolation->endings, isolation->event, &kept->remains);
	free(kept);
}

static int on_adoption_deadline(sd_event_source *source, uint64_t usec, void *data)
{
	struct isolation *isolation = data;
	for (struct kept_tree *kept; (kept = LIST_FIRST(&isolation->kept));) {
		fprintf(stderr, "lodged: tree %s: nobody adopted it; it ends\n",
			kept->remains.record.name);
		end_kept(isolation, kept);
	}
	return 0;
}

void isolation_sweep(struct isolation *isolation)
{
	DIR *parent = opendir(isolation->parent);
	for (const struct dirent *entry; parent && (entry = readdir(parent));) {
		if (strncmp(entry->d_name, FOLDER_PREFIX, strlen(FOLDER_PREFIX)) == 0)
			take_folder(isolation, entry->d_name);
	}
	if (parent)
		closedir(parent);
	control_group_sweep(isolation->control_group);
	if (!LIST_EMPTY(&isolation->kept) &&
		sd_event_add_time_relative(isolation->event, &isolation->kept_deadline,
			CLOCK_MONOTONIC, ADOPTION_DEADLINE_US, 1000, on_adoption_deadline,
			isolation) < 0)
		on_adoption_deadline(NULL, 0, isolation);
}

struct kept_tree *isolation_find_kept(const struct isolation *isolation, const char *name)
{
	struct kept_tree *kept;
	LIST_FOREACH (kept, &isolation->kept, entry) {
		if (strcmp(kept->remains.record.name, name) == 0)
			return kept;
	}
	return NULL;
}

size_t isolation_kept(
	const struct isolation *isolation, char names[][ISOLATED_NAME_MAX], size_t capacity)
{
	const struct kept_tree *kept;
	size_t count = 0;
	LIST_FOREACH (kept, &isolation->kept, entry) {
		if (count < capacity)
			strcpy(names[count++], kept->remains.record.name);
	}
	return count;
}

int isolation_kept_note(const struct isolation *isolation, const char *name, size_t most,
	char **bytes, size_t *size)
{
	const struct kept_tree *kept = isolation_find_kept(isolation, name);
	return kept ? state_file_read(kept->remains.descriptor, TREE_NOTE, most, bytes, size)
		    : -ENOENT;
}

void isolation_end_kept(struct isolation *isolation, const char *name)
{
	struct kept_tree *kept = isolation_find_kept(isolation, name);
	if (kept)
		end_kept(isolation, kept);
}

void isolation_leave_kept(struct isolation *isolation)
{
	isolation->kept_deadline = sd_event_source_disable_unref(isolation->kept_deadline);
	for (struct kept_tree *kept; (kept = LIST_FIRST(&isolation->kept));) {
		LIST_REMOVE(kept, entry);
		tree_remains_leave(&kept->remains);
		free(kept);
	}
}
