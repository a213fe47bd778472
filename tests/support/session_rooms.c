#include "support/session_rooms.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audio/audio.h"
#include "core/wire.h"
#include "input/gamepad.h"
#include "input/injector.h"
#include "session/fanout.h"
#include "support/check.h"

/* display */

struct display_lease {
	struct display_registry *registry;
	struct display_lease *next, **previous;
	struct display_request request;
	const struct display_lease_events *events;
	void *data;
	uint32_t slot;
	bool told, superseded;
};

static void free_lease(struct display_lease *lease)
{
	*lease->previous = lease->next;
	if (lease->next)
		lease->next->previous = lease->previous;
	free(lease);
}

static void tell_granted(struct display_lease *lease)
{
	struct display_info info = {
		.slot = lease->slot,
		.generation = lease->slot,
		.joined = !lease->registry->separate,
		.output = { .mode = lease->request.mode },
	};
	snprintf(info.output.name, sizeof info.output.name, "STUB-%u", lease->slot % 1000);
	lease->told = true;
	lease->events->granted(lease->data, lease, &info);
}

static int on_work(sd_event_source *source, void *data)
{
	struct display_registry *registry = data;
	struct display_lease *lease = registry->leases;
	while (lease) {
		struct display_lease *next = lease->next;
		if (lease->superseded) {
			const struct display_lease dead = *lease;
			free_lease(lease);
			dead.events->lost(dead.data, NULL, DISPLAY_LOSS_SUPERSEDED, "it came anew");
		}
		lease = next;
	}
	for (lease = registry->leases; lease; lease = lease->next) {
		if (!lease->told)
			tell_granted(lease);
	}
	return 0;
}

void session_rooms_prepare(struct display_registry *registry, sd_event *event)
{
	*registry = (struct display_registry){ .event = event };
	CHECK(sd_event_add_defer(event, &registry->work, on_work, registry) >= 0);
	sd_event_source_set_enabled(registry->work, SD_EVENT_OFF);
}

void session_rooms_finish(struct display_registry *registry)
{
	CHECK(!registry->leases);
	sd_event_source_disable_unref(registry->work);
}

struct display_lease *display_registry_acquire(struct display_registry *registry,
	const struct display_request *request, const struct display_lease_events *events,
	void *data)
{
	struct display_lease *lease = calloc(1, sizeof *lease);
	CHECK(lease);
	for (struct display_lease *one = registry->leases; one && !request->anonymous;
		one = one->next) {
		if (!one->request.anonymous &&
			memcmp(one->request.identity, request->identity,
				sizeof request->identity) == 0)
			one->superseded = true;
	}
	*lease = (struct display_lease){
		.registry = registry,
		.next = registry->leases,
		.previous = &registry->leases,
		.request = *request,
		.events = events,
		.data = data,
		.slot = registry->separate ? ++registry->last_slot % 200 + 1 : 1,
	};
	if (lease->next)
		lease->next->previous = &lease->next;
	registry->leases = lease;
	sd_event_source_set_enabled(registry->work, SD_EVENT_ONESHOT);
	return lease;
}

void display_lease_set_mode(struct display_lease *lease, const struct display_mode *mode)
{
	lease->request.mode = *mode;
	lease->told = false;
	sd_event_source_set_enabled(lease->registry->work, SD_EVENT_ONESHOT);
}

void display_lease_release(struct display_lease *lease, bool quit)
{
	free_lease(lease);
}

void display_lease_note_input(struct display_lease *lease, uint64_t now_ns)
{
}

const char *display_registry_wayland_socket(const struct display_registry *registry)
{
	return registry->gone ? NULL : "stub";
}

const char *display_registry_eis_socket(const struct display_registry *registry)
{
	return registry->gone || !registry->by_eis ? NULL : registry->no_eis ? "no-eis" : "eis";
}

void display_lease_nudge(struct display_lease *lease)
{
	lease->registry->nudges++;
}

int display_registry_prepare_seat(struct display_registry *registry, const char *seat_name,
	display_seat_done done, void *data)
{
	registry->seats_prepared++;
	return registry->one_seat ? -ENOTSUP : 0;
}

/* input */

struct input_desktop {
	uint32_t injectors;
};

static struct injector *injectors;
static uint64_t events_entered;
static uint32_t input_opened, eis_opened;

struct input_desktop *input_desktop_create(sd_event *event, const char *wayland_socket,
	const struct input_desktop_events *events, void *data)
{
	input_opened++;
	return calloc(1, sizeof(struct input_desktop));
}

struct input_desktop *input_desktop_create_eis(sd_event *event, const char *eis_socket,
	const struct input_desktop_events *events, void *data)
{
	input_opened++;
	eis_opened++;
	errno = ENOTSUP;
	return strcmp(eis_socket, "eis") == 0 ? calloc(1, sizeof(struct input_desktop)) : NULL;
}

uint32_t session_rooms_input_opened(void)
{
	return input_opened;
}

uint32_t session_rooms_eis_opened(void)
{
	return eis_opened;
}

