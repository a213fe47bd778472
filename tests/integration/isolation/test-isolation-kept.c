#include "isolation_world.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "process/clock.h"

/* What a host that is to be killed says when its tree runs. */
struct word {
	char runtime_folder[SOURCE_PATH_MAX];
	pid_t program;
};

struct host {
	pid_t pid;
	struct word word;
};

enum keeping { NOT_KEPT, KEPT, KEPT_FOR_A_MOMENT, KEPT_A_MOMENT_AFTER, KEPT_AN_HOUR_AFTER };

#define MOMENT_NS 300000000u
#define HOUR_NS 3600000000000u
#define NOTE "what the next one is to know"

/* A process of its own, until somebody kills it. */
static void be_host(struct world *world, const char *name, enum keeping keeping, int pipe)
{
	struct world own = *world;
	struct noted_tree tree;
	struct noted_process program;
	struct word word = { 0 };
	char path[SOURCE_PATH_MAX + 16];
	assert_true(sd_event_new(&own.event) >= 0);
	own.isolation = isolation_create(&(struct isolation_params){
		.event = own.event, .runtime_parent = own.parent, .keeper = own.keeper });
	assert_non_null(own.isolation);
	world_spawn(&own, &tree, name, true);
	world_await_ready(&own, &tree);
	snprintf(path, sizeof path, "%s/stay", tree.info.runtime_folder);
	world_start(&tree, &program, "app",
		(const char *const[]){ world_programs.escaper, "--stay", path, NULL });
	world_await_started(&own, &program);
	assert_int_equal(isolated_tree_note(tree.tree, NOTE, strlen(NOTE)), 0);
	if (keeping == KEPT)
		isolated_tree_keep(tree.tree, true, UINT64_MAX);
	else if (keeping == KEPT_FOR_A_MOMENT)
		isolated_tree_keep(tree.tree, true, clock_ns(CLOCK_BOOTTIME) + MOMENT_NS);
	else if (keeping != NOT_KEPT)
		isolated_tree_keep_after(
			tree.tree, keeping == KEPT_AN_HOUR_AFTER ? HOUR_NS : MOMENT_NS);
	word.program = program.pid;
	memcpy(word.runtime_folder, tree.info.runtime_folder, sizeof word.runtime_folder);
	assert_int_equal(write(pipe, &word, sizeof word), sizeof word);
	sd_event_loop(own.event);
}

static struct host start_host(struct world *world, const char *name, enum keeping keeping)
{
	struct host host = { 0 };
	int ends[2];
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	host.pid = fork();
	if (host.pid == 0) {
		alarm(WORLD_DEADLINE_MS / 1000);
		be_host(world, name, keeping, ends[1]);
		_exit(0);
	}
	close(ends[1]);
	/* A host that fails closes its end. */
	assert_int_equal(read(ends[0], &host.word, sizeof host.word), sizeof host.word);
	close(ends[0]);
	return host;
}

static void kill_host(const struct host *host)
{
	int status;
	assert_int_equal(kill(host->pid, SIGKILL), 0);
	assert_int_equal(waitpid(host->pid, &status, 0), host->pid);
	assert_true(WIFSIGNALED(status));
}

static bool has_no_folder(void *data)
{
	return world_count_entries(data) == 0;
}

static void await_end_of_its_tree(struct world *world, const struct host *host)
{
	world_await_no_process(world, host->word.runtime_folder);
	assert_true(world_wait(world, has_no_folder, world->parent));
}

static void nothing_outlives_a_killed_host(void **state)
{
	struct world *world = *state;
	struct host host = start_host(world, "desktop-1", NOT_KEPT);
	kill_host(&host);
	await_end_of_its_tree(world, &host);
	world_restart(world);
}

