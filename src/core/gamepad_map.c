#include "core/gamepad_map.h"

#include <linux/input-event-codes.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define STICK_MINIMUM INT16_MIN
#define TRIGGER_MAXIMUM UINT16_MAX

/* What of the state a control shows. `index` picks one of several. */
enum control_source {
	SOURCE_BUTTON, /* index: its bit */
	SOURCE_STICK, /* index: enum stick */
	SOURCE_TRIGGER, /* index: enum trigger; an axis */
	SOURCE_TRIGGER_BUTTON, /* index: enum trigger; pressed or not */
	SOURCE_CROSS, /* index: the bit of its negative end, the next one is its positive end */
	SOURCE_NOTHING, /* the pad has it, a client's pad has not */
};

enum stick { LEFT_X, LEFT_Y, RIGHT_X, RIGHT_Y };
enum trigger { LEFT_TRIGGER, RIGHT_TRIGGER };

/* Buttons of the Gamepad API's standard mapping. */
enum standard_button {
	STANDARD_BOTTOM,
	STANDARD_RIGHT,
	STANDARD_LEFT,
	STANDARD_TOP,
	STANDARD_LEFT_SHOULDER,
	STANDARD_RIGHT_SHOULDER,
	STANDARD_LEFT_TRIGGER,
	STANDARD_RIGHT_TRIGGER,
	STANDARD_BACK,
	STANDARD_START,
	STANDARD_LEFT_STICK,
	STANDARD_RIGHT_STICK,
	STANDARD_UP,
	STANDARD_DOWN,
	STANDARD_CROSS_LEFT,
	STANDARD_CROSS_RIGHT,
	STANDARD_HOME,
};

#define BUTTON(code_, bit)                                                                         \
	{                                                                                          \
		.type = EV_KEY, .code = code_, .source = SOURCE_BUTTON, .index = bit               \
	}
#define STICK(code_, which, least, most, flat_)                                                    \
	{                                                                                          \
		.type = EV_ABS, .code = code_, .source = SOURCE_STICK, .index = which,             \
		.minimum = least, .maximum = most, .flat = flat_                                   \
	}
#define TRIGGER(code_, which)                                                                      \
	{                                                                                          \
		.type = EV_ABS, .code = code_, .source = SOURCE_TRIGGER, .index = which,           \
		.maximum = 255                                                                     \
	}
#define TRIGGER_BUTTON(code_, which)                                                               \
	{                                                                                          \
		.type = EV_KEY, .code = code_, .source = SOURCE_TRIGGER_BUTTON, .index = which     \
	}
#define CROSS(code_, bit)                                                                          \
	{                                                                                          \
		.type = EV_ABS, .code = code_, .source = SOURCE_CROSS, .index = bit,               \
		.minimum = -1, .maximum = 1                                                        \
	}

/* As the kernel's xpad driver shows it: X and Y are where an Xbox pad has them, under each other's compass name. */
static const struct gamepad_control xbox_controls[] = {
	BUTTON(BTN_A, STANDARD_BOTTOM),
	BUTTON(BTN_B, STANDARD_RIGHT),
	BUTTON(BTN_X, STANDARD_LEFT),
	BUTTON(BTN_Y, STANDARD_TOP),
	BUTTON(BTN_TL, STANDARD_LEFT_SHOULDER),
	BUTTON(BTN_TR, STANDARD_RIGHT_SHOULDER),
	BUTTON(BTN_SELECT, STANDARD_BACK),
	BUTTON(BTN_START, STANDARD_START),
	BUTTON(BTN_MODE, STANDARD_HOME),
	BUTTON(BTN_THUMBL, STANDARD_LEFT_STICK),
	BUTTON(BTN_THUMBR, STANDARD_RIGHT_STICK),
	STICK(ABS_X, LEFT_X, -32768, 32767, 128),
	STICK(ABS_Y, LEFT_Y, -32768, 32767, 128),
	STICK(ABS_RX, RIGHT_X, -32768, 32767, 128),
	STICK(ABS_RY, RIGHT_Y, -32768, 32767, 128),
	TRIGGER(ABS_Z, LEFT_TRIGGER),
	TRIGGER(ABS_RZ, RIGHT_TRIGGER),
	CROSS(ABS_HAT0X, STANDARD_CROSS_LEFT),
	CROSS(ABS_HAT0Y, STANDARD_UP),
};

