/*
 * Memory that runs out: the linker sends malloc, calloc and strdup of a program with dep_scarce_memory here. Thread: any;
 * each has its own count.
 */
#ifndef LODGE_TESTS_SCARCE_MEMORY_H
#define LODGE_TESTS_SCARCE_MEMORY_H

/* The calling thread's allocation of this number fails, and all after it; from 1. */
void scarce_memory_begin(long failing);
/* From here on as many as one likes. Keeps errno. */
void scarce_memory_end(void);
/* jansson asks here, too: its own calls are not the linker's to send. */
void scarce_memory_take_jansson(void);

#endif
