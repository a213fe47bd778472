#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "session/session.h"

/*
 * Seats are numbered by who is there now, the smallest free number first: a desktop cannot delete one, so that they are
 * used again.
 */
static uint32_t free_seat(const struct session_host *host)
{
	uint32_t number = 0;
	const struct session *one = host->sessions;
	while (one) {
		const bool taken = one->seat_number == number;
		number += taken;
		one = taken ? host->sessions : one->next;
	}
	return number;
}

static void on_seat(void *data, int error, const char *text)
{
	if (error < 0)
		fprintf(stderr, "lodged: a seat of its own: %s\n", text);
}

static void prepare_seat(struct session_host *host, const char *name)
{
	if (display_registry_prepare_seat(host->shared->registry, name, on_seat, host) == 0)
		return;
	fprintf(stderr, "lodged: this desktop has one seat: it is shared\n");
	host->seats_missing = true;
}

void session_host_prepare_seats(struct session_host *host)
{
	host->seats_missing = false;
	if (host->rules.seat_per_client && display_registry_wayland_socket(host->shared->registry))
		prepare_seat(host, "lodge-0");
}

/* Its name, or NULL for the seat that all share. */
static const char *seat_of(struct session *session, char name[DISPLAY_SEAT_NAME_MAX])
{
	struct session_host *host = session->host;
	if (!host->rules.seat_per_client || host->seats_missing || session->desktop->own) {
		session->seat_number = SESSION_NO_SEAT;
		return NULL;
	}
	const bool fresh = session->seat_number == SESSION_NO_SEAT;
	if (fresh)
		session->seat_number = free_seat(host);
	snprintf(name, DISPLAY_SEAT_NAME_MAX, "lodge-%u", session->seat_number);
	if (fresh)
		prepare_seat(host, name);
	if (host->seats_missing) {
		session->seat_number = SESSION_NO_SEAT;
		return NULL;
	}
	return name;
}

static bool may_point_or_type(const struct session *session)
{
	const uint32_t planes = 1u << GRANT_POINTER | 1u << GRANT_KEYBOARD;
	return (grants_planes(&session->grants, session_now_ns()) & planes) != 0;
}

void session_let_go(struct session *session)
{
	injector_destroy(session->injector);
	session->injector = NULL;
}

void session_aim(struct session *session)
{
	char name[DISPLAY_SEAT_NAME_MAX];
	struct input_desktop *desktop = session->granted && may_point_or_type(session)
		? desktop_input(session->desktop)
		: NULL;
	if (!desktop) {
		session_let_go(session);
		session->seat_number = SESSION_NO_SEAT;
		return;
	}
	const struct injector_params params = {
		.output_name = session->display.output.name,
		.width_px = session->display.output.mode.width_px,
		.height_px = session->display.output.mode.height_px,
		.seat_name = seat_of(session, name),
	};
	if (session->injector)
		injector_retarget(session->injector, &params);
	else
		session->injector = injector_create(desktop, &params);
}
