/*
 * fake_manager.h as a program, where no systemd is: prints its bus's address, then "active" or "inactive" each time that its
 * unit has changed, until its standard input ends.
 */
#include "fake_manager.h"

#include <poll.h>
#include <stdio.h>
#include <unistd.h>

int main(void)
{
	struct fake_manager manager;
	struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
	if (!fake_manager_start(&manager))
		return 1;
	bool was_active = true;
	printf("%s\n", manager.address);
	fflush(stdout);
	while (poll(&input, 1, 10) == 0) {
		const bool active = atomic_load(&manager.state->active);
		if (active != was_active)
			puts(active ? "active" : "inactive");
		fflush(stdout);
		was_active = active;
	}
	fake_manager_stop(&manager);
	return 0;
}