/* As hid-playstation shows a DualSense, without its sensors and touchpad. */
static const struct gamepad_control playstation_controls[] = {
	BUTTON(BTN_SOUTH, STANDARD_BOTTOM),
	BUTTON(BTN_EAST, STANDARD_RIGHT),
	BUTTON(BTN_WEST, STANDARD_LEFT),
	BUTTON(BTN_NORTH, STANDARD_TOP),
	BUTTON(BTN_TL, STANDARD_LEFT_SHOULDER),
	BUTTON(BTN_TR, STANDARD_RIGHT_SHOULDER),
	TRIGGER_BUTTON(BTN_TL2, LEFT_TRIGGER),
	TRIGGER_BUTTON(BTN_TR2, RIGHT_TRIGGER),
	BUTTON(BTN_SELECT, STANDARD_BACK),
	BUTTON(BTN_START, STANDARD_START),
	BUTTON(BTN_MODE, STANDARD_HOME),
	BUTTON(BTN_THUMBL, STANDARD_LEFT_STICK),
	BUTTON(BTN_THUMBR, STANDARD_RIGHT_STICK),
	STICK(ABS_X, LEFT_X, 0, 255, 0),
	STICK(ABS_Y, LEFT_Y, 0, 255, 0),
	STICK(ABS_RX, RIGHT_X, 0, 255, 0),
	STICK(ABS_RY, RIGHT_Y, 0, 255, 0),
	TRIGGER(ABS_Z, LEFT_TRIGGER),
	TRIGGER(ABS_RZ, RIGHT_TRIGGER),
	CROSS(ABS_HAT0X, STANDARD_CROSS_LEFT),
	CROSS(ABS_HAT0Y, STANDARD_UP),
};

/* As hid-nintendo shows a Switch Pro pad. Games count buttons, so the one that takes pictures is there as well. */
static const struct gamepad_control switch_controls[] = {
	BUTTON(BTN_SOUTH, STANDARD_BOTTOM),
	BUTTON(BTN_EAST, STANDARD_RIGHT),
	BUTTON(BTN_WEST, STANDARD_LEFT),
	BUTTON(BTN_NORTH, STANDARD_TOP),
	{ .type = EV_KEY, .code = BTN_Z, .source = SOURCE_NOTHING },
	BUTTON(BTN_TL, STANDARD_LEFT_SHOULDER),
	BUTTON(BTN_TR, STANDARD_RIGHT_SHOULDER),
	TRIGGER_BUTTON(BTN_TL2, LEFT_TRIGGER),
	TRIGGER_BUTTON(BTN_TR2, RIGHT_TRIGGER),
	BUTTON(BTN_SELECT, STANDARD_BACK),
	BUTTON(BTN_START, STANDARD_START),
	BUTTON(BTN_MODE, STANDARD_HOME),
	BUTTON(BTN_THUMBL, STANDARD_LEFT_STICK),
	BUTTON(BTN_THUMBR, STANDARD_RIGHT_STICK),
	STICK(ABS_X, LEFT_X, -32767, 32767, 500),
	STICK(ABS_Y, LEFT_Y, -32767, 32767, 500),
	STICK(ABS_RX, RIGHT_X, -32767, 32767, 500),
	STICK(ABS_RY, RIGHT_Y, -32767, 32767, 500),
	CROSS(ABS_HAT0X, STANDARD_CROSS_LEFT),
	CROSS(ABS_HAT0Y, STANDARD_UP),
};

static const struct gamepad_layout xbox_layout = {
	.name = "Microsoft X-Box 360 pad",
	.vendor = 0x045e,
	.product = 0x028e,
	.version = 0x0110,
	.controls = xbox_controls,
	.control_count = COUNT(xbox_controls),
};

static const struct gamepad_layout playstation_layout = {
	.name = "Sony Interactive Entertainment DualSense Wireless Controller",
	.vendor = 0x054c,
	.product = 0x0ce6,
	.version = 0x8111,
	.controls = playstation_controls,
	.control_count = COUNT(playstation_controls),
};

