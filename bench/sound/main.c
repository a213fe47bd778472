/*
 * sound: how long a click takes from the sink until it is decoded on the control thread, beside the same click's way through
 * PipeWire alone; and what encoding takes of the processor for one listener and for ten.
 *
 * In a private PipeWire. Prints one line of JSON.
 */
#include <dirent.h>
#include <getopt.h>
#include <jansson.h>
#include <math.h>
#include <opus/opus_multistream.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include "audio/audio.h"
#include "clicks.h"
#include "clock.h"
#include "core/wire_audio.h"
#include "samples.h"
#include "support/sound_session.h"
#include "support/tone.h"

#define SINK "session-sink"
#define LOUD 0.4f
#define LISTENERS_MAX 10
#define ROUNDS 3
#define CLICK_PATIENCE_NS 20000000000u
#define SETTLE_NS 1000000000u

struct bench {
	struct sound_session sound;
	sd_event *event;
	struct audio_stream *stream;
	struct wire_audio_config config;
	OpusMSDecoder *decoder;
	struct clicks *clicks; /* NULL: nobody listens for any */
	uint32_t heard, wanted; /* clicks */
	uint64_t decode_ns;
	struct samples latency_ms, return_ms;
	int listeners[LISTENERS_MAX][2];
	size_t listener_count;
	bool failed;
};

static bool is_loud(const float *samples, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (fabsf(samples[i]) >= LOUD)
			return true;
	}
	return false;
}

static void hear(struct bench *bench, const struct media_packet *packet)
{
	float samples[6 * 480];
	struct wire_audio audio;
	uint32_t played, returned;
	if (!bench->decoder || !wire_audio_read(packet->data, packet->size, &audio))
		return;
	const int count = opus_multistream_decode_float(
		bench->decoder, audio.packet, (opus_int32)audio.size, samples, 480, 0);
	const uint64_t now_ns = measure_now_ns();
	const uint64_t played_ns = clicks_played_ns(bench->clicks, &played);
	const uint64_t returned_ns = clicks_returned_ns(bench->clicks, &returned);
	if (count <= 0 || played == bench->heard ||
		!is_loud(samples, (size_t)count * bench->config.channels))
		return;
	bench->heard = played;
	samples_add(&bench->latency_ms, (double)(now_ns - played_ns) / 1e6);
	if (returned == played)
		samples_add(&bench->return_ms, (double)returned_ns / 1e6);
}

static void take_config(struct bench *bench, const struct media_packet *packet)
{
	int error;
	if (bench->decoder || !wire_audio_config_read(packet->data, packet->size, &bench->config))
		return;
	const struct wire_opus_head *head = &bench->config.head;
	bench->decoder = opus_multistream_decoder_create(
		48000, head->channels, head->streams, head->coupled, head->mapping, &error);
}

/* As a session does: a reference for each, and its bytes on their way. */
static void fan_out(struct bench *bench, struct media_packet *packet)
{
	for (size_t i = 0; i < bench->listener_count; i++) {
		uint8_t drain[8192];
		media_packet_ref(packet);
		if (send(bench->listeners[i][0], packet->data, packet->size, MSG_DONTWAIT) < 0 ||
			recv(bench->listeners[i][1], drain, sizeof drain, MSG_DONTWAIT) < 0)
			bench->failed = true;
		media_packet_unref(packet);
	}
}

static void on_packet(void *data, struct media_packet *packet)
{
	struct bench *bench = data;
	if (packet->kind == MEDIA_PACKET_AUDIO_CONFIG)
		take_config(bench, packet);
	else if (bench->clicks)
		hear(bench, packet);
	else
		fan_out(bench, packet);
}

static void on_failed(void *data, const char *text)
{
	struct bench *bench = data;
	fprintf(stderr, "sound: %s\n", text);
	bench->failed = true;
}

static bool open_stream(struct bench *bench)
{
	static const struct audio_stream_events events = { on_packet, on_failed };
	struct audio_stream_params params = { .frame_us = 5000 };
	snprintf(params.sink.pipewire_socket, sizeof params.sink.pipewire_socket, "%s",
		bench->sound.socket);
	snprintf(params.sink.node, sizeof params.sink.node, "%s", SINK);
	bench->stream = audio_stream_create(bench->event, &params, &events, bench);
	return bench->stream;
}

static void close_stream(struct bench *bench)
{
	audio_stream_destroy(bench->stream);
	if (bench->decoder)
		opus_multistream_decoder_destroy(bench->decoder);
	bench->stream = NULL;
	bench->decoder = NULL;
}

static void run(struct bench *bench, uint64_t duration_ns)
{
	const uint64_t due_ns = measure_now_ns() + duration_ns;
	while (measure_now_ns() < due_ns && !bench->failed)
		sd_event_run(bench->event, 10000);
}

static json_t *percentiles(struct samples *samples)
{
	return json_pack("{s:f, s:f}", "p50", samples_percentile(samples, 0.5), "p95",
		samples_percentile(samples, 0.95));
}

