/*
 * "ADDRESS:PORT" with a literal address: 127.0.0.1:7443, [::1]:7443. Room: web. Any thread, no I/O.
 */
#ifndef LODGE_WEB_ADDRESS_H
#define LODGE_WEB_ADDRESS_H

#include <stdbool.h>
#include <sys/socket.h>

bool web_address_parse(const char *text, struct sockaddr_storage *address, socklen_t *size);
bool web_address_valid(const char *text);
/* Without the port; buffer of at least 64 bytes. */
void web_address_format(const struct sockaddr_storage *address, char *buffer, size_t capacity);

#endif
