#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "probe.h"

#define MS 1000000u
#define DISPLAY_TIMEOUT_NS (10000 * (uint64_t)MS)
#define KEYFRAME_AGAIN_NS (250 * (uint64_t)MS)
#define PING_FIRST_NS (20 * (uint64_t)MS)
#define PING_NS (1000 * (uint64_t)MS)
#define PINGS_FIRST 8

void probe_finish(struct probe *probe, enum probe_exit exit, const char *format, ...)
{
	va_list arguments;
	if (probe->phase == PROBE_FINISHED)
		return;
	probe->phase = PROBE_FINISHED;
	probe->exit = exit;
	va_start(arguments, format);
	vsnprintf(probe->fault, sizeof probe->fault, format, arguments);
	va_end(arguments);
}

bool probe_send(struct probe *probe, const struct wire_message *message)
{
	const int error = lodge_client_send(probe->client, message);
	if (error == -EINVAL)
		probe_finish(probe, PROBE_USAGE, "%s has a value that does not fit",
			wire_type_name(message->type));
	return error == 0;
}

static void send_open(struct probe *probe)
{
	const char *app = probe->options.app;
	struct wire_message message = { .type = app ? WIRE_OPEN_APP : WIRE_OPEN_DISPLAY };
	if (app)
		message.open_app.app = (struct wire_string){ app, (uint16_t)strlen(app) };
	*(app ? &message.open_app.mode : &message.mode) = probe->options.mode;
	probe_send(probe, &message);
}

static void open_display(struct probe *probe, uint64_t now_ns)
{
	probe->welcome_ns = now_ns;
	probe->phase = PROBE_OPENING;
	probe->phase_deadline_ns = now_ns + DISPLAY_TIMEOUT_NS;
	probe->ping_due_ns = now_ns;
	if (probe->options.max_kbps || probe->options.max_rate_mhz)
		probe_send(probe,
			&(struct wire_message){ .type = WIRE_SET_STREAM,
				.stream = {
					probe->options.max_kbps, probe->options.max_rate_mhz } });
	send_open(probe);
}

static void display_opened(struct probe *probe, const struct wire_message *message, uint64_t now_ns)
{
	probe->mode = message->opened.mode;
	probe->slot = message->opened.slot;
	probe->generation = message->opened.generation;
	probe->joined = message->opened.flags & WIRE_OPENED_JOINED;
	snprintf(probe->holder, sizeof probe->holder, "%.*s", (int)message->opened.holder.size,
		message->opened.holder.bytes);
	if (probe->opened)
		return;
	probe->opened = true;
	probe->kept = message->opened.flags & WIRE_OPENED_KEPT;
	probe->display_ns = now_ns;
	probe_sound_begin(probe);
	probe->phase = PROBE_AWAITING;
	probe->phase_deadline_ns = now_ns + DISPLAY_TIMEOUT_NS;
}

/* A host on this machine has our clock: then what looks like an offset is the way there and back being unequal. */
static void take_pong(struct probe *probe, const struct wire_message *message, uint64_t now_ns)
{
	const uint64_t round_trip_ns = now_ns - message->pong.client_time;
	if (probe->round_trip_ns && round_trip_ns >= probe->round_trip_ns)
		return;
	probe->round_trip_ns = round_trip_ns;
	const int64_t offset =
		(int64_t)(message->pong.host_time - message->pong.client_time - round_trip_ns / 2);
	const int64_t margin = (int64_t)(round_trip_ns / 2);
	probe->clock_offset_ns = offset >= -margin && offset <= margin ? 0 : offset;
}

static void configure(struct probe *probe, const struct wire_message *message)
{
	snprintf(probe->codec, sizeof probe->codec, "%.*s", (int)message->config.codec.size,
		message->config.codec.bytes);
	if (!probe->picture)
		return;
	const int error = lodge_picture_configure(
		probe->picture, message->config.width_px, message->config.height_px);
	if (error < 0)
		probe_finish(probe, PROBE_CONNECT, "STREAM_CONFIG %ux%u: %s",
			message->config.width_px, message->config.height_px, strerror(-error));
}

