/*
 * The encoder, its packets, and the messages around them.
 */
#include <math.h>
#include <opus/opus_multistream.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "audio/audio.h"
#include "audio/encoder.h"
#include "audio/opus_packet.h"
#include "core/wire_audio.h"
#include "support/tone.h"

#define TAU 6.283185307179586
#define SECOND 48000

static OpusMSDecoder *decoder_for(const struct wire_opus_head *head)
{
	int error;
	OpusMSDecoder *decoder = opus_multistream_decoder_create(
		SECOND, head->channels, head->streams, head->coupled, head->mapping, &error);
	assert_non_null(decoder);
	return decoder;
}

/* What a decoder hears that knows the host by its configuration message alone. */
static void hear_each_channel(uint32_t channels, uint32_t frame)
{
	static float heard[6 * SECOND];
	uint8_t message[WIRE_AUDIO_CONFIG_MAX], packet[ENCODER_PACKET_MAX];
	struct wire_audio_config config;
	struct audio_encoder *encoder = audio_encoder_create(channels, frame, 0);
	assert_non_null(encoder);
	audio_encoder_get_config(encoder, &config);
	const size_t size = wire_audio_config_write(message, sizeof message, &config);
	assert_true(size > 0);
	memset(&config, 0xaa, sizeof config);
	assert_true(wire_audio_config_read(message, size, &config));
	assert_int_equal(config.frame_us, frame * 1000 / 48);
	assert_int_equal(config.rate, SECOND);
	assert_int_equal(config.channels, channels);
	assert_int_equal(config.head.pre_skip, 120);
	OpusMSDecoder *decoder = decoder_for(&config.head);
	for (uint32_t at = 0; at + frame <= SECOND; at += frame) {
		float samples[6 * 480];
		for (uint32_t i = 0; i < frame * channels; i++)
			samples[i] = (float)(0.5 *
				sin(TAU * 400 * (i % channels + 1) * (at + i / channels) / SECOND));
		const int encoded = audio_encoder_encode(encoder, samples, packet);
		assert_true(encoded > 0);
		assert_int_equal(opus_multistream_decode_float(decoder, packet, encoded,
					 heard + at * channels, (int)frame, 0),
			frame);
	}
	for (uint32_t channel = 0; channel < channels; channel++) {
		const double hz = 400 * (channel + 1);
		/* The LFE's encoder keeps nothing above its band: 2400 Hz is gone. */
		if (channel == 5)
			continue;
		assert_float_equal(
			tone_loudest_hz(heard + channel, SECOND / 10 * 9, channels), hz, 0.1);
		assert_float_equal(
			tone_level_db(heard + channel, SECOND / 10 * 9, channels, hz), -6.02, 0.5);
	}
	opus_multistream_decoder_destroy(decoder);
	audio_encoder_destroy(encoder);
}

static void each_channel_is_heard_where_it_was(void **state)
{
	hear_each_channel(2, 240);
	hear_each_channel(2, 480);
	hear_each_channel(6, 240);
	hear_each_channel(6, 480);
}

static void bitrate_is_kept(void **state)
{
	static const uint32_t rates[] = { 64, 128, 256 };
	for (size_t i = 0; i < 3; i++) {
		struct audio_encoder *encoder = audio_encoder_create(2, 240, rates[i]);
		uint8_t packet[ENCODER_PACKET_MAX];
		uint64_t bytes = 0, random = 1;
		for (uint32_t frame = 0; frame < 400; frame++) {
			float samples[480];
			for (size_t k = 0; k < 480; k++) {
				random = random * 6364136223846793005u + 1442695040888963407u;
				samples[k] = (float)((double)(random >> 40) / (1 << 24) - 0.5);
			}
			const int size = audio_encoder_encode(encoder, samples, packet);
			assert_true(size > 0);
			bytes += (uint64_t)size;
		}
		/* Two seconds. */
		assert_true(bytes * 8 / 2 < rates[i] * 1100);
		assert_true(bytes * 8 / 2 > rates[i] * 800);
		audio_encoder_destroy(encoder);
	}
}

