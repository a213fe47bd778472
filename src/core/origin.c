#include "core/origin.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

static size_t authority_size(const char *authority)
{
	const size_t size = strlen(authority);
	return size > 4 && strcmp(authority + size - 4, ":443") == 0 ? size - 4 : size;
}

bool origin_is_host(const char *origin, const char *host)
{
	static const char scheme[] = "https://";
	if (strncasecmp(origin, scheme, sizeof scheme - 1) != 0)
		return false;
	origin += sizeof scheme - 1;
	const size_t size = authority_size(origin);
	return size > 0 && size == authority_size(host) && strncasecmp(origin, host, size) == 0;
}