static void on_message(void *data, const struct wire_message *message)
{
	struct probe *probe = data;
	const uint64_t now_ns = measure_now_ns();
	switch (message->type) {
	case WIRE_WELCOME:
		probe->session = message->welcome.session;
		open_display(probe, now_ns);
		break;
	case WIRE_DISPLAY_OPENED:
		display_opened(probe, message, now_ns);
		break;
	case WIRE_DISPLAY_DECLINED:
		probe_finish(probe, PROBE_DECLINED, "declined (%s): %.*s",
			lodge_decline_name(message->declined.code),
			(int)message->declined.text.size, message->declined.text.bytes);
		break;
	case WIRE_STREAM_CONFIG:
		configure(probe, message);
		break;
	case WIRE_PONG:
		take_pong(probe, message, now_ns);
		break;
	case WIRE_NOTICE:
		json_array_append_new(probe->notices,
			json_stringn(message->notice.text.bytes, message->notice.text.size));
		break;
	case WIRE_AUDIO_CONFIG:
	case WIRE_AUDIO:
	case WIRE_SOUND:
	case WIRE_APPS:
	case WIRE_APP:
		probe_sound_message(probe, message);
		break;
	default: /* CHALLENGE; REFUSED and ENDED come as the end */
		break;
	}
}

static void count_frame(struct probe *probe, const struct wire_frame_header *header, size_t bytes)
{
	struct probe_counts *counts = &probe->counts;
	const bool refinement = header->flags & WIRE_FRAME_REFINEMENT;
	counts->frames++;
	counts->bytes += bytes;
	counts->tiles += header->tiles;
	counts->keyframes += header->flags & WIRE_FRAME_KEYFRAME ? 1 : 0;
	counts->refinements += refinement;
	counts->video_frames += header->video_size > 0;
	counts->tile_frames += header->tiles > 0 && !refinement;
	/* Tiles and video of one captured picture may come as two frames. */
	if (!refinement && header->capture_ns != counts->last_capture_ns)
		counts->pictures++;
	counts->last_capture_ns = header->capture_ns;
}

static void check_sequence(struct probe *probe, uint32_t sequence)
{
	if (probe->in_sequence)
		probe->counts.lost += sequence - probe->next_sequence;
	probe->in_sequence = true;
	probe->next_sequence = sequence + 1;
}

static void ask_for_keyframe(struct probe *probe, uint64_t now_ns)
{
	if (now_ns < probe->keyframe_asked_ns + KEYFRAME_AGAIN_NS)
		return;
	probe->keyframe_asked_ns = now_ns;
	probe_send(probe, &(struct wire_message){ .type = WIRE_REQUEST_KEYFRAME });
}

static void first_picture(struct probe *probe, uint64_t now_ns)
{
	probe->first_picture_ns = now_ns;
	probe->phase = PROBE_RUNNING;
	probe->phase_deadline_ns = PROBE_NEVER;
}

static bool draw(struct probe *probe, const struct wire_frame *frame)
{
	const uint64_t begin_ns = measure_now_ns();
	const enum lodge_picture_result result = lodge_picture_frame(probe->picture, frame);
	const uint64_t end_ns = measure_now_ns();
	if (result != LODGE_PICTURE_DRAWN) {
		probe->counts.waited++;
		if (result == LODGE_PICTURE_BROKEN)
			fprintf(stderr, "lodge-probe: frame %u: %s; a keyframe is asked for\n",
				frame->header.sequence, lodge_picture_fault(probe->picture));
		ask_for_keyframe(probe, end_ns);
		return false;
	}
	probe->drawn++;
	const int64_t age_ns =
		(int64_t)(end_ns - frame->header.capture_ns) + probe->clock_offset_ns;
	/* A refinement repeats an old picture, and a keyframe may: their age says nothing. */
	if (probe->measuring &&
		!(frame->header.flags & (WIRE_FRAME_REFINEMENT | WIRE_FRAME_KEYFRAME))) {
		samples_add(&probe->capture_to_decoded_ms, (double)age_ns / 1e6);
		samples_add(&probe->decode_ms, (double)(end_ns - begin_ns) / 1e6);
	}
	return true;
}

