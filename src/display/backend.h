/*
 * The door every compositor comes through: one `struct display_backend_impl` each.
 *
 * Room: display. Thread: control. A backend keeps no policy and reads no environment; what it needs is in
 * its create call. Every request is asynchronous: its callback is called exactly once, from the event loop,
 * never from inside the request, and never after display_backend_destroy. Each request has a deadline of
 * its own inside the backend, so the callback always comes: -ETIMEDOUT when the compositor did not answer.
 */
#ifndef LODGE_DISPLAY_BACKEND_H
#define LODGE_DISPLAY_BACKEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/mode.h"
#include "core/source.h"

struct display_backend;
struct display_output; /* owned by the backend; alive from create's callback until destroy's or vanished */

/* What the compositor really did, read back (architecture.md §4.4). */
struct display_output_info {
	struct display_mode mode;
	int32_t x, y; /* position in the desktop's layout, logical pixels */
	char name[SOURCE_NAME_MAX];
	struct video_source source;
};

/* error: 0, or a negative errno with a sentence in `text` (valid during the call). */
typedef void (*display_create_done)(void *data, int error, const char *text,
	struct display_output *output, const struct display_output_info *info);
typedef void (*display_mode_done)(
	void *data, int error, const char *text, const struct display_output_info *info);
typedef void (*display_destroy_done)(void *data, int error, const char *text);
typedef void (*display_launch_done)(void *data, int error, const char *text);
typedef void (*display_seat_done)(void *data, int error, const char *text);

#define DISPLAY_SEAT_NAME_MAX 33

/* What a desktop can do. The words of the API are those of `display_option_name`. */
enum display_option {
	DISPLAY_OPTION_SECOND_OUTPUT, /* more than one managed output */
	DISPLAY_OPTION_RECONFIGURE, /* a new mode for a live output */
	DISPLAY_OPTION_KEEP, /* an output that outlives its sessions */
	DISPLAY_OPTION_PRIMARY,
	DISPLAY_OPTION_EXCLUSIVE,
	DISPLAY_OPTION_LAYOUT, /* positions */
	DISPLAY_OPTION_SCALE,
	DISPLAY_OPTION_IDENTITY, /* the desktop itself knows an output again (semantics.md §5, carrier) */
	DISPLAY_OPTION_SEATS, /* each session its own pointer and keyboard focus */
	DISPLAY_OPTIONS,
};

struct display_capability {
	bool supported;
	/* Otherwise: what happens instead ("extend", "join", "recreate", "host-kept", "shared", "none") and why. Static strings. */
	const char *fallback;
	const char *reason; /* a word of the message catalogues, such as "sway-cannot-disable" */
	const char *text; /* one English sentence */
};

struct display_capabilities {
	struct display_capability options[DISPLAY_OPTIONS];
	uint32_t slots_max; /* highest identity slot, 1..63 */
};

/* An output of the desktop that is not managed: a monitor, or somebody else's virtual one. */
struct display_outside_output {
	char name[SOURCE_NAME_MAX];
	struct display_mode mode;
	int32_t x, y; /* logical pixels */
	uint32_t width, height;
	bool enabled; /* dark otherwise; then x and y are 0 */
};
#define DISPLAY_OUTSIDE_MAX 32

enum display_topology { DISPLAY_EXTEND, DISPLAY_PRIMARY, DISPLAY_EXCLUSIVE };

/* One wanted state of the whole desktop: topology and places together. */
struct display_placement {
	struct display_output *output;
	int32_t x, y;
	bool primary;
};
#define DISPLAY_PLACEMENTS_MAX 64
struct display_arrangement {
	enum display_topology topology;
	size_t count; /* every managed output that exists, once */
	struct display_placement placements[DISPLAY_PLACEMENTS_MAX];
};

/*
 * Read back. `topology` is what is in force (EXTEND where the wanted one is not supported). Managed outputs' places
 * come by output_changed, those of others by outside_changed, both before this.
 */
typedef void (*display_apply_done)(
	void *data, int error, const char *text, enum display_topology topology);

