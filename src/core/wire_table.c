#include "core/wire_table.h"

/* A row a field. A member's path and a list of fields cannot stand in parentheses. */
/* clang-format off */
/* NOLINTBEGIN(bugprone-macro-parentheses) */
#define STORED(member) \
	offsetof(struct wire_message, member), sizeof(((struct wire_message *)0)->member)
#define RANGE(member, size, least, most, fault) \
	{ WIRE_FIELD_INTEGER, size, STORED(member), least, most, fault }
#define INTEGER(member, size) RANGE(member, size, 0, UINT64_MAX >> (64 - 8 * (size)), NULL)
#define BLOB(member, size) \
	{ WIRE_FIELD_BLOB, size, STORED(member), 0, UINT8_MAX, NULL }
#define POINT(member, fault) \
	{ WIRE_FIELD_BLOB, WIRE_KEY_SIZE, STORED(member), 4, 4, fault }
#define STRING(member, least, most, fault) \
	{ WIRE_FIELD_STRING, 2, STORED(member), least, most, fault }
#define CHOICE(member, values, fault) \
	{ WIRE_FIELD_CHOICE, 1, STORED(member), 0, values, fault }
#define BYTES(member, least, most, fault) \
	{ WIRE_FIELD_BYTES, 2, STORED(member), least, most, fault }
#define REST(member, least, most, fault) \
	{ WIRE_FIELD_BYTES, 0, STORED(member), least, most, fault }
#define APPS_LIST(member, fault) \
	{ WIRE_FIELD_APPS, 2, STORED(member), 0, WIRE_APPS_MAX, fault }

#define DISPLAY INTEGER(display, 1)
#define MODE(member) \
	INTEGER(member.width_px, 2), INTEGER(member.height_px, 2), \
	INTEGER(member.refresh_mhz, 4), INTEGER(member.scale_percent, 2)
#define NOTICE(message) \
	INTEGER(notice.code, 2), STRING(notice.text, 0, UINT16_MAX, message ": text is no UTF-8")
#define LABEL(member, message) \
	STRING(member, 1, WIRE_LABEL_MAX, message ": label is not 1 to 64 bytes of UTF-8")

#define PAD(member, message) \
	RANGE(member, 1, 0, WIRE_GAMEPADS - 1, message ": pad is above 3")
#define CHANNELS(member, message) \
	CHOICE(member, 1u << 2 | 1u << 6, message ": channels is neither 2 nor 6")

#define MESSAGE(type, ...) \
	[WIRE_##type] = { #type, #type ": the body has the wrong size", \
		(const struct wire_field[]){ __VA_ARGS__ }, \
		sizeof((const struct wire_field[]){ __VA_ARGS__ }) / sizeof(struct wire_field) }

