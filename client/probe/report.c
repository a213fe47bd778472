#include <stdio.h>

#include "probe.h"

json_t *probe_percentiles(struct samples *samples)
{
	return json_pack("{s:i, s:f, s:f, s:f, s:f, s:f}", "n", (int)samples->count, "p50",
		samples_percentile(samples, 0.5), "p90", samples_percentile(samples, 0.9), "p95",
		samples_percentile(samples, 0.95), "p99", samples_percentile(samples, 0.99), "max",
		samples_percentile(samples, 1));
}

static double between_ms(uint64_t begin_ns, uint64_t end_ns)
{
	return begin_ns && end_ns ? (double)(end_ns - begin_ns) / 1e6 : 0;
}

static json_t *display_report(const struct probe *probe)
{
	char mode[DISPLAY_MODE_TEXT_MAX];
	if (!probe->opened)
		return json_null();
	return json_pack("{s:i, s:I, s:s, s:i, s:i, s:f, s:i, s:b, s:b, s:s}", "slot", probe->slot,
		"generation", (json_int_t)probe->generation, "mode",
		display_mode_format(&probe->mode, mode), "width", (int)probe->mode.width_px,
		"height", (int)probe->mode.height_px, "hz", probe->mode.refresh_mhz / 1000.0,
		"scale", (int)probe->mode.scale_percent, "kept", probe->kept, "joined",
		probe->joined, "holder", probe->holder);
}

static json_t *counts_report(const struct probe *probe, double seconds)
{
	const struct probe_counts *counts = &probe->counts;
	return json_pack("{s:f, s:I, s:I, s:f, s:f, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}",
		"seconds", seconds, "frames", (json_int_t)counts->frames, "pictures",
		(json_int_t)counts->pictures, "fps",
		seconds > 0 ? (double)counts->pictures / seconds : 0, "mbit_per_s",
		seconds > 0 ? (double)counts->bytes * 8 / 1e6 / seconds : 0, "bytes",
		(json_int_t)counts->bytes, "keyframes", (json_int_t)counts->keyframes,
		"video_frames", (json_int_t)counts->video_frames, "tile_frames",
		(json_int_t)counts->tile_frames, "refinements", (json_int_t)counts->refinements,
		"tiles", (json_int_t)counts->tiles, "lost", (json_int_t)counts->lost,
		"awaited_keyframe", (json_int_t)counts->waited);
}

static json_t *latency_report(struct probe *probe)
{
	json_t *report = probe_percentiles(&probe->latency.samples_ms);
	json_object_set_new(report, "lost", json_integer(probe->latency.lost));
	return report;
}

static json_t *full_report(struct probe *probe, double seconds)
{
	json_t *report = counts_report(probe, seconds);
	json_object_set_new(report, "exit", json_integer(probe->exit));
	json_object_set_new(report, "error", probe->exit ? json_string(probe->fault) : json_null());
	json_object_set_new(report, "session", json_integer(probe->session));
	json_object_set_new(report, "display", display_report(probe));
	json_object_set_new(report, "codec", json_string(probe->codec));
	json_object_set_new(
		report, "attach_ms", json_real(between_ms(probe->start_ns, probe->welcome_ns)));
	json_object_set_new(
		report, "open_ms", json_real(between_ms(probe->welcome_ns, probe->display_ns)));
	json_object_set_new(report, "first_frame_ms",
		json_real(between_ms(probe->start_ns, probe->first_picture_ns)));
	json_object_set_new(
		report, "capture_to_decoded_ms", probe_percentiles(&probe->capture_to_decoded_ms));
	json_object_set_new(report, "decode_ms", probe_percentiles(&probe->decode_ms));
	json_object_set_new(report, "clock_offset_ns", json_integer(probe->clock_offset_ns));
	json_object_set_new(report, "round_trip_ms", json_real((double)probe->round_trip_ns / 1e6));
	if (probe->options.latency_samples)
		json_object_set_new(report, "latency_ms", latency_report(probe));
	json_object_set_new(report, "sound", probe_sound_report(probe->sound));
	json_object_set(report, "cpu", probe->cpu);
	json_object_set(report, "notices", probe->notices);
	return report;
}

static void print_sound(const struct probe *probe)
{
	json_t *sound = probe_sound_report(probe->sound);
	const char *const members[] = { "packets", "lost", "seconds", "silent_seconds",
		"level_db" };
	printf("sound:");
	for (size_t i = 0; i < sizeof members / sizeof *members; i++)
		printf("%s %s %.6g", i ? "," : "", members[i],
			json_number_value(json_object_get(sound, members[i])));
	putchar('\n');
	json_decref(sound);
}

static void print_text(struct probe *probe, double seconds)
{
	const struct probe_counts *counts = &probe->counts;
	char mode[DISPLAY_MODE_TEXT_MAX];
	if (probe->opened)
		printf("display slot %u, generation %u, %s%s\n", probe->slot, probe->generation,
			display_mode_format(&probe->mode, mode),
			probe->kept ? ", kept from before" : "");
	if (probe->opened && probe->joined)
		printf("it is the display of %s\n", probe->holder);
	if (probe->measuring && seconds > 0)
		printf("%.1f s: %.1f pictures/s, %.2f Mbit/s, %lu frames (%lu with video, %lu "
		       "keyframes, "
		       "%lu refinements), %lu tiles, %lu lost\n",
			seconds, (double)counts->pictures / seconds,
			(double)counts->bytes * 8 / 1e6 / seconds, counts->frames,
			counts->video_frames, counts->keyframes, counts->refinements, counts->tiles,
			counts->lost);
	if (probe->capture_to_decoded_ms.count)
		printf("captured to decoded: p50 %.2f, p95 %.2f, p99 %.2f ms\n",
			samples_percentile(&probe->capture_to_decoded_ms, 0.5),
			samples_percentile(&probe->capture_to_decoded_ms, 0.95),
			samples_percentile(&probe->capture_to_decoded_ms, 0.99));
	if (probe->options.sound.channels)
		print_sound(probe);
	if (probe->options.latency_samples)
		printf("key to pixel: n %zu, lost %u, p50 %.2f, p90 %.2f, p95 %.2f, p99 %.2f ms\n",
			probe->latency.samples_ms.count, probe->latency.lost,
			samples_percentile(&probe->latency.samples_ms, 0.5),
			samples_percentile(&probe->latency.samples_ms, 0.9),
			samples_percentile(&probe->latency.samples_ms, 0.95),
			samples_percentile(&probe->latency.samples_ms, 0.99));
}

void probe_report(struct probe *probe, uint64_t now_ns)
{
	const double seconds =
		probe->measuring ? (double)(now_ns - probe->counts.begin_ns) / 1e9 : 0;
	if (probe->exit)
		fprintf(stderr, "lodge-probe: %s\n", probe->fault);
	if (!probe->options.json) {
		print_text(probe, seconds);
		return;
	}
	json_t *report = full_report(probe, seconds);
	json_dumpf(report, stdout, JSON_COMPACT | JSON_REAL_PRECISION(6));
	putchar('\n');
	json_decref(report);
}