static void a_kept_tree_is_adopted_with_its_program(void **state)
{
	struct world *world = *state;
	struct host host = start_host(world, "desktop-1", KEPT);
	struct noted_tree tree = { 0 };
	struct noted_process program = { 0 };
	char names[4][ISOLATED_NAME_MAX];
	kill_host(&host);
	world_run(world, 100);
	world_restart(world);
	assert_int_equal(isolation_kept(world->isolation, names, 4), 1);
	assert_string_equal(names[0], "desktop-1");
	/* It lives: the name is not free. */
	assert_null(isolated_tree_spawn(world->isolation,
		&(struct isolated_tree_params){ .name = "desktop-1" }, &noted_tree_events, &tree));
	tree.tree = isolated_tree_adopt(world->isolation, "desktop-1", &noted_tree_events, &tree);
	assert_non_null(tree.tree);
	assert_int_equal(isolation_kept(world->isolation, names, 4), 0);
	world_await_ready(world, &tree);
	assert_string_equal(tree.info.runtime_folder, host.word.runtime_folder);
	assert_string_equal(tree.info.sink, "session-sink");
	assert_null(isolated_process_find(tree.tree, "other", &noted_process_events, &program));
	program.process = isolated_process_find(tree.tree, "app", &noted_process_events, &program);
	assert_non_null(program.process);
	assert_null(isolated_process_find(tree.tree, "app", &noted_process_events, &program));
	world_await_started(world, &program);
	assert_int_equal(program.pid, host.word.program);
	char *text = world_shell(world, &tree, "pactl info");
	assert_non_null(strstr(text, "Default Sink: session-sink\n"));
	free(text);
	isolated_process_signal(program.process, SIGTERM);
	world_await_exited(world, &program);
	assert_int_equal(program.status, SIGTERM);
	isolated_tree_end(tree.tree);
	world_await_no_process(world, host.word.runtime_folder);
}

static void a_kept_tree_that_is_adopted_can_be_given_up_again(void **state)
{
	struct world *world = *state;
	struct host host = start_host(world, "desktop-1", KEPT);
	struct noted_tree tree = { 0 };
	kill_host(&host);
	world_restart(world);
	tree.tree = isolated_tree_adopt(world->isolation, "desktop-1", &noted_tree_events, &tree);
	assert_non_null(tree.tree);
	world_await_ready(world, &tree);
	/* Kept still, by the one who adopted it. */
	world_restart(world);
	char names[1][ISOLATED_NAME_MAX];
	assert_int_equal(isolation_kept(world->isolation, names, 1), 1);
	tree = (struct noted_tree){ 0 };
	tree.tree = isolated_tree_adopt(world->isolation, "desktop-1", &noted_tree_events, &tree);
	assert_non_null(tree.tree);
	world_await_ready(world, &tree);
	isolated_tree_keep(tree.tree, false, 0);
	world_restart(world);
	world_await_no_process(world, host.word.runtime_folder);
}

static void a_kept_tree_ends_at_its_deadline(void **state)
{
	struct world *world = *state;
	struct host host = start_host(world, "desktop-1", KEPT_FOR_A_MOMENT);
	kill_host(&host);
	await_end_of_its_tree(world, &host);
}

/* By then it has lived longer with its host than it is kept without. */
static void what_is_kept_after_its_host_ends_a_while_after_it(void **state)
{
	struct world *world = *state;
	struct host host = start_host(world, "desktop-1", KEPT_A_MOMENT_AFTER);
	world_run(world, 2 * MOMENT_NS / 1000000);
	assert_int_equal(kill(host.word.program, 0), 0);
	kill_host(&host);
	await_end_of_its_tree(world, &host);
}

static void who_adopts_hears_until_when_it_was_kept(void **state)
{
	struct world *world = *state;
	struct host host = start_host(world, "desktop-1", KEPT_AN_HOUR_AFTER);
	struct noted_tree tree = { 0 };
	const uint64_t before_ns = clock_ns(CLOCK_BOOTTIME);
	kill_host(&host);
	world_restart(world);
	tree.tree = isolated_tree_adopt(world->isolation, "desktop-1", &noted_tree_events, &tree);
	assert_non_null(tree.tree);
	world_await_ready(world, &tree);
	assert_true(tree.info.kept_until_ns >= before_ns + HOUR_NS);
	assert_true(tree.info.kept_until_ns <= clock_ns(CLOCK_BOOTTIME) + HOUR_NS);
	assert_ptr_equal(tree.info.tree, tree.tree);
	/* The same when the one who adopted it ends without a word about it. */
	const uint64_t until_ns = tree.info.kept_until_ns;
	world_restart(world);
	tree = (struct noted_tree){ 0 };
	tree.tree = isolated_tree_adopt(world->isolation, "desktop-1", &noted_tree_events, &tree);
	assert_non_null(tree.tree);
	world_await_ready(world, &tree);
	assert_true(tree.info.kept_until_ns == until_ns);
	isolated_tree_end(tree.tree);
	world_await_no_process(world, host.word.runtime_folder);
}

