#include "web/http_response.h"

#include <stdio.h>
#include <time.h>

#include "core/http_status.h"

/*
 * The page talks to its own origin alone ('self' covers wss on the same port). No HSTS: with a self-signed certificate
 * it would take away the browser's way to go on.
 */
#define SECURITY_FIELDS                                                                            \
	"Content-Security-Policy: default-src 'self'; connect-src 'self'; "                        \
	"media-src 'self' blob: mediastream:; img-src 'self' data: blob:; style-src 'self'; "      \
	"script-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'\r\n"       \
	"X-Content-Type-Options: nosniff\r\n"                                                      \
	"Referrer-Policy: no-referrer\r\n"                                                         \
	"Cross-Origin-Opener-Policy: same-origin\r\n"                                              \
	"Cross-Origin-Resource-Policy: same-origin\r\n"                                            \
	"Permissions-Policy: camera=(), geolocation=(), payment=(), usb=(), "                      \
	"fullscreen=(self), keyboard-map=(self), clipboard-read=(self), clipboard-write=(self), "  \
	"screen-wake-lock=(self), autoplay=(self), gamepad=(self), "                               \
	"microphone=(self)\r\n"

static void date_now(char *buffer, size_t capacity)
{
	const time_t now = time(NULL);
	struct tm parts;
	if (!gmtime_r(&now, &parts) ||
		strftime(buffer, capacity, "%a, %d %b %Y %H:%M:%S GMT", &parts) == 0)
		buffer[0] = '\0';
}

size_t http_response_head(char buffer[HTTP_RESPONSE_HEAD_MAX], const struct http_response *response)
{
	char date[64], body[160] = "";
	date_now(date, sizeof date);
	if (response->type && response->endless)
		snprintf(body, sizeof body, "Content-Type: %s\r\n", response->type);
	else if (response->type)
		snprintf(body, sizeof body, "Content-Type: %s\r\nContent-Length: %zu\r\n",
			response->type, response->size);
	const int size = snprintf(buffer, HTTP_RESPONSE_HEAD_MAX,
		"HTTP/1.1 %d %s\r\nDate: %s\r\n%s%s%s" SECURITY_FIELDS "\r\n", response->status,
		http_status_title(response->status), date, body,
		response->fields ? response->fields : "",
		response->close ? "Connection: close\r\n" : "");
	return (size_t)size;
}

size_t http_problem(char *buffer, size_t capacity, int status, const char *detail)
{
	const int size = snprintf(buffer, capacity,
		"{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%d,\"detail\":\"%s\"}\n",
		http_status_title(status), status, detail);
	return (size_t)size < capacity ? (size_t)size : capacity - 1;
}
