#include "input/eis_library.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* ISO C has no cast from an object's address to a function's; POSIX promises that the bits are the same. */
static bool find(void *handle, const char *name, void *place)
{
	void *symbol = dlsym(handle, name);
	memcpy(place, &symbol, sizeof symbol);
	return symbol;
}

int eis_library_load(struct eis_library *library)
{
	library->handle = dlopen(EIS_LIBRARY, RTLD_NOW | RTLD_LOCAL);
	if (!library->handle) {
		fprintf(stderr,
			"lodged: input: %s: input for this desktop goes through libei; install it "
			"(Debian 13 or newer: libei1)\n",
			dlerror());
		return -ENOTSUP;
	}
	const char *missing = NULL;
#define EIS_FIND(result, name, arguments)                                                          \
	if (!find(library->handle, "ei_" #name, &library->name))                                   \
		missing = "ei_" #name;
	EIS_FUNCTIONS(EIS_FIND)
#undef EIS_FIND
	if (!missing)
		return 0;
	fprintf(stderr, "lodged: input: this %s has no function %s: libei 1.0 or newer is needed\n",
		EIS_LIBRARY, missing);
	eis_library_unload(library);
	return -ENOTSUP;
}

void eis_library_unload(struct eis_library *library)
{
	if (library->handle)
		dlclose(library->handle);
	library->handle = NULL;
}