static void what_is_left_outlives_its_handles(void **state)
{
	struct world *world = *state;
	struct noted_tree kept, other;
	struct noted_process program;
	char names[2][ISOLATED_NAME_MAX];
	world_spawn(world, &kept, "desktop-1", false);
	world_spawn(world, &other, "desktop-2", false);
	world_await_ready(world, &kept);
	world_await_ready(world, &other);
	world_start(&kept, &program, "app", (const char *const[]){ "sleep", "60", NULL });
	world_await_started(world, &program);
	isolated_tree_keep(kept.tree, true, UINT64_MAX);
	isolation_leave(world->isolation);
	isolated_process_signal(program.process, SIGKILL); /* reaches nobody */
	isolated_process_end(program.process);
	isolated_tree_end(kept.tree);
	isolated_tree_end(other.tree);
	world_await_no_process(world, other.info.runtime_folder);
	assert_int_equal(kill(program.pid, 0), 0);
	world_restart(world);
	assert_int_equal(isolation_kept(world->isolation, names, 2), 1);
	assert_string_equal(names[0], "desktop-1");
	isolation_end_kept(world->isolation, "desktop-1");
	isolation_end_kept(world->isolation, "desktop-1");
	world_await_no_process(world, kept.info.runtime_folder);
}

/* Between its call and the keeper's answer. */
static void what_is_left_while_it_is_adopted_lives_on(void **state)
{
	struct world *world = *state;
	struct host host = start_host(world, "desktop-1", KEPT);
	struct noted_tree tree = { 0 };
	char names[1][ISOLATED_NAME_MAX];
	kill_host(&host);
	world_restart(world);
	tree.tree = isolated_tree_adopt(world->isolation, "desktop-1", &noted_tree_events, &tree);
	assert_non_null(tree.tree);
	isolation_leave(world->isolation);
	isolated_tree_end(tree.tree);
	world_restart(world);
	assert_int_equal(isolation_kept(world->isolation, names, 1), 1);
	assert_int_equal(kill(host.word.program, 0), 0);
	isolation_end_kept(world->isolation, "desktop-1");
	world_await_no_process(world, host.word.runtime_folder);
}

static void the_next_host_reads_the_note(void **state)
{
	struct world *world = *state;
	struct host host = start_host(world, "desktop-1", KEPT);
	char *note = NULL;
	size_t size = 0;
	kill_host(&host);
	world_restart(world);
	assert_int_equal(
		isolation_kept_note(world->isolation, "desktop-1", 8, &note, &size), -EFBIG);
	assert_int_equal(isolation_kept_note(world->isolation, "other", 99, &note, &size), -ENOENT);
	assert_int_equal(isolation_kept_note(world->isolation, "desktop-1", 99, &note, &size), 0);
	assert_string_equal(note, NOTE);
	free(note);
	isolation_end_kept(world->isolation, "desktop-1");
	await_end_of_its_tree(world, &host);
}

static void what_a_living_host_has_is_its_own(void **state)
{
	struct world *world = *state;
	struct host host = start_host(world, "desktop-1", KEPT);
	char names[1][ISOLATED_NAME_MAX];
	world_restart(world);
	assert_int_equal(isolation_kept(world->isolation, names, 1), 0);
	world_run(world, 50);
	assert_int_equal(kill(host.word.program, 0), 0);
	kill_host(&host);
	world_restart(world);
	assert_int_equal(isolation_kept(world->isolation, names, 1), 1);
	struct noted_tree tree = { 0 };
	tree.tree = isolated_tree_adopt(world->isolation, "desktop-1", &noted_tree_events, &tree);
	assert_non_null(tree.tree);
	isolated_tree_end(tree.tree); /* before it was ready */
	world_await_no_process(world, host.word.runtime_folder);
}

