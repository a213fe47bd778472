#include <endian.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/session_world.h"

static void copy_string(char *to, size_t capacity, struct wire_string from)
{
	snprintf(to, capacity, "%.*s", (int)from.size, from.bytes);
}

static struct peer_person *find_person(const struct peer *peer, uint32_t person)
{
	for (size_t i = 0; i < peer->people_count; i++) {
		if (peer->people[i].person == person)
			return &peer->people[i];
	}
	return NULL;
}

static void hear_person(struct peer *peer, const struct wire_message *message)
{
	struct peer_person told = {
		.person = message->person.person,
		.session = message->person.session,
		.sessions = message->person.sessions,
		.flags = message->person.flags,
		.state = message->person.state,
	};
	struct peer_person *known = find_person(peer, told.person);
	copy_string(told.name, sizeof told.name, message->person.name);
	if (message->person.change == WIRE_PERSON_FORGET) {
		peer->people_count = 0;
	} else if (message->person.change == WIRE_PERSON_GONE) {
		assert_non_null(known);
		*known = peer->people[--peer->people_count];
	} else if (known) {
		peer->repeated = peer->repeated || memcmp(known, &told, sizeof told) == 0;
		*known = told;
	} else {
		peer->people =
			realloc(peer->people, (peer->people_count + 1) * sizeof *peer->people);
		assert_non_null(peer->people);
		peer->people[peer->people_count++] = told;
	}
}

static void hear_control(struct peer *peer, const struct wire_message *message)
{
	peer->mode = message->control_state.mode;
	peer->holder = message->control_state.holder;
	peer->asking = message->control_state.asking;
	peer->place = message->control_state.place;
	peer->waiting = message->control_state.waiting;
	peer->left_ms = message->control_state.left_ms;
	copy_string(
		peer->holder_name, sizeof peer->holder_name, message->control_state.holder_name);
	assert_int_equal(message->control_state.line.size, 4 * peer->waiting);
	assert_in_range(peer->waiting, 0, 64);
	memset(peer->line, 0, sizeof peer->line);
	for (size_t i = 0; i < peer->waiting && i < sizeof peer->line / sizeof *peer->line; i++) {
		memcpy(&peer->line[i], message->control_state.line.bytes + 4 * i, 4);
		peer->line[i] = le32toh(peer->line[i]);
	}
}

static void hear_apps(struct peer *peer, const struct wire_message *message)
{
	struct wire_app app;
	size_t offset = 0;
	peer->apps = message->apps.count;
	for (size_t i = 0; wire_app_next(&message->apps, &offset, &app); i++)
		peer->app_flags[i & 7] = app.flags;
}

static void hear(struct peer *peer, const struct wire_message *message)
{
	switch (message->type) {
	case WIRE_WELCOME:
		peer->id = message->welcome.session;
		peer->grants = message->welcome.grants;
		copy_string(peer->label, sizeof peer->label, message->welcome.label);
		break;
	case WIRE_REFUSED:
		peer->refusal = message->notice.code;
		break;
	case WIRE_ENDED:
		peer->ending = message->notice.code;
		break;
	case WIRE_NOTICE:
		peer->notice = message->notice.code;
		copy_string(peer->notice_text, sizeof peer->notice_text, message->notice.text);
		break;
	case WIRE_GRANTS:
		peer->grants = message->grants.grants;
		peer->grants_seconds = message->grants.seconds;
		break;
	case WIRE_PERSON:
		if (!peer->forgets_people)
			hear_person(peer, message);
		break;
	case WIRE_CONTROL_STATE:
		hear_control(peer, message);
		break;
	case WIRE_POINTER:
		peer->pointer_person = message->pointer.person;
		peer->pointer_x = message->pointer.x;
		peer->pointers[message->pointer.person & 255]++;
		break;
	case WIRE_SOUND:
		peer->sound = message->sound.flags;
		copy_string(peer->sound_reason, sizeof peer->sound_reason, message->sound.reason);
		break;
	case WIRE_DISPLAY_DECLINED:
		peer->declined = message->declined.code;
		copy_string(
			peer->declined_text, sizeof peer->declined_text, message->declined.text);
		break;
	case WIRE_DISPLAY_OPENED:
		peer->opened = message->opened.mode;
		peer->opened_flags = message->opened.flags;
		break;
	case WIRE_APPS:
		hear_apps(peer, message);
		break;
	case WIRE_APP:
		peer->app_flags[(message->app.id.bytes[0] - 'a') & 7] = message->app.flags;
		break;
	case WIRE_ICON:
		peer->icon_format = message->icon.format;
		peer->icon_size = message->icon.bytes.size;
		break;
	default:
		break;
	}
}

static void on_send(void *transport, const uint8_t *bytes, size_t size)
{
	struct peer *peer = transport;
	struct wire_message message;
	assert_false(peer->closing);
	assert_null(wire_decode(bytes, size, &message));
	assert_false(wire_type_is_client(message.type));
	peer->bytes += size;
	peer->messages++;
	peer->heard[message.type & 255]++;
	hear(peer, &message);
}

