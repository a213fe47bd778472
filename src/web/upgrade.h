/*
 * GET /session: from HTTP to a WebSocket that carries the session protocol.
 *
 * Room: web, private. Pure.
 */
#ifndef LODGE_WEB_UPGRADE_H
#define LODGE_WEB_UPGRADE_H

#include <stdbool.h>

#define WEB_SUBPROTOCOL "lodge.v1"

struct web_connection;
struct http_request;

/*
 * A browser says which page asks (Origin): only one of this host may, or any page that its user visits could use the
 * user's pairing. Clients that are no browsers send none.
 */
bool web_upgrade_is_same_origin(const struct http_request *request);
void web_upgrade(struct web_connection *connection, const struct http_request *request);

#endif
