#include "video_producer.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/udmabuf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <pipewire/pipewire.h>
#include <spa/buffer/meta.h>
#include <spa/param/video/format-utils.h>

#include "sound_session.h"

#define PARAMS_SIZE 4096
#define CURSOR_SIDE_PX 64
#define BUFFERS 4
#define FAR_BEYOND (1u << 30)

struct video_producer {
	struct video_producer_params params;
	struct pw_thread_loop *loop;
	struct pw_context *context;
	struct pw_core *core;
	struct pw_stream *stream;
	struct spa_hook listener;
	struct spa_video_info_raw format;
	bool has_format;
	uint64_t sequence;
};

static const struct spa_pod *build_format(
	struct video_producer *producer, struct spa_pod_builder *builder)
{
	const struct video_producer_params *params = &producer->params;
	const struct spa_rectangle size = SPA_RECTANGLE(params->width_px, params->height_px);
	const struct spa_fraction none = SPA_FRACTION(0, 1), most = SPA_FRACTION(60, 1);
	struct spa_pod_frame frame;
	spa_pod_builder_push_object(builder, &frame, SPA_TYPE_OBJECT_Format, SPA_PARAM_EnumFormat);
	spa_pod_builder_add(builder, SPA_FORMAT_mediaType, SPA_POD_Id(SPA_MEDIA_TYPE_video),
		SPA_FORMAT_mediaSubtype, SPA_POD_Id(SPA_MEDIA_SUBTYPE_raw), SPA_FORMAT_VIDEO_format,
		SPA_POD_Id(params->format), SPA_FORMAT_VIDEO_size, SPA_POD_Rectangle(&size),
		SPA_FORMAT_VIDEO_framerate, SPA_POD_Fraction(&none), SPA_FORMAT_VIDEO_maxFramerate,
		SPA_POD_CHOICE_RANGE_Fraction(&most, &none, &most), 0);
	if (params->modifier_offered) {
		spa_pod_builder_prop(
			builder, SPA_FORMAT_VIDEO_modifier, SPA_POD_PROP_FLAG_MANDATORY);
		spa_pod_builder_long(builder, (int64_t)params->modifier);
	}
	return spa_pod_builder_pop(builder, &frame);
}

static const struct spa_pod *build_meta(struct spa_pod_builder *builder, uint32_t type, size_t size)
{
	return spa_pod_builder_add_object(builder, SPA_TYPE_OBJECT_ParamMeta, SPA_PARAM_Meta,
		SPA_PARAM_META_type, SPA_POD_Id(type), SPA_PARAM_META_size,
		SPA_POD_Int((int32_t)size));
}

static void on_param_changed(void *data, uint32_t id, const struct spa_pod *pod)
{
	struct video_producer *producer = data;
	uint8_t bytes[PARAMS_SIZE];
	struct spa_pod_builder builder = SPA_POD_BUILDER_INIT(bytes, sizeof bytes);
	const struct spa_pod *params[4];
	uint32_t count = 0;
	if (id != SPA_PARAM_Format)
		return;
	producer->has_format = pod && spa_format_video_raw_parse(pod, &producer->format) >= 0;
	if (!producer->has_format)
		return;
	const uint32_t stride = producer->format.size.width * 4;
	const int type = producer->params.modifier_offered ? SPA_DATA_DmaBuf : SPA_DATA_MemFd;
	params[count++] = spa_pod_builder_add_object(&builder, SPA_TYPE_OBJECT_ParamBuffers,
		SPA_PARAM_Buffers, SPA_PARAM_BUFFERS_buffers,
		SPA_POD_CHOICE_RANGE_Int(BUFFERS, 2, BUFFERS), SPA_PARAM_BUFFERS_blocks,
		SPA_POD_Int(1), SPA_PARAM_BUFFERS_size,
		SPA_POD_Int((int32_t)(stride * producer->format.size.height)),
		SPA_PARAM_BUFFERS_stride, SPA_POD_Int((int32_t)stride), SPA_PARAM_BUFFERS_dataType,
		SPA_POD_CHOICE_FLAGS_Int(1 << type));
	if (!producer->params.without_metadata) {
		params[count++] =
			build_meta(&builder, SPA_META_Header, sizeof(struct spa_meta_header));
		params[count++] = build_meta(
			&builder, SPA_META_VideoDamage, 8 * sizeof(struct spa_meta_region));
		params[count++] = build_meta(&builder, SPA_META_Cursor,
			sizeof(struct spa_meta_cursor) + sizeof(struct spa_meta_bitmap) +
				CURSOR_SIDE_PX * CURSOR_SIDE_PX * 4);
	}
	pw_stream_update_params(producer->stream, params, count);
}

