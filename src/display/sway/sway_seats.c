#include "display/sway/sway_seats.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "display/sway/sway_environment.h"
#include "display/sway/sway_private.h"

/* Seats that are made at once: "lodge-0" to "lodge-15", "lodge-16" to "lodge-31" ... */
#define BLOCK 16
#define NUMBER_DIGITS_MAX 6

bool sway_seat_name_is_good(const char *name)
{
	const size_t size = strlen(name);
	return size > 0 && size < DISPLAY_SEAT_NAME_MAX &&
		strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == size && name[0] != '-' &&
		strcmp(name, SWAY_FIRST_SEAT) != 0;
}

static bool is_there(const json_t *seats, const char *name)
{
	size_t index;
	json_t *seat;
	json_array_foreach(seats, index, seat)
	{
		if (strcmp(sway_get_string(seat, "name"), name) == 0)
			return true;
	}
	return false;
}

/* The length of the name up to its number; all of it when there is none. */
static size_t stem_of(const char *name, unsigned long *number)
{
	const char *dash = strrchr(name, '-');
	const size_t digits = dash ? strspn(dash + 1, "0123456789") : 0;
	if (digits == 0 || digits > NUMBER_DIGITS_MAX || dash[1 + digits] ||
		(digits > 1 && dash[1] == '0'))
		return strlen(name);
	*number = strtoul(dash + 1, NULL, 10);
	return (size_t)(dash - name) + 1;
}

static void write_seat(FILE *commands, const json_t *seats, const char *name)
{
	if (!is_there(seats, name))
		fprintf(commands, "; seat %s fallback false", name);
}

char *sway_seat_commands(const json_t *seats, const char *name)
{
	char *text = NULL;
	size_t size = 0;
	unsigned long number = 0;
	const size_t stem = stem_of(name, &number);
	FILE *commands = open_memstream(&text, &size);
	if (!commands)
		return NULL;
	if (!is_there(seats, name)) {
		/* Else the devices of everybody would go to no seat at all. */
		fputs("seat " SWAY_FIRST_SEAT " fallback true", commands);
		write_seat(commands, seats, name);
		for (unsigned long i = number - number % BLOCK;
			name[stem] && i / BLOCK == number / BLOCK; i++) {
			char other[DISPLAY_SEAT_NAME_MAX + NUMBER_DIGITS_MAX];
			snprintf(other, sizeof other, "%.*s%lu", (int)stem, name, i);
			if (strcmp(other, name) != 0)
				write_seat(commands, seats, other);
		}
	}
	const bool failed = ferror(commands);
	if (fclose(commands) != 0 || failed) {
		free(text);
		return NULL;
	}
	return text;
}

/* --- the operation --- */

/*
 * What sway is told while it runs it forgets when it reads its configuration again, and with a seat it throws off, up to 1.7,
 * every client that has seen it. A sway of our own has it all in its configuration, too.
 */
static void keep(const struct sway_backend *backend, const char *commands)
{
	char *lines = backend->spawn ? malloc(strlen(commands) + 2) : NULL;
	char *end = lines;
	if (!lines)
		return;
	for (const char *letter = commands; *letter; letter++)
		*end++ = *letter == ';' ? '\n' : *letter;
	strcpy(end, "\n");
	const int error = sway_environment_add_config(backend->ipc_socket, lines);
	if (error < 0)
		fprintf(stderr, "lodged: sway: its seats will not outlive a reload: %s\n",
			strerror(-error));
	free(lines);
}

static void on_made(struct sway_operation *operation, const json_t *reply)
{
	char text[SWAY_TEXT_MAX];
	const char *fault = sway_command_error(reply);
	if (!fault)
		keep(operation->backend, operation->commands);
	snprintf(text, sizeof text, "sway cannot make the seat %s: %.160s", operation->seat,
		fault ? fault : "");
	sway_finish(operation, fault ? -ENOTSUP : 0, text);
}

static void on_seats(struct sway_operation *operation, const json_t *seats)
{
	operation->commands = sway_seat_commands(seats, operation->seat);
	if (operation->commands && operation->commands[0])
		sway_ask(operation, SWAY_RUN_COMMAND, operation->commands, on_made);
	else
		sway_finish(operation, operation->commands ? 0 : -ENOMEM, "no memory for a seat");
}

/*
 * A window that opens beside the focus of the first seat takes the focus of all of them. On a sway of our own none
 * does: each opens on the anchor, where nobody is, and is brought to whom it belongs (sway_arrivals.h). On
 * another's desktop it opens where it would anyway, but without the focus.
 */
static const char *rules_of(const struct sway_backend *backend)
{
	return backend->spawn ? "no_focus [shell=\".*\"]; assign [shell=\".*\"] output " SWAY_ANCHOR
			      : "no_focus [shell=\".*\"]";
}

static void on_ruled(struct sway_operation *operation, const json_t *reply)
{
	struct sway_backend *backend = operation->backend;
	const char *fault = sway_command_error(reply);
	if (fault) {
		char text[SWAY_TEXT_MAX];
		snprintf(text, sizeof text, "sway takes no rule for new windows: %.180s", fault);
		sway_finish(operation, -ENOTSUP, text);
		return;
	}
	keep(backend, rules_of(backend));
	backend->seats_ruled = true;
	sway_ask(operation, SWAY_GET_SEATS, NULL, on_seats);
}

void sway_seat_start(struct sway_operation *operation)
{
	struct sway_backend *backend = operation->backend;
	if (backend->seats_ruled)
		sway_ask(operation, SWAY_GET_SEATS, NULL, on_seats);
	else
		sway_ask(operation, SWAY_RUN_COMMAND, rules_of(backend), on_ruled);
}
