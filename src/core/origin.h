/*
 * Whether the page that asks is one of this host: a browser's Origin against the Host that it asks.
 *
 * Room: core (pure). Any thread.
 */
#ifndef LODGE_CORE_ORIGIN_H
#define LODGE_CORE_ORIGIN_H

#include <stdbool.h>

/* "https://host:8443" and "host:8443"; the port that https has anyway may be left out of either. */
bool origin_is_host(const char *origin, const char *host);

#endif
