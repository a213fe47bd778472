/*
 * The viewer's files, held in memory. Room: web. Thread: control; read once at start.
 */
#ifndef LODGE_WEB_PAGES_H
#define LODGE_WEB_PAGES_H

#include <stddef.h>
#include <stdint.h>

struct web_page {
	char *path; /* "/app.js"; the folder's index.html is "/" */
	const char *type;
	uint8_t *bytes;
	size_t size;
	char etag[67]; /* the quoted SHA-256 */
};

struct web_pages;

/* NULL with errno and a line that names the file: unreadable, of an unknown kind, or all of it over 8 MiB. */
struct web_pages *web_pages_load(const char *folder);
void web_pages_free(struct web_pages *pages);
const struct web_page *web_pages_find(const struct web_pages *pages, const char *path);

#endif
