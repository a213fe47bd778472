#include "process.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

bool process_watch_add(struct process_watch *watch, const char *text)
{
	char *end;
	const char *equals = strchr(text, '=');
	if (!equals || equals == text || equals - text >= PROCESS_NAME_MAX ||
		watch->count == PROCESS_WATCH_MAX)
		return false;
	const long pid = strtol(equals + 1, &end, 10);
	if (*end != '\0' || pid <= 0 || pid > INT32_MAX)
		return false;
	memcpy(watch->processes[watch->count].name, text, (size_t)(equals - text));
	watch->processes[watch->count].name[equals - text] = '\0';
	watch->processes[watch->count++].pid = (pid_t)pid;
	return true;
}

static double ticks_to_s(unsigned long ticks)
{
	return (double)ticks / (double)sysconf(_SC_CLK_TCK);
}

/* User and system time of all threads; negative when the process is gone. */
static double process_s(pid_t pid)
{
	char path[64], text[1024];
	unsigned long user, system;
	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	FILE *file = fopen(path, "re");
	if (!file)
		return -1;
	const size_t size = fread(text, 1, sizeof text - 1, file);
	fclose(file);
	text[size] = '\0';
	/* The name in brackets may hold anything; the fields behind it are numbers (proc(5)). */
	const char *fields = strrchr(text, ')');
	if (!fields ||
		sscanf(fields + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
			&system) != 2)
		return -1;
	return ticks_to_s(user + system);
}

static double machine_s(void)
{
	unsigned long user = 0, nice = 0, system = 0, idle, wait, interrupt = 0, soft = 0;
	FILE *file = fopen("/proc/stat", "re");
	if (!file)
		return 0;
	if (fscanf(file, "cpu %lu %lu %lu %lu %lu %lu %lu", &user, &nice, &system, &idle, &wait,
		    &interrupt, &soft) != 7)
		user = nice = system = interrupt = soft = 0;
	fclose(file);
	return ticks_to_s(user + nice + system + interrupt + soft);
}

static double self_s(void)
{
	struct rusage usage;
	getrusage(RUSAGE_SELF, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
		(double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

void process_watch_begin(struct process_watch *watch, uint64_t now_ns)
{
	for (size_t i = 0; i < watch->count; i++)
		watch->processes[i].before_s = process_s(watch->processes[i].pid);
	watch->self_before_s = self_s();
	watch->machine_before_s = machine_s();
	watch->begin_ns = now_ns;
}

json_t *process_watch_report(const struct process_watch *watch, uint64_t now_ns)
{
	const double seconds = (double)(now_ns - watch->begin_ns) / 1e9;
	const double share = seconds > 0 ? 100 / seconds : 0;
	const double self = (self_s() - watch->self_before_s) * share;
	double others = (machine_s() - watch->machine_before_s) * share - self;
	json_t *report = json_object();
	for (size_t i = 0; i < watch->count; i++) {
		const double after_s = process_s(watch->processes[i].pid);
		const double before_s = watch->processes[i].before_s;
		const bool alive = after_s >= 0 && before_s >= 0;
		const double percent = alive ? (after_s - before_s) * share : 0;
		json_object_set_new(
			report, watch->processes[i].name, alive ? json_real(percent) : json_null());
		others -= percent;
	}
	json_object_set_new(report, "self", json_real(self));
	json_object_set_new(report, "others", json_real(others));
	return report;
}
