#include "media/pipewire_buffer.h"

#include <errno.h>
#include <linux/dma-buf.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <spa/buffer/meta.h>
#include <spa/param/video/raw.h>

#define BYTES_PER_PX 4

/* A file shorter than it is said to be would end the host by a signal. A dma-buf has no size to ask for. */
static bool is_long_enough(const struct spa_data *data)
{
	struct stat status;
	return data->type == SPA_DATA_DmaBuf ||
		(fstat((int)data->fd, &status) == 0 &&
			status.st_size >= (off_t)data->mapoffset + (off_t)data->maxsize);
}

struct pipewire_mapping *pipewire_mapping_create(const struct spa_buffer *buffer)
{
	const struct spa_data *data = buffer->n_datas ? &buffer->datas[0] : NULL;
	if (!data || (data->type != SPA_DATA_MemFd && data->type != SPA_DATA_DmaBuf) ||
		data->fd < 0 || data->maxsize == 0 || !is_long_enough(data)) {
		errno = EPROTO;
		return NULL;
	}
	struct pipewire_mapping *mapping = calloc(1, sizeof *mapping);
	if (!mapping)
		return NULL;
	mapping->start = data->mapoffset % (size_t)sysconf(_SC_PAGESIZE);
	mapping->size = mapping->start + data->maxsize;
	mapping->fd = (int)data->fd;
	mapping->dma_buf = data->type == SPA_DATA_DmaBuf;
	mapping->bytes = mmap(NULL, mapping->size, PROT_READ, MAP_SHARED, mapping->fd,
		(off_t)(data->mapoffset - mapping->start));
	if (mapping->bytes == MAP_FAILED) {
		free(mapping);
		return NULL;
	}
	return mapping;
}

void pipewire_mapping_destroy(struct pipewire_mapping *mapping)
{
	if (!mapping)
		return;
	munmap(mapping->bytes, mapping->size);
	free(mapping);
}

static void sync_dma_buf(const struct pipewire_mapping *mapping, uint64_t flags)
{
	struct dma_buf_sync sync = { .flags = flags };
	/* Another error than these two: what calls itself a dma-buf is ordinary memory, and needs nothing. */
	while (mapping->dma_buf && ioctl(mapping->fd, DMA_BUF_IOCTL_SYNC, &sync) < 0 &&
		(errno == EINTR || errno == EAGAIN))
		continue;
}

void pipewire_mapping_begin(const struct pipewire_mapping *mapping)
{
	sync_dma_buf(mapping, DMA_BUF_SYNC_START | DMA_BUF_SYNC_READ);
}

void pipewire_mapping_end(const struct pipewire_mapping *mapping)
{
	sync_dma_buf(mapping, DMA_BUF_SYNC_END | DMA_BUF_SYNC_READ);
}

static const struct spa_meta_header *find_header(const struct spa_buffer *buffer)
{
	return spa_buffer_find_meta_data(buffer, SPA_META_Header, sizeof(struct spa_meta_header));
}

static bool is_corrupted(const struct spa_buffer *buffer, const struct spa_chunk *chunk)
{
	const struct spa_meta_header *header = find_header(buffer);
	return chunk->flags & SPA_CHUNK_FLAG_CORRUPTED ||
		(header && header->flags & SPA_META_HEADER_FLAG_CORRUPTED);
}

bool pipewire_buffer_picture(const struct spa_buffer *buffer,
	const struct pipewire_mapping *mapping, const struct pipewire_format *format,
	struct canvas_picture *picture)
{
	if (!mapping || !buffer->datas[0].chunk)
		return false;
	const struct spa_chunk chunk = *buffer->datas[0].chunk;
	/* Some producers leave the size of a dma-buf at zero, though it is full. */
	if (is_corrupted(buffer, &chunk) || (chunk.size == 0 && !mapping->dma_buf))
		return false;
	const uint64_t row = (uint64_t)format->width_px * BYTES_PER_PX;
	const uint64_t stride = chunk.stride > 0 ? (uint64_t)chunk.stride : row;
	const uint64_t need = chunk.offset + stride * (format->height_px - 1) + row;
	if (stride < row || need > mapping->size - mapping->start)
		return false;
	*picture = (struct canvas_picture){
		.pixels = mapping->bytes + mapping->start + chunk.offset,
		.width_px = format->width_px,
		.height_px = format->height_px,
		.stride = (uint32_t)stride,
		.swapped = format->swapped,
	};
	return true;
}

