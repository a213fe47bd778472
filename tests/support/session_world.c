#include "support/session_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static int on_reap(sd_event_source *source, void *data)
{
	struct session_world *world = data;
	for (struct peer *peer = world->peers; peer; peer = peer->next) {
		if (peer->session && peer->closing)
			peer_drop(peer);
	}
	return 0;
}

static const struct desktop_sound a_sound = {
	.present = true,
	.sink = { "/socket", "sink" },
	.microphone = { "/socket", "microphone" },
};

static void on_choose(void *data, const uint8_t *client, bool anonymous, const char *app,
	struct chosen_desktop *choice, char *fault, size_t capacity)
{
	struct session_world *world = data;
	uint32_t number;
	memcpy(&number, client, sizeof number);
	world->choices++;
	snprintf(world->chosen_app, sizeof world->chosen_app, "%s", app ? app : "");
	if (world->no_desktop) {
		choice->registry = NULL;
		snprintf(fault, capacity, "%s", world->no_desktop);
	} else if (number < 32 && world->owners >> number & 1) {
		choice->registry = &world->own;
		choice->sound = a_sound;
		snprintf(choice->app, sizeof choice->app, "%s",
			world->own_app ? world->own_app : "");
	}
}

static void on_show_device(
	void *data, struct display_registry *registry, const char *path, bool shown)
{
	struct session_world *world = data;
	const size_t size = strlen(world->shown);
	if (registry == &world->own)
		snprintf(world->shown + size, sizeof world->shown - size, "%c%s ",
			shown ? '+' : '-', path);
}

static void on_app_flags(
	void *data, const uint8_t *client, bool anonymous, uint8_t *flags, size_t count)
{
	const struct session_world *world = data;
	memcpy(flags, world->app_flags,
		count < sizeof world->app_flags ? count : sizeof world->app_flags);
}

/* As long as may be. */
static uint8_t on_read_icon(void *data, const char *app, uint8_t **bytes, size_t *size)
{
	struct session_world *world = data;
	world->icons_read++;
	*size = WIRE_ICON_MAX;
	*bytes = calloc(1, *size);
	return WIRE_ICON_PNG;
}

static void on_launch(void *data, const char *app)
{
	struct session_world *world = data;
	world->launches++;
}

struct session_world *session_world_create(bool open, uint32_t max_sessions)
{
	struct session_world *world = calloc(1, sizeof *world);
	assert_non_null(world);
	strcpy(world->folder, "/tmp/lodge-session-XXXXXX");
	assert_non_null(mkdtemp(world->folder));
	world->event = virtual_loop_create();
	assert_int_equal(sd_event_add_defer(world->event, &world->reaper, on_reap, world), 0);
	sd_event_source_set_enabled(world->reaper, SD_EVENT_OFF);
	session_rooms_prepare(&world->registry, world->event);
	session_rooms_prepare(&world->own, world->event);
	world->own.separate = true;
	world->clients = client_store_open(world->folder);
	assert_non_null(world->clients);
	world->host = session_host_create(&(struct session_host_params){
		.event = world->event,
		.registry = &world->registry,
		.choose = on_choose,
		.choose_data = world,
		.show_device = on_show_device,
		.launch = on_launch,
		.app_flags = on_app_flags,
		.read_icon = on_read_icon,
		.clients = world->clients,
		.open = open,
		.name = "host",
		.max_sessions = max_sessions,
	});
	assert_non_null(world->host);
	return world;
}

void session_world_destroy(struct session_world *world)
{
	char path[sizeof world->folder + 16];
	for (struct peer *peer = world->peers; peer; peer = peer->next) {
		if (peer->session)
			peer_drop(peer);
	}
	session_host_destroy(world->host);
	assert_int_equal(session_rooms_injectors(), 0);
	assert_int_equal(session_rooms_streams(), 0);
	assert_int_equal(session_rooms_microphones(), 0);
	assert_int_equal(session_rooms_packets_held(), 0);
	session_rooms_finish(&world->registry);
	session_rooms_finish(&world->own);
	client_store_close(world->clients);
	sd_event_source_disable_unref(world->reaper);
	sd_event_unref(world->event);
	while (world->peers) {
		struct peer *peer = world->peers;
		world->peers = peer->next;
		free(peer->people);
		free(peer);
	}
	snprintf(path, sizeof path, "%s/clients.json", world->folder);
	unlink(path);
	assert_int_equal(rmdir(world->folder), 0);
	free(world);
}

int session_world_set_up_open(void **state)
{
	*state = session_world_create(true, 0);
	return 0;
}

int session_world_set_up(void **state)
{
	struct session_world *world = session_world_create(false, 0);
	static const char *const labels[] = { "ada", "bo", "cy", "dan" };
	for (uint32_t i = 0; i < sizeof labels / sizeof *labels; i++)
		world_pair(world, i + 1, labels[i]);
	*state = world;
	return 0;
}

int session_world_tear_down(void **state)
{
	session_world_destroy(*state);
	return 0;
}

void world_presence(struct session_world *world, bool enabled)
{
	world->rules.presence = enabled;
	session_host_set_rules(world->host, &world->rules);
	world_settle(world);
}

void world_control(struct session_world *world, enum control_mode mode)
{
	world->rules.control = mode;
	session_host_set_rules(world->host, &world->rules);
	world_settle(world);
}

void world_pass(struct session_world *world, uint64_t span_ns)
{
	virtual_loop_pass(world->event, span_ns);
}

/* Longer than anything is held back so that many changes are told as one; shorter than any deadline. */
void world_settle(struct session_world *world)
{
	virtual_loop_pass(world->event, 100 * MOMENT_MS);
}

static int grant(struct session_world *world, const struct peer *peer, struct grants_wish wish)
{
	uint8_t key[CLIENT_KEY_SIZE], fingerprint[CLIENT_FINGERPRINT_SIZE];
	session_rooms_key(peer->number, key);
	client_fingerprint(key, fingerprint);
	return session_host_set_grants(world->host, fingerprint, &wish);
}

int world_grant(struct session_world *world, const struct peer *peer, uint32_t planes)
{
	return grant(world, peer, (struct grants_wish){ .planes = planes });
}

int world_grant_for(
	struct session_world *world, const struct peer *peer, uint32_t planes, uint32_t seconds)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	return grant(world, peer,
		(struct grants_wish){
			.planes = planes, .temporary = true, .until_s = now.tv_sec + seconds });
}

int world_grant_until_leave(struct session_world *world, const struct peer *peer, uint32_t planes)
{
	return grant(world, peer,
		(struct grants_wish){ .planes = planes, .temporary = true, .until_leave = true });
}

void world_pair(struct session_world *world, uint32_t number, const char *label)
{
	uint8_t key[CLIENT_KEY_SIZE];
	session_rooms_key(number, key);
	assert_int_equal(client_store_add(world->clients, key, label), 0);
}

void world_sound(struct session_world *world, struct display_registry *registry, const char *reason)
{
	const struct desktop_sound none = { .text = reason };
	session_host_sound_changed(world->host, registry, reason ? &none : &a_sound);
}

void world_app_ends(struct session_world *world, const char *text)
{
	session_host_app_ended(world->host, &world->own, text);
}

void world_own_ends(struct session_world *world)
{
	session_host_desktop_ends(world->host, &world->own);
}

uint32_t world_holder(const struct session_world *world)
{
	struct control_view view;
	session_host_control(world->host, &view);
	return view.holder;
}
