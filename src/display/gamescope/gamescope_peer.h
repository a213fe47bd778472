/*
 * Who is at the other end of a socket of gamescope's. What was noted on a disk, or said on a pipe, is only believed of the
 * gamescope that it is about.
 *
 * Room: display. Any thread.
 */
#ifndef LODGE_DISPLAY_GAMESCOPE_PEER_H
#define LODGE_DISPLAY_GAMESCOPE_PEER_H

#include <stdbool.h>
#include <sys/types.h>

/* A connected socket, or a negative errno: nobody listens there. Does not wait. */
int gamescope_peer_connect(const char *path);
/* Who listens there; 0: that cannot be seen. */
pid_t gamescope_peer_of(int fd);
/* Whether both are in one PID namespace, which every isolated tree has of its own. False when one is gone. */
bool gamescope_peer_shares_tree(pid_t one, pid_t other);

#endif
