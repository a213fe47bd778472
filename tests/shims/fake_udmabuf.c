/*
 * For tests on kernels without /dev/udmabuf (CONFIG_UDMABUF): preloaded into a program that renders by Mesa's software
 * Vulkan, which exports memory as a dma-buf through that device only. Here the "dma-buf" is the memfd itself:
 *
 *   - opening /dev/udmabuf gives some descriptor, and UDMABUF_CREATE on it another one of the caller's memfd;
 *   - telling such a dma-buf that the processor is about to look at it, or has done so, succeeds and does nothing;
 *   - a dma-buf polls as ready when nothing renders into it, but epoll refuses memfds: where one is added to an epoll, an
 *     eventfd that is ready takes its number. gamescope waits so, on a duplicate of its own, before it commits a picture.
 *
 * Not for use: pictures are right here only because software rendering is finished when it is submitted.
 */
#undef _FILE_OFFSET_BITS /* it would rename open to open64, which is another one here */

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/dma-buf.h>
#include <linux/udmabuf.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEVICE "/dev/udmabuf"

static int open_device(int flags)
{
	return memfd_create("fake " DEVICE, flags & O_CLOEXEC ? MFD_CLOEXEC : 0);
}

/* The next definition of an interposed function. */
static void find(const char *name, void *place)
{
	void *symbol = dlsym(RTLD_NEXT, name);
	memcpy(place, &symbol, sizeof symbol);
}

static int open_file(const char *name, const char *path, int flags, mode_t mode)
{
	int (*next)(const char *, int, ...) = NULL;
	if (strcmp(path, DEVICE) == 0)
		return open_device(flags);
	find(name, &next);
	return next(path, flags, mode);
}

static bool takes_mode(int flags)
{
	return flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE;
}

__attribute__((visibility("default"))) int open(const char *path, int flags, ...)
{
	va_list arguments;
	va_start(arguments, flags);
	const mode_t mode = takes_mode(flags) ? va_arg(arguments, mode_t) : 0;
	va_end(arguments);
	return open_file("open", path, flags, mode);
}

__attribute__((visibility("default"))) int open64(const char *path, int flags, ...)
{
	va_list arguments;
	va_start(arguments, flags);
	const mode_t mode = takes_mode(flags) ? va_arg(arguments, mode_t) : 0;
	va_end(arguments);
	return open_file("open64", path, flags, mode);
}

/* What fortified programs call instead. */
int __open_2(const char *path, int flags);
__attribute__((visibility("default"))) int __open_2(const char *path, int flags)
{
	return open_file("open", path, flags, 0);
}

int __open64_2(const char *path, int flags);
__attribute__((visibility("default"))) int __open64_2(const char *path, int flags)
{
	return open_file("open64", path, flags, 0);
}

static int create_buffer(const struct udmabuf_create *wanted)
{
	if (wanted->offset != 0) { /* a part of a memfd cannot be stood in for */
		errno = EINVAL;
		return -1;
	}
	return fcntl((int)wanted->memfd,
		wanted->flags & UDMABUF_FLAGS_CLOEXEC ? F_DUPFD_CLOEXEC : F_DUPFD, 3);
}

__attribute__((visibility("default"))) int ioctl(int fd, unsigned long request, ...)
{
	int (*next)(int, unsigned long, ...) = NULL;
	va_list arguments;
	va_start(arguments, request);
	void *argument = va_arg(arguments, void *);
	va_end(arguments);
	if (request == UDMABUF_CREATE)
		return create_buffer(argument);
	find("ioctl", &next);
	const int result = next(fd, request, argument);
	return result < 0 && errno == ENOTTY && request == DMA_BUF_IOCTL_SYNC ? 0 : result;
}

static bool become_ready(int fd)
{
	const int ready = eventfd(1, EFD_CLOEXEC);
	if (ready < 0)
		return false;
	const bool done = dup3(ready, fd, O_CLOEXEC) == fd;
	close(ready);
	return done;
}

__attribute__((visibility("default"))) int epoll_ctl(
	int epoll, int operation, int fd, struct epoll_event *event)
{
	int (*next)(int, int, int, struct epoll_event *) = NULL;
	find("epoll_ctl", &next);
	const int result = next(epoll, operation, fd, event);
	if (result == 0 || errno != EPERM || operation != EPOLL_CTL_ADD || !become_ready(fd))
		return result;
	return next(epoll, operation, fd, event);
}
