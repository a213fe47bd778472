#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "display/sway/sway_capabilities.h"
#include "display/sway/sway_private.h"

/* `output NAME unplug` is there from this version on, and `disable` does what it says. */
#define REMOVE_MAJOR 1
#define REMOVE_MINOR 8

/* --- what a crash, or a connection that broke, has left --- */

static void on_final_outputs(struct sway_operation *operation, const json_t *outputs)
{
	sway_observe(operation->backend, outputs, true);
	sway_backend_became_ready(operation->backend);
	sway_finish(operation, 0, "");
}

static void withdraw_leftover(struct sway_operation *operation);

static void after_leftover(struct sway_operation *operation, int error, const char *text)
{
	if (error < 0)
		fprintf(stderr, "lodged: sway: output %s is left over and stays: %s\n",
			operation->withdraw.name, text);
	sway_names_remove(&operation->backend->stale, operation->withdraw.name);
	withdraw_leftover(operation);
}

static void withdraw_leftover(struct sway_operation *operation)
{
	const struct sway_names *stale = &operation->backend->stale;
	if (stale->count > 0)
		sway_withdraw(operation, stale->names[0], after_leftover);
	else
		sway_ask(operation, SWAY_GET_OUTPUTS, NULL, on_final_outputs);
}

static void after_restored(struct sway_operation *operation, int error, const char *text)
{
	if (error < 0)
		fprintf(stderr, "lodged: sway: %s\n", text);
	withdraw_leftover(operation);
}

static void on_first_outputs(struct sway_operation *operation, const json_t *outputs)
{
	struct sway_backend *backend = operation->backend;
	struct sway_output_state state;
	size_t index;
	json_t *entry;
	sway_keep_outputs(operation, outputs);
	sway_adopt_sort(backend, outputs);
	sway_notes_settle_create(&backend->notes, outputs);
	json_t *made = json_deep_copy(sway_notes_made(&backend->notes));
	json_array_foreach(made, index, entry)
	{
		const char *name = json_string_value(entry);
		if (!name)
			continue;
		if (!sway_output_state_find(outputs, name, &state))
			sway_notes_forget_made(&backend->notes, name);
		else if (!sway_names_have(&backend->parked, name))
			sway_names_add(&backend->stale, name);
	}
	json_decref(made);
	sway_restore(operation, after_restored);
}

/* --- the beginning of a connection --- */

/* Before 1.8 there is no such event, and nobody can remove an output either. */
static void on_outputs_subscribed(struct sway_operation *operation, const json_t *reply)
{
	sway_ask(operation, SWAY_GET_OUTPUTS, NULL, on_first_outputs);
}

static void on_subscribed(struct sway_operation *operation, const json_t *reply)
{
	if (json_is_true(json_object_get(reply, "success")))
		sway_ask(operation, SWAY_SUBSCRIBE, "[\"output\"]", on_outputs_subscribed);
	else
		sway_finish(operation, -EPROTO, "sway refused the subscription to its events");
}

static void on_version(struct sway_operation *operation, const json_t *reply)
{
	struct sway_backend *backend = operation->backend;
	const json_int_t major = json_integer_value(json_object_get(reply, "major"));
	const json_int_t minor = json_integer_value(json_object_get(reply, "minor"));
	backend->can_unplug =
		major > REMOVE_MAJOR || (major == REMOVE_MAJOR && minor >= REMOVE_MINOR);
	sway_capabilities_fill(&backend->capabilities, backend->can_unplug);
	sway_ask(operation, SWAY_SUBSCRIBE, "[\"workspace\", \"window\", \"shutdown\"]",
		on_subscribed);
}

void sway_setup_start(struct sway_operation *operation)
{
	sway_ask(operation, SWAY_GET_VERSION, NULL, on_version);
}
