/*
 * isolation: how long an isolated desktop takes to come up and to go, with one process and with 300 in it, and what an
 * idle one holds in memory.
 */
#include <dirent.h>
#include <getopt.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "isolation/isolation.h"
#include "samples.h"

#define DEADLINE_NS 20000000000u
#define MANY 300
#define MS 1e6

struct bench {
	sd_event *event;
	struct isolation *isolation;
	const char *escaper;
	char parent[64];
	struct isolated_tree *tree;
	struct isolated_tree_info info;
	bool ready, ended, exited;
};

static void on_ready(void *data, const struct isolated_tree_info *info)
{
	struct bench *bench = data;
	bench->info = *info;
	bench->ready = true;
}

static void on_ended(void *data, const char *text)
{
	struct bench *bench = data;
	fprintf(stderr, "isolation: the desktop ended: %s\n", text);
	bench->ended = true;
}

static void on_sound_changed(void *data, bool up, const char *text)
{
}

static void on_started(void *data, pid_t pid)
{
}

static void on_exited(void *data, int status, const char *text)
{
	struct bench *bench = data;
	bench->exited = true;
}

static bool wait_for(struct bench *bench, const bool *condition)
{
	const uint64_t due = measure_now_ns() + DEADLINE_NS;
	while (!*condition && !bench->ended && measure_now_ns() < due) {
		if (sd_event_run(bench->event, 100000) < 0)
			return false;
	}
	return *condition && !bench->ended;
}

static bool bring_up(struct bench *bench, bool sound, struct samples *ms)
{
	static const struct isolated_tree_events events = { on_ready, on_ended, on_sound_changed };
	const uint64_t start = measure_now_ns();
	bench->ready = bench->ended = false;
	bench->tree = isolated_tree_spawn(bench->isolation,
		&(struct isolated_tree_params){ .name = "bench", .sound = sound }, &events, bench);
	if (!bench->tree || !wait_for(bench, &bench->ready))
		return false;
	return samples_add(ms, (double)(measure_now_ns() - start) / MS);
}

static bool fill(struct bench *bench, const char *count)
{
	static const struct isolated_process_events events = { on_started, on_exited };
	char path[SOURCE_PATH_MAX + 16];
	snprintf(path, sizeof path, "%s/escaped", bench->info.runtime_folder);
	const char *const arguments[] = { bench->escaper, count, path };
	bench->exited = false;
	return isolated_process_start(bench->tree,
		       &(struct isolated_process_params){
			       .role = "escaper", .arguments = arguments, .argument_count = 3 },
		       &events, bench) &&
		wait_for(bench, &bench->exited);
}

/* Until its folder is gone, which goes last. */
static bool take_down(struct bench *bench, struct samples *ms)
{
	struct stat status;
	const uint64_t start = measure_now_ns();
	isolated_tree_end(bench->tree);
	while (lstat(bench->info.runtime_folder, &status) == 0) {
		if (measure_now_ns() - start > DEADLINE_NS ||
			sd_event_run(bench->event, 100000) < 0)
			return false;
	}
	return samples_add(ms, (double)(measure_now_ns() - start) / MS);
}

static double read_pss_mib(const char *pid)
{
	char path[64], line[256];
	unsigned long kib = 0;
	snprintf(path, sizeof path, "/proc/%.16s/smaps_rollup", pid);
	FILE *file = fopen(path, "re");
	while (file && fgets(line, sizeof line, file) && sscanf(line, "Pss: %lu", &kib) != 1)
		;
	if (file)
		fclose(file);
	return (double)kib / 1024;
}

static bool runs_in(const char *pid, const char *folder)
{
	char path[64], text[8192];
	snprintf(path, sizeof path, "/proc/%.16s/environ", pid);
	FILE *file = fopen(path, "re");
	if (!file)
		return false;
	const size_t size = fread(text, 1, sizeof text, file);
	fclose(file);
	return memmem(text, size, folder, strlen(folder));
}

