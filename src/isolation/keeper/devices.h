/*
 * The tree's own /dev: what the machine's has that this user may open, as it comes and goes, but for what is pressed and
 * moved. /dev/input is empty, /dev/uinput, /dev/uhid and /dev/hidraw* are not there, until the host shows single nodes.
 *
 * It is a tmpfs of the keeper's mount namespace that nobody else can write to, or take away (as an ordinary user). What is
 * mounted in it later is seen by everything that runs already, and in mount namespaces that were made below it
 * (bubblewrap's), as long as they left it shared or made it a slave.
 */
#ifndef LODGE_ISOLATION_KEEPER_DEVICES_H
#define LODGE_ISOLATION_KEEPER_DEVICES_H

#include "isolation/keeper/keeper.h"

/* Before anything is started. NULL with errno. It lives as long as the keeper. */
struct devices *devices_create(struct keeper *keeper);

/*
 * A node of a device that may be shown (keeper_device_is_valid) appears, or goes. Programs hear of it by inotify: when it comes,
 * and whenever it may be opened by others than before. It goes by itself when the machine's goes. Attempts that fail are said.
 */
void devices_show(struct devices *devices, const char *path);
void devices_hide(struct devices *devices, const char *path);
/* The host that showed them is gone. */
void devices_hide_all(struct devices *devices);

#endif
