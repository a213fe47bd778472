/*
 * The functions of libei that are used, as libei 1.x declares them (libei.h of libei 1.5.0). Debian 12 has no libei: it is
 * loaded at run time, and its own header may not be there to build with. tools/check-gamescope compares this file with
 * that header.
 *
 * Room: input (private). Thread: control. The objects are libei's and opaque.
 */
#ifndef LODGE_INPUT_EIS_ABI_H
#define LODGE_INPUT_EIS_ABI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EIS_LIBRARY "libei.so.1"

struct ei;
struct ei_seat;
struct ei_device;
struct ei_region;
struct ei_event;

/* enum ei_device_capability */
enum {
	EIS_CAP_POINTER = 1 << 0,
	EIS_CAP_POINTER_ABSOLUTE = 1 << 1,
	EIS_CAP_KEYBOARD = 1 << 2,
	EIS_CAP_SCROLL = 1 << 4,
	EIS_CAP_BUTTON = 1 << 5,
};

/* enum ei_event_type */
enum {
	EIS_EVENT_CONNECT = 1,
	EIS_EVENT_DISCONNECT = 2,
	EIS_EVENT_SEAT_ADDED = 3,
	EIS_EVENT_DEVICE_ADDED = 5,
	EIS_EVENT_DEVICE_REMOVED = 6,
	EIS_EVENT_DEVICE_PAUSED = 7,
	EIS_EVENT_DEVICE_RESUMED = 8,
};

/* X(result, name, arguments): libei's function ei_NAME. Enumerations are unsigned, as compilers make them. */
#define EIS_FUNCTIONS(X)                                                                           \
	X(struct ei *, new_sender, (void *user_data))                                              \
	X(struct ei *, unref, (struct ei *))                                                       \
	X(void, configure_name, (struct ei *, const char *name))                                   \
	X(int, setup_backend_fd, (struct ei *, int fd))                                            \
	X(int, get_fd, (struct ei *))                                                              \
	X(void, dispatch, (struct ei *))                                                           \
	X(uint64_t, now, (struct ei *))                                                            \
	X(struct ei_event *, get_event, (struct ei *))                                             \
	X(struct ei_event *, event_unref, (struct ei_event *))                                     \
	X(unsigned, event_get_type, (struct ei_event *))                                           \
	X(struct ei_seat *, event_get_seat, (struct ei_event *))                                   \
	X(struct ei_device *, event_get_device, (struct ei_event *))                               \
	X(void, seat_bind_capabilities, (struct ei_seat *, ...))                                   \
	X(struct ei_device *, device_ref, (struct ei_device *))                                    \
	X(struct ei_device *, device_unref, (struct ei_device *))                                  \
	X(bool, device_has_capability, (struct ei_device *, unsigned capability))                  \
	X(struct ei_region *, device_get_region, (struct ei_device *, size_t index))               \
	X(uint32_t, region_get_x, (struct ei_region *))                                            \
	X(uint32_t, region_get_y, (struct ei_region *))                                            \
	X(uint32_t, region_get_width, (struct ei_region *))                                        \
	X(uint32_t, region_get_height, (struct ei_region *))                                       \
	X(void, device_start_emulating, (struct ei_device *, uint32_t sequence))                   \
	X(void, device_stop_emulating, (struct ei_device *))                                       \
	X(void, device_frame, (struct ei_device *, uint64_t time_us))                              \
	X(void, device_pointer_motion, (struct ei_device *, double dx, double dy))                 \
	X(void, device_pointer_motion_absolute, (struct ei_device *, double x, double y))          \
	X(void, device_button_button, (struct ei_device *, uint32_t button, bool pressed))         \
	X(void, device_scroll_delta, (struct ei_device *, double dx, double dy))                   \
	X(void, device_scroll_discrete, (struct ei_device *, int32_t dx_v120, int32_t dy_v120))    \
	X(void, device_keyboard_key, (struct ei_device *, uint32_t evdev_code, bool pressed))

#endif
