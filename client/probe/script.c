#include "script.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/wire.h"

#define WORD_MAX (WIRE_TEXT_MAX + 8)
#define ARGUMENTS_MAX 5 /* one more than any verb takes */
#define BUTTON_LEFT 0x110
#define BUTTON_RIGHT 0x111
#define BUTTON_MIDDLE 0x112

static const char *const verb_names[] = {
	[SCRIPT_KEY] = "key",
	[SCRIPT_TEXT] = "text",
	[SCRIPT_MOVE] = "move",
	[SCRIPT_MOTION] = "motion",
	[SCRIPT_CLICK] = "click",
	[SCRIPT_BUTTON] = "button",
	[SCRIPT_WHEEL] = "wheel",
	[SCRIPT_PLUG] = "plug",
	[SCRIPT_UNPLUG] = "unplug",
	[SCRIPT_PAD] = "pad",
	[SCRIPT_MODE] = "mode",
	[SCRIPT_RELEASE] = "release",
	[SCRIPT_KEYFRAME] = "keyframe",
	[SCRIPT_WAIT] = "wait",
	[SCRIPT_WAIT_FRAME] = "wait-frame",
	[SCRIPT_WAIT_PIXEL] = "wait-pixel",
	[SCRIPT_WAIT_MODE] = "wait-mode",
	[SCRIPT_PNG] = "png",
	[SCRIPT_QUIT] = "quit",
	[SCRIPT_DISCONNECT] = "disconnect",
};
#define VERBS (sizeof verb_names / sizeof *verb_names)

struct reader {
	const char *at;
	uint32_t line, word;
	char text[WORD_MAX]; /* the word, quotes resolved */
	char *arguments; /* behind the colon; NULL without one */
	char *argument[ARGUMENTS_MAX];
	size_t argument_count;
};

const char *script_verb_name(enum script_verb verb)
{
	return verb_names[verb];
}

static bool take_number(const char *text, long least, long most, long *number)
{
	char *end;
	*number = 0;
	if (text[0] == '\0' || text[0] == ' ')
		return false;
	*number = strtol(text, &end, 10);
	return *end == '\0' && *number >= least && *number <= most;
}

static bool take_position(const char *text, int32_t *position)
{
	long number = 0;
	const bool good = take_number(text, 0, UINT16_MAX, &number);
	*position = (int32_t)number;
	return good;
}

static bool take_distance(const char *text, int32_t *distance)
{
	long number = 0;
	const bool good = take_number(text, -16384, 16384, &number);
	*distance = (int32_t)number;
	return good;
}

static bool take_ms(const char *text, uint32_t *wait_ms)
{
	long number = 0;
	const bool good = take_number(text, 0, SCRIPT_WAIT_MAX_MS, &number);
	*wait_ms = (uint32_t)number;
	return good;
}

static bool take_direction(const char *text, enum script_direction *direction)
{
	*direction = strcmp(text, "down") == 0 ? SCRIPT_DOWN : SCRIPT_UP;
	return *direction == SCRIPT_DOWN || strcmp(text, "up") == 0;
}

static bool take_button(const char *text, uint16_t *code)
{
	if (strcmp(text, "left") == 0)
		*code = BUTTON_LEFT;
	else if (strcmp(text, "right") == 0)
		*code = BUTTON_RIGHT;
	else if (strcmp(text, "middle") == 0)
		*code = BUTTON_MIDDLE;
	else
		return false;
	return true;
}

/* The sentence that is wrong with the arguments, or NULL. */
static const char *take_key(const struct reader *reader, struct script_step *step)
{
	long code;
	if (reader->argument_count < 1 || reader->argument_count > 2 ||
		!take_number(reader->argument[0], 0, UINT16_MAX, &code))
		return "key:CODE[,down|up] expected, CODE an evdev number";
	step->code = (uint16_t)code;
	if (reader->argument_count == 2 && !take_direction(reader->argument[1], &step->direction))
		return "down or up expected";
	return NULL;
}

static const char *take_point(const struct reader *reader, struct script_step *step)
{
	if (reader->argument_count < 2 || !take_position(reader->argument[0], &step->x) ||
		!take_position(reader->argument[1], &step->y))
		return "X,Y in pixels expected";
	return NULL;
}

static const char *take_click(const struct reader *reader, struct script_step *step)
{
	step->code = BUTTON_LEFT;
	if (reader->argument_count > 3 ||
		(reader->argument_count == 3 && !take_button(reader->argument[2], &step->code)))
		return "click:X,Y[,left|right|middle] expected";
	return take_point(reader, step);
}

static const char *take_button_step(const struct reader *reader, struct script_step *step)
{
	if (reader->argument_count != 2 || !take_button(reader->argument[0], &step->code) ||
		!take_direction(reader->argument[1], &step->direction))
		return "button:left|right|middle,down|up expected";
	return NULL;
}

