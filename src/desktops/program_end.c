#include "desktops/program_end.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#define NOT_STARTED 127

void program_end_words(int status, const char *text, char *words, size_t capacity)
{
	if (status == PROGRAM_END_UNKNOWN)
		snprintf(words, capacity, "the app has ended");
	else if (WIFSIGNALED(status))
		snprintf(words, capacity, "the app was ended by signal %d (%s)", WTERMSIG(status),
			strsignal(WTERMSIG(status)));
	else if (WEXITSTATUS(status) == NOT_STARTED && text && text[0])
		snprintf(words, capacity, "the app could not be started: %s", text);
	else
		snprintf(words, capacity, "the app ended with status %d", WEXITSTATUS(status));
}
