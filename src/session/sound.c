/*
 * What a desktop plays, encoded once for all who listen; and what its clients say into its microphone. A stream runs
 * only while somebody listens, a microphone only while somebody speaks.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "input/gamepad.h"
#include "session/session.h"

#define SOUND_BEHIND_BYTES 65536 /* unsent: sound waits for nobody, it is left out */
/* A PipeWire that died is back sooner than this; it is doubled with each failure. */
#define RETRY_MIN_US 1000000u
#define RETRY_MAX_US 10000000u
#define FAILURES_TOLD 3 /* in a row: from then on its clients are told that the sound is away */

static void send_sound(struct session *session);

static bool listens(const struct session *session)
{
	return session->listening && session->granted && session->phase == SESSION_WELCOMED;
}

static bool anyone_listens(const struct desktop *desktop)
{
	for (const struct session *one = desktop->host->sessions; one; one = one->next) {
		if (one->desktop == desktop && listens(one))
			return true;
	}
	return false;
}

/* Whoever came to a stream that runs has missed its beginning. */
static void send_packet(struct session *session, struct media_packet *packet)
{
	struct media_packet *config = session->desktop->sound_config;
	if (!session->knows_sound && config && packet != config)
		session->impl->send_packet(session->transport, config);
	session->knows_sound = true;
	session->impl->send_packet(session->transport, packet);
}

static void set_away(struct desktop *desktop, bool away)
{
	desktop->sound_is_away = away;
	for (struct session *one = desktop->host->sessions; one; one = one->next) {
		if (one->desktop == desktop && one->granted)
			send_sound(one);
	}
}

static void note_success(struct desktop *desktop)
{
	if (desktop->sound_failures >= FAILURES_TOLD)
		fprintf(stderr, "lodged: sound: it is back\n");
	desktop->sound_failures = 0;
	if (desktop->sound_is_away)
		set_away(desktop, false);
}

static void on_packet(void *data, struct media_packet *packet)
{
	struct desktop *desktop = data;
	const bool config = packet->kind == MEDIA_PACKET_AUDIO_CONFIG;
	note_success(desktop);
	if (config) {
		media_packet_unref(desktop->sound_config);
		desktop->sound_config = media_packet_ref(packet);
	}
	for (struct session *one = desktop->host->sessions; one; one = one->next) {
		if (one->desktop != desktop || !listens(one))
			continue;
		if (config || one->impl->queued_bytes(one->transport) <= SOUND_BEHIND_BYTES)
			send_packet(one, packet);
	}
}

static void stop_stream(struct desktop *desktop)
{
	audio_stream_destroy(desktop->stream);
	desktop->stream = NULL;
	media_packet_unref(desktop->sound_config);
	desktop->sound_config = NULL;
	for (struct session *one = desktop->host->sessions; one; one = one->next) {
		if (one->desktop == desktop)
			one->knows_sound = false;
	}
}

static int on_retry(sd_event_source *source, uint64_t usec, void *data)
{
	struct desktop *desktop = data;
	desktop->sound_retry = sd_event_source_disable_unref(desktop->sound_retry);
	stop_stream(desktop);
	sound_update(desktop);
	return 0;
}

/* Said as long as it may be a passing fault, and once more when it is more than that. */
static void say_failure(const struct desktop *desktop, const char *text)
{
	if (desktop->sound_failures < FAILURES_TOLD)
		fprintf(stderr, "lodged: sound: %s; it is tried again\n", text);
	else if (desktop->sound_failures == FAILURES_TOLD)
		fprintf(stderr,
			"lodged: sound: %s; clients are told that it is away, and it is "
			"tried again, in silence\n",
			text);
}

/* Destroyed outside of its own callback, and tried again while anybody listens. */
static void on_failed(void *data, const char *text)
{
	struct desktop *desktop = data;
	uint64_t pause_us = RETRY_MIN_US;
	if (desktop->sound_retry)
		return;
	for (uint32_t i = 0; i < desktop->sound_failures && pause_us < RETRY_MAX_US; i++)
		pause_us *= 2;
	if (pause_us > RETRY_MAX_US)
		pause_us = RETRY_MAX_US;
	if (desktop->sound_failures <= FAILURES_TOLD)
		desktop->sound_failures++;
	say_failure(desktop, text);
	sd_event_add_time_relative(desktop->host->event, &desktop->sound_retry, CLOCK_MONOTONIC,
		pause_us, 10000, on_retry, desktop);
	if (desktop->sound_failures >= FAILURES_TOLD && !desktop->sound_is_away)
		set_away(desktop, true);
}

static uint32_t most_channels(const struct desktop *desktop)
{
	uint32_t most = 2;
	for (const struct session *one = desktop->host->sessions; one; one = one->next) {
		if (one->desktop == desktop && listens(one) && one->listen_channels < 6)
			return 2; /* one stream for all: whoever takes stereo only decides */
		if (one->desktop == desktop && listens(one))
			most = 6;
	}
	return most;
}

