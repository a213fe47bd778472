/*
 * What a private sway gets to know: its configuration, arguments and environment, made from parameters only.
 *
 * Room: display. Any thread.
 */
#ifndef LODGE_DISPLAY_SWAY_ENVIRONMENT_H
#define LODGE_DISPLAY_SWAY_ENVIRONMENT_H

#include "display/sway/sway_spawn.h"

/* The output that holds the windows while no display exists: sway dies without any (always its first). */
#define SWAY_ANCHOR "HEADLESS-1"
#define SWAY_ANCHOR_MODE "mode --custom 16x16@1Hz"

/* Writes `config` into the folder. 0 or a negative errno. */
int sway_environment_write_config(int folder, const struct sway_spawn_params *params);

/* Adds lines to the configuration beside this socket: what sway is told while it runs it forgets when it reads that
 * again. 0 or a negative errno. */
int sway_environment_add_config(const char *ipc_socket, const char *lines);

/* A NULL-terminated vector, freed with sway_environment_free; NULL when memory is short. */
char **sway_environment_make(const struct sway_spawn_params *params, const char *folder);
void sway_environment_free(char **environment);

/* A deep copy, for starting sway again; NULL when memory is short. */
struct sway_spawn_params *sway_spawn_params_copy(const struct sway_spawn_params *params);
/* The next start is an ordinary one. */
void sway_spawn_params_end_adoption(struct sway_spawn_params *params);
void sway_spawn_params_free(struct sway_spawn_params *params);

/* The absolute path of the binary, to be freed; NULL with errno set. */
char *sway_environment_find_binary(const struct sway_spawn_params *params);

#endif
