/*
 * Where a host is: "https://HOST:PORT" taken apart, and its name resolved within a deadline.
 *
 * Room: liblodge. Any thread.
 */
#ifndef LODGE_ADDRESS_H
#define LODGE_ADDRESS_H

#include <netdb.h>
#include <stdbool.h>
#include <stddef.h>

#define LODGE_HOST_MAX 256
#define LODGE_AUTHORITY_MAX (LODGE_HOST_MAX + 8)

struct lodge_address {
	char host[LODGE_HOST_MAX]; /* without brackets */
	char port[6];
	char authority
		[LODGE_AUTHORITY_MAX]; /* as in the HTTP Host header: the port is left out when it is 443 */
};

/* The scheme may be left out; the port defaults to 443. False: not an address of that form. */
bool lodge_address_parse(const char *url, struct lodge_address *address);

/* Blocks for at most timeout_ms. An EAI_ code; *list is freed with freeaddrinfo. */
int lodge_address_resolve(
	const struct lodge_address *address, int timeout_ms, struct addrinfo **list);

#endif
