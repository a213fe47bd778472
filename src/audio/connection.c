#include "audio/connection.h"

#include <errno.h>
#include <pipewire/extensions/metadata.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include "core/source.h"
#include "media/clock.h"

#define DATA_PRIORITY 20
#define NICE_LEVEL -11

struct audio_connection {
	/* control thread */
	sd_event_source *failed_source;
	pthread_t thread;
	bool started, failed_told;

	/* both */
	const struct audio_connection_impl *impl;
	void *data;
	int wake; /* eventfd: control thread -> loop thread, to stop */
	int failed_wake; /* eventfd: loop thread -> control thread */
	atomic_bool stop, failed;
	char fault[256]; /* written before `failed` is set, not after */

	/* loop thread */
	char socket[SOURCE_PATH_MAX];
	struct pw_loop *loop;
	struct pw_context *context;
	struct pw_core *core;
	struct pw_registry *registry;
	struct pw_metadata *metadata;
	uint32_t metadata_id;
	uint32_t most_quantum; /* 0: not told */
	struct spa_hook core_hook, registry_hook, metadata_hook;
	struct graph graph;
	bool changed;
	uint64_t due_ns, look_ns; /* 0: never */
};

void audio_connection_fail(struct audio_connection *connection, const char *format, ...)
{
	va_list arguments;
	if (atomic_load(&connection->failed))
		return;
	va_start(arguments, format);
	vsnprintf(connection->fault, sizeof connection->fault, format, arguments);
	va_end(arguments);
	atomic_store(&connection->failed, true);
	eventfd_write(connection->failed_wake, 1);
}

bool audio_connection_has_failed(const struct audio_connection *connection)
{
	return atomic_load(&connection->failed);
}

void audio_connection_look_again(struct audio_connection *connection, uint64_t at_ns)
{
	if (at_ns)
		connection->look_ns = at_ns;
	else
		connection->changed = true;
}

void audio_connection_set_deadline(struct audio_connection *connection, uint64_t due_ns)
{
	connection->due_ns = due_ns;
}

struct pw_core *audio_connection_core(struct audio_connection *connection)
{
	return connection->core;
}

const struct graph *audio_connection_graph(const struct audio_connection *connection)
{
	return &connection->graph;
}

uint32_t audio_connection_most_quantum(const struct audio_connection *connection)
{
	return connection->most_quantum;
}

static void on_core_error(void *data, uint32_t id, int sequence, int result, const char *text)
{
	struct audio_connection *connection = data;
	/* What befalls an object is told to the object as well. */
	if (id == PW_ID_CORE)
		audio_connection_fail(connection, "PipeWire at %s is gone: %s", connection->socket,
			strerror(-result));
}

static void on_core_info(void *data, const struct pw_core_info *info)
{
	struct audio_connection *connection = data;
	const char *most =
		info->props ? spa_dict_lookup(info->props, "default.clock.max-quantum") : NULL;
	if (most)
		connection->most_quantum = (uint32_t)strtoul(most, NULL, 10);
}

static const struct pw_core_events core_events = {
	PW_VERSION_CORE_EVENTS,
	.info = on_core_info,
	.error = on_core_error,
};

static int on_metadata(
	void *data, uint32_t subject, const char *key, const char *type, const char *value)
{
	struct audio_connection *connection = data;
	if (subject == PW_ID_CORE) {
		graph_set_default(&connection->graph, key, value);
		connection->changed = true;
	}
	return 0;
}

static const struct pw_metadata_events metadata_events = {
	PW_VERSION_METADATA_EVENTS,
	.property = on_metadata,
};

static void drop_metadata(struct audio_connection *connection)
{
	if (!connection->metadata)
		return;
	spa_hook_remove(&connection->metadata_hook);
	pw_proxy_destroy((struct pw_proxy *)connection->metadata);
	connection->metadata = NULL;
}

