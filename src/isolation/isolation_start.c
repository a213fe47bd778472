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
static void limit(struct isolated_tree *tree, uint32_t processes_max, struct launch_params *launch)
{
	if (control_group_limit(tree->remains.record.control_group, processes_max))
		return;
	if (launch_limits_processes())
		launch->processes_max = processes_max;
	else if (geteuid() == 0)
		fprintf(stderr,
			"lodged: tree %s: this machine gives no limit to its processes: neither a "
			"pids controller nor Linux 6.14\n",
			tree->remains.record.name);
}

static int start_keeper(struct isolated_tree *tree, uint32_t processes_max, int socket)
{
	struct isolation *isolation = tree->isolation;
	struct tree_remains *remains = &tree->remains;
	struct launch_params params = {
		.keeper = isolation->keeper,
		.name = remains->record.name,
		.socket = socket,
		.user_namespace = isolation->user_namespace,
	};
	if (isolation->control_group[0])
		control_group_make(isolation->control_group, remains->record.name,
			remains->record.control_group);
	limit(tree, processes_max, &params);
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

int isolated_tree_start(struct isolated_tree *tree, const struct isolated_tree_params *params)
{
	const uint32_t processes_max =
		params->processes_max ? params->processes_max : PROCESSES_MAX_DEFAULT;
	struct keeper_writer *writer = malloc(sizeof *writer);
	int ends[2];
	if (!writer)
		return -ENOMEM;
	int error = tree_remains_make(&tree->remains, tree->isolation->parent, params->name);
	if (error == 0)
		error = write_setup(tree, params, processes_max, writer);
	if (error == 0 &&
		socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) < 0)
		error = -errno;
	if (error < 0)
		goto out;
	tree->remains.record.sound = params->sound;
	error = start_keeper(tree, processes_max, ends[1]);
	close(ends[1]);
	if (error < 0)
		close(ends[0]);
	else
		error = isolated_tree_watch(tree, ends[0], START_DEADLINE_US);
	if (error == 0) {
		error = keeper_link_send(tree->link, writer, -1);
		/* It has ended already: the loop will hear its last word. */
		if (error == -EPIPE || error == -ECONNRESET)
			error = 0;
	}
out:
	free(writer);
	return error;
}