static void one_silent_frame_in_twenty_passes_the_gate(void **state)
{
	struct silence_gate gate = { 0 };
	uint32_t passed = 0;
	for (int i = 0; i < 10; i++)
		assert_true(silence_gate_passes(&gate, false));
	/* The first one carries the rest of what was heard. */
	assert_true(silence_gate_passes(&gate, true));
	for (int i = 1; i < 200; i++)
		passed += silence_gate_passes(&gate, true);
	assert_int_equal(passed, 9);
	assert_true(silence_gate_passes(&gate, false));
	assert_true(silence_gate_passes(&gate, true));
	assert_false(silence_gate_passes(&gate, true));
}

static void only_zeros_are_silence(void **state)
{
	float frame[480] = { 0 };
	assert_true(audio_frame_is_silent(frame, 480));
	frame[100] = -0.0f;
	assert_true(audio_frame_is_silent(frame, 480));
	frame[479] = 1e-20f;
	assert_false(audio_frame_is_silent(frame, 480));
	frame[479] = NAN;
	assert_false(audio_frame_is_silent(frame, 480));
}

/* What the gate keeps back leaves encoder and decoder with the same past: no crack when the sound comes back. */
static void sound_after_silence_is_as_if_nothing_had_been_left_out(void **state)
{
	static float heard[SECOND], gated[SECOND];
	for (int with_gate = 0; with_gate < 2; with_gate++) {
		struct audio_encoder *encoder = audio_encoder_create(2, 240, 128);
		struct wire_audio_config config;
		struct silence_gate gate = { 0 };
		audio_encoder_get_config(encoder, &config);
		OpusMSDecoder *decoder = decoder_for(&config.head);
		for (uint32_t at = 0; at + 240 <= SECOND / 2; at += 240) {
			float *to = (with_gate ? gated : heard) + 2 * at;
			float samples[480] = { 0 };
			uint8_t packet[ENCODER_PACKET_MAX];
			const bool silent = at >= SECOND / 8 && at < SECOND / 4;
			for (uint32_t i = 0; !silent && i < 480; i++)
				samples[i] = (float)(0.5 * sin(TAU * 440 * (at + i / 2) / SECOND));
			memset(to, 0, sizeof samples);
			if (!silence_gate_passes(&gate, silent) && with_gate)
				continue;
			const int size = audio_encoder_encode(encoder, samples, packet);
			assert_int_equal(
				opus_multistream_decode_float(decoder, packet, size, to, 240, 0),
				240);
		}
		opus_multistream_decoder_destroy(decoder);
		audio_encoder_destroy(encoder);
	}
	/* Each beside what was said, 120 samples before; all of it, the first frame after the silence included. */
	double fault = 0, gated_fault = 0;
	for (uint32_t i = 120; i < SECOND / 2 - 240; i++) {
		const uint32_t at = i - 120;
		const bool silent = at >= SECOND / 8 && at < SECOND / 4;
		const double said = silent ? 0 : 0.5 * sin(TAU * 440 * at / SECOND);
		fault = fmax(fault, fabs(heard[2 * i] - said));
		gated_fault = fmax(gated_fault, fabs(gated[2 * i] - said));
	}
	assert_true(gated_fault < 1.2 * fault);
}

static void messages_come_back_as_they_were(void **state)
{
	uint8_t bytes[WIRE_AUDIO_HEADER_SIZE + 3] = { 0 };
	struct wire_audio audio;
	wire_audio_header_write(bytes, 0xdeadbeef, 0x0123456789abcdef);
	memcpy(bytes + WIRE_AUDIO_HEADER_SIZE, "abc", 3);
	assert_int_equal(bytes[0], 0x90);
	assert_true(wire_audio_read(bytes, sizeof bytes, &audio));
	assert_int_equal(audio.sequence, 0xdeadbeef);
	assert_int_equal(audio.capture_ns, 0x0123456789abcdef);
	assert_int_equal(audio.size, 3);
	assert_memory_equal(audio.packet, "abc", 3);
	/* Without a packet, and cut off anywhere. */
	for (size_t size = 0; size <= WIRE_AUDIO_HEADER_SIZE; size++)
		assert_false(wire_audio_read(bytes, size, &audio));
}

