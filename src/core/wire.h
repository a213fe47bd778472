/*
 * The session protocol's codecs (docs/protocol.md). Bytes in, values out, and back.
 *
 * Room: core (pure: no I/O, no clock, no allocation). Any thread. Decoded strings and blobs point into
 * the caller's message and are not NUL-terminated.
 */
#ifndef LODGE_CORE_WIRE_H
#define LODGE_CORE_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/mode.h"

#define WIRE_VERSION 1
#define WIRE_CONTEXT "lodge-v1 attach"
#define WIRE_KEY_SIZE 65
#define WIRE_SIGNATURE_SIZE 64
#define WIRE_NONCE_SIZE 32
#define WIRE_FINGERPRINT_SIZE 32
#define WIRE_LABEL_MAX 64
#define WIRE_PIN_MAX 16
#define WIRE_TEXT_MAX 4096
#define WIRE_MICROPHONE_PACKET_MAX 1275 /* bytes of Opus */
#define WIRE_AUDIO_PACKET_MAX 5120 /* bytes of Opus: four coupled streams carry six channels */
#define WIRE_OPUS_HEAD_MAX 276
#define WIRE_LINE_MAX (4 * 64) /* bytes: who waits for control */
#define WIRE_APPS_MAX 256
#define WIRE_ICON_MAX (256 * 1024) /* bytes of an app's picture */
#define WIRE_GAMEPADS 4
#define WIRE_GAMEPAD_BUTTONS 17 /* of the Gamepad API's standard mapping, bit 0 is its button 0 */
#define WIRE_CLIENT_MESSAGE_MAX (WIRE_TEXT_MAX + 16) /* the longest message a client may send */

enum wire_type {
	WIRE_AUTHENTICATE = 0x01,
	WIRE_PAIR = 0x02,
	WIRE_OPEN_DISPLAY = 0x03,
	WIRE_SET_MODE = 0x04,
	WIRE_CLOSE_DISPLAY = 0x05,
	WIRE_REQUEST_KEYFRAME = 0x06,
	WIRE_ACKNOWLEDGE = 0x07,
	WIRE_PING = 0x08,
	WIRE_SET_STREAM = 0x09,
	WIRE_KEY = 0x10,
	WIRE_POINTER_ABSOLUTE = 0x11,
	WIRE_POINTER_RELATIVE = 0x12,
	WIRE_POINTER_BUTTON = 0x13,
	WIRE_POINTER_AXIS = 0x14,
	WIRE_RELEASE_ALL = 0x15,
	WIRE_TEXT = 0x16,
	WIRE_CONTROL = 0x17,
	WIRE_LISTEN = 0x18,
	WIRE_MICROPHONE = 0x19,
	WIRE_GAMEPAD = 0x1a,
	WIRE_GAMEPAD_PLUG = 0x1b,
	WIRE_OPEN_APP = 0x1c,
	WIRE_GET_ICON = 0x1d,

	WIRE_CHALLENGE = 0x81,
	WIRE_WELCOME = 0x82,
	WIRE_REFUSED = 0x83,
	WIRE_DISPLAY_OPENED = 0x84,
	WIRE_DISPLAY_DECLINED = 0x85,
	WIRE_STREAM_CONFIG = 0x86,
	WIRE_FRAME = 0x87,
	WIRE_PONG = 0x88,
	WIRE_ENDED = 0x89,
	WIRE_NOTICE = 0x8a,
	WIRE_PERSON = 0x8b,
	WIRE_CONTROL_STATE = 0x8c,
	WIRE_GRANTS = 0x8d,
	WIRE_POINTER = 0x8e,
	WIRE_AUDIO_CONFIG = 0x8f,
	WIRE_AUDIO = 0x90,
	WIRE_RUMBLE = 0x91,
	WIRE_APPS = 0x92,
	WIRE_SOUND = 0x93,
	WIRE_APP = 0x94,
	WIRE_ICON = 0x95,
};

enum wire_refusal {
	WIRE_REFUSED_MALFORMED = 1,
	WIRE_REFUSED_UNSUPPORTED_VERSION,
	WIRE_REFUSED_UNKNOWN_CLIENT,
	WIRE_REFUSED_WRONG_PIN,
	WIRE_REFUSED_NO_PIN,
	WIRE_REFUSED_RATE_LIMITED,
	WIRE_REFUSED_BAD_SIGNATURE,
	WIRE_REFUSED_TOO_MANY_SESSIONS,
	WIRE_REFUSED_TIMEOUT,
	WIRE_REFUSED_FLOOD,
	WIRE_REFUSED_DENIED, /* the operator did not approve */
};

