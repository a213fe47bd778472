#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "display/gamescope/gamescope_capabilities.h"
#include "display/gamescope/gamescope_private.h"

static struct gamescope_backend *from_base(struct display_backend *base)
{
	return (struct gamescope_backend *)base; /* its first member */
}

static void answer(struct gamescope_backend *backend, struct gamescope_notice *notice, int error,
	const char *text)
{
	notice->error = error;
	snprintf(notice->text, sizeof notice->text, "%s", text);
	gamescope_outbox_push(backend, notice);
}

void gamescope_created(struct gamescope_backend *backend, uint32_t width_px, uint32_t height_px,
	uint32_t refresh_mhz)
{
	struct gamescope_notice *notice = backend->creating;
	struct display_output *output = calloc(1, sizeof *output);
	backend->creating = NULL;
	if (!output) {
		answer(backend, notice, -ENOMEM, "no memory for an output");
		backend->kind->end(backend);
		return;
	}
	output->info = (struct display_output_info){
		.mode = { width_px, height_px, refresh_mhz, 100 },
		.name = GAMESCOPE_OUTPUT_NAME,
		.source = { .kind = VIDEO_SOURCE_PIPEWIRE },
	};
	struct video_source *source = &output->info.source;
	snprintf(source->output_name, sizeof source->output_name, "%s", GAMESCOPE_OUTPUT_NAME);
	memcpy(source->pipewire_socket, backend->place.pipewire_socket,
		sizeof source->pipewire_socket);
	memcpy(source->node_name, backend->place.node_name, sizeof source->node_name);
	memcpy(source->x_display, backend->place.x_display, sizeof source->x_display);
	backend->output = output;
	notice->output = output;
	notice->info = output->info;
	answer(backend, notice, 0, "");
}

void gamescope_failed(struct gamescope_backend *backend, int error, const char *text)
{
	struct gamescope_notice *notice = backend->creating;
	backend->creating = NULL;
	if (notice)
		answer(backend, notice, error, text);
}

void gamescope_lost(struct gamescope_backend *backend, int error, const char *text)
{
	gamescope_failed(backend, error, text);
	gamescope_x_cancel(backend->nudge);
	backend->nudge = NULL;
	if (backend->output) {
		struct gamescope_notice *notice = gamescope_notice_make(GAMESCOPE_VANISHED, NULL);
		notice->output = backend->output;
		backend->output = NULL;
		gamescope_outbox_push(backend, notice);
	}
	fprintf(stderr, "lodged: gamescope: the desktop is gone: %s\n", text);
	gamescope_outbox_tell(backend, GAMESCOPE_GONE, text);
}

/* False: it is answered already. */
static bool note_create(struct gamescope_backend *backend, display_create_done done, void *data)
{
	struct gamescope_notice *notice = gamescope_notice_make(GAMESCOPE_CREATED, data);
	notice->done.create = done;
	if (backend->output || backend->creating) {
		answer(backend, notice, -EBUSY, "gamescope has one output, and it is in use");
		return false;
	}
	backend->creating = notice;
	return true;
}

static void impl_create(struct display_backend *base, const struct display_mode *mode,
	display_create_done done, void *data)
{
	struct gamescope_backend *backend = from_base(base);
	if (!note_create(backend, done, data))
		return;
	backend->wanted = *mode;
	backend->kind->begin(backend);
}

static void impl_adopt(
	struct display_backend *base, const char *name, display_create_done done, void *data)
{
	struct gamescope_backend *backend = from_base(base);
	if (!note_create(backend, done, data))
		return;
	if (backend->kind->adopt)
		backend->kind->adopt(backend, name);
	else
		gamescope_failed(
			backend, -ENOTSUP, "a mirrored gamescope is nobody's to take over");
}

static void impl_set_mode(struct display_backend *base, struct display_output *output,
	const struct display_mode *mode, display_mode_done done, void *data)
{
	struct gamescope_backend *backend = from_base(base);
	struct gamescope_notice *notice = gamescope_notice_make(GAMESCOPE_MODE, data);
	notice->done.mode = done;
	if (output != backend->output) { /* it vanished, which is about to be told */
		answer(backend, notice, -ENODEV, "the output is gone");
		return;
	}
	answer(backend, notice, -ENOTSUP,
		backend->capabilities.options[DISPLAY_OPTION_RECONFIGURE].text);
}

