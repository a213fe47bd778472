#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "isolation/isolation_private.h"
#include "store/state_file.h"

#define ADOPTION_DEADLINE_US 5000000u
#define KEEP_DEADLINE_MS 100

static struct isolated_tree *find_tree(const struct isolation *isolation, const char *name)
{
	struct isolated_tree *tree;
	LIST_FOREACH (tree, &isolation->trees, entry) {
		if (strcmp(tree->remains.record.name, name) == 0)
			return tree;
	}
	return NULL;
}

static void stop_watching(struct isolated_tree *tree)
{
	tree->watch = sd_event_source_disable_unref(tree->watch);
	tree->deadline = sd_event_source_disable_unref(tree->deadline);
	tree->tell = sd_event_source_disable_unref(tree->tell);
	scope_request_destroy(tree->scope);
	tree->scope = NULL;
	free(tree->setup);
	tree->setup = NULL;
	keeper_link_destroy(tree->link);
	tree->link = NULL;
}

void isolated_tree_free(struct isolated_tree *tree)
{
	stop_watching(tree);
	for (struct isolated_process *process; (process = LIST_FIRST(&tree->processes));)
		isolated_process_free(process);
	LIST_REMOVE(tree, entry);
	free(tree);
}

void isolated_tree_end(struct isolated_tree *tree)
{
	struct isolation *isolation = tree->isolation;
	stop_watching(tree);
	if (tree->is_left)
		tree_remains_leave(&tree->remains);
	else
		tree_ending_begin(&isolation->endings, isolation->event, &tree->remains);
	isolated_tree_free(tree);
}

/* One call a turn: in it the tree, and with it everything here, may be ended. */
static int on_tell_end(sd_event_source *source, void *data)
{
	struct isolated_tree *tree = data;
	if (isolated_process_tell_end(tree))
		return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
	sd_event_source_set_enabled(source, SD_EVENT_OFF);
	tree->events->ended(tree->data, tree->why[0] ? tree->why : "its keeper was killed");
	return 0;
}

/* Its init is gone, and with it everything in the tree. */
static int on_keeper_end(sd_event_source *source, int pidfd, uint32_t events, void *data)
{
	struct isolated_tree *tree = data;
	stop_watching(tree);
	tree->state = TREE_GONE;
	if (sd_event_add_defer(tree->isolation->event, &tree->tell, on_tell_end, tree) < 0)
		fprintf(stderr, "lodged: tree %s: its end cannot be told\n",
			tree->remains.record.name);
	return 0;
}

static void give_up(struct isolated_tree *tree, const char *why)
{
	if (!tree->why[0])
		snprintf(tree->why, sizeof tree->why, "%s", why);
	tree_remains_kill(&tree->remains);
}

static int on_deadline(sd_event_source *source, uint64_t usec, void *data)
{
	give_up(data, "it did not come up in time");
	return 0;
}

static void make_info(struct isolated_tree *tree)
{
	struct isolated_tree_info *info = &tree->info;
	const bool sound = tree->remains.record.sound;
	/* Folders are short enough for this: prepare_parent. */
	snprintf(info->runtime_folder, sizeof info->runtime_folder, "%.90s/run",
		tree->remains.folder);
	snprintf(info->bus_socket, sizeof info->bus_socket, "%.90s/run/bus", tree->remains.folder);
	if (access(info->bus_socket, F_OK) < 0)
		info->bus_socket[0] = '\0';
	if (sound)
		snprintf(info->pipewire_socket, sizeof info->pipewire_socket,
			"%.90s/run/pipewire-0", tree->remains.folder);
	info->sink = sound ? "session-sink" : "";
	info->microphone = sound ? "session-mic" : "";
	info->tree = tree;
}

static void on_ready(struct isolated_tree *tree, uint64_t kept_until_ns)
{
	if (tree->state != TREE_STARTING)
		return;
	tree->deadline = sd_event_source_disable_unref(tree->deadline);
	tree->state = TREE_READY;
	make_info(tree);
	tree->info.kept_until_ns = kept_until_ns;
	tree->events->ready(tree->data, &tree->info);
}

static void on_failed(struct isolated_tree *tree, const struct keeper_message *message)
{
	const char *text = keeper_message_find(message, KEEPER_STRING_TEXT);
	if (message->value)
		snprintf(
			tree->why, sizeof tree->why, "%s: %s", text, strerror((int)message->value));
	else
		snprintf(tree->why, sizeof tree->why, "%s", text);
}

