/* The devices that an EIS server offers; gamescope has one for everything, others have one for each purpose. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "input/eis_private.h"

static struct eis_device *find_slot(struct eis_desktop *desktop, const struct ei_device *device)
{
	for (size_t i = 0; i < EIS_DEVICES_MAX; i++) {
		if (desktop->devices[i].device == device)
			return &desktop->devices[i];
	}
	return NULL;
}

static void read_capabilities(const struct eis_library *library, struct eis_device *slot)
{
	static const unsigned all[] = { EIS_CAP_POINTER, EIS_CAP_POINTER_ABSOLUTE, EIS_CAP_KEYBOARD,
		EIS_CAP_SCROLL, EIS_CAP_BUTTON };
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		if (library->device_has_capability(slot->device, all[i]))
			slot->capabilities |= all[i];
	}
}

void eis_device_add(struct eis_desktop *desktop, struct ei_device *device)
{
	const struct eis_library *library = &desktop->library;
	struct eis_device *slot = find_slot(desktop, NULL);
	if (!slot) {
		fprintf(stderr, "lodged: input: %s offers more than %d devices; one is not used\n",
			desktop->base.socket, EIS_DEVICES_MAX);
		return;
	}
	*slot = (struct eis_device){ .device = library->device_ref(device) };
	read_capabilities(library, slot);
	struct ei_region *region = library->device_get_region(device, 0);
	if (!region)
		return;
	slot->x = library->region_get_x(region);
	slot->y = library->region_get_y(region);
	slot->width = library->region_get_width(region);
	slot->height = library->region_get_height(region);
}

void eis_device_remove(struct eis_desktop *desktop, struct ei_device *device)
{
	struct eis_device *slot = find_slot(desktop, device);
	if (!slot)
		return;
	struct eis_injector *injector;
	wl_list_for_each(injector, &desktop->injectors, link)
		eis_injector_forget(injector, slot->capabilities);
	if (slot->capabilities & EIS_CAP_KEYBOARD) {
		memset(desktop->key_holders, 0, sizeof desktop->key_holders);
		xkb_state_update_mask(desktop->state, 0, 0, 0, 0, 0, 0);
		desktop->lifted = 0;
		desktop->lifted_lock = false;
	}
	if (slot->capabilities & EIS_CAP_BUTTON)
		memset(desktop->button_holders, 0, sizeof desktop->button_holders);
	desktop->library.device_unref(slot->device);
	*slot = (struct eis_device){ 0 };
}

void eis_device_set_resumed(struct eis_desktop *desktop, struct ei_device *device, bool resumed)
{
	struct eis_device *slot = find_slot(desktop, device);
	if (!slot)
		return;
	slot->resumed = resumed;
	if (resumed)
		desktop->library.device_start_emulating(device, ++desktop->sequence);
}

void eis_devices_finish(struct eis_desktop *desktop)
{
	for (size_t i = 0; i < EIS_DEVICES_MAX; i++) {
		struct eis_device *slot = &desktop->devices[i];
		if (!slot->device)
			continue;
		if (slot->resumed && !desktop->base.dead)
			desktop->library.device_stop_emulating(slot->device);
		desktop->library.device_unref(slot->device);
		*slot = (struct eis_device){ 0 };
	}
}

const struct eis_device *eis_device_find(const struct eis_desktop *desktop, unsigned capability)
{
	for (size_t i = 0; i < EIS_DEVICES_MAX; i++) {
		const struct eis_device *slot = &desktop->devices[i];
		if (slot->device && slot->resumed && slot->capabilities & capability)
			return slot;
	}
	return NULL;
}

void eis_device_frame(const struct eis_desktop *desktop, const struct eis_device *device)
{
	desktop->library.device_frame(device->device, desktop->library.now(desktop->ei));
}
