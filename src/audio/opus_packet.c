#include "audio/opus_packet.h"

#include <opus/opus.h>

#include "audio/jitter.h"

#define RATE 48000
#define SAMPLES_MIN 240 /* 5 ms */
#define FRAMES_MAX 48 /* of one packet, RFC 6716 §3.2.5 */

uint32_t opus_packet_samples(const uint8_t *packet, size_t size)
{
	opus_int16 sizes[FRAMES_MAX];
	if (size == 0 || size > JITTER_PACKET_MAX || opus_packet_get_nb_channels(packet) != 1)
		return 0;
	const int frames = opus_packet_parse(packet, (opus_int32)size, NULL, NULL, sizes, NULL);
	if (frames <= 0)
		return 0;
	const int samples = frames * opus_packet_get_samples_per_frame(packet, RATE);
	return samples < SAMPLES_MIN || samples > JITTER_SAMPLES_MAX ? 0 : (uint32_t)samples;
}
