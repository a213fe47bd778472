/*
 * Tables for a terminal: columns as wide as what stands in them, measured in columns and not in bytes.
 *
 * Room: cli. Cells are made neutral (cli/text.h) when they come; the table owns them.
 */
#ifndef LODGE_CLI_TABLE_H
#define LODGE_CLI_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum table_style { TABLE_PLAIN, TABLE_GOOD, TABLE_WARM, TABLE_BAD, TABLE_FAINT };

struct table;

/* `headings` ends with NULL and is borrowed; at least one. NULL when memory is short. */
struct table *table_create(const char *const headings[]);
void table_destroy(struct table *table);

/* The next cell, from left to right, then of the next row. */
void table_add(struct table *table, enum table_style style, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* False when a cell was lost for want of memory: then nothing is printed. */
bool table_print(const struct table *table, FILE *file, bool colour);

#endif
