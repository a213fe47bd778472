#include <stdio.h>
#include <stdlib.h>

#include "display/gamescope/gamescope_private.h"

struct gamescope_notice *gamescope_notice_make(enum gamescope_notice_kind kind, void *data)
{
	struct gamescope_notice *notice = calloc(1, sizeof *notice);
	if (!notice) {
		fprintf(stderr, "lodged: gamescope: no memory for a request\n");
		abort();
	}
	notice->kind = kind;
	notice->data = data;
	return notice;
}

void gamescope_notice_free(struct gamescope_notice *notice)
{
	if (!notice)
		return;
	if (notice->kind == GAMESCOPE_DESTROYED || notice->kind == GAMESCOPE_VANISHED)
		free(notice->output);
	free(notice);
}

static void call(const struct display_backend_events *events, void *data,
	const struct gamescope_notice *notice)
{
	const struct display_output_info *info = notice->error ? NULL : &notice->info;
	switch (notice->kind) {
	case GAMESCOPE_CREATED:
		notice->done.create(
			notice->data, notice->error, notice->text, notice->output, info);
		break;
	case GAMESCOPE_MODE:
		notice->done.mode(notice->data, notice->error, notice->text, info);
		break;
	case GAMESCOPE_DESTROYED:
		notice->done.destroy(notice->data, notice->error, notice->text);
		break;
	case GAMESCOPE_APPLIED:
		notice->done.apply(notice->data, notice->error, notice->text, DISPLAY_EXTEND);
		break;
	case GAMESCOPE_VANISHED:
		if (events)
			events->output_vanished(data, notice->output);
		break;
	case GAMESCOPE_GONE:
		if (events)
			events->desktop_gone(data, notice->text);
		break;
	case GAMESCOPE_READY:
		if (events)
			events->desktop_ready(data);
		break;
	case GAMESCOPE_START_FAILED:
		if (events && events->desktop_failed)
			events->desktop_failed(data, notice->text);
		break;
	}
}

/* One a turn: the call may destroy the backend, so nothing of it is touched afterwards. */
static int on_deliver(sd_event_source *source, void *data)
{
	struct gamescope_backend *backend = data;
	struct gamescope_notice *notice = backend->notices;
	if (!notice)
		return 0;
	backend->notices = notice->next;
	if (backend->notices)
		sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
	else
		backend->last_notice = &backend->notices;
	call(backend->base.events, backend->base.events_data, notice);
	gamescope_notice_free(notice);
	return 0;
}

int gamescope_outbox_init(struct gamescope_backend *backend)
{
	backend->last_notice = &backend->notices;
	return sd_event_add_defer(backend->event, &backend->deliver, on_deliver, backend);
}

void gamescope_outbox_finish(struct gamescope_backend *backend)
{
	sd_event_source_disable_unref(backend->deliver);
	while (backend->notices) {
		struct gamescope_notice *notice = backend->notices;
		backend->notices = notice->next;
		/* Its create was never told: the output is in nobody's hands. */
		gamescope_notice_free(notice);
	}
}

void gamescope_outbox_push(struct gamescope_backend *backend, struct gamescope_notice *notice)
{
	notice->next = NULL;
	*backend->last_notice = notice;
	backend->last_notice = &notice->next;
	sd_event_source_set_enabled(backend->deliver, SD_EVENT_ONESHOT);
}

void gamescope_outbox_tell(
	struct gamescope_backend *backend, enum gamescope_notice_kind kind, const char *text)
{
	struct gamescope_notice *notice = gamescope_notice_make(kind, NULL);
	snprintf(notice->text, sizeof notice->text, "%s", text);
	gamescope_outbox_push(backend, notice);
}
