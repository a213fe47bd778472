#include "cli/table.h"

#include <stdarg.h>
#include <stdlib.h>

#include "cli/text.h"

#define GAP 2

static const char *const style_begin[] = {
	[TABLE_PLAIN] = "",
	[TABLE_GOOD] = "\x1b[32m",
	[TABLE_WARM] = "\x1b[33m",
	[TABLE_BAD] = "\x1b[31m",
	[TABLE_FAINT] = "\x1b[2m",
};
#define STYLE_HEADING "\x1b[1m"
#define STYLE_END "\x1b[0m"

struct cell {
	char *text;
	size_t width;
	enum table_style style;
};

struct table {
	const char *const *headings;
	size_t columns;
	struct cell *cells; /* row by row */
	size_t count, capacity;
	bool failed;
};

struct table *table_create(const char *const headings[])
{
	struct table *table = calloc(1, sizeof *table);
	if (!table)
		return NULL;
	table->headings = headings;
	while (headings[table->columns])
		table->columns++;
	return table;
}

void table_destroy(struct table *table)
{
	if (!table)
		return;
	for (size_t i = 0; i < table->count; i++)
		free(table->cells[i].text);
	free(table->cells);
	free(table);
}

static struct cell *new_cell(struct table *table)
{
	if (table->count == table->capacity) {
		const size_t capacity = table->capacity ? 2 * table->capacity : 64;
		struct cell *cells = reallocarray(table->cells, capacity, sizeof *cells);
		if (!cells)
			return NULL;
		table->cells = cells;
		table->capacity = capacity;
	}
	return &table->cells[table->count];
}

void table_add(struct table *table, enum table_style style, const char *format, ...)
{
	char *text = NULL;
	va_list arguments;
	va_start(arguments, format);
	if (vasprintf(&text, format, arguments) < 0)
		text = NULL;
	va_end(arguments);
	struct cell *cell = new_cell(table);
	char *neutral = text ? text_neutral(text) : NULL;
	free(text);
	if (!cell || !neutral) {
		free(neutral);
		table->failed = true;
		return;
	}
	*cell = (struct cell){ neutral, text_width(neutral), style };
	table->count++;
}

static size_t column_width(const struct table *table, size_t column)
{
	size_t width = text_width(table->headings[column]);
	for (size_t i = column; i < table->count; i += table->columns) {
		if (table->cells[i].width > width)
			width = table->cells[i].width;
	}
	return width;
}

static void print_cell(FILE *file, const char *text, const char *style, size_t padding)
{
	const bool styled = style[0] != '\0' && text[0] != '\0';
	fprintf(file, "%s%s%s%*s", styled ? style : "", text, styled ? STYLE_END : "", (int)padding,
		"");
}

/* Nothing stands behind the last text of a line. */
static void print_row(const struct table *table, FILE *file, bool colour, const struct cell *cells)
{
	size_t last = table->columns;
	while (last > 1 && cells[last - 1].width == 0)
		last--;
	for (size_t column = 0; column < last; column++) {
		const struct cell *cell = &cells[column];
		const size_t padding =
			column + 1 < last ? column_width(table, column) - cell->width + GAP : 0;
		print_cell(file, cell->text, colour ? style_begin[cell->style] : "", padding);
	}
	fputc('\n', file);
}

bool table_print(const struct table *table, FILE *file, bool colour)
{
	if (table->failed || table->count % table->columns != 0)
		return false;
	for (size_t column = 0; column < table->columns; column++) {
		const char *heading = table->headings[column];
		const size_t padding = column + 1 < table->columns
			? column_width(table, column) - text_width(heading) + GAP
			: 0;
		print_cell(file, heading, colour ? STYLE_HEADING : "", padding);
	}
	fputc('\n', file);
	for (size_t i = 0; i < table->count; i += table->columns)
		print_row(table, file, colour, &table->cells[i]);
	return true;
}
