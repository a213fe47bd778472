/* What an operator does to live displays: release, arrange. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/answer.h"
#include "api/body.h"
#include "api/handlers.h"
#include "api/internal.h"
#include "api/json.h"
#include "api/overlap.h"
#include "api/views.h"
#include "display/identity_store.h"
#include "display/registry.h"
#include "settings/settings.h"

#define ALL_SLOTS UINT32_MAX

/* The slot, or ALL_SLOTS. */
static uint32_t read_release(const json_t *body, struct settings_faults *faults)
{
	static const char *const names[] = { "slot", "all", NULL };
	const json_t *slot = json_object_get(body, "slot"), *all = json_object_get(body, "all");
	api_body_known(body, "", names, faults);
	if (!slot == !all)
		api_fault(faults, "", "either slot or all is wanted");
	if (all && !json_is_true(all))
		api_fault(faults, "/all", "only true is known");
	if (all)
		return ALL_SLOTS;
	return (uint32_t)api_body_integer(body, "", "slot", 0, IDENTITY_SLOTS_MAX, 0, faults);
}

static void answer_release(struct api_call *call, uint32_t slot)
{
	uint32_t sessions = 0;
	int error = 0;
	size_t released = display_registry_release(call->api->registry, slot, &error, &sessions);
	struct api_own_desktop own[API_OWN_DESKTOPS_MAX];
	const size_t count = api_own_desktops(call->api, own);
	for (size_t i = 0; i < count && (slot == ALL_SLOTS || (released == 0 && error == -ENOENT));
		i++)
		released += display_registry_release(own[i].registry, slot, &error, &sessions);
	char detail[96];
	if (released > 0 || slot == ALL_SLOTS) {
		api_answer_json(call, json_pack("{s:I}", "released", (json_int_t)released));
	} else if (error == -EBUSY) {
		snprintf(detail, sizeof detail, "display %u is in use by %u session%s", slot,
			sessions, sessions == 1 ? "" : "s");
		api_problem_with(call, 409, "",
			json_pack("{s:I}", "sessions", (json_int_t)sessions), detail);
	} else {
		api_problem(call, 404, "no display has slot %u", slot);
	}
}

void api_release(struct api_call *call)
{
	struct settings_faults faults = { 0 };
	json_t *body = api_read_body(call);
	if (!body)
		return;
	const uint32_t slot = read_release(body, &faults);
	json_decref(body);
	if (slot == ALL_SLOTS)
		snprintf(call->target, sizeof call->target, "all");
	else
		snprintf(call->target, sizeof call->target, "%u", slot);
	if (faults.total)
		api_problem_faults(call, &faults);
	else
		answer_release(call, slot);
}

/* The scales of a layout, kept until the layout is on the disk. */
struct scales {
	size_t count;
	struct {
		uint32_t slot, percent; /* 0: forget */
	} scales[IDENTITY_SLOTS_MAX];
};

static void read_scale(const struct api *api, const char *name, const json_t *value,
	struct scales *scales, struct settings_faults *faults)
{
	char where[160];
	uint32_t slot;
	const json_int_t percent = json_integer_value(value);
	api_pointer(where, sizeof where, "/scales", name);
	if (!api_number_parse(name, IDENTITY_SLOTS_MAX, &slot))
		api_fault(faults, where, "a slot from 1 to %d is wanted", IDENTITY_SLOTS_MAX);
	else if (!json_is_null(value) &&
		(!json_is_integer(value) || percent < DISPLAY_SCALE_MIN_PERCENT ||
			percent > DISPLAY_SCALE_MAX_PERCENT))
		api_fault(faults, where, "a percentage from %d to %d, or null, is wanted",
			DISPLAY_SCALE_MIN_PERCENT, DISPLAY_SCALE_MAX_PERCENT);
	else if (!identity_find_slot(identity_store_map(api->identities), slot))
		api_fault(faults, where, "slot %u is nobody's", slot);
	else {
		scales->scales[scales->count].slot = slot;
		scales->scales[scales->count++].percent = (uint32_t)percent;
	}
}

static void read_scales(const struct api *api, const json_t *object, struct scales *scales,
	struct settings_faults *faults)
{
	const char *name;
	json_t *value;
	if (object && !json_is_object(object))
		api_fault(faults, "/scales", "an object is wanted");
	/* No slot comes twice: duplicates are refused, and a number has one spelling. */
	json_object_foreach((json_t *)object, name, value)
		read_scale(api, name, value, scales, faults);
}

static void after_layout(struct api_call *call, int error)
{
	const struct scales *scales = call->state;
	if (error < 0) {
		api_problem(call, 500, "the layout cannot be written: %s; nothing has changed",
			strerror(-error));
		return;
	}
	for (size_t i = 0; i < scales->count; i++)
		identity_store_set_scale(
			call->api->identities, scales->scales[i].slot, scales->scales[i].percent);
	if (scales->count)
		display_registry_policy_changed(call->api->registry);
	api_answer_json(call, api_view_displays(call->api, call->now_ns));
}

void api_put_layout(struct api_call *call)
{
	struct settings_faults faults = { 0 };
	struct scales *scales = calloc(1, sizeof *scales);
	json_t *layout = api_read_body(call);
	if (!scales || !layout) {
		if (layout)
			api_problem_memory(call);
		json_decref(layout);
		free(scales);
		return;
	}
	call->state = scales;
	call->free_state = free;
	read_scales(call->api, json_object_get(layout, "scales"), scales, &faults);
	json_object_del(layout, "scales");
	api_check_layout(call->api, layout, &faults);
	call->then = after_layout;
	if (faults.total ||
		!settings_put_layout(call->api->settings, layout, api_call_continue, call, &faults))
		api_problem_faults(call, &faults);
	json_decref(layout);
}
