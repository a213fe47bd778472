/*
 * The HTTP upgrade to a WebSocket, client side. Pure: bytes in, bytes out; fed as they arrive.
 *
 * Room: liblodge, private. Any thread.
 */
#ifndef LODGE_UPGRADE_H
#define LODGE_UPGRADE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lodge_http_parser.h"

#define LODGE_UPGRADE_NONCE_SIZE 16
#define LODGE_UPGRADE_REQUEST_MAX 1024
#define LODGE_UPGRADE_RESPONSE_MAX 16384

enum lodge_upgrade_state { LODGE_UPGRADE_MORE, LODGE_UPGRADE_DONE, LODGE_UPGRADE_FAILED };

struct lodge_upgrade {
	http_parser_type parser;
	http_parser_callbacks callbacks;
	char accept[32]; /* what the host must answer */
	char name[32], value[64];
	size_t name_size, value_size, received;
	bool in_value, accepted, subprotocol, complete;
	char fault[160];
};

/* Writes the request (NUL-terminated) and returns its size; 0 when it does not fit. */
size_t lodge_upgrade_begin(struct lodge_upgrade *upgrade, const char *authority,
	const uint8_t nonce[LODGE_UPGRADE_NONCE_SIZE], char request[LODGE_UPGRADE_REQUEST_MAX]);

/* *used is how much of the bytes belonged to the response; what is behind it is WebSocket. */
enum lodge_upgrade_state lodge_upgrade_receive(
	struct lodge_upgrade *upgrade, const uint8_t *bytes, size_t size, size_t *used);

#endif
