/*
 * A client's microphone: any bytes as packets, in any order and at any time, through what judges them, the jitter buffer, the
 * decoder and the playout. The same bytes are read as the host's sound messages, as clients do.
 */
#include <math.h>
#include <opus/opus.h>
#include <string.h>

#include "audio/jitter.h"
#include "audio/opus_packet.h"
#include "audio/playout.h"
#include "core/wire_audio.h"
#include "fuzz.h"

#define WAITING_MAX (4800 + JITTER_SAMPLES_MAX)
#define STEPS_MAX 400

struct player {
	struct jitter jitter;
	struct playout playout;
	OpusDecoder *decoder;
	uint64_t now_ns;
	uint32_t sequence;
};

struct input {
	const uint8_t *at, *end;
};

static uint32_t take(struct input *input)
{
	return input->at < input->end ? *input->at++ : 0;
}

static void check(const struct jitter *jitter)
{
	uint32_t waiting = 0, samples = 0;
	for (size_t i = 0; i < JITTER_SLOTS; i++) {
		waiting += jitter->slots[i].used;
		samples += jitter->slots[i].used ? jitter->slots[i].samples : 0;
	}
	const struct jitter_counts *counts = &jitter->counts;
	FUZZ_ASSERT(samples == jitter->waiting_samples && samples <= WAITING_MAX);
	FUZZ_ASSERT(counts->received ==
		counts->played + counts->late + counts->repeated + counts->dropped + waiting);
	FUZZ_ASSERT(jitter_delay_ns(jitter) >= JITTER_DELAY_MIN_NS);
	FUZZ_ASSERT(jitter_delay_ns(jitter) <= JITTER_DELAY_MAX_NS);
}

static void receive(struct player *player, struct input *input)
{
	const int8_t step = (int8_t)take(input);
	/* Mostly the next one; sometimes far away. */
	player->sequence += step == 127 ? 0x7fffffffu : (uint32_t)(step / 16 + 1);
	size_t size = take(input);
	if (size > (size_t)(input->end - input->at))
		size = (size_t)(input->end - input->at);
	const uint32_t samples = opus_packet_samples(input->at, size);
	FUZZ_ASSERT(samples == 0 || (samples >= 240 && samples <= JITTER_SAMPLES_MAX));
	if (samples > 0)
		jitter_push(&player->jitter, player->sequence, input->at, size, samples,
			player->now_ns);
	input->at += size;
}

static void play(struct player *player)
{
	float samples[JITTER_SAMPLES_MAX], out[256];
	const double speed = playout_speed(
		jitter_excess(&player->jitter, player->now_ns, playout_waiting(&player->playout)));
	uint32_t done = 0;
	while ((done += playout_pull(&player->playout, out + done, 256 - done, speed)) < 256) {
		const struct jitter_output output = jitter_pull(&player->jitter, player->now_ns);
		if (output.turn == JITTER_SILENCE)
			break;
		FUZZ_ASSERT(output.samples > 0 && output.samples <= JITTER_SAMPLES_MAX);
		const bool whole = output.turn == JITTER_PACKET;
		const int got = opus_decode_float(player->decoder, whole ? output.bytes : NULL,
			whole ? (opus_int32)output.size : 0, samples,
			whole ? JITTER_SAMPLES_MAX : (int)output.samples, 0);
		FUZZ_ASSERT(got <= JITTER_SAMPLES_MAX);
		playout_push(&player->playout, samples, got > 0 ? (uint32_t)got : 1);
	}
}

static void read_messages(const uint8_t *bytes, size_t size)
{
	struct wire_audio audio;
	struct wire_audio_config config;
	uint8_t written[WIRE_AUDIO_CONFIG_MAX];
	if (wire_audio_read(bytes, size, &audio))
		FUZZ_ASSERT(audio.size > 0 && audio.packet + audio.size == bytes + size);
	if (wire_audio_config_read(bytes, size, &config)) {
		FUZZ_ASSERT(wire_audio_config_write(written, sizeof written, &config) == size);
		FUZZ_ASSERT(memcmp(written, bytes, size) == 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static OpusDecoder *decoder;
	struct player player = { .now_ns = 1000000000000u };
	struct input input = { bytes, bytes + size };
	int error;
	read_messages(bytes, size);
	if (!decoder)
		decoder = opus_decoder_create(48000, 1, &error);
	FUZZ_ASSERT(decoder && opus_decoder_ctl(decoder, OPUS_RESET_STATE) == OPUS_OK);
	player.decoder = decoder;
	jitter_init(&player.jitter);
	playout_init(&player.playout);
	for (int i = 0; i < STEPS_MAX && input.at < input.end; i++) {
		const uint32_t step = take(&input);
		switch (step & 3) {
		case 0:
			receive(&player, &input);
			break;
		case 1:
			play(&player);
			break;
		case 2:
			player.now_ns += (step >> 2) * 1000000u;
			break;
		default:
			jitter_set_margin(&player.jitter, (step >> 2) * 1000000u);
			break;
		}
		check(&player.jitter);
	}
	return 0;
}