static const char *take_motion(const struct reader *reader, struct script_step *step)
{
	if (reader->argument_count != 2 || !take_distance(reader->argument[0], &step->x) ||
		!take_distance(reader->argument[1], &step->y))
		return "motion:DX,DY in pixels expected";
	return NULL;
}

static const char *take_wheel(const struct reader *reader, struct script_step *step)
{
	if (reader->argument_count < 1 || reader->argument_count > 2 ||
		!take_distance(reader->argument[0], &step->y) ||
		(reader->argument_count == 2 && !take_distance(reader->argument[1], &step->x)))
		return "wheel:DETENTS[,DETENTS] expected";
	return NULL;
}

static bool take_pad(const struct reader *reader, struct script_step *step)
{
	long pad;
	if (reader->argument_count == 0 ||
		!take_number(reader->argument[0], 0, WIRE_GAMEPADS - 1, &pad))
		return false;
	step->pad = (uint8_t)pad;
	return true;
}

static const char *take_plug(const struct reader *reader, struct script_step *step)
{
	static const char *const kinds[] = {
		[WIRE_GAMEPAD_XBOX] = "xbox",
		[WIRE_GAMEPAD_PLAYSTATION] = "playstation",
		[WIRE_GAMEPAD_SWITCH] = "switch",
	};
	const char *const wrong = "plug:PAD[,xbox|playstation|switch] expected, PAD 0 to 3";
	if (!take_pad(reader, step) || reader->argument_count > 2)
		return wrong;
	step->pad_kind = WIRE_GAMEPAD_XBOX;
	if (reader->argument_count == 1)
		return NULL;
	for (uint8_t kind = 0; kind < sizeof kinds / sizeof *kinds; kind++) {
		if (kinds[kind] && strcmp(kinds[kind], reader->argument[1]) == 0) {
			step->pad_kind = kind;
			return NULL;
		}
	}
	return wrong;
}

static const char *take_unplug(const struct reader *reader, struct script_step *step)
{
	return take_pad(reader, step) && reader->argument_count == 1
		? NULL
		: "unplug:PAD expected, PAD 0 to 3";
}

static const char *take_buttons(const struct reader *reader, struct script_step *step)
{
	long buttons;
	if (!take_pad(reader, step) || reader->argument_count != 2 ||
		!take_number(reader->argument[1], 0, (1L << WIRE_GAMEPAD_BUTTONS) - 1, &buttons))
		return "pad:PAD,BUTTONS expected, PAD 0 to 3, BUTTONS 0 to 131071";
	step->buttons = (uint32_t)buttons;
	return NULL;
}

static const char *take_mode(const struct reader *reader, struct script_step *step)
{
	if (reader->argument_count < 1 || !display_mode_parse(reader->argument[0], &step->mode))
		return "WIDTHxHEIGHT[@HZ] expected";
	if (step->verb == SCRIPT_MODE)
		return reader->argument_count == 1 ? NULL : "one mode expected";
	if (reader->argument_count > 2 ||
		(reader->argument_count == 2 && !take_ms(reader->argument[1], &step->wait_ms)))
		return "wait-mode:WxH[,MS] expected";
	return NULL;
}

static const char *take_pixel(const struct reader *reader, struct script_step *step)
{
	long luma;
	if (reader->argument_count < 3 || reader->argument_count > 4 || take_point(reader, step))
		return "wait-pixel:X,Y,>LUMA[,MS] expected";
	const char *relation = reader->argument[2];
	if ((*relation != '>' && *relation != '<') || !take_number(relation + 1, 0, 255, &luma))
		return ">LUMA or <LUMA expected, 0 to 255";
	step->above = *relation == '>';
	step->luma = (uint8_t)luma;
	if (reader->argument_count == 4 && !take_ms(reader->argument[3], &step->wait_ms))
		return "milliseconds expected";
	return NULL;
}

static const char *take_wait(const struct reader *reader, struct script_step *step)
{
	const bool optional = step->verb == SCRIPT_WAIT_FRAME;
	if (reader->argument_count == 0 && optional)
		return NULL;
	if (reader->argument_count != 1 || !take_ms(reader->argument[0], &step->wait_ms))
		return "milliseconds expected";
	return NULL;
}

static const char *take_text(const struct reader *reader, struct script_step *step)
{
	if (!reader->arguments || reader->arguments[0] == '\0')
		return "text expected behind the colon";
	const size_t size = strlen(reader->arguments);
	if (step->verb == SCRIPT_TEXT &&
		(size > WIRE_TEXT_MAX || !wire_utf8_valid(reader->arguments, size)))
		return "at most 4096 bytes of UTF-8 expected";
	step->text = strdup(reader->arguments);
	return step->text ? NULL : "out of memory";
}

static void split_arguments(struct reader *reader)
{
	reader->argument_count = 0;
	if (!reader->arguments || reader->arguments[0] == '\0')
		return;
	for (char *at = reader->arguments; at && reader->argument_count < ARGUMENTS_MAX;) {
		reader->argument[reader->argument_count++] = at;
		at = strchr(at, ',');
		if (at)
			*at++ = '\0';
	}
}