static void take_metadata(
	struct audio_connection *connection, uint32_t id, const struct spa_dict *properties)
{
	const char *name = properties ? spa_dict_lookup(properties, PW_KEY_METADATA_NAME) : NULL;
	if (connection->metadata || !name || strcmp(name, "default") != 0)
		return;
	connection->metadata = pw_registry_bind(
		connection->registry, id, PW_TYPE_INTERFACE_Metadata, PW_VERSION_METADATA, 0);
	if (!connection->metadata)
		return;
	connection->metadata_id = id;
	pw_metadata_add_listener(
		connection->metadata, &connection->metadata_hook, &metadata_events, connection);
}

static void on_global(void *data, uint32_t id, uint32_t permissions, const char *type,
	uint32_t version, const struct spa_dict *properties)
{
	struct audio_connection *connection = data;
	if (strcmp(type, PW_TYPE_INTERFACE_Metadata) == 0)
		take_metadata(connection, id, properties);
	graph_add(&connection->graph, id, type, properties);
	connection->changed = true;
}

static void on_global_remove(void *data, uint32_t id)
{
	struct audio_connection *connection = data;
	if (connection->metadata && connection->metadata_id == id) {
		drop_metadata(connection);
		graph_set_default(&connection->graph, NULL, NULL);
	}
	graph_remove(&connection->graph, id);
	connection->changed = true;
}

static const struct pw_registry_events registry_events = {
	PW_VERSION_REGISTRY_EVENTS,
	.global = on_global,
	.global_remove = on_global_remove,
};

/* It is looked at between two turns of the loop; here it only ends the wait. */
static void on_wake(void *data, int fd, uint32_t mask)
{
	eventfd_t count;
	eventfd_read(fd, &count);
}

static int raise_priority(struct spa_loop *loop, bool async, uint32_t sequence, const void *data,
	size_t size, void *user_data)
{
	const struct sched_param priority = { .sched_priority = DATA_PRIORITY };
	if (sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &priority) < 0)
		setpriority(PRIO_PROCESS, (id_t)gettid(), NICE_LEVEL);
	return 0;
}

/*
 * A quantum is 5 ms: who is late misses it, and with it its samples. The data thread only hands buffers over or decodes a
 * packet, so it comes before everything else; this one comes before the video encoders. Without the right to either
 * (LimitRTPRIO=, LimitNICE=) both run as they are.
 */
static void hurry(struct audio_connection *connection)
{
	struct pw_data_loop *data_loop = pw_context_get_data_loop(connection->context);
	if (data_loop)
		pw_data_loop_invoke(data_loop, raise_priority, 0, NULL, 0, false, NULL);
	setpriority(PRIO_PROCESS, (id_t)gettid(), NICE_LEVEL);
}

static bool open_connection(struct audio_connection *connection)
{
	connection->context = pw_context_new(connection->loop, NULL, 0);
	if (!connection->context)
		return false;
	connection->core = pw_context_connect(connection->context,
		pw_properties_new(PW_KEY_REMOTE_NAME, connection->socket, NULL), 0);
	if (!connection->core)
		return false;
	hurry(connection);
	pw_core_add_listener(connection->core, &connection->core_hook, &core_events, connection);
	connection->registry = pw_core_get_registry(connection->core, PW_VERSION_REGISTRY, 0);
	if (!connection->registry)
		return false;
	pw_registry_add_listener(
		connection->registry, &connection->registry_hook, &registry_events, connection);
	return true;
}

static void close_connection(struct audio_connection *connection)
{
	drop_metadata(connection);
	if (connection->registry) {
		spa_hook_remove(&connection->registry_hook);
		pw_proxy_destroy((struct pw_proxy *)connection->registry);
	}
	if (connection->core) {
		spa_hook_remove(&connection->core_hook);
		pw_core_disconnect(connection->core);
	}
	if (connection->context)
		pw_context_destroy(connection->context);
	graph_finish(&connection->graph);
}

static bool is_due(uint64_t at_ns)
{
	return at_ns && clock_now_ns() >= at_ns;
}

static int wait_ms(const struct audio_connection *connection)
{
	const uint64_t now_ns = clock_now_ns();
	uint64_t first_ns = connection->due_ns;
	if (connection->look_ns && (!first_ns || connection->look_ns < first_ns))
		first_ns = connection->look_ns;
	if (first_ns == 0)
		return -1;
	return now_ns >= first_ns ? 0 : (int)((first_ns - now_ns) / 1000000 + 1);
}