enum wire_end {
	WIRE_ENDED_SUPERSEDED = 1,
	WIRE_ENDED_TAKEN_OVER,
	WIRE_ENDED_RELEASED_BY_OPERATOR,
	WIRE_ENDED_DESKTOP_GONE,
	WIRE_ENDED_SHUTDOWN,
	WIRE_ENDED_INTERNAL,
	WIRE_ENDED_APP_ENDED, /* what the desktop was made for ended by itself */
};

enum wire_notice {
	WIRE_NOTICE_DESKTOP_RESTARTING = 1,
	WIRE_NOTICE_DESKTOP_BACK,
	WIRE_NOTICE_TEXT_UNSUPPORTED,
	WIRE_NOTICE_WAITING_FOR_APPROVAL, /* the operator was asked to pair this client */
	WIRE_NOTICE_CONTROL_REFUSED, /* the text is a word of control_refusal_name */
	WIRE_NOTICE_CONTROL_DENIED, /* the holder, or an operator, said no */
	WIRE_NOTICE_CONTROL_EXPIRED, /* nobody answered the request; the place in line stays */
};

#define WIRE_CHALLENGE_OPEN 1
#define WIRE_CHALLENGE_PIN_ARMED 2
#define WIRE_CLOSE_QUIT 1
#define WIRE_OPENED_KEPT 1
#define WIRE_OPENED_JOINED 2 /* another client's display, at that client's mode */
#define WIRE_OPENED_APP_MODE 4 /* its size is the app's own, whatever size is asked for */

/* What a client asks of the control of its desktop (core/control.h). */
enum wire_control {
	WIRE_CONTROL_REQUEST = 1,
	WIRE_CONTROL_WITHDRAW,
	WIRE_CONTROL_GRANT, /* to `session`, which asks */
	WIRE_CONTROL_DENY, /* `session`, which asks */
	WIRE_CONTROL_RELEASE,
	WIRE_CONTROL_GIVE, /* to `session` */
};

enum wire_person_change {
	WIRE_PERSON_FORGET, /* everybody: a snapshot follows, or presence was turned off */
	WIRE_PERSON_HERE, /* came, or is otherwise than before */
	WIRE_PERSON_GONE,
};
#define WIRE_PERSON_SELF 1
#define WIRE_PERSON_VIEW_ONLY 2

#define WIRE_GRANT_POINTER 1
#define WIRE_GRANT_KEYBOARD 2
#define WIRE_GRANT_TEXT 4
#define WIRE_GRANT_GAMEPAD 8
#define WIRE_GRANT_CLIPBOARD 16
#define WIRE_GRANT_MICROPHONE 32
#define WIRE_GRANT_LAUNCH 64

#define WIRE_LISTEN_ON 1

enum wire_gamepad_kind {
	WIRE_GAMEPAD_UNKNOWN,
	WIRE_GAMEPAD_XBOX,
	WIRE_GAMEPAD_PLAYSTATION,
	WIRE_GAMEPAD_SWITCH,
};

#define WIRE_SOUND_PLAYED 1 /* there is sound to LISTEN to */
#define WIRE_SOUND_MICROPHONE 2 /* MICROPHONE has a source to speak into */
#define WIRE_SOUND_GAMEPADS 4 /* gamepads can be made */
#define WIRE_SOUND_OWN 8 /* the desktop is the session's own */
#define WIRE_SOUND_AWAY 16 /* the sound is gone for now, and comes back by itself */

#define WIRE_APP_ISOLATED 1 /* it runs on a desktop of its own */
#define WIRE_APP_ICON 2
#define WIRE_APP_RUNS 4

enum wire_icon_format {
	WIRE_ICON_NONE, /* there is none, or none that can be read any more */
	WIRE_ICON_PNG,
	WIRE_ICON_SVG,
	WIRE_ICON_WEBP,
};

struct wire_string {
	const char *bytes;
	uint16_t size;
};

struct wire_blob {
	const uint8_t *bytes;
	uint32_t size;
};

/* The entries of an APPS, as they stand in the message; see wire_app_write and wire_app_next. */
struct wire_apps {
	const uint8_t *bytes;
	size_t size;
	uint16_t count;
};