/* Events are the last thing that is done: the tree may be ended in them. */
static void on_message(void *data, const struct keeper_message *message, int descriptor)
{
	struct isolated_tree *tree = data;
	const char *text = keeper_message_find(message, KEEPER_STRING_TEXT);
	if (message->type == KEEPER_STARTED && descriptor >= 0) {
		isolated_process_started(tree, message, descriptor);
		return;
	}
	if (descriptor >= 0)
		close(descriptor);
	switch (message->type) {
	case KEEPER_READY:
		on_ready(tree, message->value);
		break;
	case KEEPER_FAILED:
		on_failed(tree, message);
		break;
	case KEEPER_EXITED:
		isolated_process_exited(tree, message);
		break;
	case KEEPER_OUTPUT:
		isolated_process_said(tree, keeper_message_find(message, KEEPER_STRING_ROLE), text);
		isolation_say(tree->remains.record.name,
			keeper_message_find(message, KEEPER_STRING_ROLE), text);
		break;
	case KEEPER_SAID:
		isolation_say(tree->remains.record.name, NULL, text);
		break;
	case KEEPER_SOUND:
		if (tree->state == TREE_READY)
			tree->events->sound_changed(
				tree->data, message->flags & KEEPER_FLAG_ON, text);
		break;
	default:
		give_up(tree, "its keeper speaks nonsense");
		break;
	}
}

/* What is left to say comes with its end. */
static void on_closed(void *data)
{
	give_up(data, "its keeper closed the connection");
}

int isolated_tree_watch(struct isolated_tree *tree, int socket, uint64_t deadline_us)
{
	static const struct keeper_link_events events = { on_message, on_closed };
	sd_event *event = tree->isolation->event;
	tree->link = keeper_link_create(event, socket, &events, tree);
	if (!tree->link)
		return -errno;
	int error = sd_event_add_io(
		event, &tree->watch, tree->remains.pidfd, EPOLLIN, on_keeper_end, tree);
	/* Its last words first. */
	if (error >= 0)
		error = sd_event_source_set_priority(tree->watch, SD_EVENT_PRIORITY_NORMAL + 1);
	if (error >= 0)
		error = sd_event_add_time_relative(event, &tree->deadline, CLOCK_MONOTONIC,
			deadline_us, 1000, on_deadline, tree);
	return error < 0 ? error : 0;
}

static struct isolated_tree *make_tree(
	struct isolation *isolation, const struct isolated_tree_events *events, void *data)
{
	struct isolated_tree *tree = calloc(1, sizeof *tree);
	if (!tree)
		return NULL;
	tree->isolation = isolation;
	tree->remains = TREE_REMAINS_NONE;
	tree->events = events;
	tree->data = data;
	LIST_INIT(&tree->processes);
	LIST_INSERT_HEAD(&isolation->trees, tree, entry);
	return tree;
}

static int check(const struct isolation *isolation, const struct isolated_tree_params *params)
{
	if (!params->name || !keeper_name_is_valid(params->name))
		return EINVAL;
	if (find_tree(isolation, params->name) || isolation_find_kept(isolation, params->name))
		return EEXIST;
	if (!isolation->capabilities.trees || (params->sound && !isolation->capabilities.sound) ||
		(params->profile && !isolation->capabilities.profiles))
		return ENOTSUP;
	return 0;
}

struct isolated_tree *isolated_tree_spawn(struct isolation *isolation,
	const struct isolated_tree_params *wanted, const struct isolated_tree_events *events,
	void *data)
{
	struct isolated_tree_params whole = *wanted;
	const struct isolated_tree_params *params = &whole;
	if (whole.name && !whole.profile)
		whole.profile = isolation_profile(isolation, whole.name);
	const int refusal = check(isolation, params);
	if (refusal) {
		errno = refusal;
		return NULL;
	}
	struct isolated_tree *tree = make_tree(isolation, events, data);
	if (!tree)
		return NULL;
	const int error = isolated_tree_start(tree, params);
	if (error < 0) {
		fprintf(stderr, "lodged: tree %s: it cannot be started in %s: %s\n", params->name,
			isolation->parent, strerror(-error));
		isolated_tree_end(tree);
		errno = -error;
		return NULL;
	}
	return tree;
}