bool video_producer_has_dma_bufs(void)
{
	return access("/dev/udmabuf", R_OK | W_OK) == 0;
}

/* Takes the memory file; gives the dma-buf over it. */
static int to_dma_buf(int memory, uint32_t size)
{
	struct udmabuf_create create = {
		.memfd = (uint32_t)memory, .flags = UDMABUF_FLAGS_CLOEXEC, .size = size
	};
	const int device = open("/dev/udmabuf", O_RDWR | O_CLOEXEC);
	if (fcntl(memory, F_ADD_SEALS, F_SEAL_SHRINK) < 0)
		abort();
	const int dma_buf = ioctl(device, UDMABUF_CREATE, &create);
	if (dma_buf < 0)
		abort();
	close(device);
	close(memory);
	return dma_buf;
}

static uint32_t whole_pages(uint32_t size)
{
	const uint32_t page = (uint32_t)sysconf(_SC_PAGESIZE);
	return (size + page - 1) / page * page;
}

static void on_add_buffer(void *data, struct pw_buffer *buffer)
{
	struct video_producer *producer = data;
	struct spa_data *memory = &buffer->buffer->datas[0];
	const uint32_t size =
		whole_pages(producer->format.size.width * producer->format.size.height * 4);
	const bool dma_buf = producer->params.modifier_offered;
	memory->type = dma_buf ? SPA_DATA_DmaBuf : SPA_DATA_MemFd;
	memory->flags = SPA_DATA_FLAG_READWRITE;
	memory->mapoffset = 0;
	memory->maxsize = size;
	memory->fd = memfd_create("video-producer", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (memory->fd < 0 || ftruncate((int)memory->fd, size) < 0)
		abort();
	if (dma_buf && video_producer_has_dma_bufs())
		memory->fd = to_dma_buf((int)memory->fd, size);
	memory->data = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, (int)memory->fd, 0);
	if (memory->data == MAP_FAILED)
		abort();
}

static void on_remove_buffer(void *data, struct pw_buffer *buffer)
{
	struct spa_data *memory = &buffer->buffer->datas[0];
	munmap(memory->data, memory->maxsize);
	close((int)memory->fd);
}

static const struct pw_stream_events stream_events = {
	PW_VERSION_STREAM_EVENTS,
	.param_changed = on_param_changed,
	.add_buffer = on_add_buffer,
	.remove_buffer = on_remove_buffer,
};

/* Under the loop's lock. */
static bool wait_for(struct video_producer *producer, bool (*holds)(struct video_producer *))
{
	for (int waited_ms = 0; waited_ms < SOUND_SESSION_DEADLINE_MS; waited_ms++) {
		if (holds(producer))
			return true;
		pw_thread_loop_unlock(producer->loop);
		nanosleep(&(struct timespec){ 0, 1000000 }, NULL);
		pw_thread_loop_lock(producer->loop);
	}
	return false;
}

static bool is_known(struct video_producer *producer)
{
	return pw_stream_get_node_id(producer->stream) != SPA_ID_INVALID;
}

static bool is_streaming(struct video_producer *producer)
{
	return pw_stream_get_state(producer->stream, NULL) == PW_STREAM_STATE_STREAMING &&
		pw_stream_is_driving(producer->stream) && producer->has_format &&
		producer->format.size.width == producer->params.width_px &&
		producer->format.size.height == producer->params.height_px;
}