static void configurations_that_cannot_be_are_refused(void **state)
{
	uint8_t bytes[WIRE_AUDIO_CONFIG_MAX];
	struct wire_audio_config config = {
		.channels = 6,
		.frame_us = 5000,
		.rate = SECOND,
		.head = { .channels = 6,
			.family = 1,
			.streams = 4,
			.coupled = 2,
			.mapping = { 0, 4, 1, 2, 3, 5 } },
	};
	struct wire_audio_config read;
	const size_t size = wire_audio_config_write(bytes, sizeof bytes, &config);
	assert_int_equal(size, 14 + 21 + 6 + 2);
	assert_true(wire_audio_config_read(bytes, size, &read));
	assert_memory_equal(read.head.mapping, config.head.mapping, 6);
	for (size_t cut = 0; cut < size; cut++)
		assert_false(wire_audio_config_read(bytes, cut, &read));
	bytes[size - 1] = 6; /* there are six streams and pairs, 0 to 5 */
	assert_false(wire_audio_config_read(bytes, size, &read));
	assert_int_equal(wire_audio_config_write(bytes, size - 1, &config), 0);
	config.frame_us = 5050;
	assert_int_equal(wire_audio_config_write(bytes, sizeof bytes, &config), 0);
	config.frame_us = 5000;
	config.channels = 2;
	assert_int_equal(wire_audio_config_write(bytes, sizeof bytes, &config), 0);
}

static void packets_of_a_microphone_are_told_from_others(void **state)
{
	static const int samples[] = { 240, 480, 960 };
	uint8_t packet[1276];
	const float silence[2 * 960] = { 0 };
	int error;
	OpusEncoder *mono = opus_encoder_create(SECOND, 1, OPUS_APPLICATION_VOIP, &error);
	OpusEncoder *stereo = opus_encoder_create(SECOND, 2, OPUS_APPLICATION_AUDIO, &error);
	for (size_t i = 0; i < 3; i++) {
		const int size =
			opus_encode_float(mono, silence, samples[i], packet, sizeof packet);
		assert_int_equal(opus_packet_samples(packet, (size_t)size), samples[i]);
	}
	opus_encoder_ctl(stereo, OPUS_SET_FORCE_CHANNELS(2));
	const int size = opus_encode_float(stereo, silence, 960, packet, sizeof packet);
	assert_int_equal(opus_packet_samples(packet, (size_t)size), 0);
	const int brief = opus_encode_float(mono, silence, 120, packet, sizeof packet);
	assert_int_equal(opus_packet_samples(packet, (size_t)brief), 0); /* 2.5 ms */
	assert_int_equal(opus_packet_samples(packet, 0), 0);
	assert_int_equal(opus_packet_samples(packet, sizeof packet), 0); /* too long */
	opus_encoder_destroy(mono);
	opus_encoder_destroy(stereo);
}

static void description_names_both_libraries(void **state)
{
	assert_non_null(strstr(audio_description(), "opus "));
	assert_non_null(strstr(audio_description(), ", pipewire "));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_channel_is_heard_where_it_was),
		cmocka_unit_test(bitrate_is_kept),
		cmocka_unit_test(one_silent_frame_in_twenty_passes_the_gate),
		cmocka_unit_test(only_zeros_are_silence),
		cmocka_unit_test(sound_after_silence_is_as_if_nothing_had_been_left_out),
		cmocka_unit_test(messages_come_back_as_they_were),
		cmocka_unit_test(configurations_that_cannot_be_are_refused),
		cmocka_unit_test(packets_of_a_microphone_are_told_from_others),
		cmocka_unit_test(description_names_both_libraries),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
