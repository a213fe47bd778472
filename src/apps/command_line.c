#include "apps/command_line.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "apps/apps.h"
#include "apps/plain_text.h"

struct splitter {
	const char *text;
	size_t size, at;
	char *out; /* where the next byte of a word goes */
	enum command_line_fault fault;
};

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\t';
}

static bool refuse(struct splitter *splitter, enum command_line_fault fault)
{
	splitter->fault = fault;
	return false;
}

/* Behind the opening quote; ends behind the closing one. */
static bool take_single_quoted(struct splitter *splitter)
{
	const char *from = splitter->text + splitter->at;
	const char *end = memchr(from, '\'', splitter->size - splitter->at);
	if (!end)
		return refuse(splitter, COMMAND_LINE_SINGLE_QUOTE);
	const size_t length = (size_t)(end - from);
	memcpy(splitter->out, from, length);
	splitter->out += length;
	splitter->at += length + 1;
	return true;
}

static bool take_double_quoted(struct splitter *splitter)
{
	while (splitter->at < splitter->size) {
		char byte = splitter->text[splitter->at++];
		if (byte == '"')
			return true;
		if (byte == '\\' && splitter->at < splitter->size &&
			memchr("$`\"\\", splitter->text[splitter->at], 4))
			byte = splitter->text[splitter->at++];
		*splitter->out++ = byte;
	}
	return refuse(splitter, COMMAND_LINE_DOUBLE_QUOTE);
}

/* At the first byte of a word; ends at the blank behind it, or at the end. */
static bool take_word(struct splitter *splitter)
{
	const char *word = splitter->out;
	if (splitter->text[splitter->at] == '#')
		return refuse(splitter, COMMAND_LINE_COMMENT);
	while (splitter->at < splitter->size && !is_blank(splitter->text[splitter->at])) {
		const char byte = splitter->text[splitter->at++];
		if (byte == '\'') {
			if (!take_single_quoted(splitter))
				return false;
		} else if (byte == '"') {
			if (!take_double_quoted(splitter))
				return false;
		} else if (byte != '\\') {
			*splitter->out++ = byte;
		} else if (splitter->at < splitter->size) {
			*splitter->out++ = splitter->text[splitter->at++];
		} else {
			return refuse(splitter, COMMAND_LINE_BACKSLASH);
		}
	}
	*splitter->out++ = '\0';
	return !strchr(word, '\t') || refuse(splitter, COMMAND_LINE_CONTROL);
}

/* Tabs may part words; those that are in one are found when it is taken. */
static bool has_control(const char *text, size_t size)
{
	for (size_t from = 0; from < size;) {
		const char *tab = memchr(text + from, '\t', size - from);
		const size_t end = tab ? (size_t)(tab - text) : size;
		if (!plain_text(text + from, end - from))
			return true;
		from = end + 1;
	}
	return false;
}

static bool take_words(struct splitter *splitter, const char **words, size_t *count)
{
	for (*count = 0;; ++*count) {
		while (splitter->at < splitter->size && is_blank(splitter->text[splitter->at]))
			splitter->at++;
		if (splitter->at == splitter->size)
			return *count > 0 || refuse(splitter, COMMAND_LINE_EMPTY);
		if (*count == APP_ARGUMENTS_MAX)
			return refuse(splitter, COMMAND_LINE_TOO_MANY);
		words[*count] = splitter->out;
		if (!take_word(splitter))
			return false;
	}
}

const char **command_line_split(
	const char *text, size_t size, size_t *count, enum command_line_fault *fault)
{
	const size_t list_size = (APP_ARGUMENTS_MAX + 1) * sizeof(char *);
	*count = 0;
	*fault = size > APP_TEXT_MAX      ? COMMAND_LINE_TOO_LONG
		: has_control(text, size) ? COMMAND_LINE_CONTROL
					  : COMMAND_LINE_FINE;
	if (*fault != COMMAND_LINE_FINE)
		return NULL;
	/* A word and its NUL are no longer than the word as it stands there and the blank, or the end, behind it. */
	const char **words = malloc(list_size + size + 1);
	if (!words) {
		*fault = COMMAND_LINE_MEMORY;
		return NULL;
	}
	struct splitter splitter = { .text = text, .size = size, .out = (char *)words + list_size };
	if (take_words(&splitter, words, count)) {
		words[*count] = NULL;
		return words;
	}
	*fault = splitter.fault;
	*count = 0;
	free(words);
	return NULL;
}

const char *command_line_fault_text(enum command_line_fault fault)
{
	switch (fault) {
	case COMMAND_LINE_FINE:
		return "it is fine";
	case COMMAND_LINE_EMPTY:
		return "a program is expected";
	case COMMAND_LINE_SINGLE_QUOTE:
		return "a ' is opened and never closed";
	case COMMAND_LINE_DOUBLE_QUOTE:
		return "a \" is opened and never closed";
	case COMMAND_LINE_BACKSLASH:
		return "a backslash stands at the end, with nothing behind it";
	case COMMAND_LINE_COMMENT:
		return "a word begins with #, which to a shell is a comment: put it in quotes";
	case COMMAND_LINE_CONTROL:
		return "control characters are not allowed";
	case COMMAND_LINE_TOO_MANY:
		return "at most 64 arguments are expected";
	case COMMAND_LINE_TOO_LONG:
		return "at most 4096 bytes are expected";
	case COMMAND_LINE_MEMORY:
		return "memory is short";
	case COMMAND_LINE_FAULTS:
		break;
	}
	return "?";
}
