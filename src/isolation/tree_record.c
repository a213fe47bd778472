#include "isolation/tree_record.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "isolation/keeper_message.h"

#define FORMAT "lodge-tree 1\nname %s\nkeeper %d %" PRIu64 "\nkept %d\nsound %d\ngroup %s\n"

size_t tree_record_format(const struct tree_record *record, char text[TREE_RECORD_MAX])
{
	const int size = snprintf(text, TREE_RECORD_MAX, FORMAT, record->name, (int)record->keeper,
		record->start, record->kept, record->sound, record->control_group);
	return (size_t)size;
}

/* Strict by the way back: what does not come out as it went in is not a record. */
bool tree_record_parse(const char *bytes, size_t size, struct tree_record *record)
{
	char text[TREE_RECORD_MAX], again[TREE_RECORD_MAX];
	int keeper = 0, kept = 0, sound = 0, group = 0;
	*record = (struct tree_record){ 0 };
	if (size >= sizeof text || memchr(bytes, '\0', size))
		return false;
	memcpy(text, bytes, size);
	text[size] = '\0';
	if (sscanf(text,
		    "lodge-tree 1\nname %31[a-z0-9-]\nkeeper %9d %19" SCNu64
		    "\nkept %1d\nsound %1d\ngroup%n",
		    record->name, &keeper, &record->start, &kept, &sound, &group) != 5 ||
		group == 0 || text[group] != ' ' || keeper < 0)
		return false;
	const char *path = text + group + 1;
	const size_t length = strcspn(path, "\n");
	if (length >= sizeof record->control_group)
		return false;
	memcpy(record->control_group, path, length);
	record->keeper = (pid_t)keeper;
	record->kept = kept == 1;
	record->sound = sound == 1;
	return keeper_name_is_valid(record->name) && tree_record_format(record, again) == size &&
		memcmp(again, text, size) == 0;
}

int tree_record_read(int folder, struct tree_record *record)
{
	char text[TREE_RECORD_MAX];
	const int file = openat(folder, "record", O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	if (file < 0)
		return -errno;
	const ssize_t size = read(file, text, sizeof text);
	const int error = size < 0 ? -errno : 0;
	close(file);
	if (error < 0)
		return error;
	return tree_record_parse(text, (size_t)size, record) ? 0 : -EBADMSG;
}

int tree_record_write(int folder, const struct tree_record *record)
{
	char text[TREE_RECORD_MAX];
	const size_t size = tree_record_format(record, text);
	const int file = openat(
		folder, "record.new", O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (file < 0)
		return -errno;
	const ssize_t written = write(file, text, size);
	int error = written < 0 ? -errno : (size_t)written < size ? -ENOSPC : 0;
	close(file);
	if (error == 0 && renameat(folder, "record.new", folder, "record") < 0)
		error = -errno;
	return error;
}