/* NULL: it did not come about. */
static json_t *measure_clicks(struct bench *bench)
{
	uint32_t played;
	if (!open_stream(bench))
		return NULL;
	bench->clicks = clicks_start(bench->sound.socket, SINK, 256);
	if (!bench->clicks)
		return NULL;
	/* Until everybody is linked. */
	run(bench, 2 * (uint64_t)SETTLE_NS);
	samples_clear(&bench->latency_ms);
	samples_clear(&bench->return_ms);
	clicks_played_ns(bench->clicks, &played);
	const uint32_t before = played, returns_before = clicks_returns(bench->clicks);
	const uint64_t due_ns = measure_now_ns() + CLICK_PATIENCE_NS + bench->wanted * 300000000ull;
	while (bench->latency_ms.count < bench->wanted && measure_now_ns() < due_ns &&
		!bench->failed)
		sd_event_run(bench->event, 10000);
	clicks_played_ns(bench->clicks, &played);
	json_t *result = json_pack("{s:i, s:i, s:i, s:i, s:f, s:o, s:o}", "clicks",
		(int)bench->latency_ms.count, "lost",
		(int)(played - before) - (int)bench->latency_ms.count, "lost_alone",
		(int)(played - before) - (int)(clicks_returns(bench->clicks) - returns_before),
		"quantum", (int)clicks_quantum(bench->clicks), "frame_ms", 5.0, "latency_ms",
		percentiles(&bench->latency_ms), "return_ms", percentiles(&bench->return_ms));
	clicks_stop(bench->clicks);
	bench->clicks = NULL;
	close_stream(bench);
	return result;
}

/* Nanoseconds on a processor of the main thread, and of all the others. */
static void processor_ns(uint64_t *control, uint64_t *others)
{
	struct dirent *entry;
	DIR *tasks = opendir("/proc/self/task");
	*control = *others = 0;
	while (tasks && (entry = readdir(tasks))) {
		char path[300];
		unsigned long long ran_ns = 0;
		snprintf(path, sizeof path, "/proc/self/task/%s/schedstat", entry->d_name);
		FILE *file = fopen(path, "re");
		if (!file)
			continue;
		if (fscanf(file, "%llu", &ran_ns) == 1)
			*(atoi(entry->d_name) == getpid() ? control : others) += ran_ns;
		fclose(file);
	}
	if (tasks)
		closedir(tasks);
}

static json_t *measure_listeners(struct bench *bench, size_t listeners, uint32_t seconds)
{
	uint64_t control, others, control_after, others_after;
	struct audio_stream_stats before, after;
	bench->listener_count = listeners;
	if (!open_stream(bench))
		return NULL;
	run(bench, SETTLE_NS);
	audio_stream_get_stats(bench->stream, &before);
	processor_ns(&control, &others);
	const uint64_t begin_ns = measure_now_ns();
	run(bench, seconds * 1000000000ull);
	processor_ns(&control_after, &others_after);
	const double window_ns = (double)(measure_now_ns() - begin_ns);
	audio_stream_get_stats(bench->stream, &after);
	close_stream(bench);
	return json_pack("{s:i, s:f, s:f, s:f}", "listeners", (int)listeners, "encoder_percent",
		100 * (double)(others_after - others) / window_ns, "control_percent",
		100 * (double)(control_after - control) / window_ns, "packets_per_s",
		(double)(after.packets - before.packets) * 1e9 / window_ns);
}

static json_t *measure_fan_out(struct bench *bench, uint32_t seconds)
{
	static const size_t counts[] = { 1, LISTENERS_MAX };
	static const double tone_hz[] = { 440, 1000 };
	char path[128];
	json_t *rows = json_array();
	snprintf(path, sizeof path, "%s/tone.wav", bench->sound.folder);
	const char *const player[] = { "pw-cat", "--playback", "--latency", "256", "--target", SINK,
		path, NULL };
	if (!tone_write_wav(path, 2, tone_hz, 0.5, 2 * ROUNDS * (seconds + 2) + 10))
		return rows;
	sound_session_launch(&bench->sound, player);
	for (size_t i = 0; i < LISTENERS_MAX; i++) {
		if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, bench->listeners[i]) < 0)
			return rows;
	}
	/* In turns, so that a disturbance meets both. */
	for (size_t i = 0; i < 2 * ROUNDS; i++)
		json_array_append_new(rows, measure_listeners(bench, counts[i % 2], seconds));
	for (size_t i = 0; i < LISTENERS_MAX; i++) {
		close(bench->listeners[i][0]);
		close(bench->listeners[i][1]);
	}
	return rows;
}

int main(int argc, char **argv)
{
	struct bench bench = { .wanted = 100 };
	uint32_t seconds = 8;
	int option;
	while ((option = getopt(argc, argv, "n:s:")) != -1) {
		if (option == 'n') {
			bench.wanted = (uint32_t)strtoul(optarg, NULL, 10);
		} else if (option == 's') {
			seconds = (uint32_t)strtoul(optarg, NULL, 10);
		} else {
			fprintf(stderr, "usage: sound [-n CLICKS] [-s SECONDS]\n");
			return 2;
		}
	}
	int status = 1;
	if (sd_event_new(&bench.event) < 0)
		return 1;
	if (sound_session_start(&bench.sound)) {
		json_t *result = measure_clicks(&bench);
		json_t *rows = measure_fan_out(&bench, seconds);
		if (result && !bench.failed && bench.latency_ms.count >= bench.wanted) {
			json_object_set(result, "fan_out", rows);
			json_dumpf(result, stdout, JSON_COMPACT | JSON_REAL_PRECISION(6));
			putchar('\n');
			status = 0;
		} else {
			fprintf(stderr, "sound: %zu of %u clicks were heard\n",
				bench.latency_ms.count, bench.wanted);
		}
		json_decref(result);
		json_decref(rows);
	}
	sound_session_stop(&bench.sound);
	samples_finish(&bench.latency_ms);
	samples_finish(&bench.return_ms);
	sd_event_unref(bench.event);
	return status;
}
