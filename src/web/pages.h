/*
 * The files of the viewer and of the console, held in memory.
 *
 * Room: web, private. Thread: control. Read once at start; immutable afterwards.
 */
#ifndef LODGE_WEB_PAGES_H
#define LODGE_WEB_PAGES_H

#include <stddef.h>
#include <stdint.h>

#define PAGE_PATH_MAX 256
#define PAGE_ETAG_MAX 68 /* quotes, 64 hexadecimal digits, NUL */

struct page {
	struct page *next;
	char path[PAGE_PATH_MAX]; /* as in a request: "/index.html" */
	const char *type;
	char etag[PAGE_ETAG_MAX]; /* strong: SHA-256 of the bytes */
	uint8_t *bytes;
	size_t size;
};

struct page_store;

/*
 * Reads the folder and the folders in it: files of the kinds that a viewer is made of, at most 8 MiB together; hidden
 * ones are left out. NULL with errno and a log line that names the file.
 */
struct page_store *page_store_load(const char *folder);
/* The same with another folder, below a path such as "/console". Negative errno with a log line. */
int page_store_add(struct page_store *store, const char *folder, const char *path);
void page_store_destroy(struct page_store *store);
/* A path that ends in "/" is its index.html. NULL: there is none. */
const struct page *page_store_find(const struct page_store *store, const char *path);

#endif