void input_desktop_destroy(struct input_desktop *desktop)
{
	CHECK(!desktop || desktop->injectors == 0);
	free(desktop);
}

struct injector *injector_create(
	struct input_desktop *desktop, const struct injector_params *params)
{
	struct injector *injector = calloc(1, sizeof *injector);
	CHECK(injector && desktop);
	injector->desktop = desktop;
	desktop->injectors++;
	injector->next = injectors;
	injector->previous = &injectors;
	if (injectors)
		injectors->previous = &injector->next;
	injectors = injector;
	injector_retarget(injector, params);
	return injector;
}

void injector_destroy(struct injector *injector)
{
	if (!injector)
		return;
	injector->desktop->injectors--;
	*injector->previous = injector->next;
	if (injector->next)
		injector->next->previous = injector->previous;
	free(injector);
}

void injector_retarget(struct injector *injector, const struct injector_params *params)
{
	injector_release_all(injector);
	snprintf(injector->seat, sizeof injector->seat, "%s",
		params->seat_name ? params->seat_name : "");
}

bool injector_position(const struct injector *injector, uint32_t *x_px, uint32_t *y_px)
{
	*x_px = injector->x;
	*y_px = injector->y;
	return true;
}

static void note(struct injector *injector)
{
	injector->events++;
	events_entered++;
}

static void press(struct injector *injector, uint16_t code, bool pressed)
{
	note(injector);
	if (code >= sizeof injector->down || injector->down[code] == pressed)
		return;
	injector->down[code] = pressed;
	injector->held += pressed ? 1u : -1u;
}

void injector_key(struct injector *injector, uint16_t evdev_code, bool pressed)
{
	press(injector, evdev_code, pressed);
}

void injector_pointer_button(struct injector *injector, uint16_t evdev_button, bool pressed)
{
	press(injector, evdev_button, pressed);
}

void injector_pointer_absolute(struct injector *injector, uint32_t x_px, uint32_t y_px)
{
	note(injector);
	injector->x = x_px;
	injector->y = y_px;
}

void injector_pointer_relative(struct injector *injector, int32_t dx_256, int32_t dy_256)
{
	note(injector);
}

void injector_pointer_axis(
	struct injector *injector, uint8_t axis, int32_t distance_256, int32_t v120)
{
	note(injector);
}

uint32_t injector_text(struct injector *injector, const char *utf8, uint32_t bytes)
{
	note(injector);
	return 0;
}

void injector_release_all(struct injector *injector)
{
	injector->releases++;
	injector->held = 0;
	memset(injector->down, 0, sizeof injector->down);
}

uint32_t session_rooms_injectors(void)
{
	uint32_t count = 0;
	for (const struct injector *one = injectors; one; one = one->next)
		count++;
	return count;
}

uint32_t session_rooms_held(void)
{
	uint32_t held = 0;
	for (const struct injector *one = injectors; one; one = one->next)
		held += one->held;
	return held;
}

uint64_t session_rooms_events(void)
{
	return events_entered;
}

/* media */

struct fanout {
	int nothing;
};

static struct fanout_subscriber *newest_subscriber;

struct fanout *fanout_create(sd_event *event)
{
	return calloc(1, sizeof(struct fanout));
}

void fanout_destroy(struct fanout *fanout)
{
	free(fanout);
}

int fanout_subscribe(struct fanout *fanout, struct fanout_subscriber *subscriber,
	const struct display_info *display)
{
	subscriber->stream = (struct fanout_stream *)fanout;
	newest_subscriber = subscriber;
	return 0;
}

void session_rooms_still(void)
{
	CHECK(newest_subscriber && newest_subscriber->still);
	newest_subscriber->still(newest_subscriber->data);
}

void fanout_unsubscribe(struct fanout_subscriber *subscriber)
{
	subscriber->stream = NULL;
	if (newest_subscriber == subscriber)
		newest_subscriber = NULL;
}

void fanout_set_frame_rate(struct fanout_subscriber *subscriber, uint32_t rate_mhz)
{
}

void fanout_limit(struct fanout_subscriber *subscriber, uint32_t max_kbps, uint32_t max_rate_mhz)
{
}

void fanout_request_keyframe(struct fanout_subscriber *subscriber)
{
}

void fanout_acknowledge(struct fanout_subscriber *subscriber, uint32_t sequence, uint64_t now_ns)
{
}

void fanout_drained(struct fanout_subscriber *subscriber)
{
}

size_t fanout_list(const struct fanout *fanout, struct stream_state *states, size_t capacity)
{
	return 0;
}

/* credentials */

void session_rooms_key(uint32_t number, uint8_t key[CLIENT_KEY_SIZE])
{
	memset(key, 0, CLIENT_KEY_SIZE);
	key[0] = 4;
	memcpy(key + 1, &number, sizeof number);
}

void client_fingerprint(
	const uint8_t key[CLIENT_KEY_SIZE], uint8_t fingerprint[CLIENT_FINGERPRINT_SIZE])
{
	memcpy(fingerprint, key + 1, CLIENT_FINGERPRINT_SIZE);
}

