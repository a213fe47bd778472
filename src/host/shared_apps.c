#include "host/shared_apps.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/queue.h>
#include <sys/stat.h>
#include <unistd.h>

#include "apps/apps.h"
#include "desktops/shell_words.h"

#define SHARED_MAX 64 /* known at once; any further one runs unknown */

struct shared_app {
	LIST_ENTRY(shared_app) link;
	struct shared_apps *apps;
	char id[APP_ID_MAX + 1];
	char path[PATH_MAX]; /* of the FIFO; "": it is removed */
	int fifo;
	sd_event_source *io;
	bool runs; /* it has said so */
};

struct shared_apps {
	sd_event *event;
	const char *folder;
	void (*changed)(void *data);
	void *data;
	unsigned count, number;
	LIST_HEAD(, shared_app) list;
};

struct shared_apps *shared_apps_create(
	sd_event *event, const char *folder, void (*changed)(void *data), void *data)
{
	struct shared_apps *apps = calloc(1, sizeof *apps);
	if (!apps)
		return NULL;
	*apps = (struct shared_apps){
		.event = event, .folder = folder, .changed = changed, .data = data
	};
	LIST_INIT(&apps->list);
	return apps;
}

static void remove_fifo(struct shared_app *app)
{
	if (app->path[0])
		unlink(app->path);
	app->path[0] = '\0';
}

static void drop(struct shared_app *app)
{
	LIST_REMOVE(app, link);
	app->apps->count--;
	sd_event_source_disable_unref(app->io);
	if (app->fifo >= 0)
		close(app->fifo);
	remove_fifo(app);
	free(app);
}

void shared_apps_destroy(struct shared_apps *apps)
{
	if (!apps)
		return;
	while (!LIST_EMPTY(&apps->list))
		drop(LIST_FIRST(&apps->list));
	free(apps);
}

/* A line: it runs. The end: nobody holds it any more. */
static int on_fifo(sd_event_source *source, int fifo, uint32_t events, void *data)
{
	struct shared_app *app = data;
	struct shared_apps *apps = app->apps;
	char bytes[64];
	const ssize_t got = read(fifo, bytes, sizeof bytes);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (got > 0 && app->runs)
		return 0;
	if (got > 0) {
		app->runs = true;
		remove_fifo(app);
	} else {
		drop(app);
	}
	apps->changed(apps->data);
	return 0;
}

static int make_fifo(struct shared_app *app)
{
	const struct shared_apps *apps = app->apps;
	if (snprintf(app->path, sizeof app->path, "%s/lodge-app.%d.%u", apps->folder, (int)getpid(),
		    apps->number) >= (int)sizeof app->path) {
		app->path[0] = '\0';
		return -ENAMETOOLONG;
	}
	if (mkfifo(app->path, 0600) < 0) {
		const int error = -errno;
		app->path[0] = '\0'; /* whatever is there is not ours */
		return error;
	}
	app->fifo = open(app->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
	if (app->fifo < 0)
		return -errno;
	return sd_event_add_io(apps->event, &app->io, app->fifo, EPOLLIN, on_fifo, app);
}

/*
 * Opened for reading and writing, it keeps no shell waiting whose host has gone meanwhile; and a shell that cannot open it
 * goes on without.
 */
static char *wrap(const char *path, const char *command)
{
	char *text = NULL, *quoted = shell_quote(path);
	if (quoted &&
		asprintf(&text, "[ -p %s ] && command exec 9<>%s && echo >&9\n%s", quoted, quoted,
			command) < 0)
		text = NULL;
	free(quoted);
	return text;
}

char *shared_apps_begin(struct shared_apps *apps, const char *id, const char *command)
{
	errno = ENOSPC;
	struct shared_app *app = apps->count < SHARED_MAX ? calloc(1, sizeof *app) : NULL;
	if (!app)
		return NULL;
	app->apps = apps;
	app->fifo = -1;
	snprintf(app->id, sizeof app->id, "%s", id);
	LIST_INSERT_HEAD(&apps->list, app, link);
	apps->count++;
	apps->number++;
	const int error = make_fifo(app);
	char *text = error < 0 ? NULL : wrap(app->path, command);
	if (!text) {
		drop(app);
		errno = error < 0 ? -error : ENOMEM;
	}
	return text;
}

void shared_apps_forget(struct shared_apps *apps)
{
	struct shared_app *app = LIST_FIRST(&apps->list);
	while (app) {
		struct shared_app *next = LIST_NEXT(app, link);
		if (!app->runs)
			drop(app);
		app = next;
	}
}

bool shared_apps_run(const struct shared_apps *apps, const char *id)
{
	const struct shared_app *app;
	LIST_FOREACH (app, &apps->list, link) {
		if (app->runs && strcmp(app->id, id) == 0)
			return true;
	}
	return false;
}
