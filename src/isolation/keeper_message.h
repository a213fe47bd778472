/*
 * What a host and the keeper of a tree say to each other: one packet of a SOCK_SEQPACKET socket is one message.
 * Both are of one build and on one machine: native byte order, no versions but the first byte.
 *
 *	0  u8   KEEPER_VERSION
 *	1  u8   type
 *	2  u8   flags
 *	3  u8   0
 *	4  u32  id of a program, 0: none
 *	8  u64  value
 *	16 strings: one letter that says what it is (enum keeper_string), the text, NUL
 *
 * Room: isolation (pure: no I/O, no allocation; encoding is async-signal-safe). Any thread.
 */
#ifndef LODGE_ISOLATION_KEEPER_MESSAGE_H
#define LODGE_ISOLATION_KEEPER_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KEEPER_VERSION 1
#define KEEPER_HEADER_SIZE 16
#define KEEPER_MESSAGE_MAX 65536

enum keeper_message_type {
	/* Host to keeper. */
	KEEPER_SETUP =
		1, /* first, once; value: processes_max, 0: another limit holds; flags: sound, profile */
	KEEPER_START, /* id, role, arguments, environment, folder; flags: ordinary */
	KEEPER_SIGNAL, /* id; value: the signal's number */
	KEEPER_END, /* id: SIGKILL for its process group */
	/* flags: on; value: until, CLOCK_BOOTTIME in ns; with `after`: for how long after this host is gone, ns */
	KEEPER_KEEP,
	/* Keeper to host. */
	/* flags: on if there is sound; value: until when it was kept for this host, CLOCK_BOOTTIME in ns; 0: it was not */
	KEEPER_READY,
	KEEPER_FAILED, /* text: it ends now */
	KEEPER_STARTED, /* id, role, with its pidfd; flags: on if it ran before this host came */
	KEEPER_EXITED, /* id; value: status as of waitpid; text */
	KEEPER_OUTPUT, /* role, text: a line of something in the tree */
	KEEPER_SAID, /* text: a line of the keeper's own */
	KEEPER_SOUND, /* flags: on if it is back; text */
	/* Host to keeper. */
	KEEPER_SHOW, /* device: the machine's node appears in the tree */
	KEEPER_HIDE, /* device */
	KEEPER_TYPES_END,
};

enum keeper_flag {
	KEEPER_FLAG_SOUND = 1 << 0,
	KEEPER_FLAG_PROFILE = 1 << 1,
	KEEPER_FLAG_ORDINARY = 1 << 2,
	KEEPER_FLAG_ON = 1 << 3,
	KEEPER_FLAG_AFTER = 1 << 4,
};

enum keeper_string {
	KEEPER_STRING_NAME = 'n', /* the tree's */
	KEEPER_STRING_ROLE = 'r',
	KEEPER_STRING_ARGUMENT = 'a',
	KEEPER_STRING_ENVIRONMENT = 'e', /* NAME=VALUE */
	KEEPER_STRING_FOLDER = 'f',
	KEEPER_STRING_HOME = 'h', /* in place of the user's */
	KEEPER_STRING_HIDDEN = 'x',
	KEEPER_STRING_DEVICE = 'd',
	KEEPER_STRING_TEXT = 't',
};

struct keeper_message {
	enum keeper_message_type type;
	uint8_t flags;
	uint32_t id;
	uint64_t value;
	const char *strings; /* in the bytes that were decoded */
	size_t strings_size;
};

/* False: not a message; nothing of `message` counts. */
bool keeper_message_decode(const uint8_t *bytes, size_t size, struct keeper_message *message);

/* The next string, or NULL. Begin with *position = 0. */
const char *keeper_message_next(
	const struct keeper_message *message, size_t *position, enum keeper_string *kind);
/* The first of its kind, or NULL. */
const char *keeper_message_find(const struct keeper_message *message, enum keeper_string kind);
size_t keeper_message_count(const struct keeper_message *message, enum keeper_string kind);
/* Fills `list` with those of a kind, in order, and a NULL behind them; `capacity` counts that too. */
void keeper_message_list(const struct keeper_message *message, enum keeper_string kind,
	const char **list, size_t capacity);

struct keeper_writer {
	uint8_t bytes[KEEPER_MESSAGE_MAX];
	size_t size;
	bool overflow; /* a string did not fit: the message is not to be sent */
};

void keeper_write(struct keeper_writer *writer, enum keeper_message_type type, uint8_t flags,
	uint32_t id, uint64_t value);
/* NULL writes nothing. */
void keeper_write_string(struct keeper_writer *writer, enum keeper_string kind, const char *text);

/*
 * A node that may be shown in a tree: /dev/input/eventN, /dev/input/jsN or /dev/hidrawN, with a number as the kernel writes
 * it, and nothing else.
 */
bool keeper_device_is_valid(const char *path);

/* [a-z0-9-], at least one, shorter than ISOLATED_NAME_MAX: what trees and roles are called. */
bool keeper_name_is_valid(const char *name);

#endif
