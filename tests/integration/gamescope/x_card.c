/*
 * A program for tests inside gamescope: one X window over the whole screen, in one colour; the space bar, when it goes up,
 * changes it by another window. (gamescope 3.16 keeps the first contents of each buffer in shared memory, which is what an Xwayland
 * without a GPU draws into: what is drawn later into the same window may not be seen.)
 *
 *   x-card LOG RRGGBB RRGGBB
 *
 * Writes a line to LOG for each thing that it hears: "key CODE PRESSED" (as evdev counts), "button NUMBER PRESSED" (as X
 * counts), "motion X Y", "expose". Ends with the key q, with status 0.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <xcb/xcb.h>

#define EVDEV_OFFSET 8
#define KEY_Q 16
#define KEY_SPACE 57

struct card {
	xcb_connection_t *connection;
	const xcb_screen_t *screen;
	xcb_window_t window;
	uint32_t colours[2];
	int shown;
	FILE *log;
};

/* In place of the one before, if there is one. */
static void show_window(struct card *card)
{
	const xcb_window_t before = card->window;
	const uint32_t values[] = { card->colours[card->shown],
		XCB_EVENT_MASK_EXPOSURE | XCB_EVENT_MASK_KEY_PRESS | XCB_EVENT_MASK_KEY_RELEASE |
			XCB_EVENT_MASK_BUTTON_PRESS | XCB_EVENT_MASK_BUTTON_RELEASE |
			XCB_EVENT_MASK_POINTER_MOTION };
	card->window = xcb_generate_id(card->connection);
	xcb_create_window(card->connection, XCB_COPY_FROM_PARENT, card->window, card->screen->root,
		0, 0, card->screen->width_in_pixels, card->screen->height_in_pixels, 0,
		XCB_WINDOW_CLASS_INPUT_OUTPUT, card->screen->root_visual,
		XCB_CW_BACK_PIXEL | XCB_CW_EVENT_MASK, values);
	xcb_map_window(card->connection, card->window);
	if (before)
		xcb_destroy_window(card->connection, before);
}

/* false: the end. */
static bool hear_key(struct card *card, const xcb_key_press_event_t *event, bool pressed)
{
	const unsigned code = event->detail - EVDEV_OFFSET;
	fprintf(card->log, "key %u %d\n", code, pressed);
	if (code == KEY_SPACE && !pressed) {
		card->shown = !card->shown;
		show_window(card);
	}
	return code != KEY_Q;
}

static bool hear(struct card *card, const xcb_generic_event_t *event)
{
	const xcb_button_press_event_t *button = (const xcb_button_press_event_t *)event;
	const unsigned type = event->response_type & 0x7f;
	switch (type) {
	case XCB_EXPOSE:
		fprintf(card->log, "expose\n");
		break;
	case XCB_KEY_PRESS:
	case XCB_KEY_RELEASE:
		return hear_key(card, (const xcb_key_press_event_t *)event, type == XCB_KEY_PRESS);
	case XCB_BUTTON_PRESS:
	case XCB_BUTTON_RELEASE:
		fprintf(card->log, "button %u %d\n", button->detail, type == XCB_BUTTON_PRESS);
		break;
	case XCB_MOTION_NOTIFY:
		fprintf(card->log, "motion %d %d\n", button->root_x, button->root_y);
		break;
	default:
		break;
	}
	return true;
}

int main(int argc, char **argv)
{
	struct card card = { 0 };
	if (argc != 4)
		return 2;
	card.colours[0] = (uint32_t)strtoul(argv[2], NULL, 16);
	card.colours[1] = (uint32_t)strtoul(argv[3], NULL, 16);
	card.log = fopen(argv[1], "w");
	card.connection = xcb_connect(NULL, NULL);
	if (!card.log || xcb_connection_has_error(card.connection))
		return 1;
	setvbuf(card.log, NULL, _IOLBF, 0);
	card.screen = xcb_setup_roots_iterator(xcb_get_setup(card.connection)).data;
	show_window(&card);
	xcb_flush(card.connection);
	bool more = true;
	for (xcb_generic_event_t *event; more && (event = xcb_wait_for_event(card.connection));) {
		more = hear(&card, event);
		free(event);
		xcb_flush(card.connection);
	}
	xcb_disconnect(card.connection);
	fclose(card.log);
	return more; /* the connection broke */
}