bool client_verify(const uint8_t key[CLIENT_KEY_SIZE],
	const uint8_t signature[CLIENT_SIGNATURE_SIZE], const uint8_t nonce[CLIENT_NONCE_SIZE],
	const char *authority)
{
	return true;
}

/* audio: a desktop that has sound has it in name only */

struct audio_stream {
	const struct audio_stream_events *events;
	void *data;
	uint32_t channels, kbps;
};

struct audio_microphone {
	int nothing;
};

static uint32_t streams, microphones;
static uint64_t words_fed;
static struct audio_stream *newest_stream;
static struct media_packet config_packet = { .kind = MEDIA_PACKET_AUDIO_CONFIG };
static struct media_packet sound_packet = { .kind = MEDIA_PACKET_AUDIO };

struct audio_stream *audio_stream_create(sd_event *event, const struct audio_stream_params *params,
	const struct audio_stream_events *events, void *data)
{
	struct audio_stream *stream = calloc(1, sizeof *stream);
	CHECK(stream);
	stream->events = events;
	stream->data = data;
	stream->channels = params->channels;
	stream->kbps = params->bitrate_kbps;
	streams++;
	newest_stream = stream;
	return stream;
}

void audio_stream_destroy(struct audio_stream *stream)
{
	if (!stream)
		return;
	streams--;
	if (newest_stream == stream)
		newest_stream = NULL;
	free(stream);
}

void audio_stream_set_bitrate(struct audio_stream *stream, uint32_t bitrate_kbps)
{
	stream->kbps = bitrate_kbps;
}

struct audio_microphone *audio_microphone_create(sd_event *event, const struct audio_place *source,
	const struct audio_microphone_events *events, void *data)
{
	struct audio_microphone *microphone = calloc(1, sizeof *microphone);
	CHECK(microphone);
	microphones++;
	return microphone;
}

void audio_microphone_destroy(struct audio_microphone *microphone)
{
	microphones -= microphone != NULL;
	free(microphone);
}

bool audio_microphone_feed(
	struct audio_microphone *microphone, uint32_t sequence, const uint8_t *packet, size_t size)
{
	words_fed++;
	return true;
}

struct media_packet *media_packet_ref(struct media_packet *packet)
{
	packet->references++;
	return packet;
}

void media_packet_unref(struct media_packet *packet)
{
	if (packet)
		packet->references--;
}

uint32_t session_rooms_streams(void)
{
	return streams;
}

uint32_t session_rooms_microphones(void)
{
	return microphones;
}

void session_rooms_play(bool config)
{
	CHECK(newest_stream);
	newest_stream->events->packet(newest_stream->data, config ? &config_packet : &sound_packet);
}

uint64_t session_rooms_fed(void)
{
	return words_fed;
}

uint32_t session_rooms_channels(void)
{
	CHECK(newest_stream);
	return newest_stream->channels;
}

uint32_t session_rooms_kbps(void)
{
	CHECK(newest_stream);
	return newest_stream->kbps;
}

void session_rooms_fail_stream(void)
{
	CHECK(newest_stream);
	newest_stream->events->failed(newest_stream->data, "its PipeWire is gone");
}

uint32_t session_rooms_packets_held(void)
{
	return config_packet.references + sound_packet.references;
}

/* gamepads: clients are told that there are none, but who plugs one has it */

struct gamepad_port {
	bool plugged[WIRE_GAMEPADS];
};

bool gamepads_available(const char **text)
{
	*text = "there are none in a test";
	return false;
}

struct gamepad_port *gamepad_port_create(
	sd_event *event, const struct gamepad_port_events *events, void *data)
{
	return calloc(1, sizeof(struct gamepad_port));
}

void gamepad_port_destroy(struct gamepad_port *port)
{
	free(port);
}

int gamepad_port_plug(
	struct gamepad_port *port, uint8_t pad, uint8_t kind, const char *name, size_t name_size)
{
	if (pad < WIRE_GAMEPADS)
		port->plugged[pad] = true;
	return 0;
}

void gamepad_port_unplug(struct gamepad_port *port, uint8_t pad)
{
	if (pad < WIRE_GAMEPADS)
		port->plugged[pad] = false;
}

int gamepad_port_nodes(const struct gamepad_port *port, uint8_t pad, struct gamepad_nodes *nodes)
{
	*nodes = (struct gamepad_nodes){ 0 };
	if (pad >= WIRE_GAMEPADS || !port->plugged[pad])
		return -ENODEV;
	snprintf(nodes->event, sizeof nodes->event, "/dev/input/event%u", pad);
	if (pad > 0)
		snprintf(nodes->joystick, sizeof nodes->joystick, "/dev/input/js%u", pad);
	return 0;
}

void gamepad_port_set_state(
	struct gamepad_port *port, uint8_t pad, const struct gamepad_state *state)
{
}

void gamepad_port_release_all(struct gamepad_port *port)
{
}