static const char *take_step(struct reader *reader, struct script_step *step)
{
	if (step->verb == SCRIPT_TEXT || step->verb == SCRIPT_PNG)
		return take_text(reader, step);
	split_arguments(reader);
	switch (step->verb) {
	case SCRIPT_KEY:
		return take_key(reader, step);
	case SCRIPT_MOVE:
		return reader->argument_count == 2 ? take_point(reader, step) : "move:X,Y expected";
	case SCRIPT_MOTION:
		return take_motion(reader, step);
	case SCRIPT_CLICK:
		return take_click(reader, step);
	case SCRIPT_BUTTON:
		return take_button_step(reader, step);
	case SCRIPT_WHEEL:
		return take_wheel(reader, step);
	case SCRIPT_PLUG:
		return take_plug(reader, step);
	case SCRIPT_UNPLUG:
		return take_unplug(reader, step);
	case SCRIPT_PAD:
		return take_buttons(reader, step);
	case SCRIPT_MODE:
	case SCRIPT_WAIT_MODE:
		return take_mode(reader, step);
	case SCRIPT_WAIT:
	case SCRIPT_WAIT_FRAME:
		return take_wait(reader, step);
	case SCRIPT_WAIT_PIXEL:
		return take_pixel(reader, step);
	default:
		return reader->arguments ? "takes no argument" : NULL;
	}
}

static bool is_blank(char character)
{
	return character == ' ' || character == '\t' || character == '\r' || character == '\n';
}

static void skip_blanks(struct reader *reader)
{
	while (is_blank(*reader->at) || *reader->at == '#') {
		if (*reader->at == '#') {
			reader->at += strcspn(reader->at, "\n");
		} else if (*reader->at++ == '\n') {
			reader->line++;
			reader->word = 0;
		}
	}
}

static char unescape(char character)
{
	return character == 'n' ? '\n' : character == 't' ? '\t' : character;
}

/* Copies one word, resolving quotes. NULL, or what is wrong. */
static const char *read_word(struct reader *reader)
{
	size_t size = 0;
	bool quoted = false;
	for (; *reader->at && (quoted || !is_blank(*reader->at)); reader->at++) {
		char character = *reader->at;
		if (character == '\n' && quoted)
			return "a quote is not closed on its line";
		if (character == '"') {
			quoted = !quoted;
			continue;
		}
		if (character == '\\' && quoted && reader->at[1])
			character = unescape(*++reader->at);
		if (size + 1 == sizeof reader->text)
			return "the word is too long";
		reader->text[size++] = character;
	}
	reader->text[size] = '\0';
	return quoted ? "a quote is not closed" : NULL;
}

static const char *read_step(struct reader *reader, struct script_step *step)
{
	const char *fault = read_word(reader);
	if (fault)
		return fault;
	char *colon = strchr(reader->text, ':');
	reader->arguments = colon ? colon + 1 : NULL;
	const size_t size = colon ? (size_t)(colon - reader->text) : strlen(reader->text);
	for (size_t verb = 0; verb < VERBS; verb++) {
		if (strlen(verb_names[verb]) != size ||
			memcmp(verb_names[verb], reader->text, size) != 0)
			continue;
		*step = (struct script_step){
			.verb = (enum script_verb)verb,
			.line = reader->line,
			.word = reader->word,
			.wait_ms = SCRIPT_WAIT_DEFAULT_MS,
		};
		return take_step(reader, step);
	}
	return "unknown word; see lodge-probe(1)";
}

static bool append(struct script *script, const struct script_step *step)
{
	if (script->count == script->capacity) {
		const size_t capacity = script->capacity ? script->capacity * 2 : 32;
		struct script_step *grown = realloc(script->steps, capacity * sizeof *grown);
		if (!grown)
			return false;
		script->steps = grown;
		script->capacity = capacity;
	}
	script->steps[script->count++] = *step;
	return true;
}

bool script_parse(struct script *script, const char *text, char *fault, size_t fault_capacity)
{
	struct reader reader = { .at = text, .line = 1 };
	for (skip_blanks(&reader); *reader.at; skip_blanks(&reader)) {
		struct script_step step = { 0 };
		const char *begin = reader.at;
		reader.word++;
		const char *wrong = read_step(&reader, &step);
		if (!wrong && !append(script, &step))
			wrong = "out of memory";
		if (wrong) {
			free(step.text);
			snprintf(fault, fault_capacity, "script line %u, word %u '%.*s': %s",
				reader.line, reader.word, (int)strcspn(begin, " \t\r\n"), begin,
				wrong);
			return false;
		}
	}
	return true;
}

void script_finish(struct script *script)
{
	for (size_t i = 0; i < script->count; i++)
		free(script->steps[i].text);
	free(script->steps);
	*script = (struct script){ 0 };
}
