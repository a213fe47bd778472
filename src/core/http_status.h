/*
 * The phrases of HTTP's statuses (RFC 9110 §15): in answers' first lines, and as titles of problems (RFC 9457).
 *
 * Room: core (pure). Any thread.
 */
#ifndef LODGE_CORE_HTTP_STATUS_H
#define LODGE_CORE_HTTP_STATUS_H

/* "Unknown" for a status that this host never answers with. */
const char *http_status_title(int status);

#endif
