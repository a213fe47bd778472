#include "store/state_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/state_file.h"

int state_folder_open(struct state_folder *folder, const char *path)
{
	folder->path = strdup(path);
	folder->descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const int error = !folder->path ? -ENOMEM : folder->descriptor < 0 ? -errno : 0;
	if (error < 0) {
		fprintf(stderr, "lodged: folder %s cannot be opened: %s\n", path, strerror(-error));
		state_folder_close(folder);
	}
	return error;
}

void state_folder_close(struct state_folder *folder)
{
	if (folder->descriptor >= 0)
		close(folder->descriptor);
	free(folder->path);
	*folder = STATE_FOLDER_NONE;
}

int state_folder_read(const struct state_folder *folder, const struct state_document *document,
	char **bytes, size_t *size)
{
	*bytes = NULL;
	const int error = state_file_read(
		folder->descriptor, document->name, document->size_max, bytes, size);
	if (error == -ENOENT)
		return 0;
	if (error == -EFBIG)
		return state_folder_set_aside(folder, document, "it is too long");
	if (error < 0)
		fprintf(stderr, "lodged: %s/%s cannot be read: %s\n", folder->path, document->name,
			strerror(-error));
	return error;
}

int state_folder_set_aside(const struct state_folder *folder, const struct state_document *document,
	const char *reason)
{
	char kept[NAME_MAX + 1];
	const int error =
		state_file_set_aside(folder->descriptor, document->name, kept, sizeof kept);
	if (error < 0)
		fprintf(stderr, "lodged: %s/%s is unusable (%s) and cannot be set aside: %s\n",
			folder->path, document->name, reason, strerror(-error));
	else
		fprintf(stderr, "lodged: %s/%s is unusable (%s): it is now %s, and %s\n",
			folder->path, document->name, reason, kept, document->without);
	return error;
}