struct display_backend_events {
	/* The output is gone without having been destroyed by us. Its handle is dead after this call. */
	void (*output_vanished)(void *data, struct display_output *output);
	/* The compositor is gone (every output has vanished before) or is back. */
	void (*desktop_gone)(void *data, const char *text);
	void (*desktop_ready)(void *data);
	/*
	 * It could not be started, or ended soon each time, and is left alone for a minute, or for good: who waits for it need not
	 * any longer. `text`: why, with the last words of what failed. desktop_gone came before if it had been ready.
	 */
	void (*desktop_failed)(void *data, const char *text);
	/*
	 * A managed output is not as it was last told: somebody moved or scaled it, or an apply did. Modes that somebody
	 * changed are put back by the backend and not told.
	 */
	void (*output_changed)(
		void *data, struct display_output *output, const struct display_output_info *info);
	/* All of them, whenever something changed and before desktop_ready. Valid during the call. */
	void (*outside_changed)(
		void *data, const struct display_outside_output *outputs, size_t count);
};

struct display_backend_impl {
	const char *name;
	void (*create)(struct display_backend *backend, const struct display_mode *mode,
		display_create_done done, void *data);
	/*
	 * As create, but nothing is made: an output of this name that an earlier host made there, and left, is ours. Asked for at
	 * most once a name. desktop_gone may come before the first desktop_ready when there is nothing to be taken over after
	 * all. NULL: this backend cannot.
	 */
	void (*adopt)(struct display_backend *backend, const char *name, display_create_done done,
		void *data);
	void (*set_mode)(struct display_backend *backend, struct display_output *output,
		const struct display_mode *mode, display_mode_done done, void *data);
	void (*destroy_output)(struct display_backend *backend, struct display_output *output,
		display_destroy_done done, void *data);
	/*
	 * Makes the desktop so, reads it back, and tells. EXCLUSIVE turns off every output that is not managed, having
	 * written into the journal what it was; any other topology turns on again what EXCLUSIVE had turned off, as it
	 * was. Never are all outputs off at once. A placement whose output vanishes meanwhile is skipped.
	 */
	void (*apply)(struct display_backend *backend,
		const struct display_arrangement *arrangement, display_apply_done done, void *data);
	/* Valid from desktop_ready on; constant until the desktop is gone. Never NULL. */
	const struct display_capabilities *(*capabilities)(struct display_backend *backend);
	/* Absolute path of the Wayland socket that input goes to; NULL while the desktop is gone. */
	const char *(*wayland_socket)(struct display_backend *backend);
	/*
	 * Where input goes instead, by EIS (input/injector.h): as above, and only while there is an output. NULL: input goes by
	 * Wayland.
	 */
	const char *(*eis_socket)(struct display_backend *backend);
	/*
	 * Somebody has begun to look at this output, whose compositor makes pictures only when a program draws: it is made to
	 * draw once. Best effort, nothing is answered. NULL: pictures come by themselves.
	 */
	void (*nudge)(struct display_backend *backend, struct display_output *output);
	/*
	 * Makes a seat of this name ([a-z0-9-], at most DISPLAY_SEAT_NAME_MAX - 1 letters) unless it is there, and sees to it
	 * that a new window takes the keyboard focus of no other seat from now on (docs/input.md). The seat lasts, and is
	 * made again with a desktop that comes back. -EINVAL: the name. NULL where DISPLAY_OPTION_SEATS is not supported.
	 */
	void (*prepare_seat)(struct display_backend *backend, const char *seat_name,
		display_seat_done done, void *data);
	/*
	 * Starts a program on the desktop, by a shell command. `error` of done: it could not even be asked for; how
	 * the program fares is its own matter. NULL: no programs can be started here.
	 */
	void (*launch)(struct display_backend *backend, const char *command,
		display_launch_done done, void *data);
	/* Frees the backend; outputs that are left are destroyed as far as a short deadline allows. */
	void (*destroy)(struct display_backend *backend);
};

/* The first member of every backend. */
struct display_backend {
	const struct display_backend_impl *impl;
	const struct display_backend_events *events; /* set by the registry */
	void *events_data;
};

const char *display_option_name(enum display_option option); /* "second-output", "exclusive" ... */
const char *display_topology_name(enum display_topology topology);

static inline void display_backend_destroy(struct display_backend *backend)
{
	if (backend)
		backend->impl->destroy(backend);
}

#endif
