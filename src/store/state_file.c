#include "store/state_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/file_bytes.h"

static int check_kind(int file)
{
	struct stat status;
	if (fstat(file, &status) < 0)
		return -errno;
	if (S_ISDIR(status.st_mode))
		return -EISDIR;
	return S_ISREG(status.st_mode) ? 0 : -EINVAL;
}

int state_file_read(int folder, const char *name, size_t most, char **bytes, size_t *size)
{
	/* O_NONBLOCK: a pipe of that name must not hold the host up. */
	const int file = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (file < 0)
		return -errno;
	char *buffer = NULL;
	size_t got = 0;
	int error = check_kind(file);
	if (error < 0)
		goto out;
	buffer = malloc(most + 1);
	if (!buffer) {
		error = -ENOMEM;
		goto out;
	}
	error = file_bytes_read(file, buffer, most + 1, &got);
	if (error == 0 && got > most)
		error = -EFBIG;
	if (error < 0)
		goto out;
	buffer[got] = '\0';
	*bytes = buffer;
	*size = got;
	buffer = NULL;
out:
	free(buffer);
	close(file);
	return error;
}

static int write_all(int file, const char *bytes, size_t size)
{
	for (size_t done = 0; done < size;) {
		const ssize_t count = write(file, bytes + done, size - done);
		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return -errno;
		done += (size_t)count;
	}
	return fsync(file) < 0 ? -errno : 0;
}

int state_file_write(int folder, const char *name, const char *bytes, size_t size)
{
	char temporary[NAME_MAX + 1];
	const int length = snprintf(temporary, sizeof temporary, "%s.new", name);
	if (length < 0 || (size_t)length >= sizeof temporary)
		return -ENAMETOOLONG;
	unlinkat(folder, temporary, 0); /* left by a crash; O_EXCL says what else it may be */
	const int file = openat(
		folder, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (file < 0)
		return -errno;
	int error = write_all(file, bytes, size);
	if (close(file) < 0 && error == 0)
		error = -errno;
	if (error == 0 && renameat(folder, temporary, folder, name) < 0)
		error = -errno;
	if (error < 0) {
		unlinkat(folder, temporary, 0);
		return error;
	}
	return fsync(folder) < 0 ? -errno : 0;
}

#define SET_ASIDE_MAX 1000

int state_file_set_aside(int folder, const char *name, char *kept, size_t capacity)
{
	for (int number = 0; number < SET_ASIDE_MAX; number++) {
		const int length = number == 0
			? snprintf(kept, capacity, "%s.bad", name)
			: snprintf(kept, capacity, "%s.bad.%d", name, number);
		if (length < 0 || (size_t)length >= capacity)
			return -ENAMETOOLONG;
		if (renameat2(folder, name, folder, kept, RENAME_NOREPLACE) == 0)
			return fsync(folder) < 0 ? -errno : 0;
		if (errno != EEXIST)
			return -errno;
	}
	return -EEXIST;
}

static int rotate(int folder, const char *name)
{
	char older[NAME_MAX + 1];
	const int length = snprintf(older, sizeof older, "%s.1", name);
	if (length < 0 || (size_t)length >= sizeof older)
		return -ENAMETOOLONG;
	return renameat(folder, name, folder, older) < 0 ? -errno : 0;
}

static int open_log(int folder, const char *name, struct stat *status)
{
	const int file = openat(folder, name,
		O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	if (file < 0)
		return -errno;
	int error = fstat(file, status) < 0 ? -errno : 0;
	if (error == 0 && !S_ISREG(status->st_mode))
		error = -EINVAL;
	if (error < 0) {
		close(file);
		return error;
	}
	return file;
}

int state_file_append(int folder, const char *name, const char *bytes, size_t size, size_t most)
{
	struct stat status;
	int file = open_log(folder, name, &status);
	if (file < 0)
		return file;
	if (status.st_size > 0 && (size_t)status.st_size + size > most) {
		close(file);
		const int error = rotate(folder, name);
		file = error < 0 ? error : open_log(folder, name, &status);
		if (file < 0)
			return file;
	}
	int error = write_all(file, bytes, size);
	if (close(file) < 0 && error == 0)
		error = -errno;
	return error;
}