/* The one who wants most decides. */
static uint32_t most_kbps(const struct desktop *desktop)
{
	const uint32_t usual = desktop->sound_channels == 6 ? 320 : 128;
	uint32_t most = 0;
	for (const struct session *one = desktop->host->sessions; one; one = one->next) {
		if (one->desktop != desktop || !listens(one))
			continue;
		if (one->listen_kbps == 0 || one->listen_kbps >= usual)
			return usual;
		most = one->listen_kbps > most ? one->listen_kbps : most;
	}
	return most;
}

void sound_update(struct desktop *desktop)
{
	static const struct audio_stream_events events = { .packet = on_packet,
		.failed = on_failed };
	const bool wanted = desktop->sound.present && anyone_listens(desktop);
	if (desktop->sound_retry)
		return;
	if (desktop->stream && (!wanted || most_channels(desktop) != desktop->sound_channels))
		stop_stream(desktop);
	if (wanted && desktop->stream)
		audio_stream_set_bitrate(desktop->stream, most_kbps(desktop));
	if (!wanted || desktop->stream)
		return;
	desktop->sound_channels = most_channels(desktop);
	const struct audio_stream_params params = {
		.sink = desktop->sound.sink,
		.channels = desktop->sound_channels,
		.bitrate_kbps = most_kbps(desktop),
	};
	desktop->stream = audio_stream_create(desktop->host->event, &params, &events, desktop);
	if (!desktop->stream)
		on_failed(desktop, strerror(errno));
}

static void send_sound(struct session *session)
{
	const struct desktop_sound *sound = &session->desktop->sound;
	const char *why_no_pads = "";
	const bool pads = gamepads_available(&why_no_pads);
	const bool speaks = sound->microphone.pipewire_socket[0] != '\0';
	/* There is one sentence: it is about the sound, or about the only thing that lacks. */
	const bool away = sound->present && session->desktop->sound_is_away;
	const char *text = !sound->present ? sound->text
		: away                     ? "the sound of this desktop is gone for now"
		: pads && !speaks          ? "this desktop has no microphone of its own"
		: speaks && !pads          ? why_no_pads
					   : "";
	if (!sound->present && !sound->text)
		return; /* nobody has thought of sound here */
	session_send(session,
		&(struct wire_message){
			.type = WIRE_SOUND,
			.sound = {
				.flags = (uint8_t)((sound->present ? WIRE_SOUND_PLAYED : 0) |
					(speaks ? WIRE_SOUND_MICROPHONE : 0) |
					(pads ? WIRE_SOUND_GAMEPADS : 0) |
					(session->desktop->own ? WIRE_SOUND_OWN : 0) |
					(away ? WIRE_SOUND_AWAY : 0)),
				.reason = { text, (uint16_t)strlen(text) },
			},
		});
}

void sound_set(struct desktop *desktop, const struct desktop_sound *sound)
{
	desktop->sound = *sound;
	desktop->sound_failures = 0;
	desktop->sound_is_away = false;
	for (struct session *one = desktop->host->sessions; one; one = one->next) {
		if (one->desktop != desktop || !one->granted)
			continue;
		sound_silence_microphone(one);
		send_sound(one);
	}
	desktop->sound_retry = sd_event_source_disable_unref(desktop->sound_retry);
	stop_stream(desktop);
	sound_update(desktop);
}

void sound_finish(struct desktop *desktop)
{
	desktop->sound_retry = sd_event_source_disable_unref(desktop->sound_retry);
	stop_stream(desktop);
}

void sound_enter(struct session *session)
{
	send_sound(session);
	sound_update(session->desktop);
}

void sound_leave(struct session *session)
{
	sound_silence_microphone(session);
	session->knows_sound = false;
	sound_update(session->desktop);
}

void sound_listen(struct session *session, const struct wire_message *message)
{
	session->listening = message->listen.flags & WIRE_LISTEN_ON;
	session->listen_channels = message->listen.channels;
	session->listen_kbps = message->listen.max_kbps;
	session->knows_sound = session->knows_sound && session->listening;
	sound_update(session->desktop);
}

void sound_silence_microphone(struct session *session)
{
	audio_microphone_destroy(session->microphone);
	session->microphone = NULL;
	session->microphone_failed = false;
}

static void on_microphone_failed(void *data, const char *text)
{
	struct session *session = data;
	fprintf(stderr, "lodged: session %u (%s): its microphone: %s\n", session->id,
		session->label, text);
	session->microphone_failed = true; /* taken down with its next word */
}

void sound_speak(struct session *session, const struct wire_message *message, uint64_t at_ns)
{
	static const struct audio_microphone_events events = { .failed = on_microphone_failed };
	const struct audio_place *source = &session->desktop->sound.microphone;
	if (message->microphone.packet.size == 0 || session->microphone_failed) {
		sound_silence_microphone(session);
		return;
	}
	if (!rights_allow(session, GRANT_MICROPHONE, at_ns) || !session->granted ||
		!source->pipewire_socket[0])
		return;
	if (!session->microphone)
		session->microphone =
			audio_microphone_create(session->host->event, source, &events, session);
	if (session->microphone)
		audio_microphone_feed(session->microphone, message->microphone.sequence,
			message->microphone.packet.bytes, message->microphone.packet.size);
}