/* A message of a client, and of the host where the viewer side needs to decode it. */
struct wire_message {
	enum wire_type type;
	uint8_t display; /* messages that name one */
	union {
		struct { /* AUTHENTICATE, PAIR */
			uint16_t version;
			const uint8_t *key, *signature;
			struct wire_string pin, label;
		} attach;
		struct display_mode mode; /* OPEN_DISPLAY, SET_MODE: decoded as sent, not checked */
		uint8_t close_flags;
		uint32_t acknowledged;
		uint64_t client_time;
		struct {
			uint32_t max_kbps, max_rate_mhz;
		} stream;
		struct {
			uint16_t code;
			bool pressed;
		} key, button;
		struct {
			uint16_t x, y;
		} absolute;
		struct {
			int32_t dx, dy;
		} relative;
		struct {
			uint8_t axis;
			int32_t distance, v120;
		} axis;
		struct wire_string text; /* TEXT */
		struct { /* CONTROL */
			uint8_t action; /* enum wire_control */
			uint32_t session; /* whom it concerns; 0 where it concerns nobody else */
		} control;
		struct {
			uint8_t flags;
			uint8_t channels; /* at most: 2 or 6 */
			uint32_t max_kbps; /* 0: the host's choice */
		} listen;
		struct {
			uint32_t sequence;
			struct wire_blob packet; /* Opus; empty: it was turned off */
		} microphone;
		struct { /* GAMEPAD: its whole state */
			uint8_t pad;
			uint32_t buttons;
			int16_t left_x, left_y, right_x, right_y; /* right and down are positive */
			uint16_t left_trigger, right_trigger;
		} gamepad;
		struct {
			uint8_t pad;
			bool plugged;
			uint8_t kind; /* enum wire_gamepad_kind */
			struct wire_string name;
		} gamepad_plug;
		struct { /* OPEN_APP: `mode` as in OPEN_DISPLAY */
			struct display_mode mode;
			struct wire_string app;
		} open_app;
		struct wire_string get_icon; /* GET_ICON: an app's id */

		struct { /* PERSON: somebody on this desktop */
			uint8_t change, flags;
			uint8_t state; /* 0 idle, 1 watching, 2 controlling */
			uint8_t slot; /* of the display that one of its sessions sees */
			uint16_t sessions;
			uint32_t person; /* its name in POINTER and CONTROL_STATE */
			uint32_t session; /* one of its sessions that may drive; 0: none */
			struct wire_string name;
		} person;
		struct
		{ /* CONTROL_STATE: mode 0 free (then nothing else counts), 1 one at a time */
			uint8_t mode;
			uint32_t holder, asking; /* sessions; 0: nobody */
			uint16_t place,
				waiting; /* the receiver's own place in line, 0: none; how many wait */
			uint32_t
				left_ms; /* until the pending request (of `asking`) is denied by itself; 0: none */
			struct wire_string holder_name, asking_name;
			struct wire_blob
				line; /* a u32 person each, the next one first; 0: nobody that is told of */
		} control_state;
		struct { /* GRANTS: as in WELCOME; 0 seconds: they last */
			uint32_t grants, seconds;
		} grants;
		struct
		{ /* POINTER: somebody else's, pixels of the receiver's display; not visible: it left */
			bool visible;
			uint32_t person;
			uint16_t x, y;
		} pointer;
		struct {
			uint8_t channels;
			uint16_t frame_100us;
			uint32_t sample_rate;
			struct wire_string codec; /* "opus" */
			struct wire_blob head; /* OpusHead, RFC 7845 §5.1 */
		} audio_config;
		struct {
			uint32_t sequence;
			uint64_t capture_ns; /* of its first sample */
			struct wire_blob packet;
		} audio;
		struct {
			uint8_t pad;
			uint16_t strong, weak;
			uint16_t lasts_ms; /* at most */
		} rumble;
		struct wire_apps apps;
		struct { /* APP: one of them has other flags now */
			uint8_t flags;
			struct wire_string id;
		} app;
		struct {
			uint8_t format; /* enum wire_icon_format */
			struct wire_string id;
			struct wire_blob bytes; /* the file; none with WIRE_ICON_NONE */
		} icon;
		struct { /* SOUND: why what is missing is missing, "" when nothing is */
			uint8_t flags;
			struct wire_string reason;
		} sound;

