// Compares ways to make the cost of a frame follow its damage: x264 parameter sets, stripes with an
// encoder each, and lossless rectangles. Content is synthetic: a page of pseudo text, 1920x1080.
//
// gcc -std=c17 -O2 -Wall -Wextra -o encode_designs encode_designs.c
//     -lx264 -lyuv -lavcodec -lavutil -lpng -lz -ldeflate -llz4 -lzstd -lpthread -lm
// ./encode_designs [FRAMES [RESULTS.json [TABLE]]]     TABLE: diff, lossless, copy, params,
//     mbinfo, pipeline
#define _GNU_SOURCE
#include <libavcodec/avcodec.h>
#include <libdeflate.h>
#include <libyuv.h>
#include <lz4.h>
#include <math.h>
#include <png.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <x264.h>
#include <zlib.h>
#include <zstd.h>

enum {
	SCREEN_WIDTH = 1920,
	SCREEN_HEIGHT = 1080,
	SCREEN_STRIDE = SCREEN_WIDTH * 4,
	MACROBLOCK = 16,
	MB_COLUMNS = (SCREEN_WIDTH + 15) / 16,
	MB_ROWS = (SCREEN_HEIGHT + 15) / 16,
	FRAME_RATE = 60,
	WARMUP_FRAMES = 3,
	MAX_SAMPLES = 4096,
	MAX_STRIPES = 17,
	TILE_SIZE = 64,
};

