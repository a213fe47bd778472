/*
 * HTTP answers: the viewer's files, health, and problems as RFC 9457 says. Room: web, private. Thread: control.
 */
#ifndef LODGE_WEB_ANSWER_H
#define LODGE_WEB_ANSWER_H

#include <stdbool.h>

#include "web/http_request.h"
#include "web/output.h"
#include "web/pages.h"

/* False: the output is full. */
bool answer_request(
	struct output *output, const struct web_pages *pages, const struct http_request *request);
/* The connection closes after it. */
bool answer_problem(
	struct output *output, const struct http_request *request, int status, const char *detail);

#endif