static void on_send_packet(void *transport, struct media_packet *packet)
{
	struct peer *peer = transport;
	peer->sound_configs += packet->kind == MEDIA_PACKET_AUDIO_CONFIG;
	peer->sounds += packet->kind == MEDIA_PACKET_AUDIO;
	if (packet->kind == MEDIA_PACKET_AUDIO && peer->sound_configs == 0)
		peer->sound_unannounced = true;
}

static size_t queued_bytes(void *transport)
{
	const struct peer *peer = transport;
	return peer->queued;
}

static void on_close(void *transport)
{
	struct peer *peer = transport;
	peer->closing = true;
	sd_event_source_set_enabled(peer->world->reaper, SD_EVENT_ONESHOT);
}

static const struct session_transport_impl impl = {
	.name = "test",
	.send = on_send,
	.send_packet = on_send_packet,
	.queued_bytes = queued_bytes,
	.close = on_close,
};

struct peer *peer_connect(struct session_world *world, uint32_t number)
{
	struct peer *peer = calloc(1, sizeof *peer);
	assert_non_null(peer);
	peer->world = world;
	peer->number = number;
	peer->next = world->peers;
	world->peers = peer;
	peer->session = session_attach(world->host,
		&(struct session_attach_params){ .impl = &impl,
			.transport = peer,
			.peer = "127.0.0.1",
			.authority = "host" });
	return peer;
}

void peer_attach(struct peer *peer, const char *label, const char *pin)
{
	static const uint8_t signature[CLIENT_SIGNATURE_SIZE];
	uint8_t key[CLIENT_KEY_SIZE];
	session_rooms_key(peer->number, key);
	peer_say(peer,
		&(struct wire_message){
			.type = pin ? WIRE_PAIR : WIRE_AUTHENTICATE,
			.attach = {
				.version = WIRE_VERSION,
				.key = key,
				.signature = signature,
				.pin = { pin, (uint16_t)(pin ? strlen(pin) : 0) },
				.label = { label, (uint16_t)strlen(label) },
			},
		});
}

struct peer *peer_join(struct session_world *world, uint32_t number, const char *label)
{
	struct peer *peer = peer_connect(world, number);
	assert_non_null(peer->session);
	peer_attach(peer, label, NULL);
	assert_int_not_equal(peer->id, 0);
	peer_open(peer);
	world_settle(world);
	return peer;
}

void peer_open(struct peer *peer)
{
	peer_say(peer,
		&(struct wire_message){
			.type = WIRE_OPEN_DISPLAY, .mode = { 1280, 720, 60000, 100 } });
}

void peer_say(struct peer *peer, const struct wire_message *message)
{
	uint8_t bytes[1024];
	const size_t size = wire_encode(message, bytes, sizeof bytes);
	assert_int_not_equal(size, 0);
	if (peer->session)
		session_receive(peer->session, bytes, size);
}

void peer_control(struct peer *peer, enum wire_control action, uint32_t session)
{
	peer_say(peer,
		&(struct wire_message){
			.type = WIRE_CONTROL, .control = { (uint8_t)action, session } });
}

void peer_key(struct peer *peer, uint16_t code, bool pressed)
{
	peer_say(peer, &(struct wire_message){ .type = WIRE_KEY, .key = { code, pressed } });
}

void peer_button(struct peer *peer, bool pressed)
{
	peer_say(peer,
		&(struct wire_message){
			.type = WIRE_POINTER_BUTTON, .button = { 0x110, pressed } });
}

void peer_point(struct peer *peer, uint16_t x, uint16_t y)
{
	peer_say(peer,
		&(struct wire_message){ .type = WIRE_POINTER_ABSOLUTE, .absolute = { x, y } });
}

void peer_open_app(struct peer *peer, const char *app)
{
	peer_say(peer,
		&(struct wire_message){
			.type = WIRE_OPEN_APP,
			.open_app = { { 1280, 720, 60000, 100 }, { app, (uint16_t)strlen(app) } },
		});
}

void peer_close(struct peer *peer)
{
	peer_say(peer, &(struct wire_message){ .type = WIRE_CLOSE_DISPLAY });
}

void peer_listen(struct peer *peer, bool on, uint8_t channels, uint32_t max_kbps)
{
	peer_say(peer,
		&(struct wire_message){
			.type = WIRE_LISTEN,
			.listen = { on ? WIRE_LISTEN_ON : 0, channels, max_kbps },
		});
}

void peer_speak(struct peer *peer, uint32_t sequence, size_t bytes)
{
	static const uint8_t packet[WIRE_MICROPHONE_PACKET_MAX];
	peer_say(peer,
		&(struct wire_message){
			.type = WIRE_MICROPHONE,
			.microphone = { sequence, { packet, (uint16_t)bytes } },
		});
}

void peer_drop(struct peer *peer)
{
	struct session *session = peer->session;
	peer->session = NULL;
	session_detach(session);
}

const struct peer_person *peer_knows(const struct peer *peer, const char *name)
{
	for (size_t i = 0; i < peer->people_count; i++) {
		if (strcmp(peer->people[i].name, name) == 0)
			return &peer->people[i];
	}
	return NULL;
}

uint64_t peer_entered(const struct peer *peer)
{
	return peer->session && peer->session->injector ? peer->session->injector->events : 0;
}
