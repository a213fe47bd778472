#include "web/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool parse_port(const char *text, in_port_t *port)
{
	char *end;
	if (text[0] < '0' || text[0] > '9')
		return false;
	const unsigned long value = strtoul(text, &end, 10);
	*port = htons((uint16_t)value);
	return *end == '\0' && value <= 65535;
}

bool web_address_parse(const char *text, struct sockaddr_storage *address, socklen_t *size)
{
	char host[64];
	const char *colon = strrchr(text, ':');
	if (!colon || colon == text || (size_t)(colon - text) >= sizeof host)
		return false;
	const bool bracketed = text[0] == '[' && colon[-1] == ']';
	snprintf(host, sizeof host, "%.*s", (int)(colon - text) - 2 * bracketed, text + bracketed);
	memset(address, 0, sizeof *address);
	if (bracketed) {
		struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)address;
		v6->sin6_family = AF_INET6;
		*size = sizeof *v6;
		return inet_pton(AF_INET6, host, &v6->sin6_addr) == 1 &&
			parse_port(colon + 1, &v6->sin6_port);
	}
	struct sockaddr_in *v4 = (struct sockaddr_in *)address;
	v4->sin_family = AF_INET;
	*size = sizeof *v4;
	return inet_pton(AF_INET, host, &v4->sin_addr) == 1 && parse_port(colon + 1, &v4->sin_port);
}

bool web_address_valid(const char *text)
{
	struct sockaddr_storage address;
	socklen_t size;
	return web_address_parse(text, &address, &size);
}

void web_address_format(const struct sockaddr_storage *address, char *buffer, size_t capacity)
{
	const void *host = address->ss_family == AF_INET6
		? (const void *)&((const struct sockaddr_in6 *)address)->sin6_addr
		: (const void *)&((const struct sockaddr_in *)address)->sin_addr;
	if (!inet_ntop(address->ss_family, host, buffer, (socklen_t)capacity))
		snprintf(buffer, capacity, "unknown");
}
