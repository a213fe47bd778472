/*
 * A folder that a test writes into, and looks into behind the store's back.
 */
#ifndef LODGE_TESTS_STORE_FOLDER_H
#define LODGE_TESTS_STORE_FOLDER_H

#include <stdbool.h>
#include <stddef.h>

struct store_folder {
	char path[64];
	int descriptor;
};

/* Aborts the test program when there is none to be had. */
void store_folder_make(struct store_folder *folder);
/* Takes everything in it along. */
void store_folder_remove(struct store_folder *folder);

void store_folder_put(const struct store_folder *folder, const char *name, const char *text);
/* "" also when there is no such file: at most `capacity` - 1 bytes of it. */
const char *store_folder_text(
	const struct store_folder *folder, const char *name, char *text, size_t capacity);
/* Links are not followed. */
bool store_folder_has(const struct store_folder *folder, const char *name);
size_t store_folder_count(const struct store_folder *folder);

#endif