static void a_second_connection_to_its_keeper_is_refused(void **state)
{
	struct world *world = *state;
	struct noted_tree tree;
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char byte;
	world_spawn(world, &tree, "desktop-1", false);
	world_await_ready(world, &tree);
	snprintf(address.sun_path, sizeof address.sun_path, "%.80s/../keeper",
		tree.info.runtime_folder);
	const int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	const struct timeval patience = { .tv_sec = WORLD_DEADLINE_MS / 1000 };
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof address), 0);
	assert_int_equal(read(fd, &byte, 1), 0); /* closed without a word */
	close(fd);
	world_run(world, 20);
	assert_false(tree.ended);
	isolated_tree_end(tree.tree);
}

static void a_record_of_another_process_kills_nobody(void **state)
{
	struct world *world = *state;
	char path[PATH_MAX];
	int status;
	const pid_t bystander = fork();
	if (bystander == 0) {
		alarm(WORLD_DEADLINE_MS / 1000);
		pause();
		_exit(0);
	}
	/* The number is right, its start time is not. */
	snprintf(path, sizeof path, "%s/tree.abcdef", world->parent);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof path, "%s/tree.abcdef/record", world->parent);
	FILE *file = fopen(path, "we");
	assert_non_null(file);
	fprintf(file, "lodge-tree 1\nname desktop-1\nkeeper %d 1\nkept 1\nsound 0\ngroup \n",
		(int)bystander);
	assert_int_equal(fclose(file), 0);
	char names[1][ISOLATED_NAME_MAX];
	world_restart(world);
	assert_int_equal(isolation_kept(world->isolation, names, 1), 0);
	assert_int_equal(world_count_entries(world->parent), 0);
	assert_int_equal(waitpid(bystander, &status, WNOHANG), 0);
	kill(bystander, SIGKILL);
	assert_int_equal(waitpid(bystander, &status, 0), bystander);
}

static void links_in_a_folder_are_not_followed(void **state)
{
	struct world *world = *state;
	struct noted_tree tree;
	char precious[PATH_MAX], script[PATH_MAX * 2];
	snprintf(precious, sizeof precious, "%s/precious", world->root);
	assert_int_equal(mkdir(precious, 0700), 0);
	snprintf(precious, sizeof precious, "%s/precious/file", world->root);
	const int file = open(precious, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(file >= 0);
	close(file);
	world_spawn(world, &tree, "desktop-1", false);
	world_await_ready(world, &tree);
	snprintf(script, sizeof script,
		"cd $XDG_RUNTIME_DIR; ln -s %s/precious link; mkdir -p closed/inner; "
		"touch closed/inner/file; chmod 000 closed/inner; chmod 000 closed",
		world->root);
	free(world_shell(world, &tree, script));
	isolated_tree_end(tree.tree);
	assert_true(world_wait(world, has_no_folder, world->parent));
	assert_int_equal(access(precious, F_OK), 0);
}

int main(int count, char **arguments)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(nothing_outlives_a_killed_host),
		TEST(a_kept_tree_is_adopted_with_its_program),
		TEST(a_kept_tree_that_is_adopted_can_be_given_up_again),
		TEST(a_kept_tree_ends_at_its_deadline),
		TEST(what_is_kept_after_its_host_ends_a_while_after_it),
		TEST(who_adopts_hears_until_when_it_was_kept),
		TEST(what_is_left_outlives_its_handles),
		TEST(what_is_left_while_it_is_adopted_lives_on),
		TEST(the_next_host_reads_the_note),
		TEST(what_a_living_host_has_is_its_own),
		TEST(a_second_connection_to_its_keeper_is_refused),
		TEST(a_record_of_another_process_kills_nobody),
		TEST(links_in_a_folder_are_not_followed),
	};
	if (!world_read_arguments(count, arguments))
		return 2;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
