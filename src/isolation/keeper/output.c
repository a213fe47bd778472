#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "isolation/keeper/child.h"

#define LINE_MAX_BYTES 1024 /* with its NUL; what is longer comes in pieces */
#define DRAIN_ROUNDS 16 /* of a line's size each: a flood does not hold the keeper up */

struct output {
	LIST_ENTRY(output) entry;
	struct keeper *keeper;
	char role[ISOLATED_NAME_MAX];
	int pipe;
	sd_event_source *source;
	size_t used;
	char line[LINE_MAX_BYTES];
	unsigned left_out; /* lines, since the host does not keep up */
};

static void send_line(struct output *output, const char *text)
{
	struct keeper *keeper = output->keeper;
	if (!keeper->host)
		return;
	if (keeper_link_is_behind(keeper->host)) {
		output->left_out++;
		return;
	}
	if (output->left_out > 0)
		keeper_say(keeper, "%u lines of %s were left out", output->left_out, output->role);
	output->left_out = 0;
	keeper_write(&keeper->message, KEEPER_OUTPUT, 0, 0, 0);
	keeper_write_string(&keeper->message, KEEPER_STRING_ROLE, output->role);
	keeper_write_string(&keeper->message, KEEPER_STRING_TEXT, text);
	keeper_send(keeper, -1);
}

static void send_all(struct output *output)
{
	if (output->used == 0)
		return;
	for (size_t i = 0; i < output->used; i++) {
		if (output->line[i] == '\0')
			output->line[i] = '?';
	}
	output->line[output->used] = '\0';
	output->used = 0;
	send_line(output, output->line);
}

static void cut_lines(struct output *output)
{
	char *end;
	while ((end = memchr(output->line, '\n', output->used))) {
		const size_t size = (size_t)(end - output->line), rest = output->used - size - 1;
		char next[LINE_MAX_BYTES];
		memcpy(next, end + 1, rest);
		output->used = size;
		send_all(output);
		memcpy(output->line, next, rest);
		output->used = rest;
	}
	if (output->used == LINE_MAX_BYTES - 1)
		send_all(output);
}

static void output_free(struct output *output)
{
	LIST_REMOVE(output, entry);
	sd_event_source_disable_unref(output->source);
	close(output->pipe);
	free(output);
}

/* False: nothing more for now, or for ever: then the output is gone. */
static bool read_some(struct output *output)
{
	const ssize_t size =
		read(output->pipe, output->line + output->used, LINE_MAX_BYTES - 1 - output->used);
	if (size > 0) {
		output->used += (size_t)size;
		cut_lines(output);
		return true;
	}
	if (size < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	send_all(output);
	output_free(output);
	return false;
}

static int on_pipe(sd_event_source *source, int pipe, uint32_t events, void *data)
{
	read_some(data);
	return 0;
}

int output_read(struct keeper *keeper, const char *role, int pipe)
{
	struct output *output = calloc(1, sizeof *output);
	if (!output) {
		close(pipe);
		return -ENOMEM;
	}
	output->keeper = keeper;
	output->pipe = pipe;
	strncpy(output->role, role, sizeof output->role - 1);
	LIST_INSERT_HEAD(&keeper->outputs, output, entry);
	const int error =
		sd_event_add_io(keeper->event, &output->source, pipe, EPOLLIN, on_pipe, output);
	if (error < 0)
		output_free(output);
	return error;
}

void outputs_drain(struct keeper *keeper)
{
	struct output *next;
	for (struct output *output = LIST_FIRST(&keeper->outputs); output; output = next) {
		next = LIST_NEXT(output, entry);
		for (int round = 0; round < DRAIN_ROUNDS && read_some(output); round++)
			;
	}
}
