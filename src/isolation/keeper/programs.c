#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "isolation/keeper/child.h"

#define STATUS_NOT_RUN (127 << 8)

struct program {
	LIST_ENTRY(program) entry;
	struct keeper *keeper;
	uint32_t id;
	char role[ISOLATED_NAME_MAX];
	bool is_running;
	struct child *child;
};

static struct program *find(const struct keeper *keeper, uint32_t id)
{
	struct program *program;
	LIST_FOREACH (program, &keeper->programs, entry) {
		if (program->id == id)
			return program;
	}
	return NULL;
}

static void tell_start(const struct program *program, bool ran_before)
{
	struct keeper *keeper = program->keeper;
	keeper_write(
		&keeper->message, KEEPER_STARTED, ran_before ? KEEPER_FLAG_ON : 0, program->id, 0);
	keeper_write_string(&keeper->message, KEEPER_STRING_ROLE, program->role);
	keeper_send(keeper, child_pidfd(program->child));
}

static void tell_exit(struct keeper *keeper, uint32_t id, int status, const char *text)
{
	keeper_write(&keeper->message, KEEPER_EXITED, 0, id, (uint64_t)status);
	keeper_write_string(&keeper->message, KEEPER_STRING_TEXT, text);
	keeper_send(keeper, -1);
}

static void on_started(void *data, struct child *child)
{
	struct program *program = data;
	program->is_running = true;
	tell_start(program, false);
}

static void on_exited(void *data, int status, const char *text)
{
	struct program *program = data;
	tell_exit(program->keeper, program->id, text[0] ? STATUS_NOT_RUN : status, text);
	LIST_REMOVE(program, entry);
	free(program);
}

static int start(struct program *program, const struct keeper_message *message)
{
	static const struct child_events events = { on_started, on_exited };
	struct keeper *keeper = program->keeper;
	struct assignments environment = { 0 };
	const size_t count = keeper_message_count(message, KEEPER_STRING_ARGUMENT);
	const char **arguments = calloc(count + 1, sizeof *arguments);
	size_t position = 0;
	enum keeper_string kind;
	int error = arguments ? assignments_copy(&environment, &keeper->environment) : -ENOMEM;
	for (const char *text; (text = keeper_message_next(message, &position, &kind));) {
		if (kind == KEEPER_STRING_ENVIRONMENT && error == 0)
			error = assignments_add(&environment, text);
	}
	if (error == 0) {
		keeper_message_list(message, KEEPER_STRING_ARGUMENT, arguments, count + 1);
		program->child = child_start(keeper,
			&(struct child_params){
				.role = program->role,
				.arguments = arguments,
				.environment = &environment,
				.folder = keeper_message_find(message, KEEPER_STRING_FOLDER),
				.as_ordinary_user = message->flags & KEEPER_FLAG_ORDINARY,
			},
			&events, program);
		error = program->child ? 0 : -errno;
	}
	assignments_finish(&environment);
	free(arguments);
	return error;
}

void program_start(struct keeper *keeper, const struct keeper_message *message)
{
	char text[256];
	struct program *program = find(keeper, message->id) ? NULL : calloc(1, sizeof *program);
	int error = program ? 0 : -ENOMEM;
	if (program) {
		program->keeper = keeper;
		program->id = message->id;
		snprintf(program->role, sizeof program->role, "%s",
			keeper_message_find(message, KEEPER_STRING_ROLE));
		error = start(program, message);
	}
	if (error == 0) {
		LIST_INSERT_HEAD(&keeper->programs, program, entry);
		return;
	}
	free(program);
	snprintf(text, sizeof text, "%.128s cannot be run: %s",
		keeper_message_find(message, KEEPER_STRING_ARGUMENT), strerror(-error));
	tell_exit(keeper, message->id, STATUS_NOT_RUN, text);
}

void program_signal(struct keeper *keeper, uint32_t id, int signal_number)
{
	const struct program *program = find(keeper, id);
	if (program)
		child_signal(program->child, signal_number);
}

void program_end(struct keeper *keeper, uint32_t id)
{
	const struct program *program = find(keeper, id);
	if (program)
		child_kill(program->child);
}

void programs_tell(struct keeper *keeper)
{
	const struct program *program;
	LIST_FOREACH (program, &keeper->programs, entry) {
		if (program->is_running)
			tell_start(program, true);
	}
}
