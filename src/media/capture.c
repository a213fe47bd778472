#include "media/capture.h"

#include "media/capture_private.h"
#include "media/clock.h"

struct capture *capture_open(
	const struct video_source *source, uint64_t deadline_ns, const char **fault)
{
	const uint64_t until_ns = clock_now_ns() + deadline_ns;
	switch (source->kind) {
	case VIDEO_SOURCE_WAYLAND:
		return capture_wayland_open(source, until_ns, fault);
	case VIDEO_SOURCE_PIPEWIRE:
		return capture_pipewire_open(source, until_ns, fault);
	}
	*fault = "the kind of video source is unknown";
	return NULL;
}

void capture_close(struct capture *capture)
{
	if (capture)
		capture->impl->close(capture);
}

const char *capture_protocol(const struct capture *capture)
{
	return capture->impl->protocol(capture);
}

int capture_fd(const struct capture *capture)
{
	return capture->impl->fd(capture);
}

void capture_arm(struct capture *capture)
{
	if (capture->armed)
		return;
	capture->armed = true;
	capture->impl->arm(capture);
}

bool capture_is_armed(const struct capture *capture)
{
	return capture->armed;
}

enum capture_result capture_dispatch(struct capture *capture, struct capture_frame *frame)
{
	return capture->impl->dispatch(capture, frame);
}

bool capture_flush(struct capture *capture)
{
	return capture->impl->flush(capture);
}