static const struct gamepad_layout switch_layout = {
	.name = "Nintendo Switch Pro Controller",
	.vendor = 0x057e,
	.product = 0x2009,
	.version = 0x8111,
	.controls = switch_controls,
	.control_count = COUNT(switch_controls),
};

_Static_assert(COUNT(xbox_controls) <= GAMEPAD_CONTROLS_MAX, "room for every control");
_Static_assert(COUNT(playstation_controls) <= GAMEPAD_CONTROLS_MAX, "room for every control");
_Static_assert(COUNT(switch_controls) <= GAMEPAD_CONTROLS_MAX, "room for every control");

const struct gamepad_layout *gamepad_layout_of(uint8_t kind)
{
	switch (kind) {
	case WIRE_GAMEPAD_PLAYSTATION:
		return &playstation_layout;
	case WIRE_GAMEPAD_SWITCH:
		return &switch_layout;
	default:
		return &xbox_layout;
	}
}

static bool pressed(const struct gamepad_state *state, unsigned button)
{
	return state->buttons >> button & 1;
}

/* A client's pad may have triggers that are mere buttons: then they are down all the way. */
static uint16_t trigger_of(const struct gamepad_state *state, unsigned trigger)
{
	const uint16_t travel =
		trigger == LEFT_TRIGGER ? state->left_trigger : state->right_trigger;
	return travel == 0 && pressed(state, STANDARD_LEFT_TRIGGER + trigger) ? TRIGGER_MAXIMUM
									      : travel;
}

static int16_t stick_of(const struct gamepad_state *state, unsigned stick)
{
	switch (stick) {
	case LEFT_X:
		return state->left_x;
	case LEFT_Y:
		return state->left_y;
	case RIGHT_X:
		return state->right_x;
	default:
		return state->right_y;
	}
}

/* The range of a stick onto that of the axis: its ends are the axis' ends, its middle is the axis' middle. */
static int32_t stick_value(const struct gamepad_control *control, int16_t stick)
{
	if (control->minimum == 0)
		return (stick - STICK_MINIMUM) * (control->maximum + 1) / (UINT16_MAX + 1);
	return stick < control->minimum ? control->minimum : stick;
}

static int32_t value_of(const struct gamepad_control *control, const struct gamepad_state *state)
{
	switch ((enum control_source)control->source) {
	case SOURCE_BUTTON:
		return pressed(state, control->index);
	case SOURCE_STICK:
		return stick_value(control, stick_of(state, control->index));
	case SOURCE_TRIGGER:
		return trigger_of(state, control->index) * control->maximum / TRIGGER_MAXIMUM;
	case SOURCE_TRIGGER_BUTTON:
		return pressed(state, STANDARD_LEFT_TRIGGER + control->index) ||
			trigger_of(state, control->index) > TRIGGER_MAXIMUM / 2;
	case SOURCE_CROSS:
		return pressed(state, control->index + 1u) - pressed(state, control->index);
	case SOURCE_NOTHING:
		break;
	}
	return 0;
}

struct gamepad_values gamepad_rest(const struct gamepad_layout *layout)
{
	const struct gamepad_state rest = { 0 };
	struct gamepad_values values = { { 0 } };
	for (size_t i = 0; i < layout->control_count; i++)
		values.of[i] = value_of(&layout->controls[i], &rest);
	return values;
}

size_t gamepad_changes(const struct gamepad_layout *layout, struct gamepad_values *values,
	const struct gamepad_state *state, struct gamepad_change changes[GAMEPAD_CHANGES_MAX])
{
	size_t count = 0;
	for (size_t i = 0; i < layout->control_count; i++) {
		const struct gamepad_control *control = &layout->controls[i];
		const int32_t value = value_of(control, state);
		if (value == values->of[i])
			continue;
		values->of[i] = value;
		changes[count++] = (struct gamepad_change){ control->type, control->code, value };
	}
	if (count > 0)
		changes[count++] = (struct gamepad_change){ EV_SYN, SYN_REPORT, 0 };
	return count;
}