static const struct wire_layout layouts[] = {
	MESSAGE(AUTHENTICATE, INTEGER(attach.version, 2),
		POINT(attach.key, "AUTHENTICATE: key is no uncompressed point"),
		BLOB(attach.signature, WIRE_SIGNATURE_SIZE), LABEL(attach.label, "AUTHENTICATE")),
	MESSAGE(PAIR, INTEGER(attach.version, 2),
		POINT(attach.key, "PAIR: key is no uncompressed point"),
		BLOB(attach.signature, WIRE_SIGNATURE_SIZE),
		STRING(attach.pin, 0, WIRE_PIN_MAX, "PAIR: pin is not at most 16 bytes of UTF-8"),
		LABEL(attach.label, "PAIR")),
	MESSAGE(OPEN_DISPLAY, DISPLAY, MODE(mode)),
	MESSAGE(SET_MODE, DISPLAY, MODE(mode)),
	MESSAGE(CLOSE_DISPLAY, DISPLAY,
		RANGE(close_flags, 1, 0, WIRE_CLOSE_QUIT, "CLOSE_DISPLAY: flags has unknown bits")),
	MESSAGE(REQUEST_KEYFRAME, DISPLAY),
	MESSAGE(ACKNOWLEDGE, DISPLAY, INTEGER(acknowledged, 4)),
	MESSAGE(PING, INTEGER(client_time, 8)),
	MESSAGE(SET_STREAM, DISPLAY, INTEGER(stream.max_kbps, 4), INTEGER(stream.max_rate_mhz, 4)),
	MESSAGE(KEY, INTEGER(key.code, 2),
		RANGE(key.pressed, 1, 0, 1, "KEY: pressed is neither 0 nor 1")),
	MESSAGE(POINTER_ABSOLUTE, DISPLAY, INTEGER(absolute.x, 2), INTEGER(absolute.y, 2)),
	MESSAGE(POINTER_RELATIVE, DISPLAY, INTEGER(relative.dx, 4), INTEGER(relative.dy, 4)),
	MESSAGE(POINTER_BUTTON, DISPLAY,
		RANGE(button.code, 2, 0x110, UINT16_MAX, "POINTER_BUTTON: button is below 0x110"),
		RANGE(button.pressed, 1, 0, 1, "POINTER_BUTTON: pressed is neither 0 nor 1")),
	MESSAGE(POINTER_AXIS, DISPLAY,
		RANGE(axis.axis, 1, 0, 1, "POINTER_AXIS: axis is neither 0 nor 1"),
		INTEGER(axis.distance, 4), INTEGER(axis.v120, 4)),
	[WIRE_RELEASE_ALL] = { "RELEASE_ALL", "RELEASE_ALL: the body has the wrong size", NULL, 0 },
	MESSAGE(CONTROL,
		RANGE(control.action, 1, WIRE_CONTROL_REQUEST, WIRE_CONTROL_GIVE,
			"CONTROL: action is none"),
		INTEGER(control.session, 4)),
	MESSAGE(TEXT,
		STRING(text, 0, WIRE_TEXT_MAX, "TEXT: text is not at most 4096 bytes of UTF-8")),
	MESSAGE(LISTEN,
		RANGE(listen.flags, 1, 0, WIRE_LISTEN_ON, "LISTEN: flags has unknown bits"),
		CHANNELS(listen.channels, "LISTEN"), INTEGER(listen.max_kbps, 4)),
	MESSAGE(MICROPHONE, INTEGER(microphone.sequence, 4),
		REST(microphone.packet, 0, WIRE_MICROPHONE_PACKET_MAX,
			"MICROPHONE: packet is not at most 1275 bytes")),
	MESSAGE(GAMEPAD, PAD(gamepad.pad, "GAMEPAD"),
		RANGE(gamepad.buttons, 4, 0, (1u << WIRE_GAMEPAD_BUTTONS) - 1,
			"GAMEPAD: buttons has unknown bits"),
		INTEGER(gamepad.left_x, 2), INTEGER(gamepad.left_y, 2),
		INTEGER(gamepad.right_x, 2), INTEGER(gamepad.right_y, 2),
		INTEGER(gamepad.left_trigger, 2), INTEGER(gamepad.right_trigger, 2)),
	MESSAGE(GAMEPAD_PLUG, PAD(gamepad_plug.pad, "GAMEPAD_PLUG"),
		RANGE(gamepad_plug.plugged, 1, 0, 1, "GAMEPAD_PLUG: plugged is neither 0 nor 1"),
		RANGE(gamepad_plug.kind, 1, 0, WIRE_GAMEPAD_SWITCH, "GAMEPAD_PLUG: kind is none"),
		STRING(gamepad_plug.name, 0, WIRE_LABEL_MAX,
			"GAMEPAD_PLUG: name is not at most 64 bytes of UTF-8")),
	MESSAGE(OPEN_APP, DISPLAY, MODE(open_app.mode),
		STRING(open_app.app, 1, WIRE_LABEL_MAX,
			"OPEN_APP: app is not 1 to 64 bytes of UTF-8")),
	MESSAGE(GET_ICON,
		STRING(get_icon, 1, WIRE_LABEL_MAX, "GET_ICON: app is not 1 to 64 bytes of UTF-8")),

	MESSAGE(CHALLENGE, INTEGER(challenge.version, 2), BLOB(challenge.nonce, WIRE_NONCE_SIZE),
		INTEGER(challenge.flags, 1),
		STRING(challenge.name, 0, UINT16_MAX, "CHALLENGE: host name is no UTF-8")),
	MESSAGE(WELCOME, INTEGER(welcome.session, 4),
		BLOB(welcome.fingerprint, WIRE_FINGERPRINT_SIZE), LABEL(welcome.label, "WELCOME"),
		INTEGER(welcome.grants, 4)),
	MESSAGE(REFUSED, NOTICE("REFUSED")),
	MESSAGE(DISPLAY_OPENED, DISPLAY, INTEGER(opened.slot, 1), INTEGER(opened.generation, 4),
		MODE(opened.mode), INTEGER(opened.flags, 1),
		STRING(opened.holder, 0, WIRE_LABEL_MAX,
			"DISPLAY_OPENED: holder is not at most 64 bytes of UTF-8")),
	MESSAGE(DISPLAY_DECLINED, DISPLAY, INTEGER(declined.code, 2),
		STRING(declined.text, 0, UINT16_MAX, "DISPLAY_DECLINED: text is no UTF-8"),
		STRING(declined.holder, 0, WIRE_LABEL_MAX,
			"DISPLAY_DECLINED: holder is not at most 64 bytes of UTF-8"),
		MODE(declined.mode)),
	MESSAGE(STREAM_CONFIG, DISPLAY, INTEGER(config.width_px, 2), INTEGER(config.height_px, 2),
		STRING(config.codec, 0, UINT16_MAX, "STREAM_CONFIG: codec is no UTF-8")),
	[WIRE_FRAME] = { "FRAME", NULL, NULL, 0 },
	MESSAGE(PONG, INTEGER(pong.client_time, 8), INTEGER(pong.host_time, 8)),
	MESSAGE(ENDED, NOTICE("ENDED")),
	MESSAGE(NOTICE, NOTICE("NOTICE")),
	MESSAGE(PERSON, DISPLAY,
		RANGE(person.change, 1, 0, WIRE_PERSON_GONE, "PERSON: change is none"),
		INTEGER(person.flags, 1),
		RANGE(person.state, 1, 0, 2, "PERSON: state is none"), INTEGER(person.slot, 1),
		INTEGER(person.sessions, 2), INTEGER(person.person, 4), INTEGER(person.session, 4),
		STRING(person.name, 0, WIRE_LABEL_MAX,
			"PERSON: name is not at most 64 bytes of UTF-8")),
	MESSAGE(CONTROL_STATE,
		RANGE(control_state.mode, 1, 0, 1, "CONTROL_STATE: mode is none"),
		INTEGER(control_state.holder, 4), INTEGER(control_state.asking, 4),
		INTEGER(control_state.place, 2), INTEGER(control_state.waiting, 2),
		INTEGER(control_state.left_ms, 4),
		STRING(control_state.holder_name, 0, WIRE_LABEL_MAX,
			"CONTROL_STATE: holder_name is not at most 64 bytes of UTF-8"),
		STRING(control_state.asking_name, 0, WIRE_LABEL_MAX,
			"CONTROL_STATE: asking_name is not at most 64 bytes of UTF-8"),
		BYTES(control_state.line, 0, WIRE_LINE_MAX,
			"CONTROL_STATE: line is not at most 256 bytes")),
	MESSAGE(GRANTS, INTEGER(grants.grants, 4), INTEGER(grants.seconds, 4)),
	MESSAGE(POINTER, DISPLAY,
		RANGE(pointer.visible, 1, 0, 1, "POINTER: visible is neither 0 nor 1"),
		INTEGER(pointer.person, 4), INTEGER(pointer.x, 2), INTEGER(pointer.y, 2)),
	MESSAGE(AUDIO_CONFIG, CHANNELS(audio_config.channels, "AUDIO_CONFIG"),
		RANGE(audio_config.frame_100us, 2, 25, 600,
			"AUDIO_CONFIG: frame is not 2.5 to 60 milliseconds"),
		RANGE(audio_config.sample_rate, 4, 8000, 48000,
			"AUDIO_CONFIG: sample rate is not 8000 to 48000"),
		STRING(audio_config.codec, 1, WIRE_LABEL_MAX,
			"AUDIO_CONFIG: codec is not 1 to 64 bytes of UTF-8"),
		BYTES(audio_config.head, 19, WIRE_OPUS_HEAD_MAX,
			"AUDIO_CONFIG: OpusHead is not 19 to 276 bytes")),
	MESSAGE(AUDIO, INTEGER(audio.sequence, 4), INTEGER(audio.capture_ns, 8),
		REST(audio.packet, 1, WIRE_AUDIO_PACKET_MAX,
			"AUDIO: packet is not 1 to 5120 bytes")),
	MESSAGE(RUMBLE, PAD(rumble.pad, "RUMBLE"), INTEGER(rumble.strong, 2),
		INTEGER(rumble.weak, 2), INTEGER(rumble.lasts_ms, 2)),
	MESSAGE(APPS, APPS_LIST(apps,
		"APPS: more than 256 apps, or an id or a name that is not 1 to 64 bytes of UTF-8")),
	MESSAGE(SOUND, INTEGER(sound.flags, 1),
		STRING(sound.reason, 0, UINT16_MAX, "SOUND: reason is no UTF-8")),
	MESSAGE(APP, INTEGER(app.flags, 1),
		STRING(app.id, 1, WIRE_LABEL_MAX, "APP: id is not 1 to 64 bytes of UTF-8")),
	MESSAGE(ICON,
		RANGE(icon.format, 1, 0, WIRE_ICON_WEBP, "ICON: format is none"),
		STRING(icon.id, 1, WIRE_LABEL_MAX,
			"ICON: id is not 1 to 64 bytes of UTF-8"),
		REST(icon.bytes, 0, WIRE_ICON_MAX,
			"ICON: the picture is not at most 262144 bytes")),
};
/* NOLINTEND(bugprone-macro-parentheses) */
/* clang-format on */

_Static_assert(1 + 4 + WIRE_MICROPHONE_PACKET_MAX <= WIRE_CLIENT_MESSAGE_MAX,
	"the longest MICROPHONE is longer than a client's message may be");

static const struct wire_layout *layout_of(enum wire_type type)
{
	return (size_t)type < sizeof layouts / sizeof *layouts ? &layouts[type] : NULL;
}

const struct wire_layout *wire_layout_find(enum wire_type type)
{
	const struct wire_layout *layout = layout_of(type);
	return layout && layout->wrong_size ? layout : NULL;
}

bool wire_type_is_client(enum wire_type type)
{
	return type < WIRE_CHALLENGE && wire_layout_find(type);
}

const char *wire_type_name(enum wire_type type)
{
	const struct wire_layout *layout = layout_of(type);
	return layout && layout->name ? layout->name : "unknown";
}
