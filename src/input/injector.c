/* The door: every call goes to the kind of desktop that the injector belongs to. */
#include "input/injector.h"

#include "input/input_impl.h"

struct injector *injector_create(
	struct input_desktop *desktop, const struct injector_params *params)
{
	return desktop->impl->create(desktop, params);
}

void injector_destroy(struct injector *injector)
{
	if (injector)
		injector->impl->destroy(injector);
}

void injector_retarget(struct injector *injector, const struct injector_params *params)
{
	injector->impl->retarget(injector, params);
}

void injector_key(struct injector *injector, uint16_t evdev_code, bool pressed)
{
	injector->impl->key(injector, evdev_code, pressed);
}

void injector_pointer_absolute(struct injector *injector, uint32_t x_px, uint32_t y_px)
{
	injector->impl->pointer_absolute(injector, x_px, y_px);
}

void injector_pointer_relative(struct injector *injector, int32_t dx_256, int32_t dy_256)
{
	injector->impl->pointer_relative(injector, dx_256, dy_256);
}

void injector_pointer_button(struct injector *injector, uint16_t evdev_button, bool pressed)
{
	injector->impl->pointer_button(injector, evdev_button, pressed);
}

void injector_pointer_axis(
	struct injector *injector, uint8_t axis, int32_t distance_256, int32_t v120)
{
	injector->impl->pointer_axis(injector, axis, distance_256, v120);
}

uint32_t injector_text(struct injector *injector, const char *utf8, uint32_t bytes)
{
	return injector->impl->text(injector, utf8, bytes);
}

void injector_release_all(struct injector *injector)
{
	injector->impl->release_all(injector);
}

bool injector_position(const struct injector *injector, uint32_t *x_px, uint32_t *y_px)
{
	return injector->impl->position(injector, x_px, y_px);
}
