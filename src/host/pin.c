#include "host/pin.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "session/clients.h"

static void write_file(const char *path, const char *pin)
{
	char temporary[PATH_MAX + 4];
	snprintf(temporary, sizeof temporary, "%s.new", path);
	unlink(temporary);
	const int file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	const size_t size = strlen(pin);
	if (file < 0 || write(file, pin, size) != (ssize_t)size || write(file, "\n", 1) != 1 ||
		rename(temporary, path) < 0)
		fprintf(stderr, "lodged: %s: %s; the PIN is on the terminal only\n", path,
			strerror(errno));
	if (file >= 0)
		close(file);
}

static void show(void *data, const char *pin)
{
	struct pin_display *display = data;
	if (!pin[0]) {
		unlink(display->path);
		return;
	}
	if (display->on_terminal) {
		printf("Pairing PIN: %s\n", pin);
		fflush(stdout);
	}
	write_file(display->path, pin);
}

void pin_display_start(struct pin_display *display, struct client_store *clients,
	const char *state_folder, bool on_terminal)
{
	display->on_terminal = on_terminal;
	snprintf(display->path, sizeof display->path, "%s/pairing-pin", state_folder);
	client_store_on_pin(clients, show, display);
	client_store_arm_pin(clients);
}

void pin_display_stop(struct pin_display *display)
{
	if (display->path[0])
		unlink(display->path);
}
