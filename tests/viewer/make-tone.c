/*
 * Makes tests/viewer/fixtures/tone.opus-packets: a second of 440 Hz in stereo as 200 Opus packets of 5 ms, the first from a
 * settled encoder, then one packet of digital silence. Each is a u16 of its size and its bytes.
 *   cc tests/viewer/make-tone.c -o make-tone -lopus -lm && ./make-tone >tests/viewer/fixtures/tone.opus-packets
 */
#include <math.h>
#include <opus/opus.h>
#include <stdint.h>
#include <stdio.h>

#define RATE 48000
#define FRAMES 240
#define PACKETS 200
#define SETTLE 100

static void write_packet(OpusEncoder *encoder, const float *samples, int wanted)
{
	uint8_t packet[1275];
	const int size = opus_encode_float(encoder, samples, FRAMES, packet, sizeof packet);
	if (!wanted || size < 0)
		return;
	putchar(size & 0xff);
	putchar(size >> 8);
	fwrite(packet, 1, (size_t)size, stdout);
}

int main(void)
{
	int error;
	OpusEncoder *encoder =
		opus_encoder_create(RATE, 2, OPUS_APPLICATION_RESTRICTED_LOWDELAY, &error);
	if (!encoder)
		return 1;
	opus_encoder_ctl(encoder, OPUS_SET_BITRATE(96000));
	float samples[FRAMES * 2] = { 0 };
	long at = 0;
	for (int n = -SETTLE; n < PACKETS; n++) {
		for (int i = 0; i < FRAMES; i++, at++)
			samples[2 * i] = samples[2 * i + 1] =
				(float)(0.5 * sin(2 * 3.14159265358979 * 440 * (double)at / RATE));
		write_packet(encoder, samples, n >= 0);
	}
	for (int n = 0; n < 20; n++) {
		for (int i = 0; i < FRAMES * 2; i++)
			samples[i] = 0;
		write_packet(encoder, samples, n == 19);
	}
	opus_encoder_destroy(encoder);
	return 0;
}
