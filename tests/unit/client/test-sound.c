#include <math.h>
#include <opus/opus_multistream.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lodge_sound.h"

#define FRAME 240 /* 5 ms */
#define FRAME_NS 5000000u
#define HEAD_STEREO "OpusHead\x01\x02\x38\x01\x80\xbb\0\0\0\0\x00"
#define HEAD_SIX "OpusHead\x01\x06\x38\x01\x80\xbb\0\0\0\0\x01\x04\x02\x00\x04\x01\x02\x03\x05"

/* A host in miniature: a tone on every channel. */
struct host {
	OpusMSEncoder *encoder;
	struct lodge_sound *sound;
	uint32_t channels, sequence;
	uint64_t capture_ns;
	uint64_t played;
};

static struct wire_message config(uint32_t channels, const char *head, size_t size)
{
	return (struct wire_message){ .type = WIRE_AUDIO_CONFIG,
		.audio_config = { (uint8_t)channels, FRAME_NS / 100000, LODGE_SOUND_RATE_HZ,
			{ "opus", 4 }, { (const uint8_t *)head, (uint16_t)size } } };
}

static struct host *set_up(uint32_t channels)
{
	struct host *host = calloc(1, sizeof *host);
	uint8_t mapping[LODGE_SOUND_CHANNELS_MAX];
	int streams, coupled, error;
	host->encoder = opus_multistream_surround_encoder_create(LODGE_SOUND_RATE_HZ, (int)channels,
		channels > 2, &streams, &coupled, mapping, OPUS_APPLICATION_RESTRICTED_LOWDELAY,
		&error);
	assert_non_null(host->encoder);
	host->sound = lodge_sound_create();
	host->channels = channels;
	host->sequence = UINT32_MAX - 3; /* it wraps on the way */
	host->capture_ns = 1000000000;
	const struct wire_message message = channels == 2
		? config(2, HEAD_STEREO, sizeof HEAD_STEREO - 1)
		: config(6, HEAD_SIX, sizeof HEAD_SIX - 1);
	assert_null(lodge_sound_configure(host->sound, &message));
	assert_int_equal(lodge_sound_channels(host->sound), channels);
	return host;
}

static void tear_down(struct host *host)
{
	opus_multistream_encoder_destroy(host->encoder);
	lodge_sound_destroy(host->sound);
	free(host);
}

/* The next packet's place is taken; it reaches the client when `arrives`. */
static struct lodge_sound_piece next_packet(struct host *host, bool arrives)
{
	float tone[FRAME * LODGE_SOUND_CHANNELS_MAX];
	uint8_t packet[WIRE_AUDIO_PACKET_MAX];
	struct lodge_sound_piece piece = { 0 };
	for (size_t i = 0; i < FRAME; i++) {
		const double at = (double)(host->played++) * 2 * M_PI * 440 / LODGE_SOUND_RATE_HZ;
		for (size_t c = 0; c < host->channels; c++)
			tone[i * host->channels + c] = (float)(0.5 * sin(at));
	}
	const opus_int32 size = opus_multistream_encode_float(
		host->encoder, tone, FRAME, packet, (opus_int32)sizeof packet);
	assert_true(size > 0);
	const struct wire_message message = { .type = WIRE_AUDIO,
		.audio = { host->sequence++, host->capture_ns, { packet, (uint16_t)size } } };
	host->capture_ns += FRAME_NS;
	if (arrives)
		assert_null(lodge_sound_decode(host->sound, &message, &piece));
	return piece;
}

static int loudest(const struct lodge_sound_piece *piece, uint32_t channels, uint32_t channel)
{
	int peak = 0;
	for (size_t i = 0; i < piece->frames; i++) {
		const int sample = abs(piece->samples[i * channels + channel]);
		peak = sample > peak ? sample : peak;
	}
	return peak;
}

static void a_tone_is_heard_on_both_channels(void **state)
{
	struct host *host = set_up(2);
	struct lodge_sound_piece piece;
	for (int i = 0; i < 20; i++) {
		piece = next_packet(host, true);
		assert_int_equal(piece.frames, FRAME);
		assert_int_equal(piece.lost_packets, 0);
		assert_int_equal(piece.silent_frames, 0);
	}
	for (uint32_t c = 0; c < 2; c++)
		assert_in_range(loudest(&piece, 2, c), 14000, 19000);
	tear_down(host);
}

