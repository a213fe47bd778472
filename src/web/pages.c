#include "web/pages.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <gnutls/crypto.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PAGES_MAX 256
#define BYTES_MAX (8u * 1024 * 1024)

struct web_pages {
	struct web_page pages[PAGES_MAX];
	size_t count, bytes;
};

static const char *type_of(const char *name)
{
	static const struct {
		const char *ending, *type;
	} types[] = {
		{ ".html", "text/html; charset=utf-8" },
		{ ".js", "text/javascript; charset=utf-8" },
		{ ".mjs", "text/javascript; charset=utf-8" },
		{ ".css", "text/css; charset=utf-8" },
		{ ".json", "application/json" },
		{ ".svg", "image/svg+xml" },
		{ ".png", "image/png" },
		{ ".woff2", "font/woff2" },
	};
	const char *ending = strrchr(name, '.');
	for (size_t i = 0; ending && i < sizeof types / sizeof *types; i++) {
		if (strcmp(ending, types[i].ending) == 0)
			return types[i].type;
	}
	return NULL;
}

static bool read_bytes(struct web_page *page, const char *file_path, size_t size)
{
	const int file = open(file_path, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return false;
	page->bytes = malloc(size ? size : 1);
	while (page->bytes && page->size < size) {
		const ssize_t got = read(file, page->bytes + page->size, size - page->size);
		if (got <= 0)
			break;
		page->size += (size_t)got;
	}
	close(file);
	return page->bytes && page->size == size;
}

static bool set_etag(struct web_page *page)
{
	uint8_t digest[32];
	if (gnutls_hash_fast(GNUTLS_DIG_SHA256, page->bytes, page->size, digest) < 0)
		return false;
	char *out = page->etag;
	*out++ = '"';
	for (size_t i = 0; i < sizeof digest; i++)
		out += snprintf(out, 3, "%02x", digest[i]);
	memcpy(out, "\"", 2);
	return true;
}

static bool add(struct web_pages *pages, const char *folder, const FTSENT *entry)
{
	const char *type = type_of(entry->fts_name);
	const size_t size = (size_t)entry->fts_statp->st_size;
	if (!type)
		return true; /* a licence, a note: not for browsers */
	if (pages->count == PAGES_MAX || pages->bytes + size > BYTES_MAX) {
		errno = EFBIG;
		return false;
	}
	struct web_page *page = &pages->pages[pages->count++];
	const char *path = entry->fts_path + strlen(folder);
	page->path = strdup(strcmp(path, "/index.html") == 0 ? "/" : path);
	page->type = type;
	pages->bytes += size;
	return page->path && read_bytes(page, entry->fts_accpath, size) && set_etag(page);
}

struct web_pages *web_pages_load(const char *folder)
{
	struct web_pages *pages = calloc(1, sizeof *pages);
	char *roots[] = { (char *)folder, NULL };
	FTS *walk = pages ? fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL) : NULL;
	FTSENT *entry;
	bool good = walk;
	while (good && (entry = fts_read(walk))) {
		if (entry->fts_info != FTS_F)
			continue;
		good = add(pages, folder, entry);
		if (!good)
			fprintf(stderr, "lodged: page %s: %s\n", entry->fts_path, strerror(errno));
	}
	if (walk)
		fts_close(walk);
	if (good && !web_pages_find(pages, "/")) {
		fprintf(stderr, "lodged: %s: no index.html there\n", folder);
		errno = ENOENT;
		good = false;
	}
	if (good)
		return pages;
	const int error = errno;
	web_pages_free(pages);
	errno = error;
	return NULL;
}

void web_pages_free(struct web_pages *pages)
{
	if (!pages)
		return;
	for (size_t i = 0; i < pages->count; i++) {
		free(pages->pages[i].path);
		free(pages->pages[i].bytes);
	}
	free(pages);
}

const struct web_page *web_pages_find(const struct web_pages *pages, const char *path)
{
	for (size_t i = 0; i < pages->count; i++) {
		if (strcmp(pages->pages[i].path, path) == 0)
			return &pages->pages[i];
	}
	return NULL;
}
