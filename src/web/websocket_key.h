/*
 * The opening handshake's key (RFC 6455 §4.2.2). Room: web, private.
 */
#ifndef LODGE_WEB_WEBSOCKET_KEY_H
#define LODGE_WEB_WEBSOCKET_KEY_H

#include <stdbool.h>

#define WEBSOCKET_ACCEPT_SIZE 32

bool websocket_key_valid(const char *key);
void websocket_key_accept(const char *key, char accept[WEBSOCKET_ACCEPT_SIZE]);

#endif
