#include "sound.h"

#include <errno.h>
#include <math.h>
#include <opus/opus.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "lodge_sound.h"
#include "probe.h"
#include "samples.h"
#include "wav_file.h"

#define WORD_NS 20000000u /* of the microphone's packets */
#define WORD_FRAMES (LODGE_SOUND_RATE_HZ / 50)

struct probe_sound {
	struct probe_sound_params params;
	struct lodge_sound *decoder;
	struct wav_writer wav;
	uint32_t channels;
	uint64_t packets, bytes, lost, broken, frames, silent_frames;
	int peak;
	double energy; /* the sum of the samples' squares */
	struct samples capture_to_decoded_ms; /* of each packet's first sample */

	OpusEncoder *encoder;
	int16_t *words;
	size_t word_frames, said_frames;
	uint32_t said_packets;
	uint64_t say_due_ns;
	bool said_all;

	json_t *offer, *apps; /* what SOUND and APPS said; NULL: nothing */
};

static bool prepare_microphone(struct probe_sound *sound, char *fault, size_t fault_capacity)
{
	int error = OPUS_OK;
	sound->words = wav_read_mono(sound->params.microphone, LODGE_SOUND_RATE_HZ,
		&sound->word_frames, fault, fault_capacity);
	if (!sound->words)
		return false;
	sound->encoder = opus_encoder_create(LODGE_SOUND_RATE_HZ, 1, OPUS_APPLICATION_VOIP, &error);
	if (!sound->encoder)
		snprintf(fault, fault_capacity, "the microphone: %s", opus_strerror(error));
	return sound->encoder;
}

struct probe_sound *probe_sound_create(
	const struct probe_sound_params *params, char *fault, size_t fault_capacity)
{
	struct probe_sound *sound = calloc(1, sizeof *sound);
	snprintf(fault, fault_capacity, "out of memory");
	if (!sound)
		return NULL;
	sound->params = *params;
	sound->decoder = lodge_sound_create();
	if (sound->decoder &&
		(!params->microphone || prepare_microphone(sound, fault, fault_capacity)))
		return sound;
	probe_sound_destroy(sound);
	return NULL;
}

void probe_sound_destroy(struct probe_sound *sound)
{
	if (!sound)
		return;
	wav_close(&sound->wav);
	samples_finish(&sound->capture_to_decoded_ms);
	lodge_sound_destroy(sound->decoder);
	if (sound->encoder)
		opus_encoder_destroy(sound->encoder);
	free(sound->words);
	json_decref(sound->offer);
	json_decref(sound->apps);
	free(sound);
}

void probe_sound_begin(struct probe *probe)
{
	const uint32_t channels = probe->sound->params.channels;
	if (channels)
		probe_send(probe,
			&(struct wire_message){ .type = WIRE_LISTEN,
				.listen = { WIRE_LISTEN_ON, (uint8_t)channels, 0 } });
}

static void configure(struct probe *probe, const struct wire_message *message)
{
	struct probe_sound *sound = probe->sound;
	const char *fault = lodge_sound_configure(sound->decoder, message);
	if (fault) {
		probe_finish(probe, PROBE_CONNECT, "%s", fault);
		return;
	}
	sound->channels = lodge_sound_channels(sound->decoder);
	if (!sound->params.wav)
		return;
	/* Another number of channels is another file: the last one is what remains. */
	wav_close(&sound->wav);
	if (!wav_open(&sound->wav, sound->params.wav, LODGE_SOUND_RATE_HZ, sound->channels))
		probe_finish(
			probe, PROBE_EXPECTATION, "%s: %s", sound->params.wav, strerror(errno));
}

static void measure(struct probe_sound *sound, const struct lodge_sound_piece *piece)
{
	for (size_t i = 0; i < piece->frames * sound->channels; i++) {
		const int sample = abs(piece->samples[i]);
		sound->peak = sample > sound->peak ? sample : sound->peak;
		sound->energy += (double)sample * sample;
	}
	sound->frames += piece->frames;
	sound->silent_frames += piece->silent_frames;
	sound->lost += piece->lost_packets;
}

static void hear(struct probe *probe, const struct wire_message *message)
{
	struct probe_sound *sound = probe->sound;
	struct lodge_sound_piece piece;
	sound->packets++;
	sound->bytes += message->audio.packet.size;
	if (lodge_sound_decode(sound->decoder, message, &piece)) {
		sound->broken++;
		return;
	}
	measure(sound, &piece);
	if (probe->measuring)
		samples_add(&sound->capture_to_decoded_ms,
			(double)((int64_t)(measure_now_ns() - message->audio.capture_ns) +
				probe->clock_offset_ns) /
				1e6);
	if (!sound->wav.file)
		return;
	wav_write_silence(&sound->wav, piece.silent_frames);
	wav_write(&sound->wav, piece.samples, piece.frames);
}

static json_t *list_of(const struct wire_apps *apps)
{
	json_t *list = json_array();
	struct wire_app app;
	for (size_t offset = 0; wire_app_next(apps, &offset, &app);)
		json_array_append_new(list,
			json_pack("{s:s%, s:s%, s:b, s:b, s:b}", "id", app.id.bytes,
				(size_t)app.id.size, "name", app.name.bytes, (size_t)app.name.size,
				"isolated", app.flags & WIRE_APP_ISOLATED, "icon",
				app.flags & WIRE_APP_ICON, "runs", app.flags & WIRE_APP_RUNS));
	return list;
}

