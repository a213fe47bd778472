/*
 * bare_loop: the plainest way to stream an output: capture it, convert the whole picture, encode the whole picture with x264
 * (ultrafast, zerolatency, sliced threads), throw the bytes away. What lodged's throughput is held against.
 */
#include <getopt.h>
#include <libyuv.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <x264.h>

#include "clock.h"
#include "media/capture.h"
#include "media/video_encoder.h"
#include "process.h"

#define OPEN_NS 2000000000u
#define SETTLE_NS 500000000u

struct bare_loop {
	struct capture *capture;
	struct process_watch watch;
	x264_t *x264;
	x264_picture_t input;
	uint64_t frames, bytes, begin_ns, seconds_ns;
	bool measuring;
};

static bool open_encoder(struct bare_loop *loop, const struct capture_frame *frame)
{
	x264_param_t param;
	x264_param_default_preset(&param, "ultrafast", "zerolatency");
	param.i_width = (int)frame->width_px & ~1;
	param.i_height = (int)frame->height_px & ~1;
	param.i_csp = X264_CSP_I420;
	param.i_fps_num = 60;
	param.i_fps_den = 1;
	param.i_threads = 2;
	param.b_sliced_threads = 1;
	param.i_log_level = X264_LOG_ERROR;
	/* The quantizer that the product uses for motion: rate control would only make the baseline slower. */
	param.rc.i_rc_method = X264_RC_CQP;
	param.rc.i_qp_constant = VIDEO_QUANTIZER_BEST;
	param.rc.f_ip_factor = 1;
	x264_param_apply_profile(&param, "baseline");
	loop->x264 = x264_encoder_open(&param);
	return loop->x264 &&
		x264_picture_alloc(&loop->input, X264_CSP_I420, param.i_width, param.i_height) == 0;
}

static bool encode(struct bare_loop *loop, const struct capture_frame *frame)
{
	x264_picture_t output;
	x264_nal_t *units;
	int count;
	if (!loop->x264 && !open_encoder(loop, frame))
		return false;
	const x264_image_t *image = &loop->input.img;
	ARGBToI420(frame->pixels, (int)frame->stride, image->plane[0], image->i_stride[0],
		image->plane[1], image->i_stride[1], image->plane[2], image->i_stride[2],
		(int)frame->width_px & ~1, (int)frame->height_px & ~1);
	loop->input.i_pts++;
	const int size = x264_encoder_encode(loop->x264, &units, &count, &loop->input, &output);
	if (size > 0 && loop->measuring) {
		loop->frames++;
		loop->bytes += (uint64_t)size;
	}
	return size > 0;
}

static bool turn(struct bare_loop *loop)
{
	struct capture_frame frame;
	const enum capture_result result = capture_dispatch(loop->capture, &frame);
	if (result == CAPTURE_GONE || (result == CAPTURE_FRAME && !encode(loop, &frame)))
		return false;
	if (!capture_is_armed(loop->capture))
		capture_arm(loop->capture);
	if (!capture_flush(loop->capture))
		return false;
	struct pollfd fd = { capture_fd(loop->capture), POLLIN, 0 };
	poll(&fd, 1, 100);
	return true;
}

static bool run(struct bare_loop *loop)
{
	const uint64_t start_ns = measure_now_ns();
	while (measure_now_ns() < start_ns + SETTLE_NS) {
		if (!turn(loop))
			return false;
	}
	loop->measuring = true;
	loop->begin_ns = measure_now_ns();
	process_watch_begin(&loop->watch, loop->begin_ns);
	while (measure_now_ns() < loop->begin_ns + loop->seconds_ns) {
		if (!turn(loop))
			return false;
	}
	return true;
}

static void report(const struct bare_loop *loop)
{
	const uint64_t now_ns = measure_now_ns();
	const double seconds = (double)(now_ns - loop->begin_ns) / 1e9;
	json_t *json = json_pack("{s:f, s:I, s:f, s:f, s:o}", "seconds", seconds, "frames",
		(json_int_t)loop->frames, "fps", (double)loop->frames / seconds, "mbit_per_s",
		(double)loop->bytes * 8 / 1e6 / seconds, "cpu",
		process_watch_report(&loop->watch, now_ns));
	json_dumpf(json, stdout, JSON_COMPACT | JSON_REAL_PRECISION(6));
	putchar('\n');
	json_decref(json);
}

static bool parse(struct bare_loop *loop, struct video_source *source, int argc, char **argv)
{
	int option;
	const char *runtime = getenv("XDG_RUNTIME_DIR"), *wayland = getenv("WAYLAND_DISPLAY");
	while ((option = getopt(argc, argv, "o:s:c:")) != -1) {
		if (option == 'o')
			snprintf(source->output_name, sizeof source->output_name, "%s", optarg);
		else if (option == 's')
			loop->seconds_ns = (uint64_t)(strtod(optarg, NULL) * 1e9);
		else if (option != 'c' || !process_watch_add(&loop->watch, optarg))
			return false;
	}
	if (!runtime || !wayland)
		return false;
	snprintf(source->wayland_socket, sizeof source->wayland_socket, "%s/%s", runtime, wayland);
	return optind == argc && source->output_name[0];
}

int main(int argc, char **argv)
{
	struct bare_loop loop = { .seconds_ns = 5000000000u };
	struct video_source source = { .kind = VIDEO_SOURCE_WAYLAND };
	const char *fault = "";
	if (!parse(&loop, &source, argc, argv)) {
		fprintf(stderr,
			"usage: bare_loop -o OUTPUT [-s SECONDS] [-c NAME=PID]..., with "
			"XDG_RUNTIME_DIR and WAYLAND_DISPLAY\n");
		return 2;
	}
	loop.capture = capture_open(&source, OPEN_NS, &fault);
	const bool good = loop.capture && run(&loop);
	if (good)
		report(&loop);
	else
		fprintf(stderr, "bare_loop: %s: no pictures: %s\n", source.output_name, fault);
	if (loop.x264) {
		x264_encoder_close(loop.x264);
		x264_picture_clean(&loop.input);
	}
	capture_close(loop.capture);
	return good ? 0 : 1;
}
