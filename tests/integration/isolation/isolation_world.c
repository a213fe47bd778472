#include "isolation_world.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct world_programs world_programs;

bool world_read_arguments(int count, char **arguments)
{
	if (count < 3) {
		fprintf(stderr, "usage: %s LODGE-KEEPER ESCAPER\n", arguments[0]);
		return false;
	}
	/* Whatever runs in a tree begins in its own folder. */
	world_programs = (struct world_programs){ realpath(arguments[1], NULL),
		realpath(arguments[2], NULL) };
	return world_programs.keeper && world_programs.escaper;
}

static int64_t now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

bool world_wait(struct world *world, bool (*condition)(void *data), void *data)
{
	const int64_t due = now_ms() + WORLD_DEADLINE_MS;
	while (!condition(data)) {
		if (now_ms() >= due || sd_event_run(world->event, 20000) < 0)
			return false;
	}
	return true;
}

void world_run(struct world *world, unsigned ms)
{
	const int64_t due = now_ms() + ms;
	while (now_ms() < due)
		assert_true(sd_event_run(world->event, 5000) >= 0);
}

static bool counts(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

size_t world_count_entries(const char *folder)
{
	size_t count = 0;
	DIR *entries = opendir(folder);
	for (const struct dirent *entry; entries && (entry = readdir(entries));)
		count += counts(entry);
	if (entries)
		closedir(entries);
	return count;
}

static int remove_entry(const char *path, const struct stat *stat, int type, struct FTW *level)
{
	return remove(path);
}

/* The keeper has neither an environment nor a standard error: its sanitizers are told by a script around it. */
static void write_wrapper(const struct world *world)
{
	FILE *file = fopen(world->keeper, "we");
	assert_non_null(file);
	fprintf(file,
		"#!/bin/sh\n"
		"ASAN_OPTIONS=log_path=%s/findings/asan:detect_leaks=0 \\\n"
		"UBSAN_OPTIONS=log_path=%s/findings/ubsan:halt_on_error=1:print_stacktrace=1 \\\n"
		"exec %s \"$@\"\n",
		world->root, world->root, world_programs.keeper);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(world->keeper, 0700), 0);
}

static void start(struct world *world)
{
	world->isolation = isolation_create(&(struct isolation_params){
		.event = world->event,
		.runtime_parent = world->parent,
		.keeper = world->keeper,
	});
	assert_non_null(world->isolation);
}

int world_setup(void **state)
{
	sigset_t children;
	char path[PATH_MAX];
	struct world *world = calloc(1, sizeof *world);
	assert_non_null(world);
	sigemptyset(&children);
	sigaddset(&children, SIGCHLD);
	sigprocmask(SIG_BLOCK, &children, NULL);
	strcpy(world->root, "/tmp/lodge-isolation-XXXXXX");
	assert_non_null(mkdtemp(world->root));
	snprintf(world->parent, sizeof world->parent, "%s/trees", world->root);
	snprintf(world->keeper, sizeof world->keeper, "%s/keeper", world->root);
	snprintf(path, sizeof path, "%s/findings", world->root);
	assert_int_equal(mkdir(path, 0700), 0);
	write_wrapper(world);
	world->descriptors = world_count_entries("/proc/self/fd");
	assert_true(sd_event_new(&world->event) >= 0);
	start(world);
	*state = world;
	return 0;
}

void world_restart(struct world *world)
{
	isolation_destroy(world->isolation);
	start(world);
}

static void print_findings(const struct world *world)
{
	char command[256];
	snprintf(command, sizeof command, "cat %s/findings/* >&2", world->root);
	if (system(command) != 0)
		fputs("the findings cannot be read\n", stderr);
}