static void change(json_t *list, const struct wire_message *message)
{
	const uint8_t flags = message->app.flags;
	const struct wire_string id = message->app.id;
	size_t index;
	json_t *app;
	json_array_foreach(list, index, app)
	{
		const json_t *its = json_object_get(app, "id");
		if (json_string_length(its) != id.size ||
			memcmp(json_string_value(its), id.bytes, id.size) != 0)
			continue;
		json_object_set_new(app, "isolated", json_boolean(flags & WIRE_APP_ISOLATED));
		json_object_set_new(app, "icon", json_boolean(flags & WIRE_APP_ICON));
		json_object_set_new(app, "runs", json_boolean(flags & WIRE_APP_RUNS));
	}
}

void probe_sound_message(struct probe *probe, const struct wire_message *message)
{
	struct probe_sound *sound = probe->sound;
	switch (message->type) {
	case WIRE_AUDIO_CONFIG:
		configure(probe, message);
		break;
	case WIRE_AUDIO:
		hear(probe, message);
		break;
	case WIRE_SOUND:
		json_decref(sound->offer);
		sound->offer = json_pack("{s:b, s:b, s:b, s:b, s:b, s:s%}", "played",
			message->sound.flags & WIRE_SOUND_PLAYED, "microphone",
			message->sound.flags & WIRE_SOUND_MICROPHONE, "gamepads",
			message->sound.flags & WIRE_SOUND_GAMEPADS, "own",
			message->sound.flags & WIRE_SOUND_OWN, "away",
			message->sound.flags & WIRE_SOUND_AWAY, "reason",
			message->sound.reason.bytes, (size_t)message->sound.reason.size);
		break;
	case WIRE_APP:
		change(sound->apps, message);
		break;
	default: /* APPS */
		json_decref(sound->apps);
		sound->apps = list_of(&message->apps);
	}
}

/* The next 20 ms; the last ones are filled up with silence. */
static void say(struct probe *probe)
{
	struct probe_sound *sound = probe->sound;
	const size_t left = sound->word_frames - sound->said_frames;
	const size_t frames = left < WORD_FRAMES ? left : WORD_FRAMES;
	int16_t words[WORD_FRAMES] = { 0 };
	uint8_t packet[WIRE_MICROPHONE_PACKET_MAX];
	memcpy(words, sound->words + sound->said_frames, frames * sizeof *words);
	const opus_int32 size =
		opus_encode(sound->encoder, words, WORD_FRAMES, packet, sizeof packet);
	sound->said_frames += frames;
	if (size > 0)
		probe_send(probe,
			&(struct wire_message){ .type = WIRE_MICROPHONE,
				.microphone = {
					sound->said_packets, { packet, (uint16_t)size } } });
	sound->said_packets++;
}

void probe_sound_tick(struct probe *probe, uint64_t now_ns)
{
	struct probe_sound *sound = probe->sound;
	if (probe->phase != PROBE_RUNNING || !sound->words || sound->said_all)
		return;
	if (!sound->say_due_ns)
		sound->say_due_ns = now_ns;
	for (; now_ns >= sound->say_due_ns && sound->said_frames < sound->word_frames;
		sound->say_due_ns += WORD_NS)
		say(probe);
	if (sound->said_frames < sound->word_frames || now_ns < sound->say_due_ns)
		return;
	sound->said_all = true;
	probe_send(probe,
		&(struct wire_message){
			.type = WIRE_MICROPHONE, .microphone = { sound->said_packets, { 0 } } });
}

uint64_t probe_sound_due_ns(const struct probe *probe)
{
	const struct probe_sound *sound = probe->sound;
	return probe->phase == PROBE_RUNNING && sound->words && !sound->said_all ? sound->say_due_ns
										 : PROBE_NEVER;
}

bool probe_sound_end(struct probe_sound *sound)
{
	return wav_close(&sound->wav);
}

static double decibels(double amplitude)
{
	return amplitude > 0 ? 20 * log10(amplitude / 32768) : -120;
}

json_t *probe_sound_report(struct probe_sound *sound)
{
	const double samples = (double)sound->frames * sound->channels;
	const double root_mean_square = samples > 0 ? sqrt(sound->energy / samples) : 0;
	return json_pack("{s:i, s:I, s:I, s:I, s:I, s:f, s:f, s:f, s:f, s:o, s:I, s:O?, s:O?}",
		"channels", (int)sound->channels, "packets", (json_int_t)sound->packets, "bytes",
		(json_int_t)sound->bytes, "lost", (json_int_t)sound->lost, "broken",
		(json_int_t)sound->broken, "seconds", (double)sound->frames / LODGE_SOUND_RATE_HZ,
		"silent_seconds", (double)sound->silent_frames / LODGE_SOUND_RATE_HZ, "peak_db",
		decibels(sound->peak), "level_db", decibels(root_mean_square),
		"capture_to_decoded_ms", probe_percentiles(&sound->capture_to_decoded_ms), "said",
		(json_int_t)sound->said_packets, "offer", sound->offer, "apps", sound->apps);
}
