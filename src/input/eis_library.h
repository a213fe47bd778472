/*
 * libei, loaded at run time. Room: input (private). Thread: control.
 */
#ifndef LODGE_INPUT_EIS_LIBRARY_H
#define LODGE_INPUT_EIS_LIBRARY_H

#include "input/eis_abi.h"

#define EIS_MEMBER(result, name, arguments) result(*name) arguments;
struct eis_library {
	void *handle;
	EIS_FUNCTIONS(EIS_MEMBER)
};
#undef EIS_MEMBER

/* 0, or -ENOTSUP with a line on standard error that says what is missing. */
int eis_library_load(struct eis_library *library);
/* Harmless when it was not loaded. */
void eis_library_unload(struct eis_library *library);

#endif
