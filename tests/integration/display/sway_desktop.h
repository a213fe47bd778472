/*
 * A sway with the backend on it, and what the backend told: for the tests of the sway backend.
 *
 * Thread: the test's. The functions assert, so that they can only be called from tests.
 */
#ifndef LODGE_TESTS_SWAY_DESKTOP_H
#define LODGE_TESTS_SWAY_DESKTOP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants those four before it. */
#include <cmocka.h>

#include "display/journal.h"
#include "display/sway/sway_backend.h"
#include "support/sway_session.h"

/* What the last call of each kind brought. */
struct answer {
	unsigned calls;
	int error;
	char text[256];
	struct display_output *output;
	struct display_output_info info;
	enum display_topology topology;
};

struct desktop {
	sd_event *event;
	char parent[64]; /* of the private folders */
	char state[64]; /* of the journal */
	struct sway_session session; /* where the backend is attached */
	struct display_journal *journal; /* NULL unless opened by the test */
	struct display_backend *backend;
	struct answer answer;
	unsigned vanished, gone, ready;
	struct display_output *vanished_output;
	unsigned changed;
	struct display_output *changed_output; /* the last one */
	struct display_output_info changed_info;
	unsigned outside_calls;
	bool outside_before_ready;
	size_t outside_count;
	struct display_outside_output outside[DISPLAY_OUTSIDE_MAX];
	char ipc[PATH_MAX];
};

/* Setups and teardowns: folders alone; a private sway; the same with foot in it. */
int desktop_open_folder(void **state);
int desktop_open(void **state);
int desktop_open_with_foot(void **state);
int desktop_close_folder(void **state); /* fails when the backend left anything in it */

void desktop_spawn(struct desktop *desktop, const char *const *launch, size_t launch_count);
/* The user's own session, with one screen HEADLESS-1, and the backend on it. */
void desktop_start_session(struct desktop *desktop);
void desktop_attach(struct desktop *desktop);
void desktop_detach(struct desktop *desktop);
void desktop_await_ready(struct desktop *desktop);
const char *desktop_socket(const struct desktop *desktop);

struct display_mode desktop_mode(uint32_t width, uint32_t height, uint32_t refresh_mhz);
void desktop_on_created(void *data, int error, const char *text, struct display_output *output,
	const struct display_output_info *info);
void desktop_on_mode(
	void *data, int error, const char *text, const struct display_output_info *info);
void desktop_on_destroyed(void *data, int error, const char *text);
void desktop_on_applied(void *data, int error, const char *text, enum display_topology topology);
bool desktop_has_answer(void *answer);
void desktop_await_answer(struct desktop *desktop);

void desktop_request_create(struct desktop *desktop, const struct display_mode *wanted);
struct display_output *desktop_create(struct desktop *desktop, struct display_mode wanted);
void desktop_destroy(struct desktop *desktop, struct display_output *output);
void desktop_set_mode(
	struct desktop *desktop, struct display_output *output, struct display_mode wanted);
void desktop_request_apply(struct desktop *desktop, const struct display_arrangement *arrangement);
/* Fails on an error. Returns what is in force. */
enum display_topology desktop_apply(
	struct desktop *desktop, const struct display_arrangement *arrangement);

/* What sway itself says, asked by another way than the backend's. */
json_t *desktop_find_output(const struct desktop *desktop, const char *name); /* NULL: none */
void desktop_assert_output(const struct desktop *desktop, const char *name, uint32_t width,
	uint32_t height, uint32_t refresh_mhz);
void desktop_assert_place(const struct desktop *desktop, const char *name, int x, int y);
unsigned desktop_count_outputs(const char *ipc, unsigned *large); /* larger than a parked one */
json_t *desktop_visible_workspace(const struct desktop *desktop, const char *output);
bool desktop_can_unplug(const struct desktop *desktop); /* 1.8 and later */
void desktop_command(const struct desktop *desktop, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Waits for something that sway does by itself; the backend sleeps meanwhile. */
bool desktop_await_undisturbed(bool (*condition)(void *data), void *data);
void desktop_assert_foot_on(struct desktop *desktop, const char *output); /* NULL: anywhere */
unsigned desktop_count_entries(const char *folder);

#endif
