/*
 * The tables of docs/protocol.md §2 and §3 as data: decoder and encoder both walk them, so that what one
 * writes the other reads and both refuse the same. Private to src/core/wire_*.c.
 */
#ifndef LODGE_CORE_WIRE_TABLE_H
#define LODGE_CORE_WIRE_TABLE_H

#include "core/wire.h"
#include "core/wire_bytes.h"

enum wire_field_kind {
	WIRE_FIELD_INTEGER, /* `wire_size` bytes; its value is within least and most */
	WIRE_FIELD_BLOB, /* `wire_size` bytes; its first byte is within least and most */
	WIRE_FIELD_CHOICE, /* `wire_size` bytes; bit of its value is set in `most` */
	WIRE_FIELD_STRING, /* u16 size, UTF-8; its size is within least and most */
	WIRE_FIELD_BYTES, /* a size of `wire_size` bytes (0: none, all that is left) and the bytes */
	WIRE_FIELD_APPS, /* u16 count, within least and most, and the entries */
};

struct wire_field {
	enum wire_field_kind kind;
	size_t wire_size;
	size_t offset, stored_size; /* of the member of struct wire_message */
	uint64_t least, most;
	const char *fault; /* said of a value out of its range; NULL where no value is */
};

struct wire_layout {
	const char *name; /* NULL: no such message */
	const char *wrong_size; /* NULL: not described by fields (FRAME) */
	const struct wire_field *fields;
	size_t field_count;
};

/* NULL for an unknown type and for FRAME. */
const struct wire_layout *wire_layout_find(enum wire_type type);

/* Walks `count` entries and advances the reader behind them. False when one has a field out of its range. */
bool wire_apps_check(struct wire_reader *reader, uint16_t count);

#endif
