/*
 * Shows the pairing PIN to the person at the host: on the terminal, and in STATE/pairing-pin (0600) for tools.
 * Never in a log. Room: host. Thread: control.
 */
#ifndef LODGE_HOST_PIN_H
#define LODGE_HOST_PIN_H

#include <limits.h>
#include <stdbool.h>

struct client_store;

struct pin_display {
	char path[PATH_MAX];
	bool on_terminal;
};

/* Arms a PIN and shows it; shows every PIN that takes its place. */
void pin_display_start(struct pin_display *display, struct client_store *clients,
	const char *state_folder, bool on_terminal);
/* Removes the file. */
void pin_display_stop(struct pin_display *display);

#endif
