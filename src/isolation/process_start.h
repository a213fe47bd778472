/*
 * Which process a number means: a number is given away again, a number with its start time is not.
 *
 * Room: isolation. Any thread.
 */
#ifndef LODGE_ISOLATION_PROCESS_START_H
#define LODGE_ISOLATION_PROCESS_START_H

#include <stdint.h>
#include <sys/types.h>

/* In clock ticks after boot; 0: no such process, or it has ended. */
uint64_t process_start(pid_t pid);
/* Its pidfd if it is still the one that started then, else -1. */
int process_open(pid_t pid, uint64_t start);
/* The number of the process behind a pidfd, as this process sees it; -1: it has none. */
pid_t process_of_pidfd(int pidfd);

#endif