int world_teardown(void **state)
{
	struct world *world = *state;
	char findings[PATH_MAX];
	snprintf(findings, sizeof findings, "%s/findings", world->root);
	isolation_destroy(world->isolation);
	world->event = sd_event_unref(world->event);
	const bool clean = world_count_entries(findings) == 0;
	const bool empty = world_count_entries(world->parent) == 0;
	const bool closed = world_count_entries("/proc/self/fd") == world->descriptors;
	if (!clean)
		print_findings(world);
	if (!empty || !closed)
		fprintf(stderr, "folders left: %zu; descriptors: %zu, before: %zu\n",
			world_count_entries(world->parent), world_count_entries("/proc/self/fd"),
			world->descriptors);
	nftw(world->root, remove_entry, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
	free(world);
	return clean && empty && closed ? 0 : -1;
}

void *world_place_create(size_t size)
{
	struct world **place = calloc(1, size);
	void *world = NULL;
	assert_non_null(place);
	world_setup(&world);
	*place = world;
	return place;
}

int world_place_destroy(void *place)
{
	void *world = *(struct world **)place;
	free(place);
	return world_teardown(&world);
}

static void on_ready(void *data, const struct isolated_tree_info *info)
{
	struct noted_tree *tree = data;
	tree->ready = true;
	tree->info = *info;
}

static void on_ended(void *data, const char *text)
{
	struct noted_tree *tree = data;
	tree->ended = true;
	snprintf(tree->text, sizeof tree->text, "%s", text);
}

static void on_sound_changed(void *data, bool up, const char *text)
{
	struct noted_tree *tree = data;
	tree->ups += up;
	tree->downs += !up;
	snprintf(tree->text, sizeof tree->text, "%s", text);
}

const struct isolated_tree_events noted_tree_events = { on_ready, on_ended, on_sound_changed };

static void on_started(void *data, pid_t pid)
{
	struct noted_process *process = data;
	assert_false(process->started || process->exited);
	process->started = true;
	process->pid = pid;
}

static void on_exited(void *data, int status, const char *text)
{
	struct noted_process *process = data;
	assert_false(process->exited);
	process->exited = true;
	process->status = status;
	snprintf(process->text, sizeof process->text, "%s", text);
}

const struct isolated_process_events noted_process_events = { on_started, on_exited };

void world_spawn(struct world *world, struct noted_tree *tree, const char *name, bool sound)
{
	*tree = (struct noted_tree){ 0 };
	tree->tree = isolated_tree_spawn(world->isolation,
		&(struct isolated_tree_params){ .name = name, .sound = sound }, &noted_tree_events,
		tree);
	assert_non_null(tree->tree);
	assert_false(tree->ready || tree->ended); /* never from inside the call */
}

static bool is_decided(void *data)
{
	const struct noted_tree *tree = data;
	return tree->ready || tree->ended;
}

static bool is_ended(void *data)
{
	return ((const struct noted_tree *)data)->ended;
}

static bool is_started(void *data)
{
	const struct noted_process *process = data;
	return process->started || process->exited;
}

static bool is_exited(void *data)
{
	return ((const struct noted_process *)data)->exited;
}

void world_await_ready(struct world *world, struct noted_tree *tree)
{
	assert_true(world_wait(world, is_decided, tree));
	if (!tree->ready)
		fprintf(stderr, "the tree ended: %s\n", tree->text);
	assert_true(tree->ready);
}

void world_await_ended(struct world *world, struct noted_tree *tree)
{
	assert_true(world_wait(world, is_ended, tree));
}

void world_start(struct noted_tree *tree, struct noted_process *process, const char *role,
	const char *const *arguments)
{
	size_t count = 0;
	while (arguments[count])
		count++;
	*process = (struct noted_process){ 0 };
	process->process = isolated_process_start(tree->tree,
		&(struct isolated_process_params){
			.role = role,
			.arguments = arguments,
			.argument_count = count,
		},
		&noted_process_events, process);
	assert_non_null(process->process);
	assert_false(process->started || process->exited);
}

void world_await_started(struct world *world, struct noted_process *process)
{
	assert_true(world_wait(world, is_started, process));
	if (process->exited)
		fprintf(stderr, "it exited: 0x%x %s\n", (unsigned)process->status, process->text);
	assert_true(process->pid > 0);
}

void world_await_exited(struct world *world, struct noted_process *process)
{
	assert_true(world_wait(world, is_exited, process));
}

char *world_read_file(const char *path)
{
	char *text = NULL;
	size_t size = 0;
	FILE *file = fopen(path, "re");
	if (!file)
		return NULL;
	if (getdelim(&text, &size, EOF, file) < 0) {
		free(text);
		text = strdup("");
	}
	fclose(file);
	return text;
}

size_t world_count_lines(const char *path)
{
	size_t count = 0;
	char *text = world_read_file(path);
	for (const char *rest = text; rest && (rest = strchr(rest, '\n')); rest++)
		count++;
	free(text);
	return count;
}

char *world_shell(struct world *world, struct noted_tree *tree, const char *script)
{
	struct noted_process process;
	char path[SOURCE_PATH_MAX + 16], command[4096];
	snprintf(path, sizeof path, "%s/output", tree->info.runtime_folder);
	const int size = snprintf(command, sizeof command, "{ %s\n} > %s", script, path);
	assert_true(size > 0 && (size_t)size < sizeof command);
	world_start(tree, &process, "shell", (const char *const[]){ "sh", "-c", command, NULL });
	world_await_exited(world, &process);
	if (process.status != 0)
		fprintf(stderr, "status 0x%x %s: %s\n", (unsigned)process.status, process.text,
			script);
	assert_int_equal(process.status, 0);
	char *text = world_read_file(path);
	assert_non_null(text);
	unlink(path);
	return text;
}

static bool runs_in(const char *pid, const char *assignment)
{
	char path[64], text[65536];
	snprintf(path, sizeof path, "/proc/%.16s/environ", pid);
	const int file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return false;
	const ssize_t size = read(file, text, sizeof text);
	close(file);
	return size > 0 && memmem(text, (size_t)size, assignment, strlen(assignment) + 1);
}

size_t world_count_processes(const char *runtime_folder)
{
	size_t count = 0;
	char assignment[PATH_MAX];
	snprintf(assignment, sizeof assignment, "XDG_RUNTIME_DIR=%s", runtime_folder);
	DIR *processes = opendir("/proc");
	assert_non_null(processes);
	for (const struct dirent *entry; (entry = readdir(processes));)
		count += isdigit((unsigned char)entry->d_name[0]) &&
			runs_in(entry->d_name, assignment);
	closedir(processes);
	return count;
}

static bool is_called(const char *pid, const char *name)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%.16s/comm", pid);
	char *text = world_read_file(path);
	const bool found =
		text && strncmp(text, name, strlen(name)) == 0 && text[strlen(name)] == '\n';
	free(text);
	return found;
}

pid_t world_find_process(const char *runtime_folder, const char *name)
{
	pid_t pid = 0;
	char assignment[PATH_MAX];
	snprintf(assignment, sizeof assignment, "XDG_RUNTIME_DIR=%s", runtime_folder);
	DIR *processes = opendir("/proc");
	assert_non_null(processes);
	for (const struct dirent *entry; !pid && (entry = readdir(processes));) {
		if (isdigit((unsigned char)entry->d_name[0]) && is_called(entry->d_name, name) &&
			runs_in(entry->d_name, assignment))
			pid = (pid_t)atoi(entry->d_name);
	}
	closedir(processes);
	return pid;
}

static bool has_no_process(void *data)
{
	return world_count_processes(data) == 0;
}

void world_await_no_process(struct world *world, const char *runtime_folder)
{
	assert_true(world_wait(world, has_no_process, (void *)runtime_folder));
}
