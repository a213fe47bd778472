#include "testcard_window.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "xdg-shell-client-protocol.h"

int64_t window_time_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000L + now.tv_nsec / 1000000;
}

static void on_release(void *data, struct wl_buffer *buffer)
{
	((struct window_buffer *)data)->busy = false;
}

static const struct wl_buffer_listener buffer_listener = { .release = on_release };

static void buffer_finish(struct window_buffer *buffer)
{
	if (!buffer->buffer)
		return;
	wl_buffer_destroy(buffer->buffer);
	munmap(buffer->canvas.pixels,
		(size_t)buffer->canvas.width * (size_t)buffer->canvas.height * 4);
	memset(buffer, 0, sizeof *buffer);
}

static bool buffer_init(struct window *window, struct window_buffer *buffer)
{
	const int width = window->scene.width, height = window->scene.height;
	const size_t size = (size_t)width * (size_t)height * 4;
	const int fd = memfd_create("testcard", MFD_CLOEXEC);
	if (fd < 0)
		return false;
	void *memory = MAP_FAILED;
	if (ftruncate(fd, (off_t)size) == 0)
		memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED) {
		close(fd);
		return false;
	}
	struct wl_shm_pool *pool = wl_shm_create_pool(window->shm, fd, (int32_t)size);
	close(fd);
	buffer->canvas = (struct canvas){ memory, width, height };
	buffer->buffer = wl_shm_pool_create_buffer(
		pool, 0, width, height, width * 4, WL_SHM_FORMAT_XRGB8888);
	wl_shm_pool_destroy(pool);
	wl_buffer_add_listener(buffer->buffer, &buffer_listener, buffer);
	return true;
}

/* A free buffer, one that shows the wanted picture already if there is such a one. */
static struct window_buffer *pick_buffer(struct window *window)
{
	struct window_buffer *picked = NULL;
	for (int i = 0; i < WINDOW_BUFFERS; i++) {
		struct window_buffer *buffer = &window->buffers[i];
		if (buffer->busy)
			continue;
		if (!picked || scene_same(&buffer->shows, &window->scene.now))
			picked = buffer;
	}
	if (picked && !picked->buffer && !buffer_init(window, picked)) {
		fprintf(stderr, "lodge-testcard: out of memory for a picture\n");
		window->closed = true;
		return NULL;
	}
	return picked;
}

static void on_frame(void *data, struct wl_callback *callback, uint32_t time)
{
	struct window *window = data;
	wl_callback_destroy(callback);
	window->frame = NULL;
}

static const struct wl_callback_listener frame_listener = { .done = on_frame };

static void send_damage(struct window *window)
{
	const struct scene *scene = &window->scene;
	struct rect rects[SCENE_DAMAGE_RECTS] = { { 0, 0, scene->width, scene->height } };
	int count = 1;
	if (scene->impl->damage && window->shown.painted)
		count = scene->impl->damage(scene, &window->shown, rects);
	for (int i = 0; i < count; i++)
		wl_surface_damage_buffer(
			window->surface, rects[i].x, rects[i].y, rects[i].width, rects[i].height);
}

static void draw(struct window *window)
{
	struct window_buffer *buffer = pick_buffer(window);
	if (!buffer)
		return;
	struct scene *scene = &window->scene;
	if (!scene_same(&buffer->shows, &scene->now))
		scene->impl->paint(scene, &buffer->canvas, &buffer->shows);
	buffer->shows = scene->now;
	buffer->busy = true;
	wl_surface_attach(window->surface, buffer->buffer, 0, 0);
	send_damage(window);
	if (scene->impl->animated && !window->frame) {
		window->frame = wl_surface_frame(window->surface);
		wl_callback_add_listener(window->frame, &frame_listener, window);
	}
	wl_surface_commit(window->surface);

	window->drawn_ms = window_time_ms();
	if (window->frames++ == 0)
		window->first_frame_ms = window->drawn_ms;
	if (!window->shown.painted && window->params.log)
		printf("{\"event\":\"shown\",\"width\":%d,\"height\":%d}\n", scene->width,
			scene->height);
	window->shown = scene->now;
}

int window_update(struct window *window)
{
	struct scene *scene = &window->scene;
	if (!window->configured)
		return -1;
	if (scene->impl->animated) {
		if (window->frame)
			return -1;
		const int64_t wait_ms =
			window->drawn_ms + scene->impl->least_interval_ms - window_time_ms();
		if (window->shown.painted && wait_ms > 0)
			return (int)wait_ms;
		scene->impl->step(scene);
	}
	if (!scene_same(&window->shown, &scene->now))
		draw(window);
	return -1;
}

static bool resize(struct window *window, int width, int height)
{
	for (int i = 0; i < WINDOW_BUFFERS; i++)
		buffer_finish(&window->buffers[i]);
	window->shown.painted = false;
	return scene_resize(&window->scene, width, height);
}

