#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "isolation/folder_remove.h"
#include "isolation/keeper/keeper.h"

#define WAITS 200
#define WAIT_NS 10000000
#define LAST_WORDS_MS 200

/* SIGCHLD is blocked: it can be waited for. */
static void end_everybody(void)
{
	sigset_t children;
	const struct timespec wait = { .tv_nsec = WAIT_NS };
	sigemptyset(&children);
	sigaddset(&children, SIGCHLD);
	for (int round = 0; round < WAITS; round++) {
		kill(-1, SIGKILL);
		pid_t pid;
		do
			pid = waitpid(-1, NULL, WNOHANG);
		while (pid > 0);
		if (pid < 0)
			return; /* nobody is left */
		sigtimedwait(&children, NULL, &wait);
	}
}

_Noreturn void keeper_finish(struct keeper *keeper)
{
	end_everybody();
	if (keeper->folder[0])
		folder_remove(keeper->folder);
	_exit(0);
}

_Noreturn void keeper_fail(struct keeper *keeper, int error, const char *text)
{
	keeper_write(&keeper->message, KEEPER_FAILED, 0, 0, (uint64_t)error);
	keeper_write_string(&keeper->message, KEEPER_STRING_TEXT, text);
	keeper_send(keeper, -1);
	if (keeper->host)
		keeper_link_flush(keeper->host, LAST_WORDS_MS);
	keeper_finish(keeper);
}
