#include <stdio.h>
#include <stdlib.h>

#include "display/sway/sway_private.h"

struct display_output *sway_output_new(void)
{
	struct display_output *output = calloc(1, sizeof *output);
	if (output)
		output->vanished = calloc(1, sizeof *output->vanished);
	if (output && !output->vanished) {
		free(output);
		return NULL;
	}
	return output;
}

void sway_output_free(struct display_output *output)
{
	if (!output)
		return;
	free(output->vanished);
	free(output);
}

static void call(
	const struct display_backend_events *events, void *data, const struct sway_notice *notice)
{
	const struct display_output_info *info = notice->error ? NULL : &notice->info;
	switch (notice->kind) {
	case SWAY_NOTICE_CREATED:
		notice->done.create(notice->data, notice->error, notice->text,
			notice->error ? NULL : notice->output, info);
		break;
	case SWAY_NOTICE_MODE:
		notice->done.mode(notice->data, notice->error, notice->text, info);
		break;
	case SWAY_NOTICE_DESTROYED:
		notice->done.destroy(notice->data, notice->error, notice->text);
		break;
	case SWAY_NOTICE_APPLIED:
		notice->done.apply(notice->data, notice->error, notice->text, notice->topology);
		break;
	case SWAY_NOTICE_COMMAND:
		notice->done.command(notice->data, notice->error, notice->text);
		break;
	case SWAY_NOTICE_CHANGED:
		if (events && events->output_changed)
			events->output_changed(data, notice->output, &notice->info);
		break;
	case SWAY_NOTICE_OUTSIDE:
		if (events && events->outside_changed)
			events->outside_changed(data, notice->outside, notice->outside_count);
		break;
	case SWAY_NOTICE_VANISHED:
		if (events)
			events->output_vanished(data, notice->output);
		break;
	case SWAY_NOTICE_GONE:
		if (events)
			events->desktop_gone(data, notice->text);
		break;
	case SWAY_NOTICE_READY:
		if (events)
			events->desktop_ready(data);
		break;
	case SWAY_NOTICE_FAILED:
		if (events && events->desktop_failed)
			events->desktop_failed(data, notice->text);
		break;
	}
}

void sway_notice_free(struct sway_notice *notice)
{
	if (!notice)
		return;
	if (notice->kind == SWAY_NOTICE_DESTROYED || notice->kind == SWAY_NOTICE_VANISHED)
		sway_output_free(notice->output);
	free(notice->outside);
	free(notice);
}

/* One a turn: the call may destroy the backend, so nothing of it is touched afterwards. */
static int on_deliver(sd_event_source *source, void *data)
{
	struct sway_backend *backend = data;
	struct sway_notice *notice = backend->notices;
	if (!notice)
		return 0;
	backend->notices = notice->next;
	if (backend->notices)
		sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
	else
		backend->last_notice = &backend->notices;
	call(backend->base.events, backend->base.events_data, notice);
	sway_notice_free(notice);
	return 0;
}

bool sway_outbox_init(struct sway_backend *backend)
{
	backend->last_notice = &backend->notices;
	return sd_event_add_defer(backend->event, &backend->deliver, on_deliver, backend) >= 0;
}

void sway_outbox_finish(struct sway_backend *backend)
{
	sd_event_source_disable_unref(backend->deliver);
	while (backend->notices) {
		struct sway_notice *notice = backend->notices;
		backend->notices = notice->next;
		sway_notice_free(notice);
	}
}

void sway_outbox_push(struct sway_backend *backend, struct sway_notice *notice)
{
	notice->next = NULL;
	*backend->last_notice = notice;
	backend->last_notice = &notice->next;
	sd_event_source_set_enabled(backend->deliver, SD_EVENT_ONESHOT);
}

void sway_outbox_tell(struct sway_backend *backend, enum sway_notice_kind kind, const char *text)
{
	struct sway_notice *notice = calloc(1, sizeof *notice);
	if (!notice) {
		fprintf(stderr, "lodged: sway: no memory to tell: %s\n", text);
		return;
	}
	notice->kind = kind;
	snprintf(notice->text, sizeof notice->text, "%s", text);
	sway_outbox_push(backend, notice);
}
