/*
 * Which apps run on the shared desktop. What starts them there is the desktop's own (sway's exec): nobody here is their
 * parent. So each holds one end of a FIFO, and so does everything that it starts: it runs until the last of them is over.
 *
 * Room: host, private. Thread: control.
 */
#ifndef LODGE_HOST_SHARED_APPS_H
#define LODGE_HOST_SHARED_APPS_H

#include <stdbool.h>
#include <systemd/sd-event.h>

struct shared_apps;

/* `folder`: where others cannot take a file's place (0700, or sticky); not owned. `changed`: another one runs, or one does not any more. NULL with errno. */
struct shared_apps *shared_apps_create(
	sd_event *event, const char *folder, void (*changed)(void *data), void *data);
/* What runs goes on. NULL is fine. */
void shared_apps_destroy(struct shared_apps *apps);

/* The shell command that starts it so that it is known; free(). NULL with errno: then it can be started unknown. */
char *shared_apps_begin(struct shared_apps *apps, const char *id, const char *command);
/* Those that have not begun by now will not: the desktop refused, or is gone. */
void shared_apps_forget(struct shared_apps *apps);

bool shared_apps_run(const struct shared_apps *apps, const char *id);

#endif