bool pipewire_buffer_add_damage(const struct spa_buffer *buffer,
	const struct pipewire_format *format, struct damage *damage)
{
	const struct spa_meta *meta = spa_buffer_find_meta(buffer, SPA_META_VideoDamage);
	const struct spa_meta_region *shared;
	bool said = false;
	if (!meta)
		return false;
	spa_meta_for_each(shared, meta)
	{
		const struct spa_meta_region region = *shared;
		struct capture_rect rect;
		if (!spa_meta_region_is_valid(&region))
			break;
		said = true;
		if (damage_clip(region.region.position.x, region.region.position.y,
			    region.region.size.width, region.region.size.height, format->width_px,
			    format->height_px, &rect))
			damage_add(damage, &rect);
	}
	return said;
}

static bool find_bitmap(const struct spa_meta *meta, uint32_t at, struct cursor_image *image)
{
	if (at < sizeof(struct spa_meta_cursor) || at > meta->size ||
		meta->size - at < sizeof(struct spa_meta_bitmap))
		return false;
	const struct spa_meta_bitmap bitmap =
		*SPA_PTROFF(meta->data, at, const struct spa_meta_bitmap);
	const bool swapped = bitmap.format == SPA_VIDEO_FORMAT_RGBA;
	if (!swapped && bitmap.format != SPA_VIDEO_FORMAT_BGRA)
		return false;
	const bool empty = bitmap.size.width == 0 || bitmap.size.height == 0 || bitmap.offset == 0;
	*image = (struct cursor_image){
		.pixels = SPA_PTROFF(meta->data, (uint64_t)at + bitmap.offset, const uint8_t),
		.width_px = empty ? 0 : bitmap.size.width,
		.height_px = empty ? 0 : bitmap.size.height,
		.stride = (uint32_t)bitmap.stride,
		.swapped = swapped,
	};
	const uint64_t row = (uint64_t)image->width_px * BYTES_PER_PX;
	const uint64_t end = (uint64_t)at + bitmap.offset +
		(uint64_t)image->stride * (empty ? 0 : image->height_px - 1) + row;
	return empty || (bitmap.stride > 0 && image->stride >= row && end <= meta->size);
}

void pipewire_buffer_update_cursor(const struct spa_buffer *buffer, struct cursor *cursor)
{
	const struct spa_meta *meta = spa_buffer_find_meta(buffer, SPA_META_Cursor);
	struct cursor_image image;
	if (!meta || meta->size < sizeof(struct spa_meta_cursor))
		return;
	const struct spa_meta_cursor said = *(const struct spa_meta_cursor *)meta->data;
	cursor_show(cursor, spa_meta_cursor_is_valid(&said));
	if (!cursor->visible)
		return;
	cursor_move(cursor, said.position.x, said.position.y);
	if (said.bitmap_offset == 0 || !find_bitmap(meta, said.bitmap_offset, &image))
		return;
	image.hotspot_x = said.hotspot.x;
	image.hotspot_y = said.hotspot.y;
	cursor_set_image(cursor, &image);
}

uint64_t pipewire_buffer_sequence(const struct spa_buffer *buffer)
{
	const struct spa_meta_header *header = find_header(buffer);
	return header ? header->seq : 0;
}

uint64_t pipewire_buffer_time_ns(const struct spa_buffer *buffer)
{
	const struct spa_meta_header *header = find_header(buffer);
	const int64_t pts = header ? header->pts : 0;
	return pts > 0 ? (uint64_t)pts : 0;
}
