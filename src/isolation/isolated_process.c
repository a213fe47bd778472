#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "isolation/assignments.h"
#include "isolation/isolation_private.h"
#include "isolation/process_start.h"

static struct isolated_process *find_id(const struct isolated_tree *tree, uint32_t id)
{
	struct isolated_process *process;
	LIST_FOREACH (process, &tree->processes, entry) {
		if (process->id == id)
			return process;
	}
	return NULL;
}

static struct isolated_process *make(struct isolated_tree *tree, uint32_t id, const char *role)
{
	struct isolated_process *process = calloc(1, sizeof *process);
	if (!process)
		return NULL;
	process->tree = tree;
	process->id = id;
	process->pidfd = -1;
	snprintf(process->role, sizeof process->role, "%s", role);
	LIST_INSERT_HEAD(&tree->processes, process, entry);
	return process;
}

void isolated_process_free(struct isolated_process *process)
{
	LIST_REMOVE(process, entry);
	sd_event_source_disable_unref(process->tell);
	if (process->pidfd >= 0)
		close(process->pidfd);
	free(process);
}

/* It may have ended before this was heard: then it has no number any more. */
static void tell_start(struct isolated_process *process)
{
	const pid_t pid = process_of_pidfd(process->pidfd);
	process->events->started(process->data, pid > 0 ? pid : 0);
}

void isolated_process_started(
	struct isolated_tree *tree, const struct keeper_message *message, int pidfd)
{
	struct isolated_process *process = find_id(tree, message->id);
	if (!process && (message->flags & KEEPER_FLAG_ON)) {
		process = make(tree, message->id, keeper_message_find(message, KEEPER_STRING_ROLE));
		if (process)
			process->is_unclaimed = true;
		if (tree->last_id < message->id)
			tree->last_id = message->id;
	}
	if (!process || process->pidfd >= 0) {
		close(pidfd); /* it was ended before it began */
		return;
	}
	process->pidfd = pidfd;
	if (!process->is_unclaimed)
		tell_start(process);
}

/* The events may do anything but find this process again. */
static void tell_exit(struct isolated_process *process, int status, const char *text)
{
	const struct isolated_process_events *events = process->events;
	void *data = process->data;
	const bool is_told = !process->is_unclaimed;
	isolated_process_free(process);
	if (is_told)
		events->exited(data, status, text);
}

void isolated_process_exited(struct isolated_tree *tree, const struct keeper_message *message)
{
	struct isolated_process *process = find_id(tree, message->id);
	const char *text = keeper_message_find(message, KEEPER_STRING_TEXT);
	const int status = (int)message->value;
	char last_words[LAST_WORDS_MAX];
	if (!process)
		return;
	memcpy(last_words, process->last_words, sizeof last_words);
	tell_exit(process, status, text[0] || status == 0 ? text : last_words);
}

void isolated_process_said(struct isolated_tree *tree, const char *role, const char *text)
{
	struct isolated_process *process;
	char line[LAST_WORDS_MAX];
	isolation_copy_plain(text, line, sizeof line);
	if (line[strspn(line, " \t")] == '\0')
		return;
	LIST_FOREACH (process, &tree->processes, entry) {
		if (strcmp(process->role, role) == 0)
			memcpy(process->last_words, line, sizeof line);
	}
}

bool isolated_process_tell_end(struct isolated_tree *tree)
{
	struct isolated_process *process = LIST_FIRST(&tree->processes);
	if (process)
		tell_exit(process, SIGKILL, "its tree ended");
	return process;
}

static int write_start(
	const struct isolated_process_params *params, uint32_t id, struct keeper_writer *writer)
{
	if (!params->role || !keeper_name_is_valid(params->role) || params->argument_count == 0)
		return -EINVAL;
	keeper_write(
		writer, KEEPER_START, params->as_ordinary_user ? KEEPER_FLAG_ORDINARY : 0, id, 0);
	keeper_write_string(writer, KEEPER_STRING_ROLE, params->role);
	for (size_t i = 0; i < params->argument_count; i++)
		keeper_write_string(writer, KEEPER_STRING_ARGUMENT, params->arguments[i]);
	for (size_t i = 0; i < params->environment_count; i++) {
		if (!assignment_is_valid(params->environment[i]))
			return -EINVAL;
		keeper_write_string(writer, KEEPER_STRING_ENVIRONMENT, params->environment[i]);
	}
	keeper_write_string(writer, KEEPER_STRING_FOLDER, params->folder);
	return 0;
}

struct isolated_process *isolated_process_start(struct isolated_tree *tree,
	const struct isolated_process_params *params, const struct isolated_process_events *events,
	void *data)
{
	struct isolated_process *process = NULL;
	struct keeper_writer *writer = malloc(sizeof *writer);
	if (!writer)
		return NULL;
	const uint32_t id = ++tree->last_id;
	int error = tree->state == TREE_READY ? write_start(params, id, writer) : -EAGAIN;
	if (error == 0) {
		process = make(tree, id, params->role);
		error = process ? keeper_link_send(tree->link, writer, -1) : -ENOMEM;
	}
	free(writer);
	if (error < 0) {
		if (process)
			isolated_process_free(process);
		errno = -error;
		return NULL;
	}
	process->events = events;
	process->data = data;
	return process;
}

static int on_tell_start(sd_event_source *source, void *data)
{
	struct isolated_process *process = data;
	sd_event_source_set_enabled(source, SD_EVENT_OFF);
	tell_start(process);
	return 0;
}

struct isolated_process *isolated_process_find(struct isolated_tree *tree, const char *role,
	const struct isolated_process_events *events, void *data)
{
	struct isolated_process *process;
	LIST_FOREACH (process, &tree->processes, entry) {
		if (!process->is_unclaimed || strcmp(process->role, role) != 0)
			continue;
		const int error = sd_event_add_defer(
			tree->isolation->event, &process->tell, on_tell_start, process);
		if (error < 0) {
			errno = -error;
			return NULL;
		}
		process->is_unclaimed = false;
		process->events = events;
		process->data = data;
		return process;
	}
	errno = ENOENT;
	return NULL;
}

static void tell_keeper(
	const struct isolated_process *process, enum keeper_message_type type, uint64_t value)
{
	struct keeper_writer *writer = malloc(sizeof *writer);
	if (!writer || !process->tree->link) {
		free(writer);
		return;
	}
	keeper_write(writer, type, 0, process->id, value);
	keeper_link_send(process->tree->link, writer, -1);
	free(writer);
}

/* Always by the keeper: a signal must not overtake the start. */
void isolated_process_signal(struct isolated_process *process, int signal_number)
{
	tell_keeper(process, KEEPER_SIGNAL, (uint64_t)signal_number);
}

void isolated_process_end(struct isolated_process *process)
{
	tell_keeper(process, KEEPER_END, 0);
	isolated_process_free(process);
}
