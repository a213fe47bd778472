#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "probe.h"

#define MS 1000000u
#define WHEEL_DETENT_256 (15 * 256) /* what a mouse's detent scrolls, as libinput counts */
#define WHEEL_DETENT_V120 120

static const struct script_step *current(const struct probe *probe)
{
	const struct script *script = &probe->options.script;
	return probe->player.step < script->count ? &script->steps[probe->player.step] : NULL;
}

static void send_press(struct probe *probe, const struct script_step *step, enum wire_type type)
{
	struct wire_message message = { .type = type };
	message.key.code = step->code; /* key and button share their layout */
	if (step->direction != SCRIPT_UP) {
		message.key.pressed = true;
		probe_send(probe, &message);
	}
	if (step->direction != SCRIPT_DOWN) {
		message.key.pressed = false;
		probe_send(probe, &message);
	}
}

static void send_position(struct probe *probe, const struct script_step *step)
{
	probe_send(probe,
		&(struct wire_message){ .type = WIRE_POINTER_ABSOLUTE,
			.absolute = { (uint16_t)step->x, (uint16_t)step->y } });
}

static void send_wheel(struct probe *probe, uint8_t axis, int32_t detents)
{
	if (detents)
		probe_send(probe,
			&(struct wire_message){ .type = WIRE_POINTER_AXIS,
				.axis = { axis, detents * WHEEL_DETENT_256,
					detents * WHEEL_DETENT_V120 } });
}

static void send_plug(struct probe *probe, const struct script_step *step)
{
	static const char name[] = "lodge-probe";
	probe_send(probe,
		&(struct wire_message){ .type = WIRE_GAMEPAD_PLUG,
			.gamepad_plug = { step->pad, step->verb == SCRIPT_PLUG, step->pad_kind,
				{ name, sizeof name - 1 } } });
}

static void send_mode(struct probe *probe, const struct script_step *step)
{
	struct display_mode mode = step->mode;
	if (mode.refresh_mhz == 0)
		mode.refresh_mhz = probe->mode.refresh_mhz;
	mode.scale_percent = probe->mode.scale_percent;
	probe_send(probe, &(struct wire_message){ .type = WIRE_SET_MODE, .mode = mode });
}

static void write_png(struct probe *probe, const struct script_step *step)
{
	if (!probe_write_png(probe->picture, step->text))
		probe_finish(probe, PROBE_EXPECTATION, "script line %u, word %u: %s: %s",
			step->line, step->word, step->text, strerror(errno));
}

/* The steps that are done as soon as they are begun. */
static void act(struct probe *probe, const struct script_step *step)
{
	switch (step->verb) {
	case SCRIPT_KEY:
		send_press(probe, step, WIRE_KEY);
		break;
	case SCRIPT_TEXT:
		probe_send(probe,
			&(struct wire_message){ .type = WIRE_TEXT,
				.text = { step->text, (uint16_t)strlen(step->text) } });
		break;
	case SCRIPT_MOVE:
		send_position(probe, step);
		break;
	case SCRIPT_MOTION:
		probe_send(probe,
			&(struct wire_message){ .type = WIRE_POINTER_RELATIVE,
				.relative = { step->x * 256, step->y * 256 } });
		break;
	case SCRIPT_CLICK:
		send_position(probe, step);
		send_press(probe, step, WIRE_POINTER_BUTTON);
		break;
	case SCRIPT_BUTTON:
		send_press(probe, step, WIRE_POINTER_BUTTON);
		break;
	case SCRIPT_WHEEL:
		send_wheel(probe, 0, step->y);
		send_wheel(probe, 1, step->x);
		break;
	case SCRIPT_PLUG:
	case SCRIPT_UNPLUG:
		send_plug(probe, step);
		break;
	case SCRIPT_PAD:
		probe_send(probe,
			&(struct wire_message){ .type = WIRE_GAMEPAD,
				.gamepad = { .pad = step->pad, .buttons = step->buttons } });
		break;
	case SCRIPT_MODE:
		send_mode(probe, step);
		break;
	case SCRIPT_RELEASE:
		probe_send(probe, &(struct wire_message){ .type = WIRE_RELEASE_ALL });
		break;
	case SCRIPT_KEYFRAME:
		probe_send(probe, &(struct wire_message){ .type = WIRE_REQUEST_KEYFRAME });
		break;
	case SCRIPT_PNG:
		write_png(probe, step);
		break;
	case SCRIPT_QUIT:
		probe_send(probe,
			&(struct wire_message){
				.type = WIRE_CLOSE_DISPLAY, .close_flags = WIRE_CLOSE_QUIT });
		probe_finish(probe, PROBE_OK, "%s", "");
		break;
	case SCRIPT_DISCONNECT:
		lodge_client_abort(probe->client);
		probe_finish(probe, PROBE_OK, "%s", "");
		break;
	default: /* the waits */
		break;
	}
}

static bool has_come_true(
	const struct probe *probe, const struct script_step *step, uint64_t now_ns)
{
	const struct lodge_picture *picture = probe->picture;
	uint8_t luma;
	switch (step->verb) {
	case SCRIPT_WAIT:
		return now_ns >= probe->player.started_ns + step->wait_ms * (uint64_t)MS;
	case SCRIPT_WAIT_FRAME:
		return probe->drawn > probe->player.drawn_before;
	case SCRIPT_WAIT_PIXEL:
		luma = lodge_picture_luma(picture, (uint32_t)step->x, (uint32_t)step->y);
		return step->above ? luma > step->luma : luma < step->luma;
	case SCRIPT_WAIT_MODE:
		return lodge_picture_width_px(picture) == step->mode.width_px &&
			lodge_picture_height_px(picture) == step->mode.height_px &&
			!lodge_picture_is_waiting(picture);
	default:
		return true;
	}
}

static void fail_step(struct probe *probe, const struct script_step *step)
{
	const struct lodge_picture *picture = probe->picture;
	char found[64] = "";
	if (step->verb == SCRIPT_WAIT_PIXEL)
		snprintf(found, sizeof found, "; its luma is %u",
			lodge_picture_luma(picture, (uint32_t)step->x, (uint32_t)step->y));
	if (step->verb == SCRIPT_WAIT_MODE)
		snprintf(found, sizeof found, "; the picture is %ux%u",
			lodge_picture_width_px(picture), lodge_picture_height_px(picture));
	probe_finish(probe, PROBE_EXPECTATION,
		"script line %u, word %u: %s did not come true in %u ms%s", step->line, step->word,
		script_verb_name(step->verb), step->wait_ms, found);
}

void probe_play(struct probe *probe, uint64_t now_ns)
{
	struct probe_player *player = &probe->player;
	const struct script_step *step;
	while (probe->phase == PROBE_RUNNING && (step = current(probe))) {
		if (!player->started) {
			player->started = true;
			player->started_ns = now_ns;
			player->drawn_before = probe->drawn;
			act(probe, step);
		}
		if (!has_come_true(probe, step, now_ns)) {
			if (step->verb != SCRIPT_WAIT &&
				now_ns >= player->started_ns + step->wait_ms * (uint64_t)MS)
				fail_step(probe, step);
			return;
		}
		player->step++;
		player->started = false;
	}
	if (probe->phase == PROBE_RUNNING)
		probe->done_playing = true;
}

uint64_t probe_play_due_ns(const struct probe *probe)
{
	const struct script_step *step = current(probe);
	if (probe->phase != PROBE_RUNNING || !step)
		return PROBE_NEVER;
	return probe->player.started ? probe->player.started_ns + step->wait_ms * (uint64_t)MS : 0;
}
