/*
 * What the host asks of a PipeWire video node, and what the node answers. Pure: pods in, pods out.
 *
 * Room: media, private. Any thread.
 */
#ifndef LODGE_MEDIA_PIPEWIRE_FORMAT_H
#define LODGE_MEDIA_PIPEWIRE_FORMAT_H

#include <stdbool.h>
#include <stdint.h>

#include <spa/pod/builder.h>
#include <spa/pod/pod.h>

#define PIPEWIRE_FORMAT_OFFERS_MAX 4
#define PIPEWIRE_FORMAT_WISHES_MAX 4
#define PIPEWIRE_FORMAT_SIZE_MAX_PX 16384

struct pipewire_format {
	uint32_t width_px, height_px;
	bool swapped; /* R, G, B, X instead of B, G, R, X */
	bool dma_buf; /* linear dma-bufs instead of shared memory */
};

/*
 * The EnumFormat pods, best first; they live in the builder's memory (4 kB are enough). `dma_buf_first`: where every
 * dma-buf is ordinary memory, it spares the producer a copy; a graphics card's own memory may be slow to read, and is
 * asked for only if the producer has nothing else.
 */
uint32_t pipewire_format_offer(struct spa_pod_builder *builder, bool dma_buf_first,
	const struct spa_pod *pods[PIPEWIRE_FORMAT_OFFERS_MAX]);

/* False: not one of those that were offered. */
bool pipewire_format_parse(const struct spa_pod *pod, struct pipewire_format *format);

/* The Buffers and Meta pods that answer a format. */
uint32_t pipewire_format_wishes(struct spa_pod_builder *builder,
	const struct pipewire_format *format,
	const struct spa_pod *pods[PIPEWIRE_FORMAT_WISHES_MAX]);

#endif