static bool connect_stream(struct video_producer *producer)
{
	uint8_t bytes[PARAMS_SIZE];
	struct spa_pod_builder builder = SPA_POD_BUILDER_INIT(bytes, sizeof bytes);
	producer->context = pw_context_new(pw_thread_loop_get_loop(producer->loop), NULL, 0);
	if (!producer->context)
		return false;
	producer->core = pw_context_connect(producer->context,
		pw_properties_new(PW_KEY_REMOTE_NAME, producer->params.socket, NULL), 0);
	if (!producer->core)
		return false;
	producer->stream = pw_stream_new(producer->core, producer->params.node_name,
		pw_properties_new(PW_KEY_MEDIA_CLASS, "Video/Source", PW_KEY_NODE_NAME,
			producer->params.node_name, NULL));
	if (!producer->stream)
		return false;
	pw_stream_add_listener(producer->stream, &producer->listener, &stream_events, producer);
	const struct spa_pod *format = build_format(producer, &builder);
	return pw_stream_connect(producer->stream, PW_DIRECTION_OUTPUT, PW_ID_ANY,
		       PW_STREAM_FLAG_DRIVER | PW_STREAM_FLAG_ALLOC_BUFFERS, &format, 1) >= 0 &&
		wait_for(producer, is_known);
}

struct video_producer *video_producer_create(const struct video_producer_params *params)
{
	struct video_producer *producer = calloc(1, sizeof *producer);
	pw_init(NULL, NULL);
	producer->params = *params;
	producer->loop = pw_thread_loop_new("video-producer", NULL);
	if (!producer->loop || pw_thread_loop_start(producer->loop) < 0) {
		video_producer_destroy(producer);
		return NULL;
	}
	pw_thread_loop_lock(producer->loop);
	const bool connected = connect_stream(producer);
	pw_thread_loop_unlock(producer->loop);
	if (connected)
		return producer;
	fprintf(stderr, "video_producer: the node '%s' cannot be made\n", params->node_name);
	video_producer_destroy(producer);
	return NULL;
}

void video_producer_destroy(struct video_producer *producer)
{
	if (!producer)
		return;
	if (producer->loop)
		pw_thread_loop_stop(producer->loop);
	if (producer->stream)
		pw_stream_destroy(producer->stream);
	if (producer->core)
		pw_core_disconnect(producer->core);
	if (producer->context)
		pw_context_destroy(producer->context);
	if (producer->loop)
		pw_thread_loop_destroy(producer->loop);
	free(producer);
	pw_deinit();
}

void video_producer_resize(struct video_producer *producer, uint32_t width_px, uint32_t height_px)
{
	uint8_t bytes[PARAMS_SIZE];
	struct spa_pod_builder builder = SPA_POD_BUILDER_INIT(bytes, sizeof bytes);
	pw_thread_loop_lock(producer->loop);
	producer->params.width_px = width_px;
	producer->params.height_px = height_px;
	const struct spa_pod *format = build_format(producer, &builder);
	pw_stream_update_params(producer->stream, &format, 1);
	pw_thread_loop_unlock(producer->loop);
}

bool video_producer_is_streaming(struct video_producer *producer)
{
	pw_thread_loop_lock(producer->loop);
	const bool streaming = is_streaming(producer);
	pw_thread_loop_unlock(producer->loop);
	return streaming;
}

struct spa_fraction video_producer_max_rate(struct video_producer *producer)
{
	pw_thread_loop_lock(producer->loop);
	const struct spa_fraction rate = producer->format.max_framerate;
	pw_thread_loop_unlock(producer->loop);
	return rate;
}

static uint32_t to_format(enum spa_video_format format, uint32_t pixel)
{
	const bool swapped = format == SPA_VIDEO_FORMAT_RGBx || format == SPA_VIDEO_FORMAT_RGBA;
	return swapped ? (pixel & 0xff00ff00u) | (pixel & 0xff) << 16 | (pixel >> 16 & 0xff)
		       : pixel;
}

