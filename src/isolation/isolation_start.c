#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "isolation/assignments.h"
#include "isolation/control_group.h"
#include "isolation/isolation_private.h"
#include "isolation/launch.h"
#include "isolation/process_start.h"

#define START_DEADLINE_US 15000000u

static int write_setup(const struct isolated_tree *tree, const struct isolated_tree_params *params,
	uint32_t processes_max, struct keeper_writer *writer)
{
	const struct isolated_profile *profile = params->profile;
	const uint8_t flags =
		(params->sound ? KEEPER_FLAG_SOUND : 0) | (profile ? KEEPER_FLAG_PROFILE : 0);
	keeper_write(writer, KEEPER_SETUP, flags, 0, processes_max);
	keeper_write_string(writer, KEEPER_STRING_NAME, params->name);
	keeper_write_string(writer, KEEPER_STRING_FOLDER, tree->remains.folder);
	for (size_t i = 0; i < params->environment_count; i++) {
		if (!assignment_is_valid(params->environment[i]))
			return -EINVAL;
		keeper_write_string(writer, KEEPER_STRING_ENVIRONMENT, params->environment[i]);
	}
	if (profile && !isolation_profile_is_valid(profile))
		return -EINVAL;
	if (profile)
		keeper_write_string(writer, KEEPER_STRING_HOME, profile->home);
	for (size_t i = 0; profile && i < profile->hidden_count; i++)
		keeper_write_string(writer, KEEPER_STRING_HIDDEN, profile->hidden[i]);
	for (size_t i = 0; profile && i < profile->device_count; i++)
		keeper_write_string(writer, KEEPER_STRING_DEVICE, profile->devices[i]);
	return writer->overflow ? -E2BIG : 0;
}

/* Whoever can limits the tree: its control group, its PID namespace, or the keeper's resource limits. */
static void limit(struct isolated_tree *tree, struct launch_params *launch)
{
	if (control_group_limit(tree->remains.record.control_group, tree->processes_max))
		return;
	if (launch_limits_processes())
		launch->processes_max = tree->processes_max;
	else if (geteuid() == 0 && !tree->isolation->manager[0])
		fprintf(stderr,
			"lodged: tree %s: this machine gives no limit to its processes: neither a "
			"pids controller nor Linux 6.14\n",
			tree->remains.record.name);
}

static void make_control_group(struct isolated_tree *tree)
{
	const char *base = tree->isolation->control_group;
	struct tree_record *record = &tree->remains.record;
	if (base[0])
		control_group_make(base, record->name, record->control_group);
}

static int start_keeper(struct isolated_tree *tree, int socket)
{
	struct isolation *isolation = tree->isolation;
	struct tree_remains *remains = &tree->remains;
	struct launch_params params = {
		.keeper = isolation->keeper,
		.name = remains->record.name,
		.socket = socket,
		.user_namespace = isolation->user_namespace,
	};
	if (!isolation->manager[0])
		make_control_group(tree);
	limit(tree, &params);
	params.control_group = remains->record.control_group;
	pid_t pid = launch(&params, &remains->pidfd);
	if (pid < 0 && params.control_group[0]) {
		fprintf(stderr, "lodged: tree %s: no control group: %s cannot be entered: %s\n",
			remains->record.name, params.control_group, strerror((int)-pid));
		control_group_remove(remains->record.control_group);
		remains->record.control_group[0] = '\0';
		pid = launch(&params, &remains->pidfd);
	}
	if (pid < 0)
		return (int)pid;
	remains->record.keeper = pid;
	remains->record.start = process_start(pid);
	return tree_record_write(remains->descriptor, &remains->record);
}

/* What the keeper waits for. It starts nothing before. */
static int send_setup(struct isolated_tree *tree)
{
	const int error = keeper_link_send(tree->link, tree->setup, -1);
	free(tree->setup);
	tree->setup = NULL;
	/* It has ended already: the loop will hear its last word. */
	return error == -EPIPE || error == -ECONNRESET ? 0 : error;
}

/* "tree.XXXXXX" is another one for each tree: the unit of an earlier one of its name may still be there. */
static void name_scope(const struct isolated_tree *tree, char name[SCOPE_NAME_MAX])
{
	const char *suffix = strrchr(tree->remains.folder, '.');
	snprintf(name, SCOPE_NAME_MAX, "lodge-tree-%s-%.16s.scope", tree->remains.record.name,
		suffix ? suffix + 1 : "");
}

/* Without a scope it stays in the host's unit, and goes with that. */
static void do_without_scope(struct isolated_tree *tree, const char *text)
{
	struct tree_record *record = &tree->remains.record;
	fprintf(stderr, "lodged: tree %s: it ends with the host's unit: no scope of its own: %s\n",
		record->name, text);
	make_control_group(tree);
	if (record->control_group[0] &&
		control_group_enter(record->control_group, record->keeper) < 0) {
		control_group_remove(record->control_group);
		record->control_group[0] = '\0';
	}
	control_group_limit(record->control_group, tree->processes_max);
}

static void on_scope(void *data, int error, const char *text)
{
	struct isolated_tree *tree = data;
	struct tree_remains *remains = &tree->remains;
	char name[SCOPE_NAME_MAX];
	name_scope(tree, name);
	if (error == 0 &&
		control_group_of(remains->record.keeper, name, remains->record.control_group) < 0) {
		error = -ENOENT;
		text = "its keeper is not in it";
	}
	if (error < 0)
		do_without_scope(tree, text[0] ? text : strerror(-error));
	scope_request_destroy(tree->scope);
	tree->scope = NULL;
	error = tree_record_write(remains->descriptor, &remains->record);
	if (error == 0)
		error = send_setup(tree);
	if (error < 0) {
		snprintf(tree->why, sizeof tree->why, "it cannot be set up: %s", strerror(-error));
		tree_remains_kill(remains);
	}
}

static int ask_for_scope(struct isolated_tree *tree)
{
	char name[SCOPE_NAME_MAX];
	name_scope(tree, name);
	tree->scope = scope_request(&(struct scope_params){
		.event = tree->isolation->event,
		.manager = tree->isolation->manager,
		.name = name,
		.process = tree->remains.record.keeper,
		.tasks_max = tree->processes_max,
		.done = on_scope,
		.data = tree,
	});
	if (tree->scope)
		return 0;
	do_without_scope(tree, strerror(errno));
	const int error = tree_record_write(tree->remains.descriptor, &tree->remains.record);
	return error < 0 ? error : send_setup(tree);
}

int isolated_tree_start(struct isolated_tree *tree, const struct isolated_tree_params *params)
{
	int ends[2];
	tree->processes_max = params->processes_max ? params->processes_max : PROCESSES_MAX_DEFAULT;
	tree->setup = malloc(sizeof *tree->setup);
	if (!tree->setup)
		return -ENOMEM;
	int error = tree_remains_make(&tree->remains, tree->isolation->parent, params->name);
	if (error == 0)
		error = write_setup(tree, params, tree->processes_max, tree->setup);
	if (error == 0 &&
		socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) < 0)
		error = -errno;
	if (error < 0)
		return error;
	tree->remains.record.sound = params->sound;
	error = start_keeper(tree, ends[1]);
	close(ends[1]);
	if (error < 0) {
		close(ends[0]);
		return error;
	}
	error = isolated_tree_watch(tree, ends[0], START_DEADLINE_US);
	if (error < 0)
		return error;
	return tree->isolation->manager[0] ? ask_for_scope(tree) : send_setup(tree);
}
