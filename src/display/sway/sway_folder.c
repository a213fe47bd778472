#include "display/sway/sway_folder.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "display/sway/sway_identity.h"
#include "display/sway/sway_leftovers.h"

#define DESKTOP_PREFIX "sway-folder:"
#define NAME_PREFIX "sway."
#define NAME_RANDOM 6
#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

#define DESKTOP_MAX (PATH_MAX + SWAY_IDENTITY_MAX + sizeof DESKTOP_PREFIX)

static bool make_desktop(const char *folder, char desktop[DESKTOP_MAX])
{
	char identity[SWAY_IDENTITY_MAX];
	return sway_identity_of(getpid(), identity) &&
		snprintf(desktop, DESKTOP_MAX, DESKTOP_PREFIX "%s:%s", folder, identity) <
		(int)DESKTOP_MAX;
}

static void write_note(struct display_journal *journal, const char *folder, const json_t *notes)
{
	char desktop[DESKTOP_MAX];
	if (!journal)
		return;
	const int error = make_desktop(folder, desktop)
		? display_journal_write(journal, desktop, notes)
		: -ENAMETOOLONG;
	if (error < 0)
		fprintf(stderr, "lodged: sway: the folder %s cannot be noted: %s\n", folder,
			strerror(-error));
}

void sway_folder_note(struct display_journal *journal, const char *folder)
{
	json_t *notes = json_pack("{ss}", "folder", folder);
	write_note(journal, folder, notes);
	json_decref(notes);
}

void sway_folder_forget(struct display_journal *journal, const char *folder)
{
	write_note(journal, folder, NULL);
}

/* By its path alone: it may be gone, and its programs not. */
static bool is_named_as_ours(const char *folder, const char *runtime_parent)
{
	const size_t size = strlen(runtime_parent);
	const size_t prefix = strlen(NAME_PREFIX);
	if (strncmp(folder, runtime_parent, size) != 0 || folder[size] != '/')
		return false;
	const char *name = folder + size + 1;
	return strncmp(name, NAME_PREFIX, prefix) == 0 && strlen(name) == prefix + NAME_RANDOM &&
		strspn(name + prefix, LETTERS) == NAME_RANDOM;
}

static bool is_ours(const char *folder)
{
	struct stat status;
	return lstat(folder, &status) == 0 && S_ISDIR(status.st_mode) &&
		status.st_uid == geteuid() && (status.st_mode & 07777) == 0700;
}

/* Returns false when nothing is left to do about it. */
static bool keep_folder(void *data, const char *desktop, const json_t *notes)
{
	const char *folder = json_string_value(json_object_get(notes, "folder"));
	if (strncmp(desktop, DESKTOP_PREFIX, strlen(DESKTOP_PREFIX)) != 0 ||
		sway_identity_lives(desktop))
		return true;
	if (!folder || !is_named_as_ours(folder, data)) {
		fprintf(stderr,
			"lodged: sway: %s is noted as a folder of a host that ended, but "
			"does not look like one; it stays\n",
			folder ? folder : "nothing");
		return false;
	}
	sway_leftovers_end(folder);
	if (access(folder, F_OK) < 0 && errno == ENOENT)
		return false;
	if (!is_ours(folder)) {
		fprintf(stderr, "lodged: sway: %s is not a private folder of this user; it stays\n",
			folder);
		return false;
	}
	const int error = sway_leftovers_remove(folder);
	if (error < 0)
		fprintf(stderr, "lodged: sway: the folder %s of a host that ended stays: %s\n",
			folder, strerror(-error));
	else
		fprintf(stderr, "lodged: sway: removed %s, which a host that ended had left\n",
			folder);
	return error < 0;
}

void sway_folder_sweep(struct display_journal *journal, const char *runtime_parent)
{
	if (journal)
		display_journal_sweep(journal, keep_folder, (void *)runtime_parent);
}
