/*
 * The commands of lodge. Room: cli.
 */
#ifndef LODGE_CLI_COMMANDS_H
#define LODGE_CLI_COMMANDS_H

#include <stdio.h>

#include "cli/cli.h"

/* The words begin behind the command's own name. */
typedef enum cli_exit cli_run(struct cli *cli, size_t count, char *const words[]);

struct cli_command {
	const char *name, *arguments, *summary;
	const char *details; /* lines of --help, or "" */
	unsigned options; /* bits 1 << enum cli_option that it takes besides the general ones */
	bool hidden; /* for completion scripts */
	cli_run *run;
};

const struct cli_command *cli_command_find(const char *name); /* NULL: nobody knows it */
/* NULL: of lodge itself. */
void cli_command_help(const struct cli_command *command, FILE *file);

cli_run run_status, run_console; /* command_host.c */
cli_run run_displays, run_release; /* command_displays.c */
cli_run run_preset; /* command_preset.c */
cli_run run_settings; /* command_settings.c */
cli_run run_pair; /* command_pair.c */
cli_run run_clients; /* command_clients.c */
cli_run run_sessions; /* command_sessions.c */
cli_run run_who, run_control; /* command_people.c */
cli_run run_grants; /* command_grants.c */
cli_run run_invite; /* command_invite.c */
cli_run run_apps; /* command_apps.c */
cli_run run_explain; /* command_explain.c */
cli_run run_watch; /* command_watch.c */
cli_run run_complete; /* command_complete.c */

#endif