static double clock_ms(clockid_t clock)
{
	struct timespec now;
	clock_gettime(clock, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

struct samples {
	double values[MAX_SAMPLES];
	int count;
};

static void samples_add(struct samples *samples, double value)
{
	if (samples->count < MAX_SAMPLES) {
		samples->values[samples->count++] = value;
	}
}

static int compare_doubles(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;
	return (a > b) - (a < b);
}

static double percentile(struct samples *samples, double share)
{
	if (samples->count == 0) {
		return 0;
	}
	qsort(samples->values, (size_t)samples->count, sizeof(double), compare_doubles);
	return samples->values[(int)(share * (samples->count - 1) + 0.5)];
}

static double mean(const struct samples *samples)
{
	double sum = 0;
	for (int i = 0; i < samples->count; i++) {
		sum += samples->values[i];
	}
	return samples->count ? sum / samples->count : 0;
}

// One table on stdout and one array of objects in the JSON file.
struct report {
	FILE *json;
	const char *table;
	bool any_row;
};

struct field {
	const char *name;
	double value;
};

static void report_row(struct report *report, const char *table, const char *design,
	const char *workload, const struct field *fields, int count)
{
	if (report->table != table) {
		printf("\n%-34s %-12s", table, "workload");
		for (int i = 0; i < count; i++) {
			printf(" %10s", fields[i].name);
		}
		printf("\n");
		report->table = table;
	}
	printf("%-34s %-12s", design, workload);
	fprintf(report->json, "%s\n\t{\"table\": \"%s\", \"design\": \"%s\", \"workload\": \"%s\"",
		report->any_row ? "," : "[", table, design, workload);
	for (int i = 0; i < count; i++) {
		printf(" %10.2f", fields[i].value);
		fprintf(report->json, ", \"%s\": %.4f", fields[i].name, fields[i].value);
	}
	printf("\n");
	fprintf(report->json, "}");
	fflush(stdout);
	report->any_row = true;
}

#define REPORT(report, table, design, workload, ...)                                               \
	report_row(report, table, design, workload, (const struct field[]){ __VA_ARGS__ },         \
		(int)(sizeof((const struct field[]){ __VA_ARGS__ }) / sizeof(struct field)))

struct rect {
	int x, y, width, height;
};

enum motion { STATIC, TYPE, PAGE, SCROLL, HALF_SCROLL, BOX };

// NOISE: every glyph is other random dots, the worst text there is. STROKES: an alphabet of 64
// glyphs of antialiased strokes, nearer to what a font draws.
enum glyphs { NOISE, STROKES };

struct workload {
	const char *name;
	enum motion motion;
	int step_px;
	enum glyphs glyphs;
};

static const struct workload workload_static = { "static", STATIC, 0, NOISE };
static const struct workload workload_type = { "type", TYPE, 0, NOISE };
static const struct workload workload_page = { "page", PAGE, 0, NOISE };
static const struct workload workload_scroll = { "scroll", SCROLL, 4, NOISE };
static const struct workload workload_half_scroll = { "half scroll", HALF_SCROLL, 4, NOISE };
static const struct workload workload_box = { "box", BOX, 8, NOISE };

// The paper is taller than the screen; a frame is a copy of a window of it.
struct screen {
	uint32_t *paper;
	int paper_height;
	uint8_t *pixels; // BGRX
	struct rect box;
	struct rect damage[2];
	int damage_count;
};

enum { LINE = 18, ADVANCE = 9, MARGIN = 20, GLYPH_WIDTH = 7, GLYPH_HEIGHT = 11 };

typedef uint32_t glyph[GLYPH_HEIGHT][GLYPH_WIDTH];

static const uint32_t paper_colour = 0xfff4f4f0;

static void draw_noise(glyph to)
{
	for (int dot = 0; dot < GLYPH_HEIGHT * GLYPH_WIDTH; dot++) {
		uint32_t shade = (uint32_t)(rand() % 3) * 0x303030;
		bool ink = rand() % 3 == 0;
		to[dot / GLYPH_WIDTH][dot % GLYPH_WIDTH] = ink ? 0xff202020 + shade : paper_colour;
	}
}

static void draw_strokes(glyph to)
{
	int stem = rand() % 5, bar = rand() % 9 + 1, hook = rand() % 9 + 1;
	for (int dot = 0; dot < GLYPH_HEIGHT * GLYPH_WIDTH; dot++) {
		int y = dot / GLYPH_WIDTH, x = dot % GLYPH_WIDTH;
		bool ink = x == stem || y == bar || (x == 6 - stem / 2 && y > hook);
		bool edge = x == stem + 1 || y == hook;
		to[y][x] = ink ? 0xff202020 : edge ? 0xff909090 : paper_colour;
	}
}

static void print_text(uint32_t *paper, int height, enum glyphs glyphs)
{
	glyph alphabet[64];
	srand(1);
	for (int i = 0; i < 64; i++) {
		draw_strokes(alphabet[i]);
	}
	for (int i = 0; i < SCREEN_WIDTH * height; i++) {
		paper[i] = paper_colour;
	}
	for (int y = 3; y < height - LINE; y += LINE) {
		for (int x = MARGIN; x < SCREEN_WIDTH - MARGIN; x += ADVANCE) {
			uint32_t(*letter)[GLYPH_WIDTH] = alphabet[rand() % 64];
			if (rand() % 6 == 0) {
				continue;
			}
			if (glyphs == NOISE) {
				draw_noise(letter);
			}
			for (int row = 0; row < GLYPH_HEIGHT; row++) {
				memcpy(paper + (y + row) * SCREEN_WIDTH + x, letter[row],
					sizeof(letter[row]));
			}
		}
	}
}

static void screen_init(struct screen *screen, enum glyphs glyphs)
{
	screen->paper_height = SCREEN_HEIGHT * 4;
	screen->paper = malloc((size_t)SCREEN_STRIDE * (size_t)screen->paper_height);
	screen->pixels = aligned_alloc(64, (size_t)SCREEN_STRIDE * SCREEN_HEIGHT);
	screen->damage_count = 0;
	screen->box = (struct rect){ 0, 0, 256, 256 };
	print_text(screen->paper, screen->paper_height, glyphs);
}

static void screen_finish(struct screen *screen)
{
	free(screen->paper);
	free(screen->pixels);
}

static void screen_add_damage(struct screen *screen, struct rect rect)
{
	screen->damage[screen->damage_count++] = rect;
}

static void screen_show_paper(struct screen *screen, int paper_y, int width)
{
	const uint32_t *from = screen->paper + (size_t)paper_y * SCREEN_WIDTH;
	for (int y = 0; y < SCREEN_HEIGHT; y++) {
		memcpy(screen->pixels + (size_t)y * SCREEN_STRIDE, from + (size_t)y * SCREEN_WIDTH,
			(size_t)width * 4);
	}
}

static void screen_fill(struct screen *screen, struct rect rect, uint32_t colour)
{
	for (int y = rect.y; y < rect.y + rect.height; y++) {
		uint32_t *row = (uint32_t *)(screen->pixels + (size_t)y * SCREEN_STRIDE);
		for (int x = rect.x; x < rect.x + rect.width; x++) {
			row[x] = colour;
		}
	}
}

static void screen_move_box(struct screen *screen, int frame, int step)
{
	for (int y = screen->box.y; y < screen->box.y + screen->box.height; y++) {
		size_t pixel = (size_t)y * SCREEN_WIDTH + (size_t)screen->box.x;
		memcpy(screen->pixels + pixel * 4, screen->paper + pixel,
			(size_t)screen->box.width * 4);
	}
	screen_add_damage(screen, screen->box);
	screen->box.x = frame * step % (SCREEN_WIDTH - screen->box.width);
	screen->box.y = frame * step / 4 % (SCREEN_HEIGHT - screen->box.height);
	screen_fill(screen, screen->box, 0xffc08040);
	screen_add_damage(screen, screen->box);
}

static void screen_draw(struct screen *screen, const struct workload *workload, int frame)
{
	const struct rect everything = { 0, 0, SCREEN_WIDTH, SCREEN_HEIGHT };
	const struct rect cell = { SCREEN_WIDTH / 4, SCREEN_HEIGHT / 2, 16, 24 };
	int scroll_y = frame * workload->step_px % (screen->paper_height - SCREEN_HEIGHT);
	screen->damage_count = 0;
	if (frame == 0) {
		screen_show_paper(screen, 0, SCREEN_WIDTH);
		screen_add_damage(screen, everything);
		return;
	}
	switch (workload->motion) {
	case STATIC:
		break;
	case TYPE:
		screen_fill(screen, cell, frame % 2 ? 0xff000000 : 0xffffffff);
		screen_add_damage(screen, cell);
		break;
	case PAGE:
		screen_show_paper(screen, frame % 3 * SCREEN_HEIGHT, SCREEN_WIDTH);
		screen_add_damage(screen, everything);
		break;
	case SCROLL:
		screen_show_paper(screen, scroll_y, SCREEN_WIDTH);
		screen_add_damage(screen, everything);
		break;
	case HALF_SCROLL:
		screen_show_paper(screen, scroll_y, SCREEN_WIDTH / 2);
		screen_add_damage(screen, (struct rect){ 0, 0, SCREEN_WIDTH / 2, SCREEN_HEIGHT });
		break;
	case BOX:
		screen_move_box(screen, frame, workload->step_px);
		break;
	}
}

// I420, BT.601 limited range: what libyuv's ARGBToI420 makes.
struct yuv_image {
	uint8_t *plane[3];
	uint8_t *mb_info; // one byte per macroblock
};

static void yuv_init(struct yuv_image *image)
{
	size_t luma = (size_t)SCREEN_WIDTH * SCREEN_HEIGHT;
	image->plane[0] = aligned_alloc(64, luma * 2);
	image->plane[1] = image->plane[0] + luma;
	image->plane[2] = image->plane[1] + luma / 4;
	image->mb_info = malloc(MB_COLUMNS * MB_ROWS);
}

static void yuv_finish(struct yuv_image *image)
{
	free(image->plane[0]);
	free(image->mb_info);
}

static struct rect rect_to_macroblocks(struct rect rect)
{
	int left = rect.x & ~15, top = rect.y & ~15;
	int right = (rect.x + rect.width + 15) & ~15, bottom = (rect.y + rect.height + 15) & ~15;
	right = right > SCREEN_WIDTH ? SCREEN_WIDTH : right;
	bottom = bottom > SCREEN_HEIGHT ? SCREEN_HEIGHT : bottom;
	return (struct rect){ left, top, right - left, bottom - top };
}

static struct rect rect_intersection(struct rect a, struct rect b)
{
	int left = a.x > b.x ? a.x : b.x, top = a.y > b.y ? a.y : b.y;
	int right = a.x + a.width < b.x + b.width ? a.x + a.width : b.x + b.width;
	int bottom = a.y + a.height < b.y + b.height ? a.y + a.height : b.y + b.height;
	bool empty = right <= left || bottom <= top;
	return empty ? (struct rect){ 0 } : (struct rect){ left, top, right - left, bottom - top };
}

static void yuv_convert(struct yuv_image *image, const struct screen *screen, struct rect rect)
{
	size_t luma = (size_t)rect.y * SCREEN_WIDTH + (size_t)rect.x;
	size_t chroma = (size_t)rect.y / 2 * (SCREEN_WIDTH / 2) + (size_t)rect.x / 2;
	ARGBToI420(screen->pixels + luma * 4, SCREEN_STRIDE, image->plane[0] + luma, SCREEN_WIDTH,
		image->plane[1] + chroma, SCREEN_WIDTH / 2, image->plane[2] + chroma,
		SCREEN_WIDTH / 2, rect.width, rect.height);
}

// Converts what was damaged inside `clip`, marks the rest constant; false when nothing was.
static bool yuv_update(struct yuv_image *image, const struct screen *screen, struct rect clip)
{
	bool touched = false;
	int first_row = clip.y / MACROBLOCK, rows = (clip.height + 15) / MACROBLOCK;
	memset(image->mb_info + first_row * MB_COLUMNS, X264_MBINFO_CONSTANT,
		(size_t)rows * MB_COLUMNS);
	for (int i = 0; i < screen->damage_count; i++) {
		struct rect part = rect_intersection(rect_to_macroblocks(screen->damage[i]), clip);
		for (int y = part.y; y < part.y + part.height; y += MACROBLOCK) {
			memset(image->mb_info + y / MACROBLOCK * MB_COLUMNS + part.x / MACROBLOCK,
				0, (size_t)(part.width + 15) / MACROBLOCK);
		}
		if (part.width > 0) {
			yuv_convert(image, screen, part);
			touched = true;
		}
	}
	return touched;
}

static double psnr_from_error(double squared_error, double pixels)
{
	return squared_error == 0 ? 99 : 10 * log10(255.0 * 255.0 * pixels / squared_error);
}

static double luma_squared_error(const struct yuv_image *image, const AVFrame *decoded, int top)
{
	return (double)ComputeSumSquareErrorPlane(image->plane[0] + (size_t)top * SCREEN_WIDTH,
		SCREEN_WIDTH, decoded->data[0], decoded->linesize[0], SCREEN_WIDTH,
		decoded->height);
}

struct encode_design {
	const char *name;
	const char *preset;
	const char *options; // x264's own "key=value:key=value"
	bool mb_info;
	bool full_damage_is_intra;
	int frame_qp; // 0: the encoder's own choice
	int decoder_threads;
};

static void check(bool ok, const char *attempt)
{
	if (!ok) {
		fprintf(stderr, "encode_designs: failed: %s\n", attempt);
		exit(1);
	}
}

static void apply_options(x264_param_t *param, const char *options)
{
	char copy[512], *rest = copy;
	snprintf(copy, sizeof(copy), "%s", options);
	for (char *option; (option = strsep(&rest, ":")) != NULL;) {
		char *value = strchr(option, '=');
		if (value != NULL) {
			*value++ = '\0';
			check(x264_param_parse(param, option, value) == 0, option);
		}
	}
}

static x264_t *open_encoder(const struct encode_design *design, int height)
{
	x264_param_t param;
	x264_param_default_preset(&param, design->preset, "zerolatency");
	param.i_threads = 1;
	param.b_sliced_threads = 0;
	param.i_width = SCREEN_WIDTH;
	param.i_height = height;
	param.i_csp = X264_CSP_I420;
	param.i_fps_num = param.i_timebase_den = FRAME_RATE;
	param.i_fps_den = param.i_timebase_num = 1;
	param.b_vfr_input = 0; // with 1, x264 holds every frame back until it knows its duration
	param.i_keyint_max = X264_KEYINT_MAX_INFINITE;
	param.b_repeat_headers = param.b_annexb = 1;
	param.i_log_level = X264_LOG_ERROR;
	param.analyse.b_mb_info = design->mb_info;
	apply_options(&param, design->options);
	x264_t *encoder = x264_encoder_open(&param);
	check(encoder != NULL, design->options);
	return encoder;
}

static bool everything_damaged(const struct screen *screen)
{
	return screen->damage_count > 0 && screen->damage[0].width == SCREEN_WIDTH &&
		screen->damage[0].height == SCREEN_HEIGHT;
}

static int encode(x264_t *encoder, const struct encode_design *design,
	const struct yuv_image *image, int top, int64_t pts, bool intra, x264_nal_t **nals)
{
	x264_picture_t picture, out;
	int nal_count;
	x264_picture_init(&picture);
	picture.i_type = intra ? X264_TYPE_I : X264_TYPE_AUTO;
	picture.i_qpplus1 = design->frame_qp ? design->frame_qp + 1 : X264_QP_AUTO;
	picture.i_pts = pts;
	picture.img.i_csp = X264_CSP_I420;
	picture.img.i_plane = 3;
	for (int i = 0; i < 3; i++) {
		int stride = i == 0 ? SCREEN_WIDTH : SCREEN_WIDTH / 2;
		picture.img.plane[i] = image->plane[i] + (i == 0 ? top : top / 2) * stride;
		picture.img.i_stride[i] = stride;
	}
	if (design->mb_info) {
		picture.prop.mb_info = image->mb_info + top / MACROBLOCK * MB_COLUMNS;
	}
	return x264_encoder_encode(encoder, nals, &nal_count, &picture, &out);
}

static AVCodecContext *open_decoder(int threads)
{
	AVCodecContext *decoder = avcodec_alloc_context3(avcodec_find_decoder(AV_CODEC_ID_H264));
	decoder->flags |= AV_CODEC_FLAG_LOW_DELAY;
	decoder->thread_count = threads;
	decoder->thread_type = FF_THREAD_SLICE;
	check(avcodec_open2(decoder, decoder->codec, NULL) == 0, "open the H.264 decoder");
	return decoder;
}

// libavcodec reads past the end of a packet, hence the copy into a padded one.
static AVPacket *make_packet(const uint8_t *bytes, int size)
{
	AVPacket *packet = av_packet_alloc();
	check(av_new_packet(packet, size) == 0, "allocate a packet");
	memcpy(packet->data, bytes, (size_t)size);
	return packet;
}

static bool decode(AVCodecContext *decoder, AVPacket *packet, AVFrame *frame)
{
	check(avcodec_send_packet(decoder, packet) == 0, "decode a packet");
	av_packet_free(&packet);
	return avcodec_receive_frame(decoder, frame) == 0;
}

struct single_run {
	struct samples convert, encode, decode, total, encode_cpu, decode_cpu, bytes, psnr;
};

static void single_frame(struct single_run *run, const struct encode_design *design,
	x264_t *encoder, AVCodecContext *decoder, AVFrame *decoded, const struct screen *screen,
	struct yuv_image *image, int64_t pts)
{
	const struct rect everything = { 0, 0, SCREEN_WIDTH, SCREEN_HEIGHT };
	x264_nal_t *nals;
	double started = clock_ms(CLOCK_MONOTONIC);
	yuv_update(image, screen, everything);
	double converted = clock_ms(CLOCK_MONOTONIC);
	double cpu_started = clock_ms(CLOCK_PROCESS_CPUTIME_ID);
	bool intra = design->full_damage_is_intra && everything_damaged(screen);
	int size = encode(encoder, design, image, 0, pts, intra, &nals);
	double encoded = clock_ms(CLOCK_MONOTONIC);
	double cpu_encoded = clock_ms(CLOCK_PROCESS_CPUTIME_ID);
	check(size > 0, "encode a frame without delay");
	bool shown = decode(decoder, make_packet(nals[0].p_payload, size), decoded);
	double done = clock_ms(CLOCK_MONOTONIC);
	check(shown, "decode a frame without delay");
	samples_add(&run->convert, converted - started);
	samples_add(&run->encode, encoded - converted);
	samples_add(&run->encode_cpu, cpu_encoded - cpu_started);
	samples_add(&run->decode, done - encoded);
	samples_add(&run->decode_cpu, clock_ms(CLOCK_PROCESS_CPUTIME_ID) - cpu_encoded);
	samples_add(&run->total, done - started);
	samples_add(&run->bytes, size);
	samples_add(&run->psnr,
		psnr_from_error(luma_squared_error(image, decoded, 0),
			(double)SCREEN_WIDTH * SCREEN_HEIGHT));
}

static void measure_single(struct report *report, const char *table,
	const struct encode_design *design, const struct workload *workload, int frames)
{
	static struct single_run run;
	struct screen screen;
	struct yuv_image image;
	screen_init(&screen, workload->glyphs);
	yuv_init(&image);
	x264_t *encoder = open_encoder(design, SCREEN_HEIGHT);
	AVCodecContext *decoder = open_decoder(design->decoder_threads);
	AVFrame *decoded = av_frame_alloc();
	for (int frame = 0; frame < frames + WARMUP_FRAMES; frame++) {
		if (frame <= WARMUP_FRAMES) {
			memset(&run, 0, sizeof(run));
		}
		screen_draw(&screen, workload, frame);
		single_frame(&run, design, encoder, decoder, decoded, &screen, &image, frame);
	}
	double last_psnr = run.psnr.values[run.psnr.count - 1];
	double bytes = mean(&run.bytes);
	REPORT(report, table, design->name, workload->name,
		{ "convert", percentile(&run.convert, .5) },
		{ "enc p50", percentile(&run.encode, .5) },
		{ "enc p95", percentile(&run.encode, .95) }, { "enc cpu", mean(&run.encode_cpu) },
		{ "dec p50", percentile(&run.decode, .5) }, { "dec cpu", mean(&run.decode_cpu) },
		{ "total p50", percentile(&run.total, .5) },
		{ "total p95", percentile(&run.total, .95) }, { "kB", bytes / 1e3 },
		{ "max kB", percentile(&run.bytes, 1) / 1e3 },
		{ "Mbit/s@60", bytes * 8 * FRAME_RATE / 1e6 }, { "psnr mean", mean(&run.psnr) },
		{ "psnr last", last_psnr }, { "psnr min", percentile(&run.psnr, 0) });
	av_frame_free(&decoded);
	avcodec_free_context(&decoder);
	x264_encoder_close(encoder);
	yuv_finish(&image);
	screen_finish(&screen);
}

// One encoding thread feeds one decoding thread, stripe by stripe.
struct pipeline {
	struct encode_design design;
	int stripe_count;
	struct rect stripe[MAX_STRIPES];
	x264_t *encoder[MAX_STRIPES];
	AVCodecContext *decoder[MAX_STRIPES];
	AVFrame *shown[MAX_STRIPES];
	pthread_mutex_t lock; // guards all below
	pthread_cond_t changed;
	struct {
		AVPacket *packet;
		int stripe;
	} queue[64];
	int queued, taken;
	bool frame_complete, frame_decoded, stopping;
	size_t frame_bytes;
	double first_decoded, last_decoded, decoder_cpu;
};

static void pipeline_push(struct pipeline *pipeline, AVPacket *packet, int stripe)
{
	pthread_mutex_lock(&pipeline->lock);
	pipeline->queue[pipeline->queued % 64].packet = packet;
	pipeline->queue[pipeline->queued % 64].stripe = stripe;
	pipeline->queued++;
	pipeline->frame_bytes += (size_t)packet->size;
	pthread_cond_broadcast(&pipeline->changed);
	pthread_mutex_unlock(&pipeline->lock);
}

static void *pipeline_decode(void *data)
{
	struct pipeline *pipeline = data;
	pthread_mutex_lock(&pipeline->lock);
	while (!pipeline->stopping) {
		bool empty = pipeline->taken == pipeline->queued;
		if (empty && pipeline->frame_complete && !pipeline->frame_decoded) {
			pipeline->frame_decoded = true;
			pthread_cond_broadcast(&pipeline->changed);
		}
		if (empty) {
			pthread_cond_wait(&pipeline->changed, &pipeline->lock);
			continue;
		}
		AVPacket *packet = pipeline->queue[pipeline->taken % 64].packet;
		int stripe = pipeline->queue[pipeline->taken++ % 64].stripe;
		pthread_mutex_unlock(&pipeline->lock);
		decode(pipeline->decoder[stripe], packet, pipeline->shown[stripe]);
		pthread_mutex_lock(&pipeline->lock);
		pipeline->last_decoded = clock_ms(CLOCK_MONOTONIC);
		if (pipeline->first_decoded == 0) {
			pipeline->first_decoded = pipeline->last_decoded;
		}
		pipeline->decoder_cpu = clock_ms(CLOCK_THREAD_CPUTIME_ID);
	}
	pthread_mutex_unlock(&pipeline->lock);
	return NULL;
}

static void pipeline_encode(struct pipeline *pipeline, const struct screen *screen,
	struct yuv_image *image, int64_t pts)
{
	for (int i = 0; i < pipeline->stripe_count; i++) {
		x264_nal_t *nals;
		if (!yuv_update(image, screen, pipeline->stripe[i])) {
			continue;
		}
		int size = encode(pipeline->encoder[i], &pipeline->design, image,
			pipeline->stripe[i].y, pts, false, &nals);
		pipeline_push(pipeline, make_packet(nals[0].p_payload, size), i);
	}
}

static void pipeline_init(
	struct pipeline *pipeline, const struct encode_design *design, int stripe_count)
{
	*pipeline = (struct pipeline){ .design = *design, .stripe_count = stripe_count };
	pthread_mutex_init(&pipeline->lock, NULL);
	pthread_cond_init(&pipeline->changed, NULL);
	for (int i = 0; i < stripe_count; i++) {
		int top = MB_ROWS * i / stripe_count * MACROBLOCK;
		int bottom = MB_ROWS * (i + 1) / stripe_count * MACROBLOCK;
		bottom = bottom > SCREEN_HEIGHT ? SCREEN_HEIGHT : bottom;
		pipeline->stripe[i] = (struct rect){ 0, top, SCREEN_WIDTH, bottom - top };
		pipeline->encoder[i] = open_encoder(design, bottom - top);
		pipeline->decoder[i] = open_decoder(1);
		pipeline->shown[i] = av_frame_alloc();
	}
}

static void pipeline_finish(struct pipeline *pipeline)
{
	for (int i = 0; i < pipeline->stripe_count; i++) {
		x264_encoder_close(pipeline->encoder[i]);
		avcodec_free_context(&pipeline->decoder[i]);
		av_frame_free(&pipeline->shown[i]);
	}
	pthread_cond_destroy(&pipeline->changed);
	pthread_mutex_destroy(&pipeline->lock);
}

static double pipeline_psnr(const struct pipeline *pipeline, const struct yuv_image *image)
{
	double error = 0;
	for (int i = 0; i < pipeline->stripe_count; i++) {
		check(pipeline->shown[i]->height == pipeline->stripe[i].height,
			"show every stripe");
		error += luma_squared_error(image, pipeline->shown[i], pipeline->stripe[i].y);
	}
	return psnr_from_error(error, (double)SCREEN_WIDTH * SCREEN_HEIGHT);
}

struct pipeline_run {
	struct samples first, last, encode_cpu, decode_cpu, bytes, psnr;
};

static void pipeline_frame(struct pipeline *pipeline, struct pipeline_run *run,
	const struct screen *screen, struct yuv_image *image, int64_t pts)
{
	double decoder_cpu_before = pipeline->decoder_cpu;
	pthread_mutex_lock(&pipeline->lock);
	pipeline->frame_complete = pipeline->frame_decoded = false;
	pipeline->first_decoded = 0;
	pipeline->frame_bytes = 0;
	pthread_mutex_unlock(&pipeline->lock);
	double started = clock_ms(CLOCK_MONOTONIC);
	double cpu_started = clock_ms(CLOCK_THREAD_CPUTIME_ID);
	pipeline_encode(pipeline, screen, image, pts);
	samples_add(&run->encode_cpu, clock_ms(CLOCK_THREAD_CPUTIME_ID) - cpu_started);
	pthread_mutex_lock(&pipeline->lock);
	pipeline->frame_complete = true;
	pthread_cond_broadcast(&pipeline->changed);
	while (!pipeline->frame_decoded) {
		pthread_cond_wait(&pipeline->changed, &pipeline->lock);
	}
	samples_add(&run->first, pipeline->first_decoded - started);
	samples_add(&run->last, pipeline->last_decoded - started);
	samples_add(&run->decode_cpu, pipeline->decoder_cpu - decoder_cpu_before);
	samples_add(&run->bytes, (double)pipeline->frame_bytes);
	pthread_mutex_unlock(&pipeline->lock);
	samples_add(&run->psnr, pipeline_psnr(pipeline, image));
}

static void measure_pipeline(struct report *report, const struct encode_design *design,
	int stripe_count, const struct workload *workload, int frames)
{
	static struct pipeline_run run;
	static struct pipeline pipeline;
	struct screen screen;
	struct yuv_image image;
	pthread_t thread;
	screen_init(&screen, workload->glyphs);
	yuv_init(&image);
	pipeline_init(&pipeline, design, stripe_count);
	pthread_create(&thread, NULL, pipeline_decode, &pipeline);
	for (int frame = 0; frame < frames + WARMUP_FRAMES; frame++) {
		if (frame <= WARMUP_FRAMES) {
			memset(&run, 0, sizeof(run));
		}
		screen_draw(&screen, workload, frame);
		pipeline_frame(&pipeline, &run, &screen, &image, frame);
	}
	pthread_mutex_lock(&pipeline.lock);
	pipeline.stopping = true;
	pthread_cond_broadcast(&pipeline.changed);
	pthread_mutex_unlock(&pipeline.lock);
	pthread_join(thread, NULL);
	REPORT(report, "pipeline", design->name, workload->name,
		{ "first p50", percentile(&run.first, .5) },
		{ "last p50", percentile(&run.last, .5) },
		{ "last p95", percentile(&run.last, .95) }, { "enc cpu", mean(&run.encode_cpu) },
		{ "dec cpu", mean(&run.decode_cpu) }, { "kB", mean(&run.bytes) / 1e3 },
		{ "psnr mean", mean(&run.psnr) }, { "psnr min", percentile(&run.psnr, 0) });
	pipeline_finish(&pipeline);
	yuv_finish(&image);
	screen_finish(&screen);
}

// A view of BGRX pixels somewhere in a screen.
struct pixels {
	const uint8_t *data;
	size_t stride;
	int width, height;
};

struct lossless {
	struct libdeflate_compressor *deflate;
	struct libdeflate_decompressor *inflate;
	ZSTD_CCtx *zstd;
	ZSTD_DCtx *unzstd;
	uint8_t *scratch;
	size_t scratch_size;
};

struct lossless_codec {
	const char *name;
	// Returns the number of bytes written, 0 when this codec cannot hold these pixels.
	size_t (*encode)(
		struct lossless *tools, const struct pixels *from, uint8_t *to, size_t room);
	// Writes tightly packed BGRX.
	bool (*decode)(struct lossless *tools, const uint8_t *from, size_t size, uint8_t *to,
		int width, int height);
};

struct palette {
	uint32_t colours[256];
	int count;
	uint32_t hash_colour[1024];
	int16_t hash_index[1024];
};

static int palette_index(struct palette *palette, uint32_t colour)
{
	uint32_t slot = (colour * 2654435761u) >> 22;
	while (palette->hash_index[slot] >= 0 && palette->hash_colour[slot] != colour) {
		slot = (slot + 1) & 1023;
	}
	if (palette->hash_index[slot] < 0) {
		if (palette->count == 256) {
			return -1;
		}
		palette->colours[palette->count] = palette->hash_colour[slot] = colour;
		palette->hash_index[slot] = (int16_t)palette->count++;
	}
	return palette->hash_index[slot];
}

// One byte per pixel; false at the 257th colour.
static bool palette_map(struct palette *palette, const struct pixels *from, uint8_t *indices)
{
	uint32_t last_colour = 0;
	int last_index = -1;
	palette->count = 0;
	memset(palette->hash_index, 0xff, sizeof(palette->hash_index));
	for (int y = 0; y < from->height; y++) {
		const uint32_t *row = (const uint32_t *)(from->data + (size_t)y * from->stride);
		for (int x = 0; x < from->width; x++) {
			if (last_index < 0 || row[x] != last_colour) {
				last_colour = row[x];
				last_index = palette_index(palette, row[x] & 0xffffff);
				if (last_index < 0) {
					return false;
				}
			}
			*indices++ = (uint8_t)last_index;
		}
	}
	return true;
}

struct png_writer {
	uint8_t *to;
	size_t size, room;
};

static void append_png(png_structp png, png_bytep bytes, size_t size)
{
	struct png_writer *writer = png_get_io_ptr(png);
	if (writer->size + size <= writer->room) {
		memcpy(writer->to + writer->size, bytes, size);
		writer->size += size;
	}
}

static void ignore_flush(png_structp png)
{
	(void)png;
}

static png_structp start_png(struct png_writer *writer, int filters)
{
	png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
	png_set_write_fn(png, writer, append_png, ignore_flush);
	png_set_compression_level(png, Z_BEST_SPEED);
	png_set_filter(png, 0, filters);
	return png;
}

static size_t png_rgb(const struct pixels *from, uint8_t *to, size_t room, int filters)
{
	struct png_writer writer = { .to = to, .room = room };
	png_structp png = start_png(&writer, filters);
	png_infop info = png_create_info_struct(png);
	png_set_IHDR(png, info, (png_uint_32)from->width, (png_uint_32)from->height, 8,
		PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE, 0, 0);
	png_write_info(png, info);
	png_set_bgr(png);
	png_set_filler(png, 0, PNG_FILLER_AFTER);
	for (int y = 0; y < from->height; y++) {
		png_write_row(png, from->data + (size_t)y * from->stride);
	}
	png_write_end(png, info);
	png_destroy_write_struct(&png, &info);
	return writer.size;
}

static size_t encode_png_none(
	struct lossless *tools, const struct pixels *from, uint8_t *to, size_t room)
{
	(void)tools;
	return png_rgb(from, to, room, PNG_FILTER_NONE);
}

static size_t encode_png_sub(
	struct lossless *tools, const struct pixels *from, uint8_t *to, size_t room)
{
	(void)tools;
	return png_rgb(from, to, room, PNG_FILTER_SUB);
}

static int palette_bits(int colours)
{
	return colours <= 2 ? 1 : colours <= 4 ? 2 : colours <= 16 ? 4 : 8;
}

static size_t encode_png8(
	struct lossless *tools, const struct pixels *from, uint8_t *to, size_t room)
{
	struct palette palette;
	if (!palette_map(&palette, from, tools->scratch)) {
		return 0;
	}
	struct png_writer writer = { .to = to, .room = room };
	png_structp png = start_png(&writer, PNG_FILTER_NONE);
	png_infop info = png_create_info_struct(png);
	png_color colours[256];
	for (int i = 0; i < palette.count; i++) {
		colours[i].red = (palette.colours[i] >> 16) & 255;
		colours[i].green = (palette.colours[i] >> 8) & 255;
		colours[i].blue = palette.colours[i] & 255;
	}
	png_set_IHDR(png, info, (png_uint_32)from->width, (png_uint_32)from->height,
		palette_bits(palette.count), PNG_COLOR_TYPE_PALETTE, PNG_INTERLACE_NONE, 0, 0);
	png_set_PLTE(png, info, colours, palette.count);
	png_write_info(png, info);
	png_set_packing(png);
	for (int y = 0; y < from->height; y++) {
		png_write_row(png, tools->scratch + (size_t)y * (size_t)from->width);
	}
	png_write_end(png, info);
	png_destroy_write_struct(&png, &info);
	return writer.size;
}

static uint8_t *put_u32(uint8_t *to, uint32_t value)
{
	for (int i = 0; i < 4; i++) {
		*to++ = (uint8_t)(value >> (24 - 8 * i));
	}
	return to;
}

static uint8_t *close_chunk(uint8_t *chunk, const char *type, size_t size)
{
	put_u32(chunk, (uint32_t)size);
	memcpy(chunk + 4, type, 4);
	return put_u32(chunk + 8 + size, libdeflate_crc32(0, chunk + 4, size + 4));
}

// A PNG written by hand: one IDAT, unfiltered rows, deflated in one call by libdeflate.
static size_t write_png(struct lossless *tools, const struct pixels *from, int bits, int type,
	const struct palette *palette, const uint8_t *rows, size_t rows_size, uint8_t *to,
	size_t room)
{
	uint8_t *chunk = to + 8;
	memcpy(to, "\x89PNG\r\n\x1a\n", 8);
	put_u32(put_u32(chunk + 8, (uint32_t)from->width), (uint32_t)from->height);
	memcpy(chunk + 16, (uint8_t[]){ (uint8_t)bits, (uint8_t)type, 0, 0, 0 }, 5);
	chunk = close_chunk(chunk, "IHDR", 13);
	if (palette != NULL) {
		for (int i = 0; i < palette->count; i++) {
			chunk[8 + i * 3] = (uint8_t)(palette->colours[i] >> 16);
			chunk[9 + i * 3] = (uint8_t)(palette->colours[i] >> 8);
			chunk[10 + i * 3] = (uint8_t)palette->colours[i];
		}
		chunk = close_chunk(chunk, "PLTE", (size_t)palette->count * 3);
	}
	size_t used = (size_t)(chunk - to) + 32;
	size_t size =
		libdeflate_zlib_compress(tools->deflate, rows, rows_size, chunk + 8, room - used);
	chunk = close_chunk(chunk, "IDAT", size);
	return (size_t)(close_chunk(chunk, "IEND", 0) - to);
}

static size_t pack_rows(const uint8_t *indices, int width, int height, int bits, uint8_t *rows)
{
	uint8_t *to = rows;
	for (int y = 0; y < height; y++) {
		*to++ = PNG_FILTER_VALUE_NONE;
		for (int x = 0; x < width;) {
			unsigned packed = 0;
			for (int shift = 8 - bits; shift >= 0; shift -= bits, x++) {
				packed |= x < width ? (unsigned)*indices++ << shift : 0;
			}
			*to++ = (uint8_t)packed;
		}
	}
	return (size_t)(to - rows);
}

static size_t encode_own_png8(
	struct lossless *tools, const struct pixels *from, uint8_t *to, size_t room)
{
	struct palette palette;
	uint8_t *rows = tools->scratch + tools->scratch_size / 2;
	if (!palette_map(&palette, from, tools->scratch)) {
		return 0;
	}
	int bits = palette_bits(palette.count);
	size_t size = pack_rows(tools->scratch, from->width, from->height, bits, rows);
	return write_png(tools, from, bits, PNG_COLOR_TYPE_PALETTE, &palette, rows, size, to, room);
}

static size_t encode_own_png24(
	struct lossless *tools, const struct pixels *from, uint8_t *to, size_t room)
{
	size_t row_size = (size_t)from->width * 3 + 1;
	for (int y = 0; y < from->height; y++) {
		uint8_t *row = tools->scratch + (size_t)y * row_size;
		row[0] = PNG_FILTER_VALUE_NONE;
		ARGBToRAW(from->data + (size_t)y * from->stride, 0, row + 1, 0, from->width, 1);
	}
	return write_png(tools, from, 8, PNG_COLOR_TYPE_RGB, NULL, tools->scratch,
		row_size * (size_t)from->height, to, room);
}

static bool decode_png(struct lossless *tools, const uint8_t *from, size_t size, uint8_t *to,
	int width, int height)
{
	png_image image = { .version = PNG_IMAGE_VERSION };
	(void)tools;
	(void)height;
	if (!png_image_begin_read_from_memory(&image, from, size)) {
		return false;
	}
	image.format = PNG_FORMAT_BGRA;
	return png_image_finish_read(&image, NULL, to, width * 4, NULL) != 0;
}

static size_t gather(struct lossless *tools, const struct pixels *from)
{
	size_t row = (size_t)from->width * 4;
	for (int y = 0; y < from->height; y++) {
		memcpy(tools->scratch + (size_t)y * row, from->data + (size_t)y * from->stride,
			row);
	}
	return row * (size_t)from->height;
}

static size_t encode_zlib(
	struct lossless *tools, const struct pixels *from, uint8_t *to, size_t room)
{
	uLongf written = room;
	compress2(to, &written, tools->scratch, gather(tools, from), Z_BEST_SPEED);
	return written;
}

static bool decode_zlib(struct lossless *tools, const uint8_t *from, size_t size, uint8_t *to,
	int width, int height)
{
	uLongf room = (uLongf)width * (uLongf)height * 4;
	(void)tools;
	return uncompress(to, &room, from, size) == Z_OK;
}

static size_t encode_libdeflate(
	struct lossless *tools, const struct pixels *from, uint8_t *to, size_t room)
{
	size_t size = gather(tools, from);
	return libdeflate_zlib_compress(tools->deflate, tools->scratch, size, to, room);
}

static bool decode_libdeflate(struct lossless *tools, const uint8_t *from, size_t size, uint8_t *to,
	int width, int height)
{
	return libdeflate_zlib_decompress(tools->inflate, from, size, to,
		       (size_t)width * (size_t)height * 4, NULL) == LIBDEFLATE_SUCCESS;
}

static size_t encode_lz4(
	struct lossless *tools, const struct pixels *from, uint8_t *to, size_t room)
{
	int size = (int)gather(tools, from);
	return (size_t)LZ4_compress_default((char *)tools->scratch, (char *)to, size, (int)room);
}

static bool decode_lz4(struct lossless *tools, const uint8_t *from, size_t size, uint8_t *to,
	int width, int height)
{
	int room = width * height * 4;
	(void)tools;
	return LZ4_decompress_safe((const char *)from, (char *)to, (int)size, room) == room;
}

static size_t encode_zstd(
	struct lossless *tools, const struct pixels *from, uint8_t *to, size_t room)
{
	size_t size = gather(tools, from);
	return ZSTD_compressCCtx(tools->zstd, to, room, tools->scratch, size, 1);
}

static bool decode_zstd(struct lossless *tools, const uint8_t *from, size_t size, uint8_t *to,
	int width, int height)
{
	size_t room = (size_t)width * (size_t)height * 4;
	return ZSTD_decompressDCtx(tools->unzstd, to, room, from, size) == room;
}

// A tile of our own: colour count, colours, then packed indices, compressed.
struct palette_tile {
	uint32_t count;
	uint32_t colours[256];
};

static size_t start_palette_tile(struct lossless *tools, const struct pixels *from,
	struct palette_tile *tile, uint8_t **rows)
{
	struct palette palette;
	*rows = tools->scratch + tools->scratch_size / 2;
	if (!palette_map(&palette, from, tools->scratch)) {
		return 0;
	}
	tile->count = (uint32_t)palette.count;
	memcpy(tile->colours, palette.colours, sizeof(tile->colours));
	int bits = palette_bits(palette.count);
	return pack_rows(tools->scratch, from->width, from->height, bits, *rows);
}

static size_t palette_tile_header(const struct palette_tile *tile)
{
	return 4 + (size_t)tile->count * 4;
}

static size_t encode_palette_lz4(
	struct lossless *tools, const struct pixels *from, uint8_t *to, size_t room)
{
	struct palette_tile tile;
	uint8_t *rows;
	size_t size = start_palette_tile(tools, from, &tile, &rows);
	if (size == 0) {
		return 0;
	}
	size_t header = palette_tile_header(&tile);
	memcpy(to, &tile, header);
	return header +
		(size_t)LZ4_compress_default(
			(char *)rows, (char *)to + header, (int)size, (int)(room - header));
}

static size_t encode_palette_libdeflate(
	struct lossless *tools, const struct pixels *from, uint8_t *to, size_t room)
{
	struct palette_tile tile;
	uint8_t *rows;
	size_t size = start_palette_tile(tools, from, &tile, &rows);
	if (size == 0) {
		return 0;
	}
	size_t header = palette_tile_header(&tile);
	memcpy(to, &tile, header);
	return header +
		libdeflate_zlib_compress(tools->deflate, rows, size, to + header, room - header);
}

static void expand_palette(
	const uint8_t *rows, int bits, const uint32_t *colours, int width, int height, uint32_t *to)
{
	unsigned mask = (1u << bits) - 1;
	int pixels_per_byte = 8 / bits;
	uint32_t table[256][8];
	for (unsigned byte = 0; byte < 256; byte++) {
		for (int i = 0; i < pixels_per_byte; i++) {
			table[byte][i] = colours[(byte >> (8 - bits * (i + 1))) & mask];
		}
	}
	for (int y = 0; y < height; y++) {
		rows++;
		for (int x = 0; x < width; x += pixels_per_byte) {
			int count = width - x < pixels_per_byte ? width - x : pixels_per_byte;
			memcpy(to, table[*rows++], (size_t)count * 4);
			to += count;
		}
	}
}

static bool decode_palette(struct lossless *tools, const uint8_t *from, size_t size, uint8_t *to,
	int width, int height, bool lz4)
{
	struct palette_tile tile;
	memcpy(&tile.count, from, 4);
	check(tile.count <= 256, "hold the palette");
	size_t header = palette_tile_header(&tile);
	int bits = palette_bits((int)tile.count);
	size_t packed = ((size_t)width * (size_t)bits + 7) / 8 * (size_t)height + (size_t)height;
	memcpy(&tile, from, header);
	bool ok = lz4 ? LZ4_decompress_safe((const char *)from + header, (char *)tools->scratch,
				(int)(size - header), (int)packed) == (int)packed
		      : libdeflate_zlib_decompress(tools->inflate, from + header, size - header,
				tools->scratch, packed, NULL) == LIBDEFLATE_SUCCESS;
	expand_palette(tools->scratch, bits, tile.colours, width, height, (uint32_t *)(void *)to);
	return ok;
}

static bool decode_palette_lz4(struct lossless *tools, const uint8_t *from, size_t size,
	uint8_t *to, int width, int height)
{
	return decode_palette(tools, from, size, to, width, height, true);
}

static bool decode_palette_libdeflate(struct lossless *tools, const uint8_t *from, size_t size,
	uint8_t *to, int width, int height)
{
	return decode_palette(tools, from, size, to, width, height, false);
}

static const struct lossless_codec lossless_codecs[] = {
	{ "PNG24 libpng, no filter", encode_png_none, decode_png },
	{ "PNG24 libpng, sub", encode_png_sub, decode_png },
	{ "PNG24 libdeflate, no filter", encode_own_png24, decode_png },
	{ "PNG8 libpng", encode_png8, decode_png },
	{ "PNG8 libdeflate", encode_own_png8, decode_png },
	{ "palette libdeflate-1", encode_palette_libdeflate, decode_palette_libdeflate },
	{ "palette LZ4", encode_palette_lz4, decode_palette_lz4 },
	{ "BGRX zlib-1", encode_zlib, decode_zlib },
	{ "BGRX libdeflate-1", encode_libdeflate, decode_libdeflate },
	{ "BGRX LZ4", encode_lz4, decode_lz4 },
	{ "BGRX zstd-1", encode_zstd, decode_zstd },
};

static bool same_colours(const struct pixels *from, const uint8_t *decoded)
{
	for (int y = 0; y < from->height; y++) {
		const uint8_t *row = from->data + (size_t)y * from->stride;
		for (int x = 0; x < from->width; x++, decoded += 4) {
			if (memcmp(row + x * 4, decoded, 3) != 0) {
				return false;
			}
		}
	}
	return true;
}

static void measure_lossless_codec(struct report *report, struct lossless *tools,
	const struct lossless_codec *codec, const char *content, const struct pixels *from)
{
	static struct samples encode_ms, decode_ms;
	size_t room = (size_t)from->width * (size_t)from->height * 5 + 65536, size = 0;
	uint8_t *compressed = malloc(room), *decoded = malloc(room);
	char workload[64];
	encode_ms.count = decode_ms.count = 0;
	double begin = clock_ms(CLOCK_MONOTONIC);
	while (encode_ms.count < 5 || clock_ms(CLOCK_MONOTONIC) - begin < 60) {
		double start = clock_ms(CLOCK_THREAD_CPUTIME_ID);
		size = codec->encode(tools, from, compressed, room);
		double middle = clock_ms(CLOCK_THREAD_CPUTIME_ID);
		if (size == 0) {
			break;
		}
		bool ok =
			codec->decode(tools, compressed, size, decoded, from->width, from->height);
		samples_add(&decode_ms, clock_ms(CLOCK_THREAD_CPUTIME_ID) - middle);
		samples_add(&encode_ms, middle - start);
		check(ok, codec->name);
	}
	if (size > 0) {
		check(same_colours(from, decoded), "decode to the same colours");
		snprintf(
			workload, sizeof(workload), "%s %dx%d", content, from->width, from->height);
		REPORT(report, "lossless", codec->name, workload,
			{ "enc us", percentile(&encode_ms, .5) * 1e3 },
			{ "dec us", percentile(&decode_ms, .5) * 1e3 }, { "bytes", (double)size },
			{ "bits/px", (double)size * 8 / from->width / from->height });
	}
	free(compressed);
	free(decoded);
}

// A soft gradient with sensor noise, as in a photograph: the bad case for lossless rectangles.
static void draw_photo(struct screen *screen)
{
	for (int y = 0; y < SCREEN_HEIGHT; y++) {
		for (int x = 0; x < SCREEN_WIDTH; x++) {
			uint8_t *pixel = screen->pixels + (size_t)y * SCREEN_STRIDE + (size_t)x * 4;
			double wave = sin(x * 0.01) * cos(y * 0.013);
			for (int c = 0; c < 3; c++) {
				pixel[c] = (uint8_t)(128 + 80 * wave * (c + 1) / 3 + rand() % 7);
			}
			pixel[3] = 0xff;
		}
	}
}

static void measure_lossless_content(struct report *report, struct lossless *tools,
	const char *content, const struct screen *screen)
{
	static const struct rect rects[] = { { 480, 270, 16, 24 }, { 480, 270, 64, 64 },
		{ 480, 270, 512, 64 }, { 480, 270, 256, 256 },
		{ 0, 0, SCREEN_WIDTH, SCREEN_HEIGHT } };
	for (size_t i = 0; i < sizeof(rects) / sizeof(rects[0]); i++) {
		size_t origin = (size_t)rects[i].y * SCREEN_STRIDE + (size_t)rects[i].x * 4;
		struct pixels from = { screen->pixels + origin, SCREEN_STRIDE, rects[i].width,
			rects[i].height };
		for (size_t c = 0; c < sizeof(lossless_codecs) / sizeof(lossless_codecs[0]); c++) {
			measure_lossless_codec(report, tools, &lossless_codecs[c], content, &from);
		}
	}
}

static void measure_lossless(struct report *report)
{
	static const char *contents[] = { "noise", "strokes", "photo" };
	struct lossless tools = {
		.deflate = libdeflate_alloc_compressor(1),
		.inflate = libdeflate_alloc_decompressor(),
		.zstd = ZSTD_createCCtx(),
		.unzstd = ZSTD_createDCtx(),
		.scratch_size = (size_t)SCREEN_STRIDE * SCREEN_HEIGHT * 2,
	};
	struct screen screen;
	tools.scratch = malloc(tools.scratch_size);
	for (int c = 0; c < 3; c++) {
		screen_init(&screen, c == 1 ? STROKES : NOISE);
		screen_draw(&screen, &workload_static, 0);
		if (c == 2) {
			draw_photo(&screen);
		}
		measure_lossless_content(report, &tools, contents[c], &screen);
		screen_finish(&screen);
	}
	libdeflate_free_compressor(tools.deflate);
	libdeflate_free_decompressor(tools.inflate);
	ZSTD_freeCCtx(tools.zstd);
	ZSTD_freeDCtx(tools.unzstd);
	free(tools.scratch);
}

static bool tile_differs(const uint8_t *before, const uint8_t *after, int width, int height)
{
	for (int y = 0; y < height; y++) {
		if (memcmp(before, after, (size_t)width * 4) != 0) {
			return true;
		}
		before += SCREEN_STRIDE;
		after += SCREEN_STRIDE;
	}
	return false;
}

static int count_changed_tiles(const uint8_t *before, const uint8_t *after)
{
	int changed = 0;
	for (int y = 0; y < SCREEN_HEIGHT; y += TILE_SIZE) {
		int height = SCREEN_HEIGHT - y < TILE_SIZE ? SCREEN_HEIGHT - y : TILE_SIZE;
		for (int x = 0; x < SCREEN_WIDTH; x += TILE_SIZE) {
			size_t at = (size_t)y * SCREEN_STRIDE + (size_t)x * 4;
			changed += tile_differs(before + at, after + at, TILE_SIZE, height);
		}
	}
	return changed;
}

static void measure_diff(struct report *report)
{
	static const struct workload *workloads[] = { &workload_static, &workload_type,
		&workload_box, &workload_half_scroll, &workload_scroll };
	static struct samples wall;
	struct screen before, after;
	screen_init(&before, NOISE);
	screen_init(&after, NOISE);
	for (size_t i = 0; i < sizeof(workloads) / sizeof(workloads[0]); i++) {
		int changed = 0;
		wall.count = 0;
		screen_draw(&before, workloads[i], 0);
		screen_draw(&after, workloads[i], 0);
		screen_draw(&after, workloads[i], 1);
		for (int round = 0; round < 200; round++) {
			double start = clock_ms(CLOCK_MONOTONIC);
			changed = count_changed_tiles(before.pixels, after.pixels);
			samples_add(&wall, clock_ms(CLOCK_MONOTONIC) - start);
		}
		REPORT(report, "diff", "memcmp of 64x64 tiles", workloads[i]->name,
			{ "p50 ms", percentile(&wall, .5) }, { "p95 ms", percentile(&wall, .95) },
			{ "tiles", changed });
	}
	screen_finish(&before);
	screen_finish(&after);
}

// Whether `rows` rows of `after` from `y` on were `shift` rows further down in `before`.
static bool rows_moved(const uint8_t *before, const uint8_t *after, int y, int rows, int shift)
{
	const uint8_t *from = before + (size_t)(y + shift) * SCREEN_STRIDE;
	return memcmp(from, after + (size_t)y * SCREEN_STRIDE, (size_t)rows * SCREEN_STRIDE) == 0;
}

// How far the whole screen scrolled up, 0 when it did not. Probes must be taller than a text line,
// for the paper between the lines looks alike everywhere.
static int find_scroll(const uint8_t *before, const uint8_t *after)
{
	enum { PROBE_ROWS = 24, LONGEST = 128 };
	for (int shift = 1; shift <= LONGEST; shift++) {
		if (rows_moved(before, after, SCREEN_HEIGHT / 4, PROBE_ROWS, shift) &&
			rows_moved(before, after, SCREEN_HEIGHT / 2, PROBE_ROWS, shift) &&
			rows_moved(before, after, 0, SCREEN_HEIGHT - shift, shift)) {
			return shift;
		}
	}
	return 0;
}

static void measure_scroll_copy(struct report *report, int frames)
{
	static const struct workload scroll = { "scroll", SCROLL, 4, NOISE };
	static struct samples detect, encode_ms, apply, bytes;
	struct lossless tools = { .scratch_size = SCREEN_STRIDE * 256 };
	struct screen screen;
	size_t room = SCREEN_STRIDE * 128, screen_size = (size_t)SCREEN_STRIDE * SCREEN_HEIGHT;
	uint8_t *before = malloc(screen_size), *shown = malloc(screen_size), *tile = malloc(room);
	tools.scratch = malloc(tools.scratch_size);
	screen_init(&screen, NOISE);
	screen_draw(&screen, &scroll, 0);
	memcpy(shown, screen.pixels, screen_size);
	for (int frame = 1; frame <= frames; frame++) {
		memcpy(before, screen.pixels, screen_size);
		screen_draw(&screen, &scroll, frame);
		double start = clock_ms(CLOCK_THREAD_CPUTIME_ID);
		int shift = find_scroll(before, screen.pixels);
		double detected = clock_ms(CLOCK_THREAD_CPUTIME_ID);
		size_t kept = (size_t)(SCREEN_HEIGHT - shift) * SCREEN_STRIDE;
		struct pixels strip = { screen.pixels + kept, SCREEN_STRIDE, SCREEN_WIDTH, shift };
		check(shift == scroll.step_px, "find the scroll");
		size_t size = encode_palette_lz4(&tools, &strip, tile, room);
		double encoded = clock_ms(CLOCK_THREAD_CPUTIME_ID);
		memmove(shown, shown + (size_t)shift * SCREEN_STRIDE, kept);
		decode_palette_lz4(&tools, tile, size, shown + kept, SCREEN_WIDTH, shift);
		samples_add(&apply, clock_ms(CLOCK_THREAD_CPUTIME_ID) - encoded);
		samples_add(&encode_ms, encoded - detected);
		samples_add(&detect, detected - start);
		samples_add(&bytes, (double)size);
		const struct pixels now = { screen.pixels, SCREEN_STRIDE, SCREEN_WIDTH,
			SCREEN_HEIGHT };
		check(same_colours(&now, shown), "scroll to the same pixels");
	}
	REPORT(report, "copy", "copy + palette LZ4 strip", "scroll",
		{ "detect ms", percentile(&detect, .5) },
		{ "encode ms", percentile(&encode_ms, .5) }, { "apply ms", percentile(&apply, .5) },
		{ "kB", mean(&bytes) / 1e3 });
	free(tools.scratch);
	free(before);
	free(shown);
	free(tile);
	screen_finish(&screen);
}

#define VBV "vbv-maxrate=20000:vbv-bufsize=667"

static const struct encode_design parameter_designs[] = {
	{ "abr 20M, 2-frame vbv", "ultrafast", "bitrate=20000:" VBV, false, false, 0, 1 },
	{ "crf 23 capped", "ultrafast", "crf=23:" VBV, false, false, 0, 1 },
	{ "crf 26 capped", "ultrafast", "crf=26:" VBV, false, false, 0, 1 },
	{ "crf 26 uncapped", "ultrafast", "crf=26", false, false, 0, 1 },
	{ "qp 22", "ultrafast", "qp=22", false, false, 0, 1 },
	{ "qp 26", "ultrafast", "qp=26", false, false, 0, 1 },
	{ "qp 30", "ultrafast", "qp=30", false, false, 0, 1 },
	{ "qp 34", "ultrafast", "qp=34", false, false, 0, 1 },
	{ "qp 40", "ultrafast", "qp=40", false, false, 0, 1 },
	{ "qp 10, each picture says 26", "ultrafast", "qp=10", false, false, 26, 1 },
	{ "qp 26 full damage as I", "ultrafast", "qp=26", false, true, 0, 1 },
	{ "qp 30 full damage as I", "ultrafast", "qp=30", false, true, 0, 1 },
	{ "qp 26 no psy", "ultrafast", "qp=26:psy=0", false, false, 0, 1 },
	{ "qp 26 merange 4", "ultrafast", "qp=26:merange=4", false, false, 0, 1 },
	{ "qp 26 me hex merange 24", "ultrafast", "qp=26:me=hex:merange=24", false, false, 0, 1 },
	{ "qp 26 no dct decimate", "ultrafast", "qp=26:dct-decimate=0", false, false, 0, 1 },
	{ "qp 26 no fast pskip", "ultrafast", "qp=26:fast-pskip=0", false, false, 0, 1 },
	{ "qp 26 i4x4", "ultrafast", "qp=26:partitions=i4x4", false, false, 0, 1 },
	{ "qp 26 cabac", "ultrafast", "qp=26:cabac=1", false, false, 0, 1 },
	{ "qp 26 deblock", "ultrafast", "qp=26:deblock=0,0", false, false, 0, 1 },
	{ "qp 26 subme 1", "ultrafast", "qp=26:subme=1", false, false, 0, 1 },
	{ "qp 26 superfast", "superfast", "qp=26:weightp=0:scenecut=0", false, false, 0, 1 },
	{ "qp 26 2 threads", "ultrafast", "qp=26:threads=2:sliced-threads=1", false, false, 0, 2 },
	{ "qp 30 2 threads", "ultrafast", "qp=30:threads=2:sliced-threads=1", false, false, 0, 2 },
	{ "qp 30 2 threads as I", "ultrafast", "qp=30:threads=2:sliced-threads=1", false, true, 0,
		2 },
	{ "qp 26 2 threads as I", "ultrafast", "qp=26:threads=2:sliced-threads=1", false, true, 0,
		2 },
	{ "crf 26 capped 2 threads", "ultrafast", "crf=26:" VBV ":threads=2:sliced-threads=1",
		false, false, 0, 2 },
};

static void measure_parameters(struct report *report, int frames)
{
	static const struct workload workloads[] = { { "page", PAGE, 0, NOISE },
		{ "page strokes", PAGE, 0, STROKES }, { "scroll", SCROLL, 4, NOISE },
		{ "scroll stroke", SCROLL, 4, STROKES }, { "scroll 5", SCROLL, 5, NOISE },
		{ "scroll 53", SCROLL, 53, NOISE } };
	for (size_t w = 0; w < sizeof(workloads) / sizeof(workloads[0]); w++) {
		for (size_t i = 0; i < sizeof(parameter_designs) / sizeof(parameter_designs[0]);
			i++) {
			measure_single(
				report, "params", &parameter_designs[i], &workloads[w], frames);
		}
	}
}

static void measure_mb_info(struct report *report, int frames)
{
	static const struct encode_design designs[] = {
		{ "abr 20M", "ultrafast", "bitrate=20000:" VBV, false, false, 0, 1 },
		{ "abr 20M mb_info", "ultrafast", "bitrate=20000:" VBV, true, false, 0, 1 },
		{ "crf 23 capped", "ultrafast", "crf=23:" VBV, false, false, 0, 1 },
		{ "crf 23 capped mb_info", "ultrafast", "crf=23:" VBV, true, false, 0, 1 },
		{ "qp 26", "ultrafast", "qp=26", false, false, 0, 1 },
		{ "qp 26 mb_info", "ultrafast", "qp=26", true, false, 0, 1 },
		{ "qp 26 2 threads", "ultrafast", "qp=26:threads=2:sliced-threads=1", false, false,
			0, 2 },
		{ "qp 26 2 threads mb_info", "ultrafast", "qp=26:threads=2:sliced-threads=1", true,
			false, 0, 2 },
	};
	static const struct workload *workloads[] = { &workload_static, &workload_type,
		&workload_box, &workload_half_scroll };
	for (size_t w = 0; w < sizeof(workloads) / sizeof(workloads[0]); w++) {
		for (size_t i = 0; i < sizeof(designs) / sizeof(designs[0]); i++) {
			measure_single(report, "mbinfo", &designs[i], workloads[w], frames);
		}
	}
}

static void measure_pipelines(struct report *report, int frames)
{
	static const struct {
		struct encode_design design;
		int stripes;
	} designs[] = {
		{ { "one encoder", "ultrafast", "qp=26", true, false, 0, 1 }, 1 },
		{ { "4 stripes", "ultrafast", "qp=26", false, false, 0, 1 }, 4 },
		{ { "8 stripes", "ultrafast", "qp=26", false, false, 0, 1 }, 8 },
		{ { "17 stripes", "ultrafast", "qp=26", false, false, 0, 1 }, 17 },
		{ { "8 stripes mb_info", "ultrafast", "qp=26", true, false, 0, 1 }, 8 },
	};
	static const struct workload *workloads[] = { &workload_type, &workload_box,
		&workload_half_scroll, &workload_scroll, &workload_page };
	for (size_t w = 0; w < sizeof(workloads) / sizeof(workloads[0]); w++) {
		for (size_t i = 0; i < sizeof(designs) / sizeof(designs[0]); i++) {
			measure_pipeline(report, &designs[i].design, designs[i].stripes,
				workloads[w], frames);
		}
	}
}

static bool wanted(const char *only, const char *table)
{
	return only == NULL || strcmp(only, table) == 0;
}

int main(int argc, char **argv)
{
	int frames = argc > 1 ? atoi(argv[1]) : 120;
	const char *path = argc > 2 ? argv[2] : "encode_designs.json";
	const char *only = argc > 3 ? argv[3] : NULL;
	struct report report = { .json = fopen(path, "w") };
	check(report.json != NULL, path);
	check(frames > 0 && frames <= MAX_SAMPLES, "use a sensible number of frames");
	if (wanted(only, "diff")) {
		measure_diff(&report);
	}
	if (wanted(only, "lossless")) {
		measure_lossless(&report);
	}
	if (wanted(only, "copy")) {
		measure_scroll_copy(&report, frames);
	}
	if (wanted(only, "params")) {
		measure_parameters(&report, frames);
	}
	if (wanted(only, "mbinfo")) {
		measure_mb_info(&report, frames < 300 ? 300 : frames); // drift shows late
	}
	if (wanted(only, "pipeline")) {
		measure_pipelines(&report, frames);
	}
	fprintf(report.json, "%s\n]\n", report.any_row ? "" : "[");
	fclose(report.json);
	return 0;
}
