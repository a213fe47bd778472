/*
 * What of a client's bytes is an Opus packet that we play.
 *
 * Room: audio, private; pure. Any thread.
 */
#ifndef LODGE_AUDIO_OPUS_PACKET_H
#define LODGE_AUDIO_OPUS_PACKET_H

#include <stddef.h>
#include <stdint.h>

/* Samples at 48 kHz of a well-formed mono packet of 5 to 20 ms; 0: it is none. */
uint32_t opus_packet_samples(const uint8_t *packet, size_t size);

#endif
