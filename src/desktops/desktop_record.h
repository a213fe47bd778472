/*
 * What the next host is to know of a kept desktop, as the text of its tree's note: a JSON object.
 *
 *   { "version": 2, "client": "<64 hex>", "app": "",
 *     "gamescope": { "ready": ":0 gamescope-0", "node": "lodge-display" } or null: it is a sway,
 *     "displays": [{ "key": "<identity key>", "label": "ada", "output": "HEADLESS-2",
 *                    "width": 1280, "height": 720, "refresh_mhz": 60000, "scale_percent": 100, "hint": [x, y] or null }] }
 *
 * How long it is kept is not in there: its keeper knows (isolation.h).
 *
 * Room: desktops. Pure but for memory. Any thread.
 */
#ifndef LODGE_DESKTOPS_DESKTOP_RECORD_H
#define LODGE_DESKTOPS_DESKTOP_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "desktops/compositor.h"
#include "display/gamescope/gamescope_backend.h"
#include "display/registry.h"

#define DESKTOP_APP_MAX 65 /* with its NUL */
#define DESKTOP_DISPLAYS_MAX 16
#define DESKTOP_RECORD_MAX 65536

struct desktop_record {
	uint8_t client[DISPLAY_IDENTITY_SIZE];
	char app[DESKTOP_APP_MAX]; /* "": none was asked for */
	enum compositor compositor;
	struct gamescope_handover gamescope; /* of a COMPOSITOR_GAMESCOPE */
	size_t count; /* at least one in a record */
	struct display_adoption displays[DESKTOP_DISPLAYS_MAX];
};

/* To be freed; NULL when memory is short. */
char *desktop_record_format(const struct desktop_record *record);
/* Strict: false for whatever desktop_record_format could not have written. Nothing of `record` counts then. */
bool desktop_record_parse(const char *text, size_t size, struct desktop_record *record);
/* Whether the next host would need to be told anew. A mode is not worth it: the output itself tells. */
bool desktop_record_same(const struct desktop_record *a, const struct desktop_record *b);

#endif
