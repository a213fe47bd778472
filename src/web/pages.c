#include "web/pages.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <gnutls/crypto.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/hex.h"
#include "store/file_bytes.h"

#define TOTAL_MAX (8 * 1024 * 1024)
#define DEPTH_MAX 8

struct page_store {
	struct page *first;
	size_t total;
	const char *folder; /* while loading: for the log */
	size_t mount_size; /* how much of a path stands for the folder */
};

static const struct {
	const char *ending, *type;
} types[] = {
	{ ".html", "text/html; charset=utf-8" },
	{ ".js", "text/javascript; charset=utf-8" },
	{ ".mjs", "text/javascript; charset=utf-8" },
	{ ".css", "text/css; charset=utf-8" },
	{ ".svg", "image/svg+xml" },
	{ ".json", "application/json" },
	{ ".png", "image/png" },
	{ ".woff2", "font/woff2" },
};

static const char *type_of(const char *name)
{
	const char *ending = strrchr(name, '.');
	for (size_t i = 0; ending && i < sizeof types / sizeof *types; i++) {
		if (strcmp(ending, types[i].ending) == 0)
			return types[i].type;
	}
	return NULL;
}

static int complain(const struct page_store *store, const char *path, int error)
{
	fprintf(stderr, "lodged: page %s%s: %s\n", store->folder, path + store->mount_size,
		error == EFBIG ? "the pages are more than 8 MiB together" : strerror(error));
	return -error;
}

static void set_etag(struct page *page)
{
	uint8_t hash[32];
	char digits[2 * sizeof hash + 1];
	gnutls_hash_fast(GNUTLS_DIG_SHA256, page->bytes, page->size, hash);
	hex_write(hash, sizeof hash, digits);
	snprintf(page->etag, sizeof page->etag, "\"%s\"", digits);
}

static int add_file(struct page_store *store, int fd, const char *path, size_t size)
{
	if (size > TOTAL_MAX - store->total)
		return complain(store, path, EFBIG);
	struct page *page = calloc(1, sizeof *page);
	uint8_t *bytes = malloc(size ? size : 1);
	int error = page && bytes ? file_bytes_read_all(fd, bytes, size) : -ENOMEM;
	if (error < 0) {
		free(page);
		free(bytes);
		return complain(store, path, -error);
	}
	snprintf(page->path, sizeof page->path, "%s", path);
	page->type = type_of(path);
	page->bytes = bytes;
	page->size = size;
	set_etag(page);
	page->next = store->first;
	store->first = page;
	store->total += size;
	return 0;
}

static int add_folder(struct page_store *store, int fd, const char *path, int depth);

/* Takes the descriptor. */
static int add_entry(struct page_store *store, int fd, const char *path, int depth)
{
	struct stat status;
	int error = fstat(fd, &status) < 0 ? complain(store, path, errno) : 0;
	if (error == 0 && S_ISDIR(status.st_mode))
		return add_folder(store, fd, path, depth + 1);
	if (error == 0 && S_ISREG(status.st_mode) && type_of(path))
		error = add_file(store, fd, path, (size_t)status.st_size);
	else if (error == 0 &&
		strrchr(strrchr(path, '/'), '.')) /* LICENSE and the like are no surprise */
		fprintf(stderr, "lodged: page %s%s is not served: no page is of its kind\n",
			store->folder, path + store->mount_size);
	close(fd);
	return error;
}

/* Takes the descriptor. */
static int add_folder(struct page_store *store, int fd, const char *path, int depth)
{
	DIR *folder = depth > DEPTH_MAX ? NULL : fdopendir(fd);
	if (!folder) {
		const int error = depth > DEPTH_MAX ? ELOOP : errno;
		close(fd);
		return complain(store, path, error);
	}
	int result = 0;
	for (const struct dirent *entry; result == 0 && (entry = readdir(folder));) {
		char below[PAGE_PATH_MAX];
		if (entry->d_name[0] == '.')
			continue;
		if (snprintf(below, sizeof below, "%s/%s", path, entry->d_name) >=
			(int)sizeof below) {
			result = complain(store, path, ENAMETOOLONG);
			break;
		}
		/* NONBLOCK: a FIFO in there must not hold us up. */
		const int file =
			openat(dirfd(folder), entry->d_name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
		result = file < 0 ? complain(store, below, errno)
				  : add_entry(store, file, below, depth);
	}
	closedir(folder);
	return result;
}

int page_store_add(struct page_store *store, const char *folder, const char *path)
{
	char index[PAGE_PATH_MAX];
	store->folder = folder;
	store->mount_size = strlen(path);
	const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int error = fd < 0 ? complain(store, path, errno) : add_folder(store, fd, path, 0);
	snprintf(index, sizeof index, "%s/", path);
	if (error == 0 && !page_store_find(store, index)) {
		snprintf(index, sizeof index, "%s/index.html", path);
		error = complain(store, index, ENOENT);
	}
	store->folder = NULL;
	return error;
}

struct page_store *page_store_load(const char *folder)
{
	struct page_store *store = calloc(1, sizeof *store);
	if (!store)
		return NULL;
	const int error = page_store_add(store, folder, "");
	if (error < 0) {
		page_store_destroy(store);
		errno = -error;
		return NULL;
	}
	return store;
}

void page_store_destroy(struct page_store *store)
{
	if (!store)
		return;
	for (struct page *page = store->first, *next; page; page = next) {
		next = page->next;
		free(page->bytes);
		free(page);
	}
	free(store);
}

const struct page *page_store_find(const struct page_store *store, const char *path)
{
	static const char index[] = "index.html";
	const size_t size = strlen(path);
	const bool is_folder = size > 0 && path[size - 1] == '/';
	const struct page *page = store->first;
	for (; page; page = page->next) {
		if (strncmp(page->path, path, size) == 0 &&
			strcmp(page->path + size, is_folder ? index : "") == 0)
			break;
	}
	return page;
}
