/*
 * One run of the probe: what it holds, and the doors of its parts.
 *
 * Room: probe. One thread. Every wait has a deadline: attach, display and first picture 10 s each, script steps their own, the
 * run as a whole --timeout.
 */
#ifndef LODGE_PROBE_PROBE_H
#define LODGE_PROBE_PROBE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "lodge_client.h"
#include "lodge_picture.h"
#include "options.h"
#include "samples.h"
#include "sound.h"

#define PROBE_NEVER UINT64_MAX

enum probe_phase {
	PROBE_ATTACHING,
	PROBE_OPENING, /* OPEN_DISPLAY is out */
	PROBE_AWAITING, /* the first picture */
	PROBE_RUNNING,
	PROBE_FINISHED,
};

/* Since the measurement began. */
struct probe_counts {
	uint64_t frames, bytes, keyframes, video_frames, tile_frames, refinements, tiles, pictures,
		lost;
	uint64_t waited; /* frames that came while a keyframe was awaited */
	uint64_t begin_ns;
	uint64_t last_capture_ns;
};

struct probe_latency {
	struct samples samples_ms;
	uint32_t lost;
	bool watching;
	uint64_t due_ns; /* resting: when to press; watching: when to give up */
	uint64_t pressed_ns;
	uint8_t luma;
};

struct probe_player {
	size_t step;
	bool started;
	uint64_t started_ns, drawn_before;
};

struct probe {
	struct probe_options options;
	struct lodge_identity *identity;
	struct lodge_client *client;
	struct lodge_picture *picture; /* NULL: --view */
	enum probe_phase phase;
	enum probe_exit exit;
	char fault[400];
	uint64_t start_ns, opened_ns, phase_deadline_ns, run_deadline_ns;
	uint64_t welcome_ns, display_ns, first_picture_ns;
	bool measuring, done_playing;

	uint32_t session;
	struct display_mode mode; /* as read back */
	uint8_t slot;
	uint32_t generation;
	bool opened, kept, joined;
	char holder[WIRE_LABEL_MAX + 1]; /* joined: whose display it is */
	char codec[32];

	struct probe_counts counts;
	struct samples capture_to_decoded_ms, decode_ms;
	uint64_t drawn; /* pictures since the start */
	uint64_t keyframe_asked_ns;
	uint32_t next_sequence;
	bool in_sequence;

	/* The host's clock minus ours; 0 when they are the same clock. */
	int64_t clock_offset_ns;
	uint64_t round_trip_ns, ping_due_ns;
	uint32_t pings;

	struct probe_latency latency;
	struct probe_player player;
	struct probe_sound *sound;
	uint64_t png_due_ns;
	uint32_t png_count;
	json_t *notices, *cpu;
};

/* Ends the run; the first word counts. */
void probe_finish(struct probe *probe, enum probe_exit exit, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
bool probe_send(struct probe *probe, const struct wire_message *message);

/* session.c */
extern const struct lodge_client_events probe_client_events;
/* What is due by time: deadlines, pings, the beginning and end of the measurement. */
void probe_session_tick(struct probe *probe, uint64_t now_ns);
uint64_t probe_session_due_ns(const struct probe *probe);

/* play.c: goes as far in the script as it can */
void probe_play(struct probe *probe, uint64_t now_ns);
uint64_t probe_play_due_ns(const struct probe *probe);

/* latency.c */
void probe_latency_tick(struct probe *probe, uint64_t now_ns);
uint64_t probe_latency_due_ns(const struct probe *probe);

/* png_file.c: false with errno or a log line */
bool probe_write_png(const struct lodge_picture *picture, const char *path);

/* report.c */
json_t *probe_percentiles(struct samples *samples);
void probe_report(struct probe *probe, uint64_t now_ns);

#endif
