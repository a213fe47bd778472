#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "display/sway/sway_private.h"

void sway_fill_info(const struct sway_backend *backend, const struct sway_output_state *state,
	struct display_output_info *info)
{
	*info = (struct display_output_info){
		.mode = state->mode,
		.x = state->x,
		.y = state->y,
		.source.kind = VIDEO_SOURCE_WAYLAND,
	};
	memcpy(info->name, state->name, sizeof info->name);
	memcpy(info->source.output_name, state->name, sizeof info->source.output_name);
	memcpy(info->source.wayland_socket, backend->wayland_socket,
		sizeof info->source.wayland_socket);
}

static struct sway_notice *make_notice(enum sway_notice_kind kind)
{
	struct sway_notice *notice = calloc(1, sizeof *notice);
	if (notice)
		notice->kind = kind;
	else
		fprintf(stderr, "lodged: sway: no memory to tell a change of the desktop\n");
	return notice;
}

/* What a reload takes away is nobody's wish, and put back. */
static bool is_lost(const struct sway_backend *backend, const struct display_output *output,
	const struct sway_output_state *state)
{
	return sway_backend_was_reloaded(backend) &&
		(state->mode.scale_percent != output->mode.scale_percent ||
			(output->placed && (state->x != output->x || state->y != output->y)));
}

static void observe_output(struct sway_backend *backend, struct display_output *output,
	const struct sway_output_state *state)
{
	struct display_output_info *told = &output->told;
	if (told->x == state->x && told->y == state->y &&
		told->mode.scale_percent == state->mode.scale_percent &&
		(display_mode_equal(&told->mode, &state->mode) ||
			!sway_size_matches(&output->mode, &state->mode)))
		return;
	if (is_lost(backend, output, state))
		return;
	struct sway_notice *notice = make_notice(SWAY_NOTICE_CHANGED);
	if (!notice)
		return; /* told the next time */
	const struct display_mode before = told->mode;
	sway_fill_info(backend, state, told);
	if (!sway_size_matches(&output->mode, &state->mode)) { /* is put back, and not told */
		told->mode = before;
		told->mode.scale_percent = state->mode.scale_percent;
	}
	output->mode.scale_percent = state->mode.scale_percent; /* the user's wish, as is: */
	output->x = state->x;
	output->y = state->y;
	notice->output = output;
	notice->info = *told;
	sway_outbox_push(backend, notice);
}

static void describe_outside(const struct sway_backend *backend,
	const struct sway_output_state *state, struct display_outside_output *outside)
{
	struct sway_dark dark;
	*outside = (struct display_outside_output){
		.mode = state->mode,
		.x = state->active ? state->x : 0,
		.y = state->active ? state->y : 0,
		.width = state->width,
		.height = state->height,
		.enabled = state->active,
	};
	memcpy(outside->name, state->name, sizeof outside->name);
	/* sway does not say what a dark one has been. */
	if (!state->active && sway_notes_find_dark(&backend->notes, state->name, &dark))
		outside->mode = dark.mode;
}

static bool is_same(const struct display_outside_output *a, const struct display_outside_output *b)
{
	return strcmp(a->name, b->name) == 0 && display_mode_equal(&a->mode, &b->mode) &&
		a->x == b->x && a->y == b->y && a->width == b->width && a->height == b->height &&
		a->enabled == b->enabled;
}

static void tell_outside(struct sway_backend *backend)
{
	struct sway_notice *notice = make_notice(SWAY_NOTICE_OUTSIDE);
	if (!notice)
		return;
	notice->outside = calloc(backend->outside_count + 1, sizeof *notice->outside);
	if (!notice->outside) {
		sway_notice_free(notice);
		return;
	}
	memcpy(notice->outside, backend->outside, backend->outside_count * sizeof *notice->outside);
	notice->outside_count = backend->outside_count;
	sway_outbox_push(backend, notice);
}

static void observe_outside(struct sway_backend *backend, const json_t *outputs, bool always)
{
	struct sway_output_state state;
	struct display_outside_output outside;
	size_t index, count = 0;
	json_t *entry;
	bool changed = always;
	json_array_foreach(outputs, index, entry)
	{
		if (count == DISPLAY_OUTSIDE_MAX || !sway_output_state_read(entry, &state) ||
			state.non_desktop || !sway_backend_is_outside(backend, state.name))
			continue;
		describe_outside(backend, &state, &outside);
		changed = changed || count >= backend->outside_count ||
			!is_same(&outside, &backend->outside[count]);
		backend->outside[count++] = outside;
	}
	changed = changed || count != backend->outside_count;
	backend->outside_count = count;
	if (changed)
		tell_outside(backend);
}

void sway_observe(struct sway_backend *backend, const json_t *outputs, bool always)
{
	struct sway_output_state state;
	if (backend->closing)
		return;
	for (struct display_output *output = backend->outputs; output; output = output->next) {
		if (sway_output_state_find(outputs, output->name, &state) && state.active)
			observe_output(backend, output, &state);
	}
	observe_outside(backend, outputs, always);
}
