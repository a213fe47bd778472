/*
 * Runs a fuzz target over the files of a corpus folder: the regression test of every build, whatever the compiler.
 */
#include <dirent.h>
#include <errno.h>
#include <string.h>

#include "fuzz.h"

static int is_file(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* The target gets a block of exactly the file's size, so that a read beyond it is an error. */
static int replay(const char *folder, const char *name)
{
	char path[4096];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	FILE *file = fopen(path, "rb");
	if (!file) {
		fprintf(stderr, "replay: %s: %s\n", path, strerror(errno));
		return -1;
	}
	int result = -1;
	fseek(file, 0, SEEK_END);
	const size_t size = (size_t)ftell(file);
	rewind(file);
	uint8_t *bytes = malloc(size ? size : 1);
	if (bytes && fread(bytes, 1, size, file) == size) {
		fprintf(stderr, "%s\n", name); /* the last one named is the one that crashed */
		result = LLVMFuzzerTestOneInput(bytes, size);
	}
	free(bytes);
	fclose(file);
	return result;
}

int main(int count, char **arguments)
{
	struct dirent **entries = NULL;
	const char *folder = count == 2 ? arguments[1] : "";
	const int files = scandir(folder, &entries, is_file, alphasort);
	if (files <= 0) {
		fprintf(stderr, "replay: '%s': no corpus\n", folder);
		free(entries);
		return 1;
	}
	int failures = 0;
	for (int i = 0; i < files; i++) {
		failures += replay(folder, entries[i]->d_name) != 0;
		free(entries[i]);
	}
	free(entries);
	printf("%d inputs, %d failed\n", files, failures);
	return failures ? 1 : 0;
}