static void on_shell_configure(void *data, struct xdg_surface *surface, uint32_t serial)
{
	struct window *window = data;
	xdg_surface_ack_configure(surface, serial);
	const int width = window->asked_width > 0 ? window->asked_width : window->scene.width;
	const int height = window->asked_height > 0 ? window->asked_height : window->scene.height;
	const bool same = width == window->scene.width && height == window->scene.height;
	if ((!window->configured || !same) && !resize(window, width, height))
		window->closed = true;
	window->configured = true;
}

static const struct xdg_surface_listener shell_surface_listener = { .configure =
									    on_shell_configure };

static void on_toplevel_configure(void *data, struct xdg_toplevel *toplevel, int32_t width,
	int32_t height, struct wl_array *states)
{
	struct window *window = data;
	window->asked_width = width;
	window->asked_height = height;
}

static void on_toplevel_close(void *data, struct xdg_toplevel *toplevel)
{
	((struct window *)data)->closed = true;
}

static const struct xdg_toplevel_listener toplevel_listener = {
	.configure = on_toplevel_configure,
	.close = on_toplevel_close,
};

static void on_ping(void *data, struct xdg_wm_base *shell, uint32_t serial)
{
	xdg_wm_base_pong(shell, serial);
}

static const struct xdg_wm_base_listener shell_listener = { .ping = on_ping };

static void on_global(void *data, struct wl_registry *registry, uint32_t name,
	const char *interface, uint32_t version)
{
	struct window *window = data;
	if (strcmp(interface, wl_compositor_interface.name) == 0 && version >= 4)
		window->compositor = wl_registry_bind(registry, name, &wl_compositor_interface, 4);
	else if (strcmp(interface, wl_shm_interface.name) == 0)
		window->shm = wl_registry_bind(registry, name, &wl_shm_interface, 1);
	else if (strcmp(interface, xdg_wm_base_interface.name) == 0)
		window->shell = wl_registry_bind(registry, name, &xdg_wm_base_interface, 1);
	else if (strcmp(interface, wl_seat_interface.name) == 0)
		seat_add(window, name, version);
}

static void on_global_remove(void *data, struct wl_registry *registry, uint32_t name)
{
	seat_remove(data, name);
}

static const struct wl_registry_listener registry_listener = {
	.global = on_global,
	.global_remove = on_global_remove,
};

static void open_surface(struct window *window)
{
	window->surface = wl_compositor_create_surface(window->compositor);
	window->shell_surface = xdg_wm_base_get_xdg_surface(window->shell, window->surface);
	xdg_surface_add_listener(window->shell_surface, &shell_surface_listener, window);
	window->toplevel = xdg_surface_get_toplevel(window->shell_surface);
	xdg_toplevel_add_listener(window->toplevel, &toplevel_listener, window);
	xdg_toplevel_set_title(window->toplevel, window->scene.impl->name);
	xdg_toplevel_set_app_id(window->toplevel, window->params.app_id);
	if (window->params.fixed) {
		xdg_toplevel_set_min_size(
			window->toplevel, window->scene.width, window->scene.height);
		xdg_toplevel_set_max_size(
			window->toplevel, window->scene.width, window->scene.height);
	}
	if (window->params.fullscreen)
		xdg_toplevel_set_fullscreen(window->toplevel, NULL);
	wl_surface_commit(window->surface);
}

bool window_open(struct window *window)
{
	wl_list_init(&window->seats);
	window->display = wl_display_connect(NULL);
	if (!window->display) {
		fprintf(stderr, "lodge-testcard: no compositor at WAYLAND_DISPLAY\n");
		return false;
	}
	window->registry = wl_display_get_registry(window->display);
	wl_registry_add_listener(window->registry, &registry_listener, window);
	if (wl_display_roundtrip(window->display) < 0 || !window->compositor || !window->shm ||
		!window->shell) {
		fprintf(stderr,
			"lodge-testcard: the compositor lacks wl_compositor 4, wl_shm or "
			"xdg_wm_base\n");
		return false;
	}
	xdg_wm_base_add_listener(window->shell, &shell_listener, window);
	open_surface(window);
	return true;
}

static void close_surface(struct window *window)
{
	if (window->frame)
		wl_callback_destroy(window->frame);
	if (!window->surface)
		return;
	xdg_toplevel_destroy(window->toplevel);
	xdg_surface_destroy(window->shell_surface);
	wl_surface_destroy(window->surface);
}

void window_close(struct window *window)
{
	if (!window->display)
		return;
	close_surface(window);
	for (int i = 0; i < WINDOW_BUFFERS; i++)
		buffer_finish(&window->buffers[i]);
	scene_finish(&window->scene);
	seats_finish(window);
	if (window->shell)
		xdg_wm_base_destroy(window->shell);
	if (window->shm)
		wl_shm_destroy(window->shm);
	if (window->compositor)
		wl_compositor_destroy(window->compositor);
	wl_registry_destroy(window->registry);
	wl_display_disconnect(window->display);
}
