#include "lodge_address.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

static bool take_port(const char *text, struct lodge_address *address)
{
	char *end;
	const unsigned long port = strtoul(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end != '\0' || port == 0 || port > 65535)
		return false;
	snprintf(address->port, sizeof address->port, "%u", (unsigned int)port);
	return true;
}

static bool take_host(const char *text, size_t size, struct lodge_address *address)
{
	if (size == 0 || size >= sizeof address->host)
		return false;
	memcpy(address->host, text, size);
	address->host[size] = '\0';
	return strpbrk(address->host, "/?#@ \r\n\t") == NULL;
}

bool lodge_address_parse(const char *url, struct lodge_address *address)
{
	char text[LODGE_AUTHORITY_MAX];
	if (strncmp(url, "https://", 8) == 0)
		url += 8;
	else if (strstr(url, "://"))
		return false;
	size_t size = strcspn(url, "/");
	if (size >= sizeof text || (url[size] == '/' && url[size + 1] != '\0'))
		return false;
	memcpy(text, url, size);
	text[size] = '\0';
	*address = (struct lodge_address){ .port = "443" };

	const char *host = text, *end;
	const bool bracketed = text[0] == '[';
	if (bracketed) {
		host++;
		end = strchr(host, ']');
		if (!end || (end[1] != '\0' && end[1] != ':'))
			return false;
	} else {
		end = host + strcspn(host, ":");
	}
	const char *colon = bracketed ? end + 1 : end;
	if (!take_host(host, (size_t)(end - host), address))
		return false;
	if (*colon == ':' && !take_port(colon + 1, address))
		return false;
	const bool standard = strcmp(address->port, "443") == 0;
	snprintf(address->authority, sizeof address->authority, bracketed ? "[%s]%s%s" : "%s%s%s",
		address->host, standard ? "" : ":", standard ? "" : address->port);
	return true;
}

/* A request that cannot be cancelled must outlive us, so it owns all that it points at. */
struct lookup {
	struct gaicb request;
	struct addrinfo hints;
	struct lodge_address address;
};

int lodge_address_resolve(
	const struct lodge_address *address, int timeout_ms, struct addrinfo **list)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST };
	int result = getaddrinfo(address->host, address->port, &hints, list);
	if (result != EAI_NONAME)
		return result;
	struct lookup *lookup = calloc(1, sizeof *lookup);
	if (!lookup)
		return EAI_MEMORY;
	lookup->address = *address;
	lookup->hints.ai_socktype = SOCK_STREAM;
	lookup->request.ar_name = lookup->address.host;
	lookup->request.ar_service = lookup->address.port;
	lookup->request.ar_request = &lookup->hints;
	struct gaicb *requests[] = { &lookup->request };
	result = getaddrinfo_a(GAI_NOWAIT, requests, 1, NULL);
	if (result == 0) {
		const struct timespec timeout = { timeout_ms / 1000, timeout_ms % 1000 * 1000000L };
		gai_suspend((const struct gaicb *const *)requests, 1, &timeout);
		result = gai_error(&lookup->request);
		if (result == EAI_INPROGRESS && gai_cancel(&lookup->request) == EAI_NOTCANCELED)
			return EAI_AGAIN; /* the resolver still writes to it: left behind on purpose */
		if (result == EAI_INPROGRESS)
			result = EAI_AGAIN;
		*list = lookup->request.ar_result;
	}
	free(lookup);
	return result;
}