		struct {
			uint16_t version;
			const uint8_t *nonce;
			uint8_t flags;
			struct wire_string name;
		} challenge;
		struct {
			uint32_t session;
			const uint8_t *fingerprint;
			struct wire_string label;
			uint32_t grants;
		} welcome;
		struct
		{ /* holder: whose display it is, "" for nobody's or one's own; mode: that display's */
			uint16_t code;
			struct wire_string text, holder;
			struct display_mode mode;
		} declined;
		struct { /* REFUSED, ENDED, NOTICE */
			uint16_t code;
			struct wire_string text;
		} notice;
		struct {
			uint8_t slot;
			uint32_t generation;
			struct display_mode mode;
			uint8_t flags;
			struct wire_string holder; /* JOINED: whose display it is */
		} opened;
		struct {
			uint16_t width_px, height_px;
			struct wire_string codec;
		} config;
		struct {
			uint64_t client_time, host_time;
		} pong;
	};
};

/*
 * NULL and a filled message, or a static sentence that names the message and the field at fault.
 * Decodes every type but FRAME (see wire_frame_decode). The direction is the caller's to check with
 * wire_type_is_client.
 */
const char *wire_decode(const uint8_t *bytes, size_t size, struct wire_message *message);
bool wire_type_is_client(enum wire_type type);
const char *wire_type_name(enum wire_type type); /* "KEY"; "unknown" for others */

/* Returns the size, or 0 when the capacity is too small or a field is out of its range. Not for FRAME. */
size_t wire_encode(const struct wire_message *message, uint8_t *bytes, size_t capacity);

/* APPS */
struct wire_app {
	struct wire_string id, name;
	uint8_t flags;
};

/* Appends one entry; the bytes written, or 0 when the capacity is too small or a field is out of its range. */
size_t wire_app_write(uint8_t *bytes, size_t capacity, const struct wire_app *app);
/* The next entry of a decoded list. `offset` starts at 0 and is advanced. False behind the last. */
bool wire_app_next(const struct wire_apps *apps, size_t *offset, struct wire_app *app);

/* FRAME */
#define WIRE_FRAME_KEYFRAME 1
#define WIRE_FRAME_REFINEMENT 2
#define WIRE_FRAME_HEADER_SIZE 24
#define WIRE_FRAME_RECT_SIZE 8
#define WIRE_FRAME_TILE_SIZE 13
#define WIRE_FRAME_RECTS_MAX 4096

struct wire_rect {
	uint16_t x, y, width, height;
};

enum wire_tile_format { WIRE_TILE_PNG = 0, WIRE_TILE_SOLID = 1, WIRE_TILE_PALETTE = 2 };

struct wire_tile {
	struct wire_rect rect;
	enum wire_tile_format format;
	uint32_t size; /* payload bytes */
};

struct wire_frame_header {
	uint8_t display;
	uint8_t flags;
	uint32_t sequence;
	uint64_t capture_ns;
	uint16_t video_rects, tiles;
	uint32_t video_size;
};

/* Bits of an index in a palette tile. */
static inline uint32_t wire_palette_bits(uint32_t colours)
{
	return colours <= 2 ? 1 : colours <= 4 ? 2 : colours <= 16 ? 4 : 8;
}

/*
 * Writing: header, then rects, then tile headers at the offsets below; payloads and video behind them. Each
 * returns the bytes written. The caller has the room (sizes are the constants above).
 */
size_t wire_frame_write_header(uint8_t *bytes, const struct wire_frame_header *header);
size_t wire_frame_write_rect(uint8_t *bytes, const struct wire_rect *rect);
size_t wire_frame_write_tile(uint8_t *bytes, const struct wire_tile *tile);

/* Reading: a checked view into the message. */
struct wire_frame {
	struct wire_frame_header header;
	const uint8_t *rects, *tile_headers, *tile_payloads, *video;
};
/* NULL, or a sentence. Checks every count and size against the message; rect bounds against 16384. */
const char *wire_frame_decode(const uint8_t *bytes, size_t size, struct wire_frame *frame);
struct wire_rect wire_frame_rect(const struct wire_frame *frame, uint16_t index);
/* index in order; *payload is set to that tile's bytes. `offset` starts at 0 and is advanced. */
struct wire_tile wire_frame_next_tile(
	const struct wire_frame *frame, uint16_t index, size_t *offset, const uint8_t **payload);

/* True when bytes are UTF-8 (RFC 3629) without NUL. */
bool wire_utf8_valid(const char *bytes, size_t size);

#endif