static void impl_destroy_output(struct display_backend *base, struct display_output *output,
	display_destroy_done done, void *data)
{
	struct gamescope_backend *backend = from_base(base);
	struct gamescope_notice *notice = gamescope_notice_make(GAMESCOPE_DESTROYED, data);
	notice->done.destroy = done;
	if (output != backend->output) { /* it vanished, which is about to be told */
		gamescope_outbox_push(backend, notice);
		return;
	}
	gamescope_x_cancel(backend->nudge);
	backend->nudge = NULL;
	notice->output = output;
	backend->output = NULL;
	backend->destroyed = notice;
	backend->kind->end(backend);
}

/* One output at 0,0, and nothing else: whatever is wished for, so it is. */
static void impl_apply(struct display_backend *base, const struct display_arrangement *arrangement,
	display_apply_done done, void *data)
{
	struct gamescope_notice *notice = gamescope_notice_make(GAMESCOPE_APPLIED, data);
	notice->done.apply = done;
	gamescope_outbox_push(from_base(base), notice);
}

static const struct display_capabilities *impl_capabilities(struct display_backend *base)
{
	return &from_base(base)->capabilities;
}

/* gamescope's own Wayland socket takes no input from outside. */
static const char *impl_wayland_socket(struct display_backend *base)
{
	return NULL;
}

static const char *impl_eis_socket(struct display_backend *base)
{
	const struct gamescope_backend *backend = from_base(base);
	return backend->output ? backend->place.eis_socket : NULL;
}

static void nudge(struct gamescope_backend *backend);

static void on_nudged(void *data, int error, const struct gamescope_x_answer *found)
{
	struct gamescope_backend *backend = data;
	const bool again = backend->nudge_again;
	backend->nudge = NULL;
	backend->nudge_again = false;
	if (error < 0)
		fprintf(stderr,
			"lodged: gamescope: no new picture could be had from display %s: %s\n",
			backend->place.x_display, strerror(-error));
	else if (again)
		nudge(backend);
}

static void nudge(struct gamescope_backend *backend)
{
	backend->nudge = gamescope_x_ask(backend->event,
		&(struct gamescope_x_params){
			.display = backend->place.x_display,
			.pid = backend->place.pid,
			.nudge = true,
		},
		on_nudged, backend);
	if (!backend->nudge)
		on_nudged(backend, -errno, NULL);
}

static void impl_nudge(struct display_backend *base, struct display_output *output)
{
	struct gamescope_backend *backend = from_base(base);
	if (output != backend->output)
		return;
	if (backend->nudge)
		backend->nudge_again = true;
	else
		nudge(backend);
}

static void impl_destroy(struct display_backend *base)
{
	struct gamescope_backend *backend = from_base(base);
	backend->kind->finish(backend);
	gamescope_backend_finish(backend);
	free(backend);
}

static const struct display_backend_impl impl = {
	.name = "gamescope",
	.create = impl_create,
	.adopt = impl_adopt,
	.set_mode = impl_set_mode,
	.destroy_output = impl_destroy_output,
	.apply = impl_apply,
	.capabilities = impl_capabilities,
	.wayland_socket = impl_wayland_socket,
	.eis_socket = impl_eis_socket,
	.nudge = impl_nudge,
	.destroy = impl_destroy,
};

int gamescope_backend_init(struct gamescope_backend *backend, const struct gamescope_kind *kind,
	sd_event *event, bool mirrored)
{
	backend->base.impl = &impl;
	backend->kind = kind;
	backend->event = sd_event_ref(event);
	gamescope_capabilities_fill(&backend->capabilities, mirrored);
	const int error = gamescope_outbox_init(backend);
	return error < 0 ? error : 0;
}

void gamescope_backend_finish(struct gamescope_backend *backend)
{
	gamescope_x_cancel(backend->nudge);
	gamescope_notice_free(backend->creating);
	gamescope_notice_free(backend->destroyed);
	gamescope_outbox_finish(backend);
	free(backend->output);
	sd_event_unref(backend->event);
}
