#include "isolation/tree_remains.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "isolation/control_group.h"
#include "isolation/folder_remove.h"
#include "isolation/process_start.h"

#define ENDING_DEADLINE_MS 5000

struct tree_ending {
	LIST_ENTRY(tree_ending) entry;
	struct tree_remains remains;
	sd_event_source *watch, *deadline;
};

static int lock_folder(struct tree_remains *remains)
{
	remains->descriptor =
		open(remains->folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (remains->descriptor < 0)
		return -errno;
	return flock(remains->descriptor, LOCK_EX | LOCK_NB) < 0 ? -errno : 0;
}

static int make(struct tree_remains *remains, const char *parent, const char *name)
{
	*remains = TREE_REMAINS_NONE;
	if (snprintf(remains->folder, sizeof remains->folder, "%s/tree.XXXXXX", parent) >=
		(int)sizeof remains->folder)
		return -ENAMETOOLONG;
	if (!mkdtemp(remains->folder)) { /* 0700 */
		remains->folder[0] = '\0';
		return -errno;
	}
	strcpy(remains->record.name, name);
	int error = lock_folder(remains);
	if (error == 0 && mkdirat(remains->descriptor, "run", 0700) < 0)
		error = -errno;
	return error < 0 ? error : tree_record_write(remains->descriptor, &remains->record);
}

int tree_remains_make(struct tree_remains *remains, const char *parent, const char *name)
{
	int error = -EWOULDBLOCK;
	/* Another host that starts just now may take it for a leftover, before it is locked. */
	for (int attempt = 0; attempt < 3 && (error == -EWOULDBLOCK || error == -ENOENT);
		attempt++) {
		error = make(remains, parent, name);
		if (error < 0)
			tree_remains_remove(remains);
	}
	return error;
}

int tree_remains_take(struct tree_remains *remains, const char *folder)
{
	struct stat status;
	*remains = TREE_REMAINS_NONE;
	if (snprintf(remains->folder, sizeof remains->folder, "%s", folder) >=
		(int)sizeof remains->folder)
		return -ENAMETOOLONG;
	int error = lock_folder(remains);
	if (error == 0 && fstat(remains->descriptor, &status) < 0)
		error = -errno;
	if (error == 0 && (status.st_uid != geteuid() || (status.st_mode & 07777) != 0700))
		error = -ENOTDIR;
	if (error < 0) {
		tree_remains_leave(remains);
		return error;
	}
	if (tree_record_read(remains->descriptor, &remains->record) < 0)
		remains->record = (struct tree_record){ 0 };
	if (!control_group_is_ours(remains->record.control_group))
		remains->record.control_group[0] = '\0';
	remains->pidfd = process_open(remains->record.keeper, remains->record.start);
	return 0;
}

void tree_remains_kill(const struct tree_remains *remains)
{
	if (remains->pidfd >= 0)
		pidfd_send_signal(remains->pidfd, SIGKILL, NULL, 0);
	control_group_kill(remains->record.control_group);
}

void tree_remains_remove(struct tree_remains *remains)
{
	/* A keeper that an earlier host started is somebody else's child. */
	if (remains->pidfd >= 0)
		waitid(P_PIDFD, (id_t)remains->pidfd, &(siginfo_t){ 0 }, WEXITED | WNOHANG);
	int error = control_group_remove(remains->record.control_group);
	if (error < 0)
		fprintf(stderr, "lodged: tree %s: its control group %s stays: %s\n",
			remains->record.name, remains->record.control_group, strerror(-error));
	error = remains->folder[0] ? folder_remove(remains->folder) : 0;
	if (error < 0)
		fprintf(stderr, "lodged: tree %s: its folder %s stays: %s\n", remains->record.name,
			remains->folder, strerror(-error));
	tree_remains_leave(remains);
}

void tree_remains_leave(struct tree_remains *remains)
{
	if (remains->pidfd >= 0)
		close(remains->pidfd);
	if (remains->descriptor >= 0)
		close(remains->descriptor);
	*remains = TREE_REMAINS_NONE;
}

static void finish(struct tree_ending *ending)
{
	LIST_REMOVE(ending, entry);
	sd_event_source_disable_unref(ending->watch);
	sd_event_source_disable_unref(ending->deadline);
	tree_remains_remove(&ending->remains);
	free(ending);
}

/* The pidfd of an init is readable when all of its namespace is gone. */
static int on_end(sd_event_source *source, int pidfd, uint32_t events, void *data)
{
	finish(data);
	return 0;
}

static int on_deadline(sd_event_source *source, uint64_t usec, void *data)
{
	const struct tree_ending *ending = data;
	fprintf(stderr,
		"lodged: tree %s: it was killed %d ms ago and something in it still lives; its "
		"folder %s is removed when that ends\n",
		ending->remains.record.name, ENDING_DEADLINE_MS, ending->remains.folder);
	return 0;
}

void tree_ending_begin(struct tree_endings *endings, sd_event *event, struct tree_remains *remains)
{
	tree_remains_kill(remains);
	struct tree_ending *ending = remains->pidfd >= 0 ? calloc(1, sizeof *ending) : NULL;
	if (!ending) {
		tree_remains_remove(remains);
		return;
	}
	ending->remains = *remains;
	*remains = TREE_REMAINS_NONE;
	LIST_INSERT_HEAD(endings, ending, entry);
	int error = sd_event_add_io(
		event, &ending->watch, ending->remains.pidfd, EPOLLIN, on_end, ending);
	if (error >= 0)
		error = sd_event_add_time_relative(event, &ending->deadline, CLOCK_MONOTONIC,
			ENDING_DEADLINE_MS * 1000u, 1000, on_deadline, ending);
	/* A loop that has come to its end watches nothing: tree_endings_finish waits. */
	if (error < 0 && error != -ESTALE)
		fprintf(stderr, "lodged: tree %s: its end cannot be watched\n",
			ending->remains.record.name);
}

void tree_endings_finish(struct tree_endings *endings)
{
	for (struct tree_ending *ending; (ending = LIST_FIRST(endings));) {
		struct pollfd wait = { .fd = ending->remains.pidfd, .events = POLLIN };
		if (poll(&wait, 1, ENDING_DEADLINE_MS) != 1)
			on_deadline(NULL, 0, ending);
		finish(ending);
	}
}