static void write_pixels(struct video_producer *producer, struct spa_data *memory,
	const struct video_producer_paint *paint)
{
	const struct spa_rectangle size = producer->format.size;
	uint32_t *pixels = memory->data;
	for (uint32_t i = 0; paint->pixels && i < size.width * size.height; i++)
		pixels[i] = to_format(producer->format.format, paint->pixels[i]);
	*memory->chunk = (struct spa_chunk){
		.offset = paint->misplaced ? FAR_BEYOND : 0,
		.size = paint->empty ? 0 : memory->maxsize,
		.stride = (int32_t)size.width * 4,
		.flags = paint->corrupted ? SPA_CHUNK_FLAG_CORRUPTED : 0,
	};
}

static void write_header(struct video_producer *producer, struct spa_buffer *buffer,
	const struct video_producer_paint *paint)
{
	struct spa_meta_header *header =
		spa_buffer_find_meta_data(buffer, SPA_META_Header, sizeof *header);
	producer->sequence += paint->sequence_jumps ? 2 : 1;
	if (header)
		*header = (struct spa_meta_header){
			.flags = paint->corrupted_header ? SPA_META_HEADER_FLAG_CORRUPTED : 0,
			.pts = paint->pts_ns,
			.seq = producer->sequence,
		};
}

static void write_damage(struct spa_buffer *buffer, const struct video_producer_paint *paint)
{
	struct spa_meta *meta = spa_buffer_find_meta(buffer, SPA_META_VideoDamage);
	struct spa_meta_region *region;
	uint32_t at = 0;
	if (!meta)
		return;
	spa_meta_for_each(region, meta)
	{
		const struct video_producer_rect *rect =
			at < paint->damage_count ? &paint->damage[at++] : NULL;
		region->region = rect
			? SPA_REGION(rect->x, rect->y, rect->width_px, rect->height_px)
			: SPA_REGION(0, 0, 0, 0);
	}
}

static void write_cursor(struct spa_buffer *buffer, const struct video_producer_cursor *cursor)
{
	struct spa_meta *meta = spa_buffer_find_meta(buffer, SPA_META_Cursor);
	if (!meta)
		return;
	struct spa_meta_cursor *said = meta->data;
	struct spa_meta_bitmap *bitmap = SPA_PTROFF(said, sizeof *said, struct spa_meta_bitmap);
	*said = (struct spa_meta_cursor){
		.id = cursor->said && !cursor->hidden,
		.position = SPA_POINT(cursor->x, cursor->y),
		.hotspot = SPA_POINT(cursor->hotspot_x, cursor->hotspot_y),
		.bitmap_offset = cursor->width_px ? sizeof *said : 0,
	};
	if (!cursor->width_px)
		return;
	*bitmap = (struct spa_meta_bitmap){
		.format = SPA_VIDEO_FORMAT_RGBA,
		.size = SPA_RECTANGLE(cursor->width_px, cursor->height_px),
		.stride = (int32_t)cursor->width_px * 4,
		.offset = sizeof *bitmap,
	};
	uint32_t *pixels = SPA_PTROFF(bitmap, sizeof *bitmap, uint32_t);
	for (uint32_t i = 0; i < cursor->width_px * cursor->height_px; i++)
		pixels[i] = to_format(SPA_VIDEO_FORMAT_RGBA, cursor->colour);
}

bool video_producer_paint(struct video_producer *producer, const struct video_producer_paint *paint)
{
	pw_thread_loop_lock(producer->loop);
	struct pw_buffer *buffer =
		is_streaming(producer) ? pw_stream_dequeue_buffer(producer->stream) : NULL;
	if (buffer) {
		write_pixels(producer, &buffer->buffer->datas[0], paint);
		write_header(producer, buffer->buffer, paint);
		write_damage(buffer->buffer, paint);
		write_cursor(buffer->buffer, &paint->cursor);
		pw_stream_queue_buffer(producer->stream, buffer);
	}
	pw_thread_loop_unlock(producer->loop);
	return buffer;
}
