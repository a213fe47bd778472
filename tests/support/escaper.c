/*
 * A program that does what it can to outlive its desktop.
 *
 *	escaper COUNT FILE	COUNT daemons, twice forked, in sessions of their own, deaf to every signal that one can be
 *				deaf to; FILE gets a line for each. Then it ends.
 *	escaper --bomb		forks for ever, and so does whatever it forks
 *	escaper --kill-all	signals every process it sees, and the first one by name
 *	escaper --stay FILE	writes "pid N" to FILE and stays
 */
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define BOMB_FORKS_MAX 4000

static void ignore_signals(void)
{
	for (int number = 1; number < NSIG; number++)
		signal(number, SIG_IGN);
}

static void say(const char *path, const char *what)
{
	char line[64];
	const int size = snprintf(line, sizeof line, "%s %d\n", what, (int)getpid());
	const int file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (file < 0 || write(file, line, (size_t)size) != size)
		_exit(1);
	close(file);
}

static void stay(void)
{
	for (;;)
		pause();
}

static void make_daemon(const char *path)
{
	const pid_t pid = fork();
	if (pid > 0) {
		waitpid(pid, NULL, 0);
		return;
	}
	setsid();
	if (fork() != 0)
		_exit(0);
	ignore_signals();
	if (chdir("/") < 0)
		_exit(1);
	say(path, "daemon");
	stay();
}

/* Where nothing bounds it, it bounds itself: the machine is somebody's. */
static void bomb(void)
{
	atomic_int *forks = mmap(
		NULL, sizeof *forks, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ignore_signals();
	for (;;) {
		/* A refused fork costs the machine as much as a granted one. */
		if (forks == MAP_FAILED || atomic_fetch_add(forks, 1) > BOMB_FORKS_MAX ||
			fork() < 0)
			sleep(1);
	}
}

static void kill_all(void)
{
	ignore_signals();
	kill(1, SIGTERM);
	kill(1, SIGKILL);
	kill(1, SIGSTOP);
	kill(-1, SIGUSR1);
}

int main(int count, char **arguments)
{
	if (count == 2 && strcmp(arguments[1], "--bomb") == 0) {
		bomb();
	} else if (count == 2 && strcmp(arguments[1], "--kill-all") == 0) {
		kill_all();
	} else if (count == 3 && strcmp(arguments[1], "--stay") == 0) {
		say(arguments[2], "pid");
		stay();
	} else if (count == 3) {
		for (int i = atoi(arguments[1]); i > 0; i--)
			make_daemon(arguments[2]);
	} else {
		fputs("usage: escaper COUNT FILE | --stay FILE | --bomb | --kill-all\n", stderr);
		return 2;
	}
	return 0;
}
