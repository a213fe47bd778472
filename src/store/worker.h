/*
 * The one thread that waits for the disk, so that the control thread does not (docs/architecture.md, Threads).
 *
 * Room: store. Thread: control. Writes of one file are done in order; a newer text that is queued while an older one
 * waits takes its place, and then both are answered by the outcome of the newer.
 */
#ifndef LODGE_STORE_WORKER_H
#define LODGE_STORE_WORKER_H

#include <stddef.h>
#include <systemd/sd-event.h>

struct store_worker;

/* NULL with errno. */
struct store_worker *store_worker_create(sd_event *event);
/* Waits until everything queued is written (each is a small file); no callback comes any more. NULL is fine. */
void store_worker_destroy(struct store_worker *worker);

/* error: 0 or a negative errno of state_file_write. From the event loop, exactly once. */
typedef void (*store_done)(void *data, int error);

/*
 * Writes `folder`/`name` (state_file_write). `text` is taken over and freed with free(); `name` is copied, `folder`
 * duplicated: whoever waits may close it and forget. `done` may be NULL. Returns a negative errno when it could not be
 * queued: then `text` is freed and no answer comes.
 */
int store_worker_write(struct store_worker *worker, int folder, const char *name, char *text,
	size_t size, store_done done, void *data);
/*
 * Appends `text` to `folder`/`name` (0600). When the file would be longer than `most`, it becomes `name`.1 first, in whose
 * place; so no more than twice `most` is ever kept. Not atomic: a crash may leave half a line. Each is answered by its
 * own outcome; otherwise as store_worker_write.
 */
int store_worker_append(struct store_worker *worker, int folder, const char *name, char *text,
	size_t size, size_t most, store_done done, void *data);
/* Whoever waits with this data wants no answer any more; the write itself is done. */
void store_worker_forget(struct store_worker *worker, const void *data);

#endif