static void six_channels_are_decoded(void **state)
{
	struct host *host = set_up(6);
	struct lodge_sound_piece piece;
	for (int i = 0; i < 20; i++)
		piece = next_packet(host, true);
	assert_int_equal(piece.frames, FRAME);
	for (uint32_t c = 0; c < 3; c++)
		assert_in_range(loudest(&piece, 6, c), 12000, 22000);
	tear_down(host);
}

static void a_gap_in_the_sequence_is_concealed(void **state)
{
	struct host *host = set_up(2);
	for (int i = 0; i < 20; i++)
		next_packet(host, true);
	next_packet(host, false);
	next_packet(host, false);
	const struct lodge_sound_piece piece = next_packet(host, true);
	assert_int_equal(piece.lost_packets, 2);
	assert_int_equal(piece.frames, 3 * FRAME);
	assert_int_equal(piece.silent_frames, 0);
	assert_true(loudest(&piece, 2, 0) > 5000);
	tear_down(host);
}

static void a_long_loss_is_not_made_up_to_its_end(void **state)
{
	struct host *host = set_up(2);
	next_packet(host, true);
	for (int i = 0; i < 5000; i++)
		next_packet(host, false);
	const struct lodge_sound_piece piece = next_packet(host, true);
	assert_int_equal(piece.lost_packets, 5000);
	assert_int_equal(piece.frames, 11 * FRAME);
	tear_down(host);
}

static void a_gap_in_the_capture_times_is_silence(void **state)
{
	struct host *host = set_up(2);
	next_packet(host, true);
	host->capture_ns += 19 * (uint64_t)FRAME_NS;
	const struct lodge_sound_piece piece = next_packet(host, true);
	assert_int_equal(piece.silent_frames, 19 * FRAME);
	assert_int_equal(piece.lost_packets, 0);
	assert_int_equal(piece.frames, FRAME);
	assert_int_equal(next_packet(host, true).silent_frames, 0);
	tear_down(host);
}

static void a_packet_that_is_no_opus_is_refused_and_the_next_is_heard(void **state)
{
	struct host *host = set_up(2);
	struct lodge_sound_piece piece;
	next_packet(host, true);
	/* Code 3 with no frame count behind it. */
	const struct wire_message message = { .type = WIRE_AUDIO,
		.audio = { host->sequence++, host->capture_ns, { (const uint8_t *)"\xff", 1 } } };
	host->capture_ns += FRAME_NS;
	assert_non_null(lodge_sound_decode(host->sound, &message, &piece));
	assert_int_equal(next_packet(host, true).lost_packets, 0);
	tear_down(host);
}

static void what_cannot_be_played_is_refused_with_a_reason(void **state)
{
	struct lodge_sound *sound = lodge_sound_create();
	struct lodge_sound_piece piece;
	struct wire_message message = { .type = WIRE_AUDIO };
	assert_non_null(strstr(lodge_sound_decode(sound, &message, &piece), "AUDIO_CONFIG"));
	message = config(2, HEAD_SIX, sizeof HEAD_SIX - 1);
	assert_non_null(strstr(lodge_sound_configure(sound, &message), "OpusHead"));
	message = config(6, HEAD_SIX, sizeof HEAD_SIX - 2);
	assert_non_null(strstr(lodge_sound_configure(sound, &message), "OpusHead"));
	message = config(2, "OpusTail\x01\x02\x38\x01\x80\xbb\0\0\0\0\0", 19);
	assert_non_null(strstr(lodge_sound_configure(sound, &message), "OpusHead"));
	message = config(2, HEAD_STEREO, sizeof HEAD_STEREO - 1);
	message.audio_config.codec = (struct wire_string){ "mp3", 3 };
	assert_non_null(strstr(lodge_sound_configure(sound, &message), "codec"));
	lodge_sound_destroy(sound);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tone_is_heard_on_both_channels),
		cmocka_unit_test(six_channels_are_decoded),
		cmocka_unit_test(a_gap_in_the_sequence_is_concealed),
		cmocka_unit_test(a_long_loss_is_not_made_up_to_its_end),
		cmocka_unit_test(a_gap_in_the_capture_times_is_silence),
		cmocka_unit_test(a_packet_that_is_no_opus_is_refused_and_the_next_is_heard),
		cmocka_unit_test(what_cannot_be_played_is_refused_with_a_reason),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
