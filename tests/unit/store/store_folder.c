#include "store_folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void store_folder_make(struct store_folder *folder)
{
	strcpy(folder->path, "/tmp/lodge-store-XXXXXX");
	if (!mkdtemp(folder->path))
		abort();
	folder->descriptor = open(folder->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder->descriptor < 0)
		abort();
}

/* The first entry that is not the folder itself or the one above; NULL: there is none. */
static const struct dirent *next_entry(DIR *entries)
{
	const struct dirent *entry;
	do
		entry = readdir(entries);
	while (entry && (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0));
	return entry;
}

void store_folder_remove(struct store_folder *folder)
{
	const struct dirent *entry;
	DIR *entries = opendir(folder->path);
	while (entries && (entry = next_entry(entries))) {
		if (unlinkat(folder->descriptor, entry->d_name, 0) < 0)
			unlinkat(folder->descriptor, entry->d_name, AT_REMOVEDIR);
	}
	if (entries)
		closedir(entries);
	close(folder->descriptor);
	rmdir(folder->path);
}

void store_folder_put(const struct store_folder *folder, const char *name, const char *text)
{
	const int file = openat(folder->descriptor, name, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	const size_t size = strlen(text);
	if (file < 0 || write(file, text, size) != (ssize_t)size || close(file) < 0)
		abort();
}

const char *store_folder_text(
	const struct store_folder *folder, const char *name, char *text, size_t capacity)
{
	const int file = openat(folder->descriptor, name, O_RDONLY);
	const ssize_t size = file < 0 ? 0 : read(file, text, capacity - 1);
	if (file >= 0)
		close(file);
	text[size > 0 ? size : 0] = '\0';
	return text;
}

bool store_folder_has(const struct store_folder *folder, const char *name)
{
	struct stat status;
	return fstatat(folder->descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0;
}

size_t store_folder_count(const struct store_folder *folder)
{
	size_t count = 0;
	DIR *entries = opendir(folder->path);
	while (entries && next_entry(entries))
		count++;
	if (entries)
		closedir(entries);
	return count;
}