static void turn(struct audio_connection *connection)
{
	pw_loop_iterate(connection->loop, wait_ms(connection));
	if (connection->graph.short_of_memory)
		audio_connection_fail(
			connection, "no memory for what PipeWire at %s tells", connection->socket);
	if (is_due(connection->look_ns)) {
		connection->look_ns = 0;
		connection->changed = true;
	}
	if (connection->changed && !atomic_load(&connection->failed)) {
		connection->changed = false;
		connection->impl->changed(connection->data);
	}
	if (is_due(connection->due_ns)) {
		connection->due_ns = 0;
		connection->impl->late(connection->data);
	}
}

static void serve(struct audio_connection *connection)
{
	struct spa_source *wake = pw_loop_add_io(
		connection->loop, connection->wake, SPA_IO_IN, false, on_wake, connection);
	if (wake && open_connection(connection)) {
		connection->changed = true;
		while (!atomic_load(&connection->stop) && !atomic_load(&connection->failed))
			turn(connection);
		connection->impl->closing(connection->data);
	} else {
		audio_connection_fail(connection, "PipeWire at %s cannot be reached: %s",
			connection->socket, strerror(errno));
	}
	close_connection(connection);
	if (wake)
		pw_loop_destroy_source(connection->loop, wake);
}

static void *run(void *data)
{
	struct audio_connection *connection = data;
	pthread_setname_np(pthread_self(), "lodge-audio");
	pw_init(NULL, NULL);
	connection->loop = pw_loop_new(NULL);
	if (connection->loop) {
		pw_loop_enter(connection->loop);
		serve(connection);
		pw_loop_leave(connection->loop);
		pw_loop_destroy(connection->loop);
	} else {
		audio_connection_fail(
			connection, "PipeWire's loop cannot be made: %s", strerror(errno));
	}
	pw_deinit();
	return NULL;
}

static int on_failed(sd_event_source *source, int fd, uint32_t revents, void *data)
{
	struct audio_connection *connection = data;
	eventfd_t count;
	eventfd_read(fd, &count);
	if (atomic_load(&connection->failed) && !connection->failed_told) {
		connection->failed_told = true;
		connection->impl->failed(connection->data, connection->fault);
	}
	return 0;
}

static void connection_free(struct audio_connection *connection)
{
	sd_event_source_disable_unref(connection->failed_source);
	if (connection->wake >= 0)
		close(connection->wake);
	if (connection->failed_wake >= 0)
		close(connection->failed_wake);
	free(connection);
}

struct audio_connection *audio_connection_create(
	sd_event *event, const char *socket, const struct audio_connection_impl *impl, void *data)
{
	struct audio_connection *connection = calloc(1, sizeof *connection);
	if (!connection)
		return NULL;
	connection->impl = impl;
	connection->data = data;
	snprintf(connection->socket, sizeof connection->socket, "%s", socket);
	connection->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	connection->failed_wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	int error = 0;
	if (connection->wake < 0 || connection->failed_wake < 0)
		error = -errno;
	/* A relative name would be looked for in a folder that the environment names. */
	if (!error && socket[0] != '/')
		error = -EINVAL;
	if (!error)
		error = sd_event_add_io(event, &connection->failed_source, connection->failed_wake,
			EPOLLIN, on_failed, connection);
	if (error < 0) {
		connection_free(connection);
		errno = -error;
		return NULL;
	}
	return connection;
}

int audio_connection_start(struct audio_connection *connection)
{
	/* Signals belong to the control thread's loop. */
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	const int error = pthread_create(&connection->thread, NULL, run, connection);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	connection->started = error == 0;
	return -error;
}

void audio_connection_destroy(struct audio_connection *connection)
{
	if (!connection)
		return;
	if (connection->started) {
		atomic_store(&connection->stop, true);
		eventfd_write(connection->wake, 1);
		pthread_join(connection->thread, NULL);
	}
	connection_free(connection);
}