/* The services by the folder in their environment, the keeper by its name: it has none. */
static double sum_pss_mib(const struct bench *bench)
{
	double sum = 0;
	char path[64], name[32];
	DIR *processes = opendir("/proc");
	for (const struct dirent *entry; processes && (entry = readdir(processes));) {
		snprintf(path, sizeof path, "/proc/%.16s/comm", entry->d_name);
		FILE *file = fopen(path, "re");
		const bool is_keeper = file && fgets(name, sizeof name, file) &&
			strcmp(name, "lodge-keeper\n") == 0;
		if (file)
			fclose(file);
		if (is_keeper || runs_in(entry->d_name, bench->info.runtime_folder))
			sum += read_pss_mib(entry->d_name);
	}
	if (processes)
		closedir(processes);
	return sum;
}

static json_t *percentiles(struct samples *samples)
{
	return json_pack("{s:f, s:f}", "p50", samples_percentile(samples, 0.5), "p95",
		samples_percentile(samples, 0.95));
}

static bool measure(struct bench *bench, unsigned runs)
{
	struct samples up = { 0 }, quiet = { 0 }, one = { 0 }, many = { 0 }, empty = { 0 };
	char count[16];
	double pss = 0;
	bool good = true;
	snprintf(count, sizeof count, "%d", MANY);
	for (unsigned i = 0; i < runs && good; i++) {
		good = bring_up(bench, true, &up);
		pss = good ? sum_pss_mib(bench) : 0;
		good = good && take_down(bench, &empty) && bring_up(bench, false, &quiet) &&
			fill(bench, "1") && take_down(bench, &one) &&
			bring_up(bench, false, &quiet) && fill(bench, count) &&
			take_down(bench, &many);
	}
	json_t *json = json_pack("{s:i, s:i, s:o, s:o, s:o, s:o, s:o, s:f}", "runs", (int)runs,
		"many", MANY, "ready_ms", percentiles(&up), "ready_without_sound_ms",
		percentiles(&quiet), "end_sound_ms", percentiles(&empty), "end_one_ms",
		percentiles(&one), "end_many_ms", percentiles(&many), "idle_pss_mib", pss);
	if (good) {
		json_dumpf(json, stdout, JSON_COMPACT | JSON_REAL_PRECISION(6));
		putchar('\n');
	}
	json_decref(json);
	samples_finish(&up);
	samples_finish(&quiet);
	samples_finish(&one);
	samples_finish(&many);
	samples_finish(&empty);
	return good;
}

static bool prepare(struct bench *bench, const char *keeper)
{
	sigset_t children;
	sigemptyset(&children);
	sigaddset(&children, SIGCHLD);
	sigprocmask(SIG_BLOCK, &children, NULL);
	strcpy(bench->parent, "/tmp/lodge-bench-XXXXXX");
	if (!mkdtemp(bench->parent) || sd_event_new(&bench->event) < 0)
		return false;
	bench->isolation = isolation_create(&(struct isolation_params){
		.event = bench->event, .runtime_parent = bench->parent, .keeper = keeper });
	return bench->isolation;
}

int main(int argc, char **argv)
{
	struct bench bench = { 0 };
	unsigned runs = 20;
	int option;
	while ((option = getopt(argc, argv, "n:")) != -1) {
		if (option != 'n')
			goto usage;
		runs = (unsigned)strtoul(optarg, NULL, 10);
	}
	if (argc - optind != 2 || runs == 0 || runs > 1000)
		goto usage;
	/* Whatever runs in a desktop begins in its own folder. */
	char *escaper = realpath(argv[optind + 1], NULL);
	if (!escaper)
		goto usage;
	bench.escaper = escaper;
	const bool good = prepare(&bench, argv[optind]) && measure(&bench, runs);
	isolation_destroy(bench.isolation);
	sd_event_unref(bench.event);
	rmdir(bench.parent);
	free(escaper);
	return good ? 0 : 1;
usage:
	fprintf(stderr, "usage: isolation [-n RUNS] LODGE-KEEPER ESCAPER\n");
	return 2;
}
