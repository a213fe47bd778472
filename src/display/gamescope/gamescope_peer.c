#include "display/gamescope/gamescope_peer.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

int gamescope_peer_connect(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	if (snprintf(address.sun_path, sizeof address.sun_path, "%s", path) >=
		(int)sizeof address.sun_path)
		return -ENAMETOOLONG;
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)&address, sizeof address) == 0)
		return fd;
	const int error = -errno;
	close(fd);
	return error;
}

pid_t gamescope_peer_of(int fd)
{
	struct ucred peer;
	socklen_t size = sizeof peer;
	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 ? peer.pid : 0;
}

static bool read_namespace(pid_t pid, struct stat *status)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/ns/pid", (int)pid);
	return pid > 0 && stat(path, status) == 0;
}

bool gamescope_peer_shares_tree(pid_t one, pid_t other)
{
	struct stat a, b;
	return read_namespace(one, &a) && read_namespace(other, &b) && a.st_dev == b.st_dev &&
		a.st_ino == b.st_ino;
}
