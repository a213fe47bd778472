/*
 * The probe's script language: words separated by blanks or newlines, "verb" or "verb:argument,argument". `#` at the start of
 * a word begins a comment up to the end of the line.
 *
 *   key:CODE[,down|up]           evdev key; without down or up both
 *   text:WORD  text:"ANY TEXT"   \" \\ \n \t inside quotes
 *   move:X,Y                     pointer, pixels of the display
 *   motion:DX,DY                 relative pointer motion, pixels
 *   click:X,Y[,left|right|middle]
 *   button:left|right|middle,down|up
 *   wheel:DETENTS[,DETENTS]      vertical, horizontal; positive is down and right
 *   plug:PAD[,xbox|playstation|switch]  GAMEPAD_PLUG; PAD is 0 to 3
 *   unplug:PAD
 *   pad:PAD,BUTTONS              GAMEPAD: these buttons (a number, bit by bit as in docs/protocol.md), the sticks at rest
 *   mode:WxH[@HZ]                SET_MODE; the refresh rate stays when left out
 *   release  keyframe            RELEASE_ALL, REQUEST_KEYFRAME
 *   wait:MS
 *   wait-frame[:MS]              the next picture drawn; fails after MS (default 5000)
 *   wait-pixel:X,Y,>LUMA[,MS]    also <LUMA
 *   wait-mode:WxH[,MS]           the picture has this size
 *   png:FILE                     writes the picture
 *   quit                         CLOSE_DISPLAY that does not keep the display; ends the run
 *   disconnect                   breaks the connection off without a word; ends the run
 *
 * Room: probe. Pure.
 */
#ifndef LODGE_PROBE_SCRIPT_H
#define LODGE_PROBE_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/mode.h"

#define SCRIPT_WAIT_DEFAULT_MS 5000
#define SCRIPT_WAIT_MAX_MS 3600000

enum script_verb {
	SCRIPT_KEY,
	SCRIPT_TEXT,
	SCRIPT_MOVE,
	SCRIPT_MOTION,
	SCRIPT_CLICK,
	SCRIPT_BUTTON,
	SCRIPT_WHEEL,
	SCRIPT_PLUG,
	SCRIPT_UNPLUG,
	SCRIPT_PAD,
	SCRIPT_MODE,
	SCRIPT_RELEASE,
	SCRIPT_KEYFRAME,
	SCRIPT_WAIT,
	SCRIPT_WAIT_FRAME,
	SCRIPT_WAIT_PIXEL,
	SCRIPT_WAIT_MODE,
	SCRIPT_PNG,
	SCRIPT_QUIT,
	SCRIPT_DISCONNECT,
};

enum script_direction { SCRIPT_BOTH, SCRIPT_DOWN, SCRIPT_UP };

struct script_step {
	enum script_verb verb;
	uint32_t line, word; /* where it stands, from 1 */
	int32_t x, y; /* positions, distances, detents */
	uint16_t code; /* key or button */
	uint8_t pad, pad_kind; /* enum wire_gamepad_kind */
	uint32_t buttons; /* of the pad */
	enum script_direction direction;
	bool above; /* wait-pixel: > or < */
	uint8_t luma;
	uint32_t wait_ms;
	struct display_mode mode; /* refresh 0: not given */
	char *text; /* TEXT, PNG; owned */
};

struct script {
	struct script_step *steps;
	size_t count, capacity;
};

/* Appends the steps of `text`. False: `fault` names line, word and what is wrong; the script stays to be finished. */
bool script_parse(struct script *script, const char *text, char *fault, size_t fault_capacity);
void script_finish(struct script *script);
const char *script_verb_name(enum script_verb verb);

#endif
