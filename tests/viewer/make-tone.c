/*
 * Makes what tests of the page hear: 200 Opus packets of 5 ms from a settled encoder, then one packet of digital silence. Each is
 * a u16 of its size and its bytes.
 *   cc tests/viewer/make-tone.c -o make-tone -lopus -lm && cd tests/viewer/fixtures
 *   make-tone 440 440 >tone.opus-packets
 *   make-tone 300 700 500 1100 1300 100 >around.opus-packets
 * The frequencies are those of the channels in Opus' order: of six, FL FC FR RL RR LFE.
 */
#include <math.h>
#include <opus/opus_multistream.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define RATE 48000
#define FRAMES 240
#define PACKETS 200
#define SETTLE 100
#define CHANNELS_MAX 6

static void write_packet(OpusMSEncoder *encoder, const float *samples, int wanted)
{
	uint8_t packet[4000];
	const int size =
		opus_multistream_encode_float(encoder, samples, FRAMES, packet, sizeof packet);
	if (!wanted || size < 0)
		return;
	putchar(size & 0xff);
	putchar(size >> 8);
	fwrite(packet, 1, (size_t)size, stdout);
}

int main(int count, char **arguments)
{
	const int channels = count - 1;
	int error, streams, coupled;
	uint8_t mapping[CHANNELS_MAX];
	if (channels != 2 && channels != CHANNELS_MAX)
		return 2;
	OpusMSEncoder *encoder =
		opus_multistream_surround_encoder_create(RATE, channels, channels > 2, &streams,
			&coupled, mapping, OPUS_APPLICATION_RESTRICTED_LOWDELAY, &error);
	if (!encoder)
		return 1;
	opus_multistream_encoder_ctl(encoder, OPUS_SET_BITRATE(48000 * channels));
	float samples[FRAMES * CHANNELS_MAX] = { 0 };
	long at = 0;
	for (int n = -SETTLE; n < PACKETS; n++) {
		for (int i = 0; i < FRAMES; i++, at++) {
			for (int c = 0; c < channels; c++)
				samples[channels * i + c] = (float)(0.5 *
					sin(2 * 3.14159265358979 * atof(arguments[c + 1]) *
						(double)at / RATE));
		}
		write_packet(encoder, samples, n >= 0);
	}
	for (int n = 0; n < 20; n++) {
		for (int i = 0; i < FRAMES * channels; i++)
			samples[i] = 0;
		write_packet(encoder, samples, n == 19);
	}
	opus_multistream_encoder_destroy(encoder);
	return 0;
}