static void tell_keep(struct isolated_tree *tree, bool keep, uint8_t flags, uint64_t value)
{
	if (tree->state == TREE_GONE || !tree->link)
		return;
	struct keeper_writer *writer = malloc(sizeof *writer);
	tree->is_kept = tree->remains.record.kept = keep;
	int error = writer ? tree_record_write(tree->remains.descriptor, &tree->remains.record)
			   : -ENOMEM;
	if (writer) {
		keeper_write(writer, KEEPER_KEEP, flags, 0, value);
		const int failure = keeper_link_send(tree->link, writer, -1);
		error = failure < 0 ? failure : error;
	}
	free(writer);
	if (!keeper_link_flush(tree->link, KEEP_DEADLINE_MS))
		error = -ETIMEDOUT;
	if (error < 0)
		fprintf(stderr, "lodged: tree %s: it may not live as long as it is to: %s\n",
			tree->remains.record.name, strerror(-error));
}

void isolated_tree_keep(struct isolated_tree *tree, bool keep, uint64_t until_ns)
{
	tell_keep(tree, keep, keep ? KEEPER_FLAG_ON : 0, until_ns);
}

void isolated_tree_keep_after(struct isolated_tree *tree, uint64_t duration_ns)
{
	tell_keep(tree, true, KEEPER_FLAG_ON | KEEPER_FLAG_AFTER, duration_ns);
}

static int tell_device(struct isolated_tree *tree, enum keeper_message_type type, const char *path)
{
	if (!keeper_device_is_valid(path))
		return -EINVAL;
	if (tree->state != TREE_READY || !tree->link)
		return -EAGAIN;
	struct keeper_writer *writer = malloc(sizeof *writer);
	if (!writer)
		return -ENOMEM;
	keeper_write(writer, type, 0, 0, 0);
	keeper_write_string(writer, KEEPER_STRING_DEVICE, path);
	const int error = keeper_link_send(tree->link, writer, -1);
	free(writer);
	return error;
}

int isolated_tree_show_device(struct isolated_tree *tree, const char *path)
{
	return tell_device(tree, KEEPER_SHOW, path);
}

int isolated_tree_hide_device(struct isolated_tree *tree, const char *path)
{
	return tell_device(tree, KEEPER_HIDE, path);
}

void isolated_tree_leave(struct isolated_tree *tree)
{
	stop_watching(tree);
	tree->is_left = true;
	tree->state = TREE_GONE;
}

bool isolated_tree_is_left(const struct isolated_tree *tree)
{
	return tree->is_left;
}

int isolated_tree_note(struct isolated_tree *tree, const char *bytes, size_t size)
{
	return tree->remains.descriptor < 0
		? -ENOENT
		: state_file_write(tree->remains.descriptor, TREE_NOTE, bytes, size);
}

/* Its keeper's, if the one that listens there is the keeper of the record. */
static int connect_keeper(const struct tree_remains *remains)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct ucred peer = { 0 };
	socklen_t size = sizeof peer;
	snprintf(address.sun_path, sizeof address.sun_path, "%.90s/keeper", remains->folder);
	const int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	int error = 0;
	if (connect(fd, (const struct sockaddr *)&address, sizeof address) < 0 ||
		getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
		error = -errno;
	else if (peer.pid != remains->record.keeper || peer.uid != geteuid())
		error = -EPERM;
	if (error < 0)
		close(fd);
	return error < 0 ? error : fd;
}

struct isolated_tree *isolated_tree_adopt(struct isolation *isolation, const char *name,
	const struct isolated_tree_events *events, void *data)
{
	struct kept_tree *kept = isolation_find_kept(isolation, name);
	if (!kept) {
		errno = ENOENT;
		return NULL;
	}
	struct isolated_tree *tree = make_tree(isolation, events, data);
	if (!tree)
		return NULL;
	tree->remains = kept->remains;
	tree->is_kept = tree->is_adopted = true;
	LIST_REMOVE(kept, entry);
	free(kept);
	int error = connect_keeper(&tree->remains);
	if (error >= 0)
		error = isolated_tree_watch(tree, error, ADOPTION_DEADLINE_US);
	if (error < 0) {
		fprintf(stderr, "lodged: tree %s: it cannot be adopted and ends: %s\n", name,
			strerror(-error));
		isolated_tree_end(tree);
		errno = error == -ENOENT || error == -ECONNREFUSED ? ENOENT : -error;
		return NULL;
	}
	return tree;
}
