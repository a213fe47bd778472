/*
 * The bus and the sound of a tree: dbus-daemon, PipeWire, WirePlumber and PipeWire's PulseAudio server, each started
 * when what it needs answers, and started again when it dies, a bounded number of times.
 */
#ifndef LODGE_ISOLATION_KEEPER_SERVICES_H
#define LODGE_ISOLATION_KEEPER_SERVICES_H

#include "isolation/keeper/keeper.h"

#define SOUND_SINK "session-sink"
#define SOUND_MICROPHONE "session-mic"

/* NULL with errno. Says by itself when the tree is ready, or fails. */
struct services *services_create(struct keeper *keeper, bool sound);
/* How it stands, to a new host. */
void services_tell(struct services *services);

/* sound_config.c: the private settings of the sound, below `folder`; they become part of `environment`. Negative errno. */
int sound_config_write(const char *folder, struct assignments *environment);

/*
 * sound_settled.c: 0 when the default devices of the PipeWire on this socket are the tree's own; else 1, at the
 * latest when its deadline is over. Blocks: for a process of its own.
 */
int sound_settled_wait(const char *socket);

#endif
