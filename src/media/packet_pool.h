/*
 * Where packets come from and go back to, so that the hot path allocates nothing once it is warm.
 *
 * Room: media, private. take and reserve: the media thread. unref of a packet: any thread (a lock-free push).
 * The pool lives until its stream and every packet are gone.
 */
#ifndef LODGE_MEDIA_PACKET_POOL_H
#define LODGE_MEDIA_PACKET_POOL_H

#include "media/packet.h"

struct media_packet_pool *media_packet_pool_create(void);
void media_packet_pool_unref(struct media_packet_pool *pool);
/* A packet of size 0 with one reference; NULL when memory is short. */
struct media_packet *media_packet_pool_take(struct media_packet_pool *pool);
/* Room for `size` bytes; the bytes so far stay. False when memory is short. */
bool media_packet_reserve(struct media_packet *packet, size_t size);

#endif
