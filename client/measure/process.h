/*
 * How much processor time processes take over a measured window, from /proc.
 *
 * Room: client/measure. Any thread, one at a time.
 */
#ifndef LODGE_MEASURE_PROCESS_H
#define LODGE_MEASURE_PROCESS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define PROCESS_WATCH_MAX 8
#define PROCESS_NAME_MAX 32

struct process_watch {
	struct {
		char name[PROCESS_NAME_MAX];
		pid_t pid;
		double before_s;
	} processes[PROCESS_WATCH_MAX];
	size_t count;
	double self_before_s, machine_before_s;
	uint64_t begin_ns;
};

/* "NAME=PID". False: not of that form, or too many. */
bool process_watch_add(struct process_watch *watch, const char *text);
void process_watch_begin(struct process_watch *watch, uint64_t now_ns);
/*
 * {"NAME": percent of one core, ..., "self": ..., "others": ...}: "others" is the rest of the machine, which tells whether the
 * window was disturbed. A process that is gone is null.
 */
json_t *process_watch_report(const struct process_watch *watch, uint64_t now_ns);

#endif
