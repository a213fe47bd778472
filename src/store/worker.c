#include "store/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/queue.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/state_file.h"

enum job_kind { JOB_WRITE, JOB_APPEND };

/* Whoever waits for a job; a job that took another's place has several. */
struct waiter {
	SLIST_ENTRY(waiter) link;
	store_done done;
	void *data;
};
SLIST_HEAD(waiter_list, waiter);

struct job {
	STAILQ_ENTRY(job) link;
	enum job_kind kind;
	int folder; /* the job's own descriptor */
	char *name;
	char *text;
	size_t size, most;
	int error;
	struct waiter_list waiters; /* newest first; the control thread's alone */
};
STAILQ_HEAD(job_list, job);

struct store_worker {
	sd_event_source *source;
	int wake; /* eventfd: jobs are finished */
	pthread_t thread;

	pthread_mutex_t lock; /* guards what follows; never held while the disk is waited for */
	pthread_cond_t work;
	struct job_list queued, finished;
	struct job *running;
	bool ending;
};

static void free_job(struct job *job)
{
	struct waiter *waiter;
	if (!job)
		return;
	while ((waiter = SLIST_FIRST(&job->waiters))) {
		SLIST_REMOVE_HEAD(&job->waiters, link);
		free(waiter);
	}
	if (job->folder >= 0)
		close(job->folder);
	free(job->name);
	free(job->text);
	free(job);
}

static int perform(const struct job *job)
{
	if (job->kind == JOB_WRITE)
		return state_file_write(job->folder, job->name, job->text, job->size);
	return state_file_append(job->folder, job->name, job->text, job->size, job->most);
}

static void *work(void *data)
{
	struct store_worker *worker = data;
	const uint64_t one = 1;
	pthread_mutex_lock(&worker->lock);
	for (;;) {
		struct job *job = STAILQ_FIRST(&worker->queued);
		if (!job && worker->ending)
			break;
		if (!job) {
			pthread_cond_wait(&worker->work, &worker->lock);
			continue;
		}
		STAILQ_REMOVE_HEAD(&worker->queued, link);
		worker->running = job;
		pthread_mutex_unlock(&worker->lock);
		const int error = perform(job);
		pthread_mutex_lock(&worker->lock);
		worker->running = NULL;
		job->error = error;
		STAILQ_INSERT_TAIL(&worker->finished, job, link);
		if (write(worker->wake, &one, sizeof one) < 0)
			break; /* a descriptor of our own: does not happen */
	}
	pthread_mutex_unlock(&worker->lock);
	return NULL;
}

/* The worker may be gone afterwards. */
static void answer_one(struct store_worker *worker)
{
	struct job *job;
	pthread_mutex_lock(&worker->lock);
	while ((job = STAILQ_FIRST(&worker->finished)) && SLIST_EMPTY(&job->waiters)) {
		STAILQ_REMOVE_HEAD(&worker->finished, link);
		free_job(job);
	}
	pthread_mutex_unlock(&worker->lock);
	if (!job)
		return;
	/* The oldest is the last of the list. */
	struct waiter *waiter = SLIST_FIRST(&job->waiters);
	while (SLIST_NEXT(waiter, link))
		waiter = SLIST_NEXT(waiter, link);
	SLIST_REMOVE(&job->waiters, waiter, waiter, link);
	const store_done done = waiter->done;
	void *data = waiter->data;
	const int error = job->error;
	free(waiter);
	done(data, error);
}

/* One answer a turn. As long as there may be more, the descriptor is made readable again beforehand. */
static int on_finished(sd_event_source *source, int fd, uint32_t events, void *data)
{
	struct store_worker *worker = data;
	uint64_t count, one = 1;
	if (read(fd, &count, sizeof count) < 0)
		return 0;
	pthread_mutex_lock(&worker->lock);
	const bool any = !STAILQ_EMPTY(&worker->finished);
	pthread_mutex_unlock(&worker->lock);
	if (any && write(fd, &one, sizeof one) == sizeof one)
		answer_one(worker);
	return 0;
}

static int start_thread(struct store_worker *worker)
{
	/* Signals are the control thread's. */
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	const int error = pthread_create(&worker->thread, NULL, work, worker);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return -error;
}

struct store_worker *store_worker_create(sd_event *event)
{
	struct store_worker *worker = calloc(1, sizeof *worker);
	if (!worker)
		return NULL;
	STAILQ_INIT(&worker->queued);
	STAILQ_INIT(&worker->finished);
	pthread_mutex_init(&worker->lock, NULL);
	pthread_cond_init(&worker->work, NULL);
	worker->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	int error = worker->wake < 0 ? -errno : 0;
	if (error == 0)
		error = sd_event_add_io(
			event, &worker->source, worker->wake, EPOLLIN, on_finished, worker);
	if (error >= 0)
		error = start_thread(worker);
	if (error < 0) {
		sd_event_source_disable_unref(worker->source);
		if (worker->wake >= 0)
			close(worker->wake);
		pthread_cond_destroy(&worker->work);
		pthread_mutex_destroy(&worker->lock);
		free(worker);
		errno = -error;
		return NULL;
	}
	return worker;
}