static void on_frame(void *data, const struct wire_frame *frame, size_t bytes)
{
	struct probe *probe = data;
	if (probe->phase == PROBE_FINISHED)
		return;
	check_sequence(probe, frame->header.sequence);
	const bool drawn = probe->picture ? draw(probe, frame) : true;
	count_frame(probe, &frame->header, bytes);
	const uint64_t now_ns = measure_now_ns();
	probe_send(probe,
		&(struct wire_message){ .type = WIRE_ACKNOWLEDGE,
			.display = frame->header.display,
			.acknowledged = frame->header.sequence });
	if (drawn && probe->phase == PROBE_AWAITING)
		first_picture(probe, now_ns);
	if (probe->options.latency_samples)
		probe_latency_tick(probe, now_ns);
	probe_play(probe, now_ns);
	if (probe->options.frames && probe->measuring &&
		probe->counts.frames >= probe->options.frames)
		probe_finish(probe, PROBE_OK, "%s", "");
}

static void on_ended(void *data, enum lodge_client_end end, uint16_t code, const char *text)
{
	struct probe *probe = data;
	probe_finish(
		probe, end == LODGE_CLIENT_REFUSED ? PROBE_REFUSED : PROBE_CONNECT, "%s", text);
}

const struct lodge_client_events probe_client_events = { on_message, on_frame, on_ended };

static void begin_measuring(struct probe *probe, uint64_t now_ns)
{
	probe->measuring = true;
	probe->counts = (struct probe_counts){ .begin_ns = now_ns,
		.last_capture_ns = probe->counts.last_capture_ns };
	process_watch_begin(&probe->options.watch, now_ns);
}

static uint64_t measure_due_ns(const struct probe *probe)
{
	if (probe->phase != PROBE_RUNNING)
		return PROBE_NEVER;
	if (!probe->measuring)
		return probe->first_picture_ns + probe->options.settle_ns;
	return probe->options.seconds_ns ? probe->counts.begin_ns + probe->options.seconds_ns
					 : PROBE_NEVER;
}

static void check_deadlines(struct probe *probe, uint64_t now_ns)
{
	static const char *const phases[] = { "attaching", "the display to open",
		"the first picture", "the run to end" };
	if (probe->phase != PROBE_FINISHED &&
		(now_ns >= probe->phase_deadline_ns || now_ns >= probe->run_deadline_ns))
		probe_finish(probe, PROBE_TIMEOUT, "waited too long for %s", phases[probe->phase]);
}

static void check_end(struct probe *probe, uint64_t now_ns)
{
	const bool timed = probe->options.seconds_ns, playing = probe->options.script.count;
	const bool time_over = timed && probe->measuring &&
		now_ns >= probe->counts.begin_ns + probe->options.seconds_ns;
	if (probe->phase != PROBE_RUNNING || probe->options.latency_samples)
		return;
	if ((timed || playing) && (!timed || time_over) && (!playing || probe->done_playing))
		probe_finish(probe, PROBE_OK, "%s", "");
}

void probe_session_tick(struct probe *probe, uint64_t now_ns)
{
	if (probe->phase == PROBE_RUNNING && !probe->measuring && now_ns >= measure_due_ns(probe))
		begin_measuring(probe, now_ns);
	check_end(probe, now_ns);
	check_deadlines(probe, now_ns);
	if (lodge_client_is_welcome(probe->client) && now_ns >= probe->ping_due_ns) {
		probe->ping_due_ns =
			now_ns + (++probe->pings < PINGS_FIRST ? PING_FIRST_NS : PING_NS);
		probe_send(
			probe, &(struct wire_message){ .type = WIRE_PING, .client_time = now_ns });
	}
}

uint64_t probe_session_due_ns(const struct probe *probe)
{
	uint64_t due_ns = measure_due_ns(probe);
	if (due_ns > probe->phase_deadline_ns)
		due_ns = probe->phase_deadline_ns;
	if (due_ns > probe->run_deadline_ns)
		due_ns = probe->run_deadline_ns;
	if (lodge_client_is_welcome(probe->client) && due_ns > probe->ping_due_ns)
		due_ns = probe->ping_due_ns;
	return due_ns;
}
