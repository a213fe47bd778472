#include "store/file_bytes.h"

#include <errno.h>
#include <unistd.h>

int file_bytes_read(int file, void *bytes, size_t size, size_t *got)
{
	*got = 0;
	while (*got < size) {
		const ssize_t count = read(file, (char *)bytes + *got, size - *got);
		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return -errno;
		if (count == 0)
			break;
		*got += (size_t)count;
	}
	return 0;
}

int file_bytes_read_all(int file, void *bytes, size_t size)
{
	size_t got;
	const int error = file_bytes_read(file, bytes, size, &got);
	return error == 0 && got < size ? -EIO : error;
}