void store_worker_destroy(struct store_worker *worker)
{
	struct job *job;
	if (!worker)
		return;
	pthread_mutex_lock(&worker->lock);
	worker->ending = true;
	pthread_cond_signal(&worker->work);
	pthread_mutex_unlock(&worker->lock);
	pthread_join(worker->thread, NULL);
	sd_event_source_disable_unref(worker->source);
	while ((job = STAILQ_FIRST(&worker->finished))) {
		STAILQ_REMOVE_HEAD(&worker->finished, link);
		free_job(job);
	}
	close(worker->wake);
	pthread_cond_destroy(&worker->work);
	pthread_mutex_destroy(&worker->lock);
	free(worker);
}

/* Negative errno. */
static int make_job(enum job_kind kind, int folder, const char *name, char *text, size_t size,
	struct job **made)
{
	int error = -ENOMEM;
	struct job *job = calloc(1, sizeof *job);
	if (!job) {
		free(text);
		return error;
	}
	*job = (struct job){ .kind = kind, .folder = -1, .text = text, .size = size };
	SLIST_INIT(&job->waiters);
	job->name = strdup(name);
	if (!job->name)
		goto error;
	/* The caller may close its own before the disk is through with this one. */
	job->folder = fcntl(folder, F_DUPFD_CLOEXEC, 0);
	if (job->folder < 0) {
		error = -errno;
		goto error;
	}
	*made = job;
	return 0;
error:
	free_job(job);
	return error;
}

static bool add_waiter(struct job *job, store_done done, void *data)
{
	if (!done)
		return true;
	struct waiter *waiter = malloc(sizeof *waiter);
	if (!waiter)
		return false;
	*waiter = (struct waiter){ .done = done, .data = data };
	SLIST_INSERT_HEAD(&job->waiters, waiter, link);
	return true;
}

static bool same_folder(int a, int b)
{
	struct stat one, other;
	return fstat(a, &one) == 0 && fstat(b, &other) == 0 && one.st_dev == other.st_dev &&
		one.st_ino == other.st_ino;
}

/* A write of the same file that has not begun. */
static struct job *find_waiting(struct store_worker *worker, int folder, const char *name)
{
	struct job *job;
	STAILQ_FOREACH(job, &worker->queued, link)
	{
		if (job->kind == JOB_WRITE && strcmp(job->name, name) == 0 &&
			same_folder(job->folder, folder))
			return job;
	}
	return NULL;
}

/* The newer text takes the older one's place in the queue, and its waiters too. */
static void put(struct store_worker *worker, struct job *job)
{
	pthread_mutex_lock(&worker->lock);
	struct job *older =
		job->kind == JOB_WRITE ? find_waiting(worker, job->folder, job->name) : NULL;
	if (older) {
		char *text = older->text;
		older->text = job->text;
		older->size = job->size;
		job->text = text;
		struct waiter *waiter = SLIST_FIRST(&job->waiters);
		if (waiter) {
			SLIST_REMOVE_HEAD(&job->waiters, link);
			SLIST_INSERT_HEAD(&older->waiters, waiter, link);
		}
	} else {
		STAILQ_INSERT_TAIL(&worker->queued, job, link);
	}
	pthread_cond_signal(&worker->work);
	pthread_mutex_unlock(&worker->lock);
	if (older)
		free_job(job);
}

static int queue(struct store_worker *worker, struct job *job, store_done done, void *data)
{
	if (!add_waiter(job, done, data)) {
		free_job(job);
		return -ENOMEM;
	}
	put(worker, job);
	return 0;
}

int store_worker_write(struct store_worker *worker, int folder, const char *name, char *text,
	size_t size, store_done done, void *data)
{
	struct job *job = NULL;
	const int error = make_job(JOB_WRITE, folder, name, text, size, &job);
	return error < 0 ? error : queue(worker, job, done, data);
}

int store_worker_append(struct store_worker *worker, int folder, const char *name, char *text,
	size_t size, size_t most, store_done done, void *data)
{
	struct job *job = NULL;
	const int error = make_job(JOB_APPEND, folder, name, text, size, &job);
	if (error < 0)
		return error;
	job->most = most;
	return queue(worker, job, done, data);
}

static void forget(struct job *job, const void *data)
{
	struct waiter *waiter = SLIST_FIRST(&job->waiters), *following;
	for (; waiter; waiter = following) {
		following = SLIST_NEXT(waiter, link);
		if (waiter->data != data)
			continue;
		SLIST_REMOVE(&job->waiters, waiter, waiter, link);
		free(waiter);
	}
}

void store_worker_forget(struct store_worker *worker, const void *data)
{
	struct job *job;
	pthread_mutex_lock(&worker->lock);
	STAILQ_FOREACH(job, &worker->queued, link)
	forget(job, data);
	STAILQ_FOREACH(job, &worker->finished, link)
	forget(job, data);
	if (worker->running)
		forget(worker->running, data);
	pthread_mutex_unlock(&worker->lock);
}
