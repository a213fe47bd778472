/*
 * Compiled, not run, where libei's own header is: cc -fsyntax-only -Werror eis_abi_check.c
 *     $(pkg-config --cflags libei-1.0). An error means that src/input/eis_abi.h declares something else than that header.
 */
#include <libei.h>

#include "input/eis_abi.h"

#define CHECK(result, name, arguments) result(*const check_##name) arguments = ei_##name;
EIS_FUNCTIONS(CHECK)

#define SAME(ours, theirs) _Static_assert((int)(ours) == (int)(theirs), #ours)
SAME(EIS_CAP_POINTER, EI_DEVICE_CAP_POINTER);
SAME(EIS_CAP_POINTER_ABSOLUTE, EI_DEVICE_CAP_POINTER_ABSOLUTE);
SAME(EIS_CAP_KEYBOARD, EI_DEVICE_CAP_KEYBOARD);
SAME(EIS_CAP_SCROLL, EI_DEVICE_CAP_SCROLL);
SAME(EIS_CAP_BUTTON, EI_DEVICE_CAP_BUTTON);
SAME(EIS_EVENT_DISCONNECT, EI_EVENT_DISCONNECT);
SAME(EIS_EVENT_SEAT_ADDED, EI_EVENT_SEAT_ADDED);
SAME(EIS_EVENT_DEVICE_ADDED, EI_EVENT_DEVICE_ADDED);
SAME(EIS_EVENT_DEVICE_REMOVED, EI_EVENT_DEVICE_REMOVED);
SAME(EIS_EVENT_DEVICE_PAUSED, EI_EVENT_DEVICE_PAUSED);
SAME(EIS_EVENT_DEVICE_RESUMED, EI_EVENT_DEVICE_RESUMED);
