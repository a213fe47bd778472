/*
 * A display's mode: what a client asks for and what an output has.
 *
 * Room: core (pure: no I/O, no clock, no allocation). Any thread.
 */
#ifndef LODGE_CORE_MODE_H
#define LODGE_CORE_MODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DISPLAY_SIZE_MIN_PX 16
#define DISPLAY_SIZE_MAX_PX 16384
#define DISPLAY_REFRESH_MIN_MHZ 1000
#define DISPLAY_REFRESH_MAX_MHZ 1000000
#define DISPLAY_SCALE_MIN_PERCENT 50
#define DISPLAY_SCALE_MAX_PERCENT 400

struct display_mode {
	uint32_t width_px, height_px;
	uint32_t refresh_mhz;
	uint32_t scale_percent; /* 100 = one logical pixel per physical pixel */
};

/* NULL when the mode is usable, else a static sentence that names the field and its range. */
const char *display_mode_check(const struct display_mode *mode);
bool display_mode_equal(const struct display_mode *a, const struct display_mode *b);
/*
 * "1920x1080", "1920x1080@59.94"; without @HZ the refresh is 0, the scale always 100. Only the form is judged; see
 * display_mode_check. Untouched on false.
 */
bool display_mode_parse(const char *text, struct display_mode *mode);
/* "1280x720@60.000" (scale appended as " ×1.5" when it is not 100 %); always NUL-terminated. Returns buffer. */
#define DISPLAY_MODE_TEXT_MAX 48
char *display_mode_format(const struct display_mode *mode, char buffer[DISPLAY_MODE_TEXT_MAX]);

#endif
